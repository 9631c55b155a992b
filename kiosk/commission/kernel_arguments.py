"""Reads ``cmdline.txt`` and says what is missing in it, and what must not be there.

Standard library alone: the installer merges the same arguments. Pure: text in, problems out.
Sources: kernel-parameters.txt and bootparam(7), kernel-command-line(7), and the Raspberry Pi
documentation ("cmdline.txt": one line).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kiosk.commission.firmware import Problem
from kiosk.commission.machine_paths import BOOT

FILE: Final = "cmdline.txt"

WANTED: Final = f"{BOOT}/kiosk-cmdline.txt"
"""Where the installer puts ``firmware_config/cmdline.txt``; the firmware does not read it there."""

_OTHER_UNIT: Final = "starts something else than the station"
_SHELL: Final = "opens a shell without a password"
_DEBUGGER: Final = "opens the kernel's debugger"
_TELLS: Final = "tells the kernel's messages on the header's pins"

FORBIDDEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("init", "rdinit", "systemd.unit", "systemd.run"), _OTHER_UNIT),
    **dict.fromkeys(("single", "s", "S", "1", "rescue", "emergency", "-b"), _OTHER_UNIT),
    **dict.fromkeys(("systemd.wants", "systemd.mask"), "changes which units start"),
    **dict.fromkeys(("systemd.debug_shell", "rd.shell", "rd.break", "break"), _SHELL),
    **dict.fromkeys(("kgdboc", "kgdbwait", "kdb"), _DEBUGGER),
    **dict.fromkeys(("earlycon", "earlyprintk"), _TELLS),
    "sysrq_always_enabled": "takes keys that kill programs and dump memory",
}
"""Arguments that no station has, and what each does."""


def wanted_arguments(text: str) -> tuple[str, ...]:
    """Return the arguments of a file with one argument a line; ``#`` starts a comment."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def key_of(argument: str) -> str:
    return argument.partition("=")[0]


def check(text: str, wanted: str, file: str = FILE) -> tuple[Problem, ...]:
    """Check a ``cmdline.txt``.

    Args:
        text: its content.
        wanted: the arguments that every station has, as :func:`wanted_arguments` reads them.
        file: how problems name it.
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        return (Problem(file, 0, "there is no line in it; expected one line of arguments"),)
    (number, first), *more = lines
    split = "a second line, which the kernel is not given; expected all arguments on the first"
    return (
        *(Problem(file, n, split) for n, _ in more[:1]),
        *(Problem(file, number, fault) for fault in faults(first, wanted)),
    )


def faults(line: str, wanted: str) -> Iterator[str]:
    """Yield a sentence for each fault of the arguments with which a kernel is started."""
    words = line.split()
    for argument in wanted_arguments(wanted):
        if argument not in words:
            yield f"{argument} is missing; expected it among the arguments"
    ours = {key_of(argument): argument for argument in wanted_arguments(wanted)}
    for word in words:
        key = key_of(word)
        if key in ours and word != ours[key]:
            yield f"has {word}; expected {ours[key]} and no other"
        # For both the kernel and systemd a dash within a name is an underscore.
        elif (plain := key[:1] + key[1:].replace("-", "_")) in FORBIDDEN:
            yield f"has {word}, which {FORBIDDEN[plain]}; expected no such argument"
