"""Check that the station is known to the clinic's server, and by the keys that it has now."""

from __future__ import annotations

from pathlib import Path

from kiosk.commission.checks import Finding, not_applicable, ok, wrong
from kiosk.commission.place import SETTINGS, Place, stored
from kiosk.config import StationConfig
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import EnrolmentError
from kiosk.records.enrolment import RECEIPT, Enrolled, is_pending, read_receipt, read_refusal


def enrolment(config: StationConfig, place: Place) -> Finding:
    """Say since when the station is enrolled, or that it waits for its code.

    Raises:
        KioskError: a key cannot be read.
    """
    folder = place.at(SETTINGS)
    if is_pending(folder):
        return wrong(_waits(folder))
    if not (folder / RECEIPT).exists():
        return not_applicable("This station was set up by hand; no code was used.")
    try:
        receipt = read_receipt(folder)
    except EnrolmentError:
        return wrong(f"{SETTINGS / RECEIPT} is no receipt of an enrolment; enrol the station anew.")
    changed = _changed(receipt, config, place)
    if changed:
        return wrong(
            f"The station was enrolled with another {changed} than it has now; have a new code "
            f"made (`kiosk provision code --station {config.station.name}`) and "
            "`sudo kiosk enrol`."
        )
    return ok(f"Enrolled at {receipt.server} since {_minute(receipt.at)}.")


def _waits(folder: Path) -> str:
    said = (
        "The station waits for its enrolment code: scan or type it at the station, or "
        "`sudo kiosk enrol` over the network."
    )
    try:
        refused = read_refusal(folder)
    except EnrolmentError:
        return said  # of another version; the next try writes it anew
    if refused is None:
        return said
    return f"{said} The last try, {_minute(refused.at)}: {refused.sentence}"


def _minute(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def _changed(receipt: Enrolled, config: StationConfig, place: Place) -> str:
    upload = config.upload
    now = {
        "name": (receipt.station, config.station.name),
        "server": (receipt.server, f"{upload.host}:{upload.port}"),
        "signing key": (receipt.signing_key, _fingerprint(config.station.signing_key, place)),
        "upload key": (receipt.ssh_key, _fingerprint(upload.key, place)),
    }
    return next((name for name, (then, has) in now.items() if then != has), "")


def _fingerprint(key: Path, place: Place) -> str:
    return SigningKey.load(place.at(stored(key))).public_key().fingerprint
