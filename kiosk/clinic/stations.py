"""The clinic's list of stations, in OpenSSH's ``allowed_signers`` format.

One line a key: ``<station>[,<station>…] [options] ssh-ed25519 AAAA… [comment]``. The options
``namespaces``, ``valid-after`` and ``valid-before`` mean what ssh-keygen(1) says, the times
measured against the moment of sealing that the manifest states. The same file works for
``ssh-keygen -Y verify``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.clinic.kinds import KINDS
from kiosk.envelope import recall
from kiosk.envelope.bundle import Bundle
from kiosk.envelope.container import SHOT
from kiosk.envelope.signatures import KEY_TYPE, PublicKey
from kiosk.errors import BadKey, SignatureError

LINE = re.compile(
    rf'(?P<names>\S+)\s+(?:(?P<options>(?:[^\s"]|"[^"]*")+)\s+)?(?P<key>{KEY_TYPE} \S+)(?:\s.*)?'
)
"""A line of the list that is no comment."""

OPTION_ITEM = r'(?:[^,"]|"[^"]*")+'
"""One of a line's options; commas stand between them."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_OPTION = re.compile(r'(?P<name>[a-z-]+)(?:="?(?P<value>[^"]*)"?)?')
_TIME_FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


_ALL_NAMESPACES = (*(kind.namespace for kind in KINDS), recall.NAMESPACE)


@dataclass(frozen=True, slots=True)
class Station:
    """One key that may speak for the stations of these names, within a span of time.

    ``namespaces``: what it may sign; all that stations sign where the list does not say.
    """

    names: tuple[str, ...]
    key: PublicKey
    valid_after: datetime | None = None
    valid_before: datetime | None = None
    namespaces: tuple[str, ...] = _ALL_NAMESPACES


def load_stations(path: Path) -> tuple[Station, ...]:
    """Read the list; ``#`` starts a comment.

    Raises:
        BadKey: names file, line and what was expected.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadKey(f"{path}: expected the list of stations, but: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadKey(f"{path}: expected UTF-8 text with one station a line.") from error
    stations = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                stations.append(_parse(line.strip()))
            except BadKey as error:
                raise BadKey(f"{path}, line {number}: {error.sentence}") from error
    if not stations:
        raise BadKey(f"{path}: there is no station in this file; expected one a line.")
    return tuple(stations)


def require_station(bundle: Bundle, stations: Sequence[Station]) -> Station:
    """Return the entry whose key signed the object and may speak for the station it names.

    Raises:
        SignatureError: changed, signed by an unknown key, by another station's, outside the key's
            time, or of a kind that the key may not sign.
    """
    key = bundle.verify(station.key for station in stations)
    manifest, kind = bundle.manifest, bundle.kind
    entry = require_signer(key, manifest.station, manifest.sealed_at.wall, stations)
    if kind.namespace not in entry.namespaces:
        raise SignatureError(
            f"The list of stations does not let {manifest.station} sign a {kind.name}; expected "
            f"{kind.namespace} among its namespaces."
        )
    return entry


def require_signer(key: PublicKey, claimed: str, wall: str, stations: Sequence[Station]) -> Station:
    """Return the entry whose key may speak for a station at a moment.

    Args:
        key: that really signed.
        claimed: the station that is said to have.
        wall: when, by the station's clock, ISO 8601 with offset.
        stations: the list.

    Raises:
        SignatureError: the key is another station's, or outside its time.
    """
    entries = [one for one in stations if one.key == key and claimed in one.names]
    if not entries:
        raise SignatureError(
            f"It says that it comes from {claimed!r}, but it is signed with the key of another "
            f"station ({key.fingerprint}); do not trust it."
        )
    signed = _moment(wall)
    for entry in entries:
        if _within(signed, entry):
            return entry
    raise SignatureError(
        f"It was sealed at {wall}, when the key of {claimed!r} was not valid according to the list "
        "of stations."
    )


def _parse(line: str) -> Station:
    found = LINE.fullmatch(line)
    if found is None:
        raise BadKey(f"expected: station name, then a key {KEY_TYPE} AAAA….")
    names = tuple(found["names"].split(","))
    for name in names:
        if not _NAME.fullmatch(name):
            raise BadKey(f"{name!r} is not a station's name; patterns are not read here.")
    options = _options(found["options"] or "")
    spaces = options.get("namespaces")
    return Station(
        names,
        PublicKey.parse(found["key"]),
        _time(options.get("valid-after")),
        _time(options.get("valid-before")),
        _ALL_NAMESPACES if spaces is None else tuple(spaces.split(",")),
    )


def _options(text: str) -> dict[str, str]:
    options = {}
    for item in re.findall(OPTION_ITEM, text):
        found = _OPTION.fullmatch(item)
        if found is None or found["name"] not in {"namespaces", "valid-after", "valid-before"}:
            raise BadKey(
                f"the option {item!r} is not read here; expected namespaces, valid-after or "
                "valid-before."
            )
        options[found["name"]] = found["value"] or ""
    if SHOT.namespace not in options.get("namespaces", SHOT.namespace).split(","):
        raise BadKey(
            f"this key may not sign shots; expected {SHOT.namespace} among its namespaces."
        )
    return options


def _time(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text)


def moment_of(text: str) -> datetime:
    """Read ``YYYYMMDD[HHMM[SS]][Z]``, local time without the Z, as ssh-keygen does.

    Raises:
        BadKey: it is no such time.
    """
    digits = text.removesuffix("Z")
    try:
        time = datetime.strptime(digits, _TIME_FORMATS[len(digits)])  # noqa: DTZ007 - next line
        return time.replace(tzinfo=UTC) if text.endswith("Z") else time.astimezone()
    except (KeyError, ValueError) as error:
        raise BadKey(f"{text!r} is not a time; expected YYYYMMDD[HHMM[SS]][Z].") from error


def _moment(wall: str) -> datetime:
    try:
        return datetime.fromisoformat(wall)
    except ValueError as error:
        raise SignatureError(f"Its moment of sealing, {wall}, does not exist.") from error


def _within(moment: datetime, entry: Station) -> bool:
    after, before = entry.valid_after, entry.valid_before
    return (after is None or moment >= after) and (before is None or moment <= before)
