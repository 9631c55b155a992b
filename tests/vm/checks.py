"""What is so on the installed, booted station: a table of questions, and how each is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.deploy.booted import EXPECTED, JOURNAL, Row
from tests.deploy.booted import journal_rows as told_rows
from tests.deploy.debian import ROOT
from tests.vm.guest import Guest
from tests.vm.machine import SERVER

_LOADED: Final = "systemctl show -P LoadState"
INSTALL: Final = "cd /root/capture-station && python3 -m provisioning.install"

# Each is a shell command; CAPTURE and UPLOAD stand for the processes' numbers.
STATE: Final[tuple[tuple[str, str, str], ...]] = (
    ("the machine", "systemctl is-system-running --wait", "running"),
    ("units that failed", "systemctl list-units --failed --plain --no-legend | wc -l", "0"),
    ("kiosk.target", "systemctl is-active kiosk.target", "active"),
    ("the capture process", "systemctl is-active kiosk-capture", "active"),
    ("the upload process", "systemctl is-active kiosk-upload", "active"),
    ("capture: restarts", "systemctl show -P NRestarts kiosk-capture", "0"),
    ("upload: restarts", "systemctl show -P NRestarts kiosk-upload", "0"),
    ("started at boot", "systemctl is-enabled kiosk.target", "enabled"),
    ("a prompt on the screen", "systemctl is-enabled getty@tty1.service", "masked"),
    ("a prompt on the header's pins", f"{_LOADED} serial-getty@ttyS0.service", "masked"),
    ("a prompt on the kernel's console", f"{_LOADED} console-getty.service", "masked"),
    ("a shell for debugging", f"{_LOADED} debug-shell.service", "masked"),
    ("a keyboard's restart", f"{_LOADED} ctrl-alt-del.target", "masked"),
    ("a restart", f"{_LOADED} reboot.target", "loaded"),
    ("prompts that run", "systemctl list-units --plain --no-legend '*getty*.service' | wc -l", "0"),
    ("swap in use", "tail -n +2 /proc/swaps | wc -l", "0"),
    ("core pattern", "cat /proc/sys/kernel/core_pattern", "|/bin/false"),
    ("cores of programs that change user", "cat /proc/sys/fs/suid_dumpable", "0"),
    ("magic keys", "cat /proc/sys/kernel/sysrq", "0"),
    ("tracing of others", "cat /proc/sys/kernel/yama/ptrace_scope", "2"),
    (
        "congestion control that may be chosen",
        "cat /proc/sys/net/ipv4/tcp_allowed_congestion_control",
        "reno cubic bbr",
    ),
    ("/tmp", "stat -f -c %T /tmp", "tmpfs"),
    ("/var/tmp", "stat -f -c %T /var/tmp", "tmpfs"),
    ("the keys' folder", "stat -c '%a %U' /etc/kiosk/keys", "700 root"),
    ("the signing key", "stat -c '%a %U' /etc/kiosk/keys/signing-key", "600 root"),
    ("the SSH key", "stat -c '%a %U' /etc/kiosk/keys/ssh-key", "600 root"),
    ("the spool", "stat -c '%a %U %G' /var/spool/kiosk", "2770 root kiosk-spool"),
    ("the share's folder", "stat -f -c %T /run/kiosk-share", "tmpfs"),
    ("the state", "stat -c '%a %U' /var/lib/kiosk/capture", "700 kiosk-capture"),
    (
        "groups of the capture process",
        "id -nG kiosk-capture | tr ' ' '\\n' | sort | xargs",
        "audio gpio input kiosk-capture kiosk-spool render video",
    ),
    (
        "groups of the upload process",
        "id -nG kiosk-upload | tr ' ' '\\n' | sort | xargs",
        "kiosk-spool kiosk-upload",
    ),
    ("the command", "readlink /usr/local/bin/kiosk", "/opt/kiosk/bin/kiosk"),
    ("capture: its user", "id -nu $(awk '/^Uid/{print $2}' CAPTURE_STATUS)", "kiosk-capture"),
    (
        "capture: memory that is locked",
        "[ $(awk '/VmLck/{print $2}' CAPTURE_STATUS) -gt 100000 ] && echo much",
        "much",
    ),
    (
        "capture: rights",
        "awk '/CapEff|CapBnd/{print $2}' CAPTURE_STATUS | sort -u",
        "0000000000000000",
    ),
    ("capture: new rights", "awk '/NoNewPrivs/{print $2}' CAPTURE_STATUS", "1"),
    ("capture: filtered calls", "awk '/^Seccomp:/{print $2}' CAPTURE_STATUS", "2"),
    ("capture: core limit", "awk '/core file/{print $5 $6}' /proc/CAPTURE/limits", "00"),
    ("capture: networks it sees", "tail -n +3 /proc/CAPTURE/net/dev | cut -d: -f1 | xargs", "lo"),
    (
        "capture: draws on",
        "ls -l /proc/CAPTURE/fd | grep -o '/dev/dri/card[0-9]' | sort -u",
        "/dev/dri/card0",
    ),
    ("capture: disks it has open", "ls -l /proc/CAPTURE/fd | grep -c '/dev/vd'", "0"),
    ("upload: its user", "id -nu $(awk '/^Uid/{print $2}' UPLOAD_STATUS)", "kiosk-upload"),
    (
        "upload: rights",
        "awk '/CapEff|CapBnd/{print $2}' UPLOAD_STATUS | sort -u",
        "0000000000000000",
    ),
    ("upload: devices it sees", "ls /proc/UPLOAD/root/dev | grep -c -E 'dri|input|vd'", "0"),
    ("upload: memory at most", "cat UPLOAD_CGROUP/memory.max", "268435456"),
    ("upload: swap at most", "cat UPLOAD_CGROUP/memory.swap.max", "0"),
    ("upload: tasks at most", "cat UPLOAD_CGROUP/pids.max", "32"),
    ("capture: swap at most", "cat CAPTURE_CGROUP/memory.swap.max", "0"),
    (
        "the journal: where",
        "ls /run/log/journal/*/system.journal /var/log/journal/*/system.journal | cut -d/ -f2",
        "run",
    ),
    (
        "the journal: at most",
        "journalctl -b -u systemd-journald -o cat | grep -o 'max [0-9.]*M' | sort -u",
        "max 32M",
    ),
    (
        "the server that may be reached",
        "systemctl show -P IPAddressAllow kiosk-upload",
        f"{SERVER}/32",
    ),
    (
        "installing again on the station",
        f"{INSTALL} | grep -E '^  changed |^Nothing had'",
        "Nothing had to be changed.",
    ),
)

CHECKED_OTHERWISE: Final = {
    # The machine's own additions to both services, for the emulated processor and screen.
    "drop-ins": "wrong",
    # Nothing in the machine's network tells the time.
    "clock": "wrong",
    "time source": "wrong",
    # The clinic signs the example that comes with the program.
    "consent texts": "wrong",
    # Nobody held a grey card to the simulated camera.
    "calibration": "not checked",
}
"""Verdicts of ``kiosk check`` that are not "ok" or "not applicable" in the machine, and why."""

DEVICE = "a device not on the list"
MACHINE_ONLY: Final = {
    "capture": {DEVICE: "EPERM"},
    "lights-off": {DEVICE: "EPERM"},
    "upload": {DEVICE: "EPERM", "the clinic's server": "connected", "another server": "EPERM"},
}
"""What a container does not enforce; beside what the probe finds there."""

HUNGRY_MB = 400

OTHER_SERVER: Final = "10.0.2.3"
"""QEMU's own name server, in the same network."""


_DATAGRAM: Final = f"""
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ({OTHER_SERVER!r}, 53))
print("sent")
"""


def state_rows(guest: Guest) -> Iterator[Row]:
    """Ask everything of the table."""
    words: dict[str, str] = {}
    for name in ("CAPTURE", "UPLOAD"):
        unit = f"kiosk-{name.lower()}"
        pid = guest.run("systemctl", "show", "-P", "MainPID", unit).strip()
        words |= {f"{name}_STATUS": f"/proc/{pid}/status"}
        words |= {f"{name}_CGROUP": f"/sys/fs/cgroup/system.slice/{unit}.service", name: pid}
    for name, command, expected in STATE:
        for word, meant in words.items():
            command = command.replace(word, meant)  # noqa: PLW2901 - filled in
        yield name, guest.ask("sh", "-c", command).out.strip(), expected


def check_rows(guest: Guest) -> Iterator[Row]:
    """Have the product's own check look, which needs the devices of the capture process."""
    guest.run("systemctl", "stop", "kiosk-capture", timeout_s=300)
    said = guest.ask("sh", "-c", CHECK, timeout_s=300)
    report = json.loads(said.out)
    for check in report["checks"]:
        wanted = CHECKED_OTHERWISE.get(check["name"])
        good = check["verdict"] in (("ok", "not applicable") if wanted is None else (wanted,))
        yield (
            f"kiosk check: {check['name']}",
            check["verdict"] if good else check["sentence"],
            (check["verdict"] if good else wanted or "ok"),
        )


CHECK = "SDL_VIDEODRIVER=kmsdrm kiosk check --json"


def stop_rows(guest: Guest) -> Iterator[Row]:
    """Stop each program as soon as it has taken over SIGTERM, long before it is ready."""
    for unit in ("kiosk-capture", "kiosk-upload"):
        said = guest.run("sh", "-c", _STOP.replace("UNIT", unit), timeout_s=300)
        yield f"{unit} stopped while it loads", said.split(), ["activating", "success", "inactive"]


def journal_rows(guest: Guest) -> Iterator[Row]:
    """Have the journal kept on the card, and in memory again: what the product's check says."""
    for name, command, wanted in (
        ("on the card", _KEEP, "wrong"),
        ("in memory again", f"rm {_KEEPING}; systemctl restart systemd-journald", "ok"),
    ):
        said = guest.run("sh", "-ec", f"{command}\n/opt/kiosk/bin/python -c '{_JOURNAL}'")
        yield f"kiosk check: a journal {name}", said.strip(), wanted
    guest.run("rm", "-r", "/var/log/journal")


_KEEPING: Final = "/run/systemd/journald.conf.d/99-search.conf"
_KEEP: Final = f"""
mkdir -p {Path(_KEEPING).parent}
printf "[Journal]\\nStorage=persistent\\n" > {_KEEPING}
systemctl restart systemd-journald
journalctl --flush
"""
_JOURNAL: Final = """
from kiosk.commission.machine import journal
from kiosk.commission.place import Place
print(journal(Place()).verdict.value)
"""

_STOP: Final = """
systemctl stop UNIT
systemctl start --no-block UNIT
for i in $(seq 600); do
  pid=$(systemctl show -P MainPID UNIT)
  # SigCgt: the signals that a process takes itself; bit 14 is SIGTERM, which Python leaves alone.
  caught=$(awk '/^SigCgt/{print $2}' /proc/$pid/status 2>/dev/null)
  [ $((0x${caught:-0} >> 14 & 1)) = 1 ] && break
  sleep 0.05
done
systemctl show -P ActiveState UNIT
systemctl stop UNIT
systemctl show -P Result UNIT
systemctl show -P ActiveState UNIT
"""


def probe_rows(guest: Guest, port: int) -> Iterator[Row]:
    """Start the probe in the program's place, under the shipped units, and see what it may do."""
    text = (ROOT / "tests/deploy/probe.py").read_text(encoding="utf-8")
    guest.run("systemctl", "stop", "kiosk.target", "kiosk-capture", "kiosk-upload")
    guest.write("/run/probe", f"#!/opt/kiosk/bin/python\n{text}", 0o755)
    guest.run("mount", "--bind", "/run/probe", "/opt/kiosk/bin/kiosk")
    # 10:200 is /dev/net/tun, which the kernel gives to every user; the settings' disk is mounted
    # without devices.
    guest.run("mknod", "-m", "666", "/dev/probe-device", "c", "10", "200")
    guest.run("touch", "/etc/kiosk/probe-device")
    guest.run("mount", "--bind", "/dev/probe-device", "/etc/kiosk/probe-device")
    guest.write("/etc/kiosk/probe-servers", f"{SERVER} {port}\n{OTHER_SERVER} 53\n")
    opened = guest.ask(
        "sh", "-c", "modprobe tun && head -c 0 /etc/kiosk/probe-device && echo opened"
    )
    yield "the device that is tried, by root outside", opened.out.strip(), "opened"
    sent = guest.ask("python3", "-c", _DATAGRAM)
    yield "another server, by root outside", sent.out.strip() or sent.err, "sent"
    since = guest.run("date", "+%s").strip()
    guest.run("systemctl", "reset-failed")
    guest.run("systemctl", "start", "kiosk.target")
    told = f"journalctl -b --since=@{since} --no-pager -o cat -u kiosk-capture -u kiosk-upload"
    told += " -u kiosk-support"
    until = " && ".join(f"{told} | grep -q '{words}'" for words in JOURNAL)
    guest.run("sh", "-c", f"for i in $(seq 90); do {until} && exit; sleep 1; done", timeout_s=300)
    # The restarted one finds the share that the other brought meanwhile.
    guest.run("sleep", "8")
    wanted = {role: {**EXPECTED[role], **MACHINE_ONLY.get(role, {})} for role in EXPECTED}
    yield from told_rows(guest.run("sh", "-c", told), wanted)
    guest.write("/etc/kiosk/probe-hunger", str(HUNGRY_MB))
    guest.ask("systemctl", "restart", "kiosk-upload")
    ended = "for i in $(seq 60); do r=$(systemctl show -P Result kiosk-upload); "
    ended += '[ "$r" != success ] && break; sleep 1; done; echo $r'
    yield f"upload: {HUNGRY_MB} MB of memory", guest.run("sh", "-c", ended).strip(), "oom-kill"
    guest.run("systemctl", "stop", "kiosk.target", "kiosk-capture", "kiosk-upload")
    guest.run("umount", "/opt/kiosk/bin/kiosk", "/etc/kiosk/probe-device")
    probed = ("probe-device", "probe-servers", "probe-hunger", "probe")
    guest.run("rm", "-f", *(f"/etc/kiosk/{name}" for name in probed))
    guest.run(
        "find",
        "/var/spool/kiosk",
        "/var/lib/kiosk",
        "/run/kiosk-share",
        "-type",
        "f",
        "(",
        "-name",
        "capture",
        "-o",
        "-name",
        "upload",
        "-o",
        "-name",
        "lights-off",
        "-o",
        "-name",
        "support",
        ")",
        "-delete",
    )
    guest.run("systemctl", "reset-failed")
