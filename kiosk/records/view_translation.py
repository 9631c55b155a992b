"""The words of views and protocols in another language; codes, which go into records, stay."""

from __future__ import annotations

from typing import Final

import msgspec

from kiosk.languages.words import Translator
from kiosk.records.views import Protocol, View

WORDS: Final = ("title", "short", "instruction", "operator_note")
"""Of a view, what people read."""


def protocol_by(translator: Translator, protocol: Protocol) -> Protocol:
    """Return a protocol with the words that a translator gives for its own."""
    return msgspec.structs.replace(
        protocol,
        title=translator.text(f"protocols.{protocol.name}.title", protocol.title),
        views=tuple(view_by(translator, view) for view in protocol.views),
    )


def view_by(translator: Translator, view: View) -> View:
    """The same of one view."""
    texts = {name: getattr(view, name) for name in WORDS}
    said = {n: translator.text(f"views.{view.id}.{n}", text) for n, text in texts.items() if text}
    return msgspec.structs.replace(view, **said)
