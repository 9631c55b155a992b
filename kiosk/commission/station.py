"""Every check of a station, in the order in which a technician reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kiosk import moment
from kiosk.commission import (
    asking,
    boot_files,
    bootloader,
    enrolment,
    firewall,
    machine,
    people,
    receipts,
    root,
    running,
    settings,
    shipped,
    told,
)
from kiosk.commission.asking import Ask
from kiosk.commission.checks import Check, Finding, Probe, from_probe, unchecked, wrong
from kiosk.commission.place import Place
from kiosk.config import StationConfig
from kiosk.config_reading import load
from kiosk.errors import ConfigError


def station_checks(
    path: Path,
    probes: Mapping[str, Probe] | None = None,
    place: Place | None = None,
    ask: Ask = asking.ask,
    wait_s: float = 0.0,
) -> tuple[Check, ...]:
    """Return the checks of the station that ``path`` configures.

    Args:
        path: ``station.toml``, as the station sees it.
        probes: by name, what tries devices and the server for real. This room reaches neither
            capture nor upload, so the command line brings them; where the configuration cannot be
            read there is nothing to make them from, and they may be left out.
        place: where to look; the running machine unless told otherwise.
        ask: runs the system's own programs.
        wait_s: how long the clinic may take to answer a test object.
    """
    here = place or Place()
    config: StationConfig | None = None
    try:
        config = load(here.at(path))
    except ConfigError as error:
        fault = settings.not_filled_in(path, here) or error.sentence
        first = [Check("configuration", partial(wrong, fault))]
        about_config = [Check(name, _waits) for name, _ in _configured(wait_s)]
    else:
        first = [Check("configuration", partial(settings.configuration, config, path, here))]
        about_config = [
            Check(name, partial(run, config, here)) for name, run in _configured(wait_s)
        ]
    system = [Check("firmware", partial(boot_files.firmware, config, here))]
    system += [Check(name, partial(run, here)) for name, run in _SYSTEM]
    system += [Check(name, partial(run, here, ask)) for name, run in _ASKED]
    tried = [from_probe(name, probe) for name, probe in (probes or {}).items()]
    return (*first, *about_config, *system, *tried)


def _waits() -> Finding:
    return unchecked("This cannot be checked before the configuration is in order.")


def _configured(wait_s: float) -> tuple[tuple[str, Callable[[StationConfig, Place], Finding]], ...]:
    return (
        ("signing key", lambda c, p: settings.private_key(c.station.signing_key, p)),
        ("upload key", lambda c, p: settings.private_key(c.upload.key, p)),
        ("enrolment", enrolment.enrolment),
        ("recipients", lambda c, p: settings.recipients(c.sealing.recipients, p)),
        ("spool", settings.spool),
        ("desk", people.desk),
        ("consent texts", people.consent_texts),
        ("server share", people.share),
        ("operators", people.operators),
        ("receipts", receipts.receipts),
        ("opened by clinic", lambda c, p: receipts.opened_by_clinic(c, p, wait_s)),
        ("metrics", told.metrics),
    )


_ASKED: tuple[tuple[str, Callable[[Place, Ask], Finding]], ...] = (
    ("consoles", running.consoles),
    ("firewall", firewall.firewall),
)

_SYSTEM: tuple[tuple[str, Callable[[Place], Finding]], ...] = (
    ("user", machine.user),
    ("swap", machine.swap),
    ("core dumps", machine.core_dumps),
    ("kernel settings", running.kernel_settings),
    ("firmware mailbox", running.mailbox),
    ("temporary files", machine.temporary_folders),
    ("journal", machine.journal),
    ("clock", lambda _: machine.clock(moment.clock_state, datetime.now(UTC))),
    ("time source", machine.time_source),
    ("kernel arguments", boot_files.kernel),
    ("bootloader", bootloader.bootloader),
    ("installed files", shipped.installed_files),
    ("drop-ins", shipped.added_to_units),
    ("program", shipped.installed_program),
    ("read-only system", root.root),
)
