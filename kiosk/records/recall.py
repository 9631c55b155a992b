"""``request.json``: a station asks its clinic for earlier pictures of the patient before it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from kiosk.records.shot import Instant, PatientReference, Record, Slug, Uid

AnswerName = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
"""128 random bits: whoever knows the name may fetch the answer."""

MOST = 32
"""Pictures that one request may ask for."""


class Wanted(Record, frozen=True, kw_only=True):
    """One picture, by ``uids.image`` of its shot, and the name under which it is waited for."""

    image: Uid
    answer: AnswerName


class RecallRequest(Record, frozen=True, kw_only=True):
    """What is asked, by whom, for which session.

    Attributes:
        station: who asks; its signature is over the whole text.
        asked_at: when.
        session: ``uids.session`` of the visit that has begun.
        patient: whose pictures.
        recipient: an age recipient whose identity exists only in the station's memory and only
            until the session ends; answers are sealed to it and to nobody else.
        pictures: what is asked for.
    """

    format: Literal["capture-station-recall"] = "capture-station-recall"
    version: Literal[1] = 1
    station: Slug
    asked_at: Instant
    session: Uid
    patient: PatientReference
    recipient: Annotated[str, Meta(pattern=r"\Aage1[a-z0-9]{1,4096}\Z")]
    pictures: Annotated[tuple[Wanted, ...], Meta(min_length=1, max_length=MOST)]
