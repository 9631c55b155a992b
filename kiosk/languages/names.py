"""Which languages there are."""

from __future__ import annotations

from typing import Final, Literal, get_args

Language = Literal["en", "de", "fr"]
"""ISO 639-1. English is the language of the source text; every other has a catalogue."""

SOURCE: Final[Language] = "en"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
TRANSLATED: Final = tuple(language for language in LANGUAGES if language != SOURCE)
