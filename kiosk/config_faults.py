"""What is wrong with a configuration, in words: which key, and what was expected there.

msgspec finds the fault and its place; the words for what was expected come from the types that
stand at that place, so that they cannot disagree with what is checked.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text in quotation marks",
    "bool": "true or false",
    "array": "a list in brackets",
    "object": "a table of keys",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """Where the fault is, in what, and what that should have been; ``within`` what lies around."""

    where: str
    raw: object
    kind: type
    within: str = ""

    @property
    def place(self) -> str:
        """The whole way to the fault, as a person finds it in the file."""
        return _join(self.within, self.where)

    def at(self, where: str) -> tuple[Any, object]:
        """Return the type and the value at a place such as ``camera.size[0]``."""
        return _at(self.kind, self.raw, where)


def sentence(message: str, raw: object, kind: type, *, within: str = "") -> str:
    """Turn a message of ``msgspec.convert`` into ``place: what was expected``.

    Args:
        message: ``str()`` of the ValidationError.
        raw: what was converted.
        kind: into which type.
        within: the table of the file that ``raw`` was, such as ``views.nape``; empty for all of it.
    """
    found = re.fullmatch(r"(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?", message, re.DOTALL)
    what, where = (found["what"], found["where"] or "") if found else (message, "")
    for pattern, say in _SAYINGS:
        if match := re.fullmatch(pattern, what):
            return say(match, _Fault(where, raw, kind, within))
    place = _join(within, where)
    return f"{place}: {_lower(what)}" if place else _lower(what)


def _missing(match: re.Match[str], fault: _Fault) -> str:
    key = _join(fault.place, match[1])
    if match[1] == "kind" and (tags := _tags(fault.at(fault.where)[0])):
        return f"{key}: this key is missing; expected one of {_listed(tags)}"
    kind, _ = fault.at(_join(fault.where, match[1]))
    return f"{key}: this key is missing; expected {_expected(kind)}"


def _unknown(match: re.Match[str], fault: _Fault) -> str:
    known = _fields(*fault.at(fault.where))
    key = _join(fault.place, match[1])
    return f"{key}: this key is not known; expected one of {_listed(sorted(known))}"


def _wrong_type(match: re.Match[str], fault: _Fault) -> str:
    expected = " or ".join(_WORDS.get(name.strip(), name) for name in match[1].split("|"))
    return f"{fault.place}: expected {expected}, got {_WORDS.get(match[2], match[2])}"


def _wrong_text(_match: re.Match[str], fault: _Fault) -> str:
    kind, value = fault.at(fault.where)
    if isinstance(value, str) and "CHANGE-ME" in value:
        return f"{fault.place}: this still has to be filled in; expected {_expected(kind)}"
    return f"{fault.place}: expected {_expected(kind)}, got {value!r}"


def _wrong_number(match: re.Match[str], fault: _Fault) -> str:
    _, value = fault.at(fault.where)
    limit = match[2].replace("that's a multiple of", "that is a multiple of")
    return f"{fault.place}: expected {_WORDS.get(match[1], match[1])} {limit}, got {value!r}"


def _wrong_length(match: re.Match[str], fault: _Fault) -> str:
    _, value = fault.at(fault.where)
    got = f", got {len(value)}" if isinstance(value, str | list) else ""
    return f"{fault.place}: expected {_WORDS[match[1]]} of length {match[2]}{got}"


def _wrong_choice(_match: re.Match[str], fault: _Fault) -> str:
    kind, value = fault.at(fault.where)
    table, _, key = fault.where.rpartition(".")
    choices = _tags(fault.at(table)[0]) if key == "kind" else _choices(kind)
    return f"{fault.place}: expected one of {_listed(choices)}, got {value!r}"


_Saying = Callable[[re.Match[str], _Fault], str]
_SAYINGS: tuple[tuple[str, _Saying], ...] = (
    (r"Object missing required field `(\w+)`", _missing),
    (r"Object contains unknown field `(.+)`", _unknown),
    (r"Expected `([^`]+)`, got `(\w+)`", _wrong_type),
    (r"Expected `str` matching regex .*", _wrong_text),
    (r"Expected `(array|str)` of length (.*?)(?:, got \d+)?", _wrong_length),
    (r"Expected `(int|float)` (.*)", _wrong_number),
    (r"Invalid (?:enum )?value .*", _wrong_choice),
)


def _at(kind: Any, raw: object, where: str) -> tuple[Any, object]:  # noqa: ANN401 - a type form
    value: Any = raw
    for name, index in re.findall(r"(\w+)|\[(\d+|\.\.\.)\]", where):
        if name:
            kind = _struct(kind, value)
            kind = _hints(kind).get(name) if kind is not None else None
            value = value.get(name) if isinstance(value, dict) else None
        else:
            inner = typing.get_args(_plain(kind)[0]) or (None,)
            kind = inner[0]
            position = int(index) if index.isdecimal() else 0
            value = value[position] if isinstance(value, list) and position < len(value) else None
    return kind, value


def _struct(kind: Any, value: object) -> Any:  # noqa: ANN401 - a type form
    """Choose the one of several tables that the value's ``kind`` names."""
    structs = list(_structs(kind))
    if len(structs) <= 1:
        return structs[0] if structs else None
    tag = value.get("kind") if isinstance(value, dict) else None
    return next((s for s in structs if s.__struct_config__.tag == tag), None)


def _structs(kind: Any) -> Iterator[Any]:  # noqa: ANN401 - a type form
    plain, _ = _plain(kind)
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        yield plain
    for inner in typing.get_args(plain):
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield inner


def _plain(kind: Any) -> tuple[Any, tuple[Meta, ...]]:  # noqa: ANN401 - a type form
    """Take off ``Annotated`` and ``| None``; return what is in it and its constraints."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        (first, *others) = (one for one in typing.get_args(kind) if one is not types.NoneType)
        return (kind, ()) if others else _plain(first)
    if typing.get_origin(kind) is Annotated:
        inner, *notes = typing.get_args(kind)
        return inner, tuple(note for note in notes if isinstance(note, Meta))
    return kind, ()


def _hints(struct: Any) -> dict[str, Any]:  # noqa: ANN401 - a type form
    return typing.get_type_hints(struct, include_extras=True)


def _fields(kind: Any, value: object) -> set[str]:  # noqa: ANN401 - a type form
    struct = _struct(kind, value)
    tagged = {"kind"} if struct is not None and struct.__struct_config__.tag else set()
    return tagged if struct is None else {*struct.__struct_fields__, *tagged}


def _tags(kind: Any) -> list[str]:  # noqa: ANN401 - a type form
    return [struct.__struct_config__.tag for struct in _structs(kind)]


def _choices(kind: Any) -> list[str]:  # noqa: ANN401 - a type form
    plain, _ = _plain(kind)
    return [str(choice) for choice in typing.get_args(plain)] if _is_choice(plain) else []


def _is_choice(plain: Any) -> bool:  # noqa: ANN401 - a type form
    return typing.get_origin(plain) is Literal


def _expected(kind: Any) -> str:  # noqa: ANN401 - a type form
    plain, notes = _plain(kind)
    for note in notes:
        if note.description:
            return note.description
    if choices := _choices(kind):
        return f"one of {_listed(choices)}"
    if next(_structs(kind), None) is not None:
        return _WORDS["object"]
    names = {int: "int", float: "float", str: "str", bool: "bool"}
    origin = typing.get_origin(plain)
    if origin is tuple:
        return _WORDS["array"]
    return _WORDS.get(names.get(plain, ""), "a path that begins with /")


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where and key else where or key


def _listed(words: list[str]) -> str:
    return ", ".join(words)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
