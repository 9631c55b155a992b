"""Checks of ``[people]``: whose letters are taken, what patients sign, who can sign in."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.commission.checks import Finding, not_applicable, ok, wrong
from kiosk.commission.place import Place
from kiosk.config import StationConfig
from kiosk.durable import read_if_there
from kiosk.envelope.bundle import parse_record
from kiosk.envelope.desk import desk_address
from kiosk.envelope.letter import SEALED_LIMIT, Kind, read_letter
from kiosk.records.consent_texts import Texts
from kiosk.records.operators import KEY_SUFFIX, ROSTER, Enrolments, OperatorKey, Roster
from kiosk.spool.inbox import INBOX, Inbox, require_memory

_MOUNTS = "/proc/self/mountinfo"


@dataclass(frozen=True, slots=True)
class _Operators:
    """A roster, the keys that are there for it, and whether the station has taken both in."""

    roster: Roster
    keys: tuple[OperatorKey, ...]
    taken: bool


def desk(config: StationConfig, _: Place) -> Finding:
    """Say whose letters the station takes, so that it can be compared with the clinic's word."""
    key = desk_address(config).desk
    return ok(f"Letters are taken from the desk whose key is {key.fingerprint}.")


def consent_texts(config: StationConfig, place: Place) -> Finding:
    """Check that patients are shown a text, and the clinic's own."""
    folder, first = config.people.consent_texts, config.people.consent_text
    texts = Texts(None if folder is None else place.at(folder))
    found = {one.name: one.text for one in texts.load_all()}
    if first not in found:
        return wrong(
            f"people.consent_text: there is no consent text {first!r}; expected one of "
            f"{', '.join(found)}."
        )
    examples = [name for name, text in found.items() if text.example]
    if examples:
        return wrong(
            f"Patients would sign an example that no lawyer has read ({', '.join(examples)}); "
            "expected the clinic's own texts in the folder people.consent_texts."
        )
    languages = ", ".join(f"{name} ({text.language})" for name, text in found.items())
    return ok(f"Patients can choose of {languages}; {first} is shown first.")


def share(config: StationConfig, place: Place) -> Finding:
    """Check that the server's part of the operators' keys has come, and into memory alone.

    Raises:
        ConfigError: it would lie on a disk.
        LetterRefused: what lies there is not the desk's.
    """
    folder = config.people.share
    if folder is None:
        return not_applicable("The server keeps no part of the operators' keys of this station.")
    require_memory(folder, place.at(_MOUNTS))
    here = place.at(folder)
    if not here.is_dir():
        return wrong(f"{folder} is missing; run `python3 -m provisioning.install`.")
    mode = stat.S_IMODE(here.stat().st_mode)
    if mode & stat.S_IRWXO:
        return wrong(f"{folder} has mode {mode:04o} and is open to every user; expected 2750.")
    letter = Inbox(here).peek(Kind.SHARE.value, SEALED_LIMIT)
    if letter is None:
        return wrong(
            "The server has not given its part of the operators' keys, and without it nobody can "
            "sign in; let the station run for a minute, then look at `journalctl -u kiosk-upload`."
        )
    read_letter(letter, Kind.SHARE, desk_address(config))
    return ok(f"The server's part of the operators' keys is there, in memory ({folder}).")


def operators(config: StationConfig, place: Place) -> Finding:
    """Check that somebody can sign in, and say how many.

    Raises:
        LetterRefused: the letter that waits is not the desk's.
        ContainerError: a file of the operators is damaged.
    """
    found = max(_found(config, place), key=lambda one: one.roster.number, default=None)
    if found is None or not found.roster.entries:
        return wrong(
            "Nobody can sign in: the clinic's desk has enrolled no operator for "
            f"{config.station.name}, or its letter has not come (`journalctl -u kiosk-upload`)."
        )
    fault = _unusable(config, found)
    if fault:
        return wrong(fault)
    entries = found.roster.entries
    supervisors = sum(entry.supervisor for entry in entries)
    able = f"{supervisors} can" if supervisors else "nobody can"
    when = "" if found.taken else " once the next badge is held to the station"
    return ok(
        f"{_counted(len(entries))} can sign in{when}, by list {found.roster.number} of the desk; "
        f"{able} release a locked badge."
    )


def _found(config: StationConfig, place: Place) -> Iterator[_Operators]:
    """Yield what the desk's letter says, if one waits, and what the station has taken in."""
    letter = Inbox(place.at(config.spool.path / INBOX)).peek(Kind.OPERATORS.value, SEALED_LIMIT)
    if letter is not None:
        body = read_letter(letter, Kind.OPERATORS, desk_address(config)).body
        sent = parse_record(body, "operators", Enrolments)
        yield _Operators(sent.roster, sent.keys, taken=False)
    folder = place.at(config.station.operators)
    # They came in a letter, so none is larger than that.
    kept = read_if_there(folder / ROSTER, SEALED_LIMIT)
    if kept is not None:
        roster = parse_record(kept, ROSTER, Roster)
        files = [folder / f"{entry.badge}{KEY_SUFFIX}" for entry in roster.entries]
        contents = [read_if_there(file, SEALED_LIMIT) for file in files]
        keys = [parse_record(one, "operator's file", OperatorKey) for one in contents if one]
        yield _Operators(roster, tuple(keys), taken=True)


def _unusable(config: StationConfig, found: _Operators) -> str:
    """Return why somebody on the roster could not sign in, or empty text."""
    here = (config.station.name, config.station.clinic)
    named = {(found.roster.station, found.roster.clinic)}
    named |= {(key.station, key.clinic) for key in found.keys}
    if named != {here}:
        return (
            "The operators' files are for another station or clinic; expected those of "
            f"{here[0]} of {here[1]}. Have the desk send them again."
        )
    badges = {key.badge for key in found.keys if key.epoch == found.roster.epoch}
    lacking = sum(entry.badge not in badges for entry in found.roster.entries)
    if lacking:
        return (
            f"{_counted(lacking)} on the desk's list cannot sign in, because the key is missing or "
            "of another epoch; have the desk enrol them again."
        )
    if config.people.share is None and any(key.share is not None for key in found.keys):
        return (
            "The operators' keys need the server's part, but people.share is left out; copy the "
            "line that `kiosk clinic desk station` printed for this station."
        )
    return ""


def _counted(number: int) -> str:
    return "1 operator" if number == 1 else f"{number} operators"
