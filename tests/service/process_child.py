"""A process that protects its memory in the way that it is told; run by test_process.py."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.process import core_dumps, die_with_parent, forbid_core_dumps, lock_memory

MEBIBYTE = 1 << 20


def status(field: str) -> str:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(line.split(":")[1].strip() for line in lines if line.startswith(f"{field}:"))


def crash() -> None:
    """Die of a segmentation fault, as a fault in a C library does."""
    ctypes.string_at(0)


def crash_as_it_is() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    crash()


def crash_protected() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    forbid_core_dumps()
    crash()


def forbid() -> None:
    before = core_dumps()
    after = forbid_core_dumps()
    limits = Path("/proc/self/limits").read_text(encoding="utf-8")
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    print(before.forbidden, after.forbidden, after.limit_bytes, after.dumpable)
    print(core.split()[4:6])


def lock() -> None:
    """Lock, then map 256 MiB untouched: it is locked, and costs no memory until touched."""
    found = lock_memory(required=True)
    before_kib = int(status("VmRSS").split()[0])
    memory = mmap.mmap(-1, 256 * MEBIBYTE)
    locked_kib = int(status("VmLck").split()[0])
    grown_kib = int(status("VmRSS").split()[0]) - before_kib
    memory.close()
    print(found.locked, found.reason == "", locked_kib >= 256 * 1024, grown_kib < 16 * 1024)


def become_nobody() -> None:
    """Give up root, and with it the right to lock more than the limit."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def lock_limited() -> None:
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (MEBIBYTE, MEBIBYTE))
    become_nobody()
    found = lock_memory(required=False)
    print(found.locked, found.locked_kib, found.reason)
    try:
        lock_memory(required=True)
    except KioskError as error:
        print(error.code, error.sentence)


def forbid_as_nobody() -> None:
    """Protect without root's rights, which then cannot read most of its own /proc any more."""
    become_nobody()
    found = forbid_core_dumps()
    print(found.forbidden, lock_memory(required=False).locked_kib)


def parent() -> None:
    """Start a child that dies with this process, tell its number, and wait to be killed."""
    child = subprocess.Popen([sys.executable, __file__, "child", str(os.getpid())])
    child.wait()


def child() -> None:
    die_with_parent(int(sys.argv[2]))
    print(os.getpid(), flush=True)
    signal.pause()


def orphan() -> None:
    try:
        die_with_parent(1 if os.getppid() != 1 else 2)
    except KioskError as error:
        print(error.code, error.sentence)


WAYS: dict[str, Callable[[], None]] = {
    way.__name__: way
    for way in (
        crash_as_it_is,
        crash_protected,
        forbid,
        lock,
        lock_limited,
        forbid_as_nobody,
        parent,
        child,
        orphan,
    )
}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
