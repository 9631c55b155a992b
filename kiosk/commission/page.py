"""The findings as a page to print and to file, and the station's signature under it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.commission.checks import Result, Verdict
from kiosk.commission.report import summary
from kiosk.envelope.signatures import SigningKey

NAMESPACE: Final = "check@capture-station"
"""Of the signature, so that no shot's and no letter's can stand in for it (PROTOCOL.sshsig)."""

_MODE: Final = 0o644

_MARKS: Final = {
    Verdict.OK: ("✓", "ok"),
    Verdict.WRONG: ("✗", "wrong"),
    Verdict.NOT_APPLICABLE: ("-", "not applicable"),
    Verdict.UNCHECKED: ("?", "not checked"),
}
"""A sign for each verdict and its words: print without colours loses nothing."""

_STYLE: Final = """
@page { size: A4; margin: 12mm; }
body { font: 9pt/1.35 "Inter", "DejaVu Sans", sans-serif; color: #10181c; margin: 0 auto;
       max-width: 190mm; }
h1 { font-size: 18pt; margin: 0 0 2mm; }
p.verdict { font-size: 12pt; font-weight: bold; padding: 3mm 4mm; border: 0.6mm solid; }
p.good { color: #0b5d2a; } p.bad { color: #9a1b1b; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 6mm; margin: 3mm 0; }
dt { color: #4a5a62; } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; color: #4a5a62; font-weight: normal; border-bottom: 0.4mm solid #10181c; }
td, th { padding: 0.8mm 3mm 0.8mm 0; vertical-align: top; }
td { border-bottom: 0.2mm solid #c3ced3; }
tr { break-inside: avoid; }
td.mark { width: 6mm; font-weight: bold; text-align: center; }
td.name { width: 32mm; white-space: nowrap; }
tr.wrong td { background: #fbeaea; } tr.wrong td.mark { color: #9a1b1b; }
tr.ok td.mark { color: #0b5d2a; }
h2 { font-size: 11pt; margin: 5mm 0 1mm; }
ul { list-style: none; margin: 0; padding: 0; }
li { padding: 0.8mm 0 0.8mm 6mm; break-inside: avoid; position: relative; }
li::before { content: ""; position: absolute; left: 0.6mm; top: 1.2mm; width: 3mm; height: 3mm;
             border: 0.3mm solid #10181c; }
p.sign { margin-top: 7mm; color: #4a5a62; }
p.sign span { display: inline-block; width: 60mm; border-bottom: 0.2mm solid #10181c;
              margin: 0 8mm 0 2mm; }
footer { margin-top: 4mm; color: #4a5a62; font-size: 8.5pt; }
"""


@dataclass(frozen=True, slots=True)
class About:
    """What the page is headed with, by label, and how its signature is checked.

    Attributes:
        facts: such as the station's name, the time and the version.
        fingerprint: of the key that signs it; empty where nothing does.
        by_hand: what no program can try, a sentence each.
    """

    facts: Sequence[tuple[str, str]]
    fingerprint: str = ""
    by_hand: Sequence[str] = ()


def as_page(results: Iterable[Result], about: About) -> str:
    """Return one HTML document that needs nothing else: no script, no picture, no font."""
    rows = tuple(results)
    verdict, good = summary(rows)
    css = "good" if good else "bad"
    facts = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in about.facts)
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>Check of a Capture Station</title>\n<style>{_STYLE}</style>\n"
        f'<h1>Check of a Capture Station</h1>\n<p class="verdict {css}">{_text(verdict)}</p>\n'
        f"<dl>{facts}</dl>\n"
        "<table>\n<tr><th></th><th>what</th><th>found</th></tr>\n"
        f"{''.join(map(_row, rows))}</table>\n{_by_hand(about)}"
        '<p class="sign">Checked by<span></span>on<span></span></p>\n'
        f"<footer>{_footer(about)}</footer>\n</html>\n"
    )


def write_signed(path: Path, text: str, key: SigningKey | None) -> tuple[Path, ...]:
    """Write a file, and beside it ``FILE.sig``, a signature that ``ssh-keygen`` verifies.

    Args:
        path: of the file; what is there is replaced.
        text: the page as :func:`as_page` made it, or the findings as JSON.
        key: the station's; None where it cannot be read. A signature of before is removed then.

    Returns:
        What was written.

    Raises:
        StorageError: it cannot be written.
    """
    data = text.encode("utf-8")
    signature = path.with_name(f"{path.name}.sig")
    durable.replace_file(path, data, _MODE)
    if key is None:
        with durable.translated(f"removing {signature}"):
            signature.unlink(missing_ok=True)
        return (path,)
    durable.replace_file(signature, key.sign(data, NAMESPACE).encode("ascii"), _MODE)
    return path, signature


def _row(result: Result) -> str:
    sign, words = _MARKS[result.finding.verdict]
    css = words.replace(" ", "-")
    return (
        f'<tr class="{css}"><td class="mark" title="{words}">{sign}</td>'
        f'<td class="name">{_text(result.name)}</td>'
        f"<td>{_text(result.finding.sentence)}</td></tr>\n"
    )


def _by_hand(about: About) -> str:
    if not about.by_hand:
        return ""
    items = "".join(f"<li>{_text(sentence)}</li>\n" for sentence in about.by_hand)
    return f"<h2>Still to be tried by hand</h2>\n<ul>{items}</ul>\n"


def _footer(about: About) -> str:
    legend = " &nbsp; ".join(f"{sign} {words}" for sign, words in _MARKS.values())
    if not about.fingerprint:
        return f"{legend}<br>Not signed: the station&#8217;s key could not be read."
    return (
        f"{legend}<br>Signed by the station&#8217;s key {_text(about.fingerprint)}, in the file "
        "of the same name that ends in .sig. To verify it: <code>ssh-keygen -Y verify -f LIST "
        f"-I STATION -n {NAMESPACE} -s FILE.sig &lt; FILE</code>"
    )


def _text(text: str) -> str:
    return html.escape(text)
