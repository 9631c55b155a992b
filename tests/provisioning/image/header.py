"""The rules of a layer's header, as rpi-image-gen's documentation states them (docs/layer).

Its own ``rpi-image-gen metadata --lint`` is the judge; this is what of it can be had without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

FIELDS = frozenset(
    f"X-Env-Layer-{name}"
    for name in (
        *("Name", "Category", "Desc", "Description", "Version", "Requires", "Provides"),
        *("RequiresProvider", "AfterProvider", "Conflicts", "Type", "Generator", "Sets"),
    )
) | {"X-Env-VarPrefix", "X-Env-VarRequires", "X-Env-VarRequires-Valid"}
ATTRIBUTES = frozenset(
    {"Desc", "Description", "Required", "Valid", "Set", "Triggers", "Conflicts", "Anchor"}
)


def fields(text: str) -> dict[str, str]:
    """Read the block between the marks: DEB822 behind comment signs.

    Raises:
        ValueError: no such block, or a line that is no field.
    """
    begin, end = text.split("\n").index("# METABEGIN"), text.split("\n").index("# METAEND")
    found: dict[str, str] = {}
    name = ""
    for line in text.split("\n")[begin + 1 : end]:
        if line == "#":
            continue
        if line.startswith("#  ") and name:
            found[name] += f" {line[3:].strip()}"
        elif match := re.fullmatch(r"# ([A-Za-z0-9_-]+):(?: (.*))?", line):
            name = match[1]
            if name in found:
                raise ValueError(f"{name} twice")
            found[name] = match[2] or ""
        else:
            raise ValueError(f"no field: {line}")
    return found


def faults(text: str) -> Iterator[str]:
    """Name what the documentation does not allow."""
    try:
        header = fields(text)
    except ValueError as error:
        yield str(error)
        return
    for required in ("X-Env-Layer-Name", "X-Env-Layer-Version"):
        if not header.get(required):
            yield f"{required} is missing"
    if not re.fullmatch(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}", header["X-Env-Layer-Version"]):
        yield "a version has three numbers"
    variables = {m[1] for f in header if (m := re.fullmatch(r"X-Env-Var-([a-z0-9_]+)", f))}
    if variables and not header.get("X-Env-VarPrefix"):
        yield "variables need X-Env-VarPrefix"
    yield from _field_faults(variables, header)
    for name in variables:
        yield from _value_faults(name, header)


def _field_faults(variables: set[str], header: dict[str, str]) -> Iterator[str]:
    for field in header:
        if field in FIELDS or field.removeprefix("X-Env-Var-") in variables:
            continue
        match = re.fullmatch(r"X-Env-Var-([a-z0-9_]+)-([A-Za-z]+)", field)
        if not match or match[2] not in ATTRIBUTES:
            yield f"{field} is no field"
        elif match[1] not in variables:
            yield f"{field}, but no X-Env-Var-{match[1]}"


def _value_faults(name: str, header: dict[str, str]) -> Iterator[str]:
    value = header[f"X-Env-Var-{name}"]
    rule = header.get(f"X-Env-Var-{name}-Valid", "string")
    if rule == "bool":
        allowed = {"y", "n"}
    elif "," in rule:
        allowed = set(rule.removeprefix("keywords:").split(","))
    elif rule in {"dir", "file-nzero", "string", "size"}:
        return
    else:
        yield f"{name}: {rule} is no rule"
        return
    if value not in allowed:
        yield f"{name}: {value} is not one of {', '.join(sorted(allowed))}"
