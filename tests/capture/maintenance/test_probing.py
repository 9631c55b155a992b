"""A sealed test object from ``kiosk check``: made, numbered, sent by another process, or not."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import moment
from kiosk.capture.maintenance.probing import send_test_object
from kiosk.capture.maintenance.sending import PATIENCE_NS
from kiosk.config import StationConfig
from kiosk.durable import Counter
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.trial import TRIAL, as_trial
from kiosk.errors import ServerUnreachable, StorageError, TransferTimeout
from kiosk.model import Moment
from kiosk.process import as_owner
from kiosk.spool.trials import Trials
from tests.capture.maintenance.sealed_station import Made, founded

SOMEBODY = 4242


@pytest.fixture
def place() -> Iterator[Path]:
    """Where every user may go, unlike pytest's own folder."""
    with tempfile.TemporaryDirectory(prefix="kiosk-probing-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def made(place: Path) -> Made:
    return founded(place)


def reached() -> str:
    return "in"


def taking(config: StationConfig, taken: list[bytes]) -> Callable[[float], None]:
    """Do as the upload process does once the server has an object."""

    def pause(_: float) -> None:
        for path in config.spool.path.glob("*.age"):
            taken.append(path.read_bytes())
            path.unlink()

    return pause


def test_an_object_that_has_left_has_arrived_and_is_this_stations(made: Made) -> None:
    taken: list[bytes] = []
    said = send_test_object(made.config, reached, taking(made.config, taken))
    assert "has arrived at the server" in said
    (sealed,) = taken
    bundle = read_bundle(open_sealed(io.BytesIO(sealed), [made.identity]), [TRIAL])
    bundle.verify([made.key.public_key()])
    trial = as_trial(bundle)
    assert (trial.record.station, bundle.manifest.sequence) == ("room-2", 1)
    assert Counter(made.config.station.sequence).next() == 2
    (noted,) = Trials(made.config.spool.path).newest()
    assert noted.sha256 == hashlib.sha256(sealed).hexdigest()
    # The capture process's own, which another process must not write to.
    assert not made.config.station.audit.exists()


def test_one_that_stays_is_said_to_wait(made: Made) -> None:
    hours = iter(range(100))

    def now() -> Moment:
        real = moment.now()
        return dataclasses.replace(real, monotonic_ns=next(hours) * (PATIENCE_NS // 3))

    with pytest.raises(TransferTimeout, match=r"still waits here after.*Does kiosk-upload run"):
        send_test_object(made.config, reached, lambda _: None, now)
    assert len(list(made.config.spool.path.glob("*.age"))) == 1


def test_without_a_server_nothing_is_made_that_could_only_wait(made: Made) -> None:
    def unreachable() -> str:
        raise ServerUnreachable("The server does not answer.")

    with pytest.raises(ServerUnreachable):
        send_test_object(made.config, unreachable, lambda _: None)
    assert list(made.config.spool.path.iterdir()) == []
    assert Counter(made.config.station.sequence).next() == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_root_leaves_the_counter_to_the_capture_process(made: Made) -> None:
    """Or that process could not count on, and the station would be out of use."""
    state, spool = made.config.station.state, made.config.spool.path
    for path in (state, spool, made.config.station.sequence):
        os.chown(path, SOMEBODY, SOMEBODY)
    with as_owner(state):
        assert os.geteuid() == SOMEBODY
        with pytest.raises(PermissionError):
            (state.parent / "mine").write_text("x", encoding="ascii")
    assert (os.geteuid(), os.getegid()) == (0, 0)
    send_test_object(made.config, reached, lambda _: made_by_somebody(spool))
    assert made.config.station.sequence.stat().st_uid == SOMEBODY


def made_by_somebody(spool: Path) -> None:
    for path in spool.glob("*.age"):
        assert path.stat().st_uid == SOMEBODY
        path.unlink()


def test_a_station_without_its_state_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(StorageError), as_owner(tmp_path / "gone"):
        pass
