"""The firewall: where it is described, and whether what is loaded is what was described.

Both are asked of ``nft`` itself, in its JSON form; what was described is loaded for that into a
network namespace of its own, so that the tool brings both into the same form. Standard library
alone: the installer asks the same before anything else is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from kiosk.commission.asking import Ask
from kiosk.commission.checks import Finding, not_installed, ok, wrong
from kiosk.commission.digests import RECORD
from kiosk.commission.place import Place

RULES: Final = "/etc/nftables.conf"
"""Where Debian's ``nftables.service`` looks; as shipped, the same on every station."""

STATION_RULES: Final = "/etc/kiosk/firewall.d/station.nft"
"""What fills its sets on this station."""

TABLE: Final = "kiosk"
INSTALLING: Final = "installing"
"""The set that is filled only while packages are fetched."""

LOADED: Final = ("nft", "-j", "list", "ruleset")
DESCRIBED: Final = ("unshare", "--net", "sh", "-ec", f"nft -f {RULES}; nft -j list ruleset")

Item = dict[str, Any]

_CHANGING: Final = frozenset({"handle", "expires"})
"""What differs from load to load, or from second to second, and opens nothing."""


def firewall(place: Place, ask: Ask) -> Finding:
    """Check that the rules in force are those that were installed, and that no way is left open.

    Raises:
        KioskError: ``nft`` or ``unshare`` cannot be asked.
    """
    if not place.exists(RECORD):
        return not_installed()
    if not place.exists(RULES) or not place.exists(STATION_RULES):
        return wrong("There is no firewall; run `python3 -m provisioning.install`.")
    if place.uid:
        return wrong("Only root is told which firewall rules are loaded; run `sudo kiosk check`.")
    loaded = ask(LOADED)
    fault = difference(loaded, ask(DESCRIBED))
    if fault:
        return wrong(f"{fault}; run `sudo systemctl reload-or-restart nftables`.")
    return _opened(loaded)


def _opened(loaded: str) -> Finding:
    """Say what the rules as installed let through."""
    if elements(loaded, INSTALLING):
        return wrong(
            "The way to package servers is open, as while the installer runs; it closes by itself "
            f"within an hour, or now by `sudo nft flush set inet {TABLE} {INSTALLING}`."
        )
    servers = sum(len(elements(loaded, name)) for name in ("server4", "server6"))
    if not servers:
        return wrong(
            "The firewall lets nobody reach the clinic's server; fill in upload.host in "
            "station.toml and run `python3 -m provisioning.install`."
        )
    technician = (
        "a technician's SSH comes in"
        if elements(loaded, "technician")
        else "nobody's SSH comes in, for no account has a technician's key"
    )
    return ok(
        f"The firewall is loaded as installed; addresses of the clinic's server: {servers}; "
        f"{technician}."
    )


def difference(loaded: str, described: str) -> str:
    """Return what is the first rule that only one of two rulesets has; empty where they agree.

    Args:
        loaded: ``nft -j list ruleset`` of the machine.
        described: the same of what the files say.
    """
    here, wanted = list(_lines(loaded)), list(_lines(described))
    if here == wanted:
        return ""
    if not here:
        return "No firewall rule is loaded"
    for line in wanted:
        if line not in here:
            return f"The firewall that is loaded lacks {_named(line)}"
    for line in here:
        if line not in wanted:
            return f"The firewall that is loaded has {_named(line)}, which was not installed"
    return "The firewall's rules are loaded in another order than installed"


def elements(ruleset: str, name: str) -> list[Any]:
    """Return what is in one of the sets of a ruleset."""
    for item in _items(ruleset):
        found = item.get("set")
        if found is not None and found["table"] == TABLE and found["name"] == name:
            return list(found.get("elem", ()))
    return []


def _items(ruleset: str) -> list[Item]:
    return list(json.loads(ruleset)["nftables"])


def _lines(ruleset: str) -> Iterator[str]:
    """Yield one line of JSON for each table, set, chain and rule, without what changes by itself.

    Who is in the set of the installer has a life of its own and is looked at apart.
    """
    for item in _items(ruleset):
        if "metainfo" in item:
            continue
        if item.get("set", {}).get("name") == INSTALLING:
            item["set"].pop("elem", None)
        yield json.dumps(_stable(item), sort_keys=True)


def _stable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        kept = {key: _stable(inner) for key, inner in value.items() if key not in _CHANGING}
        if isinstance(kept.get("elem"), list):
            kept["elem"] = sorted(kept["elem"], key=json.dumps)
        return kept
    return [_stable(inner) for inner in value] if isinstance(value, list) else value


def _named(line: str) -> str:
    """Say which thing it is, as short as a person needs to find it in ``nft list ruleset``."""
    ((kind, about),) = json.loads(line).items()
    if kind == "rule":
        return f"a rule of the chain {about['chain']} ({_short(json.dumps(about['expr']))})"
    return f"the {kind} {about['name']}, or has it otherwise"


def _short(text: str, width: int = 120) -> str:
    return text if len(text) <= width else f"{text[:width]} …"
