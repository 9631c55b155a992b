"""What stations send to the clinic, a row for each kind: how it is read, and where it is filed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from kiosk.envelope import audit, consent, container, trial
from kiosk.envelope.audit import AUDIT, Segment, as_segment
from kiosk.envelope.bundle import MANIFEST, SIGNATURE, Bundle, Kind
from kiosk.envelope.consent import CONSENT, Consent, as_consent
from kiosk.envelope.container import SHOT, Shot, as_shot
from kiosk.envelope.trial import TRIAL, Trial, as_trial
from kiosk.errors import ContainerError
from kiosk.records.trial import filed_under

MANIFEST_SUFFIX: Final = ".manifest.json"

_PROOF: Final = {SIGNATURE: f"{MANIFEST_SUFFIX}.sig", MANIFEST: MANIFEST_SUFFIX}
_PLAIN = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,62}[A-Z0-9_-])?")
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\..*)?")
_SESSION_DIGITS = 8

_B = TypeVar("_B", bound=Bundle)


@dataclass(frozen=True, slots=True)
class Filing(Generic[_B]):
    """How one kind is handled at the clinic.

    Attributes:
        kind: which.
        read: makes the kind's own type of an opened bundle.
        suffixes: of each member beside the others, in the order of placing; the last is what a
            person looks at, so that whatever is there has its proof beside it.
        place: the folders below the root, and the name before the suffix.
        says: what it is of, in a word or two.
    """

    kind: Kind
    read: Callable[[Bundle], _B]
    suffixes: Mapping[str, str]
    place: Callable[[_B], tuple[tuple[str, ...], str]]
    says: Callable[[_B], str]

    @property
    def main(self) -> str:
        """Suffix of what a person looks at."""
        return list(self.suffixes.values())[-1]


def safe_name(text: str) -> str:
    """Return a name for a folder that no two texts share and that means the same everywhere.

    Plain numbers and capitals stay as they are. Anything else (separators, dots in front, letters
    that a server may fold to one case, names that Windows reserves) is replaced and followed by
    ``~`` and eight hexadecimal digits of the text's SHA-256.
    """
    if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', text)[:40]}~{digest}"


def _place_shot(shot: Shot) -> tuple[tuple[str, ...], str]:
    record = shot.record
    session = f"{record.captured_at.wall[:10]}_{record.uids.session[-_SESSION_DIGITS:]}"
    folders = safe_name(record.patient.id), session.replace(".", "0")
    return folders, f"{shot.manifest.sequence:06d}_{record.view.id}"


def _place_consent(act: Consent) -> tuple[tuple[str, ...], str]:
    """Put an act among the patient's; station and count keep two of one number apart."""
    record, manifest = act.record, act.manifest
    name = f"{record.number:04d}_{record.at.wall[:10]}_{manifest.station}-{manifest.sequence:06d}"
    return (safe_name(record.patient.id), CONSENTS), name


def _place_segment(segment: Segment) -> tuple[tuple[str, ...], str]:
    """Put a segment beside the patients: no patient's folder has small letters alone."""
    manifest = segment.manifest
    return ("audit", manifest.station), f"{segment.entries[0].number:08d}_{manifest.sequence:06d}"


def _place_trial(sent: Trial) -> tuple[tuple[str, ...], str]:
    """Put a technician's test object beside the patients, as a segment of the trail."""
    manifest = sent.manifest
    *folders, name = filed_under(manifest.station, manifest.sequence, sent.record.at.wall)
    return tuple(folders), name


CONSENTS: Final = "consents"
"""Folder of a patient's consents."""

SHOTS: Final = Filing(
    SHOT,
    as_shot,
    {
        **_PROOF,
        container.POSE: ".pose.bin",
        container.RECORD: ".shot.json",
        container.IMAGE: ".jpg",
    },
    _place_shot,
    lambda shot: shot.record.view.id,
)

FILINGS: Final[tuple[Filing[Any], ...]] = (
    SHOTS,
    Filing(
        CONSENT,
        as_consent,
        {
            **_PROOF,
            consent.FHIR: ".fhir.json",
            consent.TEXT: ".text.toml",
            consent.SIGNATURE_PICTURE: ".signature.png",
            consent.RECORD: ".consent.json",
        },
        _place_consent,
        lambda act: f"consent {act.record.kind}",
    ),
    Filing(
        AUDIT,
        as_segment,
        {**_PROOF, audit.ENTRIES: ".entries.jsonl"},
        _place_segment,
        lambda _: "audit",
    ),
    Filing(
        TRIAL,
        as_trial,
        {**_PROOF, trial.SUPPORT: f".{trial.SUPPORT}", trial.RECORD: ".trial.json"},
        _place_trial,
        lambda sent: "support bundle" if trial.SUPPORT in sent.members else "test object",
    ),
)
KINDS: Final = tuple(filing.kind for filing in FILINGS)


def filing_of(form: str) -> Filing[Any]:
    """Return the row of what a manifest's ``format`` says.

    Raises:
        ContainerError: nothing that stations send.
    """
    for filing in FILINGS:
        if filing.kind.format == form:
            return filing
    raise ContainerError(f"The part {MANIFEST} cannot be read: {form!r} is no known format.")
