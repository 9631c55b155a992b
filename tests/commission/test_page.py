"""The printable page: what it says, that it needs nothing else, and whose it is."""

from __future__ import annotations

import html.parser
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.commission.checks import Result, not_applicable, ok, unchecked, wrong
from kiosk.commission.filing import file_page
from kiosk.commission.page import NAMESPACE, About, as_page, write_signed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import StorageError

GOOD = Result("swap", ok("There is no swap of any kind."))
BAD = Result("camera", wrong('No <camera> & "nothing" was found.'))
LEFT = Result("server share", not_applicable("The server keeps none."))
WAITS = Result("spool", unchecked("This cannot be checked."))


class Reader(html.parser.HTMLParser):
    """Notes what a page asks for from elsewhere, and its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.cells: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.asked += [value or "" for name, value in attrs if name in ("src", "href", "action")]
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.tags.append("/table")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "td":
            self.cells[-1] += data.removesuffix("\n")


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_each_finding_is_a_row_and_nothing_of_it_is_markup() -> None:
    page = as_page([GOOD, BAD, LEFT, WAITS], About([("Station", "room-<2>")]))
    reader = read(page)
    assert reader.cells == [
        *("✓", "swap", GOOD.finding.sentence, "✗", "camera", BAD.finding.sentence),
        *("-", "server share", LEFT.finding.sentence, "?", "spool", WAITS.finding.sentence),
    ]
    assert reader.asked == []
    assert not {"script", "img", "link", "iframe"} & set(reader.tags)
    assert "url(" not in page
    assert "room-&lt;2&gt;" in page


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([GOOD, LEFT], "Nothing is wrong: 1 ok, 1 not applicable here."),
        ([GOOD, BAD], "1 of 2 checks found something wrong."),
        ([GOOD, WAITS], "1 of 2 checks could not be made."),
    ],
)
def test_the_verdict_stands_first(results: list[Result], said: str) -> None:
    page = as_page(results, About([]))
    assert said in page
    assert ('class="verdict good"' in page) == said.startswith("Nothing")


def verify(page: Path, key: SigningKey, namespace: str = NAMESPACE) -> bool:
    allowed = page.with_name("allowed")
    allowed.write_text(f"room-2 {key.public_line()}\n", encoding="ascii")
    with page.open("rb") as data:
        done = subprocess.run(
            [
                *("ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "room-2"),
                *("-n", namespace, "-s", f"{page}.sig"),
            ],
            stdin=data,
            capture_output=True,
            check=False,
        )
    return done.returncode == 0


def test_the_signature_is_the_stations_over_this_page_and_for_nothing_else(tmp_path: Path) -> None:
    key, page = SigningKey.generate(), tmp_path / "check.html"
    assert write_signed(page, as_page([GOOD], About([])), key) == (
        page,
        tmp_path / "check.html.sig",
    )
    assert verify(page, key)
    assert not verify(page, SigningKey.generate())
    assert not verify(page, key, "shot@capture-station")
    page.write_text(page.read_text("utf-8").replace("no swap", "swap"), encoding="utf-8")
    assert not verify(page, key)


def test_a_station_files_its_own_page(station: Any, tmp_path: Path) -> None:  # noqa: ANN401
    page = tmp_path / "check.html"
    key = SigningKey.load(station.at("/etc/kiosk/keys/signing-key"))
    assert len(file_page(page, [GOOD], station.toml, station.place)) == 2
    assert verify(page, key)
    said = page.read_text("utf-8")
    for words in ("room-2", "Clinic by the Park", key.public_key().fingerprint, NAMESPACE):
        assert words in said


def test_a_page_that_nobody_signs_says_so(station: Any, tmp_path: Path) -> None:  # noqa: ANN401
    page = tmp_path / "check.html"
    station.at("/etc/kiosk/keys/signing-key").unlink()
    assert file_page(page, [BAD], station.toml, station.place) == (page,)
    assert "Not signed" in page.read_text("utf-8")
    station.write(station.toml, "[station]\n")
    assert file_page(page, [BAD], station.toml, station.place) == (page,)


def test_a_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_signed(tmp_path / "gone" / "check.html", "x", None)
