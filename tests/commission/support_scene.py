"""A press on the service screen and its answer, killed before each step (``faults/killed``)."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from kiosk import moment
from kiosk.capture.maintenance.sealing import put_support
from kiosk.clinic.kinds import KINDS
from kiosk.commission.support.answering import Acts, answer
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.recipients import Identity, load_identities
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.trial import SUPPORT
from kiosk.spool import Spool
from kiosk.support_request import Stage, SupportRequest
from tests.capture.maintenance.sealed_station import configured, founded

BUNDLE = b"looked through already" * 100


def post(root: Path) -> SupportRequest:
    return SupportRequest(root / "capture" / "asked", root / "support" / "told.json")


def prepare(root: Path) -> None:
    for name in ("capture", "support"):
        (root / name).mkdir()
    made = founded(root)
    (root / "identity").write_text(made.identity.secret_text(), encoding="ascii")


def act(root: Path) -> None:
    """Press, and answer."""
    config, here = configured(root), post(root)
    here.ask()
    acts = Acts(
        make=lambda: BUNDLE,
        seal=lambda bundle: put_support(config, bundle, moment.now()),
        waits=lambda name: name in Spool(config.spool.path).names(),
        as_asker=nullcontext,
        clock=time.monotonic_ns,
    )
    answer(here, acts)


def between(root: Path) -> list[str]:
    """Return what would be sent that is not whole."""
    keys = load_identities(root / "identity")
    return [path.name for path in (root / "spool").glob("*.age") if not _whole(path, keys)]


def check(root: Path) -> list[str]:
    """Return what is wrong once somebody has pressed again."""
    wrong, here = between(root), post(root)
    names = {path.name for path in (root / "spool").glob("*.age")}
    told = here.last()
    if here.asked() is not None:
        wrong.append("the request still lies there")
    if told is None or told.stage is not Stage.SEALED or told.name not in names:
        wrong.append(f"{told} was told")
    if not 1 <= len(names) <= 2:
        wrong.append(f"{len(names)} bundles for two presses")
    return wrong


def _whole(path: Path, keys: Sequence[Identity]) -> bool:
    with io.BytesIO(path.read_bytes()) as file:
        return read_bundle(open_sealed(file, keys), KINDS).members[SUPPORT] == BUNDLE
