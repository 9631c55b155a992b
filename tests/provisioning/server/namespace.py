"""A copy of this machine for the commands of a real server.

``/etc``, ``/srv``, ``/var/lib`` and ``/run`` are in memory there: accounts and rules are really
made and really used, and nothing of it remains.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SETUP = """
mount -t tmpfs -o mode=0755 tmpfs /srv
mkdir /srv/etc && cp -a /etc/. /srv/etc && mount --bind /srv/etc /etc
rm -rf /etc/ssh/sshd_config.d/* /etc/ssh/capture-stations
mkdir /srv/data && mount --bind /srv/data /srv
mount -t tmpfs -o mode=0755 tmpfs /var/lib
mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -m 0755 /run/sshd
ssh-keygen -q -A
echo ready && exec sleep infinity
"""

needs_namespace = pytest.mark.skipif(
    os.geteuid() != 0
    or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode
    != 0,
    reason="making accounts needs root and a mount namespace of its own",
)


PATIENCE_S = 20.0
"""The longest that ``sshd`` may take to come up, and to leave its port when it was killed."""


def wait_until_free(port: int) -> None:
    """Wait until somebody may listen on this loopback port.

    What listened dies after its killed parent was waited for, not with it.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


class Machine:
    """A copy of this machine whose accounts and configuration may be changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._holder = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL"),
                *("unshare", "--mount", "--propagation", "private"),
                # Its own processes, too: stations of several machines have one number each.
                *("--pid", "--fork", "--kill-child", "--mount-proc"),
                *("sh", "-ec", SETUP),
            ],
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"ready\n"
        self._sshd: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def root(self) -> Path:
        """Its files, as this machine sees them."""
        return Path(f"/proc/{self._holder.pid}/root")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.inside(*command), capture_output=True, text=True, check=False, cwd=self._root
        )

    def server(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "provisioning.server", *arguments)

    def ok(self, *arguments: str) -> str:
        done = self.server(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(self, path: str) -> str:
        return self.run("cat", path).stdout

    def start_sshd(self) -> None:
        """Start it; again on the same port, if it ran before."""
        with socket.create_server(("127.0.0.1", self.port)) as probe:
            self.port = probe.getsockname()[1]
        command = [
            # Its sessions end with it.
            *("unshare", "--pid", "--fork", "--kill-child"),
            "/usr/sbin/sshd",
            "-D",
            "-e",
            "-p",
            str(self.port),
            "-o",
            "ListenAddress=127.0.0.1",
        ]
        self._sshd = subprocess.Popen(
            self.inside("setpriv", "--pdeathsig", "KILL", *command), stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        pytest.fail("sshd did not come up")

    def stop_sshd(self) -> None:
        """End it with every session, its port free again; what arrived stays."""
        process, self._sshd = self._sshd, None
        if process is not None:
            process.kill()
            process.communicate()
            wait_until_free(self.port)

    def close(self) -> None:
        self.stop_sshd()
        self._holder.kill()
        self._holder.communicate()

    def inside(self, *command: str) -> list[str]:
        holder = str(self._holder.pid)
        processes = f"--pid=/proc/{holder}/ns/pid_for_children"
        enter = ["nsenter", "--target", holder, "--mount", "--root", processes, "--"]
        # Entering a namespace leads to its root folder.
        return [*enter, "env", f"--chdir={self._root}", *command]


@contextmanager
def prepared(root: Path) -> Iterator[Machine]:
    """Give a machine that was prepared as the clinic's server, with its sshd running."""
    made = Machine(root)
    try:
        made.ok("prepare")
        made.start_sshd()
        yield made
    finally:
        made.close()
