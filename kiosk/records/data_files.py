"""Data files in TOML, the program's and a clinic's: each fault in them is one sentence.

``name`` is always how sentences call the file: its path for a clinic's, its place among the
program's data for the others.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from kiosk import config_faults
from kiosk.errors import ConfigError

_T = TypeVar("_T")

_ENDING: Final = ".toml"
_LIMIT: Final = 1024 * 1024
"""Bytes of a file; a thousand views of a clinic's own have room in it."""

_TWICE = re.compile(r"Cannot declare \((?P<keys>.+)\) twice (?P<place>\(.*\))")
_AGAIN = re.compile(r"Cannot overwrite a value (?P<place>\(.*\))")


def shipped(*parts: str) -> Traversable:
    """Return a file or folder of the program's data, such as ``shipped("views.toml")``."""
    return resources.files(__package__).joinpath("data", *parts)


def shipped_text(*parts: str) -> str:
    """Read a text of the program's data.

    Raises:
        ConfigError: it is not there or cannot be read.
    """
    try:
        return shipped(*parts).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{'/'.join(parts)}: expected this file among the program's data, but: {error}; "
            "install the program again"
        ) from error


def shipped_names(folder: str) -> tuple[str, ...]:
    """Return the names of the TOML files in a folder of the program's data, sorted."""
    names = (entry.name for entry in shipped(folder).iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def own_files(folder: Path, holds: str) -> tuple[Path, ...]:
    """Return the TOML files of a clinic's folder, sorted, hidden ones left out.

    Args:
        folder: the clinic's.
        holds: what sentences say that it should hold.

    Raises:
        ConfigError: it cannot be read.
    """
    return tuple(entry for entry in _shown(folder, holds) if entry.suffix == _ENDING)


def passed_over(folder: Path, holds: str) -> tuple[Path, ...]:
    """Return what lies in a clinic's folder beside its TOML files; arguments and errors alike."""
    return tuple(entry for entry in _shown(folder, holds) if entry.suffix != _ENDING)


def _shown(folder: Path, holds: str) -> tuple[Path, ...]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(
            f"{folder}: expected a folder with a clinic's own {holds}, but: {error.strerror}"
        ) from error
    return tuple(entry for entry in entries if not entry.name.startswith("."))


def content_of(path: Path, limit: int) -> bytes:
    """Read a clinic's file; of one that is longer than ``limit`` bytes, one byte more than that.

    Raises:
        ConfigError: it cannot be read, or is no file: a pipe, a device.
    """
    try:
        # Who opens a named pipe otherwise waits for its writer.
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(opened, "rb") as file:  # noqa: PTH123 - a path cannot be opened without waiting
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"{path}: expected a file, but this is a pipe or a device")
            return file.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"{path}: expected a readable file, but: {error.strerror}") from error


def text_of(path: Path) -> str:
    """Read a clinic's file; a byte order mark, as Windows' Notepad writes it, is passed over.

    Raises:
        ConfigError: it cannot be read, is too long, or is not UTF-8; then with the line.
    """
    content = content_of(path, _LIMIT)
    if len(content) > _LIMIT:
        raise ConfigError(f"{path}: expected a file of at most {_LIMIT} bytes, this one is longer")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}: line {line}: expected UTF-8 text, but one of its letters is stored in "
            "another way; save the file as UTF-8"
        ) from error


def table_of(text: str, name: str, expected: str) -> dict[str, Any]:
    """Parse TOML; ``expected`` says what a file that says nothing should hold.

    Raises:
        ConfigError: with line and column where it is not TOML.
    """
    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(
            f"{name}: lists or tables lie too deep within one another; expected {expected}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {_toml_fault(str(error))}") from error
    if not table:
        raise ConfigError(f"{name}: this file says nothing; expected {expected}")
    return table


def converted(table: object, kind: type[_T], name: str, *, within: str = "") -> _T:
    """Make ``kind`` of a table that stands under the key ``within`` of the file.

    Raises:
        ConfigError: with the key and what was expected there.
    """
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        said = config_faults.sentence(str(error), table, kind, within=within)
        raise ConfigError(f"{name}: {said}") from error


def _toml_fault(message: str) -> str:
    if found := _TWICE.search(message):
        keys = ".".join(re.findall(r"'([^']*)'", found["keys"]))
        return f"[{keys}] stands there twice {found['place']}; expected each name once"
    if found := _AGAIN.search(message):
        return f"the same key stands there twice {found['place']}; expected each key once"
    return f"this is not valid TOML: {message[:1].lower()}{message[1:]}"
