"""Puts together what deals with people, and takes it apart again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk import __version__, durable
from kiosk.capture.attention import Limits
from kiosk.capture.author import Author
from kiosk.capture.baselines import PoseKeyring
from kiosk.capture.people.consents import Consents
from kiosk.capture.people.day import Day
from kiosk.capture.people.histories import HistoryStore
from kiosk.capture.people.key_files import KeyFiles
from kiosk.capture.people.office import Locks, Office, Post
from kiosk.capture.people.receipts import ReceiptNotes, Sources
from kiosk.capture.people.signing_in import SignIn
from kiosk.capture.people.trail import About, Trail
from kiosk.capture.people.tries import Tries
from kiosk.config import StationConfig
from kiosk.config_reading import named
from kiosk.envelope.desk import desk_address
from kiosk.envelope.letter import SEALED_LIMIT, Address, Kind, read_letter
from kiosk.envelope.recipients import Identity
from kiosk.errors import ConfigError, LetterRefused
from kiosk.model import Moment
from kiosk.records.audit import Act
from kiosk.records.consent_texts import Texts
from kiosk.records.shot import PatientReference
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox, require_memory
from kiosk.spool.sent import Sent

_S = 1_000_000_000
_SETTINGS = "settings.sha256"
_RECEIPT = "receipt.noting"


@dataclass(frozen=True, slots=True)
class Means:
    """What the rest of the capture process lends.

    Attributes:
        spool: where sealed objects go.
        author: signs and numbers them; its anchor is replaced by the trail's own.
        keyring: of the baselines; None where none are kept.
        clock: monotonic nanoseconds.
        now: every clock of the station.
    """

    spool: Spool
    author: Author
    keyring: PoseKeyring | None
    clock: Callable[[], int]
    now: Callable[[], Moment]


def limits(config: StationConfig) -> Limits:
    """Return after how long the screen goes dark and the operator out."""
    people = config.people
    return Limits(people.blank_s * _S, people.sign_out_s * _S, people.shift_hours * 3600 * _S)


def open_trail(config: StationConfig, means: Means) -> Trail:
    """Go on with the audit trail where it ended.

    Raises:
        StorageError: it cannot be read or written; nothing may be done that nobody can prove.
    """
    _make(config.station.audit)
    trail = Trail(config.station.audit, means.spool, means.author, means.now)
    trail.recover()
    return trail


def open_texts(config: StationConfig, source: str) -> tuple[Texts, tuple[tuple[str, str], ...]]:
    """Return the consent texts, and the name and language of each, the station's own first.

    Raises:
        ConfigError: a text cannot be used, or the one that is to come first is not there.
    """
    with named(source, "people.consent_text"):
        texts = Texts(config.people.consent_texts)
        found = [(one.name, one.text.language) for one in texts.load_all()]
        first = [one for one in found if one[0] == config.people.consent_text]
        if not first:
            raise ConfigError(
                f"there is no consent text {config.people.consent_text!r}; expected one of "
                f"{', '.join(name for name, _ in found)}"
            )
    return texts, (*first, *(one for one in found if one not in first))


@contextmanager
def open_office(
    config: StationConfig, source: str, means: Means, texts: Texts, trail: Trail
) -> Iterator[Office]:
    """Open the office; on the way out whoever is signed in is signed out, and the trail ends.

    Raises:
        ConfigError: the desk's key or the folder of the share cannot be used.
        StorageError: a folder cannot be made.
    """
    folder = config.station.operators
    _make(folder)
    with named(source):
        address = desk_address(config)
    inbox = Inbox(config.spool.path / INBOX, means.spool)
    inbox.prepare()
    sign_in = SignIn(
        KeyFiles(folder, config.station.name, config.station.clinic),
        Tries(folder, means.clock),
        _share(config.people.share, address),
    )
    locks = _locks(config, means, texts)
    office = Office(
        sign_in, Post(inbox, address, means.spool.names), Day(inbox, folder, address), locks, trail
    )
    trail.note(Act.STARTED, About(detail=__version__))
    _note_settings(config.station.state / _SETTINGS, Path(source), trail)
    try:
        yield office
    finally:
        office.leave("by the end of the program")
        trail.note(Act.STOPPED)
        trail.close()


def open_receipts(config: StationConfig, source: str, trail: Trail) -> ReceiptNotes:
    """Go on with writing the clinic's receipts into the trail, before anything else is written.

    Raises:
        ConfigError: the desk's key cannot be used.
        StorageError: what an earlier run had begun cannot be ended.
    """
    spool = config.spool.path
    with named(source):
        address = desk_address(config)
    sources = Sources(Sent(spool), Inbox(spool / INBOX), address)
    notes = ReceiptNotes(sources, trail, config.station.state / _RECEIPT)
    notes.recover()
    return notes


def _locks(config: StationConfig, means: Means, texts: Texts) -> Locks:
    store: HistoryStore | None = None

    def unlock(pose_key: Identity) -> Consents:
        nonlocal store
        if means.keyring is not None:
            means.keyring.unlock(pose_key)
        store = HistoryStore(config.station.consents, pose_key)
        return Consents(store, means.author, means.spool, texts, means.now)

    def erase(patient: PatientReference) -> int:
        return 0 if means.keyring is None else means.keyring.erase(patient)

    def lock() -> None:
        if means.keyring is not None:
            means.keyring.lock()
        if store is not None:
            store.lock()

    return Locks(unlock, erase, lock)


def _share(folder: Path | None, address: Address) -> Callable[[], bytes | None]:
    """Return what reads the server's share, as it lies in memory at this moment."""
    if folder is None:
        return lambda: None
    require_memory(folder)
    box = Inbox(folder)

    def read() -> bytes | None:
        letter = box.peek(Kind.SHARE.value, SEALED_LIMIT)
        if letter is None:
            return None
        try:
            return read_letter(letter, Kind.SHARE, address).body
        except LetterRefused:
            # Then there is none that could be believed, which is what the operator is told.
            return None

    return read


def _note_settings(seen: Path, settings: Path, trail: Trail) -> None:
    """Note that the station's settings are others than at the last start."""
    with durable.translated(f"reading {settings}"):
        digest = hashlib.sha256(settings.read_bytes()).hexdigest()
        before = seen.read_text(encoding="ascii") if os.path.lexists(seen) else ""
    if before != digest:
        trail.note(Act.SETTINGS_CHANGED, About(subject=digest))
        durable.replace_file(seen, digest.encode("ascii"))


def _make(folder: Path) -> None:
    with durable.translated(f"making {folder}"):
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            return
        durable.sync_directory(folder.parent)
