"""Figures, as Prometheus' own parser reads them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric as Read
from prometheus_client.parser import text_string_to_metric_families

from kiosk.errors import StorageError
from kiosk.metrics import Metric, exposition, gauge, publish


def read(text: str) -> dict[str, Read]:
    return {family.name: family for family in text_string_to_metric_families(text)}


@given(
    about=st.text(st.characters(blacklist_categories=["Cs"]), min_size=1),
    label=st.text(st.characters(blacklist_categories=["Cs"]), min_size=1),
    value=st.floats(allow_nan=False, allow_infinity=False),
)
def test_whatever_is_said_is_read_back(about: str, label: str, value: float) -> None:
    one = Metric("kiosk_thing", "gauge", about, {label: value}, "code")
    (family,) = read(exposition([one])).values()
    assert family.type == "gauge"
    assert family.samples[0].labels == {"code": label}
    assert family.samples[0].value == value


def test_a_help_text_is_one_line_whatever_it_holds() -> None:
    text = exposition([gauge("kiosk_thing", 'Two\nlines, a \\ and a ".', 1)])
    assert text.splitlines()[0] == '# HELP kiosk_thing Two\\nlines, a \\\\ and a ".'
    assert read(text)["kiosk_thing"].documentation == 'Two\nlines, a \\ and a ".'


def test_a_counter_is_one() -> None:
    made = Metric("kiosk_things_total", "counter", "Things.", {"a": 1, "b": 2}, "code")
    family = read(exposition([made]))["kiosk_things"]
    assert (family.type, [sample.value for sample in family.samples]) == ("counter", [1.0, 2.0])


@pytest.mark.parametrize(
    ("name", "kind", "samples", "label"),
    [
        ("things", "gauge", {"": 1}, ""),
        ("kiosk_Things", "gauge", {"": 1}, ""),
        ("kiosk_things", "counter", {"": 1}, ""),
        ("kiosk_things_total", "gauge", {"": 1}, ""),
        ("kiosk_things", "gauge", {"": 1}, "code"),
        ("kiosk_things", "gauge", {"a": 1}, ""),
    ],
)
def test_a_figure_that_is_named_wrongly_is_none(
    name: str, kind: str, samples: dict[str, float], label: str
) -> None:
    with pytest.raises(ValueError, match="hings"):
        Metric(name, kind, "X.", samples, label)  # type: ignore[arg-type] # such as a typo is


def test_a_file_is_replaced_as_a_whole_and_everybody_may_read_it(tmp_path: Path) -> None:
    publish(tmp_path, "x.prom", [gauge("kiosk_thing", "X.", 1)])
    with (tmp_path / "x.prom").open(encoding="utf-8") as before:
        publish(tmp_path, "x.prom", [gauge("kiosk_thing", "X.", 2.5)])
        assert before.read().endswith("kiosk_thing 1\n"), "who reads goes on reading the old one"
    assert (tmp_path / "x.prom").read_text("utf-8").endswith("kiosk_thing 2.5\n")
    assert stat.S_IMODE((tmp_path / "x.prom").stat().st_mode) == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["x.prom"]
    with pytest.raises(StorageError):
        publish(tmp_path / "gone", "x.prom", [])
