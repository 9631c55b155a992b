"""Checking a clinic's own files before a station is given them: every file, one verdict each."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ConfigError
from kiosk.records.data_files import passed_over, text_of
from kiosk.records.protocol_parsing import parse_listing
from kiosk.records.protocols import VIEWS, Library, load_library, load_own, own_sets


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one file.

    Attributes:
        path: of the file.
        right: whether nothing is wrong with it.
        said: what a right file holds, or the sentence of what is wrong with its place.
        read: whether the station would read it; one that it passes over is nothing wrong.
    """

    path: Path
    right: bool
    said: str
    read: bool = True


def check_paths(paths: Iterable[Path], folder: Path | None) -> Iterator[Verdict]:
    """Check files, and every file of folders.

    Args:
        paths: what is to be checked.
        folder: whose ``views.toml`` the protocols may use; None: the one beside each file.
    """
    for path in paths:
        if _is_file(path):
            yield _check_file(path, folder or path.parent)
        else:
            yield from _check_folder(path, folder or path)


def _is_file(path: Path) -> bool:
    """Tell a file from a folder; what is not there is meant as its name says."""
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return path.suffix == ".toml"


def _check_folder(path: Path, folder: Path) -> Iterator[Verdict]:
    try:
        files, others = own_sets(path), passed_over(path, "sets")
    except ConfigError as error:
        yield Verdict(path, right=False, said=error.sentence)
        return
    if not files:
        said = f"{path}: there is nothing to check; expected {VIEWS}, or NAME.toml for each set"
        yield Verdict(path, right=False, said=said)
    for file in files:
        yield _check_file(file, folder)
    for other in others:
        said = f"{other}: this is not read; expected a name that ends in .toml, in small letters"
        yield Verdict(other, right=True, said=said, read=False)


def _check_file(path: Path, folder: Path) -> Verdict:
    if path.suffix != ".toml":
        return Verdict(path, right=False, said=f"{path}: expected a file whose name ends in .toml")
    try:
        said = _views(path) if path.name == VIEWS else _protocol(path, folder)
    except ConfigError as error:
        return Verdict(path, right=False, said=error.sentence)
    return Verdict(path, right=True, said=said)


def _views(path: Path) -> str:
    text_of(path)
    own = len(load_library(path.parent).views) - len(load_library().views)
    return f"{own} {'view' if own == 1 else 'views'} of your own"


def _protocol(path: Path, folder: Path) -> str:
    parse_listing(text_of(path), str(path))
    protocol = load_own(path, _library_beside(path, folder))
    count = len(protocol.views)
    return f"{protocol.title}, {count} {'view' if count == 1 else 'views'}"


def _library_beside(path: Path, folder: Path) -> Library:
    try:
        return load_library(folder)
    except ConfigError as error:
        raise ConfigError(
            f"{path}: its views cannot be looked up before {folder / VIEWS} is right"
        ) from error
