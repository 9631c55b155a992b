"""Figures of the station in Prometheus' text format, for node exporter's textfile collector.

Each process writes a file of its own, and no name stands in two of them. Nothing here may tell of a
person: labels are codes of errors and versions. Format: "Exposition formats", Prometheus
documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from kiosk import durable

UPLOAD: Final = "kiosk-upload.prom"
CAPTURE: Final = "kiosk-capture.prom"
"""The files, in the folder of ``[metrics]``; the collector reads no others than ``*.prom``."""

MODE: Final = 0o644
"""Whoever collects is no user of ours."""

_NAME: Final = re.compile(r"kiosk_[a-z][a-z_]*[a-z]")
_ESCAPED: Final = {"\\": r"\\", "\n": r"\n", '"': r"\""}


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure, or one for each value of a label.

    Attributes:
        name: begins with ``kiosk_`` and ends with its unit, a counter's with ``_total``.
        kind: whether it goes up and down, or only up while a process runs.
        about: one sentence.
        samples: by value of the label; a figure without a label has the one key "".
        label: the label's name; empty where there is none.
    """

    name: str
    kind: Literal["gauge", "counter"]
    about: str
    samples: Mapping[str, float]
    label: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or (self.kind == "counter") != self.name.endswith(
            "_total"
        ):
            raise ValueError(f"{self.name} is no name of a {self.kind}")
        if bool(self.label) == ("" in self.samples):
            raise ValueError(f"{self.name}: either a label and its values, or the one figure")


def gauge(name: str, about: str, value: float) -> Metric:
    """Return a figure that goes up and down."""
    return Metric(name, "gauge", about, {"": value})


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the text of a file."""
    lines: list[str] = []
    for metric in metrics:
        lines += (
            f"# HELP {metric.name} {_escaped(metric.about, quotes=False)}",
            f"# TYPE {metric.name} {metric.kind}",
        )
        for value, sample in metric.samples.items():
            label = f'{{{metric.label}="{_escaped(value)}"}}' if metric.label else ""
            lines.append(f"{metric.name}{label} {_number(sample)}")
    return "".join(f"{line}\n" for line in lines)


def publish(folder: Path, name: str, metrics: Iterable[Metric]) -> None:
    """Replace a file as a whole: whoever reads it sees the old one or the new one.

    Raises:
        StorageError: it cannot be written.
    """
    durable.replace_file(folder / name, exposition(metrics).encode("utf-8"), MODE)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _escaped(text: str, *, quotes: bool = True) -> str:
    return "".join(c if c == '"' and not quotes else _ESCAPED.get(c, c) for c in text)
