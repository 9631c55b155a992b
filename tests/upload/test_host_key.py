from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kiosk.errors import ConfigError
from kiosk.upload.host_key import HostKey
from tests.upload.conftest import keygen


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_the_fingerprint_is_what_ssh_keygen_says(tmp_path: Path, kind: str) -> None:
    public = keygen(tmp_path / "key", "-t", kind).with_name("key.pub")
    said = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(public)], capture_output=True, text=True, check=True
    ).stdout
    assert HostKey.parse(public.read_text()).fingerprint == said.split()[1]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 !!!!",
        "ssh-ed25519 AAAA",
        "ecdsa-sha2-nistp256 AAAAC3NzaC1lZDI1NTE5AAAAIB0000000000000000000000000000000000000000000",
        "ssh-dss AAAAB3NzaC1kc3MAAAAB",
    ],
)
def test_what_is_no_key_is_refused_with_what_was_expected(line: str) -> None:
    with pytest.raises(ConfigError, match=r"upload\.host_key.*expected"):
        HostKey.parse(line)
