"""Lets the upload process reach the clinic's server and nothing else."""

from __future__ import annotations

import ipaddress
import socket
import tomllib
from collections.abc import Callable, Iterable

from provisioning.install.machine import InstallError, Machine

DROP_IN = "/etc/systemd/system/kiosk-upload.service.d/server.conf"
STATION = "/etc/kiosk/station.toml"
PLACEHOLDER = "CHANGE-ME"

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


def drop_in(machine: Machine, resolver: Resolver = resolve) -> str | None:
    """Return the unit's addition for the server that ``station.toml`` names.

    Returns:
        None while the file does not name one: the unit as shipped reaches nothing.

    Raises:
        InstallError: the file cannot be read, or the server's name has no address.
    """
    host = _host(machine)
    if host is None:
        return None
    if _is_address(host):
        addresses = {host}
    else:
        addresses = {*resolver(host), *_name_servers(machine.read("/etc/resolv.conf") or "")}
    lines = [f"IPAddressAllow={address}" for address in sorted(addresses)]
    return "\n".join(
        [
            f"# Written by provisioning.install: {host} of {STATION}, and for a name the servers",
            "# that resolve it. Run the installer again when the address changes.",
            "[Service]",
            *lines,
            "",
        ]
    )


def _host(machine: Machine) -> str | None:
    text = machine.read(STATION)
    if text is None:
        return None
    try:
        host = tomllib.loads(text)["upload"]["host"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InstallError(
            f"{STATION} does not name the server under upload.host ({error}); "
            "`kiosk check` says what else is wrong with it."
        ) from error
    return None if PLACEHOLDER in str(host) else str(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _name_servers(resolv_conf: str) -> Iterable[str]:
    for line in resolv_conf.splitlines():
        fields = line.split()
        if fields[:1] == ["nameserver"] and len(fields) > 1:
            # An IPv6 address may carry its interface, which systemd does not take.
            yield fields[1].partition("%")[0]
