"""``make guide-loop``: simulated patients guided into each view; a table of how it went."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial

import cv2
import numpy as np

from kiosk.capture.guides.expressions import is_rest
from kiosk.capture.guides.values import Cue
from kiosk.capture.guiding.resting import rest_for
from kiosk.capture.pose.head import load_head_model
from kiosk.records.protocols import load_library
from kiosk.records.view_methods import can_measure
from kiosk.tables import aligned
from provisioning.demo.patient import data
from provisioning.demo.patient.behaviour import Spread, start_near
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import somebody
from tests.guided.visit import FRAME_NS, Outcome, Room, Visit

LIBRARY = load_library().views
VIEWS = tuple(name for name, view in LIBRARY.items() if view.method in {"face", "profile"})
"""Every view of a head that is judged. Bodies are not among them: the demo's patient is a head on
shoulders."""

REST = LIBRARY["frontal_rest"]
WITHIN_S = 12.0
GIVE_UP_S = 20.0
FIRST_PERSON = 1000


def visit_of(room: Room, heads: HeadData, view: str, number: int, *, follow_up: bool) -> Visit:
    """Return the visit of a patient by chance who sits down by chance; ``number`` is its seed."""
    rng = np.random.default_rng(FIRST_PERSON + number)
    chosen = LIBRARY[view]
    head, target = Head.make(heads, somebody(rng)), room.target(chosen)
    baseline = room.remembered(chosen, head, target, number) if follow_up else None
    start = start_near(rng, target, Spread())
    if chosen.expression is None or is_rest(chosen.expression):
        return Visit(chosen, head, start, target, baseline)
    if not can_measure(chosen.expression):
        # Nobody but the practitioner asks for it, so it is there from the beginning.
        start = replace(start, expression=target.expression)
    shot = room.remembered(REST, head, room.target(REST), number)
    kept = {} if shot is None else {REST.id: shot}
    return Visit(chosen, head, start, target, baseline, rest_for(chosen, [REST], kept, {}))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make guide-loop", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="patients for each view")
    parser.add_argument("--views", nargs="*", default=VIEWS, metavar="VIEW")
    parser.add_argument("--first", action="store_true", help="first visits, without a baseline")
    parser.add_argument(
        "--rate", type=float, default=1e9 / FRAME_NS, help="pictures measured a second"
    )
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    frame_ns = round(1e9 / chosen.rate)
    rows: list[tuple[str, ...]] = [
        (
            *("view", "runs", f"held within {WITHIN_S:.0f} s", "never held"),
            *("median s", "95 % s", "wrong %", "what was wrong, frames"),
        )
    ]
    with ProcessPoolExecutor(chosen.processes) as pool:
        for view in chosen.views:
            run = partial(_run, view, follow_up=not chosen.first, frame_ns=frame_ns)
            found = list(pool.map(run, range(chosen.runs)))
            rows.append(_row(view, found))
            print(aligned(rows[-1:]), file=sys.stderr)
    print(aligned(rows))
    return 0


def _run(view: str, number: int, *, follow_up: bool, frame_ns: int) -> Outcome:
    room, heads = _room()
    visit = visit_of(room, heads, view, number, follow_up=follow_up)
    return room.visit(visit, seed=number, within_s=GIVE_UP_S, frame_ns=frame_ns)


@cache
def _room() -> tuple[Room, HeadData]:
    cv2.setNumThreads(1)
    return Room(load_head_model()), data.load()


def _row(view: str, found: list[Outcome]) -> tuple[str, ...]:
    seconds = np.array(list(_seconds(found)))
    outside, wrong = sum(one.outside for one in found), sum(one.wrong for one in found)
    wrongly = sum((Counter(one.wrongly) for one in found), Counter[Cue]())
    return (
        view,
        str(len(found)),
        str(int((seconds <= WITHIN_S).sum())),
        str(sum(one.seconds is None for one in found)),
        f"{np.median(seconds):.1f}",
        f"{np.percentile(seconds, 95):.1f}",
        f"{100 * wrong / max(outside, 1):.2f}",
        ", ".join(f"{cue.name} {count}" for cue, count in wrongly.most_common(3)),
    )


def _seconds(found: list[Outcome]) -> Iterator[float]:
    for one in found:
        yield GIVE_UP_S if one.seconds is None else one.seconds


if __name__ == "__main__":
    sys.exit(main())
