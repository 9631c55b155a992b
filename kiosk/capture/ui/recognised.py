"""English sentences of errors, recognised by their templates and said in another language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_FIELD: Final = re.compile(r"\\\{(\w+)\\\}")
"""A field in braces, of a template that was escaped."""


def recognised(sentence: str, templates: Mapping[str, str], words: Mapping[str, str]) -> str:
    """Return a sentence in the language of ``words``; as it is where no template fits.

    Args:
        sentence: in English, or empty.
        templates: English, by name, fields in braces.
        words: the same in another language.
    """
    for name, template in templates.items():
        pattern = _FIELD.sub(r"(?P<\1>.*)", re.escape(template))
        if found := re.fullmatch(pattern, sentence):
            return words[name].format(**found.groupdict())
    return sentence
