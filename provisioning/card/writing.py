"""Puts the files onto a card, so that one that was not written to its end says so.

The list of digests goes first and comes last; in between a card is half a card, which the first
boot refuses. What starts the first boot comes after it. What is right already is left alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.durable import sync_directory, translated
from kiosk.errors import UsageError
from provisioning.card import contents
from provisioning.card.contents import FOLDER, SUMS, Release

_OUR_IMAGE = "capture-station.image"
"""On the partition that both systems of our image share; by provisioning/image/into-tree.sh."""

_SPARE = 16 * 1024 * 1024
"""Bytes that stay free on a boot partition: the system's own updates need some."""


@dataclass(frozen=True, slots=True)
class Card:
    """A boot partition, or a folder whose files somebody will copy onto one.

    Attributes:
        root: where it is mounted.
        release: of the system on it.
    """

    root: Path
    release: Release


def boot_partition(root: Path, release: Release | None) -> Card:
    """Make sure that a folder is the boot partition of a Raspberry Pi OS card, or of our image.

    Args:
        root: where it is mounted.
        release: of the system; None: as the files on it say.

    Raises:
        UsageError: it is none.
    """
    if (root / _OUR_IMAGE).is_file():
        # Whatever was said: as another release's its start would be changed, and fail.
        return Card(root, Release.IMAGE)
    missing = [name for name in ("config.txt", "cmdline.txt") if not (root / name).is_file()]
    if missing or not list(root.glob("kernel*.img")):
        raise UsageError(
            f"{root} is not the boot partition of a Raspberry Pi OS card (no "
            f"{' and no '.join(missing) or 'kernel'} there); expected the small partition of a "
            "freshly written card, usually mounted as bootfs"
        )
    if release is None:
        # Trixie's images come with examples for cloud-init, bookworm's know nothing of it.
        cloud = (root / "user-data").exists() or (root / "meta-data").exists()
        release = Release.TRIXIE if cloud else Release.BOOKWORM
    if release is Release.BOOKWORM and _someone_elses(root / "firstrun.sh"):
        raise UsageError(
            f"{root}/firstrun.sh is Raspberry Pi Imager's; expected a card that was written "
            "without its customisation (answer No): write it again"
        )
    return Card(root, release)


def station_of(root: Path) -> str | None:
    """Return the station whose card this is already, or None."""
    try:
        return (root / FOLDER / "name").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def require_room(card: Card, files: Mapping[str, bytes]) -> None:
    """Refuse a card that is too full.

    Raises:
        UsageError: it is.
    """
    needed = sum(len(content) for content in files.values()) + _SPARE
    held = sum((card.root / name).stat().st_size for name in files if (card.root / name).is_file())
    there = next(path for path in (card.root, *card.root.parents) if path.exists())
    free = shutil.disk_usage(there).free + held
    if free < needed:
        raise UsageError(
            f"{card.root} is too full: {free // 2**20} MB free, expected {needed // 2**20} MB; "
            "write the card anew"
        )


def write(card: Card, files: Mapping[str, bytes], starters: Mapping[str, bytes]) -> list[str]:
    """Bring a card into its state.

    Args:
        card: which.
        files: of :data:`~provisioning.card.contents.FOLDER`, without the sums.
        starters: what has the first boot look there.

    Returns:
        The names of what was written; empty where all was there already.

    Raises:
        StorageError: the card refuses; it is then half a card, and says so.
    """
    sums = contents.sums(files)
    with translated(f"writing the card {card.root}"):
        changed = [name for name in files if not _same(card.root / name, files[name])]
        strangers = _strangers(card.root, files)
        if changed or strangers or not _same(card.root / SUMS, sums):
            (card.root / FOLDER).mkdir(parents=True, exist_ok=True)
            _remove(card.root / SUMS)
            for path in strangers:
                path.unlink()
            for name in changed:
                _put(card.root / name, files[name])
            _put(card.root / SUMS, sums)
            changed.append(SUMS)
        return changed + _start(card, starters)


def _start(card: Card, starters: Mapping[str, bytes]) -> list[str]:
    wanted = dict(starters)
    if card.release is Release.BOOKWORM:
        line = (card.root / "cmdline.txt").read_text(encoding="utf-8")
        wanted["cmdline.txt"] = contents.with_firstrun(line).encode()
    changed = [name for name, content in wanted.items() if not _same(card.root / name, content)]
    for name in changed:
        _put(card.root / name, wanted[name])
    return changed


def _strangers(root: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Return files of an earlier card in our folder that this one does not have."""
    known = {root / name for name in files} | {root / SUMS}
    return [path for path in (root / FOLDER).rglob("*") if path.is_file() and path not in known]


def _someone_elses(path: Path) -> bool:
    ours = (Path(__file__).parent / "firstrun.sh").read_bytes()
    return path.exists() and path.read_bytes() != ours


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    sync_directory(path.parent)


def _put(path: Path, content: bytes) -> None:
    """Write under another name first; FAT knows no modes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)
