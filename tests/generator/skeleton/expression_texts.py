"""Random expressions over the club's tables, as texts: well typed by construction, with narrowing where it is due.

A type is a word: a scalar, an entity, an entity of the initial tables (`person@`), `opt T`, `list T`, `set T`.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from club import DAYS, NAMES, SIZES, STATUS

FIELDS: dict[str, dict[str, str]] = {
    "person": {
        **{"name": "text", "nick": "opt text", "age": "integer", "rank": "status", "born": "date", "wakes": "time"},
        **{"seen": "datetime", "wallet": "money", "fee": "opt money", "ratio": "decimal", "active": "boolean"},
        **{"boss": "opt person", "friends": "set person", "path": "list person", "scores": "list integer"},
        **{"labels": "set text", "rich": "boolean", "double": "money", "chief": "opt person", "fans": "list person"},
        **{"notes": "list note", "boxes": "list box", "person_id": "text", "home": "spot", "away": "opt spot"},
    },
    "tag": {"word": "text", "about": "person"},
    "slot": {"person": "person", "day": "date", "size": "size"},
    "note": {"person": "person", "text": "text", "tag": "opt tag", "cost": "money"},
    "box": {"box_id": "text", "person": "person", "size": "size"},
    "limit": {"amount": "integer", "keeper": "opt person"},
    "spot": {"place": "text", "owner": "opt person", "cost": "money"},
}
PLURALS = {"person": "persons", "tag": "tags", "slot": "slots", "note": "notes", "box": "boxes"}
SCALARS = ["integer", "decimal", "money", "text", "boolean", "date", "time", "datetime", "duration", "status", "size"]
ITEMS = ["integer", "money", "text", "date", "status", "person", "note", "slot"]
RESULTS = [*SCALARS, "person", "tag", "slot", "note", "opt person", "opt money", "opt text", "list person"]
RESULTS += ["list integer", "list text", "list note", "list money", "list date"]
LITERALS: dict[str, list[str]] = {
    "integer": ["0", "1", "2", "3", "7", "1000"],
    "decimal": ["0.5", "2.0", "1.25"],
    "money": ["12.5", "0.3", "10", "20.05"],
    "text": [repr(name) for name in NAMES] + ["' a b '", "'a\\nb'", '"it\'s"', "'P-001'"],
    "boolean": ["True", "False"],
    "date": ["today()"],
    "time": [],
    "datetime": ["now()"],
    "duration": ["days(1)", "hours(5)"],
}
NUMBERS = ("integer", "decimal", "money")
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
PARAMETERS = {
    **{"p": "person", "q": "opt person", "n": "integer", "k": "opt integer", "m": "money", "t": "text"},
    **{"u": "opt text", "d": "date", "c": "status", "ps": "list person", "fs": "set person"},
    **{"xs": "list integer", "h": "spot"},
}


class Writer:
    """Writes one expression; every choice is drawn from `rng`."""

    def __init__(self, rng: random.Random, *, before: bool) -> None:
        self._rng = rng
        self._names = dict(PARAMETERS)  # texts that stand for a value of a type
        self._before = before
        self._loops = 0

    def _one(self, choices: list[str]) -> str:
        return self._rng.choice(choices)

    def _picked(self, ways: list[Callable[[], str]]) -> str:
        return self._rng.choice(ways)()

    def expression(self, type_: str, depth: int) -> str:
        """An expression of the type; in brackets wherever it might need them."""
        known = [name for name, other in self._names.items() if other == type_]
        ways: list[Callable[[], str]] = [lambda: self._one(known)] * (2 if known else 0)
        if LITERALS.get(type_):
            ways.append(lambda: self._one(LITERALS[type_]))
        if type_.rstrip("@") in PLURALS and not known and depth <= 0:
            return self._any_row(type_)
        if depth > 0:
            ways += self._productions(type_, depth - 1)
        if not ways:
            ways += self._attributes(type_, depth - 1)
        if not ways:  # a list that no field has
            inner = type_.partition(" ")[2]
            mark, entity = "before." if inner.endswith("@") else "", inner.rstrip("@")
            return f"{mark}{PLURALS[entity]}" if entity in PLURALS else f"[{self.expression(inner, 0)}]"
        return self._picked(ways)

    def _productions(self, type_: str, depth: int) -> list[Callable[[], str]]:
        shape, _, inner = type_.partition(" ")
        if shape == "opt":
            return self._optional(inner, depth)
        if shape in ("list", "set"):
            return self._lists(type_, inner, depth)
        entity = type_.rstrip("@")
        ways = [*self._attributes(type_, depth), lambda: self._conditional(type_, depth)]
        ways += [lambda: self._narrowed(type_, depth)] * 2
        if entity in PLURALS:
            return [*ways, lambda: self._any_row(type_), lambda: f"only({self.expression(f'list {type_}', depth)})"]
        by_type = getattr(self, f"_{type_}", None)
        return [*ways, *(by_type(depth) if by_type else [])]

    # -- what every type has ------------------------------------------------------------------------------------------

    def _attributes(self, type_: str, depth: int) -> list[Callable[[], str]]:
        """Fields of this type, of rows that are at hand or can be found."""
        mark = "@" if type_.endswith("@") else ""
        bare = type_.replace("@", "")
        ways: list[Callable[[], str]] = []
        for entity, fields in FIELDS.items():
            for name, kind in fields.items():
                if kind != bare:
                    continue
                sides = [mark] if bare.split(" ")[-1] in FIELDS else ["", "@"] if self._before else [""]
                for side in sides:
                    if entity == "limit":
                        ways.append(lambda n=name, s=side: f"{'before.' if s else ''}limit.{n}")
                    elif entity == "spot" and not side:
                        ways.append(lambda n=name: f"{self.expression('spot', depth)}.{n}")
                    elif entity != "spot":
                        ways.append(lambda e=entity, n=name, s=side: f"{self.expression(e + s, depth)}.{n}")
        return ways

    def _any_row(self, type_: str) -> str:
        entity = type_.rstrip("@")
        table = f"{'before.' if type_ != entity else ''}{PLURALS[entity]}"
        if entity == "note":
            return f"only({table})"
        if entity == "slot":
            owner = next(name for name, other in self._names.items() if other == "person")
            return f"only({table}, {owner}, d)"
        if type_ == "person@" and self._rng.random() < 0.5:
            return "before(p)"
        keys = {"person": "'P-001'", "tag": "'red'", "box": "'B01'"}
        return f"only({table}, {keys[entity]})"

    def _conditional(self, type_: str, depth: int) -> str:
        test = self.expression("boolean", depth)
        return f"({self.expression(type_, depth)} if {test} else {self.expression(type_, depth)})"

    def _narrowed(self, type_: str, depth: int) -> str:
        """A conditional that tests an optional value and then uses it."""
        kind = self._one(["person", "money", "text", "integer", "spot"])
        fields = [
            f"{name}.{field}"
            for name in ("p", *self._loop_names())
            for field, other in FIELDS["person"].items()
            if other == f"opt {kind}"
        ]
        options = [*fields, *(name for name, other in self._names.items() if other == f"opt {kind}")]
        if kind == "person":
            options += ["first(p.path)", "get(persons, t)", "limit.keeper", "named(t)", "boss_of(p)", "h.owner"]
        option = self._one(options or ["k"])
        kind = kind if options else "integer"
        otherwise = self.expression(type_, depth)
        had = self._names.get(option)
        self._names[option] = kind
        then = self.expression(type_, depth + 1)
        self._names.pop(option)
        if had is not None:
            self._names[option] = had
        form = self._rng.randint(0, 3 if type_ == "boolean" else 1)
        if form == 0:
            return f"({then} if {option} is not None else {otherwise})"
        if form == 1:
            return f"({otherwise} if {option} is None else {then})"
        return f"({option} is not None and {then})" if form == 2 else f"({option} is None or {then})"

    def _loop_names(self) -> list[str]:
        return [name for name, type_ in self._names.items() if name.startswith("x") and type_ == "person"]

    # -- optional values, lists ---------------------------------------------------------------------------------------

    def _optional(self, inner: str, depth: int) -> list[Callable[[], str]]:
        ways = self._attributes(f"opt {inner}", depth)
        ways.append(lambda: f"({self.expression(inner, depth)} if {self.expression('boolean', depth)} else None)")
        for end in ("first", "last"):
            ways.append(lambda e=end: f"{e}({self._comprehended(inner, depth)})")
        if inner.startswith("person"):
            mark = "before." if inner.endswith("@") else ""
            ways.append(lambda: f"get({mark}persons, {self.expression('text', depth)})")
            if not mark:
                ways.append(lambda: f"boss_of({self.expression('person', depth)})")
                ways.append(lambda: f"named({self.expression('text', depth)})")
        return ways

    def _lists(self, type_: str, inner: str, depth: int) -> list[Callable[[], str]]:
        ways = self._attributes(type_, depth)
        if type_.startswith("set"):
            return ways
        entity = inner.rstrip("@")
        if entity in PLURALS:
            mark = "before." if inner != entity else ""
            ways.append(lambda: f"{mark}{PLURALS[entity]}")
        if inner == "person":
            ways += [lambda: "everyone", lambda: f"of_rank({self.expression('status', depth)})"]
            ways.append(lambda: f"(fs + {self.expression('list person', depth)})")
        if inner == "text":
            ways.append(lambda: f"split({self.expression('text', depth)}, {self.expression('text', depth)})")
            ways.append(lambda: f"lines({self.expression('text', depth)})")
        ways += [
            lambda: f"[{self.expression(inner, depth)}, {self.expression(inner, depth)}]",
            lambda: f"[{self._comprehended(inner, depth)}]",
            lambda: f"({self.expression(type_, depth)} + {self.expression(type_, depth)})",
            lambda: f"unique({self.expression(type_, depth)})",
            lambda: f"{self.expression(type_, depth)}[{self._ends()}]",
        ]
        if inner in ("integer", "money", "text", "date", "status"):
            ways.append(lambda: f"sorted({self.expression(type_, depth)})")
        if inner == "person":
            by = self._one(["age", "-wallet", "name, -born", "rank", "-double, age", "active"])
            ways.append(lambda: f"sorted({self.expression(type_, depth)}, by='{by}')")
        return ways

    def _ends(self) -> str:
        return self._one(["1:", ":1", ":-1", "-2:", "n:", ":n", ":"])

    def _comprehended(self, inner: str, depth: int) -> str:
        """`element for x in items if condition`, without its brackets."""
        self._loops += 1
        name, item = f"x{self._loops}", self._one([*ITEMS, *(["person@", "note@"] if self._before else [])])
        kind = self._one(["list", "list", "set"]) if item == "person" else "list"
        items = self.expression(f"{kind} {item}", depth)
        self._names[name] = item
        element = self.expression(inner, depth)
        form = self._rng.randint(0, 2)
        condition = f" if {self.expression('boolean', depth)}" if form == 1 else ""
        if form == 2 and item == "person":
            self._names[f"{name}.boss"] = "person"
            element = self.expression(inner, depth)
            condition = f" if {name}.boss is not None and {self.expression('boolean', depth)}"
            self._names.pop(f"{name}.boss")
        self._names.pop(name)
        return f"{element} for {name} in {items}{condition}"

    # -- scalars ------------------------------------------------------------------------------------------------------

    def _integer(self, depth: int) -> list[Callable[[], str]]:
        item = self._one(ITEMS)
        return [
            lambda: f"len({self.expression(f'list {item}', depth)})",
            lambda: f"len({self.expression('text', depth)})",
            lambda: f"count({self._comprehended(item, depth)})",
            lambda: self._calculated("integer", depth, ["+", "-", "*", "//", "%"]),
            lambda: f"(m // {self._rng.choice(self._attributes('money', depth))()})",
            lambda: f"sum({self.expression('list integer', depth)})",
            lambda: self._extreme("integer", depth),
            lambda: f"round({self.expression(self._one(['decimal', 'money']), depth)})",
            lambda: f"days({self.expression('duration', depth)})",
            lambda: f"hours({self.expression('duration', depth)})",
            lambda: f"{self.expression('person', depth)}.weights[{self.expression('size', depth)}]",
            lambda: f"(-{self.expression('integer', depth)})",
            lambda: f"abs({self.expression('integer', depth)})",
        ]

    def _decimal(self, depth: int) -> list[Callable[[], str]]:
        return [
            lambda: f"({self.expression('integer', depth)} / {self.expression('integer', depth)})",
            lambda: f"({self.expression('money', depth)} / {self.expression('money', depth)})",
            lambda: f"half({self.expression(self._one(['integer', 'decimal']), depth)})",
            lambda: self._calculated("decimal", depth, ["+", "-", "*", "/", "//", "%"]),
            lambda: f"round({self.expression('decimal', depth)}, {self._one(['1', '2', 'n'])})",
        ]

    def _money(self, depth: int) -> list[Callable[[], str]]:
        number = self._one(["integer", "decimal"])
        return [
            lambda: self._calculated("money", depth, ["+", "-", "%"]),
            lambda: f"({self.expression('money', depth)} {self._one(['*', '/'])} {self.expression(number, depth)})",
            lambda: f"({self.expression(number, depth)} {self._one(['*', '+'])} {self.expression('money', depth)})",
            lambda: f"sum({self._comprehended('money', depth)})",
            lambda: self._extreme("money", depth),
            lambda: f"together({self.expression('person', depth)}, {self.expression('person', depth)})",
            lambda: f"spent({self.expression('person', depth)})",
            lambda: f"abs({self.expression('money', depth)})",
            lambda: f"round({self.expression('money', depth)}, 2)",
            lambda: f"merge({self.expression('note', depth)}, {self.expression('person', depth)}).cost",
        ]

    def _text(self, depth: int) -> list[Callable[[], str]]:
        function = self._one(["lower", "upper", "strip"])
        return [
            lambda: f"{function}({self.expression('text', depth)})",
            lambda: f"({self.expression('text', depth)} + {self.expression(self._one(['text', 'status']), depth)})",
            lambda: f"join({self.expression('list text', depth)}, {self.expression('text', depth)})",
            lambda: f"{self.expression('text', depth)}[{self._ends()}]",
            lambda: f"{{'a': {self.expression('text', depth)}, 'b': n}}.a",
            lambda: f"min({self._comprehended('text', depth)})",
        ]

    def _date(self, depth: int) -> list[Callable[[], str]]:
        return [
            lambda: f"({self.expression('date', depth)} {self._one(['+', '-'])} {self.expression('duration', depth)})",
            lambda: f"date_of({self.expression('datetime', depth)})",
            lambda: self._extreme("date", depth),
        ]

    def _datetime(self, depth: int) -> list[Callable[[], str]]:
        sign = self._one(["+", "-"])
        return [lambda: f"({self.expression('datetime', depth)} {sign} {self.expression('duration', depth)})"]

    def _duration(self, depth: int) -> list[Callable[[], str]]:
        moment = self._one(["date", "datetime"])
        return [
            lambda: f"({self.expression(moment, depth)} - {self.expression(moment, depth)})",
            lambda: f"{self._one(['days', 'hours'])}({self.expression('integer', depth)})",
            lambda: self._calculated("duration", depth, ["+", "-"]),
            lambda: f"({self.expression('duration', depth)} * {self.expression('integer', depth)})",
        ]

    def _calculated(self, type_: str, depth: int, operators: list[str]) -> str:
        left, right = self.expression(type_, depth), self.expression(type_, depth)
        text = f"{left} {self._one(operators)} {right}"
        third = self._one(["", f" {self._one(['+', '-'])} {self.expression(type_, depth)}"])
        return f"({text}{third})" if third and operators != ["+", "-", "%"] else f"({text})"

    def _extreme(self, type_: str, depth: int) -> str:
        function = self._one(["min", "max"])
        if self._rng.random() < 0.5:
            return f"{function}({self._comprehended(type_, depth)})"
        return f"{function}({self.expression(type_, depth)}, {self.expression(type_, depth)})"

    def _boolean(self, depth: int) -> list[Callable[[], str]]:
        e = self.expression
        kind = self._one(["integer", "money", "decimal", "date", "datetime", "text", "duration"])
        item = self._one(ITEMS)
        row = self._one(["person", "note", "slot", "tag"])
        side = self._one(["", "@"]) if self._before else ""
        option = self._one(["opt person", "opt money", "opt text", "opt tag"])
        number = self._one(list(NUMBERS))
        word = self._one([*map(repr, STATUS)])
        ways: list[Callable[[], str]] = [
            lambda: f"({e(kind, depth)} {self._one(COMPARISONS)} {e(kind, depth)})",
            lambda: f"({e('money', depth)} {self._one(COMPARISONS)} {e(number, depth)})",
            lambda: f"({e('integer', depth)} < {e('integer', depth)} <= {e('integer', depth)})",
            lambda: f"({e('status', depth)} {self._one(['==', '!='])} {word})",
            lambda: f"({e('status', depth)} {self._one(['in', 'not in'])} [{word}, 'done'])",
            lambda: f"({e('date', depth)} {self._one(['==', '<'])} {self._one([repr(day) for day in DAYS])})",
            lambda: f"({e('size', depth)} == {self._one([repr(size) for size in SIZES])})",
            lambda: f"({e(row, depth)} {self._one(['==', '!='])} {e(row + side, depth)})",
            lambda: f"({e(row, depth)} {self._one(['in', 'not in'])} {e(f'list {row}{side}', depth)})",
            lambda: f"({e('person', depth)} in {e('set person', depth)})",
            lambda: f"({e('opt person', depth)} {self._one(['==', '!='])} {e('person' + side, depth)})",
            lambda: f"({e(option, depth)} {self._one(['is None', 'is not None', '== None', '!= None'])})",
            lambda: f"({e('opt text', depth)} == {e('text', depth)})",
            lambda: f"({e('text', depth)} {self._one(['in', 'not in'])} {e('text', depth)})",
            lambda: f"({e('text', depth)} in {e(self._one(['list text', 'set text']), depth)})",
            lambda: f"({e('size', depth)} in {e('person', depth)}.weights)",
            lambda: f"({e('set person', depth)} == {e(self._one(['set person', 'list person']), depth)})",
            lambda: f"({e('set text', depth)} != {e('set text', depth)})",
            lambda: f"({e(f'list {item}', depth)} == {e(f'list {item}', depth)})",
            lambda: f"({e(f'list {item}', depth)} == [])",
            lambda: f"({e('spot', depth)} == {e('spot', depth)})",
            lambda: f"{self._one(['any', 'all'])}({self._comprehended('boolean', depth)})",
            lambda: f"(not {e('boolean', depth)})",
            lambda: f"({e('boolean', depth)} and {e('boolean', depth)})",
            lambda: f"({e('boolean', depth)} or {e('boolean', depth)} and {e('boolean', depth)})",
            lambda: f"{self._one(['starts_with', 'ends_with', 'contains'])}({e('text', depth)}, {e('text', depth)})",
            lambda: f"older({e('person', depth)}, {e('integer', depth)})",
        ]
        return ways


def expression(rng: random.Random, *, before: bool) -> str:
    """An expression of any type; with `before`, over the initial tables too."""
    return Writer(rng, before=before).expression(rng.choice(RESULTS), rng.randint(1, 4))
