"""Consent on the station: nothing claimed that the clinic will not get, nothing withdrawn lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from kiosk.capture.author import Author
from kiosk.capture.people import consents as consents_module
from kiosk.capture.people.consents import Consents, Visit
from kiosk.capture.people.histories import HistoryStore
from kiosk.capture.people.signature_picture import WIDTH, render
from kiosk.durable import Counter
from kiosk.envelope.consent import SIGNATURE_PICTURE, TEXT, Consent, read_consent
from kiosk.envelope.recipients import X25519, generate_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import (
    BadKey,
    ConsentError,
    ConsentTextChanged,
    HistoryError,
    KioskError,
    StorageFull,
)
from kiosk.model import ClockState, Moment, Operator, Role
from kiosk.records.consent import Decision, Signature, Signer
from kiosk.records.consent_history import entry_of
from kiosk.records.consent_kept import BLOCK, KeptHistory, decode, encode
from kiosk.records.consent_texts import Texts
from kiosk.records.data_files import shipped
from kiosk.records.shot import PatientReference
from kiosk.spool import Spool
from tests.faults.canary import scan
from tests.records.consent_samples import BOOT, SIGNATURE, answers, at, withdrawn
from tests.records.consent_samples import given as act_given

CLINIC, POSE_KEY, KEY = generate_identity(X25519), generate_identity(X25519), SigningKey.generate()
PATIENT = "ZQ-4711-CANARY"
OPERATOR = Operator("mkeller", "Dr Maria Keller", Role.PRACTITIONER)
VISIT = Visit(PATIENT, OPERATOR, session="2.25.77")
GUARDIAN = Signer(role="guardian", name="Zoë Quillfeather", relation="mother of canaries")
TRAINING = (Decision(purpose="training", allowed=False),)
EVERYTHING = (Decision(purpose="record", allowed=False),)
"""Withdraws the record, and with it whatever needs it."""


class Killed(BaseException):
    """The program ended here; what is on the disk stays as it is."""


class House:
    """A station's folders; each ``start`` is a program that has just been started."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.queue = root, root / "consents", root / "spool"
        self.texts = root / "texts"
        self.queue.mkdir()
        self.texts.mkdir()
        self.text = self.texts / "ours-en.toml"
        self.text.write_bytes(shipped("consent", "example-en.toml").read_bytes())
        self.counter = Counter(root / "sequence")
        self.counter.create()
        self.pose_key = POSE_KEY
        self.clock = ClockState.SYNCHRONISED
        self.wall = "2026-11-25T10:00:00.000+00:00"
        self._ticks = count(1)

    def now(self) -> Moment:
        return Moment(self.wall, next(self._ticks) * 1_000_000, BOOT, self.clock)

    def start(self) -> Consents:
        spool = Spool(self.queue, 1)
        spool.recover()
        author = Author("kiosk-01", "clinic.example", KEY, [CLINIC.recipient()], self.counter)
        store = HistoryStore(self.folder, self.pose_key)
        return Consents(store, author, spool, Texts(self.texts), self.now)

    def arrived(self) -> list[Consent]:
        """Return what the clinic will get, in the order of its count."""
        opened = []
        for path in self.queue.glob("*.age"):
            sealed = io.BytesIO(path.read_bytes())
            opened.append(read_consent(open_sealed(sealed, [CLINIC])))
            opened[-1].verify([KEY.public_key()])
        return sorted(opened, key=lambda one: one.manifest.sequence)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def give(consents: Consents, **changes: Any) -> consents_module.Done:  # noqa: ANN401
    return consents.give(VISIT, answers(**changes), consents.show("ours-en"))


def record_allowed(house: House) -> bool:
    try:
        return bool(house.start().state(PATIENT).require_record(at()))
    except ConsentError:
        return False


def test_a_form_is_sealed_to_the_clinic_and_allows_pictures(house: House) -> None:
    consents = house.start()
    with pytest.raises(ConsentError, match="no consent on record"):
        consents.state(PATIENT).require_record(at())
    done = give(consents, signer=GUARDIAN)
    (act,) = house.arrived()
    assert done.digest == act.digest == done.state.require_record(at())
    assert done.name == next(house.queue.glob("*.age")).name
    assert act.record.operator.name == "Dr Maria Keller"
    assert act.record.form is not None
    assert act.record.form.signer == GUARDIAN
    assert act.record.form.signature == SIGNATURE
    assert act.record.form.shown_at.monotonic_ns < act.record.at.monotonic_ns
    assert act.members[TEXT] == house.text.read_bytes()
    assert act.members[SIGNATURE_PICTURE] == render(SIGNATURE)
    assert act.record.session == "2.25.77"
    assert house.start().state(PATIENT) == done.state


def test_acts_are_chained_and_pictures_carry_the_newest(house: House) -> None:
    consents = house.start()
    first, second = give(consents), consents.withdraw(VISIT, TRAINING)
    third = give(consents)
    acts = house.arrived()
    assert [act.record.kind for act in acts] == ["given", "withdrawn", "changed"]
    assert [act.record.number for act in acts] == [1, 2, 3]
    assert [act.record.previous for act in acts] == [None, first.digest, second.digest]
    assert not second.state.allows("training", at())
    assert second.state.require_record(at()) == second.digest
    assert third.state.require_record(at()) == third.digest
    assert third.state.findings == ()


def test_the_record_withdrawn_closes_the_pedal_until_signed_anew(house: House) -> None:
    consents = house.start()
    give(consents)
    done = consents.withdraw(VISIT, EVERYTHING)
    assert done.state.uses == {}
    with pytest.raises(ConsentError, match="signs a new consent"):
        done.state.require_record(at())
    give(consents)
    assert record_allowed(house)
    assert [act.record.kind for act in house.arrived()] == ["given", "withdrawn", "given"]


def test_a_text_changed_between_shown_and_signed_is_refused(house: House) -> None:
    consents = house.start()
    shown = consents.show("ours-en")
    house.text.write_bytes(house.text.read_bytes() + b"\n")
    with pytest.raises(ConsentTextChanged, match="nothing was recorded"):
        consents.give(VISIT, answers(), shown)
    assert house.arrived() == []
    assert not record_allowed(house)


def test_what_is_not_complete_leaves_nothing_behind(house: House) -> None:
    consents = house.start()
    with pytest.raises(ConsentError, match="understood"):
        give(consents, understood=False)
    for wrong in ((), (Decision(purpose="training", allowed=True),)):
        with pytest.raises(ConsentError, match="names what is withdrawn"):
            consents.withdraw(VISIT, wrong)
    assert house.arrived() == []
    assert not house.folder.exists()
    assert house.counter.next() == 1


def test_a_patient_unknown_here_can_withdraw(house: House) -> None:
    done = house.start().withdraw(VISIT, EVERYTHING)
    (act,) = house.arrived()
    assert (act.record.number, act.record.previous) == (1, None)
    assert done.state.uses == {}


def planted(monkeypatch: pytest.MonkeyPatch, steps: list[str], at_step: int) -> None:
    """End the program before the ``at_step``-th writing step; ``steps`` collects their names."""

    def counted(owner: Any, name: str) -> None:  # noqa: ANN401 - a class
        real: Callable[..., Any] = getattr(owner, name)

        def step(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the real one
            if len(steps) == at_step:
                raise Killed
            steps.append(name)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, step)

    counted(Spool, "put")
    counted(HistoryStore, "keep")
    counted(Counter, "next")
    counted(consents_module, "write_consent")


@pytest.mark.parametrize("at_step", range(5))
def test_killed_while_a_form_is_kept_nothing_is_claimed_that_the_clinic_lacks(
    house: House, monkeypatch: pytest.MonkeyPatch, at_step: int
) -> None:
    consents, steps = house.start(), list[str]()
    with monkeypatch.context() as patch:
        planted(patch, steps, at_step)
        if at_step < 4:
            with pytest.raises(Killed):
                give(consents)
        else:
            give(consents)
            assert steps == ["next", "put", "write_consent", "keep"]
    if record_allowed(house):
        assert len(house.arrived()) == 1
    assert record_allowed(house) == (at_step == 4), "it was not acknowledged before"
    # Signed again, all is well, whatever there was before.
    done = give(house.start())
    assert record_allowed(house)
    assert done.digest in {act.digest for act in house.arrived()}


@pytest.mark.parametrize("at_step", range(6))
def test_killed_while_a_withdrawal_is_kept_none_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch, at_step: int
) -> None:
    give(house.start())
    consents, steps = house.start(), list[str]()
    with monkeypatch.context() as patch:
        planted(patch, steps, at_step)
        if at_step < 5:
            with pytest.raises(Killed):
                consents.withdraw(VISIT, EVERYTHING)
        else:
            consents.withdraw(VISIT, EVERYTHING)
            assert steps == ["keep", "next", "put", "write_consent", "keep"]
    allowed = record_allowed(house)  # a new start, which sends what was not sent
    assert allowed == (at_step == 0), "once it was written down, it holds"
    sent = {act.digest for act in house.arrived() if act.record.kind == "withdrawn"}
    assert len(sent) == (0 if at_step == 0 else 1)
    before = len(house.arrived())
    assert record_allowed(house) == allowed
    assert len(house.arrived()) == before, "and is not sent for ever"


def test_a_full_disk_refuses_and_leaves_no_gap_in_the_count(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    consents = house.start()
    with monkeypatch.context() as patch:
        patch.setattr(consents_module, "write_consent", _full)
        with pytest.raises(StorageFull):
            give(consents)
    assert house.arrived() == []
    give(consents)
    assert [act.manifest.sequence for act in house.arrived()] == [1]


def _full(*_: object) -> None:
    raise StorageFull("The disk is full.")


def test_a_minor_s_own_signature_is_refused_wherever_it_comes_from(house: House) -> None:
    consents = house.start()
    shown = consents.show("ours-en")
    minor = replace(answers(), born="2008-11-26")
    with pytest.raises(ConsentError, match="not 18 years old yet; a guardian signs"):
        consents.give(VISIT, minor, shown)
    assert house.arrived() == []
    consents.give(VISIT, replace(minor, signer=GUARDIAN), shown)
    assert "2008" not in str(house.arrived()[0].record.form), "the day is not in the record"
    consents.give(VISIT, replace(answers(), born="2008-11-25"), shown)
    house.clock = ClockState.UNSYNCHRONISED
    consents.give(VISIT, minor, shown)


def test_acts_of_other_stations_are_added_and_never_taken_out(house: House) -> None:
    consents = house.start()
    here = give(consents)
    ours = house.arrived()[0].record
    there = withdrawn(
        Decision(purpose="record", allowed=False),
        patient=ours.patient,
        previous=here.digest,
        station="kiosk-02",
    )
    state = consents.merge(PATIENT, [entry_of(there)])
    assert state.uses == {}
    assert consents.merge(PATIENT, []) == state
    assert not record_allowed(house)
    done = give(consents)
    assert house.arrived()[-1].record.number == 3
    assert done.state.findings == ()


def test_a_history_is_a_patient_s_own_and_of_one_size(house: House) -> None:
    consents = house.start()
    give(consents)
    (path,) = house.folder.iterdir()
    size = path.stat().st_size
    consents.withdraw(VISIT, TRAINING)
    other = Visit("ZQ-9", OPERATOR)
    consents.give(other, answers(), consents.show("ours-en"))
    files = sorted(house.folder.glob("*.age"))
    assert {one.stat().st_size for one in files} == {size}
    (theirs,) = set(files) - {path}
    theirs.write_bytes(path.read_bytes())
    with pytest.raises(HistoryError, match="was swapped") as raised:
        consents.state("ZQ-9")
    assert PATIENT not in str(raised.value)


@pytest.mark.parametrize("fault", ["changed", "cut", "other key"])
def test_a_history_that_cannot_be_used_allows_nothing_and_still_takes_a_withdrawal(
    house: House, fault: str
) -> None:
    consents = house.start()
    give(consents)
    (path,) = house.folder.iterdir()
    content = path.read_bytes()
    if fault == "other key":
        house.pose_key = generate_identity(X25519)
        consents = house.start()
        path = consents._histories.path(PatientReference(id=PATIENT, issuer="clinic.example"))
        path.write_bytes(content)
    else:
        path.write_bytes(content[:-1] + (b"" if fault == "cut" else b"\x00"))
    damaged = path.read_bytes()
    for attempt in (lambda: consents.state(PATIENT), lambda: give(consents)):
        with pytest.raises(HistoryError):
            attempt()
    assert consents.withdraw(VISIT, EVERYTHING).state.uses == {}
    assert [act.record.kind for act in house.arrived()] == ["given", "withdrawn"]
    assert path.read_bytes() == damaged, "a technician may still want to look at it"


def test_a_locked_store_tells_nothing(house: House) -> None:
    consents = house.start()
    give(consents)
    consents._histories.lock()
    with pytest.raises(BadKey, match="locked"):
        consents.state(PATIENT)


def test_clocks_of_1970_and_2099_change_no_order(house: House) -> None:
    house.clock = ClockState.UNSYNCHRONISED
    acts: tuple[tuple[str, Callable[[Consents], object]], ...] = (
        ("2099-01-01T00:00:00.000+00:00", give),
        ("1970-01-01T00:00:00.000+00:00", lambda c: c.withdraw(VISIT, TRAINING)),
        ("2026-11-25T10:00:00.000+00:00", give),
    )
    for wall, act in acts:
        house.wall = wall
        act(house.start())
    state = house.start().state(PATIENT)
    assert [entry.number for entry in state.entries] == [1, 2, 3]
    assert [entry.kind for entry in state.entries] == ["given", "withdrawn", "changed"]
    assert state.findings == ()


def test_nothing_of_the_patient_lies_readable_on_the_disk(house: House) -> None:
    consents = house.start()
    give(consents, signer=GUARDIAN, treatment="toxin-or-filler", born="1990-02-28")
    consents.withdraw(VISIT, EVERYTHING)
    words = [PATIENT, "Quillfeather", "mother of canaries", "1990-02-28", "Dr Maria Keller"]
    canaries = [word.encode() for word in (*words, "capture-station-consent", '"purpose"')]
    plain = house.root / "planted"
    plain.write_text(f"{PATIENT} Dr Maria Keller")
    assert {hit.canary for hit in scan(canaries, [house.root], also_swap=False)} == {0, 4}
    plain.unlink()
    assert scan(canaries, [house.root], also_swap=False) == []


def test_no_error_names_the_patient(house: House) -> None:
    consents = house.start()
    give(consents)
    shown = consents.show("ours-en")
    house.text.unlink()
    attempts: tuple[Callable[[], object], ...] = (
        lambda: consents.give(VISIT, answers(), shown),
        lambda: consents.withdraw(VISIT, ()),
    )
    for attempt in attempts:
        with pytest.raises(KioskError) as raised:
            attempt()
        assert PATIENT not in str(raised.value)
    assert PATIENT not in repr(VISIT)


def decoded(png: bytes) -> npt.NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.dtype == np.uint8
    return picture.astype(np.uint8)


def test_a_signature_s_picture_is_black_on_white_and_nothing_else() -> None:
    png = render(SIGNATURE)
    picture = decoded(png)
    assert picture.shape == (WIDTH * 2 // 5, WIDTH)
    assert picture[0, 0] == 255
    assert picture[180, 600] == 0, "on the second stroke"
    assert len(np.unique(picture)) > 5, "smooth"
    assert 0.001 < np.mean(picture < 128) < 0.05
    chunks = [png[i : i + 4] for i in range(len(png)) if png[i : i + 4] in (b"tEXt", b"eXIf")]
    assert chunks == []
    dot = Signature(strokes=(((0.0, 1.0, 0),),), aspect=10.0)
    assert decoded(render(dot))[-1, 0] < 128


def test_a_kept_history_has_one_text() -> None:
    history = KeptHistory(
        patient=PatientReference(id="P", issuer="c"), entries=(entry_of(act_given()),)
    )
    text = encode(history)
    assert len(text) == BLOCK
    assert decode(text) == history
    for wrong in (text[:-1], text + b" ", text.replace(b'{"version"', b'{ "version"'), b"", b"[]"):
        with pytest.raises(HistoryError):
            decode(wrong)
    many = msgspec.structs.replace(history, entries=history.entries * 900)
    with pytest.raises(HistoryError, match="expected at most"):
        encode(many)
