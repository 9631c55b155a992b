"""A station behind its real firewall, and a world around it: two network namespaces and a cable.

The station has a copy of ``/etc``, so that accounts, rules and sets are really made by the
installer's own step and really loaded by ``nft``; nothing of it remains.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from provisioning.install.machine import Machine
from tests.deploy.conftest import Running

ROOT = Path(__file__).parents[2]
STATION4, SERVER4, OTHER4 = "10.77.0.1", "10.77.0.2", "10.77.0.3"
STATION6, SERVER6 = "fd77::1", "fd77::2"
SERVER_PORT = 2222
UPLOAD, CAPTURE, TIME, APT = 9701, 9702, 9703, 9704
ACCOUNTS = {
    "kiosk-upload": UPLOAD,
    "kiosk-capture": CAPTURE,
    "systemd-timesync": TIME,
    "_apt": APT,
}
PORTS = (SERVER_PORT, 22, 53, 80, 123, 443, 8080)
"""On which both ends answer, TCP and UDP."""

PREPARE = """
ip link set lo up
mount -t tmpfs -o mode=0755 tmpfs /srv
mkdir /srv/etc && cp -a /etc/. /srv/etc && mount --bind /srv/etc /etc
rm -rf /etc/kiosk /etc/nftables.conf
mount -t tmpfs -o mode=0755 tmpfs /home
mount -t tmpfs -o mode=0700 tmpfs /root
mount -t tmpfs -o mode=0755 tmpfs /opt
echo ready && exec sleep infinity
"""

ANSWERING = """
import json, selectors, socket, sys
ports, hosts = json.loads(sys.argv[1])
chosen = selectors.DefaultSelector()
def listen(host, port, kind):
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    made.bind((host, port))
    chosen.register(made, selectors.EVENT_READ)
    return made
for port in ports:
    for host in hosts:
        listen(host, port, socket.SOCK_STREAM).listen()
        # Bound to one address, so that the answer comes from the one that was asked.
        listen(host, port, socket.SOCK_DGRAM)
print("ready", flush=True)
while True:
    for key, _ in chosen.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            data, whence = key.fileobj.recvfrom(64)
            key.fileobj.sendto(data, whence)
"""

ASKING = """
import errno, socket, sys
kind, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
made = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
made.settimeout(20)
try:
    made.connect((host, port))
    if kind == "udp":
        made.send(b"x")
        made.recv(64)
    print("through")
except OSError as error:
    print(errno.errorcode.get(error.errno, str(error)))
"""

KNOCKING = """
import select, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
doors = [socket.socket(family) for _ in sys.argv[2:]]
for door, port in zip(doors, sys.argv[2:]):
    door.setblocking(False)
    door.connect_ex((sys.argv[1], int(port)))
print("knocked", flush=True)
sys.stdin.readline()
found = select.select([], doors, [], 0)[1]
print(" ".join(port for door, port in zip(doors, sys.argv[2:]) if door in found))
"""

needs_firewall = pytest.mark.skipif(
    os.geteuid() != 0
    or shutil.which("nft") is None
    or subprocess.run(
        ["unshare", "--net", "--mount", "nft", "add", "table", "inet", "x"],
        capture_output=True,
        check=False,
    ).returncode
    != 0,
    reason="a firewall needs root, nft (package nftables) and a network namespace of its own",
)


class End:
    """One end of the cable."""

    def __init__(self) -> None:
        self._processes = [self._start(["unshare", "--net", "--mount", "sh", "-ec", PREPARE])]

    @property
    def pid(self) -> int:
        return self._processes[0].pid

    def run(self, *command: str, stdin: str = "") -> str:
        """Run a command as root there and return what it printed.

        Raises:
            CalledProcessError: it failed.
        """
        return subprocess.run(
            self._inside(command), input=stdin, capture_output=True, text=True, check=True
        ).stdout

    def answer(self, hosts: Sequence[str]) -> None:
        """Answer on :data:`PORTS` of these addresses from now on."""
        asked = ("/usr/bin/python3", "-c", ANSWERING, json.dumps([PORTS, hosts]))
        self._processes.append(self._start(self._inside(asked)))

    def open(self, *command: str) -> subprocess.Popen[str]:
        """Start a command there that is talked with by its standard input and output."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self._inside(command), stdin=pipe, stdout=pipe, text=True)

    def close(self) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.communicate()

    def _inside(self, command: Sequence[str]) -> list[str]:
        entered = ["nsenter", "--target", str(self.pid), "--net", "--mount", "--root", "--"]
        return [*entered, "env", "--chdir=/", *command]

    @staticmethod
    def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
        made = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=-1)
        assert made.stdout is not None
        assert made.stdout.readline() == b"ready\n"
        return made


class Station(End):
    """The end that is closed."""

    def asks(self, kind: str, host: str, port: int, user: int, *, apart: bool = False) -> str:
        """Try one connection or datagram as a user; ``apart``: in a user namespace, as units are.

        Returns:
            ``through``, or the error's name.
        """
        me = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        fence = ["unshare", "--user", "--map-current-user"] if apart else []
        asking = ["/usr/bin/python3", "-Ic", ASKING, kind, host, str(port)]
        return self.run(*me, *fence, *asking).strip()

    def machine(self, checkout: Path = ROOT) -> Machine:
        """Return the station as the installer sees it, seen from here."""
        return Running(Path(f"/proc/{self.pid}/root"), checkout, self._runner)

    def _runner(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        words = [*(f"{key}={value}" for key, value in environment.items()), *command]
        if words[:2] == ["systemctl", "reload-or-restart"]:
            # As the unit does it (ExecReload= of Debian's nftables.service).
            words = ["nft", "-f", "/etc/nftables.conf"]
        return self.run(*words)


@contextmanager
def wired() -> Iterator[tuple[Station, End]]:
    """Give a station without a firewall yet and the world that it is wired to."""
    with suppress(subprocess.CalledProcessError):
        subprocess.run(["modprobe", "veth"], check=True, capture_output=True)
    station, world = Station(), End()
    try:
        station.run(
            *("ip", "link", "add", "wire", "type", "veth"),
            *("peer", "name", "wire", "netns", str(world.pid)),
        )
        for end, addresses in (
            (station, (STATION4, STATION6)),
            (world, (SERVER4, OTHER4, SERVER6)),
        ):
            end.run("ip", "link", "set", "wire", "up")
            for address in addresses:
                # Without asking for a second whether somebody has the address already.
                size = ("/64", "nodad") if ":" in address else ("/24",)
                words = (f"{address}{size[0]}", "dev", "wire", *size[1:])
                end.run("ip", "address", "add", *words)
            end.answer(addresses)
        passwd = "".join(f"{name}:x:{uid}:{uid}::/:/bin/false\n" for name, uid in ACCOUNTS.items())
        kept = [
            line
            for line in station.run("cat", "/etc/passwd").splitlines(keepends=True)
            if line.split(":")[0] not in ACCOUNTS
        ]
        station.run("tee", "/etc/passwd", stdin="".join(kept) + passwd)
        yield station, world
    finally:
        world.close()
        station.close()


def knocks(world: End, station: Station, host: str, ports: Sequence[int], after: str) -> list[int]:
    """Return which of a station's ports let the world in.

    A packet that is dropped is answered by nothing, so nothing is waited for: the station has
    judged the knocks once it has exchanged something later with the world (``after``).
    """
    knocking = world.open("/usr/bin/python3", "-c", KNOCKING, host, *map(str, ports))
    assert knocking.stdout is not None
    assert knocking.stdout.readline() == "knocked\n"
    assert station.asks("tcp", after, SERVER_PORT, UPLOAD) == "through"
    said, _ = knocking.communicate("\n")
    return [int(port) for port in said.split()]
