"""``kiosk firmware``: the checks of the boot partition's files, for files on any computer."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk import config_reading
from kiosk.commission import eeprom, firmware, kernel_arguments
from kiosk.commission.boot_files import config_problems
from kiosk.commission.firmware import Problem
from kiosk.config import StationConfig
from kiosk.errors import UsageError

RIGHT, WRONG = 0, 1

_CONFIG: Final = "config.txt"
_ARGUMENTS: Final = Path(kernel_arguments.WANTED).name


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each fault, or one for each file that has none.

    Raises:
        UsageError: a file cannot be read.
        ConfigError: the station's configuration cannot be used.
    """
    config = None if arguments.config is None else config_reading.load(arguments.config)
    wrong = 0
    for path in arguments.files:
        problems = check_file(path, config)
        wrong += bool(problems)
        for problem in problems:
            print(f"WRONG  {replace(problem, file=str(path.parent / problem.file))}")
        if not problems:
            print(f"right  {path}{_left_out(path, config)}")
    return WRONG if wrong else RIGHT


def check_file(path: Path, config: StationConfig | None) -> Sequence[Problem]:
    """Check a file by its name: what it includes, or is compared with, is looked for beside it.

    Args:
        path: ``config.txt``, one that it includes, ``cmdline.txt``, or the bootloader's ``*.conf``.
        config: the station's, for pins and camera; None leaves pins out and takes any camera.

    Raises:
        UsageError: it cannot be read.
    """
    text = _read(path)
    if path.name == _CONFIG:
        return config_problems(_with_includes(path, text), config)
    if _is_list(path, text):
        line = " ".join(kernel_arguments.wanted_arguments(text))
        return [Problem(path.name, 0, fault) for fault in kernel_arguments.faults(line, "")]
    if path.name == kernel_arguments.FILE:
        beside = path.with_name(_ARGUMENTS)
        wanted = _read(beside) if beside.exists() else ""
        return kernel_arguments.check(text, wanted, path.name)
    if path.suffix == ".conf":
        return eeprom.check(text, path.name)
    return firmware.check(text, path.name, included=True)


def _is_list(path: Path, text: str) -> bool:
    """Whether it is the list of arguments as shipped, whose comments no kernel would be given."""
    return path.name == _ARGUMENTS or (path.name == kernel_arguments.FILE and text.startswith("#"))


def _left_out(path: Path, config: StationConfig | None) -> str:
    if path.name == _CONFIG and config is None:
        return " (pins and which camera: with --config)"
    compared = path.name != kernel_arguments.FILE or path.with_name(_ARGUMENTS).exists()
    if not compared and not _is_list(path, _read(path)):
        return f" (what is missing in it: with {_ARGUMENTS} beside it)"
    return ""


def _with_includes(path: Path, text: str) -> dict[str, str]:
    beside = {name: path.parent / name for name in firmware.include_names(text)}
    there = {name: _read(file) for name, file in beside.items() if file.is_file()}
    return {_CONFIG: text, **there}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path}: expected a file to check, but: {error.strerror}") from error
