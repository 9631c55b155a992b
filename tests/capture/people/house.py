"""A station's office for tests: a real desk's operator, real keys, a real trail, cheap to open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kiosk import moment
from kiosk.capture.author import Author
from kiosk.capture.baselines import PoseKeyring
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.capture.people.consents import Consents, Visit
from kiosk.capture.people.day import Day
from kiosk.capture.people.histories import HistoryStore
from kiosk.capture.people.key_files import KeyFiles
from kiosk.capture.people.office import Locks, Office, Post
from kiosk.capture.people.showing import uses_of
from kiosk.capture.people.signing_in import SignIn
from kiosk.capture.people.trail import Trail
from kiosk.capture.people.tries import Tries
from kiosk.capture.scanning.scanned import Scanned
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.letter import Address, Heading, Kind, write_letter
from kiosk.envelope.recipients import Identity, Recipient
from kiosk.envelope.signatures import SigningKey
from kiosk.model import Frame, Operator, Role
from kiosk.records.consent import ConsentAnswers, Decision, Signature, Signer
from kiosk.records.consent_texts import Texts
from kiosk.records.shot import Instant, PatientReference
from kiosk.records.worklist import Worklist
from kiosk.spool import Spool
from kiosk.spool.inbox import Inbox
from tests.capture.people.clinic_keys import WALL, Desk, Person

TEXT = "example-en"
SIGNATURE = Signature(strokes=(((0.1, 0.5, 0), (0.5, 0.2, 40), (0.9, 0.6, 90)),), aspect=3.0)


@dataclass
class SeenCodes:
    """What the camera reads is what the test says."""

    seen: list[Scanned] = field(default_factory=list)
    started: int = 0

    def start(self) -> None:
        self.started += 1

    def offer(self, frame: Frame) -> None:
        assert frame.width

    def codes(self) -> tuple[Scanned, ...]:
        found, self.seen = tuple(self.seen), []
        return found

    def forget(self) -> None:
        self.seen = []

    def check(self) -> None: ...


@dataclass
class House:
    """The office and everything that a test may want to look at."""

    office: Office
    desk: Desk
    desk_key: SigningKey
    ada: Person
    reader: SimulatedReader
    scanner: SeenCodes
    trail: Trail
    inbox: Inbox
    texts: Texts
    consents_of: Callable[[Identity], Consents]
    lock: Callable[[], None]
    root: Path

    @property
    def languages(self) -> Sequence[tuple[str, str]]:
        return tuple((name, name[-2:]) for name in (TEXT, "example-de", "example-fr"))

    @property
    def uses(self) -> dict[str, str]:
        return uses_of(self.texts.load(TEXT).text)

    def instant(self) -> Instant:
        return Instant.of(moment.now())

    def consent_to_record(self, patient: str) -> str:
        """Put consent to the record, and to nothing else, into the patient's history."""
        consents = self.consents_of(self.desk.pose)
        shown = consents.show(TEXT)
        decisions = tuple(
            Decision(purpose=one.id, allowed=one.id == "record") for one in shown.file.text.purposes
        )
        answers = ConsentAnswers(decisions, understood=True, signer=Signer(), signature=SIGNATURE)
        operator = Operator("ada", "Dr. Ada Example", Role.PRACTITIONER)
        digest = consents.give(Visit(patient, operator), answers, shown).digest
        self.lock()
        return digest

    def send_day(self, worklist: Worklist, number: int = 1) -> None:
        """Have the desk's list of the day in the inbox."""
        body = encode_record(worklist, "day")
        self._send(Kind.DAY, body, number, [self.desk.pose.recipient()])

    def send_operators(self, *people: Person, number: int = 2) -> None:
        """Have the desk's list of operators in the inbox."""
        self._send(Kind.OPERATORS, self.desk.body(people, number), number, [])

    def _send(self, kind: Kind, body: bytes, number: int, seal_to: Sequence[Recipient]) -> None:
        head = Heading(self.desk.station, self.desk.clinic, kind, number, WALL)
        letter = write_letter(head, body, self.desk_key, seal_to)
        with self.inbox.receive(kind.value, len(letter)) as incoming:
            incoming.write(letter)
            incoming.keep()


def found(  # noqa: PLR0913, PLR0917 - a station's parts
    tmp_path: Path,
    spool: Spool,
    author: Author,
    clock: Callable[[], int],
    keyring: PoseKeyring | None = None,
    people: Sequence[Person] = (),
) -> House:
    """Set an office up; ``people`` are enrolled beside the first operator, Ada."""
    desk, ada, desk_key = Desk(clinic=author.issuer), Person(), SigningKey.generate()
    folders = {name: tmp_path / name for name in ("operators", "audit", "inbox")}
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    sign_in = SignIn(
        KeyFiles(folders["operators"], author.station, author.issuer),
        Tries(folders["operators"], clock),
        lambda: desk.share,
    )
    sign_in.receive(desk.body([ada, *people]))
    trail = Trail(folders["audit"], spool, author, moment.now)
    trail.recover()
    author = dataclasses.replace(author, anchor=trail.anchor)
    texts = Texts()
    stores: list[HistoryStore] = []

    def consents_of(identity: Identity) -> Consents:
        if keyring is not None:
            keyring.unlock(identity)
        stores.append(HistoryStore(tmp_path / "consents", identity))
        return Consents(stores[-1], author, spool, texts, moment.now)

    def erase(patient: PatientReference) -> int:
        return 0 if keyring is None else keyring.erase(patient)

    def lock() -> None:
        if keyring is not None:
            keyring.lock()
        for store in stores:
            store.lock()

    inbox = Inbox(folders["inbox"])
    address = Address(author.station, author.issuer, desk_key.public_key())
    office = Office(
        sign_in,
        Post(inbox, address, spool.names),
        Day(inbox, folders["operators"], address),
        Locks(consents_of, erase, lock),
        trail,
    )
    return House(
        office=office,
        desk=desk,
        desk_key=desk_key,
        ada=ada,
        reader=SimulatedReader(clock),
        scanner=SeenCodes(),
        trail=trail,
        inbox=inbox,
        texts=texts,
        consents_of=consents_of,
        lock=lock,
        root=tmp_path,
    )
