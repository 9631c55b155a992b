"""What a patient is told before they sign: a clinic's own text, a file for each language.

Nothing here decides what is lawful: a clinic has its own lawyer read its text. What the program
ships is an example and says so. docs/formats/consent.md says what each key means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

from kiosk.errors import ConfigError, ConsentTextChanged
from kiosk.records.data_files import converted, table_of
from kiosk.records.shot import Record, Sha256, Slug, Text

PurposeId = Literal["record", "training", "research", "publication", "marketing"]
"""What pictures may be used for; ``record`` is what every other one needs."""
RECORD: Final = "record"
PURPOSES: Final[tuple[PurposeId, ...]] = get_args(PurposeId)

Language = Annotated[
    str,
    Meta(pattern=r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", description="a BCP 47 tag such as en-GB"),
]
Paragraph = Annotated[
    str, Meta(min_length=1, max_length=2000, pattern=r"\A[^\x00-\x1f\x7f-\x9f]+\Z")
]
"""One paragraph in one line, without control characters."""
Version = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"\A[A-Za-z0-9._-]+\Z")]
Level = Literal[1, 2, 3]
"""Of the Institute of Medical Illustrators: 1 record, 2 and teaching, 3 and publication."""
Age = Annotated[int, Meta(ge=1, le=120)]
Years = Annotated[int, Meta(ge=1, le=100)]
Days = Annotated[int, Meta(ge=1, le=36_525)]

FILE_LIMIT: Final = 128 * 1024
"""Largest file of a text, bytes."""


class Controller(Record, frozen=True, kw_only=True):
    """Who is responsible for the pictures (GDPR Art 4(7)); ``contact`` is how they are reached."""

    name: Text
    contact: Text


class Channel(Record, frozen=True, kw_only=True):
    """Where exactly pictures may be shown, each to be allowed by itself."""

    id: Slug
    name: Text


class PurposeText(Record, frozen=True, kw_only=True):
    """One purpose as it is put to the patient.

    Attributes:
        id: which.
        name: in a few words.
        meaning: what is done with the pictures, in plain words.
        retention: how long they are kept, in words.
        level: of the Institute of Medical Illustrators.
        retention_years: the same as a number; None where it is not a fixed one.
        valid_days: how long the consent is good for; None: until it is withdrawn.
        channels: where, each allowed by itself; none: the purpose is allowed as a whole.
    """

    id: PurposeId
    name: Text
    meaning: Paragraph
    retention: Paragraph
    level: Level
    retention_years: Years | None = None
    valid_days: Days | None = None
    channels: Annotated[tuple[Channel, ...], Meta(max_length=8)] = ()


class Statements(Record, frozen=True, kw_only=True):
    """What holds for every purpose; the patient's own sentence is ``understood``.

    Attributes:
        refusal: saying no changes nothing for the treatment.
        publication: what was published cannot be called back.
        withdrawal: that and how consent is withdrawn.
        understood: what the patient confirms before signing.
        further: whatever else a clinic's lawyer wants said.
    """

    refusal: Paragraph
    publication: Paragraph
    withdrawal: Paragraph
    understood: Paragraph
    further: Annotated[tuple[Paragraph, ...], Meta(max_length=8)] = ()


class LawfulBasis(Record, frozen=True, kw_only=True):
    """Why the clinic may process the data at all: another question than consent to pictures.

    Attributes:
        article_6: of the GDPR, "6(1)(b)" say.
        article_9: the same for data concerning health.
    """

    article_6: Text
    article_9: Text


class AgeRule(Record, frozen=True, kw_only=True):
    """A treatment that is not given below an age.

    Attributes:
        treatment: name of the rule.
        name: of the treatments meant, in words.
        minimum: years.
        source: the law that says so.
    """

    treatment: Slug
    name: Text
    minimum: Age
    source: Text


class ConsentText(Record, frozen=True, kw_only=True):
    """One text in one language.

    Attributes:
        id: of the text, the same in every language.
        version: another one for every change.
        language: BCP 47.
        title: heads the form.
        example: whether it is one of the program's, which nobody's lawyer has read.
        introduction: what is read first.
        organisation: who asks.
        controllers: everybody else who is responsible for the pictures, by name.
        purposes: in the order in which they are put; the first is ``record``.
        statements: what holds for all.
        lawful_basis: apart from consent.
        ages: which treatments demand an age.
    """

    id: Slug
    version: Version
    language: Language
    title: Text
    example: bool = False
    introduction: Paragraph
    organisation: Controller
    controllers: Annotated[tuple[Controller, ...], Meta(max_length=8)] = ()
    purposes: Annotated[tuple[PurposeText, ...], Meta(min_length=1, max_length=len(PURPOSES))]
    statements: Statements
    lawful_basis: LawfulBasis
    ages: Annotated[tuple[AgeRule, ...], Meta(max_length=16)] = ()

    def purpose(self, wanted: str) -> PurposeText | None:
        return next((one for one in self.purposes if one.id == wanted), None)

    def age_rule(self, treatment: str) -> AgeRule | None:
        return next((one for one in self.ages if one.treatment == treatment), None)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text and the very bytes it was read from.

    Attributes:
        name: of the file, without ``.toml``.
        text: what they say.
        content: the bytes; what is shown, signed and sealed is these.
        digest: their SHA-256, hexadecimal.
    """

    name: str
    text: ConsentText
    content: bytes = field(repr=False)
    digest: Sha256


def parse_text(name: str, content: bytes, source: str) -> TextFile:
    """Read a text from a file's bytes; a byte order mark is passed over, but belongs to them.

    Args:
        name: of the file, without ``.toml``.
        content: its bytes.
        source: how errors name it.

    Raises:
        ConfigError: file, key and what was expected there, in one sentence.
    """
    if len(content) > FILE_LIMIT:
        raise ConfigError(f"{source}: {len(content)} bytes; expected at most {FILE_LIMIT}")
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{source}: line {line}: expected UTF-8 text, but one of its letters is stored in "
            "another way; save the file as UTF-8"
        ) from error
    table = table_of(written, source, "title, organisation, purposes and statements")
    text = converted(table, ConsentText, source)
    _check(text, source)
    return TextFile(name, text, content, hashlib.sha256(content).hexdigest())


def require_unchanged(shown: TextFile, now: TextFile) -> None:
    """Make sure that the text which is signed is the one that was shown.

    Raises:
        ConsentTextChanged: it is not.
    """
    if shown.digest != now.digest:
        raise ConsentTextChanged(
            f"The consent text {shown.name} was changed after it had been shown; nothing was "
            "recorded. Show the patient the new text and let them sign that."
        )


def _check(text: ConsentText, source: str) -> None:
    if text.purposes[0].id != RECORD:
        raise ConfigError(
            f"{source}: purposes[0].id: {text.purposes[0].id!r} stands first; expected "
            f"{RECORD!r}, which every other purpose needs"
        )
    _require_once([one.id for one in text.purposes], f"{source}: purposes", "id")
    for number, one in enumerate(text.purposes):
        _require_once([c.id for c in one.channels], f"{source}: purposes[{number}].channels", "id")
    _require_once([one.treatment for one in text.ages], f"{source}: ages", "treatment")
    marketing = text.purpose("marketing")
    if marketing is not None and not marketing.channels:
        raise ConfigError(
            f"{source}: purposes[{text.purposes.index(marketing)}].channels: this key is missing; "
            "expected where exactly pictures are shown, such as website and social-media"
        )
    if text.purposes[0].channels:
        raise ConfigError(
            f"{source}: purposes[0].channels: the record has no channels; expected none"
        )


def _require_once(names: Iterable[str], where: str, key: str) -> None:
    seen: set[str] = set()
    for number, one in enumerate(names):
        if one in seen:
            raise ConfigError(
                f"{where}[{number}].{key}: {one!r} stands there twice; expected each once"
            )
        seen.add(one)
