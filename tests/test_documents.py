"""What the documents show is what the product does: examples are read, commands are understood."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import numpy as np
import pytest

from kiosk import cli
from kiosk.capture.guides.choice import SIGHT_CUES
from kiosk.capture.guides.values import Cue
from kiosk.capture.guiding.views import Optics
from kiosk.capture.maintenance.ruler import CARD_MM
from kiosk.capture.pose import descriptor
from kiosk.capture.pose.edges import SIDE, unpacked
from kiosk.capture.ui.model import Backlog
from kiosk.capture.ui.wording import ENGLISH
from kiosk.clinic.day_table import read_table
from kiosk.clinic.kinds import KINDS
from kiosk.commission import people
from kiosk.commission.checks import Result, ok, unchecked
from kiosk.commission.commissioning import verdict
from kiosk.commission.place import Place
from kiosk.config import Guide, Patients, People, StationConfig
from kiosk.config_reading import parse
from kiosk.enrol.console import converse
from kiosk.envelope.letter import LIMITS, Kind, LetterHead
from kiosk.records.enrolment_code import parse_code
from kiosk.records.operators import Kdf, OperatorKey, OperatorSecret, Roster
from kiosk.records.protocols import load_library
from kiosk.records.shot import MatchRecord, Record, Series
from kiosk.records.worklist import Expected, Worklist
from kiosk.upload.host_key import HostKey
from provisioning.card.order import ClinicFile, ServerSection, load_bench
from provisioning.install import __main__ as install
from provisioning.server import __main__ as server

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
POSE = DOCS / "formats" / "pose.md"
TECHNICIAN = DOCS / "technician.md"
CLINIC = DOCS / "clinic.md"
PRACTITIONER = DOCS / "practitioner.md"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> list[str]:
    """Return what stands between fences, of these languages, in order."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text_of(page), flags=re.DOTALL | re.MULTILINE)
    return [content for language, content in found if language in languages]


def names_in(written: Any, before: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield the fields of a descriptor as the page names them; lines are named once."""
    for key, value in written.items():
        name = f"{before}{key}"
        inner = value[0] if key == "lines" else value
        if isinstance(inner, dict):
            # What is there or not, or many times, has a row of its own.
            yield from (name,) if key in {"lines", "patch"} else ()
            yield from names_in(inner, f"{name}.")
        else:
            yield name


def test_the_example_of_a_descriptor_is_one() -> None:
    (example,) = blocks(POSE, "json")
    kept = descriptor.read(example.encode())
    assert json.loads(descriptor.write(kept)) == json.loads(example)
    assert list(json.loads(example)) == list(json.loads(descriptor.write(kept)))
    assert kept.method == "profile"
    assert kept.patch is not None
    assert unpacked(kept.patch.content).any()
    assert all(((line > 0) & (line < 1)).all() for line in kept.lines)


def test_the_page_names_every_field_of_a_descriptor_in_order() -> None:
    (example,) = blocks(POSE, "json")
    kept = replace(descriptor.read(example.encode()), points=np.zeros((1, 3)))
    named = re.findall(r"^\| `([\w.]+)` \|", text_of(POSE), flags=re.MULTILINE)
    assert named == list(names_in(json.loads(descriptor.write(kept))))


def test_a_descriptor_is_read_by_the_pages_own_lines(tmp_path: Path) -> None:
    (example,), (program,) = blocks(POSE, "json"), blocks(POSE, "python")
    (name,) = set(re.findall(r"\w+\.pose\.bin", text_of(POSE)))
    (tmp_path / name).write_text(example, encoding="utf-8")
    ran = subprocess.run(
        (sys.executable, "-I", "-c", program),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    kept = descriptor.read(example.encode())
    lines = [str([tuple(point) for point in line.tolist()]) for line in kept.lines]
    raw = zlib.decompress(b64decode(json.loads(example)["patch"]["data"]))
    edges = sum(step != 3 for step in raw)
    assert edges > 0
    assert ran.stdout.splitlines() == [
        *lines,
        f"{edges} of {SIDE * SIDE} places have an edge",
    ]


def station(*, geometry: str = "", section: str = "") -> StationConfig:
    """Return the installer's example, filled in, with what the page adds or exchanges."""
    example = ROOT / "provisioning/install/station.toml.example"
    text = text_of(example)
    for key, value in {
        "host_key": "ssh-ed25519 AAAA",
        "desk": "ssh-ed25519 AAAA",
        "mailbox": "0" * 32,
    }.items():
        text = text.replace(f'{key} = "CHANGE-ME"', f'{key} = "{value}"')
    text = text.replace("CHANGE-ME", "room-2")
    if section:
        name = re.escape(section.splitlines()[0])
        text = re.sub(rf"^{name}\n.*?(?=^\[)", f"{section}\n", text, flags=re.DOTALL | re.MULTILINE)
    return parse(f"{text}\n{geometry}", source="the technician's page")


def test_the_technicians_settings_are_understood() -> None:
    _, written, geometry, guide, reader, patients = blocks(TECHNICIAN, "toml")
    assert station(section=guide).guide == Guide()
    documented = set(re.findall(r"^(\w+) =", guide, flags=re.MULTILINE))
    assert documented == set(Guide.__struct_fields__)
    found, plain = station(section=written).people, station().people
    assert found.share == Path("/run/kiosk-share")
    for same in ("blank_s", "sign_out_s", "shift_hours"):
        assert getattr(found, same) == getattr(plain, same)
    documented = set(re.findall(r"^(\w+) =", written, flags=re.MULTILINE))
    assert documented == set(People.__struct_fields__)
    (printed,) = (block for block in blocks(CLINIC, "text") if "[people]" in block)
    lines = printed.splitlines()
    assert lines[2:] == [line.split("   ")[0] for line in written.splitlines()[1 : len(lines) - 1]]
    assert station(geometry=geometry).camera.geometry is not None
    assert station(geometry=f"{reader}\n{patients}").reader is not None
    documented = set(re.findall(r"^(\w+) =", patients, flags=re.MULTILINE))
    assert documented == set(Patients.__struct_fields__)
    for check in get_args(get_type_hints(Patients)["check"]):
        assert f'"{check}"' in patients
        assert station(geometry=patients.replace('"luhn" ', f'"{check}" ')).patients.check == check


def test_the_technicians_file_of_a_clinic_is_one(tmp_path: Path) -> None:
    """With every key that there is, and the commands that it has the server told by."""
    written = blocks(TECHNICIAN, "toml")[0]
    path = tmp_path / "clinic.toml"
    path.write_text(written, encoding="utf-8")
    file = load_bench(path).file
    named = re.findall(r"^(\w+) =", written, flags=re.MULTILINE)
    assert set(named) == (
        {*ClinicFile.__struct_fields__, *ServerSection.__struct_fields__} - {"server"}
    )
    assert HostKey.parse(file.server.host_key).kind == "ssh-ed25519"
    words = shlex.split(file.server.announce[-1].partition("provisioning.server ")[2])
    assert server._parser().parse_args(words).ticket == ["-"]


def test_the_technicians_page_shows_codes_and_what_the_station_says() -> None:
    page = TEXT
    for code in re.findall(r"CSE1[-0-9A-Z]+", page, flags=re.IGNORECASE):
        assert parse_code(code).text() == code.upper()
    scripts = "".join(
        text_of(ROOT / f"provisioning/card/{one}.sh") for one in ("place", "first-boot")
    )
    for said in re.findall(r"^Capture Station: (.*)$", page, flags=re.MULTILINE):
        assert said.replace("kiosk-01", "$name") in scripts, said
    out = io.StringIO()
    assert converse("kiosk-01", lambda _: pytest.fail("asked"), _nobody, out) is None
    assert out.getvalue().strip() in page


def _nobody(prompt: str, /) -> str:
    assert prompt.strip() in TEXT
    raise EOFError


def test_the_technicians_figures_belong_together() -> None:
    camera = station(geometry=blocks(TECHNICIAN, "toml")[2]).camera
    assert camera.geometry is not None
    (told,) = re.findall(r"card (\d+) mm away that has ([0-9.]+) mm a pixel", TEXT)
    distance, scale = map(float, told)
    assert camera.geometry.mm_per_px == scale
    assert camera.geometry.focal_px == pytest.approx(distance / scale, rel=1e-4)
    assert f"({CARD_MM:.2f} mm wide)" in TEXT
    # What is taken for the lens of a camera that was not measured is what the page asks for.
    unmeasured = Optics.of(station().camera).camera
    shrunk = unmeasured.width / camera.size[0]
    assert f"pixels: {unmeasured.focal_px / shrunk:.0f})" in TEXT


TEXT = text_of(TECHNICIAN)


def test_the_technicians_page_says_what_the_report_says() -> None:
    (printed,) = re.findall(r"^Capture Station, commissioning: .*$", TEXT, flags=re.MULTILINE)
    good = [Result(str(number), ok("")) for number in range(40)]
    assert printed == verdict([*good, Result("calibration", unchecked(""))])
    assert ENGLISH.backlog(Backlog(stranger=True)).partition(".")[0] in TEXT


def test_the_technicians_page_says_what_the_check_says() -> None:
    config = station()
    assert config.people.share is None
    assert people.share(config, Place()).sentence in TEXT


def test_the_clinics_table_of_the_day_is_one(tmp_path: Path) -> None:
    (table,) = (block for block in blocks(CLINIC, "text") if block.startswith("number,"))
    (tmp_path / "today.csv").write_text(table)
    assert len(read_table(tmp_path / "today.csv")) == 2
    assert tuple(table.partition("\n")[0].split(",")) == Expected.__struct_fields__
    chapter = text_of(CLINIC).split("## The day's list\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(\w+)` \|", chapter, flags=re.MULTILINE)
    assert tuple(named) == Expected.__struct_fields__


def rows_below(page: str, heading: str) -> list[str]:
    """Return what the rows of a chapter's tables are about, each name by itself."""
    (chapter,) = re.findall(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)",
        text_of(DOCS / "formats" / page),
        flags=re.DOTALL | re.MULTILINE,
    )
    cells = re.findall(r"^\| (`.*?`) \|", chapter, flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)]


@pytest.mark.parametrize(
    ("page", "heading", "records"),
    [
        ("operators.md", "The secret", [OperatorSecret]),
        ("operators.md", "The roster", [Roster]),
        ("letters.md", "The day's list", [Worklist, Expected]),
    ],
)
def test_the_pages_of_formats_name_every_field_in_order(
    page: str, heading: str, records: list[type[Record]]
) -> None:
    fields = [name for record in records for name in record.__struct_fields__]
    assert rows_below(page, heading) == fields


def test_the_page_of_letters_names_every_field_of_a_head_and_every_kind() -> None:
    named = rows_below("letters.md", "The letter")
    members, rest = named[:3], named[3:]
    assert set(members) == set(LIMITS)
    size = len(LetterHead.__struct_fields__)
    assert tuple(rest[:size]) == LetterHead.__struct_fields__
    assert rest[size:] == [kind.value for kind in Kind]


def test_the_page_of_operators_names_every_field_of_a_wrapped_key() -> None:
    kdf = [f"kdf.{name}" for name in Kdf.__struct_fields__]
    fields = [
        one for name in OperatorKey.__struct_fields__ for one in (kdf if name == "kdf" else [name])
    ]
    assert rows_below("operators.md", "The wrapped key") == fields


def test_the_clinics_example_of_a_match_is_one() -> None:
    (example,) = (json.loads(block) for block in blocks(DOCS / "clinic.md", "json"))
    match = msgspec.convert(example["match"], MatchRecord)
    assert msgspec.to_builtins(match).keys() == example["match"].keys()
    series = msgspec.convert(example["series"], Series)
    assert msgspec.to_builtins(series).keys() == example["series"].keys()


def test_the_practitioners_page_says_what_hinders_in_the_screens_words() -> None:
    said = [ENGLISH.guide.cues[cue].plain for cue in SIGHT_CUES.values()]
    page = text_of(PRACTITIONER)
    assert [words for words in said if f"| {words} |" not in page] == []


def test_the_practitioners_page_names_what_the_guide_shows() -> None:
    words, page = ENGLISH.guide, text_of(PRACTITIONER)
    named = (
        *(words.measures.values()),
        *(words.show_shot, words.show_outline, words.show_beside, words.show_blink),
        *(words.show_wipe, words.first_picture),
        words.cues[Cue.READY].plain,
    )
    assert [one for one in named if f"*{one}*" not in page] == []
    quoted = (
        *(words.matches_view, words.matches_baseline, words.cues[Cue.TURN_LEFT].a_little),
        f"T{words.turned_less.baseline.format('1.2°')[1:]}{words.than_last_time}",
    )
    assert [one for one in quoted if f'"{one}"' not in page] == []


@pytest.mark.parametrize("name", ["head", "head_back"])
def test_the_page_of_protocols_says_the_tolerance_of_heads(name: str) -> None:
    slack = load_library().tolerances[name]
    assert slack.yaw == slack.pitch == slack.roll
    assert slack.position == slack.scale
    assert (
        f"`{name}` ({slack.yaw} degrees each, position and scale {slack.position}, "
        f"stillness {slack.stillness})"
    ) in text_of(DOCS / "protocols.md")


def test_the_line_that_enrols_a_station_lets_it_sign_all_that_it_sends() -> None:
    found = re.findall(r'^kiosk-01 namespaces="(.*?)"', text_of(CLINIC), flags=re.MULTILINE)
    assert [set(one.split(",")) for one in found] == [{kind.namespace for kind in KINDS}]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield each command of ours in a code block, with its page."""
    for page in PAGES:
        for line in "".join(blocks(page, "", "sh")).replace("\\\n", " ").splitlines():
            shown = re.match(r"(?:sudo )?kiosk (.*)", line)
            if shown:
                yield page.name, shlex.split(shown[1], comments=True)


def test_every_command_shown_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    seen = set()
    for page, words in commands():
        try:
            cli._parser().parse_args(words)
        except SystemExit:
            pytest.fail(f"{page}: kiosk {shlex.join(words)}: {capsys.readouterr().err}")
        seen.add(words[0])
    assert {"guide", "protocols", "check", "clinic", "capture"} <= seen


def test_every_call_of_the_installer_shown_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.findall(
        r"(?m)^(?:sudo )?python3 -m provisioning\.install\b(?!\.)(.*)$",
        "".join(block for page in PAGES for block in blocks(page, "", "sh")),
    )
    assert shown
    for words in shown:
        try:
            install._parser().parse_args(shlex.split(words, comments=True))
        except SystemExit:
            pytest.fail(f"provisioning.install{words}: {capsys.readouterr().err}")


def anchors(page: Path) -> set[str]:
    """Return the places of a page that can be pointed to, as GitHub names them."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text)
    for target in (one or other for one, other in found):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target
