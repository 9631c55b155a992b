"""The files of what was learnt from rendered heads (provisioning/head_model, cover_model)."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.errors import ConfigError

FILE: Final = Path(__file__).with_name("head_model.npz")
COVER_MODEL: Final = Path(__file__).with_name("cover_model.npz")
ASIDE_COVER_MODEL: Final = Path(__file__).with_name("aside_cover_model.npz")


def read_arrays(
    names: Iterable[str], file: Path | None = None
) -> Mapping[str, npt.NDArray[np.floating]]:
    """Read members of a file that ships with the program; of ``FILE`` if none is named.

    Raises:
        ConfigError: it is missing, damaged, or lacks one of them.
    """
    file = FILE if file is None else file
    try:
        # Read at once and closed: a file that is no archive would else stay open.
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            return {name: np.asarray(stored[name]) for name in names}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ConfigError(
            f"{file.name}: expected this model among the program's data, but: {error}; "
            "install the program again"
        ) from error
