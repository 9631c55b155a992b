"""``kiosk consent-texts …``: which texts there are, what one says, whether own files are right.

Exit codes: 0 all is well, 1 a file is not right, 2 the command line cannot be used.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from kiosk.errors import ConfigError
from kiosk.records.consent_text import ConsentText, PurposeText, TextFile
from kiosk.records.consent_texts import Texts, load_own, own_texts
from kiosk.tables import aligned

OK, WRONG = 0, 1

_WIDTH = 88
_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_parser(subparsers: _Commands[argparse.ArgumentParser]) -> None:
    """Register ``consent-texts``; each command sets ``handler`` on the parsed arguments."""
    texts = subparsers.add_parser(
        "consent-texts", help="what patients consent to: list the texts, show one, check own ones"
    )
    commands = texts.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "list", list_all, "list every text")
    shown = _command(commands, "show", show, "print a text as a patient reads it")
    shown.add_argument("name", metavar="NAME", help="of the text, such as example-en")
    what = "say what is right and wrong in own files"
    checked = commands.add_parser("check", help=what, description=what)
    checked.add_argument("paths", type=Path, nargs="+", metavar="FILE|FOLDER")
    checked.set_defaults(handler=check)


def list_all(args: argparse.Namespace) -> int:
    """Print one line for each text; a file that is wrong gets its sentence."""
    texts = Texts(args.folder)
    rows: list[tuple[str, ...]] = [("name", "id", "version", "language", "SHA-256")]
    wrong = []
    for name in texts.names():
        try:
            file = texts.load(name)
        except ConfigError as error:
            wrong.append(error.sentence)
            continue
        text = file.text
        rows.append((name, text.id, text.version, text.language, file.digest))
    print(aligned(rows))
    for sentence in wrong:
        print(f"WRONG  {sentence}")
    return WRONG if wrong else OK


def show(args: argparse.Namespace) -> int:
    """Print a text."""
    file = Texts(args.folder).load(args.name)
    for line in _lines(file):
        print(line)
    return OK


def check(args: argparse.Namespace) -> int:
    """Print a verdict on every file."""
    failed = 0
    for path in args.paths:
        for one in own_texts(path) or [path] if path.is_dir() else [path]:
            try:
                text = load_own(one).text
            except ConfigError as error:
                failed += 1
                print(f"WRONG  {error.sentence}")
                continue
            count = len(text.purposes)
            print(f"right  {one}: {text.title} ({text.language}), {count} purposes")
    return WRONG if failed else OK


def _command(
    commands: _Commands[argparse.ArgumentParser],
    name: str,
    handler: Callable[[argparse.Namespace], int],
    what: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=what, description=what)
    command.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="the clinic's own texts, not the examples"
    )
    command.set_defaults(handler=handler)
    return command


def _lines(file: TextFile) -> Iterator[str]:
    text = file.text
    yield f"{text.title} ({text.id}, version {text.version}, {text.language})"
    yield f"SHA-256 {file.digest}"
    if text.example:
        yield "An example: a clinic has its own lawyer read its own text."
    yield from _wrapped("", text.introduction)
    for controller in (text.organisation, *text.controllers):
        yield from _wrapped("responsible: ", f"{controller.name}, {controller.contact}")
    for number, purpose in enumerate(text.purposes, start=1):
        yield from ("", f"{number}. {purpose.name} ({purpose.id}, level {purpose.level})")
        yield from _purpose(purpose)
    yield ""
    statements = text.statements
    for one in (statements.refusal, statements.publication, statements.withdrawal):
        yield from _wrapped("", one)
    for one in statements.further:
        yield from _wrapped("", one)
    yield from _wrapped("[ ] ", statements.understood)
    yield from _basis(text)


def _purpose(purpose: PurposeText) -> Iterator[str]:
    yield from _wrapped("   ", purpose.meaning)
    yield from _wrapped("   kept: ", purpose.retention)
    for channel in purpose.channels:
        yield f"   [ ] {channel.name} ({channel.id})"


def _basis(text: ConsentText) -> Iterator[str]:
    yield ""
    yield f"lawful basis, apart from consent: {text.lawful_basis.article_6}"
    yield f"                                  {text.lawful_basis.article_9}"
    for rule in text.ages:
        yield from _wrapped("age: ", f"{rule.name}: at least {rule.minimum} years; {rule.source}")


def _wrapped(before: str, text: str) -> list[str]:
    indent = " " * len(before)
    return textwrap.wrap(text, _WIDTH, initial_indent=before, subsequent_indent=indent)
