"""The form of a setting's value, for tables of what the firmware and the bootloader understand."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """What a value looks like; ``expected`` completes the sentence "expected …"."""

    pattern: re.Pattern[str]
    expected: str

    def fits(self, value: str) -> bool:
        return self.pattern.fullmatch(value) is not None


def form(pattern: str, expected: str) -> Form:
    return Form(re.compile(pattern), expected)


SWITCH = form(r"[01]", "0 or 1")
NUMBER = form(r"\d{1,9}", "a whole number, 0 or more")


def meant(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names what is written nearly so, or empty text."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; perhaps {close[0]} was meant" if close else ""
