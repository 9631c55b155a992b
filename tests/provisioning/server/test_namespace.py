"""The copied machine's own ``sshd``: gone with every session, and there again on the same port."""

from __future__ import annotations

import socket
import threading

from tests.provisioning.server.enrolling import ROOT
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared, wait_until_free

pytestmark = needs_namespace

PATIENCE_S = 20.0
"""The longest that a connection may take to be greeted or to end."""


def greeted(machine: Machine) -> socket.socket:
    """Connect, and wait until a process of its own serves this connection."""
    session = socket.create_connection(("127.0.0.1", machine.port), PATIENCE_S)
    assert session.recv(4) == b"SSH-"
    return session


def test_a_server_that_is_away_has_no_sessions_left() -> None:
    with prepared(ROOT) as machine:
        port = machine.port
        with greeted(machine) as session:
            machine.stop_sshd()
            while session.recv(4096):
                pass
        machine.start_sshd()
        greeted(machine).close()
        assert machine.port == port
        assert (machine.root / "srv/capture-stations").is_dir()


def test_a_port_that_is_left_late_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        leaving = threading.Timer(0.2, listener.close)
        leaving.start()
        wait_until_free(port)
        assert listener.fileno() == -1
        leaving.join()
