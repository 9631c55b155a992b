"""Ansible's side: the table as its inventory, and playbooks that it understands."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from provisioning.fleet.inventory import inventory
from provisioning.install.__main__ import _parser

ROOT = Path(__file__).parents[2]
FLEET = ROOT / "provisioning/fleet"
TABLE = "station,camera,clock_battery,address\nkiosk-01,imx708,yes,192.0.2.21\nkiosk-02,imx477,,\n"
PLAYBOOKS = ("install.yml", "check.yml")


def hosts() -> dict[str, dict[str, Any]]:
    found = inventory(csv.DictReader(TABLE.splitlines()))
    meta = json.loads(json.dumps(found["_meta"]))
    return dict(meta["hostvars"])


def test_each_row_is_a_host_with_the_installers_own_words() -> None:
    found = hosts()
    assert found["kiosk-01"]["ansible_host"] == "192.0.2.21"
    assert found["kiosk-02"]["ansible_host"] == "kiosk-02"
    chosen = {name: _parser().parse_args(host["install_args"]) for name, host in found.items()}
    assert (chosen["kiosk-01"].camera, chosen["kiosk-01"].clock_battery) == ("imx708", True)
    assert (chosen["kiosk-02"].camera, chosen["kiosk-02"].clock_battery) == ("imx477", False)


def test_it_runs_as_ansible_runs_it(tmp_path: Path) -> None:
    (tmp_path / "stations.csv").write_text(TABLE, encoding="utf-8")
    command = [str(FLEET / "inventory.py"), "--list"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["stations"]["hosts"] == ["kiosk-01", "kiosk-02"]
    (tmp_path / "stations.csv").write_text("name\nx\n", encoding="utf-8")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr, done.stdout) == (1, False, "")


def test_the_playbook_installs_from_where_the_card_put_the_program() -> None:
    playbook = (FLEET / "install.yml").read_text("utf-8")
    place = (ROOT / "provisioning/card/place.sh").read_text("utf-8")
    (source,) = re.findall(r"^    source: (\S+)$", playbook, flags=re.MULTILINE)
    assert f"source=$root{source}\n" in place


def syntax(playbook: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("ansible-playbook") is None:
        pytest.skip("ansible-playbook (package ansible-core) is not installed on this machine")
    table = folder / "stations.csv"
    table.write_text(TABLE, encoding="utf-8")
    return subprocess.run(
        ["ansible-playbook", "--syntax-check", "-i", str(FLEET / "inventory.py"), str(playbook)],
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "STATIONS": str(table),
            "ANSIBLE_LOCAL_TEMP": str(folder),
            "LC_ALL": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_ansible_has_nothing_against_the_playbooks(name: str, tmp_path: Path) -> None:
    done = syntax(FLEET / name, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ansible.builtin.unarchive", "ansible.builtin.unarchiv"),
        ("serial: 1", "serail: 1"),
        ("  tasks:", "  task:"),
        ("gather_facts: false", "gather_fact: false"),
    ],
)
def test_a_planted_typo_in_a_playbook_is_seen(old: str, new: str, tmp_path: Path) -> None:
    text = (FLEET / "install.yml").read_text("utf-8")
    assert old in text
    broken = tmp_path / "install.yml"
    broken.write_text(text.replace(old, new), encoding="utf-8")
    assert syntax(broken, tmp_path).returncode != 0


SYSTEMCTL = """\
#!/bin/sh
case "$1" in
  show) cat {state}; printf 'LoadState=loaded\\nId=kiosk-capture.service\\n' ;;
  stop) echo ActiveState=inactive > {state}; echo stop >> {log} ;;
  start) echo ActiveState=active > {state}; echo start >> {log} ;;
esac
"""
KIOSK = """\
#!/bin/sh
echo "$*" >> {log}
[ {code} = 2 ] || {{ echo '{{"wrong": {code}}}' > "$3"; echo signed > "$3.sig"; }}
exit {code}
"""


def run_check(folder: Path, code: int) -> subprocess.CompletedProcess[str]:
    """Have Ansible check this machine, with stand-ins for systemctl and for the program."""
    if shutil.which("ansible-playbook") is None:
        pytest.skip("ansible-playbook (package ansible-core) is not installed on this machine")
    state, log = folder / "state", folder / "log"
    state.write_text("ActiveState=active\n")
    for name, text in (("systemctl", SYSTEMCTL), ("kiosk", KIOSK)):
        program = folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text.format(state=state, log=log, code=code))
        program.chmod(0o755)
    text = (FLEET / "check.yml").read_text("utf-8")
    for there, here in (("/opt/kiosk/bin", folder / "bin"), ("/run/", f"{folder}/run-")):
        assert str(there) in text
        text = text.replace(str(there), str(here))
    (folder / "check.yml").write_text(text, encoding="utf-8")
    hosts = "kiosk-01 ansible_connection=local ansible_become=false"
    table = folder / "hosts"
    table.write_text(f"[stations]\n{hosts} ansible_python_interpreter=/usr/bin/python3\n")
    return subprocess.run(
        ["ansible-playbook", "-i", str(table), str(folder / "check.yml")],
        env={
            "PATH": f"{folder}/bin:{os.environ['PATH']}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_station_is_used_again_whatever_its_check_says(tmp_path: Path, code: int) -> None:
    done = run_check(tmp_path, code)
    said = (tmp_path / "log").read_text().splitlines()
    assert said == ["stop", f"check --record {tmp_path}/run-kiosk-check.json", "start"], done.stdout
    assert (done.returncode == 0) == (code == 0), done.stdout
    kept = {path.name for path in tmp_path.glob("kiosk-01-check.json*")}
    assert kept == (set() if code == 2 else {"kiosk-01-check.json", "kiosk-01-check.json.sig"})
