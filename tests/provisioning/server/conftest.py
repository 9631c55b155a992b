"""How a throw-away server is logged in to, and where the checkout is."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.server import ThrowawayServer
from provisioning.server.check.client import Login


def login_to(server: ThrowawayServer) -> Login:
    known = server.log.with_name("known_hosts")
    known.write_text(f"[{server.host}]:{server.port} {server.host_key}\n")
    return Login(server.host, server.port, server.user, server.client_key, known)


@pytest.fixture
def root() -> Path:
    return Path(__file__).parents[3]
