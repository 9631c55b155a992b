"""One patient's consents at the clinic, held against the pictures that were taken under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kiosk.clinic.filing import manifests, read_filed, unproven
from kiosk.clinic.kinds import safe_name
from kiosk.clinic.opening import require_signed
from kiosk.clinic.stations import Station
from kiosk.envelope.consent import Consent
from kiosk.envelope.container import Shot
from kiosk.errors import ContainerError, KioskError, UsageError
from kiosk.model import ClockState
from kiosk.records.consent_history import (
    Finding,
    HistoryEntry,
    Period,
    Uses,
    allowed,
    entry_of,
    findings,
    lapsed,
    ordered,
    periods,
    states,
)
from kiosk.records.consent_text import RECORD
from kiosk.records.shot import PatientReference


@dataclass(frozen=True, slots=True)
class Gathered:
    """What lies in a patient's folder: proven acts and pictures, and what could not be proven."""

    acts: list[Consent] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)
    failed: list[tuple[Path, KioskError]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, the act that it names where that is here, and what is wrong with the two."""

    shot: Shot
    act: Consent | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything about one patient's consents.

    Attributes:
        patient: whose.
        acts: each once, in their proven order.
        uses: what is allowed by the newest.
        periods: when each use was.
        pictures: in the order of their stations' counts.
        findings: what is wrong with the acts' history.
    """

    patient: PatientReference
    acts: tuple[Consent, ...]
    uses: Uses
    periods: tuple[Period, ...]
    pictures: tuple[Picture, ...]
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.findings and not any(one.warnings for one in self.pictures)


def gather(pictures: Path, patient: str, stations: Sequence[Station] | None) -> Gathered:
    """Read and prove everything of a patient that was filed.

    Args:
        pictures: the folder that ``kiosk clinic open`` fills.
        patient: the clinic's number.
        stations: whose signatures are accepted; None: any, if it belongs to the manifest.

    Raises:
        UsageError: there is nothing of this patient.
    """
    folder = pictures / safe_name(patient)
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is nothing of this patient; expected it to be opened.")
    found = Gathered()
    for manifest in manifests(folder):
        try:
            bundle = read_filed(manifest)
            require_signed(bundle, stations)
        except KioskError as error:
            found.failed.append((manifest, error))
            continue
        if isinstance(bundle, Consent):
            found.acts.append(bundle)
        elif isinstance(bundle, Shot):
            found.shots.append(bundle)
    for path in sorted(folder.rglob("*")):
        if unproven(path):
            found.failed.append((path, ContainerError("It has no manifest beside it.")))
    return found


def timelines(gathered: Gathered, patient: str) -> list[Timeline]:
    """Return a timeline for each clinic that gave a patient this number; nearly always one."""
    acts: dict[PatientReference, list[Consent]] = defaultdict(list)
    shots: dict[PatientReference, list[Shot]] = defaultdict(list)
    for act in gathered.acts:
        acts[act.record.patient].append(act)
    for shot in gathered.shots:
        shots[shot.record.patient].append(shot)
    patients = sorted(acts.keys() | shots.keys(), key=lambda one: one.issuer)
    return [timeline(one, acts[one], shots[one]) for one in patients if one.id == patient]


def timeline(patient: PatientReference, acts: Sequence[Consent], shots: Sequence[Shot]) -> Timeline:
    """Hold acts and pictures of one patient against each other."""
    by_digest = {act.digest: act for act in reversed(acts)}
    entries = ordered(entry_of(act.record) for act in acts)
    heads = {shot.record.consent for shot in shots if shot.record.consent is not None}
    after = states(entries)
    pictures = [
        Picture(shot, by_digest.get(shot.record.consent or ""), _warnings(shot, by_digest, after))
        for shot in sorted(shots, key=lambda s: (s.manifest.station, s.manifest.sequence))
    ]
    return Timeline(
        patient=patient,
        acts=tuple(by_digest[entry.digest] for entry in entries),
        uses=allowed(entries),
        periods=periods(entries),
        pictures=tuple(pictures),
        findings=findings(entries, heads),
    )


def _warnings(
    shot: Shot, acts: dict[str, Consent], after: Sequence[tuple[HistoryEntry, Uses]]
) -> tuple[str, ...]:
    digest = shot.record.consent
    if digest is None:
        return () if shot.record.quality_control else ("taken without consent",)
    if digest not in acts:
        return ("taken under a consent that is not here",)
    ((named, uses),) = [(entry, uses) for entry, uses in after if entry.digest == digest]
    if RECORD not in uses:
        return (f"taken under act {named.number}, which does not allow pictures for the record",)
    found = [
        f"taken under act {named.number}, although act {entry.number} had withdrawn the record"
        for entry, later in after
        if entry.number > named.number
        and RECORD not in later
        and _taken_after(shot, acts[entry.digest])
    ]
    if lapsed(uses[RECORD], shot.record.captured_at):
        found.append(f"taken after the consent of act {named.number} had run out")
    return tuple(found)


def _taken_after(shot: Shot, act: Consent) -> bool:
    """Whether a picture is provably younger than an act: by boot, by count, or by good clocks."""
    taken, done = shot.record.captured_at, act.record.at
    if shot.manifest.station == act.manifest.station:
        if taken.boot_id == done.boot_id:
            return taken.monotonic_ns > done.monotonic_ns
        return shot.manifest.sequence > act.manifest.sequence
    if {taken.clock, done.clock} != {ClockState.SYNCHRONISED}:
        return False
    return datetime.fromisoformat(taken.wall) > datetime.fromisoformat(done.wall)
