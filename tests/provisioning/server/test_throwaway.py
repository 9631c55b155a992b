"""The throw-away server: it comes up, keeps no trace, and never outlives whoever started it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.server import ThrowawayServer
from provisioning.server.check.client import RawSftp
from tests.provisioning.server.conftest import login_to

PUSH = """
import io, sys
from pathlib import Path
from kiosk.config import Upload
from kiosk.upload.sftp import DropBox
from provisioning.server import ThrowawayServer
with ThrowawayServer(Path(sys.argv[1])) as s:
    box = Upload(host=s.host, port=s.port, user=s.user, key=s.client_key, host_key=s.host_key,
                 folder=s.folder)
    with DropBox.connect(box, lambda: False) as session:
        session.push(io.BytesIO(b'sealed'), 6, 'a.age')
    print(s.isolation, [(p.name, p.read_bytes()) for p in s.collected()])
"""


def test_it_collects_final_names_only(tmp_path: Path) -> None:
    with ThrowawayServer(tmp_path / "server") as server:
        with RawSftp(login_to(server)) as session:
            session.put("in/.half.part", b"half")
            session.put("in/b.age", b"b")
            session.put("in/a.age", b"a")
        assert [path.name for path in server.collected()] == ["a.age", "b.age"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_an_ordinary_user_can_run_it_and_is_told_what_is_missing(root: Path) -> None:
    """The user is made in a copy of /etc in memory, and gone with it."""
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no mount namespace, so no user can be made for the test")
    script = """
    mount -t tmpfs -o mode=0755 tmpfs /srv
    mkdir /srv/etc && cp -a /etc/. /srv/etc && mount --bind /srv/etc /etc
    useradd --create-home --home-dir /srv/ordinary ordinary
    cd "$1" && export HOME=/srv/ordinary
    become="setpriv --reuid=ordinary --regid=ordinary --clear-groups --inh-caps=-all"
    $become "$2" -c "import paramiko, kiosk.config" || exit 77
    $become "$2" -c "$3" /srv/ordinary/server
    """
    done = subprocess.run(
        [
            *("unshare", "--mount", "--propagation", "private"),
            *("sh", "-ec", script, "sh", str(root), sys.executable, PUSH),
        ],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("this checkout or its Python is closed to ordinary users")
    assert done.stdout == (
        "request list and umask only: not started as root [('a.age', b'sealed')]\n"
    ), done.stderr


def test_the_machine_keeps_no_trace(tmp_path: Path) -> None:
    before = [Path(name).read_bytes() for name in ("/etc/passwd", "/etc/group", "/proc/mounts")]
    with ThrowawayServer(tmp_path / "server") as server:
        during = [Path(name).read_bytes() for name in ("/etc/passwd", "/etc/group", "/proc/mounts")]
        pid = server.pid
    assert during == before
    assert not Path(f"/proc/{pid}").exists()


def test_a_session_ends_with_the_server(tmp_path: Path) -> None:
    with ThrowawayServer(tmp_path / "server") as server:
        session = RawSftp(login_to(server))
        server.stop()
        assert session.ended()
        session.__exit__()


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path, root: Path) -> None:
    code = (
        "import sys, signal\nfrom pathlib import Path\n"
        "from provisioning.server import ThrowawayServer\n"
        "with ThrowawayServer(Path(sys.argv[1])) as s:\n"
        "    print(s.pid, flush=True)\n    signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "server")], cwd=root, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        server = os.pidfd_open(int(starter.stdout.readline()))
        starter.send_signal(signal.SIGKILL)
    try:
        ended, _, _ = select.select([server], [], [], 30)
    finally:
        os.close(server)
    assert ended, "sshd outlived the process that started it"
