"""What keeps plaintext in memory off the disk: no core dumps, locked memory, no swap.

Every function returns a frozen finding, so that ``kiosk check`` shows the same facts on which a
start is refused. The calls into the C library are prctl(2) and mlockall(2), which Python has not.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.durable import translated
from kiosk.errors import ServiceError

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4

# asm-generic/mman.h; the same on aarch64 and x86-64
_MCL_CURRENT = 1
_MCL_FUTURE = 2
_MCL_ONFAULT = 4

_CAP_IPC_LOCK = 14
"""linux/capability.h: exempt from RLIMIT_MEMLOCK."""

WRITE_BACK_FILE = Path("/var/swap")
"""Where Raspberry Pi OS lets compressed memory be written back to; swapon(8) does not list it."""


@dataclass(frozen=True, slots=True)
class CoreDumps:
    """Whether a crash of this process could write its memory anywhere.

    Attributes:
        limit_bytes: the larger of soft and hard limit of a core file, -1 for none.
        dumpable: whether the kernel dumps this process at all; a core pattern that pipes into a
            program takes no notice of a limit of 0.
    """

    limit_bytes: int
    dumpable: bool

    @property
    def forbidden(self) -> bool:
        return self.limit_bytes == 0 and not self.dumpable


@dataclass(frozen=True, slots=True)
class MemoryLock:
    """Whether this process's memory stays out of any swap.

    Attributes:
        locked_kib: what /proc/self/status calls VmLck: address space, not memory, in KiB.
        reason: the sentence why it could not be locked, or empty text.
    """

    locked_kib: int
    reason: str

    @property
    def locked(self) -> bool:
        return self.locked_kib > 0 and not self.reason


@dataclass(frozen=True, slots=True)
class Swap:
    """Where the kernel could write memory to.

    Attributes:
        active: the areas in use, as /proc/swaps names them.
        write_back: files and devices that compressed memory is or would be written back to.
        reason: the sentence why this could not be found out, or empty text.
    """

    active: tuple[str, ...]
    write_back: tuple[str, ...]
    reason: str = ""

    @property
    def absent(self) -> bool:
        return not (self.active or self.write_back or self.reason)


def forbid_core_dumps() -> CoreDumps:
    """Let no crash of this process, nor of its children, write its memory to a file.

    The second half does not survive an exec, so each process calls this for itself. It also makes
    this process's /proc entries belong to root, closing them to others of the same user.

    Raises:
        ServiceError: the kernel did not do it.
    """
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _prctl(_PR_SET_DUMPABLE, 0)
    except (OSError, ValueError) as error:
        raise ServiceError(f"Core dumps cannot be forbidden for this process: {error}.") from error
    found = core_dumps()
    if not found.forbidden:
        raise ServiceError(
            "Core dumps are still possible after they were forbidden; "
            f"found a limit of {found.limit_bytes} bytes, dumpable {found.dumpable}."
        )
    return found


def keep_plaintext_in_memory(*, swap_allowed: bool) -> None:
    """Forbid core dumps, lock memory, refuse swap.

    Raises:
        ServiceError: this machine could write memory to a disk, and that was not allowed.
    """
    forbid_core_dumps()
    refuse_swap(required=not swap_allowed)
    lock_memory(required=not swap_allowed)


def core_dumps() -> CoreDumps:
    """Find out whether a crash of this process could write its memory anywhere.

    Raises:
        ServiceError: the kernel does not say.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    unlimited = resource.RLIM_INFINITY in (soft, hard)
    try:
        dumpable = _prctl(_PR_GET_DUMPABLE, 0)
    except OSError as error:
        raise ServiceError(f"The kernel does not say whether it dumps cores: {error}.") from error
    return CoreDumps(-1 if unlimited else max(soft, hard), dumpable != 0)


def lock_memory(*, required: bool) -> MemoryLock:
    """Keep all memory of this process, present and future, out of swap.

    Pages are locked when they are first touched (MCL_ONFAULT), so that untouched stacks and
    arenas take no memory. Only done where the limit can never be reached: with MCL_FUTURE and a
    limit, some later allocation fails in the middle of a session.

    Args:
        required: raise where it cannot be done; otherwise the finding says why.

    Raises:
        ServiceError: required and impossible.
    """
    reason = _why_not_lockable() or _mlockall()
    if reason and required:
        raise ServiceError(reason)
    return MemoryLock(locked_kib(), reason)


def locked_kib() -> int:
    """Return how much of this process's address space is locked, in KiB.

    Raises:
        ServiceError: /proc cannot be read.
    """
    return int(_status("VmLck").split()[0])


def refuse_swap(
    proc_swaps: Path = Path("/proc/swaps"),
    block_devices: Path = Path("/sys/block"),
    write_back_file: Path = WRITE_BACK_FILE,
    *,
    required: bool,
) -> Swap:
    """Refuse to run where the kernel could write memory to permanent storage.

    Any active area counts, compressed memory too: it becomes permanent by one more setting.

    Args:
        proc_swaps: the kernel's list of active areas.
        block_devices: where zram devices say what they write back to.
        write_back_file: Raspberry Pi OS's file behind compressed memory.
        required: raise; otherwise the finding says what is wrong, for machines that hold no
            patient's data.

    Raises:
        ServiceError: required, and there is swap or it cannot be found out; names what there is.
    """
    found = swap(proc_swaps, block_devices, write_back_file)
    if required and not found.absent:
        raise ServiceError(_swap_sentence(found))
    return found


def swap(
    proc_swaps: Path = Path("/proc/swaps"),
    block_devices: Path = Path("/sys/block"),
    write_back_file: Path = WRITE_BACK_FILE,
) -> Swap:
    """Find out where the kernel could write memory to; arguments as of :func:`refuse_swap`."""
    try:
        # One line of headings, then a name first in each; blanks in it are written as \040.
        active = tuple(
            line.split()[0] for line in proc_swaps.read_text(encoding="utf-8").splitlines()[1:]
        )
        backing = tuple(
            target
            for device in sorted(block_devices.glob("zram*/backing_dev"))
            if (target := device.read_text(encoding="utf-8").strip()) not in ("", "none")
        )
    except OSError as error:
        return Swap((), (), f"{error.filename} cannot be read: {error.strerror}")
    if write_back_file.exists() and str(write_back_file) not in backing:
        backing = (*backing, str(write_back_file))
    return Swap(active, backing)


@contextmanager
def as_owner(folder: Path) -> Iterator[None]:
    """Make files as the owner of a folder does, where this is root: others could not read them.

    Raises:
        StorageError: there is no such folder.
    """
    with translated(f"looking at {folder}"):
        owner = folder.stat()
    if os.geteuid() or not owner.st_uid:
        yield
        return
    group = os.getegid()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


def die_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Have this process sent ``number`` when the thread that started it ends.

    Not when its process does: who starts a child with this must do it from a thread that lives as
    long as the child should (prctl(2), PR_SET_PDEATHSIG).

    Args:
        parent: the process that started this one, told by it, such as by an argument.
        number: the signal to be sent.

    Raises:
        ServiceError: the parent is gone already, or the kernel refused.
    """
    try:
        _prctl(_PR_SET_PDEATHSIG, number)
    except OSError as error:
        raise ServiceError(f"This process cannot be tied to its parent: {error}.") from error
    if os.getppid() != parent:
        raise ServiceError(f"The program that started this one (process {parent}) has ended.")


def _swap_sentence(found: Swap) -> str:
    if found.reason:
        return (
            f"Whether this machine swaps cannot be found out: {found.reason}; "
            "expected the service to see /proc and /sys (no ProcSubset=pid)."
        )
    return (
        "This machine may write memory to storage, by "
        f"{', '.join((*found.active, *found.write_back))}; expected no swap at all: "
        "on Raspberry Pi OS set Mechanism=none in /etc/rpi/swap.conf.d, remove the file, restart."
    )


def _why_not_lockable() -> str:
    soft, _hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    may_exceed = int(_status("CapEff"), 16) >> _CAP_IPC_LOCK & 1
    if soft == resource.RLIM_INFINITY or may_exceed:
        return ""
    return (
        f"Memory cannot be locked, because this process may lock only {soft} bytes; "
        "expected LimitMEMLOCK=infinity in the service."
    )


def _mlockall() -> str:
    if _libc().mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) == 0:
        return ""
    return f"Memory cannot be locked: {os.strerror(ctypes.get_errno())}."


def _status(field: str) -> str:
    """Return one line of /proc/self/status without its name."""
    path = Path("/proc/self/status")
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ServiceError(f"{path} cannot be read: {error.strerror}.") from error
    found = re.search(rf"^{field}:\s*(.+)$", text, re.MULTILINE)
    if found is None:
        raise ServiceError(f"{path} has no {field}; expected a Linux kernel's status.")
    return found[1]


def _prctl(option: int, argument: int) -> int:
    result: int = _libc().prctl(option, ctypes.c_ulong(argument), *[ctypes.c_ulong(0)] * 3)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
