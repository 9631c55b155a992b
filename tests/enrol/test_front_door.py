"""The command line's part: which key is proof, and what is said where no card can be written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kiosk import cli
from kiosk.cli_common import with_stored_keys
from kiosk.config import StationConfig
from kiosk.config_reading import parse
from kiosk.errors import UsageError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config() -> StationConfig:
    text = (ROOT / "provisioning/install/station.toml.example").read_text("utf-8")
    for key, value in {
        "host_key": "ssh-ed25519 AAAA",
        "desk": "ssh-ed25519 AAAA",
        "mailbox": "0" * 32,
    }.items():
        text = text.replace(f'{key} = "CHANGE-ME"', f'{key} = "{value}"')
    return parse(text.replace("CHANGE-ME", "kiosk-01"), source="example")


def test_the_server_is_tried_with_roots_own_key_files(config: StationConfig) -> None:
    """What systemd hands over is there only while the service runs, which a check stops."""
    assert str(config.upload.key).startswith("/run/credentials/")
    tried = with_stored_keys(config)
    assert tried.upload.key == Path("/etc/kiosk/keys/ssh-key")
    assert tried.station.signing_key == Path("/etc/kiosk/keys/signing-key")
    assert tried.station.state == config.station.state


def test_where_there_is_no_checkout_no_card_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "provisioning.card.cli", None)
    options = cli._parser().parse_args(["provision", "card", "--station", "kiosk-01"])
    with pytest.raises(UsageError, match="written from a checkout"):
        options.handler(options)
