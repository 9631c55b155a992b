"""A note of the audit trail, against bare `durable.replace_file` of as many bytes.

Each note seals the whole open segment anew, for two hybrid recipients as a clinic has them; whole
segments are written, so the median is that of a segment half full. The peer makes two syncs (file,
folder), and so does a note; what it does beside them is sealing, which the last row shows alone,
and removing the file before.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kiosk import durable
from kiosk.capture.author import Author
from kiosk.capture.people.trail import MOST_ENTRIES, About, Trail
from kiosk.durable import Counter
from kiosk.envelope.audit import seal_segment
from kiosk.envelope.recipients import HYBRID, Recipient, generate_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.moment import now
from kiosk.records.audit import BEGINNING, Act, line_of
from kiosk.records.shot import PatientReference
from kiosk.spool import Spool
from tests.benchmarks.row import Row
from tests.envelope.samples import head_of
from tests.records.audit_samples import chained

SEGMENTS = 4
PEER = "replace_file"
ABOUT = About("mkeller", PatientReference(id="P-4711", issuer="Lakeside Clinic"), "2.25.1" * 6)


def run() -> list[Row]:
    recipients = [generate_identity(HYBRID).recipient() for _ in range(2)]
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        ours, peer, sizes = _noted(Path(folder), recipients)
    name = "note an act, median of a whole segment"
    slowest = f"the slowest of {len(ours)} notes, closing a segment included"
    sealing = f"seal a segment of {MOST_ENTRIES // 2}, in memory"
    median = statistics.median
    return [
        Row(name, median(ours), median(peer), PEER, "ms", 4),
        Row(slowest, max(ours), max(peer), PEER, "ms", None),
        Row("written by one note, median", median(sizes) / 1e3, None, "", "kB", None),
        Row("written by all notes of a segment", sum(sizes) / SEGMENTS / 1e3, None, "", "kB", None),
        Row(sealing, _sealed(recipients, MOST_ENTRIES // 2), None, "", "ms", None),
    ]


def _noted(folder: Path, recipients: list[Recipient]) -> tuple[list[float], list[float], list[int]]:
    """Return for each note its time, that of its peer (ms), and the bytes that it wrote."""
    for name in ("trail", "spool"):
        (folder / name).mkdir()
    counter = Counter(folder / "sequence")
    counter.create()
    author = Author("kiosk-01", "Lakeside Clinic", SigningKey.generate(), recipients, counter)
    trail = Trail(folder / "trail", Spool(folder / "spool", 1), author, now)
    trail.recover()
    times: tuple[list[float], list[float]] = ([], [])
    sizes, seen = [], 0
    for _ in range(SEGMENTS * MOST_ENTRIES):
        times[0].append(_timed(partial(trail.note, Act.SHOT_TAKEN, ABOUT)))
        # The note that closes a segment leaves none; what it wrote is one line more than before.
        left = [path.stat().st_size for path in (folder / "trail").glob("*.open")]
        seen = left[0] if left else seen
        sizes.append(seen)
        times[1].append(_timed(partial(durable.replace_file, folder / "peer", bytes(seen))))
    return *times, sizes


def _sealed(recipients: list[Recipient], count: int) -> float:
    lines = [line_of(entry) for entry in chained([{"act": Act.SHOT_TAKEN}] * count)]
    head, key = head_of(consent=None), SigningKey.generate()
    return statistics.median(
        _timed(lambda: seal_segment(lines, BEGINNING, head, key, recipients)) for _ in range(51)
    )


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - begin) / 1e6
