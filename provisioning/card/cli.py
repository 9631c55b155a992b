"""``kiosk provision …``: cards of new stations, and proof of how they enrolled."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from kiosk.clinic.kinds import KINDS
from kiosk.enrol.request import parse_ticket, read_request
from kiosk.envelope.signatures import PublicKey
from kiosk.errors import UsageError
from kiosk.moment import require_plausible
from kiosk.sensors import SENSORS
from provisioning.card import codes, writing
from provisioning.card.archive import archive
from provisioning.card.codes import Issued
from provisioning.card.contents import Release
from provisioning.card.inventory import load_inventory, row_of
from provisioning.card.making import Batch, Made, announced
from provisioning.card.order import CHECKOUT, Bench, Order, Wanted, load_bench, take
from provisioning.card.writing import Card
from provisioning.server.dropbox import station_name

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_parser(commands: Commands[argparse.ArgumentParser], what: str) -> None:
    """Register ``provision`` with its acts."""
    provision = commands.add_parser("provision", help=what, description=what)
    acts = provision.add_subparsers(metavar="ACT", required=True)
    _add_card(acts)
    _add_code(acts)
    _add_enrolled(acts)


def card(options: argparse.Namespace) -> int:
    """Write one card, or the folders of all that an inventory names."""
    now = _now()
    bench = load_bench(options.clinic)
    orders = [take(bench, wanted, now) for wanted in _wanted(options)]
    # A row of the table is one station, and its folder may have been made before its card.
    again = options.again or (options.inventory is not None and options.station is not None)
    batch = Batch(bench, archive(CHECKOUT), options.hours, again, now)
    cards = [_card(options, order) for order in orders]
    for one, order in zip(cards, orders, strict=True):
        batch.check(one, order)
    for one, order in zip(cards, orders, strict=True):
        made = batch.make(one, order)
        _tell(made, order)
        _tell_code(bench, made.issued, made.ticket, options.codes)
    return 0


def code(options: argparse.Namespace) -> int:
    """Make a new code for a station whose card was made; the one before is of no use then."""
    now = _now()
    require_plausible(now, "This computer's clock")
    bench = load_bench(options.clinic)
    station = station_name(options.station)
    codes.refuse_unknown(bench.tickets, bench.people(station), station)
    issued = announced(bench, station, options.hours, now)
    ticket = codes.keep_ticket(bench.tickets, issued.ticket)
    print(f"{station}:")
    _tell_code(bench, issued, ticket, options.codes)
    return 0


def enrolled(options: argparse.Namespace) -> int:
    """Prove a station's enrolment by its ticket; print its line for the clinic's list."""
    ticket = parse_ticket(_read(options.ticket), str(options.ticket))
    sent = sys.stdin.buffer.read() if str(options.request) == "-" else _read(options.request)
    request = read_request(sent, ticket)
    key = PublicKey.parse(request.signing_key)
    namespaces = ",".join(kind.namespace for kind in KINDS)
    print(
        f'{request.station} namespaces="{namespaces}" {key.line(f"signing-key@{ticket.station}")}'
    )
    return 0


def _wanted(options: argparse.Namespace) -> list[Wanted]:
    if options.inventory is None:
        if options.station is None or options.camera is None:
            raise UsageError("expected --station and --camera, or --inventory with both for each")
        return [Wanted(options.station, options.camera, options.clock_battery)]
    if options.camera is not None or options.clock_battery:
        raise UsageError("the inventory names camera and clock battery; expected neither beside it")
    if options.station is not None:
        return [row_of(options.inventory, options.station)]
    return list(load_inventory(options.inventory))


def _card(options: argparse.Namespace, order: Order) -> Card:
    release = None if options.release is None else Release(options.release)
    if options.inventory is None or options.station is not None:
        return writing.boot_partition(options.out, release)
    if release is Release.BOOKWORM:
        raise UsageError(
            "for bookworm the card's own cmdline.txt is changed; expected each card by itself: "
            "--inventory with --station, onto the card"
        )
    return Card(options.out / order.wanted.station, release or Release.TRIXIE)


def _tell(made: Made, order: Order) -> None:
    print(f"{order.wanted.station}: {made.card.root} ({made.card.release.value})")
    print(f"  {len(made.written)} files were written" if made.written else "  nothing to change")
    if not any(name.startswith("consent/") for name in order.files):
        print("  patients would sign an example text: the clinic's own belong into consent_texts")
    if made.voided:
        print(f"  the code that was made for {order.wanted.station} before is of no use now")
    if order.technician is None:
        print("  nobody could log in to the station: clinic.toml leaves technician_key out")


def _tell_code(bench: Bench, issued: Issued, ticket: Path, labels: Path | None) -> None:
    station, until = issued.ticket.station, codes.shown(issued.ticket)
    if not bench.file.server.announce:
        print(f"  bring {ticket} to the server: python3 -m provisioning.server expect TICKET")
    print(f"  the code is good until {until}, once, for {station} alone:\n")
    if labels is None:
        print(codes.on_terminal(issued))
        return
    print(f"    {codes.write_label(labels, issued)} (delete it afterwards)")
    print(f"    {issued.code.text()}\n")


def _now() -> datetime:
    return datetime.now(UTC)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _hours(text: str) -> int:
    hours = int(text) if text.isdecimal() else 0
    if not 1 <= hours <= codes.MOST_HOURS:
        raise argparse.ArgumentTypeError(f"expected 1 to {codes.MOST_HOURS} hours")
    return hours


def _add_card(acts: Commands[argparse.ArgumentParser]) -> None:
    what = "write what a freshly imaged card needs to become a station"
    parser = acts.add_parser("card", help=what, description=what)
    parser.add_argument("--station", metavar="NAME", help="as server, desk and labels know it")
    parser.add_argument("--camera", metavar="|".join(SENSORS), help="the camera's sensor")
    parser.add_argument(
        "--clock-battery",
        action="store_true",
        help="a Raspberry Pi 5 has the rechargeable clock battery (never for a plain cell)",
    )
    parser.add_argument(
        "--inventory",
        type=Path,
        metavar="STATIONS.csv",
        help="of stations; all of them become folders below --out, or with --station one a card",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="CARD", help="the card's boot partition"
    )
    parser.add_argument(
        "--release",
        choices=[release.value for release in Release],
        help="of Raspberry Pi OS, or our own image; where it is left out, as the card says",
    )
    parser.add_argument(
        "--again", action="store_true", help="this card replaces another of the same name"
    )
    _add_common(parser)
    parser.set_defaults(handler=card)


def _add_code(acts: Commands[argparse.ArgumentParser]) -> None:
    what = "make a new code for a station whose card was made"
    parser = acts.add_parser("code", help=what, description=what)
    parser.add_argument("--station", required=True, metavar="NAME")
    _add_common(parser)
    parser.set_defaults(handler=code)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--clinic",
        type=Path,
        default=Path("clinic.toml"),
        metavar="CLINIC.toml",
        help="what the clinic's stations have in common (default: clinic.toml)",
    )
    parser.add_argument("--hours", type=_hours, default=24, help="for which the code is good (24)")
    parser.add_argument(
        "--codes", type=Path, metavar="DIR", help="write labels to print (SVG), not to the terminal"
    )


def _add_enrolled(acts: Commands[argparse.ArgumentParser]) -> None:
    what = "prove how a station enrolled, and print its line for the clinic's list of stations"
    parser = acts.add_parser("enrolled", help=what, description=what)
    parser.add_argument("ticket", type=Path, help="that the bench kept")
    parser.add_argument(
        "request",
        type=Path,
        help="what `python3 -m provisioning.server enrolment NAME` prints; - for standard input",
    )
    parser.set_defaults(handler=enrolled)
