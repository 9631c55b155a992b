"""Which consent texts there are: a clinic's own folder, else the program's examples.

Unlike protocols the two are never mixed: with a folder of its own a clinic shows its own texts and
no example.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ConfigError
from kiosk.records.consent_text import FILE_LIMIT, TextFile, parse_text
from kiosk.records.data_files import content_of, own_files, shipped, shipped_names

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_FOLDER = "consent"


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a station; ``folder`` is a clinic's own, None for the program's examples."""

    folder: Path | None = None

    def names(self) -> tuple[str, ...]:
        """Return the names of the files, sorted.

        Raises:
            ConfigError: the folder cannot be read, or has no text.
        """
        if self.folder is None:
            return shipped_names(_FOLDER)
        found = tuple(path.stem for path in own_texts(self.folder))
        if not found:
            raise ConfigError(
                f"{self.folder}: there is no consent text; expected files named like mine-en.toml"
            )
        return found

    def load(self, name: str) -> TextFile:
        """Read one text, afresh every time.

        Raises:
            ConfigError: no such text, or a file that cannot be used; names file, key and what was
                expected.
        """
        known = self.names()
        if name not in known:
            raise ConfigError(
                f"there is no consent text {name!r}; expected one of {', '.join(known)}"
            )
        if self.folder is not None:
            return load_own(self.folder / f"{name}.toml")
        content = shipped(_FOLDER, f"{name}.toml").read_bytes()
        return parse_text(name, content, f"{_FOLDER}/{name}.toml")

    def load_all(self) -> tuple[TextFile, ...]:
        """Read every text, for the patient to choose a language.

        Raises:
            ConfigError: as :meth:`load` does, and for two texts of one id and language.
        """
        found = tuple(self.load(name) for name in self.names())
        seen: dict[tuple[str, str], str] = {}
        for one in found:
            key = one.text.id, one.text.language
            if key in seen:
                raise ConfigError(
                    f"{one.name}.toml: id and language are those of {seen[key]}.toml; expected one "
                    "text of each id in each language"
                )
            seen[key] = one.name
        return found


def own_texts(folder: Path) -> tuple[Path, ...]:
    """Return the TOML files of a clinic's folder, as :func:`own_files` does."""
    return own_files(folder, "consent texts")


def load_own(path: Path) -> TextFile:
    """Read a clinic's own text.

    Raises:
        ConfigError: it cannot be read or used.
    """
    if path.suffix != ".toml" or not _NAME.fullmatch(path.stem):
        raise ConfigError(
            f"{path}: expected a name of small letters, digits, underscores and dashes, with .toml"
        )
    return parse_text(path.stem, content_of(path, FILE_LIMIT), str(path))
