"""Reads, checks, compares and merges the settings of the bootloader in the EEPROM.

Pure: text in, text or problems out. The syntax is that of ``config.txt``, the keys are others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from kiosk.commission.eeprom_keys import APPENDED, KEYS, LIMIT_BYTES
from kiosk.commission.firmware import Problem, Setting, parse
from kiosk.commission.firmware_keys import MODELS, STATION_MODELS
from kiosk.commission.firmware_lines import is_filter
from kiosk.commission.forms import meant

_NOTE = "# A Capture Station's:"


def check(text: str, file: str) -> tuple[Problem, ...]:
    """Check a file of settings: keys, values, filters, repetitions and size.

    What is appended to ``config.txt`` is another file's: see :mod:`kiosk.commission.firmware`.
    """
    found: list[Problem] = []
    for number, raw in enumerate(_own(text), start=1):
        found += (Problem(file, number, fault) for fault in _line_faults(raw.strip()))
    found += _repeated(text, file)
    size = len(text.encode())
    if size > LIMIT_BYTES:
        sentence = f"{size} bytes; the EEPROM has room for {LIMIT_BYTES}"
        found.append(Problem(file, 0, sentence))
    return tuple(sorted(found))


def settings(text: str) -> tuple[Setting, ...]:
    """Return the bootloader's own settings in their order."""
    return parse("\n".join(_own(text)), "")[0]


def effective(text: str, model: str, *, may_be: bool = True) -> dict[str, str]:
    """Return what counts on a board of ``model`` (``pi4`` or ``pi5``); a later line wins.

    ``may_be``: whether filters that are not about the model (a pin, a serial number) are open.
    """
    return {
        s.key: s.value
        for s in settings(text)
        if s.applies_to(model) and (may_be or MODELS.issuperset(s.filters))
    }


def differences(present: str, wanted: str) -> tuple[str, ...]:
    """Say which settings of ``wanted`` a bootloader with ``present`` may not have.

    Both kinds of board must agree, whatever pins are pulled low, so that nothing depends on which
    board this is and what is plugged into it.

    Returns:
        Texts such as ``BOOT_ORDER=0xf461 instead of 0xf1``.
    """
    found: dict[str, str] = {}
    for model, may_be in product(STATION_MODELS, (True, False)):
        has = effective(present, model, may_be=may_be)
        for key, value in effective(wanted, model).items():
            if has.get(key) != value:
                there = f"{key}={has[key]}" if key in has else f"{key} not set"
                found.setdefault(key, f"{there} instead of {value}")
    return tuple(found.values())


def appended(text: str) -> tuple[str, ...]:
    """Return the lines that the bootloader adds to ``config.txt``, without blanks and comments."""
    rest = (line.strip() for line in text.rstrip("\0").splitlines()[len(_own(text)) + 1 :])
    return tuple(line for line in rest if line and not line.startswith("#"))


def merge(present: str, wanted: str) -> str:
    """Return ``present`` with every setting of ``wanted``, for every board, and no other changed.

    What the present text sets under those keys goes, under whatever filter it stands. A merged
    text comes back unchanged.
    """
    if not differences(present, wanted):
        return present
    ours = settings(wanted)
    keys = {setting.key for setting in ours}
    lines = list(_own(present))
    rest = present.rstrip("\0").splitlines()[len(lines) :]
    kept = [line for line in lines if _key(line) not in keys and line.strip() != _NOTE]
    while kept and not kept[-1].strip():
        kept.pop()
    block = ["[all]", _NOTE, *(f"{setting.key}={setting.value}" for setting in ours)]
    if _closing_filter(kept) in {"", "[all]"}:
        block = block[1:]
    return "\n".join([*kept, *block, *rest]) + "\n"


def signed(text: str) -> bool:
    """Say whether the bootloader with this text starts only what is signed."""
    return any(effective(text, model).get("SIGNED_BOOT") == "1" for model in STATION_MODELS)


def _own(text: str) -> list[str]:
    """Return the lines before the part that is appended to ``config.txt``."""
    lines = text.rstrip("\0").splitlines()
    ends = [number for number, line in enumerate(lines) if line.strip() == APPENDED]
    return lines[: ends[0]] if ends else lines


def _key(line: str) -> str:
    return line.strip().partition("=")[0].strip()


def _closing_filter(lines: list[str]) -> str:
    """Return the last filter; empty text where there is none, that is, where all is open."""
    filters = [line.strip() for line in lines if line.strip().startswith("[")]
    return filters[-1] if filters else ""


def _line_faults(line: str) -> Iterator[str]:
    if not line or line.startswith("#"):
        return
    if line.startswith("["):
        if not is_filter(line):
            yield f"{line} is no filter that the bootloader knows"
        elif line.startswith("[EDID="):
            yield f"{line}: the bootloader knows no screens; expected another filter"
        return
    key, equals, value = line.partition("=")
    if not equals or key != key.strip() or value != value.strip():
        yield "expected `KEY=VALUE` without spaces around the equals sign"
    elif re.search(r"\s#", value):
        yield "a comment behind a setting becomes part of it; expected it on a line of its own"
    elif key not in KEYS:
        yield f"{key} is no setting that the bootloader knows{meant(key.upper(), KEYS)}"
    elif not KEYS[key].fits(value):
        yield f"{key} cannot be {value!r}; expected {KEYS[key].expected}"


def _repeated(text: str, file: str) -> Iterator[Problem]:
    seen: dict[tuple[str, tuple[str, ...]], int] = {}
    for setting in settings(text):
        first = seen.setdefault((setting.key, setting.filters), setting.line)
        if first != setting.line:
            sentence = f"{setting.key} is already set in line {first}; expected it once"
            yield Problem(file, setting.line, sentence)
