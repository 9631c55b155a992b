"""A server that was prepared, how a throw-away one is logged in to, and where the checkout is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.server import ThrowawayServer
from provisioning.server.check.client import Login
from tests.provisioning.server.enrolling import ROOT
from tests.provisioning.server.namespace import Machine, prepared


def login_to(server: ThrowawayServer) -> Login:
    known = server.log.with_name("known_hosts")
    known.write_text(f"[{server.host}]:{server.port} {server.host_key}\n")
    return Login(server.host, server.port, server.user, server.client_key, known)


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A server of one test's own."""
    with prepared(ROOT) as made:
        yield made
