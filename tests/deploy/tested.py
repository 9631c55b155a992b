"""The project's own tests inside an installed Debian: asked is what that Debian has.

Its systemd, udev, cloud-init, nftables and OpenSSH, by its Python and the station's own libraries,
whatever the machine outside has. The typing errors that the tests plant are planted there too.
"""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from provisioning.install.packages import installed
from tests.deploy import debian
from tests.deploy.debian import ROOT, ToolError

PACKAGES: Final = ("openssh-server", "cloud-init", "iproute2", "kmod")
"""What the tests ask beside the station's own packages."""

FILES: Final = (
    "tests/deploy/test_units.py",
    "tests/deploy/test_image_units.py",
    "tests/deploy/test_collect_units.py",
    "tests/deploy/test_limit_units.py",
    "tests/deploy/test_users_and_folders.py",
    "tests/deploy/test_firewall.py",
    "tests/provisioning/card/test_real_tools.py",
    "tests/provisioning/server/test_attacks.py",
)
SERVER_FILES: Final = (
    "tests/provisioning/card/test_with_server.py",
    "tests/provisioning/server/test_collector.py",
    "tests/provisioning/server/test_dropbox.py",
    "tests/provisioning/server/test_enrolment.py",
    "tests/provisioning/server/test_enrolment_attacks.py",
    "tests/provisioning/server/test_host.py",
    "tests/provisioning/server/test_namespace.py",
    "tests/provisioning/server/test_throwaway.py",
    "tests/upload/test_sftp.py",
)
"""The rest of what asks a real sshd; on demand, because it takes as long as all of the others."""

SKIPPED: Final = {
    "trixie": {"shellcheck is not installed on this machine"},
    "bookworm": {
        "shellcheck is not installed on this machine",
        "this machine's udevadm cannot verify rules (systemd before 254)",
        "this machine's cloud-init cannot check network-config (before 23.4)",
    },
}
"""What cannot be asked there, in the tests' own words; anything else that is skipped is wrong."""

SECONDS: Final = 900
LOCK: Final = "requirements/develop.txt"
RUNNER: Final = ("iniconfig", "packaging", "pluggy", "pygments", "pytest", "pytest-timeout")
_PLACE: Final = "/opt/tests"
_APT: Final = "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends"
_PIP: Final = "/opt/kiosk/bin/pip install -q --disable-pip-version-check --no-deps"


def rows(
    tree: Path, suite: str, container: Sequence[str | Path], files: Sequence[str]
) -> Iterator[tuple[str, object, object]]:
    """Run test files in an installed tree, whose files stay as they are.

    Args:
        tree: the product is installed in it.
        suite: its name.
        container: a command that runs another one in the tree, and takes options of nspawn.
        files: below the checkout.

    Raises:
        ToolError: tools or pytest cannot be fetched, or pytest did not come as far as its report.
    """
    have_tools(tree)
    have_pytest(tree)
    told = tree.with_name(f"{tree.name}.tested")
    told.mkdir(exist_ok=True)
    (told / "report.xml").unlink(missing_ok=True)
    done = subprocess.run(
        [
            *map(str, container),
            *("--volatile=overlay", f"--bind-ro={ROOT}:/checkout", f"--bind={told}:/told"),
            *("--chdir=/checkout", f"--setenv=PYTHONPATH=/checkout:{_PLACE}"),
            *("--setenv=PYTHONDONTWRITEBYTECODE=1", "/opt/kiosk/bin/python", "-P", "-m", "pytest"),
            *("-q", "--junitxml=/told/report.xml", *files),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    (told / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if not (told / "report.xml").exists():
        raise ToolError(f"pytest in {tree}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    yield from judged((told / "report.xml").read_text("utf-8"), files, SKIPPED[suite])


def judged(
    report: str, files: Iterable[str], skipped: Iterable[str]
) -> Iterator[tuple[str, object, object]]:
    """Give a row for each test file, and one for what was skipped.

    Args:
        report: as ``pytest --junitxml`` writes it.
        files: each has to have a test that passed, and none that failed.
        skipped: the reasons for which a test is skipped, all of them.
    """
    passed: dict[str, int] = defaultdict(int)
    failed: dict[str, list[str]] = defaultdict(list)
    reasons = set()
    for case in ET.fromstring(report).iter("testcase"):
        module = case.get("classname", "")
        if (skip := case.find("skipped")) is not None:
            reasons.add(skip.get("message"))
        elif case.find("failure") is not None or case.find("error") is not None:
            failed[module].append(case.get("name", ""))
        else:
            passed[module] += 1
    for file in files:
        module = file.removesuffix(".py").replace("/", ".")
        wrong = failed.pop(module, []) or ([] if passed[module] else ["none passed"])
        yield f"{Path(file).stem}: {passed[module]} passed; failed", wrong, []
    yield "tests elsewhere that failed", dict(failed), {}
    yield "tests skipped", sorted(map(str, reasons)), sorted(skipped)


def have_tools(tree: Path) -> None:
    """Install what the tests ask.

    Not when the tree is unpacked: debootstrap does not know packages by what others provide.

    Raises:
        ToolError: it cannot be fetched.
    """
    if set(PACKAGES) - installed((tree / "var/lib/dpkg/status").read_text("utf-8")):
        debian.run_inside(tree, f"{_APT} {' '.join(PACKAGES)}")
    # Asked as a tool, and not to act when the tree is booted again; a card ends it as well.
    (tree / "etc/cloud/cloud-init.disabled").touch()


def have_pytest(tree: Path) -> None:
    """Put the locked test runner into a folder of its own in the tree.

    Raises:
        ToolError: it cannot be fetched.
    """
    lock = tree / f"{_PLACE[1:]}.txt"
    wanted = locked((ROOT / LOCK).read_text("utf-8"), RUNNER)
    if (tree / _PLACE[1:]).exists() and lock.exists() and lock.read_text("utf-8") == wanted:
        return
    lock.write_text(wanted, encoding="utf-8")
    hashed = f"--only-binary=:all: --require-hashes --target {_PLACE} --upgrade -r {_PLACE}.txt"
    debian.run_inside(tree, f"{_PIP} {hashed}")


def locked(text: str, names: Iterable[str]) -> str:
    """Return a lock's entries of these packages, with their hashes.

    Raises:
        ToolError: one of them is not in it.
    """
    entries: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line[:1].isalnum():
            name = line.partition("==")[0]
        entries.setdefault(name, []).append(line)
    absent = sorted(set(names) - set(entries))
    if absent:
        raise ToolError(f"{', '.join(absent)}: not in the lock")
    return "".join(f"{line}\n" for name in names for line in entries[name])
