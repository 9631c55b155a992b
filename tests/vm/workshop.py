"""What a header of pins needs in the machine: a simulated chip, and the library that drives it.

Debian's kernel is built without gpio-sim, and Debian 13 has no python3-lgpio. Both are made from
their sources in a second Debian that has compilers, which is kept between runs as the first one is.
"""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.deploy import debian
from tests.deploy.debian import ToolError, run, run_inside
from tests.vm.tree import SUITE, Tree

PACKAGES = (
    "ca-certificates,gcc,make,swig,python3-dev,python3-pip,python3-setuptools,python3-wheel,"
    "linux-source-6.12"
)
SOURCES = "usr/src/linux-source-6.12.tar.xz"

LGPIO = (
    "lgpio==0.2.2.0 "
    "--hash=sha256:11372e653b200f76a0b3ef8a23a0735c85ec678a9f8550b9893151ed0f863fff\n"
)

MODULE = "gpio-header"
_MAKEFILE = f"obj-m := {MODULE}.o\n{MODULE}-y := gpio-sim.o irq_sim.o\n"

EDITS: Final[dict[str, tuple[str, str]]] = {
    # Modules cannot call what it calls there.
    "kernel/irq/irq_sim.c": (
        "handle_simple_irq(irq_to_desc(irqnum));",
        "generic_handle_irq(irqnum);",
    ),
    # A pin that nobody holds any more would fall back to its pull, so that a lamp went dark by
    # itself when its program is killed. Here it stays lit, as the worst header would leave it.
    "drivers/gpio/gpio-sim.c": (
        (
            "\t\t__assign_bit(offset, chip->value_map,\n"
            "\t\t\t     !!test_bit(offset, chip->pull_map));\n"
            "\t\t__clear_bit(offset, chip->request_map);"
        ),
        "\t\t__clear_bit(offset, chip->request_map);",
    ),
}
"""File of the kernel, and the one place in it that becomes another."""

MODULE_PLACE = Path("usr/local/lib/kiosk-vm") / f"{MODULE}.ko"
LIBRARY_PLACE = Path("usr/lib/python3/dist-packages")
"""Where a station's package python3-lgpio would put it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Files: the kernel's module, and lgpio as a wheel for the tree's Python."""

    module: Path
    wheel: Path


def made(folder: Path, tree: Tree) -> Parts:
    """Make both for this tree's kernel and Python, unless they were made before.

    Raises:
        ToolError: one of the tools failed, or the kernel's source is another than was seen.
    """
    shop = folder / f"workshop-{tree.release}"
    debian.unpack(SUITE, shop, PACKAGES, f"linux-headers-{tree.release}")
    return Parts(_module(shop, tree.release), _wheel(shop))


def put_into(tree: Tree, parts: Parts) -> None:
    """Put both into the tree; nothing there loads or uses them by itself."""
    place = tree.path / MODULE_PLACE
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(parts.module, place)
    with zipfile.ZipFile(parts.wheel) as archive:
        archive.extractall(tree.path / LIBRARY_PLACE)


def _module(shop: Path, release: str) -> Path:
    build = shop / "root/header"
    module = build / f"{MODULE}.ko"
    if not module.exists():
        build.mkdir(exist_ok=True)
        for name, text in _sources(shop / SOURCES).items():
            (build / Path(name).name).write_text(edited(name, text), encoding="utf-8")
        (build / "Makefile").write_text(_MAKEFILE, encoding="ascii")
        headers = f"/usr/src/linux-headers-{release}"
        run("nice", "chroot", shop, "make", "-s", "-C", headers, "M=/root/header", "modules")
    return module


def edited(name: str, text: str) -> str:
    """Return a file of the kernel with its edit.

    Raises:
        ToolError: the place is not there once.
    """
    old, new = EDITS[name]
    if text.count(old) != 1:
        raise ToolError(f"{name} of the kernel is another than was seen; expected once: {old}")
    return text.replace(old, new)


def _sources(archive: Path) -> dict[str, str]:
    """Read the files that are edited; stops at the last of them, long before the archive's end."""
    found: dict[str, str] = {}
    with lzma.open(archive) as octets, tarfile.open(fileobj=octets, mode="r|") as files:
        for entry in files:
            name = entry.name.partition("/")[2]
            if name in EDITS and (content := files.extractfile(entry)) is not None:
                found[name] = content.read().decode("utf-8")
                if len(found) == len(EDITS):
                    return found
    raise ToolError(f"{archive} lacks {', '.join(sorted(set(EDITS) - set(found)))}")


def _wheel(shop: Path) -> Path:
    wheels = shop / "root/wheels"
    if not any(wheels.glob("lgpio-*.whl")):
        (shop / "root/lgpio.txt").write_text(LGPIO, encoding="ascii")
        # Without PYPI=1 its setup.py expects the C library to be installed already.
        run_inside(
            shop,
            "PYPI=1 python3 -m pip wheel --quiet --disable-pip-version-check --no-deps "
            "--no-build-isolation --no-binary=:all: --require-hashes "
            "-w /root/wheels -r /root/lgpio.txt",
        )
    return next(wheels.glob("lgpio-*.whl"))
