"""A code to print: a label of the size of a bank card, as SVG, which every browser prints."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

import segno

from kiosk.records.enrolment_code import Code

WIDTH_MM, HEIGHT_MM = 85.6, 54.0
"""ISO/IEC 7810 ID-1."""

_CODE_MM: Final = 40.0
_LEFT_MM: Final = 45.0
_QUIET: Final = 4
"""Modules of white around the code; ISO/IEC 18004 asks for four."""


def qr_of(code: Code) -> segno.QRCode:
    return segno.make_qr(code.text(), error="q", boost_error=False)


def label(station: str, code: Code, until: str) -> str:
    """Return the label; whoever sees it can enrol in the station's place until then.

    Args:
        station: its name.
        code: for this station.
        until: until when it is good, as people write it.
    """
    prefix, *groups = code.text().split("-")
    rows = [
        (10, 6.0, "sans-serif", "bold", station),
        (18, 2.9, "sans-serif", "normal", "Enrolment code, once:"),
        (25, 4.2, "monospace", "bold", f"{prefix}-"),
        (31, 4.2, "monospace", "bold", f"{groups[0]}-{groups[1]}-"),
        (37, 4.2, "monospace", "bold", f"{groups[2]}-{groups[3]}"),
        (45, 2.9, "sans-serif", "normal", "Good until"),
        (49.5, 2.9, "sans-serif", "normal", until),
    ]
    # A long name is set smaller: 31 letters are the most.
    widest = WIDTH_MM - _LEFT_MM - 2
    texts = [
        f'<text x="{_LEFT_MM}" y="{y}" font-family="{family}" font-weight="{weight}" '
        f'font-size="{min(size, widest / (0.66 * len(text))):.2f}">{escape(text)}</text>'
        for y, size, family, weight, text in rows
    ]
    side = qr_of(code).symbol_size(border=_QUIET)[0]
    scale = _CODE_MM / side
    squares = qr_of(code).svg_inline(border=_QUIET, omitsize=True, svgclass=None, lineclass=None)
    path = squares[squares.index("<path") : squares.index("</svg>")]
    top = (HEIGHT_MM - _CODE_MM) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" '
        f'viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}">\n'
        f'<rect width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="white"/>\n'
        f'<rect x="0.2" y="0.2" width="{WIDTH_MM - 0.4}" height="{HEIGHT_MM - 0.4}" '
        'fill="none" stroke="#b3b3b3" stroke-width="0.2"/>\n'
        f'<g transform="translate(2 {top:g}) scale({scale:.5f})">{path}</g>\n'
        f"{chr(10).join(texts)}\n</svg>\n"
    )
