"""``make demo``: clinic, server and station; ``--headless`` runs a session by script."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from kiosk.cli import main as kiosk
from kiosk.languages.names import LANGUAGES, SOURCE, Language
from kiosk.service import guarded
from provisioning.demo import collector, table
from provisioning.demo.clinic import (
    KEPT,
    SCREENS,
    STATION,
    Clinic,
    Sizes,
    deliver,
    found,
    write_member,
)
from provisioning.demo.processes import (
    ROOT,
    collecting,
    run_station,
    uploading,
    wait_for_letters,
    wait_until_empty,
)
from provisioning.demo.reading import read_back
from provisioning.server import ThrowawayServer

PORTRAIT = Sizes((1080, 1920))
WINDOW = Sizes((594, 1056), preview=(720, 960))
"""Fits a laptop's screen."""

OUTPUT = ROOT / "build" / "demo"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="by script, without a display")
    parser.add_argument("--output", type=Path, default=OUTPUT, help=f"default: {OUTPUT}")
    parser.add_argument(
        "--language", choices=LANGUAGES, default=SOURCE, help=f"of the screens (default: {SOURCE})"
    )
    arguments = parser.parse_args()
    # A closed terminal ends the demo as Ctrl-C does, with everything tidied up.
    signal.signal(signal.SIGHUP, lambda number, _frame: sys.exit(128 + number))
    output: Path = arguments.output.resolve()
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="kiosk-demo-") as folder:
        root, language = Path(folder).resolve(), arguments.language
        return _demonstrate(root, output, language, headless=arguments.headless)


def _demonstrate(root: Path, output: Path, language: Language, *, headless: bool) -> int:
    with ThrowawayServer(root / "server") as server:
        print(f"clinic server: sshd on {server.host}:{server.port} ({server.isolation})")
        station = root / "station"
        station.mkdir()
        clinic = found(station, server, PORTRAIT if headless else WINDOW, language)
        deliver(clinic, server.path.parent / "out")
        collect = collector.words(clinic, collector.make_boxes(clinic, server.path.parent))
        with (
            collecting(collect, output / "collect.log"),
            uploading(clinic.config, output / "upload.log") as uploader,
        ):
            wait_for_letters(clinic.spool, uploader)
            code = _session(clinic, output, headless=headless)
            if code:
                print(f"the station ended with exit code {code}", file=sys.stderr)
                return code
            wait_until_empty(clinic.spool, uploader)
        taken = kiosk(collect) == 0
        return _report(clinic, output) if taken else 1


def _session(clinic: Clinic, output: Path, *, headless: bool) -> int:
    member = clinic.config.with_name("member")
    write_member(clinic, member)
    arguments = [str(clinic.config), "--output", str(output), "--member", str(member)]
    if not headless:
        print(_KEYS.format(pin=clinic.member.pin))
        return run_station(arguments, {})
    print("a session by script, then one in which faults are provoked; each is told here:")
    return run_station([*arguments, "--script"], {"SDL_VIDEODRIVER": "dummy"})


def _report(clinic: Clinic, output: Path) -> int:
    kept = (output / KEPT).read_text(encoding="utf-8").split()
    lines = table.examine(clinic, sorted((clinic.sealed / STATION).glob("*.age")), kept)
    print(table.text(lines))
    for line in lines:
        if line.problem:
            print(f"shot {line.shot} ({line.what}): {line.problem}", file=sys.stderr)
    proven = read_back(clinic)
    pictures = len(list((output / SCREENS).glob("*.png")))
    if pictures:
        print(f"\n{pictures} pictures of the screens in {output / SCREENS}")
    taken = sum(line.shot > 0 for line in lines)
    good = taken == len(kept) and all(line.good for line in lines) and proven
    return 0 if good else 1


_KEYS = """\
The window stands for the touch screen: click instead of touching.
  space    the foot pedal; held for a second at review: take again
  digits   PIN and patient's number; return presses the obvious button
  escape   end the demo; what was taken is then opened with the clinic's key
When a badge is asked for it is read by itself. The first PIN is {pin}; choose your own after it."""


if __name__ == "__main__":
    sys.exit(guarded(main))
