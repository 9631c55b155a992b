"""On demand: from a card to an enrolled station and its report, in a booted Debian.

    sudo python3 -m tests.deploy.first_boot --suite trixie --by console

The bench's own function writes the card, the card's own scripts place and install it, the machine
starts anew, asks for its code, gets a wrong one and the right one, enrols at a real sshd beside it
through its own firewall, sends a test object that the clinic's collector opens and answers, and
makes its commissioning report, which is completed when the desk enrols somebody afterwards.
``--by console``: the program finds no
screen, and the console asks instead. ``--by screen``: a stand-in for the program hands the codes
over, by the real socket and in the real sandbox.

Needs root, debootstrap, systemd-nspawn (package systemd-container), slirp4netns (a network for the
machine inside that leaves the one outside alone), Debian's archive and PyPI; takes some five
minutes, of which a second run with the same ``--work`` takes two. Stand-ins, because a container
has none of these: the answer of the time server, what cloud-init or the kernel's arguments start,
and a console in the place of the first screen. It has no camera, pins and screen either, which its
report says. Prints one table and ends with code 1 when a row is not as expected.
"""

from __future__ import annotations

import argparse
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from kiosk.commission.commissioning import PAGE, TABLE, WAITS
from kiosk.commission.firewall import INSTALLING, elements
from kiosk.commission.page import NAMESPACE
from kiosk.envelope.signatures import SigningKey
from kiosk.records.enrolment_code import Code
from provisioning.card import codes, contents, writing
from provisioning.card.archive import archive
from provisioning.card.codes import Issued
from provisioning.card.contents import Release
from provisioning.card.order import Wanted, load_bench, take
from provisioning.card.writing import Card
from tests.deploy import debian
from tests.deploy.clinic_beside import Clinic, repeatedly
from tests.deploy.debian import CERTIFICATES, ROOT, run
from tests.provisioning.server.namespace import Machine

NAME, CLINIC = "kiosk-01", "Lakeside Clinic"
SECONDS = 900
MORE_PACKAGES = "openssh-server,sudo,systemd-timesyncd"
SERVER, RESOLVER = "10.0.2.2", "10.0.2.3"
"""What slirp4netns makes of this machine's loopback, and its own name server."""

FIRST = """\
[Unit]
ConditionPathExists=!/var/lib/capture-station

[Service]
Type=oneshot
ExecStart=sh /boot/firmware/{script}
ExecStart=systemctl {then}
StandardOutput=journal+console
StandardError=journal+console
"""
NOTES = "/var/lib/kiosk/commissioning"
"""Where the officer may write: all else is read-only by then."""

STARTERS = {
    Release.TRIXIE: FIRST.format(
        script="capture-station/place.sh",
        then="start --no-block capture-station-first-boot.service",
    ),
    Release.BOOKWORM: FIRST.format(script="firstrun.sh", then="--no-block reboot"),
}
"""In the place of cloud-init's two commands, and of systemd.run= with its success action."""

OFFICER = f"""\
[Unit]
After=kiosk-enrol.service

[Service]
Type=oneshot
ExecStart=/bin/sh -c "for i in $(seq 420); do [ -e {PAGE} ] && break; sleep 1; done; \\
  cp {TABLE} {NOTES}/first.txt; \\
  for i in $(seq 240); do [ -e {WAITS} ] || break; sleep 1; done; sleep 8; \\
  journalctl --no-pager -o cat > {NOTES}/journal.txt; \\
  systemctl show -p ActiveState -p Result kiosk-enrol.service > {NOTES}/enrol.txt; \\
  systemctl --no-legend --plain list-units --all 'kiosk-enrol@*' > {NOTES}/tries.txt; \\
  stat -c '%%U %%G %%a' /run/kiosk-enrol.socket > {NOTES}/socket.txt; \\
  systemctl show -p Result kiosk-commission.service > {NOTES}/commission.txt; \\
  touch /usr/local/written 2> {NOTES}/touch.txt; \\
  systemctl list-units --failed --plain --no-legend > {NOTES}/failed.txt; \\
  nft -j list ruleset > {NOTES}/rules.txt; \\
  cd /usr/local/src/capture-station && python3 -m provisioning.install > {NOTES}/again.txt; \\
  touch /usr/local/late; \\
  systemctl poweroff"
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="trixie", choices=["bookworm", "trixie"])
    parser.add_argument("--by", default="console", choices=["console", "screen"])
    parser.add_argument("--work", type=Path, help="keep the fresh tree here for the next run")
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="kiosk-first-boot-"))
    try:
        rows = list(from_card_to_station(work, options.suite, by_screen=options.by == "screen"))
    finally:
        if options.work is None:
            shutil.rmtree(work)
    for name, found, expected in rows:
        print(f"{'ok   ' if found == expected else 'WRONG'}  {name:<52}  {found}")
    wrong = sum(found != expected for _, found, expected in rows)
    print(f"{wrong} of {len(rows)} are not as expected.")
    return int(wrong > 0)


def from_card_to_station(
    work: Path, suite: str, *, by_screen: bool
) -> Iterator[tuple[str, object, object]]:
    tree, release = fresh_tree(work, suite), Release(suite)
    server = Machine(ROOT)
    try:
        server.ok("prepare")
        server.start_sshd()
        card = Card(tree / "boot/firmware", release)
        clinic = Clinic(server, CLINIC, NAME)
        issued = write_card(work / "bench", card, server, clinic)
        ticket = codes.keep_ticket(work / "bench", issued.ticket)
        server.ok("expect", str(ticket))
        stand_in(tree, release)
        codes_ = [Code.generate().text(), issued.code.text().lower()]
        if by_screen:
            stand_in_screen(tree, codes_)

        def work_at_clinic() -> None:
            clinic.collect(ticket)
            if (tree / str(PAGE)[1:]).exists():
                clinic.staff()

        with repeatedly(work_at_clinic):
            screen = boot(tree, [] if by_screen else codes_)
        (work / "screen.txt").write_text(screen, encoding="utf-8")
        yield from rows(tree, screen, server, issued.code)
        yield from (screen_rows if by_screen else console_rows)(tree, screen, server)
    finally:
        server.close()


def fresh_tree(work: Path, suite: str) -> Path:
    """Copy the tree of an earlier run, or fetch one."""
    clean, tree = work / f"{suite}-fresh", work / suite
    debian.unpack(suite, clean, debian.PACKAGES, MORE_PACKAGES)
    if tree.exists():
        shutil.rmtree(tree)
    run("cp", "-a", clean, tree)
    return tree


def write_card(bench: Path, card: Card, server: Machine, clinic: Clinic) -> Issued:
    """As `kiosk provision card` does, with the server beside us."""
    shutil.rmtree(bench, ignore_errors=True)
    (bench / "people").mkdir(parents=True)
    card.root.mkdir(parents=True)
    (card.root / "cmdline.txt").write_text("console=tty1 rootwait\n", encoding="ascii")
    now = datetime.now(UTC)
    (bench / "recipients.txt").write_text(clinic.recipients, encoding="ascii")
    key = server.read("/etc/ssh/ssh_host_ed25519_key.pub").strip()
    technician = SigningKey.generate().public_line("me")
    (bench / "clinic.toml").write_text(
        f'clinic = "{CLINIC}"\nrecipients = "recipients.txt"\n'
        f'technician_key = "tech.pub"\n[server]\nhost = "{SERVER}"\nport = {server.port}\n'
        f'host_key = "{key}"\n',
        encoding="utf-8",
    )
    (bench / "tech.pub").write_text(technician, encoding="ascii")
    (bench / f"people/{NAME}.toml").write_text(clinic.people(), encoding="utf-8")
    order = take(load_bench(bench / "clinic.toml"), Wanted(NAME, "imx708"), now)
    files = contents.parts(order, archive(ROOT))
    writing.write(card, files, contents.starters(order, card.release))
    return codes.issue(NAME, 1, now)


def stand_in(tree: Path, release: Release) -> None:
    """Put in place what a container lacks, and an end."""
    local = tree / "usr/local/bin/timedatectl"
    local.write_text("#!/bin/sh\necho yes\n", encoding="ascii")
    local.chmod(0o755)
    shutil.copy(CERTIFICATES, tree / CERTIFICATES.relative_to("/"))
    (tree / "etc/pip.conf").write_text(f"[global]\ncert = {CERTIFICATES}\n", encoding="ascii")
    units = tree / "etc/systemd/system"
    console = units / "kiosk-enrol.service.d/console.conf"
    console.parent.mkdir()
    console.write_text("[Service]\nTTYPath=/dev/console\n", encoding="ascii")
    resolver = tree / "etc/resolv.conf"
    resolver.unlink(missing_ok=True)
    resolver.write_text(f"nameserver {RESOLVER}\n", encoding="ascii")
    mask = units / "console-getty.service"
    mask.unlink(missing_ok=True)
    mask.symlink_to("/dev/null")
    made = {
        "officer.service": OFFICER,
        "officer.path": "[Path]\nPathExists=/etc/kiosk/enrolled.json\n",
        "first.service": STARTERS[release],
    }
    for name, text in made.items():
        (units / name).write_text(text, encoding="ascii")
    for name in ("officer.path", "first.service"):
        (units / "multi-user.target.wants" / name).symlink_to(f"../{name}")


def stand_in_screen(tree: Path, codes_: list[str]) -> None:
    """Have the capture process's unit run a stand-in, which hands the codes over."""
    shared = tree / "usr/local/share"
    shutil.copy(ROOT / "tests/deploy/screen.py", shared / "screen.py")
    (shared / "codes").write_text("\n".join(codes_), encoding="ascii")
    drop_in = tree / "etc/systemd/system/kiosk-capture.service.d/screen.conf"
    drop_in.parent.mkdir()
    command = "/opt/kiosk/bin/python3 /usr/local/share/screen.py"
    # A container has no lamps to switch off either.
    lines = ("[Service]", "Type=exec", "WatchdogSec=0", "ExecStart=", f"ExecStart={command}")
    drop_in.write_text("\n".join((*lines, "ExecStopPost=", "")), encoding="ascii")


def boot(tree: Path, lines: list[str]) -> str:
    """Boot until the officer has reported; return everything that was on the console."""
    said = ""
    for _ in range(3):
        # Some versions of nspawn end where the machine inside starts anew.
        said += boot_once(tree, lines)
        if noted(tree, "journal.txt").exists():
            break
    return said


@contextmanager
def network() -> Iterator[int]:
    """Give a process in a network namespace that reaches the world, and this machine by SERVER."""
    holder = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "echo && exec sleep infinity"], stdout=-1
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    cable = subprocess.Popen(["slirp4netns", "--configure", str(holder.pid), "tap0"], stderr=-1)
    try:
        yield holder.pid
    finally:
        for process in (cable, holder):
            process.kill()
            process.communicate()


def boot_once(tree: Path, lines: list[str]) -> str:
    """Boot and type a line at each prompt."""
    with network() as around:
        return boot_in(around, tree, lines)


def boot_in(around: int, tree: Path, lines: list[str]) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [
            *("nsenter", f"--net=/proc/{around}/ns/net"),
            # Without a namespace of its own the machine inside would outlive us.
            *("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
            *("--console=interactive", "--resolv-conf=off", "--directory", str(tree)),
            # For the firewall, which without a network namespace would be that of this machine.
            "--capability=CAP_NET_ADMIN",
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said, typed, deadline = "", 0, time.monotonic() + SECONDS
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if select.select([ours], [], [], 1.0)[0]:
                with suppress(OSError):
                    said += os.read(ours, 65536).decode("utf-8", "replace")
            if said.count("Code: ") > typed and typed < len(lines):
                os.write(ours, f"{lines[typed]}\n".encode())
                typed += 1
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", said)


def rows(
    tree: Path, screen: str, server: Machine, code: Code
) -> Iterator[tuple[str, object, object]]:
    for words in (
        f"the card of {NAME} is in its place",
        "installing; this takes some minutes",
        "installed. The station starts anew",
        "Capture Station, commissioning: ",
    ):
        yield f"console: {words}", words in screen, True
    journal = noted(tree, "journal.txt")
    text = journal.read_text("utf-8") if journal.exists() else ""
    yield "the code is not in the journal", bool(text) and code.secret not in text.upper(), True
    yield "still pending", (tree / "etc/kiosk/enrolment-pending").exists(), False
    for name in ("ssh-key", "signing-key"):
        mode = (tree / f"etc/kiosk/keys/{name}").stat().st_mode & 0o7777
        yield f"mode of {name}", oct(mode), "0o600"
    listed = [line for line in server.ok("list").splitlines() if line.startswith(NAME)]
    yield "the server lists its key", ["SHA256:" in line for line in listed], [True]
    kept = server.ok("enrolment", NAME)
    signing = (tree / "etc/kiosk/keys/signing-key.pub").read_text("ascii").split()[1]
    yield "the server has its signing key", signing in kept, True
    yield from report_rows(tree)
    again = noted(tree, "again.txt")
    lines = again.read_text("utf-8").splitlines() if again.exists() else []
    yield "another installation", "Nothing had to be changed." in lines, True
    removed = (tree / "etc/systemd/system/multi-user.target.wants").glob("capture-station-*")
    yield "the first boot's unit is off", list(removed), []


def console_rows(tree: Path, screen: str, server: Machine) -> Iterator[tuple[str, object, object]]:
    for words in (
        f"This is station {NAME}.",
        f"does not know this code for {NAME}",
        f"{NAME} is enrolled at {SERVER}:{server.port}",
        f"lets {NAME} in",
    ):
        yield f"console: {words}", words in screen, True
    wanted = ["Result=success", "ActiveState=inactive"]
    yield "the unit", told(tree, "enrol.txt").split(), wanted


def screen_rows(tree: Path, screen: str, _server: Machine) -> Iterator[tuple[str, object, object]]:
    journal = told(tree, "journal.txt")
    for words in (
        "SCREEN internet Address family not supported by protocol",
        "SCREEN enrolment-code-unknown: The server does not know this code",
        "SCREEN enrolled and logged in",
        "SCREEN is enrolled",
    ):
        yield f"journal: {words}", words in journal, True
    yield "the console asks for nothing", "Code: " in screen, False
    yield "the socket", told(tree, "socket.txt"), "kiosk-capture root 600\n"
    yield "no try is left over", told(tree, "tries.txt"), ""


FAILS_HERE = {"kiosk-capture.service"}
"""Without pins and camera."""

WRONG_HERE = {
    # Neither camera nor pins nor a screen in a container, and picamera2 only on a Raspberry Pi.
    *("lights", "camera", "pedal", "screen", "touch screen", "firmware"),
    # No text of the clinic's own was given.
    "consent texts",
    # Of the machine outside: its clock, its swap, its core pattern, its settings, its bus of input
    # devices.
    *("clock", "time source", "swap", "core dumps", "kernel settings", "input devices"),
    # What stands in for the console.
    "drop-ins",
}


PROVEN_HERE = (
    *("enrolment", "firewall", "server", "test object", "opened by clinic"),
    *("installed files", "program", "read-only system"),
)


def noted(tree: Path, name: str) -> Path:
    return tree / NOTES[1:] / name


def told(tree: Path, name: str) -> str:
    path = noted(tree, name)
    return path.read_text("utf-8") if path.exists() else ""


def report_rows(tree: Path) -> Iterator[tuple[str, object, object]]:
    """What the station says of itself after its enrolment; what a container lacks may be wrong."""
    table = tree / str(TABLE)[1:]
    lines = table.read_text("utf-8").splitlines() if table.exists() else []
    verdicts = {line[:20].rstrip(): line for line in lines if line[:1].strip()}
    for name in PROVEN_HERE:
        line = next((line for line in lines if line.startswith(f"{name}  ")), "not in the report")
        yield f"report: {name}", " ok " in line or line, True
    first = told(tree, "first.txt")
    yield "report: at first nobody can sign in", "Nobody can sign in" in first, True
    (line,) = [line for line in lines if line.startswith("operators  ")] or ["not in the report"]
    yield "report: operators, by the letter that came later", " ok " in line or line, True
    yield "report: waits for nothing", (tree / str(WAITS)[1:]).exists(), False
    wrong = {line.partition("  ")[0] for line in verdicts.values() if "  WRONG  " in line}
    yield "report: wrong, and not for want of hardware", sorted(wrong - WRONG_HERE), []
    page = tree / str(PAGE)[1:]
    key = SigningKey.load(tree / "etc/kiosk/keys/signing-key")
    signed = page.exists() and verified(page, key.public_line())
    yield "report: signed by the station", signed, True
    ended = noted(tree, "commission.txt")
    yield "the unit of the report", ended.read_text("ascii").split(), ["Result=success"]
    refused = noted(tree, "touch.txt").read_text("utf-8")
    yield "a write elsewhere", "Read-only file system" in refused, True
    yield "after another installation too", (tree / "usr/local/late").exists(), False
    failed = {line.split()[0] for line in noted(tree, "failed.txt").read_text("utf-8").splitlines()}
    yield "units that failed, but for want of hardware", sorted(failed - FAILS_HERE), []
    rules = noted(tree, "rules.txt").read_text("utf-8")
    yield "rules: a technician gets in", elements(rules, "technician"), [22]
    yield "rules: the way to packages", elements(rules, INSTALLING), []
    sequence = tree / "var/lib/kiosk/capture/sequence"
    owner = sequence.stat().st_uid
    yield "the counter is the capture process's", owner, sequence.parent.stat().st_uid


def verified(page: Path, line: str) -> bool:
    allowed = page.with_name("allowed")
    allowed.write_text(f"{NAME} {line}\n", encoding="ascii")
    done = subprocess.run(
        [
            *("ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", NAME),
            *("-n", NAMESPACE, "-s", f"{page}.sig"),
        ],
        input=page.read_bytes(),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
