"""Makes the bundle, unless something in it must not leave the station."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.commission import input_devices
from kiosk.commission.asking import ask
from kiosk.commission.digests import RECORD
from kiosk.commission.place import Place
from kiosk.commission.support import settings
from kiosk.commission.support.collect import UNITS, Means, Member, collect
from kiosk.commission.support.scan import Rules, leaks
from kiosk.commission.support.vocabulary import vocabulary
from kiosk.errors import SupportRefused, UsageError

CONTENTS: Final = "CONTENTS.txt"
_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was collected, and the ``.tar.gz`` of it."""

    members: tuple[Member, ...]
    data: bytes


def make_bundle(means: Means, without: Collection[str] = ()) -> Bundle:
    """Collect, look through, and pack; in memory alone.

    Args:
        means: where to look, and how.
        without: members that are left out.

    Raises:
        SupportRefused: something in it looks like a secret or like a patient's.
        UsageError: a member that is to be left out is none; or this is not root.
    """
    if means.place.uid and means.place.exists(RECORD):
        raise UsageError("A bundle is made of what only root may see; run `sudo kiosk support`.")
    found = collect(means)
    if unknown := set(without) - {member.name for member in found}:
        raise UsageError(
            f"{min(unknown)!r} is no part of a bundle; expected one of "
            f"{', '.join(member.name for member in found)}."
        )
    members = tuple(member for member in found if member.name not in without)
    _refuse_leaks(members, means)
    return Bundle(members, _packed((*members, _contents(members, without))))


def write_bundle(means: Means, out: Path, without: Collection[str] = ()) -> tuple[Member, ...]:
    """Make a bundle and write it.

    Args:
        means: where to look, and how.
        out: the file; it must not exist.
        without: members that are left out.

    Returns:
        What is in it.

    Raises:
        KioskError: as of :func:`make_bundle`; nothing is written.
        StorageError: it cannot be written.
    """
    bundle = make_bundle(means, without)
    with durable.translated(f"writing {out}"):
        durable.create_file(out, bundle.data, _MODE)
    return bundle.members


def run(command: Sequence[str]) -> list[str]:
    """Run a program of the system's and return the lines that it printed.

    Raises:
        StorageFailed: it is missing, does not end, or says that it failed.
    """
    return ask(command).splitlines()


def rules(members: Sequence[Member], means: Means) -> Rules:
    """Return what is harmless in these members on this station."""
    config = means.config
    own = () if config is None else settings.names(config)
    plugged = input_devices.names(means.place)
    return Rules(
        words=vocabulary(_program(), _units(means.place), (*own, *plugged)),
        public=frozenset(token for member in members for token in member.public),
        prefix="" if config is None else config.patients.prefix,
        figures=frozenset(member.name for member in members if member.figures),
    )


def _refuse_leaks(members: Sequence[Member], means: Means) -> None:
    found = leaks({member.name: member.text for member in members}, rules(members, means))
    if not found:
        return
    first = found[0]
    more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
    raise SupportRefused(
        f"No bundle is made: {first.member}, line {first.line}, has {first.what}{more}. Look at it "
        "on the station, and leave that part out by `sudo kiosk support --out bundle.tar.gz "
        f"--without {first.member}`."
    )


def _contents(members: Sequence[Member], without: Collection[str]) -> Member:
    rows = [
        f"{hashlib.sha256(m.text.encode('utf-8')).hexdigest()}  {m.name}: {m.about}"
        for m in members
    ]
    left = [f"Left out by hand: {name}" for name in sorted(without)]
    text = "".join(f"{line}\n" for line in ("Support bundle of a Capture Station", *rows, *left))
    return Member(CONTENTS, "", text)


def _packed(members: Sequence[Member]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for member in members:
            data = member.text.encode("utf-8")
            info = tarfile.TarInfo(f"support/{member.name}")
            info.size, info.mode, info.mtime = len(data), 0o644, round(time.time())
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def _program() -> Path:
    return Path(str(resources.files("kiosk")))


def _units(place: Place) -> list[str]:
    texts = []
    for unit in UNITS:
        for folder in ("/etc/systemd/system", "/usr/lib/systemd/system"):
            path = place.at(f"{folder}/{unit}")
            if path.is_file():
                texts.append(path.read_text(encoding="utf-8", errors="replace"))
    return texts
