"""Whether ``sshd`` applies our rules to a station: it is asked, not its files read."""

from __future__ import annotations

from kiosk.errors import ServiceError
from provisioning.server import dropbox, system
from provisioning.server.place import Place


def wanted(place: Place) -> dropbox.Rules:
    """The rules of this server's drop boxes."""
    return dropbox.rules(str(place.root), str(place.keys), str(place.receiver))


def settings(name: str) -> dict[str, list[str]]:
    """Return what ``sshd -T`` says of an account: each setting, in lower case, and its values."""
    said = system.run("sshd", "-T", "-C", f"user={name},host=station,addr=127.0.0.1").stdout
    found: dict[str, list[str]] = {}
    for line in said.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key.lower(), []).append(value)
    return found


def differing(place: Place, name: str) -> list[str]:
    """Return each line of our rules that ``sshd`` would not apply to an account."""
    found = settings(name)
    lines = [line.strip() for line in dropbox.match_block(wanted(place)).splitlines()[1:]]
    return [line for line in lines if not _applied(line, found, name)]


def require_applied(place: Place, name: str) -> None:
    """Ask ``sshd`` itself what it would do with the station.

    Raises:
        ServiceError: something else than our rules say.
    """
    differences = differing(place, name)
    if differences:
        raise ServiceError(
            f"sshd does not apply {place.config} to {name}, first {differences[0]!r}; expected "
            "/etc/ssh/sshd_config to have the line 'Include /etc/ssh/sshd_config.d/*.conf' at its "
            "top, as Debian ships it, and `prepare` to have been run with this version"
        )


def _applied(line: str, found: dict[str, list[str]], name: str) -> bool:
    key, _, value = line.partition(" ")
    said = [one.replace("%u", name) for one in found.get(key.lower(), [])]
    if key in dropbox.LISTS:
        return set(value.split()) <= set(said)
    return said == [value.replace("%u", name)]
