"""The words that a support bundle may hold: those of the program itself and of its surroundings.

A name is told from a sentence by being none of them. Words are runs of letters; whoever is called
"Camera" is not found, and that is the price of finding everybody else.
"""

from __future__ import annotations

import ast
import builtins
import errno
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

WORD: Final = re.compile(r"[^\W\d_]+")
"""A run of letters of any script."""

_SYSTEMD: Final = (
    "Starting Started Stopping Stopped Reloading Reloaded Main Control Scheduled Watchdog Failed "
    "Consumed Deactivated Killing Killed Triggering Process Unit State Result Finished Reached "
    "Closed Found Listening Mounted Mounting Received Changing Dependency Condition Assertion Job "
    "Jobs KILL TERM ABRT INT HUP SEGV PIPE SIGKILL SIGTERM SIGABRT SIGINT SIGSEGV CPU IP IO "
    "Sending Forwarding Skipping Start Stop Got"
)
"""With which systemd begins what it says of units (its source, ``src/core/job.c`` and others)."""

_MACHINE: Final = (
    "Debian GNU Linux Raspberry Pi Model Rev OS Compute Module Plus Python UTC SSH SHA JSON GPIO "
    "USB PWM HDMI DSI CSI KMS DRM SFTP TCP DNS SDL EXT Undervoltage Under Voltage Buffer Timeout "
    "Out Remounting BUG Kernel TZ"
)
"""What machines, libraries below ours and the kernel's complaints are written with."""


def vocabulary(program: Path, units: Iterable[str], own: Iterable[str]) -> frozenset[str]:
    """Return every word that may stand in a bundle.

    Args:
        program: the folder of the program's source.
        units: texts of its unit files.
        own: what the station is called, and its devices: names that are in its settings anyway, or
            by which the devices call themselves.
    """
    texts = [_SYSTEMD, _MACHINE, *units, *own, *map(os.strerror, errno.errorcode)]
    texts += [*errno.errorcode.values(), *dir(builtins)]
    return _words(texts) | _own_words(program)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in WORD.findall(text))


# A running program does not change, and to parse all of it takes seconds on a station.
@cache
def _own_words(program: Path) -> frozenset[str]:
    sources = (path.read_text(encoding="utf-8") for path in program.rglob("*.py"))
    return _words(text for source in sources for text in _texts(ast.parse(source)))


def _texts(tree: ast.Module) -> Iterator[str]:
    """Yield what a program may say: its texts, and the names of its classes; no comment on them."""
    comments = set()
    # A comment is walked after the expression that it is.
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            comments.add(id(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in comments:
                yield node.value
        elif isinstance(node, ast.ClassDef):
            yield node.name
