"""Mistakes that people and models make in skeletons, planted one at a time into documents that are right.

Every mistake changes what the document means: misspellings never spell another name, replacements are never equal to
what they replace. Where a document offers many places for one kind of mistake, a few of them are taken, evenly spread.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
Document = dict[str, Any]
CALL = re.compile(r"([a-z][a-z0-9_]*)\((.*)\)", re.DOTALL)
FUNCTIONS = {
    "len",
    "count",
    "sum",
    "min",
    "max",
    "sorted",
    "any",
    "all",
    "first",
    "get",
    "only",
    "merge",
    "now",
    "today",
}
FUNCTIONS |= {"days", "hours", "date_of", "split", "join", "starts_with", "round", "lower", "unique", "last"}


@dataclass(frozen=True)
class Mistake:
    kind: str
    path: Path
    before: str
    after: str
    document: Document
    right: str | None = None  # the name that was meant, of a misspelling

    def __str__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"{self.kind} at {place}: {self.before!r} → {self.after!r}"


@dataclass(frozen=True)
class Place:
    """An expression of the document; `bare` where a bare word of an enum may stand."""

    path: Path
    text: str
    bare: bool = False
    hole: bool = False
    call: bool = False


Change = tuple[Path, str, Any, str | None]  # path, what it says before, its new value (None: dropped), the right name
Plant = Callable[["Planter"], Iterator[Change]]
KINDS: dict[str, Plant] = {}


def kind(plant: Plant) -> Plant:
    KINDS[plant.__name__.replace("_", " ")] = plant
    return plant


def planted(document: Document, most: int) -> Iterator[Mistake]:
    """At most `most` mistakes of each kind."""
    for name, plant in KINDS.items():
        found = list(plant(Planter(document)))
        step = max(1, len(found) / most)
        for path, before, after, right in [found[int(at * step)] for at in range(min(most, len(found)))]:
            yield Mistake(name, path, before, str(after), changed(document, path, after), right)


def changed(document: Document, path: Path, value: Any) -> Document:
    """A copy with another value at the path; without the part where the value is None."""
    result = copy.deepcopy(document)
    part: Any = result
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    elif isinstance(value, dict) and "<rename>" in value:
        renamed = {value["<rename>"] if key == path[-1] else key: item for key, item in part.items()}
        part.clear()
        part.update(renamed)
    else:
        part[path[-1]] = value
    return result


class Planter:
    """What can be found in a document without understanding it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.words = {word for doc in document.get("types", {}).values() if isinstance(doc, list) for word in doc}
        self.fields = set(self._field_names())
        self.definitions = {key.split("(")[0] for key in document.get("definitions", {})}
        self.guards = {key.split("(")[0] for key in document.get("guards", {})}
        self.plurals = {entity["plural"] for entity in document["entities"].values()}
        params = {name for op in document["operations"].values() for name in op.get("params", {})}
        lets = {key.split("(")[0] for op in document["operations"].values() for key in op.get("let", {})}
        self.names = (
            self.fields
            | self.words
            | self.definitions
            | self.guards
            | self.plurals
            | params
            | lets
            | FUNCTIONS
            | set(document["entities"])
            | set(document.get("types", {}))
            | set(document.get("corpora", {}))
        )
        self.places = list(self._places())

    def _field_names(self) -> Iterator[str]:
        for name, entity in self.document["entities"].items():
            yield f"{name}_id"
            yield from entity.get("fields", {}) if isinstance(entity.get("fields"), dict) else ()
            if isinstance(entity.get("id"), dict):
                yield entity["id"]["given"]
            if "part_of" in entity:
                yield from entity["part_of"].split(".")
        for doc in self.document.get("types", {}).values():
            yield from doc if isinstance(doc, dict) else ()

    def typo(self, name: str) -> str | None:
        """The name with two letters swapped or one left out, unless that is a name too."""
        middle = len(name) // 2
        swapped = name[: middle - 1] + name[middle] + name[middle - 1] + name[middle + 1 :]
        for wrong in (swapped, name[:middle] + name[middle + 1 :], name + name[-1]):
            if len(name) > 2 and wrong != name and wrong not in self.names:
                return wrong
        return None

    # -- where expressions stand ----------------------------------------------------------------------------------

    def _places(self) -> Iterator[Place]:
        for name, entity in self.document["entities"].items():
            path: Path = ("entities", name)
            for field, doc in entity["fields"].items() if isinstance(entity.get("fields"), dict) else ():
                for part in ("derived", "default") if isinstance(doc, dict) else ():
                    if part in doc and isinstance(doc[part], str):
                        yield Place((*path, "fields", field, part), doc[part], bare=True)
            for query, doc in entity.get("queries", {}).items():
                if isinstance(doc, dict) and "where" in doc:
                    yield Place((*path, "queries", query, "where"), doc["where"])
        for name, body in self.document.get("definitions", {}).items():
            yield Place(("definitions", name), body)
        for name, body in self.document.get("guards", {}).items():
            for at, clause in enumerate(body if isinstance(body, list) else [body]):
                yield from self._clause(("guards", name, at) if isinstance(body, list) else ("guards", name), clause)
        for section in ("rules", "policies"):
            for name, rule in self.document.get(section, {}).items():
                yield Place((section, name, "holds"), rule["holds"])
        for name, operation in self.document["operations"].items():
            yield from self._operation(("operations", name), operation)

    def _clause(self, path: Path, clause: Document) -> Iterator[Place]:
        if "that" in clause:
            yield Place((*path, "that"), clause["that"])
        if "else" in clause:
            yield Place((*path, "else"), clause["else"], hole=True)

    def _operation(self, path: Path, operation: Document) -> Iterator[Place]:
        for let, body in operation.get("let", {}).items():
            yield Place((*path, "let", let), body)
        for at, required in enumerate(operation.get("requires", [])):
            inner = (*path, "requires", at)
            if isinstance(required, str):
                yield Place(inner, required, call=True)
            else:
                yield from self._clause(inner, required)
                if "check" in required:
                    yield Place((*inner, "check"), required["check"], call=True)
        for at, effect in enumerate(operation.get("effects", [])):
            inner = (*path, "effects", at)
            for part in ("update", "delete", "when"):
                if part in effect:
                    yield Place((*inner, part), effect[part])
            for field, text in effect.get("values", {}).items():
                yield Place((*inner, "values", field), text, bare=True)
        returns = operation.get("returns")
        if isinstance(returns, str):
            yield Place((*path, "returns"), returns)
        for name, text in returns.items() if isinstance(returns, dict) else ():
            yield Place((*path, "returns", name), text)

    # -- editing expressions -----------------------------------------------------------------------------------------

    def pieces(self, place: Place) -> Iterator[tuple[int, str]]:
        """The expressions in the text of a place, with their offsets."""
        if not place.hole:
            yield 0, place.text
            return
        for match in re.finditer(r"\{([^{}]+)\}", place.text):
            yield match.start(1), match[1]

    def nodes(self, of: type[ast.AST] | tuple[type[ast.AST], ...]) -> Iterator[tuple[Place, ast.AST, int, int]]:
        """Every node of a form: its place, and where it begins and ends in the place's text."""
        for place in self.places:
            for offset, text in self.pieces(place):
                if not text.isascii():  # columns would be counted in bytes
                    continue
                try:
                    tree = ast.parse(text, mode="eval")
                except SyntaxError:
                    continue
                for node in ast.walk(tree):
                    if isinstance(node, of) and isinstance(node, ast.expr):
                        assert node.end_col_offset is not None
                        yield place, node, offset + node.col_offset, offset + node.end_col_offset

    def edit(self, place: Place, start: int, end: int, new: str, right: str | None = None) -> Change:
        return place.path, place.text[start:end], place.text[:start] + new + place.text[end:], right


# -- misspelt names -------------------------------------------------------------------------------------------------


@kind
def misspelt_field(planter: Planter) -> Iterator[Change]:
    for place, node, _, end in planter.nodes(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        wrong = planter.typo(node.attr)
        if wrong and node.attr in planter.fields:
            yield planter.edit(place, end - len(node.attr), end, wrong, node.attr)


@kind
def misspelt_word_in_quotes(planter: Planter) -> Iterator[Change]:
    for place, node, start, end in planter.nodes(ast.Constant):
        assert isinstance(node, ast.Constant)
        if node.value in planter.words and (wrong := planter.typo(str(node.value))):
            yield planter.edit(place, start + 1, end - 1, wrong, str(node.value))


@kind
def misspelt_bare_word(planter: Planter) -> Iterator[Change]:
    for place in planter.places:
        if place.bare and place.text in planter.words and (wrong := planter.typo(place.text)):
            yield planter.edit(place, 0, len(place.text), wrong, place.text)


@kind
def misspelt_name(planter: Planter) -> Iterator[Change]:
    """Parameters, loop variables, `let`s, tables, functions, definitions and guards, wherever they are read."""
    for place, node, start, end in planter.nodes(ast.Name):
        assert isinstance(node, ast.Name)
        if not place.bare or node.id not in planter.words:
            wrong = planter.typo(node.id)
            if wrong and node.id not in ("before", "True", "False", "None"):
                yield planter.edit(place, start, end, wrong, node.id)


@kind
def misspelt_guard(planter: Planter) -> Iterator[Change]:
    for place in planter.places:
        match = CALL.fullmatch(place.text) if place.call else None
        if match and (wrong := planter.typo(match[1])):
            yield planter.edit(place, 0, len(match[1]), wrong, match[1])


@kind
def misspelt_function(planter: Planter) -> Iterator[Change]:
    for place, node, start, _ in planter.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if isinstance(node.func, ast.Name) and not place.call and (wrong := planter.typo(node.func.id)):
            yield planter.edit(place, start, start + len(node.func.id), wrong, node.func.id)


@kind
def misspelt_type(planter: Planter) -> Iterator[Change]:
    for path, doc in _attributes(planter.document):
        text = doc["type"] if isinstance(doc, dict) else doc
        if isinstance(text, str) and (wrong := planter.typo(text.split()[-1].split(".")[-1])):
            right = text.split()[-1].split(".")[-1]
            yield (*path, "type") if isinstance(doc, dict) else path, text, text.removesuffix(right) + wrong, right


@kind
def misspelt_key_of_values(planter: Planter) -> Iterator[Change]:
    for path, effect in _effects(planter.document):
        for field in effect.get("values", {}):
            if wrong := planter.typo(field):
                yield (*path, "values", field), field, {"<rename>": wrong}, field


@kind
def misspelt_name_in_with(planter: Planter) -> Iterator[Change]:
    for path, effect in _effects(planter.document):
        for at, name in enumerate(effect["with"]) if isinstance(effect.get("with"), list) else ():
            if wrong := planter.typo(name):
                yield (*path, "with", at), name, wrong, name


@kind
def misspelt_entity_of_create(planter: Planter) -> Iterator[Change]:
    for path, effect in _effects(planter.document):
        if "create" in effect and (wrong := planter.typo(effect["create"])):
            yield (*path, "create"), effect["create"], wrong, effect["create"]


@kind
def misspelt_field_of_query(planter: Planter) -> Iterator[Change]:
    for name, entity in planter.document["entities"].items():
        for query, doc in entity.get("queries", {}).items():
            for part in ("by", "find", "order") if isinstance(doc, dict) else ():
                if part in doc and (wrong := planter.typo(doc[part].lstrip("-"))):
                    yield ("entities", name, "queries", query, part), doc[part], wrong, doc[part].lstrip("-")


@kind
def misspelt_label_or_key(planter: Planter) -> Iterator[Change]:
    for name, entity in planter.document["entities"].items():
        if "label" in entity and (wrong := planter.typo(entity["label"])):
            yield ("entities", name, "label"), entity["label"], wrong, entity["label"]
        for at, key in enumerate(entity.get("key", [])):
            if wrong := planter.typo(key):
                yield ("entities", name, "key", at), key, wrong, key


@kind
def misspelt_sample(planter: Planter) -> Iterator[Change]:
    for path, doc in _attributes(planter.document):
        if isinstance(doc, dict) and ".." not in doc.get("sample", "..") and (wrong := planter.typo(doc["sample"])):
            yield (*path, "sample"), doc["sample"], wrong, None


@kind
def misspelt_word_in_transitions_or_only_for(planter: Planter) -> Iterator[Change]:
    for path, doc in _attributes(planter.document):
        for part in ("transitions", "only_for") if isinstance(doc, dict) else ():
            for key, words in doc.get(part, {}).items():
                for at, word in enumerate(words):
                    if wrong := planter.typo(word):
                        yield (*path, part, key, at), word, wrong, word


@kind
def misspelt_hole_of_say(planter: Planter) -> Iterator[Change]:
    for name, operation in planter.document["operations"].items():
        for match in re.finditer(r"\{(\w+)\}", operation.get("say", "")):
            if wrong := planter.typo(match[1]):
                say = operation["say"]
                after = say[: match.start(1)] + wrong + say[match.end(1) :]
                yield ("operations", name, "say"), match[1], after, match[1]


@kind
def misspelt_reference_value(planter: Planter) -> Iterator[Change]:
    for name, entity in planter.document["entities"].items():
        rows = entity.get("population")
        for at, row in enumerate(rows) if isinstance(rows, list) else ():
            for field, value in row.items():
                if value in planter.words and (wrong := planter.typo(value)):
                    yield ("entities", name, "population", at, field), value, wrong, value


# -- things left out ------------------------------------------------------------------------------------------------


@kind
def dropped_value_of_create(planter: Planter) -> Iterator[Change]:
    for path, effect in _effects(planter.document):
        for field, text in effect.get("values", {}).items() if "create" in effect else ():
            yield (*path, "values", field), f"{field}: {text}", None, None


@kind
def dropped_name_in_with(planter: Planter) -> Iterator[Change]:
    for path, effect in _effects(planter.document):
        for at, name in enumerate(effect["with"]) if isinstance(effect.get("with"), list) else ():
            yield (*path, "with", at), name, None, None


@kind
def dropped_value_of_update(planter: Planter) -> Iterator[Change]:
    for path, effect in _effects(planter.document):
        for field, text in effect.get("values", {}).items() if "update" in effect else ():
            yield (*path, "values", field), f"{field}: {text}", None, None


@kind
def dropped_parameter(planter: Planter) -> Iterator[Change]:
    for name, operation in planter.document["operations"].items():
        for param in operation.get("params", {}):
            yield ("operations", name, "params", param), param, None, None


@kind
def dropped_field(planter: Planter) -> Iterator[Change]:
    used = " ".join(place.text for place in planter.places)
    used += " ".join(str(effect.get("with")) + str(effect.get("values")) for _, effect in _effects(planter.document))
    for name, entity in planter.document["entities"].items():
        for field in entity["fields"] if isinstance(entity.get("fields"), dict) else ():
            natural = isinstance(entity.get("id"), dict) and field == entity["id"]["given"]
            if re.search(rf"\b{field}\b", used) and not natural:  # a natural key need not be declared
                yield ("entities", name, "fields", field), field, None, None


@kind
def dropped_default(planter: Planter) -> Iterator[Change]:
    """Only where some row is made without a value of its own."""
    for name, entity in planter.document["entities"].items():
        made = [effect for _, effect in _effects(planter.document) if effect.get("create") == name]
        for field, doc in entity["fields"].items() if isinstance(entity.get("fields"), dict) else ():
            given = [field in effect.get("values", {}) or field in effect.get("with", []) for effect in made]
            if isinstance(doc, dict) and "default" in doc and not all(given):
                yield ("entities", name, "fields", field, "default"), str(doc["default"]), None, None


@kind
def dropped_word_of_enum(planter: Planter) -> Iterator[Change]:
    quoted = " ".join(place.text for place in planter.places)
    for name, doc in planter.document.get("types", {}).items():
        for at, word in enumerate(doc) if isinstance(doc, list) else ():
            if f"'{word}'" in quoted:
                yield ("types", name, at), word, None, None


@kind
def dropped_argument(planter: Planter) -> Iterator[Change]:
    for place, node, _, _ in planter.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if len(node.args) > 1 and isinstance(node.func, ast.Name) and node.func.id not in ("min", "max"):
            offset = 0 if not place.hole else place.text.index(ast.get_source_segment(place.text, node) or "")
            first, last = node.args[-2], node.args[-1]
            if offset == 0 and not place.hole:
                yield planter.edit(place, first.end_col_offset or 0, last.end_col_offset or 0, "")


@kind
def dropped_test_for_none(planter: Planter) -> Iterator[Change]:
    """A requirement or `when` that shows a value to be there is left out."""
    for name, operation in planter.document["operations"].items():
        for at, required in enumerate(operation.get("requires", [])):
            if isinstance(required, dict) and re.fullmatch(r"\S+ is not None", required.get("that", "")):
                yield ("operations", name, "requires", at), required["that"], None, None
    for path, effect in _effects(planter.document):
        if "is not None" in effect.get("when", ""):
            yield (*path, "when"), effect["when"], None, None


@kind
def missing_narrowing(planter: Planter) -> Iterator[Change]:
    """`a is not None and b` → `b`; `b if a is not None else c` → `b`."""
    for place, node, start, end in planter.nodes((ast.BoolOp, ast.IfExp)):
        text = place.text[start:end]
        if (
            isinstance(node, ast.BoolOp)
            and isinstance(node.op, ast.And)
            and " is not None" in ast.unparse(node.values[0])
        ):
            rest = ast.unparse(node.values[1]) if len(node.values) == 2 else None
            subject = ast.unparse(node.values[0]).removesuffix(" is not None")
            if rest and subject in rest:
                yield planter.edit(place, start, end, rest)
        if isinstance(node, ast.IfExp) and ast.unparse(node.test).endswith(" is not None"):
            subject = ast.unparse(node.test).removesuffix(" is not None")
            if subject in ast.unparse(node.body) and text:
                yield planter.edit(place, start, end, ast.unparse(node.body))


# -- one thing for another --------------------------------------------------------------------------------------------


@kind
def swapped_arguments(planter: Planter) -> Iterator[Change]:
    """Of guards, definitions and functions, but for those where the order means nothing."""
    for place, node, _, _ in planter.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if (
            place.hole
            or not isinstance(node.func, ast.Name)
            or node.func.id in ("min", "max", "merge")
            or len(node.args) < 2
        ):
            continue
        one, two = node.args[0], node.args[1]
        first, second = (place.text[arg.col_offset : arg.end_col_offset] for arg in (one, two))
        if first != second:
            between = place.text[one.end_col_offset : two.col_offset]
            yield planter.edit(place, one.col_offset, two.end_col_offset or 0, f"{second}{between}{first}")


@kind
def wrong_variable(planter: Planter) -> Iterator[Change]:
    """Another parameter of the operation, of another type."""
    for place, node, start, end in planter.nodes(ast.Name):
        assert isinstance(node, ast.Name)
        if place.path[0] != "operations" or place.hole:
            continue
        params = planter.document["operations"][place.path[1]].get("params", {})
        types = {name: doc["type"] if isinstance(doc, dict) else doc for name, doc in params.items()}
        others = [name for name in types if types[name] != types.get(node.id)]
        if node.id in types and others:
            yield planter.edit(place, start, end, others[0])


@kind
def wrong_field(planter: Planter) -> Iterator[Change]:
    """Another field of some entity or record, of another type."""
    types = {
        str(path[-1]): str(doc["type"] if isinstance(doc, dict) else doc)
        for path, doc in _attributes(planter.document)
        if path[0] != "operations"
    }
    for place, node, _, end in planter.nodes(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        others = [name for name in types if str(types[name]).split()[-1] != str(types.get(node.attr)).split()[-1]]
        if node.attr in types and others and not place.hole:
            other = others[len(node.attr) % len(others)]
            yield planter.edit(place, end - len(node.attr), end, other)


@kind
def wrong_word(planter: Planter) -> Iterator[Change]:
    """A word of another enum."""
    enums = [doc for doc in planter.document.get("types", {}).values() if isinstance(doc, list)]
    for place, node, start, end in planter.nodes(ast.Constant):
        assert isinstance(node, ast.Constant)
        others = [enum for enum in enums if node.value not in enum]
        if node.value in planter.words and others and len(others) < len(enums):
            own = {word for enum in enums if node.value in enum for word in enum}
            fresh = [word for enum in others for word in enum if word not in own]
            if fresh:
                yield planter.edit(place, start + 1, end - 1, fresh[0])


@kind
def wrong_kind_of_literal(planter: Planter) -> Iterator[Change]:
    for place, node, start, end in planter.nodes(ast.Constant):
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, str) and node.value in planter.words:
            yield planter.edit(place, start, end, "3")
        elif type(node.value) in (int, float):
            yield planter.edit(place, start, end, f"'{node.value!r}'")


@kind
def word_without_quotes(planter: Planter) -> Iterator[Change]:
    for place, node, start, end in planter.nodes(ast.Constant):
        assert isinstance(node, ast.Constant)
        word = node.value if isinstance(node.value, str) else ""
        if word in planter.words and word.isidentifier() and place.text != f"'{word}'":
            yield planter.edit(place, start, end, word)


@kind
def one_equals_sign(planter: Planter) -> Iterator[Change]:
    for place in planter.places:
        if " == " in place.text and not place.hole:
            at = place.text.index(" == ")
            yield planter.edit(place, at, at + 4, " = ")


@kind
def wrong_entity_of_create(planter: Planter) -> Iterator[Change]:
    entities = list(planter.document["entities"])
    for path, effect in _effects(planter.document):
        if "create" in effect:
            other = entities[(entities.index(effect["create"]) + 1) % len(entities)]
            yield (*path, "create"), effect["create"], other, None


@kind
def wrong_row_updated(planter: Planter) -> Iterator[Change]:
    for path, effect in _effects(planter.document):
        params = planter.document["operations"][path[1]].get("params", {})
        types = {name: doc["type"] if isinstance(doc, dict) else doc for name, doc in params.items()}
        target = effect.get("update")
        others = [
            name for name in types if types[name] in planter.document["entities"] and types[name] != types.get(target)
        ]
        if target in types and others:
            yield (*path, "update"), str(target), others[0], None


@kind
def wrong_type_of_field(planter: Planter) -> Iterator[Change]:
    used = " ".join(place.text for place in planter.places)
    swap = {
        "text": "integer",
        "integer": "text",
        "money": "text",
        "date": "text",
        "datetime": "date",
        "boolean": "text",
    }
    for path, doc in _attributes(planter.document):
        text = doc["type"] if isinstance(doc, dict) else doc
        if path[0] == "entities" and text in swap and re.search(rf"\.{path[-1]}\b", used):
            yield (*path, "type") if isinstance(doc, dict) else path, str(text), swap[text], None


def _attributes(document: Document) -> Iterator[tuple[Path, Any]]:
    for name, entity in document["entities"].items():
        for field, doc in entity["fields"].items() if isinstance(entity.get("fields"), dict) else ():
            yield ("entities", name, "fields", field), doc
    for name, written in document.get("types", {}).items():
        for member, doc in written.items() if isinstance(written, dict) else ():
            yield ("types", name, member), doc
    for name, operation in document["operations"].items():
        for param, doc in operation.get("params", {}).items():
            yield ("operations", name, "params", param), doc


def _effects(document: Document) -> Iterator[tuple[Path, Document]]:
    for name, operation in document["operations"].items():
        for at, effect in enumerate(operation.get("effects", [])):
            yield ("operations", name, "effects", at), effect
