"""The rules and folders as data."""

from __future__ import annotations

import pytest

from kiosk.errors import UsageError
from provisioning.server import dropbox

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB5WxY0mC4gQ0g2bq7p7GQjXzq7p7GQjXzq7p7GQjXzq"

BLOCK = """\
Match Group stations
    AuthorizedKeysFile /etc/keys/%u
    AuthorizedKeysCommand none
    DenyGroups stations-quarantined stations-full
    AuthenticationMethods publickey
    ChrootDirectory /srv/drops/%u
    ForceCommand internal-sftp -l VERBOSE -u 0737 -p \
open,close,read,write,fstat,stat,rename,fsync,statvfs
    DisableForwarding yes
    PermitTTY no
    PermitTunnel no
    PermitUserRC no
    MaxSessions 1
"""


def test_the_block_is_exactly_this() -> None:
    assert dropbox.match_block(dropbox.rules("/srv/drops", "/etc/keys")) == BLOCK


@pytest.mark.parametrize(
    ("version", "exempt", "written"),
    [
        ((9, 2), "10.0.0.0/8", ""),
        ((9, 8), "10.0.0.0/8", "127.0.0.0/8,::1/128,10.0.0.0/8"),
        ((10, 0), None, "127.0.0.0/8,::1/128"),
    ],
)
def test_only_a_server_that_knows_the_penalties_is_told_of_them(
    version: tuple[int, int], exempt: str | None, written: str
) -> None:
    rules = dropbox.rules("/srv/drops", "/etc/keys")
    text = dropbox.snippet(rules, exempt=exempt, openssh=version)
    line = f"PerSourcePenaltyExemptList {written}\n" if written else ""
    assert line in text
    assert text.count("PerSource") == bool(written)
    assert text.endswith(BLOCK)
    # A global setting after a Match line would belong to the block.
    assert text.index("Match") > text.find("PerSource")


def test_no_request_that_could_take_or_replace_is_allowed() -> None:
    harmful = {"remove", "posix-rename", "opendir", "readdir", "setstat", "fsetstat", "symlink"}
    assert not harmful & set(dropbox.REQUESTS)


@pytest.mark.parametrize(
    "name", ["", "Room", "1room", "room_2", "a" * 32, "root", "ingest", "../x"]
)
def test_names_that_cannot_be_accounts(name: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        dropbox.station_name(name)


def test_a_key_is_restricted_and_its_comment_dropped() -> None:
    assert dropbox.authorized_key(f"{KEY} root@room-2\n", source="x") == f"restrict {KEY}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        f'command="sh" {KEY}',
        f"{KEY}\n{KEY}",
        f"{KEY} a\ncommand {KEY}",
        "ssh-dss AA",
    ],
)
def test_what_is_not_exactly_one_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="exactly one"):
        dropbox.authorized_key(text, source="room.pub")


ENROLMENT = """\
Match User enrol
    AuthorizedKeysFile none
    AuthorizedKeysCommand /var/lib/s/receive keys %u
    AuthorizedKeysCommandUser enrol
    AuthenticationMethods publickey
    ChrootDirectory none
    ForceCommand /var/lib/s/receive request
    ExposeAuthInfo yes
    DisableForwarding yes
    PermitTTY no
    PermitTunnel no
    PermitUserRC no
    MaxSessions 1
"""


def test_new_stations_get_an_account_of_their_own_before_the_drop_boxes() -> None:
    rules = dropbox.rules("/srv/drops", "/etc/keys", "/var/lib/s/receive")
    text = dropbox.snippet(rules, exempt=None, openssh=(9, 2))
    keys = "AuthorizedKeysCommand /var/lib/s/receive keys %u\n    AuthorizedKeysCommandUser enrol"
    assert text.endswith(ENROLMENT + BLOCK.replace("AuthorizedKeysCommand none", keys))
