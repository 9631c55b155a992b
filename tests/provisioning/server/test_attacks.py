"""What a thief can do with a station's key, tried against a real sshd: put junk in, no more.

The attacks are those of ``provisioning.server.check``, the same that its command tries on a
clinic's server. Each is shown to be noticed where a server is weak.
"""

from __future__ import annotations

import re
import sys

import pytest

from provisioning.server.check.attacks import ATTACKS
from tests.provisioning.server.enrolling import ROOT
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared
from tests.provisioning.server.weakening import RULES, WEAK, Weakness

NAMES = [attack.name for attack in ATTACKS]
REPORT = """
import sys
from provisioning.server.check import attacks, running
from provisioning.server.place import Place
wanted = set(sys.argv[2:])
chosen = [one for one in attacks.ATTACKS if one.name in wanted or one.kind == "configuration"]
code, lines = running.check(Place(), port=int(sys.argv[1]), attacks=chosen)
print("\\n".join(lines))
sys.exit(code)
"""
"""Some of the attacks alone, because a weak server needs not be tried by all."""


def traces(machine: Machine) -> str:
    listed = "find /srv /etc/ssh /var/lib /run ! -name motd.dynamic -printf '%p %m %u %g\\n' | sort"
    accounts = "cat /etc/passwd /etc/group /etc/shadow /etc/gshadow"
    return machine.run("sh", "-ec", f"{listed}; {accounts}").stdout


@needs_namespace
def test_every_attack_is_refused_and_nothing_remains(machine: Machine) -> None:
    before = traces(machine)
    done = machine.server("check", "--port", str(machine.port))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    table = done.stdout.splitlines()
    assert len(table) == len(NAMES) + 2
    assert all(line.endswith(" refused") for line in table[1:-1])
    assert table[-1] == f"{len(NAMES)} attacks, every one was refused"
    assert traces(machine) == before


@needs_namespace
@pytest.mark.parametrize("weak", WEAK.values(), ids=WEAK.keys())
def test_each_weakness_is_noticed(weak: Weakness) -> None:
    with prepared(ROOT) as machine:
        machine.stop_sshd()
        for edit in weak.edits:
            machine.run("sed", "-i", edit, RULES)
        assert machine.run("sh", "-ec", weak.setup).returncode == 0
        machine.start_sshd()
        program = f"{weak.program}\n{REPORT}"
        port = str(machine.port)
        done = machine.run(sys.executable, "-c", program, port, *weak.noticed)
        assert (done.returncode, done.stderr) == (1, "")
        lines = done.stdout.splitlines()
        noticed = {name for name in weak.noticed if any(_succeeded(line, name) for line in lines)}
        assert noticed == weak.noticed, done.stdout
        assert ("SUCCEEDED" in lines[1]) is bool(weak.edits), "the configuration is looked at too"
        assert "check-" not in machine.read("/etc/passwd")


def _succeeded(line: str, name: str) -> bool:
    return re.search(rf"  {re.escape(name)}  +SUCCEEDED", line) is not None


def test_no_attack_is_without_a_server_on_which_it_succeeds() -> None:
    assert {name for weak in WEAK.values() for name in weak.noticed} == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@needs_namespace
def test_what_could_not_be_tried_is_not_called_refused(machine: Machine) -> None:
    machine.stop_sshd()
    done = machine.server("check", "--port", str(machine.port))
    assert (done.returncode, "could not log in" in done.stderr) == (3, True)
    assert "refused" not in done.stdout
    assert "check-" not in machine.read("/etc/passwd")


@needs_namespace
def test_what_an_attack_could_not_try_has_a_code_of_its_own(machine: Machine) -> None:
    """The server breaks down meanwhile."""
    program = (
        "from provisioning.server.check import client\nfrom kiosk.errors import ServiceError\n"
        "def broken(*_, **__): raise ServiceError('broken')\n"
        "client.Login.run = broken\n"
    )
    port, name = str(machine.port), "run a command"
    done = machine.run(sys.executable, "-c", program + REPORT, port, name, "get a terminal")
    assert done.returncode == 3
    assert "NOT TRIED  broken" in done.stdout
    assert "2 could not be tried; this server is not proven" in done.stdout


@needs_namespace
def test_a_server_that_says_nothing_has_not_refused(machine: Machine) -> None:
    """As one does that shuts an address out after wrong logins."""
    program = (
        "import subprocess\nfrom provisioning.server.check import client\n"
        "said = subprocess.CompletedProcess([], 255, b'', b'Connection closed by peer')\n"
        "client.Login.run = lambda *_, **__: said\n"
    )
    names = (
        *("run a command", "get a terminal", "log in as root", "log in by anything but a key"),
        *("fetch by scp", "put over by the old scp"),
    )
    done = machine.run(sys.executable, "-c", program + REPORT, str(machine.port), *names)
    assert done.returncode == 3
    assert done.stdout.count("NOT TRIED  ") == len(names)
    assert done.stdout.count("Connection closed by peer") == len(names)


@needs_namespace
def test_a_server_that_never_comes_to_an_end_has_not_refused(machine: Machine) -> None:
    program = (
        "import subprocess, types\nfrom provisioning.server.check import client\n"
        "def slow(*_, **__): raise subprocess.TimeoutExpired('ssh', 30)\n"
        "client.subprocess = types.SimpleNamespace(**{**vars(subprocess), 'run': slow})\n"
    )
    names = ("get a shell", "fetch by scp")
    done = machine.run(sys.executable, "-c", program + REPORT, str(machine.port), *names)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.count("NOT TRIED  the server did not answer within 30 s") == len(names)


@needs_namespace
def test_what_a_killed_check_left_behind_is_removed_by_the_next(machine: Machine) -> None:
    program = (
        "import os\nfrom provisioning.server.check import scene\n"
        "scene.Scene.set = lambda _: os.kill(os.getpid(), 9)\n"
    )
    before = traces(machine)
    done = machine.run(sys.executable, "-c", program + REPORT, str(machine.port))
    assert done.returncode == -9
    assert "check-" in machine.read("/etc/passwd")
    assert "/run/capture-stations-check-" in traces(machine)
    machine.run(sys.executable, "-c", REPORT, str(machine.port))
    assert traces(machine) == before


@needs_namespace
def test_one_check_at_a_time(machine: Machine) -> None:
    held = ("flock", "--no-fork", "/var/lib/capture-stations")
    done = machine.run(*held, sys.executable, "-m", "provisioning.server", "check")
    assert (done.returncode, "another check is at work" in done.stderr) == (2, True)


@needs_namespace
def test_a_server_that_is_not_prepared_is_told_apart() -> None:
    machine = Machine(ROOT)
    try:
        done = machine.server("check")
    finally:
        machine.close()
    assert (done.returncode, "run `prepare` first" in done.stderr) == (2, True)
