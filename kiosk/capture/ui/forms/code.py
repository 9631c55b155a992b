"""The enrolment code while it is being typed, group by group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from kiosk.capture.ui.entry import Character, Edit, Key
from kiosk.capture.ui.forms.actions import CodeGroup
from kiosk.errors import EnrolmentCodeMistyped
from kiosk.records.enrolment_code import (
    ALPHABET,
    GROUP,
    LOOKALIKES,
    PREFIX,
    SYMBOLS,
    doubtful_groups,
    parse_code,
)

GROUPS: Final = SYMBOLS // GROUP

TYPED: Final = ALPHABET + "".join(map(chr, LOOKALIKES)) + "-"
"""What keys may write; a reader that types writes what stands before the groups as well."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """What has been typed so far; kept out of ``repr``.

    Attributes:
        groups: up to five characters each.
        at: which of them is being typed.
        valid: whether it is a whole code whose check fits.
        doubtful: where to look first when it does not.
    """

    groups: tuple[str, ...] = field(default=("",) * GROUPS, repr=False)
    at: int = 0
    valid: bool = False
    doubtful: frozenset[int] = frozenset()

    @property
    def body(self) -> str:
        """The code without what stands before its groups, as far as it was typed."""
        return "".join(self.groups)

    @property
    def whole(self) -> bool:
        return all(len(group) == GROUP for group in self.groups)

    def pressed(self, touch: Key | CodeGroup) -> CodeEntry:
        """Return the entry after one touch; what cannot be added changes nothing.

        A whole group that is touched is emptied, to be typed anew.
        """
        match touch:
            case CodeGroup(number):
                whole = len(self.groups[number]) == GROUP
                return self._with("" if whole else self.groups[number], number)
            case Edit.CLEAR:
                return CodeEntry()
            case Edit.BACKSPACE:
                at = self.at if self.groups[self.at] or self.at == 0 else self.at - 1
                return self._with(self.groups[at][:-1], at)
            case Character("-"):
                # "CSE1-", as it is printed; the screen has it already.
                return CodeEntry() if self.body == PREFIX else self
            case Character(text):
                return self._added(text.translate(LOOKALIKES))
            case _:
                return self

    def _added(self, text: str) -> CodeEntry:
        written = self.groups[self.at] + text
        if len(written) > GROUP or text not in ALPHABET:
            return self
        groups = self._groups_with(written, self.at)
        # The next one to be typed, from here on and then from the beginning.
        order = (*range(self.at, GROUPS), *range(self.at))
        at = next((n for n in order if len(groups[n]) < GROUP), self.at)
        return _judged(groups, at)

    def _with(self, text: str, at: int) -> CodeEntry:
        return _judged(self._groups_with(text, at), at)

    def _groups_with(self, text: str, at: int) -> tuple[str, ...]:
        return (*self.groups[:at], text, *self.groups[at + 1 :])


def _judged(groups: tuple[str, ...], at: int) -> CodeEntry:
    """Return the entry, judged once, here."""
    body = "".join(groups)
    if len(body) < SYMBOLS:
        return CodeEntry(groups, at)
    try:
        parse_code(body)
    except EnrolmentCodeMistyped:
        return CodeEntry(groups, at, doubtful=doubtful_groups(body))
    return CodeEntry(groups, at, valid=True)
