"""What differs between two states of an imported environment: there is no skeleton, so only their structure tells.

An attribute that is a mapping is read as a table, its entries as rows; entries that are mappings themselves have
fields. Anything else is one row, `one`, with the attribute's name as its field.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any, Literal

from generator.importers.contained import values
from generator.importers.contained.encoding import TAG
from generator.scengenerator.outcomes import Change

_ALONE = "one"  # as a singleton's row is called elsewhere too


def shown(tables: Any) -> dict[str, Any]:
    """A state's attributes as agents would see their values; what only refers to other attributes is left out.

    Most classes keep the `init_config` that their tables came out of, which would tell every change twice.
    """
    own = {name: value for name, value in tables.items() if not _refers(value)}
    found = values.plain({name: value for name, value in values.decode(tables).items() if name in own})
    return found if isinstance(found, dict) else {"state": found}


def _refers(value: Any) -> bool:
    """Whether an encoded value is a reference, or a mapping of nothing else."""
    if not isinstance(value, dict) or not value:
        return False
    return value.get(TAG) == "same" or all(
        isinstance(item, dict) and item.get(TAG) == "same" for item in value.values()
    )


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Every difference of two states (as `shown` has them), attribute by attribute; new rows last."""
    return [change for name in dict.fromkeys([*before, *after]) for change in _attribute(name, before, after)]


def _attribute(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    old, new = before.get(name), after.get(name)
    if name in before and name in after and _same(old, new):
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        one_side: Literal["created", "deleted"] = "created" if name in after else "deleted"
        kind = "changed" if name in before and name in after else one_side
        yield Change(name, _ALONE, kind, {name: (old, new)})
        return
    for key in dict.fromkeys([*old, *new]):
        if key not in new:
            yield Change(name, key, "deleted", {field: (value, None) for field, value in _fields(key, old[key])})
        elif key not in old:
            yield Change(name, key, "created", {field: (None, value) for field, value in _fields(key, new[key])})
        elif not _same(old[key], new[key]):
            was, now = dict(_fields(key, old[key])), dict(_fields(key, new[key]))
            differing = [field for field in dict.fromkeys([*was, *now]) if not _in_both(field, was, now)]
            yield Change(name, key, "changed", {field: (was.get(field), now.get(field)) for field in differing})


def _fields(key: str, row: Any) -> list[tuple[str, Any]]:
    return list(row.items()) if isinstance(row, dict) else [(key, row)]


def _in_both(field: str, was: dict[str, Any], now: dict[str, Any]) -> bool:
    return field in was and field in now and _same(was[field], now[field])


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is not true, though Python says so."""
    return bool(one == other) and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def mentions(source: str) -> str:
    """The texts that stand in a check's code, which name the attributes and fields that it reads."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]
    return " ".join(dict.fromkeys(texts))
