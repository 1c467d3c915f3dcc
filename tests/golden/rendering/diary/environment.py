"""Diary: A diary with settings.

Rendered by envwright from skeleton.yaml; change that file and render again. Needs the standard library only:

    environment = Environment()
    environment.call("get_settings", { … })  # as an agent calls a tool: validated, refused with a sentence
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
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

NAME = "diary"
TITLE = "Diary"
VERSION = "453d7ebf173a"
INSTRUCTIONS = """\
You keep a diary.

When you are done, say so; to a question, give the value that was asked for and no other. When a request cannot or must not be met, change nothing and say plainly that you cannot do it.
"""

State = dict[str, Any]
Schema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


# Rows: what the tables hold.


class Setting(TypedDict):
    owner: str
    wake_up: str
    moods: list[str]
    goal: float


class Entry(TypedDict):
    entry_id: str
    day: str
    words: str
    mood: str | None
    again_on: str


class SettingChanges(TypedDict, total=False):
    owner: str
    wake_up: str
    moods: list[str]
    goal: float


class EntryChanges(TypedDict, total=False):
    entry_id: str
    day: str
    words: str
    mood: str | None
    again_on: str


# Results: what agents see.


class EntryView(Entry):
    age: int
    first_word: str | None


class EntriesResult(TypedDict):
    entries: list[EntryView]
    total: int


class FeelResult(TypedDict):
    mood: str | None


class PartsResult(TypedDict):
    items: list[str]


class ReckonResult(TypedDict):
    quotient: float
    whole: float
    rest: float
    rounded: float
    size: int
    moved: str
    product: float


class WordsOfResult(TypedDict):
    loud: str
    lines: list[str]
    starts: bool
    part: str
    joined: str
    has: bool


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
    """Diary. One public method a tool; `call` is the door for agents."""

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
        for setting_row in self.settings.values():
            setting_row["goal"] = float(setting_row["goal"])

    def _open(self, clock: str, counters: dict[str, int], tables: dict[str, Any]) -> None:
        self.clock = clock
        self.counters = counters
        self.settings: dict[str, Setting] = tables["settings"]
        self.entries: dict[str, Entry] = tables["entries"]
        self._undo: list[Callable[[], object]] = []
        self._tools: dict[str, Callable[..., Any]] = {
            "get_settings": self.get_settings,
            "list_entries": self.list_entries,
            "write": self.write,
            "feel": self.feel,
            "set_up": self.set_up,
            "parts": self.parts,
            "reckon": self.reckon,
            "words_of": self.words_of,
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
            "settings": self.settings,
            "entries": self.entries,
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
                        key: copy.deepcopy(value) if isinstance(value, dict | list) else value
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

    def get_settings(self) -> Setting:
        """Get everything known about a setting."""
        return self._show_setting(self.settings["one"])

    def list_entries(self, limit: int | None = None, offset: int = 0) -> EntriesResult:
        """List all entries, ordered by mood, backwards."""
        found = list(self.entries.values())
        found.sort(key=lambda entry_: (entry_["mood"] is None, entry_["mood"] or ""), reverse=True)
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"entries": [self._show_entry(entry_) for entry_ in page], "total": len(found)}

    def parts(self, entry_id: str, separator: str) -> PartsResult:
        """The parts of an entry."""
        entry_ = self._find_entry(entry_id)
        return {"items": copy.deepcopy(pieces(entry_["words"], separator))}

    def reckon(self, one: int, other: float, places: int = 0) -> ReckonResult:
        """Numbers of every kind."""
        return {
            "quotient": one / nonzero(other),
            "whole": one // nonzero(other),
            "rest": one % nonzero(other),
            "rounded": rounded(other, places),
            "size": abs(one),
            "moved": shift(self.clock[:10], -duration_days(one)),
            "product": one * one * one * other,
        }

    def words_of(self, entry_id: str) -> WordsOfResult:
        """Texts of every kind."""
        entry_ = self._find_entry(entry_id)
        return {
            "loud": entry_["words"].upper(),
            "lines": copy.deepcopy(entry_["words"].splitlines()),
            "starts": entry_["words"].startswith("A"),
            "part": entry_["words"][1:3],
            "joined": "-".join(entry_["words"].lower().strip().split(" ")),
            "has": "it's" in entry_["words"],
        }

    # Tools that change the state.

    @command
    def write(self, words: str, day: str | None = None, mood: str | None = None) -> EntryView:
        """Write an entry."""
        if day is None:
            day = self.clock[:10]
        entry_ = self._create_entry(
            {
                "entry_id": self._next_entry_id(),
                "day": day,
                "words": words,
                "mood": mood,
                "again_on": shift(day, duration_days(len(words))),
            }
        )
        return self._show_entry(entry_)

    @command
    def feel(self, entry_id: str, mood: str | None = None) -> FeelResult:
        """Change the mood of an entry."""
        entry_ = self._find_entry(entry_id)
        self._update_entry(entry_, {"mood": mood})
        return {"mood": entry_["mood"]}

    @command
    def set_up(
        self,
        owner: str | None = None,
        wake_up: str | None = None,
        moods: list[str] | None = None,
        goal: float | None = None,
    ) -> Setting:
        """Change the settings."""
        if moods is not None:
            moods = unique(moods)
        changes: SettingChanges = {}
        if owner is not None:
            changes["owner"] = owner
        if wake_up is not None:
            changes["wake_up"] = wake_up
        if moods is not None:
            changes["moods"] = moods
        if goal is not None:
            changes["goal"] = goal
        self._update_setting(self.settings["one"], changes)
        return self._show_setting(self.settings["one"])

    # Definitions and derived fields.

    def _entry_age(self, entry_: Entry) -> int:
        return days_of(between(self.clock[:10], entry_["day"]))

    def _entry_first_word(self, entry_: Entry) -> str | None:
        return first(entry_["words"].split(" "))

    # Rows: finding, showing, writing.

    def _show_setting(self, setting: Setting) -> Setting:
        return {**setting, "moods": list(setting["moods"])}

    def _update_setting(self, setting: Setting, changes: SettingChanges) -> None:
        row = setting.copy()
        row.update(changes)
        self._check_setting(row)
        before = setting.copy()
        self._undo.append(lambda: setting.update(before))
        setting.update(row)

    def _check_setting(self, row: Setting) -> None:
        row["moods"] = unique(row["moods"])
        row["goal"] = finite(row["goal"])

    def _find_entry(self, entry_id: str) -> Entry:
        row = self.entries.get(entry_id)
        if row is None:
            raise Refused("not_found", f"There is no entry '{entry_id}'.", "entry")
        return row

    def _show_entry(self, entry_: Entry) -> EntryView:
        return {**entry_, "age": self._entry_age(entry_), "first_word": self._entry_first_word(entry_)}

    def _next_entry_id(self) -> str:
        return self._next_id("entry", self.entries, "E{}")

    def _create_entry(self, row: Entry) -> Entry:
        key = row["entry_id"]
        self._insert(self.entries, key, row)
        return row

    def _update_entry(self, entry_: Entry, changes: EntryChanges) -> None:
        if "mood" in changes and entry_["mood"] is not None and changes["mood"] is not None:
            move("the mood of the entry", entry_["mood"], changes["mood"], {"good": ["bad"], "bad": ["good"]})
        row = entry_.copy()
        row.update(changes)
        before = entry_.copy()
        self._undo.append(lambda: entry_.update(before))
        entry_.update(row)

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


def rounded(number: float, places: int = 0) -> Any:
    """Rounded half up; a whole number without `places`."""
    try:
        exact = Decimal(str(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        raise Refused("invalid_value", "This number is too large to be rounded.") from None
    return float(exact) if places else int(exact)


def first(items: Iterable[T]) -> T | None:
    return next(iter(items), None)


def unique(items: Iterable[T]) -> list[T]:
    """Without repetitions, in the order of first appearance."""
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def nonzero(divisor: T) -> T:
    if not divisor:
        raise Refused("refused", "This would divide by zero.")
    return divisor


def pieces(text: str, separator: str) -> list[str]:
    """The parts of a text between separators."""
    if not separator:
        raise Refused("refused", "A text is split at a separator, and this one is empty.")
    return text.split(separator)


def finite(number: float) -> float:
    """A decimal number, as rows hold it."""
    try:
        value = float(number)
    except OverflowError:
        value = float("inf")
    if not abs(value) < float("inf"):
        raise Refused("invalid_value", "This number is too large.")
    return value


def shift(moment: str, by: timedelta) -> str:
    """A date or datetime, moved."""
    try:
        if len(moment) == 10:
            return (date.fromisoformat(moment) + by).isoformat()
        return (datetime.fromisoformat(moment) + by).isoformat(timespec="seconds")
    except OverflowError:
        raise Refused("invalid_value", "This date is out of range.") from None


def between(later: str, earlier: str) -> timedelta:
    """The time between two dates or datetimes."""
    return datetime.fromisoformat(later) - datetime.fromisoformat(earlier)


def duration_days(number: int) -> timedelta:
    try:
        return timedelta(days=number)
    except OverflowError:
        raise Refused("invalid_value", "These are too many days.") from None


def days_of(duration: timedelta) -> int:
    """Whole days."""
    return duration.days


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


SETTING_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "owner": {"type": "string"},
        "wake_up": {"type": "string", "pattern": "^\\d{2}:\\d{2}:\\d{2}$"},
        "moods": {"type": "array", "items": {"type": "string", "enum": ["good", "bad"]}},
        "goal": {"type": "number"},
    },
    "required": ["owner", "wake_up", "moods", "goal"],
    "additionalProperties": False,
}
ENTRY_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "entry_id": {"type": "string", "description": "Id of the entry."},
        "day": {"type": "string", "format": "date"},
        "words": {"type": "string"},
        "mood": {"anyOf": [{"type": "string", "enum": ["good", "bad"]}, {"type": "null"}]},
        "again_on": {"type": "string", "format": "date"},
        "age": {"type": "integer"},
        "first_word": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["entry_id", "day", "words", "mood", "again_on", "age", "first_word"],
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
                "settings": {"type": "object", "required": ["one"], "properties": {"one": SETTING_SCHEMA}},
                "entries": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "entry_id": {"type": "string", "description": "Id of the entry."},
                            "day": {"type": "string", "format": "date"},
                            "words": {"type": "string"},
                            "mood": {
                                "anyOf": [{"type": "string", "enum": ["good", "bad"]}, {"type": "null"}]
                            },
                            "again_on": {"type": "string", "format": "date"},
                        },
                        "required": ["entry_id", "day", "words", "mood", "again_on"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["settings", "entries"],
            "additionalProperties": False,
        },
    },
    "required": ["clock", "counters", "tables"],
    "additionalProperties": False,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": "get_settings",
        "title": "Get settings",
        "description": "Get everything known about a setting.",
        "inputSchema": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
        "outputSchema": SETTING_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_entries",
        "title": "List entries",
        "description": "List all entries, ordered by mood, backwards.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("entries", ENTRY_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "write",
        "title": "Write",
        "description": "Write an entry.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "words": {"type": "string", "pattern": "\\S", "description": "Text. Not blank."},
                "day": {"type": "string", "format": "date"},
                "mood": {"type": "string", "enum": ["good", "bad"]},
            },
            "required": ["words"],
            "additionalProperties": False,
        },
        "outputSchema": ENTRY_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "feel",
        "title": "Feel",
        "description": "Change the mood of an entry.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "entry_id": {"type": "string", "description": "Id of the entry, such as E1."},
                "mood": {"type": "string", "enum": ["good", "bad"]},
            },
            "required": ["entry_id"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "mood": {"anyOf": [{"type": "string", "enum": ["good", "bad"]}, {"type": "null"}]}
            },
            "required": ["mood"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "set_up",
        "title": "Set up",
        "description": "Change the settings.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "owner": {"type": "string"},
                "wake_up": {"type": "string", "pattern": "^\\d{2}:\\d{2}:\\d{2}$"},
                "moods": {"type": "array", "items": {"type": "string", "enum": ["good", "bad"]}},
                "goal": {"type": "number"},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": SETTING_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "parts",
        "title": "Parts",
        "description": "The parts of an entry.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "entry_id": {"type": "string", "description": "Id of the entry, such as E1."},
                "separator": {"type": "string"},
            },
            "required": ["entry_id", "separator"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"items": {"type": "array", "items": {"type": "string"}}},
            "required": ["items"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "reckon",
        "title": "Reckon",
        "description": "Numbers of every kind.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "one": {"type": "integer"},
                "other": {"type": "number"},
                "places": {"type": "integer"},
            },
            "required": ["one", "other"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "quotient": {"type": "number"},
                "whole": {"type": "number"},
                "rest": {"type": "number"},
                "rounded": {"type": "number"},
                "size": {"type": "integer"},
                "moved": {"type": "string", "format": "date"},
                "product": {"type": "number"},
            },
            "required": ["quotient", "whole", "rest", "rounded", "size", "moved", "product"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "words_of",
        "title": "Words of",
        "description": "Texts of every kind.",
        "inputSchema": {
            "type": "object",
            "properties": {"entry_id": {"type": "string", "description": "Id of the entry, such as E1."}},
            "required": ["entry_id"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "loud": {"type": "string"},
                "lines": {"type": "array", "items": {"type": "string"}},
                "starts": {"type": "boolean"},
                "part": {"type": "string"},
                "joined": {"type": "string"},
                "has": {"type": "boolean"},
            },
            "required": ["loud", "lines", "starts", "part", "joined", "has"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
]

# What rows are kept under, and the tables that their refs point to.
KEYS: dict[str, list[str]] = {"entries": ["entry_id"]}
REFERENCES: dict[str, dict[str, str]] = {}

ARGUMENT_CHECKS = {tool["name"]: checker(tool["inputSchema"], limited=True) for tool in TOOLS}
STATE_CHECK = checker(SCHEMA, limited=False)
