"""One virtual machine: QEMU, a kernel and an initramfs given by hand, disks, one screen."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

QEMU = "qemu-system-x86_64"
SERVER = "10.0.2.2"
"""This machine's loopback, as the guest sees it (QEMU's user networking)."""

QUIT_S = 10.0

CONSOLE = "console.log"
"""What the kernel says, in a machine's folder."""

_MODEST = 10
"""Niceness, 0 to 19."""

# Mesa's code for these was seen to fail under QEMU 7.2's emulation.
_EMULATED = ("-accel", "tcg,thread=multi", "-cpu", "max,-avx,-avx2,-f16c,-fma")
_HARDWARE = ("-accel", "kvm", "-cpu", "host")

_FIXED = (
    *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
    *("-machine", "q35", "-m", "2560M", "-smp", "2"),
    *("-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
    *("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="),
)
_KERNEL = "console=ttyS0 panic=-1 mitigations=off audit=0 loglevel=4 systemd.show_status=0"


class MachineError(Exception):
    """The machine ended, did not answer, or refused a command."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A block device: QEMU's ``-drive`` or ``-blockdev`` options, which name it ``name``.

    ``serial`` is how the guest finds it: ``/dev/disk/by-id/virtio-SERIAL``.
    """

    options: tuple[str, ...]
    name: str
    serial: str


@dataclass(frozen=True, slots=True)
class Boot:
    """What is started.

    Attributes:
        kernel: its image.
        initrd: the initramfs.
        disks: in order; the first is the root.
        size: of the screen, pixels.
        arguments: more of the kernel's.
    """

    kernel: Path
    initrd: Path
    disks: tuple[Disk, ...]
    size: tuple[int, int]
    arguments: tuple[str, ...] = ()


def drive(path: Path, name: str, form: str, cache_mode: str = "unsafe") -> Disk:
    """A disk image as QEMU opens it; ``unsafe`` ignores flushes, for disks that are thrown away."""
    options = ("-drive", f"file={path},if=none,id={name},format={form},cache={cache_mode}")
    return Disk(options, name, name)


@cache
def accelerator() -> tuple[tuple[str, ...], str]:
    """Try hardware virtualisation once; returns QEMU's options and what was found, in words."""
    if not Path("/dev/kvm").exists():
        return _EMULATED, "emulated: this machine has no /dev/kvm"
    quit_at_once = '{"execute":"qmp_capabilities"}{"execute":"quit"}'
    tried = subprocess.run(
        [QEMU, "-nodefaults", "-display", "none", "-S", *_HARDWARE, "-qmp", "stdio"],
        input=quit_at_once,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    if tried.returncode:
        said = tried.stderr.strip().splitlines()
        return _EMULATED, f"emulated: /dev/kvm does not work ({said[0] if said else 'no word'})"
    return _HARDWARE, "by KVM"


class Machine:
    """A context manager around one QEMU process, which ends with the thread that started it.

    Attributes:
        folder: sockets and the console's log.
    """

    def __init__(self, boot: Boot, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._qmp: _Monitor | None = None
        for name in ("qmp", "agent"):
            (folder / name).unlink(missing_ok=True)
        with (folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*_polite(), QEMU, *accelerator()[0], *_FIXED, *_arguments(boot, folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def monitor(self) -> _Monitor:
        if self._qmp is None:
            self._qmp = _Monitor(self.connect("qmp"))
        return self._qmp

    def connect(self, name: str, patience_s: float = 30.0) -> socket.socket:
        """Connect to one of the machine's sockets: ``qmp`` or ``agent``.

        Raises:
            MachineError: there is none in time, or QEMU ended.
        """
        deadline = time.monotonic() + patience_s
        while True:
            channel = socket.socket(socket.AF_UNIX)
            try:
                channel.connect(str(self.folder / name))
            except OSError as error:
                channel.close()
                self.require_alive()
                if time.monotonic() > deadline:
                    raise MachineError(f"QEMU's socket {name}: {error}") from error
                time.sleep(0.05)
            else:
                return channel

    def require_alive(self) -> None:
        """Raise MachineError if QEMU ended."""
        code = self._process.poll()
        if code is not None:
            said = (self.folder / "qemu.log").read_text(errors="replace").strip()
            raise MachineError(f"QEMU ended with code {code}: {said or 'the guest switched off'}")

    def screenshot(self, path: Path) -> Path:
        """Write what the screen shows as PNG."""
        self.monitor.ask("screendump", filename=str(path), format="png")
        return path

    def switched_off(self, patience_s: float) -> bool:
        """Wait for the guest to switch itself off."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def cut_power(self) -> None:
        """End QEMU from another thread; the one that uses the machine gets MachineError."""
        self._process.kill()

    def require_dead(self) -> None:
        """Raise MachineError if QEMU still runs."""
        try:
            self._process.wait(QUIT_S)
        except subprocess.TimeoutExpired:
            raise MachineError("the session failed before the power was cut") from None

    def kill(self) -> None:
        """The power is gone; may be called more than once."""
        self._process.kill()
        self._process.wait()
        if self._qmp is not None:
            self._qmp.close()
            self._qmp = None


class _Monitor:
    """QEMU's machine protocol: one command, one answer; events are passed over."""

    def __init__(self, channel: socket.socket) -> None:
        channel.settimeout(60)
        self._channel = channel
        self._lines = channel.makefile("r", encoding="utf-8")
        self._lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        message = json.dumps({"execute": command, "arguments": arguments})
        try:
            self._channel.sendall(message.encode() + b"\n")
        except OSError as error:
            raise MachineError(f"QEMU does not take {command}: {error}") from error
        while True:
            try:
                line = self._lines.readline()
            except OSError as error:
                raise MachineError(f"QEMU does not answer {command}: {error}") from error
            if not line:
                raise MachineError(f"QEMU ended instead of answering {command}")
            answer: Mapping[str, Any] = json.loads(line)
            if "error" in answer:
                raise MachineError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        self._lines.close()
        self._channel.close()


def _polite() -> Sequence[str]:
    """A modest claim on the processors, and an end with us however that comes."""
    tied = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
    # Added to our own: twice ten would leave it nothing beside whatever else is as modest.
    return [*tied, "nice", "-n", str(max(0, _MODEST - os.nice(0)))]


def _arguments(boot: Boot, folder: Path) -> list[str]:
    width, height = boot.size
    kernel = " ".join((_KERNEL, *boot.arguments))
    words = ["-kernel", str(boot.kernel), "-initrd", str(boot.initrd), "-append", kernel]
    for disk in boot.disks:
        device = f"virtio-blk-pci,drive={disk.name},serial={disk.serial}"
        words += [*disk.options, "-device", device]
    return [
        *words,
        *("-device", f"virtio-gpu-pci,xres={width},yres={height}"),
        *("-serial", f"file:{folder / CONSOLE}"),
        *("-chardev", f"socket,id=agent,path={folder / 'agent'},server=on,wait=off"),
        *("-device", "virtserialport,chardev=agent,name=kiosk.agent"),
        *("-chardev", f"socket,id=qmp,path={folder / 'qmp'},server=on,wait=off"),
        *("-mon", "chardev=qmp,mode=control"),
    ]
