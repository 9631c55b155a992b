"""The copied machine's own ``sshd``: gone with every session, and there again on the same port."""

from __future__ import annotations

import socket

from tests.provisioning.server.enrolling import ROOT
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared

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
