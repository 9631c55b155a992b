"""From the texts of ``views.toml`` and of protocols to views, each fault with its place.

``source`` is always how errors name the file. Every function here raises ConfigError: file, key and
what was expected there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from kiosk.errors import ConfigError
from kiosk.records.data_files import converted, shipped_names, table_of
from kiosk.records.letters import require_drawable
from kiosk.records.view_methods import check_method
from kiosk.records.view_sides import check_sides
from kiosk.records.view_translation import WORDS
from kiosk.records.views import (
    ID,
    ID_WORDS,
    Code,
    Described,
    Id,
    Library,
    Protocol,
    Record,
    Text,
    Title,
    Tolerance,
    Use,
    View,
)

_T = TypeVar("_T")
_NOTHING: Final = Library()
_ARTICLES: Final = {"view": "a view", "region": "a region", "expression": "an expression"}


class _WrittenView(Described, frozen=True, kw_only=True):
    """A view as it stands in a file: codes and tolerance by their names."""

    code: Id
    region: Id
    expression: Id | None = None
    tolerance: Id


class Listing(Record, frozen=True, kw_only=True):
    """A protocol as it stands in a file: views by their names, as many as the screen can list."""

    title: Title
    source: Text
    views: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=16)]


class _WrittenLibrary(Record, frozen=True, kw_only=True):
    codes: dict[str, Any] = msgspec.field(default_factory=dict)
    tolerances: dict[str, Any] = msgspec.field(default_factory=dict)
    views: dict[str, Any] = msgspec.field(default_factory=dict)


def parse_protocol(name: str, text: str, source: str, library: Library) -> Protocol:
    """Build a protocol from the text of its file; ``source`` is how errors name that.

    Raises:
        ConfigError: as :func:`load_protocol` does.
    """
    listing = parse_listing(text, source)
    for number, wanted in enumerate(listing.views):
        _one_of(library.views, wanted, f"{source}: views[{number}]", "view")
    chosen = tuple(library.views[wanted] for wanted in listing.views)
    return Protocol(name=name, title=listing.title, source=listing.source, views=chosen)


def parse_listing(text: str, source: str) -> Listing:
    """Read a protocol's file as far as it can be read without knowing the views.

    Raises:
        ConfigError: as :func:`load_protocol` does.
    """
    listing = converted(table_of(text, source, "title, source and views"), Listing, source)
    require_drawable(listing.title, f"{source}: title")
    require_drawable(listing.source, f"{source}: source")
    for number, one in enumerate(listing.views):
        if one in listing.views[:number]:
            raise ConfigError(
                f"{source}: views[{number}]: {one!r} stands there twice; expected each view once"
            )
    return listing


def parse_views(text: str, source: str, base: Library = _NOTHING) -> Library:
    """Read a library of views; ``base`` is the program's, which a clinic's adds to.

    Raises:
        ConfigError: as :func:`load_protocol` does.
    """
    table = table_of(text, source, "views, each under [views.NAME]")
    written = converted(table, _WrittenLibrary, source)
    own_codes = _entries(written.codes, base.codes, Code, source, "codes")
    for name, code in own_codes.items():
        if base.codes and code.scheme == "99CAPST":
            raise ConfigError(
                f"{source}: codes.{name}.scheme: 99CAPST is for the program's own codes; "
                "expected SCT, or 99CLINIC for a clinic's own"
            )
    own = _entries(written.tolerances, base.tolerances, Tolerance, source, "tolerances")
    views = _entries(written.views, base.views, _WrittenView, source, "views")
    library = Library({**base.codes, **own_codes}, {**base.tolerances, **own}, {})
    found = {n: _view(n, v, library, f"{source}: views.{n}") for n, v in views.items()}
    return Library(library.codes, library.tolerances, {**base.views, **found})


def _entries(
    written: dict[str, Any], taken: Collection[str], kind: type[_T], source: str, section: str
) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for name, table in written.items():
        check_name(name, taken, f"{source}: {section}", section.removesuffix("s"))
        found[name] = converted(table, kind, source, within=f"{section}.{name}")
    return found


def check_name(name: str, taken: Collection[str], where: str, what: str) -> None:
    """Refuse a name that cannot be one, or that is the program's.

    Raises:
        ConfigError: beginning with ``where``.
    """
    if not re.match(ID, name):
        raise ConfigError(f"{where}: {name!r} cannot be a {what}'s name; expected {ID_WORDS}")
    if name in taken:
        raise ConfigError(
            f"{where}: the program has a {what} named {name!r} already; expected another name"
        )


def _view(name: str, written: _WrittenView, library: Library, where: str) -> View:
    common = {field: getattr(written, field) for field in Described.__struct_fields__}
    tolerance = library.tolerances[
        _one_of(library.tolerances, written.tolerance, f"{where}.tolerance", "tolerance")
    ]
    for number, field in enumerate(written.proposed):
        _one_of(View.__struct_fields__, field, f"{where}.proposed[{number}]", "field of a view")
    _one_of(shipped_names("silhouettes"), written.silhouette, f"{where}.silhouette", "silhouette")
    view = View(
        id=name,
        code=_coded(library.codes, written.code, "view", f"{where}.code"),
        region=_coded(library.codes, written.region, "region", f"{where}.region"),
        expression=None
        if written.expression is None
        else _coded(library.codes, written.expression, "expression", f"{where}.expression"),
        tolerance=tolerance,
        **{**common, "proposed": _proposed(written, tolerance)},
    )
    _require_drawable(view, where)
    check_sides(view, where)
    check_method(view, where)
    return view


def _require_drawable(view: View, where: str) -> None:
    for key in WORDS:
        require_drawable(getattr(view, key), f"{where}.{key}")
    if view.expression is not None:
        require_drawable(view.expression.meaning, f"{where}.expression")


def _coded(codes: Mapping[str, Code], name: str, use: Use, where: str) -> Code:
    code = codes[_one_of(codes, name, where, "code")]
    if code.use not in (None, use):
        fit = ", ".join(sorted(one for one, known in codes.items() if known.use in (None, use)))
        raise ConfigError(
            f"{where}: {name!r} is the code of {_ARTICLES[code.use]}; expected one of {fit}"
        )
    return code


def _proposed(written: _WrittenView, tolerance: Tolerance) -> tuple[str, ...]:
    """Return what waits for a clinician: who uses a proposed tolerance has that to be confirmed."""
    added = ("tolerance",) if tolerance.proposed and "tolerance" not in written.proposed else ()
    return (*written.proposed, *added)


def _one_of(known: Collection[str], name: str, where: str, what: str) -> str:
    if name not in known:
        raise ConfigError(
            f"{where}: there is no {what} {name!r}; expected one of {', '.join(sorted(known))}"
        )
    return name
