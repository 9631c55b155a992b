"""What the screens of a station that is not enrolled yet show; a part of the screen's model."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from kiosk.capture.ui.forms.code import CodeEntry
from kiosk.records.enrolment import Enrolled


class Refusal(enum.Enum):
    """Why a station was not enrolled, as far as there is something else to do about it."""

    UNKNOWN = enum.auto()  # the server does not know the code
    EXPIRED = enum.auto()
    USED = enum.auto()
    IDENTITY = enum.auto()  # another server answers
    UNREACHABLE = enum.auto()
    CLOCK = enum.auto()
    INTERRUPTED = enum.auto()  # no answer came from this station's own service
    OTHER = enum.auto()


@dataclass(frozen=True, slots=True)
class EnrolModel:
    """How far the enrolment is.

    Attributes:
        entry: the code as far as it was typed.
        misread: whether what was held up is no enrolment code.
        blind: whether the camera gives no picture.
        reader_fault: the sentence to show while the reader is missing, else empty.
        refusal: why the last try was refused; None while none was.
        sentence: of the refusal, or of the first login that did not succeed; else empty.
        again: whether the same code may be tried again.
        enrolled: what came of it; None before, and where it was not written down.
    """

    entry: CodeEntry = field(default=CodeEntry())
    misread: bool = False
    blind: bool = False
    reader_fault: str = ""
    refusal: Refusal | None = None
    sentence: str = ""
    again: bool = False
    enrolled: Enrolled | None = None
