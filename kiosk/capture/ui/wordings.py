"""In whose language a screen speaks: the station's, or that of the consent's text."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.wording import Wording, wording_in
from kiosk.capture.workflow import State
from kiosk.languages.names import LANGUAGES, Language

_READ_BY_PATIENTS: Final = frozenset(
    {State.CONSENT_TEXT, State.CONSENT_CHOICES, State.CONSENT_SIGNER, State.CONSENT_SIGN}
)


class Wordings:
    """The words of each language, read when they are first needed.

    Who reads a consent in French must not have to answer it with *Ja* or *Nein*.

    Args:
        language: the station's.

    Raises:
        ConfigError: a catalogue cannot be read.
    """

    def __init__(self, language: Language) -> None:
        self.station: Final = wording_in(language)
        self._known: dict[Language, Wording] = {language: self.station}

    def of(self, model: ScreenModel) -> Wording:
        """Return the words for a screen; the station's where the text's language has none."""
        form = model.people.consent.form
        if form is None or model.state not in _READ_BY_PATIENTS:
            return self.station
        tag = form.text.language.partition("-")[0]
        for language in LANGUAGES:
            if language == tag:
                if language not in self._known:
                    self._known[language] = wording_in(language)
                return self._known[language]
        return self.station
