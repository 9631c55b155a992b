"""Protocols: the ordered sets of views that are photographed, the program's own and a clinic's.

``data/views.toml`` describes every view once; ``data/protocols/NAME.toml`` puts views in shooting
order. Where a figure or a code comes from is written beside it in those files. A clinic adds its
own in a folder of the same kind: ``views.toml`` and ``NAME.toml`` files side by side. Its names may
not be the program's: nobody should have to ask which of two views of one name was photographed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from kiosk.errors import ConfigError
from kiosk.languages.catalogue import load_catalogue
from kiosk.languages.names import SOURCE, Language
from kiosk.records.data_files import own_files, shipped_names, shipped_text, text_of
from kiosk.records.protocol_parsing import check_name, parse_protocol, parse_views
from kiosk.records.view_translation import protocol_by
from kiosk.records.views import ID, Code, Library, Pose, Protocol, Tolerance, View

__all__ = [
    "VIEWS",
    "Code",
    "Library",
    "Pose",
    "Protocol",
    "Tolerance",
    "View",
    "available",
    "load_library",
    "load_own",
    "load_protocol",
    "own_sets",
]

VIEWS: Final = "views.toml"


def available(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the protocols, the program's and those of a clinic's folder, sorted.

    Raises:
        ConfigError: the folder cannot be read.
    """
    own = () if folder is None else own_sets(folder)
    named = {path.stem for path in own if path.name != VIEWS and re.match(ID, path.stem)}
    return tuple(sorted({*shipped_names("protocols"), *named}))


def load_protocol(name: str, folder: Path | None = None, language: Language = SOURCE) -> Protocol:
    """Read one protocol with all its views.

    Args:
        name: of the protocol.
        folder: holds a clinic's own.
        language: of the words of the program's own views and protocols; a clinic's stay as given.

    Raises:
        ConfigError: no such protocol, or a file that cannot be used; names file, key and what was
            expected.
    """
    return protocol_by(load_catalogue(language), _load(name, folder))


def _load(name: str, folder: Path | None) -> Protocol:
    known = available(folder)
    if name not in known:
        raise ConfigError(
            f"there is no protocol {name!r}; expected one of {', '.join(known)}"
            + ("" if folder is None else f" (looked in {folder} too)")
        )
    if folder is not None and folder / f"{name}.toml" in own_sets(folder):
        return load_own(folder / f"{name}.toml", load_library(folder))
    source = f"protocols/{name}.toml"
    return parse_protocol(name, shipped_text("protocols", f"{name}.toml"), source, load_library())


def load_library(folder: Path | None = None) -> Library:
    """Read the program's library, and what a clinic's folder adds to it.

    Raises:
        ConfigError: as :func:`load_protocol` does.
    """
    library = parse_views(shipped_text(VIEWS), VIEWS)
    if folder is None or folder / VIEWS not in own_sets(folder):
        return library
    return parse_views(text_of(folder / VIEWS), str(folder / VIEWS), library)


def own_sets(folder: Path) -> tuple[Path, ...]:
    """Return the TOML files of a clinic's folder, as :func:`own_files` does."""
    return own_files(folder, "sets")


def load_own(path: Path, library: Library) -> Protocol:
    """Read one of a clinic's own protocol files.

    Raises:
        ConfigError: as :func:`load_protocol` does, and for a name that is the program's.
    """
    name = path.stem
    check_name(name, shipped_names("protocols"), str(path), "protocol")
    return parse_protocol(name, text_of(path), str(path), library)
