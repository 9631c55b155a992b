"""Users, groups and folders, made by systemd's own tools in a tree of their own."""

from __future__ import annotations

import grp
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.commission.typing_rules import PANEL, STATION_RULES, rules
from kiosk.errors import StorageError
from kiosk.metrics import gauge, publish

Tool = Callable[[Sequence[str]], Any]

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="giving files to other users needs root, which this run is not"
)


@pytest.fixture
def tree(tmp_path: Path, checkout: Path) -> Path:
    for kind in ("sysusers.d", "tmpfiles.d"):
        folder = tmp_path / "etc" / kind
        folder.mkdir(parents=True)
        shutil.copy(checkout / "systemd" / kind / "kiosk.conf", folder)
    return tmp_path


def users(tool: Tool, tree: Path) -> Any:  # noqa: ANN401 - conftest's answer
    return tool(["systemd-sysusers", f"--root={tree}", "kiosk.conf"])


def folders(tool: Tool, tree: Path) -> Any:  # noqa: ANN401 - conftest's answer
    return tool(["systemd-tmpfiles", f"--root={tree}", "--create", "kiosk.conf"])


@as_root
def test_the_users_can_be_made_and_meet_in_the_spools_group(tool: Tool, tree: Path) -> None:
    assert users(tool, tree).code == 0
    rows = [line.split(":") for line in (tree / "etc/group").read_text("utf-8").splitlines()]
    members = {row[0]: set(row[3].split(",")) for row in rows}
    assert members["kiosk-spool"] == {"kiosk-capture", "kiosk-upload"}
    devices = {"video", "render", "input", "gpio"}
    assert {name for name in devices if members[name] == {"kiosk-capture"}} == devices
    passwd = (tree / "etc/passwd").read_text("utf-8")
    assert passwd.count("/usr/sbin/nologin") == 2


@as_root
def test_the_folders_are_as_closed_as_they_must_be(tool: Tool, tree: Path) -> None:
    assert users(tool, tree).code == 0
    key = tree / "etc/kiosk/keys/ssh-key"
    key.parent.mkdir(parents=True)
    key.write_text("a key that was copied here with too wide a mode\n", encoding="ascii")
    key.chmod(0o644)
    said = folders(tool, tree)
    assert (said.code, said.err) == (0, "")
    passwd = (tree / "etc/passwd").read_text("utf-8").splitlines()
    group = (tree / "etc/group").read_text("utf-8").splitlines()
    uid = {line.split(":")[0]: int(line.split(":")[2]) for line in passwd}
    gid = {line.split(":")[0]: int(line.split(":")[2]) for line in group}
    found = {
        path: _state(tree / path)
        for path in (
            *("var/spool/kiosk", "var/spool/kiosk/recall", "var/spool/kiosk/inbox"),
            *("var/spool/kiosk/sent", "var/spool/kiosk/trials"),
            *("run/kiosk-metrics", "run/kiosk-share"),
            *("var/lib/kiosk/capture", "etc/kiosk/keys", "etc/kiosk"),
        )
    }
    assert found == {
        "var/spool/kiosk": (0o2770, 0, gid["kiosk-spool"]),
        "var/spool/kiosk/recall": (0o2770, 0, gid["kiosk-spool"]),
        "var/spool/kiosk/inbox": (0o2770, 0, gid["kiosk-spool"]),
        "var/spool/kiosk/sent": (0o2770, 0, gid["kiosk-spool"]),
        "var/spool/kiosk/trials": (0o2770, 0, gid["kiosk-spool"]),
        "run/kiosk-metrics": (0o3775, 0, gid["kiosk-spool"]),
        "run/kiosk-share": (0o2750, uid["kiosk-upload"], gid["kiosk-spool"]),
        "var/lib/kiosk/capture": (0o700, uid["kiosk-capture"], gid["kiosk-spool"]),
        "etc/kiosk/keys": (0o700, 0, 0),
        "etc/kiosk": (0o755, 0, 0),
    }
    assert _state(key) == (0o600, 0, 0)


@as_root
def test_neither_process_replaces_the_others_figures(tool: Tool, tree: Path) -> None:
    assert users(tool, tree).code == 0
    assert folders(tool, tree).code == 0
    metrics = tree / "run/kiosk-metrics"
    # The test's own folders are closed to all but root.
    for parent in (metrics, *metrics.parents):
        if parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    passwd = (tree / "etc/passwd").read_text("utf-8").splitlines()
    uid = {line.split(":")[0]: int(line.split(":")[2]) for line in passwd}
    gid = _state(tree / "var/spool/kiosk")[2]

    def publishes(user: str, name: str) -> bool:
        try:
            with acting_as(uid[user], gid):
                publish(metrics, name, [gauge("kiosk_thing", "X.", 1)])
        except StorageError:
            return False
        return True

    for user, name in (("kiosk-upload", "upload.prom"), ("kiosk-capture", "capture.prom")):
        assert publishes(user, name)
        assert publishes(user, name), "and again"
        assert _state(metrics / name) == (0o644, uid[user], gid)
    assert not publishes("kiosk-capture", "upload.prom")
    assert not publishes("kiosk-upload", "capture.prom")


@as_root
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Capture Station, upload"', '"Capture Station: upload"'),
        ("u kiosk-upload", "user kiosk-upload"),
        ("u kiosk-upload", "u kiosk/upload"),
    ],
)
def test_a_planted_typo_in_the_users_is_seen(tool: Tool, tree: Path, old: str, new: str) -> None:
    edit(tree / "etc/sysusers.d/kiosk.conf", old, new)
    said = users(tool, tree)
    assert said.code != 0
    assert "kiosk.conf" in said.err


@as_root
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("d /var/spool/kiosk          2770", "d /var/spool/kiosk          2790"),
        ("d /var/spool/kiosk  ", "dir /var/spool/kiosk  "),
        ("d /etc/kiosk/keys ", "d etc/kiosk/keys "),
        ("2770 root          kiosk-spool", "2770 root          kiosk-spol"),
        ("2750 kiosk-upload ", "2750 kiosk-uplaod "),
    ],
)
def test_a_planted_typo_in_the_folders_is_seen(tool: Tool, tree: Path, old: str, new: str) -> None:
    assert users(tool, tree).code == 0
    edit(tree / "etc/tmpfiles.d/kiosk.conf", old, new)
    said = folders(tool, tree)
    assert said.code != 0
    assert "kiosk.conf" in said.err


GROUPS = {"video", "gpio"}
"""Of the device rules; a station has them, and few other machines have both."""


NAMED = Path(STATION_RULES).name


@pytest.mark.parametrize(
    ("name", "typo"),
    [
        ("90-kiosk.rules", ('MODE="0600"', 'MODUS="0600"')),
        ("90-kiosk.rules", ('SUBSYSTEM=="gpio"', 'SUBSYSTM=="gpio"')),
        ("90-kiosk.rules", ('KERNEL=="vcio"', 'KERNEL="vcio"')),
        ("90-kiosk.rules", ('GROUP="gpio"', 'GROUP="gipo"')),
        ("90-kiosk.rules", ('=="', '="=')),
        ("91-kiosk-typing.rules", ('=="', '="=')),
        ("91-kiosk-typing.rules", ("ENV{", "ENVV{")),
        ("91-kiosk-typing.rules", ("SUBSYSTEM", "SUBSISTEM")),
        ("91-kiosk-typing.rules", ("RUN+=", "RAN+=")),
        ("91-kiosk-typing.rules", ('LABEL="kiosk_typing_end"', 'LABEL="kiosk_end"')),
        (NAMED, ('=="', '="=')),
        (NAMED, ("ENV{", "ENVV{")),
        (NAMED, ("SUBSYSTEM", "SUBSISTEM")),
    ],
)
def test_a_planted_typo_in_the_device_rules_is_seen(
    tool: Tool, checkout: Path, tmp_path: Path, name: str, typo: tuple[str, str]
) -> None:
    if "verify" not in tool(["udevadm", "--help"]).out:
        pytest.skip("this machine's udevadm cannot verify rules (systemd before 254)")
    known = {group.gr_name for group in grp.getgrall()} >= GROUPS
    if typo[0].startswith("GROUP") and not known:
        pytest.skip("this machine does not have a station's groups")
    path = tmp_path / name
    if name == NAMED:
        devices = {"pedal": (1, 2), "reader": (3, 4), PANEL: (5, 6)}
        path.write_text(rules(devices), encoding="ascii")
    else:
        shutil.copy(checkout / "firmware_config/udev" / name, path)
    names = "early" if known else "never"
    verify = ["udevadm", "verify", f"--resolve-names={names}", str(path)]
    said = tool(verify)
    assert (said.code, said.err) == (0, "")
    edit(path, *typo)
    assert tool(verify).code != 0


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def acting_as(uid: int, gid: int) -> Iterator[None]:
    """Touch files as another user, in its group alone."""
    before = os.getgroups()
    os.setgroups([])
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid
