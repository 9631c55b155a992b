"""Which server a station reaches, and the addition to the unit that lets it reach nothing else."""

from __future__ import annotations

import ipaddress
import socket
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from provisioning.install.files import MergedStep
from provisioning.install.machine import InstallError, Machine

DROP_IN = "/etc/systemd/system/kiosk-upload.service.d/server.conf"
STATION = "/etc/kiosk/station.toml"
PLACEHOLDER = "CHANGE-ME"
SSH_PORT = 22

Resolver = Callable[[str], Iterable[str]]


def resolve(host: str) -> list[str]:
    """Ask the system for a host's addresses.

    Raises:
        InstallError: there are none.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InstallError(
            f"{STATION}: upload.host: {host} has no address ({error.strerror}); "
            "expected a name that this network knows, or an address."
        ) from error
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Server:
    """The clinic's server, as ``station.toml`` names it and as it is found now.

    Attributes:
        host: a name or an address.
        port: of its SSH server.
        addresses: of the host; IPv4 or IPv6, without an interface.
        resolvers: the name servers that know them; none where ``host`` is an address.
    """

    host: str
    port: int
    addresses: frozenset[str]
    resolvers: frozenset[str]


def server(machine: Machine, resolver: Resolver = resolve) -> Server | None:
    """Return the server that ``station.toml`` names, or None while it names none.

    Raises:
        InstallError: the file cannot be read, or the server's name has no address.
    """
    named = _named(machine)
    if named is None:
        return None
    host, port = named
    if _is_address(host):
        return Server(host, port, frozenset({host}), frozenset())
    # An IPv6 address may carry its interface, which neither systemd nor nft takes.
    addresses = frozenset(address.partition("%")[0] for address in resolver(host))
    return Server(host, port, addresses, frozenset(name_servers(machine)))


def drop_in(machine: Machine, resolver: Resolver = resolve) -> str | None:
    """Return the unit's addition for the server that ``station.toml`` names.

    Returns:
        None while the file does not name one: the unit as shipped reaches nothing.

    Raises:
        InstallError: the file cannot be read, or the server's name has no address.
    """
    found = server(machine, resolver)
    if found is None:
        return None
    lines = [f"IPAddressAllow={address}" for address in sorted(found.addresses | found.resolvers)]
    return "\n".join(
        [
            f"# Written by provisioning.install: {found.host} of {STATION}, and for a name the",
            "# servers that resolve it. Run the installer again when the address changes.",
            "[Service]",
            *lines,
            "",
        ]
    )


def step(path: str, resolver: Resolver) -> MergedStep:
    """Return the step that writes the unit's addition to ``path``."""
    return MergedStep(
        "the one server that is reached", path, lambda machine, _: drop_in(machine, resolver)
    )


def name_servers(machine: Machine) -> Iterable[str]:
    """Yield the addresses of the name servers that the machine asks now."""
    for line in (machine.read("/etc/resolv.conf") or "").splitlines():
        fields = line.split()
        if fields[:1] == ["nameserver"] and len(fields) > 1:
            yield fields[1].partition("%")[0]


def _named(machine: Machine) -> tuple[str, int] | None:
    text = machine.read(STATION)
    if text is None:
        return None
    try:
        upload = tomllib.loads(text)["upload"]
        host, port = str(upload["host"]), int(upload.get("port", SSH_PORT))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InstallError(
            f"{STATION} does not name the server under upload.host ({error}); "
            "`kiosk check` says what else is wrong with it."
        ) from error
    return None if PLACEHOLDER in host else (host, port)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
