"""Odd "names": Names that Python, JSON or the rendered code need themselves: {braces} and \\ too.

Rendered by envwright from skeleton.yaml; change that file and render again. Needs the standard library only:

    environment = Environment()
    environment.call("get_row", { … })  # as an agent calls a tool: validated, refused with a sentence
"""

from __future__ import annotations

import copy
import difflib
import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import InvalidOperation
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

NAME = "odd_names"
TITLE = 'Odd "names"'
VERSION = "1646d21333fd"
INSTRUCTIONS = """\
A text with \"\"\"quotes\"\"\", a \\ and {braces}.

When you are done, say so; to a question, give the value that was asked for and no other. When a request cannot or must not be met, change nothing and say plainly that you cannot do it.
"""

State = dict[str, Any]
Schema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


# Rows: what the tables hold.


class Row(TypedDict):
    row_id: str
    key: str
    type: str
    list: list[str]
    self__id: str | None


class PathRow(TypedDict):
    path_id: str
    path: str
    limit: int


class Key(TypedDict):
    path_id: str
    key: str


class Before(TypedDict):
    before_name: str
    changes: int


class RowChanges(TypedDict, total=False):
    row_id: str
    key: str
    type: str
    list: list[str]
    self__id: str | None


# Results: what agents see.


class PathRowView(PathRow):
    keys_of_path: list[Key]


class RowListResult(TypedDict):
    row_list: list[Row]
    total: int


class PathsResult(TypedDict):
    paths: list[PathRowView]
    total: int


class SwapKeysResult(TypedDict):
    list: list[str]
    class_: str


class InvalidState(ValueError):
    """A state that does not fit this environment."""


class Refused(Exception):
    """A request that cannot be done. `code` is stable, `message` is for people, `origin` says what refused."""

    def __init__(self, code: str, message: str, origin: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.origin = code, message, origin


@dataclass(frozen=True)
class Result:
    """The result of a tool call; of a refusal, `content` is its code and message."""

    ok: bool
    content: dict[str, Any]
    origin: str = ""

    @property
    def text(self) -> str:
        """What a model reads."""
        if not self.ok:
            return str(self.content["message"])
        return json.dumps(self.content, ensure_ascii=False)


def command(method: Callable[Concatenate[Environment, P], T]) -> Callable[Concatenate[Environment, P], T]:
    """All effects of a command happen, or none."""

    @functools.wraps(method)
    def whole(self: Environment, /, *args: P.args, **kwargs: P.kwargs) -> T:
        self._undo.clear()
        try:
            return method(self, *args, **kwargs)
        except BaseException:
            for step in reversed(self._undo):
                step()
            raise

    return whole


class Environment:
    """Odd "names". One public method a tool; `call` is the door for agents."""

    def __init__(self, state: State | None = None) -> None:
        """Takes a state over, or starts from state.json. Raises InvalidState."""
        if state is None:
            state = cast(
                State, json.loads(Path(__file__).with_name("state.json").read_text(encoding="utf-8"))
            )
        fault = STATE_CHECK(state) or _unresolved(state["tables"])
        if fault:
            raise InvalidState(f"This state does not fit {NAME}: {_sentence(fault)}")
        self._open(state["clock"], state["counters"], state["tables"])

    def _open(self, clock: str, counters: dict[str, int], tables: dict[str, Any]) -> None:
        self.clock = clock
        self.counters = counters
        self.row_list: dict[str, Row] = tables["row_list"]
        self.paths: dict[str, PathRow] = tables["paths"]
        self.keys: dict[str, Key] = tables["keys"]
        self.befores: dict[str, Before] = tables["befores"]
        self._undo: list[Callable[[], object]] = []
        self._tools: dict[str, Callable[..., Any]] = {
            "get_row": self.get_row,
            "find_row": self.find_row,
            "list_of_type": self.list_of_type,
            "by_path": self.by_path,
            "add_row": self.add_row,
            "change": self.change,
            "copy_path": self.copy_path,
            "swap_keys": self.swap_keys,
        }

    def copy(self) -> Environment:
        """An independent copy. Rows are copied; what they hold is replaced on writing, never changed in place."""
        tables = {
            name: {key: row.copy() for key, row in rows.items()}
            for name, rows in self.state["tables"].items()
        }
        other = type(self).__new__(type(self))
        other._open(self.clock, self.counters.copy(), tables)
        return other

    @property
    def state(self) -> State:
        """The state as one JSON object; a live view, not a copy."""
        tables = {
            "row_list": self.row_list,
            "paths": self.paths,
            "keys": self.keys,
            "befores": self.befores,
        }
        return {"clock": self.clock, "counters": self.counters, "tables": tables}

    def call(self, name: str, arguments: object) -> Result:
        """Runs a tool as an agent calls it. What is wrong is refused with a sentence, and then nothing has changed."""
        check = ARGUMENT_CHECKS.get(name) if isinstance(name, str) else None
        if check is None:
            return _refusal(
                "unknown_tool", f"There is no tool {_shown(name)}{_nearest(name, ARGUMENT_CHECKS)}", "tool"
            )
        fault = check(arguments)
        if fault:
            return _refusal("invalid_arguments", _sentence(fault), "arguments")
        given = cast(dict[str, Any], arguments)
        try:
            return Result(
                True,
                self._tools[name](
                    **{
                        ARGUMENTS.get(key, key): copy.deepcopy(value)
                        if isinstance(value, dict | list)
                        else value
                        for key, value in given.items()
                        if value is not None
                    }
                ),
            )
        except Refused as refused:
            return _refusal(refused.code, refused.message, refused.origin)
        except (OverflowError, InvalidOperation):
            return _refusal("invalid_value", "These numbers are too large to calculate with.", "arithmetic")

    # Tools that change nothing.

    def get_row(self, row_id: str) -> Row:
        """Get everything known about a row."""
        return self._show_row(self._find_row(row_id))

    def find_row(self, key_: str) -> Row:
        """Find the one row with this key; case and outer spaces do not matter."""
        wanted = key_.strip().casefold()
        found = [row_ for row_ in self.row_list.values() if row_["key"].strip().casefold() == wanted]
        if not found:
            raise Refused("not_found", f"There is no row with the key '{key_}'.", "row")
        if len(found) > 1:
            raise Refused("conflict", f"There are {len(found)} row list with the key '{key_}'.", "row")
        return self._show_row(found[0])

    def list_of_type(self, type_: str, limit: int | None = None, offset: int = 0) -> RowListResult:
        """List the row list with a given type, ordered by key."""
        found = [
            row_
            for row_ in self.row_list.values()
            if row_["type"] == type_
            and not any(
                x["key"] == row_["key"] and x["row_id"] != row_["row_id"] for x in self.row_list.values()
            )
        ]
        found.sort(key=lambda row_: row_["key"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"row_list": [self._show_row(row_) for row_ in page], "total": len(found)}

    def by_path(self, path: str, limit: int | None = None, offset: int = 0) -> PathsResult:
        """List the paths with a given path."""
        found = [x for x in self.paths.values() if x["path"] == path]
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"paths": [self._show_path(x) for x in page], "total": len(found)}

    # Tools that change the state.

    @command
    def add_row(
        self, key_: str, list_: list[str] | None = None, type_: str | None = None, id_: int | None = None
    ) -> Row:
        """Add a row with "quotes" and a \\ backslash."""
        if list_ is None:
            list_ = []
        if not (id_ is None or id_ > 0 or self._find_row_of(key_) is None):
            raise Refused("refused", f"{key_} is taken.", "add_row.requires[0]")
        made = self._create_row(
            {
                "row_id": self._next_row_id(),
                "key": key_,
                "type": type_ if type_ is not None else "open",
                "list": list_,
                "self__id": None,
            }
        )
        return self._show_row(made)

    @command
    def change(
        self,
        row_id: str,
        changes_: int,
        found_: str | None = None,
        old: str | None = None,
        rows_: list[str] | None = None,
    ) -> Row:
        """Change much."""
        row_ = self._find_row(row_id)
        if rows_ is None:
            rows_ = []
        self._require_list(changes_)
        update_row = old is not None and row_["type"] != old
        self._update_row(row_, {"list": rows_ + row_["list"]})
        if found_ is not None:
            self._update_row(row_, {"key": found_})
        if update_row:
            self._update_row(row_, {"type": present(old)})
        return self._show_row(row_)

    @command
    def copy_path(self, path_id: str, copy_: str, re_: int = 1) -> PathRowView:
        """Copy."""
        path = self._find_path(path_id)
        twin = self._create_path(
            {"path_id": self._next_path_id(), "path": copy_ + self._show_path_of(path), "limit": re_}
        )
        self._create_key({"path_id": twin["path_id"], "key": copy_})
        return self._show_path(twin)

    @command
    def swap_keys(
        self, row_id: str, other_id: str, key_: str | None = None, list_: list[str] | None = None
    ) -> SwapKeysResult:
        """Two partial updates in one method."""
        row_ = self._find_row(row_id)
        other = self._find_row(other_id)
        changes: RowChanges = {}
        if list_ is not None:
            changes["list"] = list_
        self._update_row(row_, changes)
        changes_2: RowChanges = {}
        if key_ is not None:
            changes_2["key"] = key_
        self._update_row(other, changes_2)
        self._create_before_({"before_name": row_["key"], "changes": len(row_["list"])})
        return {"list": copy.deepcopy(row_["list"]), "class_": other["key"]}

    # What must hold before a command does anything.

    def _require_list(self, changes_: int) -> None:
        if not changes_ > 0:
            raise Refused("refused", f'It\'s "{changes_}" \\ enough.', "list")

    # Definitions and derived fields.

    def _find_row_of(self, key_: str) -> Row | None:
        return first([x for x in self.row_list.values() if x["key"] == key_])

    def _show_path_of(self, path: PathRow) -> str:
        return path["path"] + "!"

    # Rows: finding, showing, writing.

    def _find_row(self, row_id: str) -> Row:
        row = self.row_list.get(row_id)
        if row is None:
            raise Refused("not_found", f"There is no row '{row_id}'.", "row")
        return row

    def _show_row(self, row_: Row) -> Row:
        return {**row_, "list": list(row_["list"])}

    def _next_row_id(self) -> str:
        return self._next_id("row", self.row_list, "{}")

    def _create_row(self, row: Row) -> Row:
        self._check_row(row, None)
        key = row["row_id"]
        self._insert(self.row_list, key, row)
        return row

    def _update_row(self, row_: Row, changes: RowChanges) -> None:
        if "type" in changes:
            move(
                "the type of the row",
                row_["type"],
                changes["type"],
                {"open": ["it's", 'say "no"'], "it's": [], 'say "no"': []},
            )
        row = row_.copy()
        row.update(changes)
        self._check_row(row, row_)
        before = row_.copy()
        self._undo.append(lambda: row_.update(before))
        row_.update(row)

    def _check_row(self, row: Row, old: Row | None) -> None:
        if any(x["key"] == row["key"] and x is not old for x in self.row_list.values()):
            raise Refused("conflict", f"There is already a row with the key {row['key']}.", "row.key")

    def _find_path(self, path_id: str) -> PathRow:
        row = self.paths.get(path_id)
        if row is None:
            raise Refused("not_found", f"There is no path '{path_id}'.", "path")
        return row

    def _show_path(self, path: PathRow) -> PathRowView:
        return {**path, "keys_of_path": [self._show_key(x) for x in self._path_keys_of_path(path)]}

    def _path_keys_of_path(self, path: PathRow) -> list[Key]:
        key = path["path_id"]
        return [x for x in self.keys.values() if x["path_id"] == key]

    def _next_path_id(self) -> str:
        return self._next_id("path", self.paths, "P{}")

    def _create_path(self, row: PathRow) -> PathRow:
        self._check_path(row)
        key = row["path_id"]
        self._insert(self.paths, key, row)
        return row

    def _check_path(self, row: PathRow) -> None:
        if row["limit"] < 0:
            raise Refused(
                "invalid_value", f"The limit of a path must be at least 0, not {row['limit']}.", "path.limit"
            )

    def _show_key(self, key_: Key) -> Key:
        return key_.copy()

    def _create_key(self, row: Key) -> Key:
        key = self._next_id("key", self.keys, "#{}")
        self._insert(self.keys, key, row)
        return row

    def _create_before_(self, row: Before) -> Before:
        key = row["before_name"]
        if key in self.befores:
            raise Refused("conflict", f"There is already a before  '{key}'.", "before_.key")
        self._insert(self.befores, key, row)
        return row

    def _next_id(self, entity: str, table: Mapping[str, object], pattern: str) -> str:
        """The next counted id; ids are never used again."""
        counters = dict(self.counters)
        number = counters.get(entity, 0) + 1
        while pattern.format(number) in table:
            number += 1
        self._undo.append(functools.partial(_restore, self.counters, counters))
        self.counters[entity] = number
        return pattern.format(number)

    def _insert(self, table: dict[str, T], key: str, row: T) -> None:
        table[key] = row
        self._undo.append(functools.partial(table.pop, key))


def _restore(target: dict[str, T], saved: dict[str, T]) -> None:
    target.clear()
    target.update(saved)


# What expressions are made of.


def present(value: T | None) -> T:
    """A value that was tested before."""
    if value is None:
        raise Refused("refused", "Something that is needed here is missing.")
    return value


def first(items: Iterable[T]) -> T | None:
    return next(iter(items), None)


def move(what: str, old: str, new: str, moves: dict[str, list[str]]) -> None:
    """A step of a state machine; any other is refused."""
    if new not in moves[old]:
        if new == old:
            raise Refused("bad_transition", f"{what[0].upper()}{what[1:]} is {old} already.", what)
        allowed = f"only {' or '.join(moves[old])}" if moves[old] else "nothing else"
        raise Refused(
            "bad_transition", f"{what[0].upper()}{what[1:]} is {old}; it can become {allowed}.", what
        )


def canonical(state: State) -> str:
    """One spelling of a state: sorted keys, no spaces."""
    return json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Validation of arguments and states: strict, and with a sentence for what is wrong. A schema is turned into a function
# once; what that finds is written `.place: words`, each level putting its own place in front.

Check = Callable[[Any], str]

MAX_TEXT = 20_000
MAX_NUMBER = 1_000_000_000_000
MAX_LIST = 1_000
DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"
TIME = r"^\d{2}:\d{2}:\d{2}$"
NOT_BLANK = r"\S"


def checker(schema: Schema, *, limited: bool) -> Check:
    """The check of a schema; `limited` for what comes from agents, whose texts, numbers and lists have a size."""
    if "anyOf" in schema:
        return _or_null(checker(schema["anyOf"][0], limited=limited))
    if "enum" in schema:
        return _word_check(schema["enum"])
    if schema["type"] == "boolean":
        return lambda value: "" if type(value) is bool else _expected("true or false", value)
    makers = {"string": _text_check, "array": _list_check, "object": _object_check}
    return makers.get(schema["type"], _number_check)(schema, limited)


def _or_null(check: Check) -> Check:
    return lambda value: "" if value is None else check(value)


def _word_check(words: list[str]) -> Check:
    known, expected = frozenset(words), ", ".join(words)

    def check(value: Any) -> str:
        if type(value) is str and value in known:
            return ""
        return f": {_shown(value)} is not one of {expected}."

    return check


def _text_check(schema: Schema, limited: bool) -> Check:
    form, expected = _form(schema)
    longest = MAX_TEXT if limited else sys.maxsize

    def check(value: Any) -> str:
        if type(value) is not str:
            return _expected("a text", value)
        if len(value) > longest:
            return f": the text is too long: {len(value):,} characters, {MAX_TEXT:,} are allowed."
        if not value.isascii() and _is_broken(value):
            return ": the text has broken characters."
        if form is not None and not form(value):
            return f": {_shown(value)} is {expected}."
        return ""

    return check


def _form(schema: Schema) -> tuple[Callable[[str], object] | None, str]:
    """What a text must look like, and what is said of one that does not."""
    pattern = schema.get("pattern")
    if schema.get("format") == "date":
        return _is_date, "not a date such as 2026-03-02"
    if pattern == DATETIME:
        return _is_datetime, "not a date and time such as 2026-03-02T09:00:00"
    if pattern == TIME:
        return _is_time, "not a time such as 09:00:00"
    if pattern == NOT_BLANK:
        return str.strip, "blank"
    if pattern:
        whole = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)  # Python's $ would let a line break pass
        return re.compile(whole).search, f"not of the right form ({pattern})"
    return None, ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_datetime(value: str) -> bool:
    try:
        return len(value) == 19 and datetime.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_time(value: str) -> bool:
    return _is_datetime(f"2000-01-01T{value}")


def _is_broken(value: str) -> bool:
    """Whether a text has half characters, which cannot be written to a file or a network."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _number_check(schema: Schema, limited: bool) -> Check:
    kinds, expected = (
        ((int,), "a whole number") if schema["type"] == "integer" else ((int, float), "a number")
    )
    largest = MAX_NUMBER if limited else sys.float_info.max
    low, high = schema.get("minimum", -largest), schema.get("maximum", largest)

    def check(value: Any) -> str:
        if type(value) not in kinds:
            return _expected(expected, value)
        if not abs(value) <= largest:
            return f": {_shown(value)} is not a number of a sensible size."
        if value < low:
            return f": it must be at least {low}, not {value}."
        if value > high:
            return f": it must be at most {high}, not {value}."
        return ""

    return check


def _list_check(schema: Schema, limited: bool) -> Check:
    item_check = checker(schema["items"], limited=limited)
    least, most = schema.get("minItems", 0), schema.get("maxItems", MAX_LIST if limited else sys.maxsize)

    def check(value: Any) -> str:
        if type(value) is not list:
            return _expected("a list", value)
        if not least <= len(value) <= most:
            return f": {least} to {most} entries are expected, found {len(value)}."
        for at, item in enumerate(value):
            if fault := item_check(item):
                return f"[{at}]{fault}"
        return ""

    return check


def _object_check(schema: Schema, limited: bool) -> Check:
    properties: Schema = schema.get("properties", {})
    checks = {name: checker(inner, limited=limited) for name, inner in properties.items()}
    required = schema.get("required", [])
    needed, optional = set(required), checks.keys() - set(required)
    others = schema.get("additionalProperties")
    rest = checker(others, limited=limited) if others else None

    def check(value: Any) -> str:
        if type(value) is not dict:
            return _expected("an object", value)
        if (
            rest is None and not value.keys() <= checks.keys()
        ):  # a misspelt name is missing too: first what it is
            name = next(name for name in value if name not in checks)
            return f": there is no {_shown(name)}{_nearest(name, properties)}"
        if not value.keys() >= needed:
            name = next(name for name in required if name not in value)
            return f": '{name}' is missing: {properties[name].get('description', 'it is needed.')}"
        for name, item in value.items():
            inner = checks.get(name, rest)
            if inner is not None and (fault := inner(item)) and not (item is None and name in optional):
                return f".{name}{fault}"
        return ""

    return check


def _unresolved(tables: dict[str, dict[str, Any]]) -> str:
    """The first row that is not under its own key, or refers to a row that is not there."""
    for table, columns in KEYS.items():
        for key, row in tables[table].items():
            if key != "|".join([str(row[column]) for column in columns]):
                return f".tables.{table}.{key}: the row belongs under another key."
    for table, references in REFERENCES.items():
        for key, row in tables[table].items():
            for column, target in references.items():
                value = row[column]
                for wanted in value if isinstance(value, list) else [] if value is None else [value]:
                    if wanted not in tables[target]:
                        return f".tables.{table}.{key}.{column}: there is no {_shown(wanted)} among the {target}."
    return ""


def _sentence(fault: str) -> str:
    text = fault.lstrip(".: ")
    return text if fault.startswith(".") else text[:1].upper() + text[1:]


def _expected(what: str, value: object) -> str:
    return f": {what} is expected, found {_shown(value)}."


def _shown(value: object) -> str:
    """A value in a sentence: containers by their kind, long ones cut, broken characters replaced."""
    if isinstance(value, str):
        text = value[:61].encode("utf-8", "replace").decode()
        return f"'{text}'" if len(text) <= 60 else f"'{text[:60]}…'"
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else "a huge number"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return f"something of type {type(value).__name__}"


def _nearest(name: object, names: Iterable[str]) -> str:
    choices = list(names)
    found = difflib.get_close_matches(str(name)[:100], choices, n=1)
    if found:
        return f"; did you mean '{found[0]}'?"
    return f"; there are {', '.join(choices)}." if choices else "; nothing is expected here."


def _refusal(code: str, message: str, origin: str) -> Result:
    return Result(False, {"code": code, "message": message}, origin)


# Schemas and tools, as MCP shows them.


def _rows(plural: str, row: Schema) -> Schema:
    """The schema of a list of rows."""
    properties = {plural: {"type": "array", "items": row}, "total": {"type": "integer"}}
    return {
        "type": "object",
        "properties": properties,
        "required": [plural, "total"],
        "additionalProperties": False,
    }


ROW_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "row_id": {"type": "string", "description": "Id of the row."},
        "key": {"type": "string"},
        "type": {"type": "string", "enum": ["open", "it's", 'say "no"']},
        "list": {"type": "array", "items": {"type": "string"}},
        "self__id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["row_id", "key", "type", "list", "self__id"],
    "additionalProperties": False,
}
KEY_SCHEMA: Schema = {
    "type": "object",
    "properties": {"path_id": {"type": "string"}, "key": {"type": "string"}},
    "required": ["path_id", "key"],
    "additionalProperties": False,
}
PATH_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "path_id": {"type": "string", "description": "Id of the path."},
        "path": {"type": "string"},
        "limit": {"type": "integer"},
        "keys_of_path": {"type": "array", "items": KEY_SCHEMA},
    },
    "required": ["path_id", "path", "limit", "keys_of_path"],
    "additionalProperties": False,
}
BEFORE__SCHEMA: Schema = {
    "type": "object",
    "properties": {"before_name": {"type": "string"}, "changes": {"type": "integer"}},
    "required": ["before_name", "changes"],
    "additionalProperties": False,
}

SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "clock": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "counters": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        "tables": {
            "type": "object",
            "properties": {
                "row_list": {"type": "object", "additionalProperties": ROW_SCHEMA},
                "paths": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "path_id": {"type": "string", "description": "Id of the path."},
                            "path": {"type": "string"},
                            "limit": {"type": "integer"},
                        },
                        "required": ["path_id", "path", "limit"],
                        "additionalProperties": False,
                    },
                },
                "keys": {"type": "object", "additionalProperties": KEY_SCHEMA},
                "befores": {"type": "object", "additionalProperties": BEFORE__SCHEMA},
            },
            "required": ["row_list", "paths", "keys", "befores"],
            "additionalProperties": False,
        },
    },
    "required": ["clock", "counters", "tables"],
    "additionalProperties": False,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": "get_row",
        "title": "Get row",
        "description": "Get everything known about a row.",
        "inputSchema": {
            "type": "object",
            "properties": {"row_id": {"type": "string", "description": "Id of the row, such as 1."}},
            "required": ["row_id"],
            "additionalProperties": False,
        },
        "outputSchema": ROW_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "find_row",
        "title": "Find row",
        "description": "Find the one row with this key; case and outer spaces do not matter.",
        "inputSchema": {
            "type": "object",
            "properties": {"key": {"type": "string"}},
            "required": ["key"],
            "additionalProperties": False,
        },
        "outputSchema": ROW_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_of_type",
        "title": "List of type",
        "description": "List the row list with a given type, ordered by key.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["open", "it's", 'say "no"']},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["type"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("row_list", ROW_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "by_path",
        "title": "By path",
        "description": "List the paths with a given path.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "path": {"type": "string"},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["path"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("paths", PATH_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_row",
        "title": "Add row",
        "description": 'Add a row with "quotes" and a \\ backslash.',
        "inputSchema": {
            "type": "object",
            "properties": {
                "key": {"type": "string"},
                "list": {"type": "array", "items": {"type": "string"}},
                "type": {"type": "string", "enum": ["open", "it's", 'say "no"']},
                "id": {"type": "integer"},
            },
            "required": ["key"],
            "additionalProperties": False,
        },
        "outputSchema": ROW_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "change",
        "title": "Change",
        "description": "Change much.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "row_id": {"type": "string", "description": "Id of the row, such as 1."},
                "changes": {"type": "integer"},
                "found": {"type": "string"},
                "old": {"type": "string", "enum": ["open", "it's", 'say "no"']},
                "rows": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["row_id", "changes"],
            "additionalProperties": False,
        },
        "outputSchema": ROW_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "copy_path",
        "title": "Copy path",
        "description": "Copy.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "path_id": {"type": "string", "description": "Id of the path, such as P1."},
                "copy": {"type": "string"},
                "re": {"type": "integer"},
            },
            "required": ["path_id", "copy"],
            "additionalProperties": False,
        },
        "outputSchema": PATH_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "swap_keys",
        "title": "Swap keys",
        "description": "Two partial updates in one method.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "row_id": {"type": "string", "description": "Id of the row, such as 1."},
                "other_id": {"type": "string", "description": "Id of the row, such as 1."},
                "key": {"type": "string"},
                "list": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["row_id", "other_id"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "list": {"type": "array", "items": {"type": "string"}},
                "class_": {"type": "string"},
            },
            "required": ["list", "class_"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
]

# What rows are kept under, and the tables that their refs point to.
KEYS: dict[str, list[str]] = {"row_list": ["row_id"], "paths": ["path_id"], "befores": ["before_name"]}
REFERENCES: dict[str, dict[str, str]] = {"row_list": {"self__id": "row_list"}, "keys": {"path_id": "paths"}}

# Arguments whose names Python needs itself.
ARGUMENTS = {
    "key": "key_",
    "list": "list_",
    "type": "type_",
    "id": "id_",
    "changes": "changes_",
    "found": "found_",
    "rows": "rows_",
    "copy": "copy_",
    "re": "re_",
}

ARGUMENT_CHECKS = {tool["name"]: checker(tool["inputSchema"], limited=True) for tool in TOOLS}
STATE_CHECK = checker(SCHEMA, limited=False)
