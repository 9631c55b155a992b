"""What languages call themselves, for whoever has to find their own in a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OWN_NAMES: Final[Mapping[str, str]] = {
    "bg": "Български",
    "bs": "Bosanski",
    "ca": "Català",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "is": "Íslenska",
    "it": "Italiano",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sq": "Shqip",
    "sr": "Српски",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
}
"""By the first part of the BCP 47 tag; as the Unicode CLDR has them, with a capital."""


def own_name(tag: str) -> str:
    """Return what a language calls itself; its tag where that is not known here.

    A region or a script stays behind the name, or two texts could not be told apart.

    >>> own_name("de"), own_name("de-AT"), own_name("xx")
    ('Deutsch', 'Deutsch (AT)', 'xx')
    """
    language, _, rest = tag.partition("-")
    name = OWN_NAMES.get(language.lower())
    if name is None:
        return tag
    return f"{name} ({rest})" if rest else name
