"""From the tree to what QEMU starts: a root image, a state image, an initramfs, overlays."""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.deploy.debian import run
from tests.vm.tree import STATE_FOLDERS, Tree

ROOT_MB, STATE_MB = 3072, 192
"""Sparse; the state holds a session several times over, and scanning it stays quick."""

BUSYBOX = Path("/bin/busybox")
_MODULES = ("virtio_pci", "virtio_blk", "ext4")

_INIT = """\
#!/bin/busybox sh
B=/bin/busybox
$B mount -t devtmpfs dev /dev; $B mount -t proc proc /proc; $B mount -t sysfs sys /sys
while read m; do $B insmod /modules/$m || echo "no module $m" > /dev/console; done < /order
n=0
mode=rw
for word in $($B cat /proc/cmdline); do [ $word = ro ] && mode=ro; done
until $B mount -t ext4 -o $mode /dev/vda /root; do
  n=$((n+1)); [ $n = 50 ] && exit 1; $B usleep 200000
done
$B mount -o move /dev /root/dev; $B umount /proc /sys
exec $B switch_root /root /sbin/init
"""


def root_image(tree: Tree, path: Path) -> Path:
    """Write the whole tree into a file system image."""
    return _file_system(tree.path, path, ROOT_MB, "root")


def state_image(tree: Tree, path: Path) -> Path:
    """Write the state partition as the installer leaves it."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        staged = Path(folder) / "state"
        staged.mkdir(mode=0o755)
        for name, source in STATE_FOLDERS.items():
            run("cp", "-a", tree.path / source.lstrip("/"), staged / name)
        return _file_system(staged, path, STATE_MB, "state")


def overlay(path: Path, backing: Path) -> Path:
    """An image that takes all writes, above one that stays as it is."""
    path.unlink(missing_ok=True)
    form = "qcow2" if backing.suffix == ".qcow2" else "raw"
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", form, "-b", backing, path)
    return path


def initramfs(tree: Tree, path: Path) -> Path:
    """A few modules and one small script; Debian's own takes much longer under emulation."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        for name in ("bin", "dev", "proc", "sys", "root", "modules"):
            (stage / name).mkdir()
        shutil.copy(BUSYBOX, stage / "bin/busybox")
        order = [_module(source, stage / "modules") for source in _needed(tree)]
        (stage / "order").write_text("".join(f"{name}\n" for name in order), encoding="ascii")
        (stage / "init").write_text(_INIT, encoding="ascii")
        (stage / "init").chmod(0o755)
        names = "\0".join(str(item.relative_to(stage)) for item in sorted(stage.rglob("*")))
        with path.open("wb") as archive:
            subprocess.run(
                ["cpio", "--null", "--create", "--format=newc", "--quiet"],
                input=names.encode(),
                stdout=archive,
                cwd=stage,
                check=True,
            )
    return path


def _needed(tree: Tree) -> list[Path]:
    """The modules' files in the order in which they are to be loaded, each once."""
    found: dict[Path, None] = {}
    for name in _MODULES:
        said = run("modprobe", "-d", tree.path, "-S", tree.release, "--show-depends", name)
        for line in said.splitlines():
            if line.startswith("insmod "):
                found[Path(line.split()[1])] = None
    return list(found)


def _module(source: Path, folder: Path) -> str:
    """Unpack one module; returns its name there."""
    name = source.name.removesuffix(".xz")
    octets = source.read_bytes()
    (folder / name).write_bytes(lzma.decompress(octets) if source.suffix == ".xz" else octets)
    return name


def _file_system(source: Path, path: Path, megabytes: int, label: str) -> Path:
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        os.truncate(file.fileno(), megabytes * 1_048_576)
    run("nice", "mkfs.ext4", "-q", "-L", label, "-d", source, path)
    return path
