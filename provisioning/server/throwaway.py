"""A real ``sshd`` with one drop box on a loopback port, for demonstrations and tests.

It runs the rules and folders of ``dropbox.py``. As root it does so whole: with a chroot, and with
accounts of their own that exist only inside a private mount namespace (a bind-mounted copy of
``/etc/passwd``), so that the machine keeps no trace. As an ordinary user ``sshd`` can neither
change its root nor its user: the request list and the umask still hold, the owners and the chroot
do not. ``isolation`` says which of the two it is.
"""

from __future__ import annotations

import dataclasses
import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.errors import ServiceError
from provisioning.server import dropbox
from provisioning.server.dropbox import Rules
from provisioning.server.host import openssh_version

_START_SECONDS = 20.0
_STATION = "station-demo"
_IDS = {dropbox.INGEST: 64_901, dropbox.STATIONS: 64_902, _STATION: 64_903}
"""Numbers of accounts and groups inside the namespace; above Debian's dynamic range."""

_INSIDE = Path("/srv")
"""Where the server's folder appears inside the namespace: every parent must belong to root."""


class ThrowawayServer:
    """A context manager: ``with ThrowawayServer(folder) as server: …``.

    Start it from a thread that lives as long as the server is wanted (the main one): the kernel
    ends ``sshd`` when the thread that started it ends, however that happens.

    Attributes:
        host, port, user: where to log in, once started.
        host_key: the server's public key line, as ``upload.host_key`` wants it.
        client_key: the station's private key file.
        folder: the folder to put files into, as the station sees it.
        path: the same folder on this machine.
        log: what ``sshd`` and ``internal-sftp`` said.
        isolation: "chroot and own accounts", or why it is less.
    """

    host = "127.0.0.1"
    folder = dropbox.INBOX

    def __init__(self, root: Path, *, also_allow: tuple[str, ...] = ()) -> None:
        """Prepare a server below ``root``, a folder that is made when it is missing.

        ``also_allow`` names SFTP requests beyond a station's, for other clients to compare with.
        """
        self._requests = (*dropbox.REQUESTS, *also_allow)
        self._root = root.resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self._whole, self.isolation = _isolation()
        self.user = _STATION if self._whole else pwd.getpwuid(os.getuid()).pw_name
        self.path = self._root / "drops" / self.user / dropbox.INBOX
        self.log = self._root / "sshd.log"
        self.client_key = self._root / "station_ed25519"
        self.port = 0
        self.host_key = ""

    def __enter__(self) -> Self:
        try:
            self._lay_out()
            self.start()
        except OSError as error:
            raise ServiceError(
                f"the throw-away server in {self._root} could not be prepared: {error}"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process of ``sshd``; 0 while it does not run."""
        return self._process.pid if self._process else 0

    def collected(self) -> list[Path]:
        """The files that arrived under their final names, in order of their names."""
        return sorted(p for p in self.path.iterdir() if not p.name.startswith("."))

    def start(self) -> None:
        """Start ``sshd``, on the same port as before if it ran already.

        Raises:
            ServiceError: it did not come up; the sentence carries the last line of its log.
        """
        for _ in range(5):
            port = self.port or _free_port()
            if self._listens(port):
                self.port = port
                return
        raise ServiceError(
            f"sshd did not start on a loopback port; the end of {self.log}: {self._last_line()}"
        )

    def stop(self) -> None:
        """End ``sshd`` and every session it serves; what arrived stays."""
        process, self._process = self._process, None
        if process is None:
            return
        sessions = _descendants(process.pid)
        for pid in (process.pid, *sessions):
            _kill(pid)
        process.wait()

    def new_host_key(self) -> None:
        """Give the server another identity, as if somebody had taken its place."""
        for name in ("host_ed25519", "host_ed25519.pub"):
            (self._root / name).unlink(missing_ok=True)
        self.host_key = _keygen(self._root / "host_ed25519")

    def admit(self, public_key: str) -> None:
        """Let a station in that made its own key, in place of the one made here."""
        line = dropbox.authorized_key(public_key, source="the station's public key")
        (self._root / "keys" / self.user).write_text(line, encoding="ascii")

    def revoke(self) -> None:
        """Refuse the station's key from now on."""
        (self._root / "keys" / self.user).write_text("", encoding="ascii")

    def _lay_out(self) -> None:
        for folder in (self._root, self._root / "keys", self._root / "drops"):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.host_key = _keygen(self._root / "host_ed25519")
        self.admit(_keygen(self.client_key))
        (self._root / "keys" / self.user).chmod(0o644)
        folders = (dropbox.root_folder(), *dropbox.station_folders(self.user))
        for made in folders:
            path = self._root / "drops" / made.path
            path.mkdir(exist_ok=True)
            if self._whole:
                os.chown(path, _IDS.get(made.owner, 0), _IDS.get(made.group, 0))
                path.chmod(made.mode)
        if self._whole:
            self._root.chmod(0o755)
            for table in ("passwd", "group"):
                (self._root / table).write_text(_accounts(table), encoding="utf-8")

    def _listens(self, port: int) -> bool:
        config = self._root / "sshd_config"
        config.write_text(_config(self._rules(), self._seen("host_ed25519"), port))
        command = [shutil.which("sshd", path=f"{os.defpath}:/usr/sbin") or "/usr/sbin/sshd"]
        command += ["-D", "-e", "-f", self._seen("sshd_config")]
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *self._enter(command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if b"Server listening on" in self.log.read_bytes()[before:]:
                return True
            time.sleep(0.01)
        self.stop()
        return False

    def _enter(self, command: list[str]) -> list[str]:
        """Wrap a command so that it runs in a mount namespace with our accounts and folders."""
        if not self._whole:
            if os.getuid() == 0:
                _SSHD_FOLDER.mkdir(mode=0o755, exist_ok=True)
            return command
        steps = [
            *(f"mount --bind {shlex.quote(str(self._root / t))} /etc/{t}" for t in _TABLES),
            f"mount --bind {shlex.quote(str(self._root))} {_INSIDE}",
            "mount -t tmpfs -o mode=0755 tmpfs /run",
            "mkdir -m 0755 /run/sshd",
            f"exec {shlex.join(command)}",
        ]
        return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", "; ".join(steps)]

    def _rules(self) -> Rules:
        if self._whole:
            whole = dropbox.rules(self._seen("drops"), self._seen("keys"))
            return dataclasses.replace(whole, requests=self._requests)
        return Rules(
            f"User {self.user}",
            f"{self._root}/keys/%u",
            chroot=None,
            start=str(self.path.parent),
            umask=dropbox.REDUCED_UMASK,
            requests=self._requests,
        )

    def _seen(self, name: str) -> str:
        """The path of one of our files as ``sshd`` sees it."""
        return str((_INSIDE if self._whole else self._root) / name)

    def _last_line(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return lines[-1] if lines else "(empty)"


_TABLES = ("passwd", "group")

_SSHD_FOLDER = Path("/run/sshd")
"""sshd wants it when it is started by root; the machine's own service would have made it."""


def _isolation() -> tuple[bool, str]:
    if os.getuid() != 0:
        return False, "request list and umask only: not started as root"
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if tried.returncode != 0:
        return False, "request list and umask only: this machine allows no mount namespace"
    return True, "chroot and own accounts"


def _accounts(table: str) -> str:
    """The machine's own table with the collector and the station added."""
    text = Path("/etc", table).read_text(encoding="utf-8")
    known = re.compile(rf"^(?:{'|'.join(_IDS)}):.*\n", re.MULTILINE)
    added = {
        "passwd": [
            f"{dropbox.INGEST}:*:{_IDS[dropbox.INGEST]}:{_IDS[dropbox.INGEST]}::/:/usr/sbin/nologin",
            f"{_STATION}:*:{_IDS[_STATION]}:{_IDS[dropbox.STATIONS]}::/:/usr/sbin/nologin",
        ],
        "group": [f"{name}:x:{_IDS[name]}:" for name in (dropbox.INGEST, dropbox.STATIONS)],
    }
    return known.sub("", text) + "\n".join(added[table]) + "\n"


def _config(rules: Rules, host_key: str, port: int) -> str:
    lines = [
        f"ListenAddress {ThrowawayServer.host}",
        f"Port {port}",
        f"HostKey {host_key}",
        "PidFile none",
        "UsePAM no",
        "StrictModes " + ("yes" if rules.chroot else "no"),
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin " + ("no" if rules.chroot else "prohibit-password"),
        "UseDNS no",
        "LogLevel VERBOSE",
        "MaxStartups 100",
        "Subsystem sftp internal-sftp",
    ]
    block = dropbox.snippet(rules, exempt=None, openssh=openssh_version())
    return "\n".join(lines) + "\n" + block


def _keygen(path: Path) -> str:
    """Make an Ed25519 key pair unless it is there; returns the public key line, without comment."""
    if not path.exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServiceError(f"ssh-keygen could not make {path}: {done.stderr.strip()}")
    public = path.with_name(f"{path.name}.pub").read_text(encoding="ascii")
    return " ".join(public.split()[:2])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ThrowawayServer.host, 0))
        port: int = probe.getsockname()[1]
    return port


def _descendants(pid: int) -> list[int]:
    """Every process below ``pid``, found while their parents still are what they were."""
    found: list[int] = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return found
    for child in map(int, children.split()):
        found += [child, *_descendants(child)]
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
