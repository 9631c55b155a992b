"""The program as one archive of this checkout; the same files always give the same bytes.

``python3 -m provisioning.card.archive FILE`` writes it down, for stations that run already.
"""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.durable import replace_file
from kiosk.errors import UsageError

PARTS: Final = (
    *("kiosk", "provisioning/install", "provisioning/server", "provisioning/__init__.py"),
    *("requirements", "firmware_config", "systemd", "pyproject.toml", "README.md", "LICENSE"),
)
"""What ``python3 -m provisioning.install`` needs, and no more."""


def archive(checkout: Path) -> bytes:
    """Return a ``tar.gz`` of the program.

    Raises:
        UsageError: the checkout lacks a part, or a file of it cannot be read.
    """
    out = io.BytesIO()
    # Names, owners and times of the bench are nobody's business, and would differ each time.
    with (
        gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path in _files(checkout):
            try:
                content = path.read_bytes()
                executable = path.stat().st_mode & 0o100
            except OSError as error:
                raise UsageError(f"{path} cannot be read: {error.strerror}") from error
            entry = tarfile.TarInfo(path.relative_to(checkout).as_posix())
            entry.size = len(content)
            entry.mode = 0o755 if executable else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _files(checkout: Path) -> Iterator[Path]:
    for part in PARTS:
        root = checkout / part
        if not root.exists():
            raise UsageError(
                f"{root} is missing; expected `kiosk provision card` to be run from a whole "
                "checkout of this project"
            )
        found = [root] if root.is_file() else sorted(root.rglob("*"))
        yield from (
            path
            for path in found
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
        )


def main(words: list[str]) -> int:
    """Write the archive of this checkout."""
    target = Path(words[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, archive(Path(__file__).parents[2]), 0o644)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
