"""The list of stations: who may sign, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.clinic.opening import read_sealed
from kiosk.clinic.stations import load_stations, require_station
from kiosk.envelope.recipients import load_identities
from kiosk.errors import BadKey, SignatureError
from tests.clinic.conftest import Clinic

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("kiosk-01", "expected: station name, then a key"),
        (f"kiosk-* {KEY}", "'kiosk-*' is not a station's name"),
        (f"Kiosk {KEY}", "'Kiosk' is not a station's name"),
        ("kiosk-01 ssh-rsa AAAA", "expected: station name, then a key"),
        ("kiosk-01 ssh-ed25519 AAAA", "is mistyped"),
        (f"kiosk-01 cert-authority {KEY}", "the option 'cert-authority' is not read here"),
        (f'kiosk-01 namespaces="file,git" {KEY}', "this key may not sign shots"),
        (f'kiosk-01 valid-before="soon" {KEY}', "'soon' is not a time"),
    ],
)
def test_lines_that_cannot_be_used_are_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "stations"
    path.write_text(f"# stations\n{line}\n")
    with pytest.raises(BadKey) as caught:
        load_stations(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert words in str(caught.value)


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    path = tmp_path / "stations"
    with pytest.raises(BadKey, match="expected the list of stations, but: No such file"):
        load_stations(path)
    path.write_text("# none yet\n")
    with pytest.raises(BadKey, match="there is no station in this file"):
        load_stations(path)
    path.write_bytes(b"\xff")
    with pytest.raises(BadKey, match="expected UTF-8"):
        load_stations(path)


@pytest.mark.parametrize(
    ("options", "valid"),
    [
        ('namespaces="shot@capture-station"', True),
        ('valid-after="20261101",valid-before="20261201"', True),
        ('valid-after="20261123091530Z"', True),
        ('valid-before="20261123091530Z"', False),
        ('valid-before="202611230916Z",namespaces="git,shot@capture-station"', True),
        ('valid-after="20261124Z"', False),
        ('valid-before="20261101Z"', False),
    ],
)
def test_a_key_speaks_within_its_time_alone(clinic: Clinic, options: str, *, valid: bool) -> None:
    """The sample shot was sealed at 2026-11-23T09:15:30.250Z."""
    shot = read_sealed(clinic.shot(), load_identities(clinic.keys.archive))
    line = f"kiosk-02,kiosk-01 {options} {clinic.signing['kiosk-01'].public_line('comment here')}"
    clinic.stations.write_text(line)
    stations = load_stations(clinic.stations)
    if valid:
        assert require_station(shot, stations) == stations[0]
    else:
        with pytest.raises(SignatureError, match="when the key of 'kiosk-01' was not valid"):
            require_station(shot, stations)
