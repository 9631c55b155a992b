"""What the day's list says of its patients' consents, proven from what was filed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.clinic.consent_timeline import Gathered, Timeline, gather, timelines
from kiosk.clinic.kinds import safe_name
from kiosk.clinic.stations import Station
from kiosk.records.consent_history import entry_of
from kiosk.records.worklist import Consented


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A patient of whom nothing is said, because what is filed is in doubt; and why."""

    number: str
    why: str


def consents_of(
    numbers: Iterable[str], pictures: Path, stations: Sequence[Station], clinic: str
) -> Iterator[Consented | LeftOut]:
    """Yield each patient's consents; nothing of who has none.

    Where anything is unproven or missing the patient is left out: a withdrawal might be among it,
    and a station that knows less asks the patient.

    Args:
        numbers: of the day's patients.
        pictures: the folder that ``kiosk clinic open`` fills.
        stations: whose signatures are accepted.
        clinic: who gave the numbers.
    """
    for number in numbers:
        if not (pictures / safe_name(number)).is_dir():
            continue
        gathered = gather(pictures, number, stations)
        found = [one for one in timelines(gathered, number) if one.patient.issuer == clinic]
        doubt = _doubt(gathered, found)
        acts = tuple(entry_of(act.record) for one in found for act in one.acts)
        if doubt is not None:
            yield LeftOut(number, doubt)
        elif acts:
            yield Consented(number=number, acts=acts)


def _doubt(gathered: Gathered, found: Sequence[Timeline]) -> str | None:
    for path, error in gathered.failed:
        return f"{path.name}: {error.sentence}"
    for one in found:
        for finding in one.findings:
            return finding.said
    return None
