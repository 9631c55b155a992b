"""What the installer changes in ``config.txt`` and ``cmdline.txt``. Pure: text in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kiosk.commission.firmware import Setting, parse
from kiosk.commission.kernel_arguments import key_of, wanted_arguments

DISABLED = "# set by the Capture Station's include: "


def merge_config(text: str, includes: Mapping[str, str]) -> str:
    """Return ``config.txt`` with each include once, at its end and below ``[all]``.

    Lines that an include sets as well become comments: a setting has one place, and an overlay
    loaded twice may fail. A line under a filter stays, unless the include has the same filter.

    Args:
        text: the present file.
        includes: text by file name, in the order in which they are included.
    """
    ours = {
        (setting.name, setting.filters)
        for name, content in includes.items()
        for setting in parse(content, name)[0]
        if setting.value
    }
    lines = text.splitlines()
    for setting in parse(text, "config.txt")[0]:
        if _replaced(setting, ours):
            lines[setting.line - 1] = DISABLED + lines[setting.line - 1].strip()
    kept = [line for line in lines if not _ours(line)]
    block = [f"include {name}" for name in includes]
    return "\n".join([*_open_to_all(kept), *block]) + "\n"


def merge_cmdline(text: str, wanted: str) -> str:
    """Return the kernel's one line with every wanted argument, in place of another value's.

    Args:
        text: the present ``cmdline.txt``.
        wanted: one argument a line; ``#`` starts a comment.
    """
    arguments = wanted_arguments(wanted)
    keys = {key_of(argument) for argument in arguments}
    kept = [word for word in text.split() if key_of(word) not in keys]
    return " ".join([*kept, *arguments]) + "\n"


def _replaced(setting: Setting, ours: Iterable[tuple[str, tuple[str, ...]]]) -> bool:
    return setting.key not in {"include", "gpio"} and (setting.name, setting.filters) in ours


def _ours(line: str) -> bool:
    """A line of an earlier run, also one that included another camera's file."""
    words = line.split()
    return len(words) > 1 and words[0] == "include" and words[1].startswith("kiosk")


def _open_to_all(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    filters = [line.strip() for line in lines if line.strip().startswith("[")]
    return lines if filters and filters[-1] == "[all]" else [*lines, "", "[all]"]
