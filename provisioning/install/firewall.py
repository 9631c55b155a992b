"""Closes the machine by nftables: the shipped rules, and what fills their sets on this station.

While the installer runs, it and apt may reach package servers; docs/decisions/0112.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from kiosk.commission.firewall import (
    DESCRIBED,
    INSTALLING,
    LOADED,
    RULES,
    STATION_RULES,
    TABLE,
    difference,
)
from provisioning.install.files import differing, write_differing
from provisioning.install.machine import Machine
from provisioning.install.network import SSH_PORT, Resolver, Server, server

SOURCE: Final = "provisioning/install/nftables.conf"
NFT: Final = "/usr/sbin/nft"

FETCHING: Final = "{ root timeout 1h, _apt timeout 1h }"
"""Who fetches while the installer runs: pip, and apt's own user. The hour is for an installer
that was killed."""

USERS: Final = {
    "senders": ("root", "kiosk-upload"),
    "askers": ("root", "systemd-resolve", "systemd-timesync", "_chrony", "ntpsec"),
    "timekeepers": ("systemd-timesync", "_chrony", "ntpsec"),
}
"""By set; who is not an account of the machine is left out."""


@dataclass(frozen=True, slots=True)
class FirewallStep:
    """The rules are in their files, and what is loaded is what they say."""

    resolver: Resolver
    name: str = "firewall"

    def missing(self, machine: Machine) -> str:
        wrong = differing(machine, self._files(machine))
        return wrong or (_not_loaded(machine) if machine.live else "")

    def apply(self, machine: Machine) -> None:
        write_differing(machine, self._files(machine))
        if machine.live:
            # Reloads without a moment in which nothing is loaded.
            machine.run("systemctl", "reload-or-restart", "nftables.service")

    def _files(self, machine: Machine) -> dict[str, str]:
        # A name is only known where the station will stand.
        found = server(machine, self.resolver) if machine.live else None
        return {STATION_RULES: station_rules(machine, found), RULES: machine.source(SOURCE)}


def station_rules(machine: Machine, found: Server | None) -> str:
    """Return what fills the sets of the shipped rules.

    Args:
        machine: whose accounts and keys are looked at.
        found: the clinic's server; None while there is none, and nothing is let out to it.
    """
    accounts = _accounts(machine)
    filled = {name: _numbers(users, accounts) for name, users in USERS.items()}
    if found is not None:
        for version in (4, 6):
            servers = _of_version(found.addresses, version)
            filled[f"server{version}"] = [f"{address} . {found.port}" for address in servers]
            filled[f"resolvers{version}"] = _of_version(found.resolvers, version)
    filled["technician"] = [str(SSH_PORT)] if has_technician(machine) else []
    about = "no server yet" if found is None else f"{found.host} of /etc/kiosk/station.toml"
    lines = [
        f"# Written by provisioning.install: {about}, and this machine's accounts.",
        "# Run the installer again when the address, an account or a technician's key changes.",
        *(
            f"add element inet {TABLE} {name} {{ {', '.join(members)} }}"
            for name, members in sorted(filled.items())
            if members
        ),
    ]
    return "".join(f"{line}\n" for line in lines)


def has_technician(machine: Machine) -> bool:
    """Tell whether any account may log in over SSH by a key."""
    homes = [*machine.at("/home").glob("*/.ssh"), machine.at("/root/.ssh")]
    files = (home / "authorized_keys" for home in homes)
    lines = (
        line.strip()
        for path in files
        if path.is_file()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    return any(line and not line.startswith("#") for line in lines)


@contextmanager
def way_to_packages(machine: Machine) -> Iterator[None]:
    """Let apt and pip out while the installer runs, where the rules are loaded already."""
    if not machine.live or not _loaded(machine):
        yield
        return
    machine.run("nft", "add", "element", "inet", TABLE, INSTALLING, FETCHING)
    try:
        yield
    finally:
        machine.run("nft", "flush", "set", "inet", TABLE, INSTALLING)


def _loaded(machine: Machine) -> bool:
    if not machine.at(NFT).exists():
        return False
    tables = json.loads(machine.run("nft", "-j", "list", "tables"))["nftables"]
    return any(item.get("table", {}).get("name") == TABLE for item in tables)


def _not_loaded(machine: Machine) -> str:
    fault = difference(machine.run(*LOADED), machine.run(*DESCRIBED))
    return f"{fault[0].lower()}{fault[1:]}" if fault else ""


def _accounts(machine: Machine) -> dict[str, str]:
    rows = (line.split(":") for line in (machine.read("/etc/passwd") or "").splitlines())
    return {row[0]: row[2] for row in rows if len(row) > 2}  # noqa: PLR2004 - passwd(5)


def _numbers(users: Iterable[str], accounts: dict[str, str]) -> list[str]:
    """Numbers, not names: one name that is gone would keep every rule from being loaded."""
    return [accounts[user] for user in users if user in accounts]


def _of_version(addresses: Iterable[str], version: int) -> list[str]:
    parsed = sorted(map(ipaddress.ip_address, addresses), key=int)
    return [str(address) for address in parsed if address.version == version]
