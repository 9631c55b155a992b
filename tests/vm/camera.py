"""Real libcamera and picamera2 inside the machine, under the capture process's shipped unit.

The camera is libcamera's virtual one, which has no exposure, gain or white balance and no format of
a Pi: the shipped program refuses it. So the driver is tried by a small program in its place, as the
sandbox is by the probe.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.deploy.booted import Row
from tests.deploy.debian import ROOT, run_inside
from tests.vm import station
from tests.vm.guest import Guest
from tests.vm.tree import Tree

PACKAGES: Final = ("libcamera-ipa", "python3-libcamera", "python3-prctl")

FOLDER: Final = "/opt/kiosk-vm-camera"
"""In the machine: picamera2 with what it needs, and the program that tries it."""

_RIG: Final = ROOT / "tests/rig"
_PIPELINE: Final = "usr/share/libcamera/pipeline/virtual/virtual.yaml"

DROP_IN: Final = f"""\
[Service]
Environment=PYTHONPATH={FOLDER} LIBCAMERA_LOG_LEVELS=*:ERROR
# libcamera 0.4.0 leaves the metadata of its virtual frames uninitialised, and picamera2 then drops
# every frame: memory that is filled with something makes them pass.
Environment=MALLOC_PERTURB_=255 GLIBC_TUNABLES=glibc.malloc.tcache_count=0
"""

WANTED: Final[dict[str, object]] = {
    "the driver as shipped": "The camera does not offer AeEnable",
    "module": "imx477",
    "picture": [1920, 1080],
    "preview": [640, 360],
    "bars from white to black": True,
    "buffers of the kernel's heap": True,
    "driver": "picamera2 0.3.38",
}


def put_into(tree: Tree) -> None:
    """Put the libraries and the program into the tree; nothing there uses them by itself."""
    if not (tree.path / "usr/lib/python3/dist-packages/libcamera").exists():
        words = f"apt-get install -q -y --no-install-recommends {' '.join(PACKAGES)}"
        run_inside(tree.path, f"apt-get update -q; {words}")
    folder = tree.path / FOLDER.lstrip("/")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copyfile(_RIG / "requirements.txt", tree.path / "root/camera.txt")
    run_inside(
        tree.path,
        "/opt/kiosk/bin/python -m pip install --quiet --disable-pip-version-check "
        "--require-hashes --no-deps --only-binary=:all: "
        f"--target {FOLDER} -r /root/camera.txt",
    )
    shutil.copytree(_RIG / "stubs", folder, dirs_exist_ok=True)
    shutil.copyfile(_RIG / "virtual_help.py", folder / "virtual_help.py")
    pipeline = tree.path / _PIPELINE
    pipeline.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_RIG / "virtual.yaml", pipeline)


def rows(guest: Guest) -> Iterator[Row]:
    """Try the driver in the program's place; the station is put back afterwards."""
    guest.run("systemctl", "stop", "kiosk.target", "kiosk-capture", timeout_s=300)
    # picamera2 asks for a Pi's heaps by name.
    guest.run("ln", "-sf", "system", "/dev/dma_heap/linux,cma")
    text = Path(__file__).with_name("camera_probe.py").read_text(encoding="utf-8")
    guest.write("/run/camera-probe", f"#!/opt/kiosk/bin/python\n{text}", 0o755)
    guest.run("mount", "--bind", "/run/camera-probe", "/opt/kiosk/bin/kiosk")
    station.add(guest, "kiosk-capture.service.d/camera.conf", DROP_IN)
    guest.run("systemctl", "daemon-reload")
    since = guest.run("date", "+%s").strip()
    # It ends with code 2 once it has told, so that it is not started again.
    guest.ask("systemctl", "start", "kiosk-capture", timeout_s=600)
    told = f"journalctl --since=@{since} --no-pager -o cat -u kiosk-capture"
    said = guest.run("sh", "-c", told)
    lines = [line.removeprefix("CAMERA ") for line in said.splitlines() if "CAMERA {" in line]
    found = json.loads(lines[0]) if lines else {"said": said}
    for what, wanted in WANTED.items():
        yield f"picamera2 in the sandbox: {what}", found.get(what, found.get("said")), wanted
    guest.run("umount", "/opt/kiosk/bin/kiosk")
    station.remove(guest, "kiosk-capture.service.d/camera.conf")
    guest.run("systemctl", "reset-failed")
