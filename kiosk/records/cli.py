"""``kiosk protocols …``: the sets of views, what is in one, whether own files are right.

Exit codes: 0 all is well, 1 a file is not right, 2 the command line or the configuration cannot be
used.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from kiosk.config import StationConfig
from kiosk.config_reading import DEFAULT_PATH, load
from kiosk.errors import ConfigError, UsageError
from kiosk.languages.names import LANGUAGES, SOURCE, Language
from kiosk.records.data_files import shipped_names
from kiosk.records.protocol_check import Verdict, check_paths
from kiosk.records.protocol_words import view_rows
from kiosk.records.protocols import Protocol, available, load_protocol, own_sets
from kiosk.records.sheet_words import ENGLISH
from kiosk.tables import aligned

OK, WRONG = 0, 1

DrawSheet = Callable[[Protocol, Path, Language], Sequence[Path]]
"""Draws a contact sheet in a language, returns its pages' files; the front door knows who can."""

_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_parser(subparsers: _Commands[argparse.ArgumentParser], draw_sheet: DrawSheet) -> None:
    """Register ``protocols`` with its commands; each sets ``handler`` on the parsed arguments."""
    protocols = subparsers.add_parser(
        "protocols", help="the sets of views: list them, show one, check a clinic's own"
    )
    commands = protocols.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "list", list_all, "list every set of views")
    shown = _command(commands, "show", show(draw_sheet), "say what is in a set")
    shown.add_argument("name", metavar="NAME", help="of the set, such as face_5")
    shown.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="SHEET.png",
        help="draw the set for printing; further pages become SHEET-2.png and so on",
    )
    shown.add_argument(
        "--language",
        choices=LANGUAGES,
        help="of what the program brings: its views, and the sheet (default: the station's, "
        f"else {SOURCE})",
    )
    checked = _command(commands, "check", check, "say what is right and wrong in own files")
    checked.add_argument(
        "paths",
        type=Path,
        nargs="*",
        metavar="FILE|FOLDER",
        help="what to check (default: the folder of the clinic's own sets)",
    )


def _command(
    commands: _Commands[argparse.ArgumentParser],
    name: str,
    handler: Callable[[argparse.Namespace], int],
    what: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=what, description=what)
    where = command.add_mutually_exclusive_group()
    where.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="where the clinic's own sets are"
    )
    where.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the station's configuration, whose session.protocols names that folder "
        f"(default: {DEFAULT_PATH}, if it is there)",
    )
    command.set_defaults(handler=handler)
    return command


def list_all(args: argparse.Namespace) -> int:
    """Print one line for each set; a file of the clinic's that is wrong gets its sentence."""
    folder = own_folder(args)
    rows: list[tuple[str, ...]] = [("name", "title", "views", "where from")]
    for name in available(folder):
        with suppress(ConfigError):  # its file has its verdict below
            protocol = load_protocol(name, folder)
            rows.append((name, protocol.title, str(len(protocol.views)), _origin(name, folder)))
    print(aligned(rows))
    own = () if folder is None else own_sets(folder)
    wrong = [verdict for verdict in check_paths(own, folder) if not verdict.right]
    for verdict in wrong:
        print(f"WRONG  {verdict.said}")
    return WRONG if wrong else OK


def show(draw_sheet: DrawSheet) -> Callable[[argparse.Namespace], int]:
    """Return the command that prints a set in words, or draws it where a file is named."""

    def run(args: argparse.Namespace) -> int:
        folder, language = own_folder(args), _language(args)
        try:
            protocol = load_protocol(args.name, folder, language)
        except ConfigError as error:
            if args.name not in available(folder):
                raise
            print(f"WRONG  {error.sentence}")
            return WRONG
        if args.output is not None:
            for page in draw_sheet(protocol, args.output, language):
                print(page)
            return OK
        print(f"{protocol.title} ({protocol.name}), {ENGLISH.views.of(len(protocol.views))}")
        print(f"published by: {protocol.source}")
        print(f"from: {_origin(protocol.name, folder)}")
        for number, view in enumerate(protocol.views, start=1):
            print(f"\n{number}. {view.title} ({view.id})")
            print(aligned([("  ", *row) for row in view_rows(view)]))
        return OK

    return run


def check(args: argparse.Namespace) -> int:
    """Print a verdict on every file; one that is not read is said, and nothing wrong."""
    asked = args.folder is not None or args.config is not None
    folder = own_folder(args) if asked or not args.paths else None
    paths = list(args.paths) or ([] if folder is None else [folder])
    if not paths:
        raise UsageError(
            "There is nothing to check: expected files or folders, or --folder, or a station "
            "whose session.protocols names a folder."
        )
    failed = 0
    for verdict in check_paths(paths, folder):
        failed += not verdict.right
        print(_line(verdict))
    return WRONG if failed else OK


def _line(verdict: Verdict) -> str:
    if not verdict.read:
        return f"unread {verdict.said}"
    return f"right  {verdict.path}: {verdict.said}" if verdict.right else f"WRONG  {verdict.said}"


def own_folder(args: argparse.Namespace) -> Path | None:
    """Return where the clinic's own sets are: as the command line says, else as the station does.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    if args.folder is not None:
        return Path(args.folder)
    station = _station(args)
    return None if station is None else station.session.protocols


def _language(args: argparse.Namespace) -> Language:
    """Return the language of the words: as the command line says, else as the station does."""
    if args.language is not None:
        return cast("Language", args.language)
    station = _station(args)
    return SOURCE if station is None else station.display.language


def _station(args: argparse.Namespace) -> StationConfig | None:
    if args.config is None and (args.folder is not None or not DEFAULT_PATH.exists()):
        return None
    return load(args.config or DEFAULT_PATH)


def _origin(name: str, folder: Path | None) -> str:
    if folder is None or name in shipped_names("protocols"):
        return "with the program"
    return str(folder / f"{name}.toml")
