"""Protocols: the ordered sets of views that are photographed, read from the package's data.

``data/views.toml`` describes every view once; ``data/protocols/NAME.toml`` puts views in shooting
order. Where a figure or a code comes from is written beside it in those files. Angles are degrees
in the picture as recorded (not mirrored): yaw > 0 turns the nose to the right of the picture,
pitch > 0 lowers the chin, roll > 0 tilts the head counter-clockwise.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from kiosk.errors import ConfigError

Text = Annotated[str, Meta(min_length=1)]
Id = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Degrees = Annotated[float, Meta(ge=-180.0, le=180.0)]
Millimetres = Annotated[float, Meta(gt=0.0)]
Fraction = Annotated[float, Meta(gt=0.0, le=1.0)]
Scheme = Literal["SCT", "99CAPST"]
"""SNOMED CT, or this product's own codes (DICOM keeps designators in 99… for private use)."""


class Code(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One coded meaning, in the three parts that DICOM and FHIR both use."""

    scheme: Scheme
    value: Text
    meaning: Text


class Pose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the head (or body) should point, degrees; the module says which way is positive."""

    yaw: Degrees = 0.0
    pitch: Degrees = 0.0
    roll: Degrees = 0.0


class Tolerance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far off a shot may be: degrees, and fractions of the frame's height and of the scale."""

    angle: Annotated[float, Meta(gt=0.0, le=45.0)]
    position: Fraction
    scale: Fraction


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One picture of a set.

    ``shows_side`` (which side of the patient the picture shows) and ``patient_turns`` (which way
    the patient turns to get there, the patient's own left or right) are both stated and never
    derived from each other: published protocols contradict one another about it.

    Attributes:
        id: stable name, used in records and file names.
        title: what the screen calls it.
        short: the same for the narrow progress strip.
        instruction: what the patient must do, spoken to the patient.
        operator_note: what the operator checks before the pedal; may be empty.
        code: of the view.
        region: of the body part.
        expression: of the face; None where the face does not matter.
        dicom_orientation: Patient Orientation (0020,0020), row then column.
        pose: nominal direction; None where no figure means anything (close-ups keep their own).
        framing_mm: width and height of the field that must lie in the picture.
        light: name of the lighting preset.
        silhouette: name of the guide drawn over the preview.
        proposed: names of the fields whose values a clinician has yet to confirm.
    """

    id: Id
    title: Text
    short: Annotated[str, Meta(min_length=1, max_length=14)]
    instruction: Text
    operator_note: str = ""
    code: Code
    region: Code
    expression: Code | None = None
    shows_side: Literal["both", "left", "right", "back"]
    patient_turns: Literal["none", "left", "right", "around"]
    dicom_orientation: Annotated[str, Meta(pattern=r"^[APLRHF]{1,3}\\[APLRHF]{1,3}$")]
    pose: Pose | None
    framing_mm: tuple[Millimetres, Millimetres]
    light: Id
    silhouette: Id
    tolerance: Tolerance
    proposed: tuple[Text, ...] = ()


class Protocol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ordered set of views; ``source`` says who published it."""

    name: Id
    title: Text
    source: Text
    views: Annotated[tuple[View, ...], Meta(min_length=1)]


class _Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A protocol file as written: views by their ids."""

    title: Text
    source: Text
    views: Annotated[tuple[Id, ...], Meta(min_length=1)]


class _Library(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    codes: dict[Id, Code]
    tolerances: dict[Id, Tolerance]
    views: dict[Id, dict[str, Any]]


_T = TypeVar("_T")
_DATA = "data"
_VIEWS = "views.toml"


def available() -> tuple[str, ...]:
    """Return the names of the protocols that are installed, sorted."""
    folder = resources.files(__package__) / _DATA / "protocols"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def load_protocol(name: str) -> Protocol:
    """Read one protocol with all its views.

    Raises:
        ConfigError: no such protocol, or a data file that is damaged; names file, key and what
            was expected.
    """
    known = available()
    if name not in known:
        raise ConfigError(
            f"session.protocol: there is no protocol {name!r}; expected one of {', '.join(known)}"
        )
    return parse_protocol(name, _read(f"protocols/{name}.toml"), _read(_VIEWS))


def parse_protocol(name: str, listing_text: str, views_text: str) -> Protocol:
    """Build a protocol from the texts of its own file and of ``views.toml``.

    Raises:
        ConfigError: as :func:`load_protocol` does.
    """
    source = f"protocols/{name}.toml"
    listing = _convert(_toml(listing_text, source), _Listing, source)
    views = parse_views(views_text)
    _refuse_repeats(listing.views, source)
    for number, wanted in enumerate(listing.views):
        if wanted not in views:
            raise ConfigError(
                f"{source}: views[{number}]: {_VIEWS} describes no view {wanted!r}; "
                f"expected one of {', '.join(sorted(views))}"
            )
    chosen = tuple(views[wanted] for wanted in listing.views)
    return Protocol(name=name, title=listing.title, source=listing.source, views=chosen)


def parse_views(text: str) -> dict[str, View]:
    """Read the library of views, with names of codes and tolerances put in their place.

    Raises:
        ConfigError: as :func:`load_protocol` does.
    """
    library = _convert(_toml(text, _VIEWS), _Library, _VIEWS)
    return {key: _view(key, table, library) for key, table in library.views.items()}


def _view(key: str, table: dict[str, Any], library: _Library) -> View:
    where = f"{_VIEWS}: views.{key}"
    filled: dict[str, Any] = {"pose": None, **table, "id": key}
    for field in ("code", "region", "expression"):
        if field in table:
            filled[field] = _named(library.codes, table[field], f"{where}.{field}")
    if "tolerance" in table:
        filled["tolerance"] = _named(library.tolerances, table["tolerance"], f"{where}.tolerance")
    view = _convert(filled, View, _VIEWS, prefix=f"views.{key}.")
    unknown = set(view.proposed) - set(view.__struct_fields__)
    if unknown:
        raise ConfigError(
            f"{where}.proposed: {', '.join(sorted(unknown))} is no field of a view; "
            f"expected some of {', '.join(view.__struct_fields__)}"
        )
    return view


def _named(known: dict[str, _T], name: object, where: str) -> _T:
    if not isinstance(name, str) or name not in known:
        raise ConfigError(
            f"{where}: nothing is named {name!r}; expected one of {', '.join(sorted(known))}"
        )
    return known[name]


def _refuse_repeats(ids: tuple[str, ...], source: str) -> None:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            raise ConfigError(
                f"{source}: views[{number}]: {one!r} stands there twice; expected each view once"
            )


def _read(name: str) -> str:
    place = resources.files(__package__).joinpath(_DATA, *name.split("/"))
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{name}: expected this file among the program's data, but: {error}; "
            "install the program again"
        ) from error


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: expected TOML, but: {error}") from error


def _convert(table: object, kind: type[_T], source: str, *, prefix: str = "") -> _T:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        key = (prefix + where.strip("`.")).rstrip(".")
        raise ConfigError(f"{source}: {key or 'the file'}: {what[:1].lower()}{what[1:]}") from error
