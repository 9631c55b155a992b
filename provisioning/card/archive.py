"""The program as one archive of this checkout; the same files always give the same bytes.

``python3 -m provisioning.card.archive FILE`` writes it down, for stations that run already.
"""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from pathlib import Path

from kiosk.durable import replace_file
from kiosk.errors import UsageError
from provisioning.install.parts import files


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
        for path in files(checkout):
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


def main(words: list[str]) -> int:
    """Write the archive of this checkout."""
    target = Path(words[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, archive(Path(__file__).parents[2]), 0o644)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
