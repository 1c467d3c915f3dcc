"""Documents of every valid shape, with texts that YAML would like to misread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from generator.skeleton.document import Skeleton

EXAMPLES = sorted((Path(__file__).parents[2] / "golden" / "examples").glob("*.yaml"))

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True) | st.sampled_from(
    ["type", "kind", "body", "clauses", "default", "yes", "null", "get", "create", "a" * 140]
)
TRICKY = st.sampled_from(
    [
        *("yes", "on", "~", "null", "true", "1.10", "02134", "16:00", "one", "get", "a.b", "now()", "=", "<<"),
        *("a: b", "a #b", "- a", "? b", ": c", "#", "&a", "*b", "!c", "%d", "@e", "`f`", "|", ">-", "---", "..."),
        *("'", '"', "''", "x == 'y'", "don't", "\\", "\\n", "{x}", "[1, 2]", "[]", "{}", "a, b", "a  b"),
        *("…", "é", "🙂", "\u2028"),
    ]
)
LINE = st.characters(exclude_categories=("Cs", "Cc"))
TEXTS = st.one_of(
    TRICKY,
    st.text(LINE, min_size=1, max_size=12),
    st.lists(TRICKY, min_size=2, max_size=40).map(" ".join),
)
PROSE = TEXTS | st.lists(TEXTS, min_size=2, max_size=4).map("\n".join)
EXPRESSIONS = TEXTS | st.sampled_from(["[x for x in xs if x.a == 'b']", "user.role", "f(a, b)", "{'a': 1}"])
FLAGS = st.sampled_from(["true", "false"])
PARAMS = st.lists(NAMES, max_size=2)
WORDS = st.lists(TEXTS, min_size=1, max_size=3)
PATTERNS = st.sampled_from(["U-{n:03}", "{n}", "#{n:02}: x"])


def maps(values: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, values, min_size=least, max_size=3)


def mapping(optional: dict[str, st.SearchStrategy[Any]], **needed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({name.rstrip("_"): part for name, part in needed.items()}, optional=optional)


ATTRIBUTES = EXPRESSIONS | mapping(
    {
        "type": EXPRESSIONS | WORDS,
        "description": PROSE,
        "sample": TEXTS,
        "weights": st.lists(st.integers(0, 99), max_size=3),
        "default": EXPRESSIONS,
        "unique": FLAGS,
        "not_blank": FLAGS,
        "min": TEXTS,
        "max": TEXTS,
        "pattern": TEXTS,
        "derived": EXPRESSIONS,
        "transitions": st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2), max_size=2),
        "on_delete": st.sampled_from(["refuse", "cascade", "clear", "remove"]),
        "only_for": st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2), max_size=2),
    }
)
IDS = st.just("one") | PATTERNS | mapping({"next": PATTERNS}, given=NAMES)
ABOUT = {"where": EXPRESSIONS, "order": TEXTS, "take": st.just("one"), "description": PROSE}
QUERIES = st.one_of(
    st.sampled_from(["get", "all", "exists"]),
    mapping(ABOUT, kind=st.sampled_from(["get", "all", "exists"])),
    mapping(ABOUT, kind=st.sampled_from(["find", "by"]), field=NAMES),
    mapping(ABOUT, kind=st.just("get"), fields=st.lists(NAMES, min_size=1, max_size=3)),
)
CELLS = st.recursive(
    TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2), max_leaves=4
)
ENTITIES = mapping(
    {
        "description": PROSE,
        "part_of": st.tuples(NAMES, NAMES).map(".".join),
        "id": IDS,
        "key": st.lists(NAMES, max_size=2),
        "label": NAMES,
        "population": TEXTS | st.lists(maps(CELLS), max_size=2),
        "fields": NAMES | maps(ATTRIBUTES),
        "queries": maps(QUERIES),
    },
    plural=NAMES,
)
DEFINITIONS = maps(mapping({}, params=PARAMS, body=EXPRESSIONS))
CLAUSES = st.lists(mapping({}, that=EXPRESSIONS, else_=PROSE), min_size=1, max_size=3)
GUARDS = maps(mapping({}, params=PARAMS, clauses=CLAUSES))
RULES = maps(mapping({}, text=PROSE, holds=EXPRESSIONS))
REQUIREMENTS = st.one_of(
    EXPRESSIONS.filter(str.strip),
    mapping({"each": EXPRESSIONS}, check=EXPRESSIONS.filter(str.strip)),
    mapping({"each": EXPRESSIONS}, that=EXPRESSIONS.filter(str.strip), else_=PROSE.filter(str.strip)),
)
EFFECTS = mapping(
    {
        "as": NAMES,
        "with": EXPRESSIONS | st.lists(NAMES, max_size=12),
        "values": maps(EXPRESSIONS),
        "when": EXPRESSIONS,
        "for_each": EXPRESSIONS,
    },
    kind=st.sampled_from(["create", "update", "delete", "replace"]),
    target=EXPRESSIONS,
)
OPERATIONS = mapping(
    {
        "params": maps(ATTRIBUTES),
        "let": DEFINITIONS,
        "requires": st.lists(REQUIREMENTS, max_size=2),
        "effects": st.lists(EFFECTS, max_size=2),
        "returns": EXPRESSIONS | maps(EXPRESSIONS),
        "say": PROSE,
    },
    description=PROSE,
)
SECTIONS = {
    "corpora": maps(st.lists(TEXTS, max_size=3)),
    "types": maps(WORDS | maps(ATTRIBUTES, least=1)),
    "definitions": DEFINITIONS,
    "guards": GUARDS,
    "rules": RULES,
    "policies": RULES,
}


def skeletons() -> st.SearchStrategy[Skeleton]:
    """Skeletons whose shape is right; what they say means nothing."""
    return mapping(
        SECTIONS,
        schema_version=st.just(1),
        id=NAMES,
        title=PROSE,
        domain=PROSE,
        summary=PROSE,
        introduction=PROSE,
        clock=TEXTS,
        entities=maps(ENTITIES),
        operations=maps(OPERATIONS),
    ).map(Skeleton.model_validate)
