"""Search raw bytes for what must not be there: planted canaries, in any common encoding.

One pass over each file whatever the number of canaries: every encoded canary of 7 bytes or more
contains an aligned 4-byte word among its first four possible ones, so a file is first searched for
such words, vectorised, and only where one occurs for the canary itself. Compressed and encrypted
copies cannot be found this way.
"""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

CHUNK = 4 * 1024 * 1024
SHORTEST = 6
_WORD = 4

PSEUDO = frozenset(
    (
        *("autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts"),
        *("devtmpfs", "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore"),
        *("securityfs", "sysfs", "tracefs"),
    )
)
"""File systems that hold no files of ours but views of the kernel."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary found; the first in its place for each canary and encoding.

    Attributes:
        path: the file, directory or link.
        where: "content", "name", "attribute" or "link".
        canary: index into the canaries asked for.
        encoding: how it was written there.
        offset: of the first byte, in the content; 0 elsewhere.
    """

    path: Path
    where: str
    canary: int
    encoding: str
    offset: int


@dataclass(frozen=True, slots=True)
class Needle:
    canary: int
    encoding: str
    octets: bytes


def encodings(canary: bytes) -> dict[str, bytes]:
    """Return a canary as it would look in files, logs, dumps and databases, without repeats."""
    forms = {"raw": canary, "hex": canary.hex().encode(), "HEX": canary.hex().upper().encode()}
    for shift in range(3):
        forms[f"base64+{shift}"] = _base64(canary, shift, base64.b64encode)
        forms[f"base64url+{shift}"] = _base64(canary, shift, base64.urlsafe_b64encode)
    forms["python"] = repr(canary)[2:-1].encode()
    try:
        text = canary.decode()
    except UnicodeDecodeError:
        text = ""
    if text:
        forms["UTF-16LE"] = text.encode("utf-16-le")
        forms["UTF-16BE"] = text.encode("utf-16-be")
        forms["UTF-32LE"] = text.encode("utf-32-le")
        if max(text) < "\u0100":
            forms["Latin-1"] = text.encode("latin-1")
        forms["JSON"] = json.dumps(text)[1:-1].encode()
    first = {octets: name for name, octets in reversed(forms.items())}
    return {name: octets for octets, name in first.items()}


def _base64(canary: bytes, shift: int, encode: Callable[[bytes], bytes]) -> bytes:
    """Keep the characters that do not depend on what stands before or after the canary."""
    characters = encode(bytes(shift) + canary)
    return characters[-(-shift * 8 // 6) : (shift + len(canary)) * 8 // 6]


def image_canaries(data: bytes, count: int = 8, size: int = 24) -> list[bytes]:
    """Pick distinctive windows, spread evenly over an image's bytes.

    Of a JPEG, only entropy-coded data are used: its tables are in every library that writes JPEG.
    Each window has at least 12 different values and occurs once.

    Raises:
        ValueError: the image has too little in it, as one of a single colour.
    """
    begin = max(data.find(b"\xff\xda"), 0) + 16 if data.startswith(b"\xff\xd8") else 0
    step = (len(data) - begin) // count
    picked = [
        _distinctive(data, begin + n * step, begin + (n + 1) * step, size) for n in range(count)
    ]
    found = [window for window in picked if window]
    if len(found) < max(count // 2, 1):
        raise ValueError(f"only {len(found)} of {count} parts of this image are distinctive")
    return found


def _distinctive(data: bytes, begin: int, end: int, size: int) -> bytes:
    for at in range(begin, end - size + 1, size):
        window = data[at : at + size]
        if len(set(window)) >= size // 2 and data.count(window) == 1:
            return window
    return b""


def scan(
    canaries: Sequence[bytes], roots: Sequence[Path], *, also_swap: bool, may_vanish: bool = False
) -> list[Hit]:
    """Search files, names, extended attributes and link targets under ``roots``.

    Roots may be directories, files, disk images and block devices. Kernel views (``/proc`` and the
    like) are left out, whatever is mounted below a root otherwise is searched. A file that vanishes
    meanwhile is skipped. Files are read, not mapped: one that shrinks meanwhile would kill us.

    Args:
        canaries: what to look for, each of at least 6 bytes.
        roots: where.
        also_swap: search every active swap area and zram write-back file as well.
        may_vanish: a root that is gone by now is left out, as the files of others may be.

    Raises:
        ValueError: a canary is so short that it would be found by chance.
        OSError: something could not be read; then nothing is proven.
    """
    if any(len(canary) < SHORTEST for canary in canaries):
        raise ValueError(f"a canary needs at least {SHORTEST} bytes")
    search = _Search(
        [
            Needle(number, encoding, octets)
            for number, canary in enumerate(canaries)
            for encoding, octets in encodings(canary).items()
        ]
    )
    places = [*roots, *(swap_areas() if also_swap else [])]
    for place in places:
        if not may_vanish:
            place.lstat()  # a root that is not there proves nothing
    skipped = kernel_views(Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
    return [hit for place in places for hit in _walk(search, place, skipped)]


def swap_areas(table: Path = Path("/proc/swaps"), extra: Path = Path("/var/swap")) -> list[Path]:
    """Return the active swap areas, and Raspberry Pi OS's write-back file if there is one."""
    lines = table.read_text(encoding="utf-8").splitlines()[1:]
    areas = [Path(line.split()[0]) for line in lines if not line.startswith("/dev/zram")]
    return areas + ([extra] if extra.exists() and extra not in areas else [])


_COARSE_NS = 20_000_000
"""File systems stamp by the last tick of the kernel, which lies a little before the clock."""


def touched_since(began_ns: int) -> Iterator[Path]:
    """Every file of this machine whose content or inode changed since."""
    views = kernel_views(Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
    waiting = ["/"]
    while waiting:
        try:
            items = list(os.scandir(waiting.pop()))
        except (FileNotFoundError, PermissionError):
            continue
        for item in items:
            try:
                if item.is_dir(follow_symlinks=False):
                    if item.path not in views:
                        waiting.append(item.path)
                    continue
                status = item.stat(follow_symlinks=False)
            except (FileNotFoundError, PermissionError):
                continue
            # Who is not root can only have written what belongs to him.
            mine = os.geteuid() in (0, status.st_uid)
            if (
                mine
                and status.st_ctime_ns >= began_ns - _COARSE_NS
                and stat.S_ISREG(status.st_mode)
            ):
                yield Path(item.path)


def kernel_views(mountinfo: str) -> frozenset[str]:
    """Return the mount points of pseudo file systems (format: ``proc_pid_mountinfo(5)``)."""
    points = set()
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        if right.split(" ")[0] in PSEUDO:
            points.add(left.split(" ")[4])
    return frozenset(points)


def _walk(search: _Search, place: Path, skipped: frozenset[str]) -> Iterator[Hit]:
    if not place.is_dir():
        yield from _look_at(search, place)
        return
    yield from _look_at(search, place)
    waiting = [os.path.abspath(place)]  # noqa: PTH100 - as text, to compare with mount points
    while waiting:
        folder = waiting.pop()
        try:
            items = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for item in items:
            if item.is_dir(follow_symlinks=False) and item.path not in skipped:
                waiting.append(item.path)
            yield from _look_at(search, Path(item.path))


def _look_at(search: _Search, path: Path) -> Iterator[Hit]:
    try:
        mode = path.lstat().st_mode
        yield from search.small(path, "name", os.fsencode(path.name))
        for key in os.listxattr(path, follow_symlinks=False):
            value = os.getxattr(path, key, follow_symlinks=False)
            yield from search.small(path, "attribute", os.fsencode(key) + b"=" + value)
        if stat.S_ISLNK(mode):
            yield from search.small(path, "link", os.fsencode(path.readlink()))
        elif stat.S_ISREG(mode) or stat.S_ISBLK(mode):
            yield from search.content(path)
    except FileNotFoundError:
        return


class _Search:
    """Needles, and the table that tells whether a 4-byte word belongs to any of them."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._needles = list(needles)
        self._buffer = np.zeros(CHUNK, dtype=np.uint8)
        self._overlap = max((len(n.octets) for n in needles), default=1) - 1 + _WORD
        self._short = [n for n in needles if len(n.octets) < 2 * _WORD - 1]
        self._by_word: dict[int, list[Needle]] = {}
        self._table = np.zeros(1 << 16, dtype=np.bool_)
        for needle in needles:
            if len(needle.octets) >= 2 * _WORD - 1:
                self._add(needle)

    def _add(self, needle: Needle) -> None:
        for shift in range(_WORD):
            word = int.from_bytes(needle.octets[shift : shift + _WORD], "little")
            self._by_word.setdefault(word, []).append(needle)
            self._table[_mixed(np.array([word], dtype=np.uint32))] = True

    def small(self, path: Path, where: str, octets: bytes) -> Iterator[Hit]:
        for needle in self._needles:
            if needle.octets in octets:
                yield Hit(path, where, needle.canary, needle.encoding, 0)

    def content(self, path: Path) -> Iterator[Hit]:
        """Search a file's bytes, chunk by chunk; chunks overlap by the longest needle."""
        found: set[Needle] = set()
        base, kept = 0, 0
        with path.open("rb", buffering=0) as file:
            while True:
                got = file.readinto(self._buffer[kept:].data)
                size = kept + got
                for needle, at in self._in_chunk(size):
                    if needle not in found:
                        found.add(needle)
                        yield Hit(path, "content", needle.canary, needle.encoding, base + at)
                if not got:
                    return
                # A multiple of the word, so that words stay aligned to the file.
                gone = max(size - self._overlap, 0) // _WORD * _WORD
                kept = size - gone
                self._buffer[:kept] = self._buffer[gone:size].copy()
                base += gone

    def _in_chunk(self, size: int) -> Iterator[tuple[Needle, int]]:
        words = self._buffer[: size // _WORD * _WORD].view(np.uint32)
        suspects = words[self._table[_mixed(words)]]
        asked = {
            needle for word in np.unique(suspects) for needle in self._by_word.get(int(word), ())
        }
        if not (asked or self._short):
            return
        octets = self._buffer[:size].tobytes()
        for needle in [*asked, *self._short]:
            at = octets.find(needle.octets)
            if at >= 0:
                yield needle, at


def _mixed(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Spread words over 16 bits (Fibonacci hashing)."""
    return (words * np.uint32(2654435769)) >> np.uint32(16)
