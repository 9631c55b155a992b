"""Install a fresh Debian twice, boot it, see what its services may really do, ask its tools.

    sudo python3 -m tests.deploy.booted --suite trixie

Its services first; then the project's own tests of what systemd, udev, cloud-init, nftables and
sshd read are run inside it (``tested.py``; with ``--server`` everything that asks a real sshd).
``.ci/run`` does so too. Needs root, debootstrap, systemd-nspawn (package systemd-container),
Debian's archive and PyPI; takes two minutes, a second run with the same ``--work`` one.
Prints one table and ends with code 1 when a row is not as expected, with 2 where no Debian or no
container can be had. A container does not enforce device policy, address filters and memory limits:
docs/decisions/0060-service-sandbox.md.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from kiosk.commission.digests import RECORD
from kiosk.commission.drop_ins import strangers
from kiosk.commission.place import Place
from kiosk.commission.running import ACTIVE
from tests.deploy import debian, tested
from tests.deploy.debian import ROOT, ToolError, run
from tests.deploy.probe import ASKED

Row: TypeAlias = tuple[str, object, object]
"""What was looked at, what was found, what is expected."""

SECONDS = 120
"""The longest from boot to power-off, which takes 25 on a quiet machine: 3 s fed, 10 s of watchdog,
the lamps switched off, a restart."""

_CONSOLES = (
    *("getty@tty1.service", "serial-getty@ttyS0.service", "serial-getty@ttyAMA0.service"),
    *("console-getty.service", "debug-shell.service", "ctrl-alt-del.target"),
)
_TELL = "journalctl -b --no-pager -o cat -u kiosk-capture -u kiosk-upload -u kiosk-support"
_TELL += " > /journal.txt"
OFFICER = f"""\
[Service]
Type=oneshot
ExecStart=/bin/sh -c "systemctl show -P LoadState {" ".join(_CONSOLES)} > /consoles.txt; \
  systemctl show -P LoadState reboot.target >> /consoles.txt; \
  {shlex.join(ACTIVE)} >> /consoles.txt; \
  for i in $(seq {SECONDS}); do sleep 1; {_TELL}; \
  [ $(grep -c '^PROBE ..role.: .capture.' /journal.txt) -ge 2 ] && break; done; \
  sleep 2; {_TELL}; \
  mkdir -p {ASKED}/x; for i in $(seq 60); do sleep 1; \
  systemctl is-failed kiosk-support.path && break; done; \
  systemctl show -P Result kiosk-support.path > /limit.txt; systemctl poweroff"
"""
"""Ends it once the capture process has come a second time, after its watchdog; and once a request
that nobody can take away has met the limit of starts."""

TMPFS = ["/tmp tmpfs", "/var/tmp tmpfs"]
COMMON = {
    "keys folder": "EACCES",
    "spool": "written",
    "inbox": "written",
    "metrics": "written",
    # Of the capture process its second start counts: by then the other one has brought it.
    "share read": "x",
    "settings": "EROFS",
    "program": "EROFS",
    "temporary folders": TMPFS,
    "core limit": [0, 0],
    "boot id": 37,
    "processor": True,
    "other processes": 0,
}
CAPTURE = {
    **COMMON,
    "clock answers": True,
    # Where it says EACCES only the folder's mode refuses it, and `ReadOnlyPaths=` does nothing.
    "share": "EROFS",
    "state": "written",
    "working folder": "written",
    "internet socket": "EAFNOSUPPORT",
    "netlink socket": "opened",
    # The first start has asked for a bundle, which starts the unit that tells.
    "what is told of bundles": "x",
    "what is told of bundles, changed": "refused",
}
EXPECTED: dict[str, dict[str, object]] = {
    "capture": {**CAPTURE, "credential": ["signing-key"]},
    "lights-off": CAPTURE,
    "upload": {
        **COMMON,
        "credential": ["ssh-key"],
        "share": "written",
        "state": "ENOENT",
        "working folder": "EROFS",
        "seen in /var": ["spool", "tmp"],
        "internet socket": "opened",
        "netlink socket": "EAFNOSUPPORT",
    },
    "support": {
        "request": "taken",
        "told": "written",
        "signing key, read": True,
        "others' state, read": True,
        "others' state": "EACCES",
        "the same as its owner": "written",
        "spool as its owner": "written",
        "share": "refused",
        "settings": "EROFS",
        "program": "EROFS",
        "temporary folders": TMPFS,
        "internet socket": "EAFNOSUPPORT",
        "netlink socket": "EAFNOSUPPORT",
        "core limit": [0, 0],
        "clock answers": True,
    },
}
ALONE = (
    *("--private-network", "--register=no", "--keep-unit", "--console=pipe"),
    # A container's own filter would hide whether ours lets the clock be asked.
    "--system-call-filter=@clock",
)
INDEX = "https://pypi.org/simple/pip/"
_ASK = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"
JOURNAL = ("Watchdog timeout", "Scheduled restart job", "Started kiosk-upload.service")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="trixie", choices=["bookworm", "trixie"])
    parser.add_argument("--work", type=Path, help="keep the tree here for the next run")
    parser.add_argument("--nspawn", default="systemd-nspawn")
    parser.add_argument("--server", action="store_true", help="everything that asks a real sshd")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    work = options.work or Path(tempfile.mkdtemp(prefix="kiosk-booted-"))
    try:
        tree = work / options.suite
        try:
            have(tree, options.suite, options.nspawn)
        except (ToolError, OSError) as error:
            print(f"booted: no container can be had here: {error}", file=sys.stderr)
            return 2
        files = (*tested.FILES, *(tested.SERVER_FILES if options.server else ()))
        rows = [
            *install_rows(tree),
            *booted_rows(tree, options.nspawn),
            *tested.rows(tree, options.suite, container(tree, options.nspawn), files),
        ]
    finally:
        if options.work is None:
            shutil.rmtree(work)
    return int(report(rows) > 0)


def have(tree: Path, suite: str, nspawn: str) -> None:
    """Unpack a Debian; see whether it reaches PyPI and can run anything in a container.

    Raises:
        ToolError, OSError: it cannot, which says nothing about a station.
    """
    debian.unpack(suite, tree, debian.PACKAGES)
    debian.run_inside(tree, f"python3 -c '{_ASK}' {INDEX}")
    run(*container(tree, nspawn), "true")


def container(tree: Path, nspawn: str) -> tuple[str, ...]:
    """Return the start of a command that runs in a tree, without a network."""
    return (nspawn, "--quiet", "--directory", str(tree), *ALONE)


def report(rows: Sequence[Row]) -> int:
    """Print the table and return how many rows are not as expected."""
    for name, found, expected in rows:
        print(f"{'ok   ' if found == expected else 'WRONG'}  {name:<42}  {found}")
    wrong = sum(found != expected for _, found, expected in rows)
    print(f"{wrong} of {len(rows)} are not as expected.")
    return wrong


def install_rows(tree: Path) -> Iterator[Row]:
    debian.install(tree)
    again = debian.install(tree).splitlines()[-1].split(".")[0]
    yield "the second installation", again, "0 steps changed something"
    recorded = json.loads((tree / str(RECORD).lstrip("/")).read_text(encoding="utf-8"))["files"]
    yield "what Debian adds to our units", list(strangers(Place(tree), recorded)), []


def booted_rows(tree: Path, nspawn: str) -> Iterator[Row]:
    prepare(tree)
    subprocess.run(
        [*container(tree, nspawn), "--boot"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS + 120,
    )
    states = (tree / "consoles.txt").read_text(encoding="utf-8").split()
    yield "consoles, then what restarts", states, ["masked"] * len(_CONSOLES) + ["loaded"]
    limit = (tree / "limit.txt").read_text(encoding="utf-8").strip()
    yield "a request that cannot be taken away", limit, "unit-start-limit-hit"
    yield from journal_rows((tree / "journal.txt").read_text(encoding="utf-8"), EXPECTED)


def journal_rows(journal: str, wanted_of: Mapping[str, Mapping[str, object]]) -> Iterator[Row]:
    """Compare what the probe and systemd said with what is wanted of each role."""
    for words in JOURNAL:
        yield f"journal: {words}", words in journal, True
    reports = [line.partition(" ")[2] for line in journal.splitlines() if line.startswith("PROBE ")]
    found = {report["role"]: report["found"] for report in map(json.loads, reports)}
    for role, expected in wanted_of.items():
        for what, wanted in expected.items():
            yield f"{role}: {what}", found.get(role, {}).get(what), wanted


def prepare(tree: Path) -> None:
    """Give the tree keys, the probe in place of the program, and an end."""
    for name in ("signing-key", "ssh-key"):
        key = tree / "etc/kiosk/keys" / name
        if not key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    program = tree / "opt/kiosk/bin/kiosk"
    text = (ROOT / "tests/deploy/probe.py").read_text(encoding="utf-8")
    program.write_text(f"#!/opt/kiosk/bin/python\n{text}", encoding="utf-8")
    program.chmod(0o755)
    units = tree / "etc/systemd/system"
    (units / "officer.service").write_text(OFFICER, encoding="ascii")
    link = units / "multi-user.target.wants/officer.service"
    link.unlink(missing_ok=True)
    link.symlink_to("../officer.service")
    for name in ("journal.txt", "consoles.txt", "limit.txt"):
        (tree / name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
