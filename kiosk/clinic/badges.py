"""A badge to print: the QR code alone as PNG, a card with name and role as PDF."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import segno

from kiosk.clinic.desk import Enrolled
from kiosk.clinic.storage import write_new
from kiosk.durable import translated
from kiosk.records.badge import Badge

_MM: Final = 72 / 25.4
"""Points of PDF in a millimetre."""

WIDTH_MM, HEIGHT_MM = 85.6, 54.0
"""ISO/IEC 7810 ID-1, the size of a bank card."""

_CODE_MM: Final = 34.0
_MARGIN_MM: Final = 5.0
_WIDE: Final = 0.54
"""Width of a letter of Helvetica over its height; most are narrower."""

_MOST_LINES: Final = 3

_PNG_SCALE: Final = 12
_QUIET: Final = 4
"""Modules of white around the code; ISO/IEC 18004 asks for four."""


def write_badge(folder: Path, clinic: str, person: Enrolled, badge: Badge) -> tuple[Path, Path]:
    """Write ``ID.pdf`` and ``ID.png``, mode 0600: whoever has them has the badge.

    Raises:
        StorageError: they cannot be written, or are there already.
    """
    code = segno.make_qr(badge.text(), error="q", boost_error=False)
    pdf, png = folder / f"{person.id}.pdf", folder / f"{person.id}.png"
    with translated(f"writing the badge into {folder}"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(pdf, card(clinic, person, [[bool(m) for m in row] for row in code.matrix]))
        write_new(png, _png(code))
    return pdf, png


def _png(code: segno.QRCode) -> bytes:
    out = io.BytesIO()
    code.save(out, kind="png", scale=_PNG_SCALE, border=_QUIET)
    return out.getvalue()


def card(clinic: str, person: Enrolled, modules: list[list[bool]]) -> bytes:
    """Return a PDF of one card; text is drawn in the Helvetica that every reader has.

    Args:
        clinic: printed above.
        person: name, role and id.
        modules: of the QR code, True where it is black.
    """
    role = f"{person.role.value.capitalize()}{', supervisor' if person.supervisor else ''}"
    pen = _Pen(_MARGIN_MM + _CODE_MM + 5, WIDTH_MM - _MARGIN_MM)
    draw = [
        f"0.7 G 0.5 w 0.5 0.5 {WIDTH_MM * _MM - 1:.2f} {HEIGHT_MM * _MM - 1:.2f} re S",
        *_code(modules, _MARGIN_MM, (HEIGHT_MM - _CODE_MM) / 2),
        *pen.text(clinic, 9, at_mm=HEIGHT_MM - 11),
        *pen.text(person.name, 13, at_mm=HEIGHT_MM / 2 + 6),
        *pen.text(role, 9),
        *pen.text(person.id, 7, at_mm=10.5),
        *pen.text("Personal. Never lend it.", 7, at_mm=7),
    ]
    return _document("\n".join(draw).encode("cp1252", "replace"))


class _Pen:
    """Sets texts one below the other between two edges, millimetres."""

    def __init__(self, left_mm: float, right_mm: float) -> None:
        self._left, self._width = left_mm * _MM, (right_mm - left_mm) * _MM
        self._y = 0.0

    def text(self, text: str, size: float, at_mm: float | None = None) -> list[str]:
        """Return the drawing of a text at most ``size`` points high, in as many lines as it needs.

        Args:
            text: what to set; a word that is too long, or too many lines, make all of it smaller.
            size: points.
            at_mm: the first line's height above the lower edge; None for below the text before.
        """
        longest = max((len(word) for word in text.split()), default=1)
        size = min(size, self._width / (longest * _WIDE))
        while len(lines := _wrapped(text, int(self._width / (size * _WIDE)))) > _MOST_LINES:
            size *= 0.95
        self._y = self._y - size * 0.4 if at_mm is None else at_mm * _MM
        draw = []
        for line in lines:
            place = f"{self._left:.2f} {self._y:.2f} Td"
            draw.append(f"BT 0.1 g /F1 {size:.2f} Tf {place} ({_escaped(line)}) Tj ET")
            self._y -= size * 1.2
        return draw


def _wrapped(text: str, most: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _code(modules: list[list[bool]], x_mm: float, y_mm: float) -> list[str]:
    side = _CODE_MM * _MM / len(modules)
    left, top = x_mm * _MM, (y_mm + _CODE_MM) * _MM
    squares = ["0 g"]
    for row, line in enumerate(modules):
        for column, black in enumerate(line):
            if black:
                # A hair larger than its place: readers would show white lines between.
                x, y = left + column * side, top - (row + 1) * side
                squares.append(f"{x:.3f} {y:.3f} {side + 0.05:.3f} {side + 0.05:.3f} re f")
    return squares


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _document(content: bytes) -> bytes:
    """Wrap a page's content into the least that is a PDF (ISO 32000-1, 7.5)."""
    box = f"[0 0 {WIDTH_MM * _MM:.2f} {HEIGHT_MM * _MM:.2f}]"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents 5 0 R "
            "/Resources << /Font << /F1 4 0 R >> >> >>"
        ).encode("ascii"),
        font.encode("ascii"),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)
