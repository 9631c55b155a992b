"""Reads ``config.txt`` and what it includes as the firmware would, and says what is wrong with it.

The firmware has nobody to report to: it skips what it does not know. Pure: text in, problems out.
Rules: Raspberry Pi documentation, "What is config.txt", "Conditional filters", "dtoverlay".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kiosk.commission.firmware_keys import MODELS, STATION_MODELS
from kiosk.commission.firmware_lines import line_faults, split


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault; ``line`` counts from 1 in ``file``, 0 where a line is missing."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; ``filters`` are those that were open where it stands, without brackets."""

    file: str
    line: int
    key: str
    value: str
    filters: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return what two settings share when the later one replaces or repeats the first.

        For an overlay that is its name, for a device tree parameter the parameter's.
        """
        if self.key == "dtoverlay":
            return f"dtoverlay={self.value.split(',')[0]}"
        if self.key == "dtparam":
            return f"dtparam={self.value.split('=')[0]}"
        return self.key

    def applies_to(self, model: str) -> bool:
        """Say whether a board of ``model`` (``pi4`` or ``pi5``) takes this setting.

        Filters of other kinds (a serial number, a monitor) count as open: they may be.
        """
        return "none" not in self.filters and not (MODELS - {model}) & set(self.filters)


def parse(text: str, file: str) -> tuple[tuple[Setting, ...], tuple[Problem, ...]]:
    """Read one file line by line.

    Returns:
        The settings in their order, and the faults in the form of single lines.
    """
    settings: list[Setting] = []
    problems: list[Problem] = []
    filters: tuple[str, ...] = ()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        problems += (Problem(file, number, fault) for fault in line_faults(raw))
        if line.startswith("["):
            filters = _after_filter(filters, line[1:].rstrip("]"))
        elif line and not line.startswith("#"):
            key, value = split(line)
            settings.append(Setting(file, number, key, value, filters))
    return tuple(settings), tuple(problems)


def include_names(text: str) -> tuple[str, ...]:
    """Return the names of the files that a ``config.txt`` includes, in their order."""
    settings = parse(text, "config.txt")[0]
    return tuple(setting.value for setting in settings if setting.key == "include")


def effective(files: Mapping[str, str]) -> tuple[Setting, ...]:
    """Return the settings of ``config.txt`` with those of what it includes in their places.

    Args:
        files: text by file name; ``config.txt`` must be there, a missing include is skipped here
            and told by :func:`missing_includes`.
    """
    found: list[Setting] = []
    for setting in parse(files["config.txt"], "config.txt")[0]:
        if setting.key != "include":
            found.append(setting)
        elif setting.value in files:
            inner = parse(files[setting.value], setting.value)[0]
            found += (replace(s, filters=(*setting.filters, *s.filters)) for s in inner)
    return tuple(found)


def check_files(files: Mapping[str, str]) -> tuple[Problem, ...]:
    """Check ``config.txt`` with all that it includes, each file and the whole."""
    settings = parse(files["config.txt"], "config.txt")[0]
    found = set(check(files["config.txt"], "config.txt"))
    for name in set(include_names(files["config.txt"])):
        if name in files:
            found |= set(check(files[name], name, included=True))
    found |= set(missing_includes(settings, files))
    whole = effective(files)
    found |= {*repeated(whole), *_contradicted(whole), *_misplaced_parameters(whole)}
    return tuple(sorted(found))


def missing_includes(settings: Iterable[Setting], files: Mapping[str, str]) -> Iterator[Problem]:
    for setting in settings:
        if setting.key == "include" and setting.value not in files:
            yield Problem(
                setting.file,
                setting.line,
                f"includes {setting.value}, which is not there; expected it beside config.txt",
            )


def check(text: str, file: str, *, included: bool = False) -> tuple[Problem, ...]:
    """Check one file by itself; ``included``: another file goes on where this one ends."""
    settings, problems = parse(text, file)
    found = list(problems)
    found += _misplaced_parameters(settings)
    found += repeated(settings)
    if included:
        found += _left_open(text, settings, file)
    return tuple(sorted(found))


def repeated(settings: Iterable[Setting]) -> Iterator[Problem]:
    """Find what is asked for twice under the same filters, across the files given."""
    seen: dict[tuple[str, tuple[str, ...]], Setting] = {}
    for setting in settings:
        what = (setting.name, setting.filters)
        if _may_repeat(setting):
            continue
        first = seen.setdefault(what, setting)
        if first is not setting and (setting.key != "include" or first.value == setting.value):
            yield Problem(
                setting.file,
                setting.line,
                f"{setting.name} is already set in {first.file}, line {first.line}; "
                "expected each setting in one place",
            )


def _contradicted(settings: Iterable[Setting]) -> Iterator[Problem]:
    """Find what has another value under other filters, on a board that both hold for."""
    earlier: dict[str, list[Setting]] = {}
    for setting in settings:
        if setting.key == "include" or _may_repeat(setting):
            continue
        same = earlier.setdefault(setting.name, [])
        for first in same:
            both = any(first.applies_to(m) and setting.applies_to(m) for m in STATION_MODELS)
            if both and first.value != setting.value and first.filters != setting.filters:
                yield Problem(
                    setting.file,
                    setting.line,
                    f"{setting.name} is set otherwise in {first.file}, line {first.line}, for the "
                    "same board; expected each setting in one place",
                )
                break
        same.append(setting)


def _may_repeat(setting: Setting) -> bool:
    """Say whether each of several lines is meant: others take the place of the one before."""
    return setting.key in {"gpio", "initramfs"} or setting.name == "dtoverlay="


def _after_filter(filters: tuple[str, ...], name: str) -> tuple[str, ...]:
    if name == "all":
        return ()
    kept = filters if name not in MODELS else tuple(f for f in filters if f not in MODELS)
    return (*kept, name)


def _misplaced_parameters(settings: Iterable[Setting]) -> Iterator[Problem]:
    """A dtparam behind a dtoverlay is that overlay's; an empty dtoverlay ends the overlay."""
    overlay = ""
    for setting in settings:
        if setting.key == "dtoverlay":
            overlay = setting.value.partition(",")[0]
        elif setting.key == "dtparam" and overlay:
            yield Problem(
                setting.file,
                setting.line,
                f"this dtparam goes to the overlay {overlay} and not to the board; expected it "
                "before every dtoverlay, or an empty `dtoverlay=` between",
            )


def _left_open(text: str, settings: tuple[Setting, ...], file: str) -> Iterator[Problem]:
    last = len(text.splitlines())
    filters: tuple[str, ...] = ()
    for line in text.splitlines():
        if line.startswith("["):
            filters = _after_filter(filters, line.strip("[] "))
    if filters:
        yield Problem(
            file,
            last,
            f"ends inside [{filters[-1]}], and what follows the include would be filtered by it; "
            "expected [all] at the end",
        )
    for setting in settings:
        if setting.key == "include":
            yield Problem(
                file, setting.line, "an included file includes another; only config.txt may"
            )
