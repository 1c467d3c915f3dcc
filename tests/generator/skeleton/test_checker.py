"""What the checker accepts and refuses, on small skeletons made from one that is right."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from generator.errors import SkeletonError
from generator.skeleton.checker import Checked, check, examine
from generator.skeleton.document import Skeleton
from generator.skeleton.nodes import Apply, Literal, Node, Present, walk
from generator.skeleton.types import BOOLEAN, DECIMAL, INTEGER, MONEY, TEXT, ListOf, Maybe, Ref

Document = dict[str, Any]
LIBRARY: Document = {
    "schema_version": 1,
    "id": "library",
    "title": "Library",
    "domain": "libraries",
    "summary": "Lends books.",
    "introduction": "You work at the desk.",
    "clock": "2026-03-02T09:00:00",
    "corpora": {"book_titles": ["Silent {birds}", "Loud {birds}"], "birds": ["heron", "wren"]},
    "types": {
        "loan_status": ["open", "returned", "lost"],
        "shelf": ["adults", "children"],
        "contact": {"phone": "text", "city": "optional text"},
    },
    "entities": {
        "member": {
            "plural": "members",
            "id": "M-{n:03}",
            "label": "name",
            "population": "3..5",
            "fields": {
                "name": {"type": "text", "sample": "person.name"},
                "nickname": "optional text",
                "contact": {"type": "contact"},
                "sponsor": {"type": "optional member", "on_delete": "clear"},
                "fees": {"type": "money", "default": "0", "min": "0"},
                "loans_now": {"type": "integer", "derived": "count(l for l in loans if l.member == member)"},
            },
            "queries": {"get_member": "get", "find_member": {"find": "name"}},
        },
        "book": {
            "plural": "books",
            "id": {"given": "isbn"},
            "label": "title",
            "population": "5..9",
            "fields": {
                "title": {"type": "text", "sample": "book_titles"},
                "shelf": "shelf",
                "copies": {"type": "map of shelf to integer", "min": "0", "sample": "0..3"},
                "price": {"type": "money", "sample": "5..90"},
            },
            "queries": {"get_book": "get"},
        },
        "loan": {
            "plural": "loans",
            "id": "L-{n:04}",
            "fields": {
                "member": "member",
                "book": "book",
                "status": {
                    "type": "loan_status",
                    "default": "open",
                    "transitions": {"open": ["returned", "lost"], "lost": ["returned"]},
                },
                "due_on": {"type": "date", "default": "today() + days(14)"},
                "returned_on": {"type": "optional date", "only_for": {"status": ["returned"]}},
            },
            "queries": {"list_loans": {"by": "member", "order": "-due_on"}},
        },
        "note": {
            "plural": "notes",
            "part_of": "member.notes",
            "fields": {"text": "text", "written_at": {"type": "datetime", "default": "now()"}},
        },
    },
    "definitions": {},
    "guards": {},
    "rules": {},
    "policies": {},
    "operations": {
        "lend": {
            "description": "Lend a book.",
            "params": {"member": "member", "book": "book"},
            "effects": [{"create": "loan", "with": ["member", "book"]}],
            "returns": "loan",
            "say": "lend {book} to {member}",
        },
        "add_note": {
            "description": "Add a note.",
            "params": {"member": "member", "text": "note.text"},
            "effects": [{"create": "note", "with": ["member", "text"]}],
        },
    },
}


def library(*changes: tuple[str, Any]) -> Checked:
    """The library with parts of it changed: `("operations.lend.returns", "book")`; None leaves a part out."""
    document = copy.deepcopy(LIBRARY)
    for path, value in changes:
        part: Any = document
        *steps, last = path.split(".")
        for step in steps:
            part = part[int(step)] if isinstance(part, list) else part.setdefault(step, {})
        if value is None:
            del part[last]
        elif isinstance(part, list):
            part[int(last)] = value
        else:
            part[last] = value
    return examine(Skeleton.model_validate(document))


def said(*changes: tuple[str, Any]) -> list[str]:
    return [str(problem) for problem in library(*changes).problems]


def asks(that: str, **params: Any) -> tuple[str, Any]:
    """An operation that only returns an expression over its parameters."""
    return "operations.ask", {"description": "Ask.", "params": params, "returns": {"value": that}}


def answer(that: str, *changes: tuple[str, Any], **params: Any) -> Node:
    checked = library(asks(that, **params), *changes)
    assert checked.problems == (), checked.problems
    returns = checked.model.operations["ask"].returns
    assert isinstance(returns, dict)
    return returns["value"]


def refusal(that: str, *changes: tuple[str, Any], **params: Any) -> str:
    """The first problem of an expression."""
    found = said(asks(that, **params), *changes)
    assert found, f"{that} was accepted"
    return found[0]


def does(*effects: Document, requires: list[Any] | None = None, **params: Any) -> tuple[str, Any]:
    return "operations.do", {
        "description": "Do.",
        "params": params,
        "requires": requires or [],
        "effects": list(effects),
    }


def test_the_library_is_right() -> None:
    assert library().problems == ()
    assert check(Skeleton.model_validate(LIBRARY)).operations["lend"].is_command


def test_every_problem_is_reported_at_once() -> None:
    document = copy.deepcopy(LIBRARY)
    document["operations"]["lend"]["returns"] = "laon"
    document["entities"]["book"]["label"] = "titel"
    with pytest.raises(SkeletonError) as caught:
        check(Skeleton.model_validate(document), "library.yaml")
    assert str(caught.value).startswith("library.yaml: 2 problems\n")
    assert "entities.book.label: book has no field 'titel'; did you mean 'title'?" in str(caught.value)
    assert "operations.lend.returns: unknown name 'laon'; did you mean 'loan'?" in str(caught.value)


# -- types of expressions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("1 + 2", INTEGER),
        ("1 / 2", DECIMAL),
        ("book.price * 2", MONEY),
        ("book.price / book.price", DECIMAL),
        ("'a' + book.title", TEXT),
        ("len(loans) > 3 and not book.price < 1", BOOLEAN),
        ("[l.book for l in loans]", ListOf(Ref("book"))),
        ("first(l for l in loans)", Maybe(Ref("loan"))),
        ("only(books, book.isbn)", Ref("book")),
        ("get(books, 'x')", Maybe(Ref("book"))),
        ("days(today() - today())", INTEGER),
        ("sum(b.price for b in books)", MONEY),
        ("book.copies[book.shelf]", INTEGER),
        ("book.title[2:]", TEXT),
        ("sorted(loans, by='-due_on')", ListOf(Ref("loan"))),
        ("[b.title for b in books] + ['x']", ListOf(TEXT)),
        ("book.price if book.shelf == 'adults' else 0", MONEY),
    ],
)
def test_expressions_have_types(text: str, type_: object) -> None:
    assert answer(f"[{text}] if book.price > 0 else []", book="book").type == ListOf(type_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("book.titel", "did you mean 'title'?"),
        ("boks", "unknown name 'boks'; did you mean 'books'?"),
        ("loan", "it is an entity; its rows are 'loans'"),
        ("book.shelf == 'adult'", "'adult' is no shelf; did you mean 'adults'?"),
        ("book.shelf == adults", "the shelf is written 'adults' in quotes"),
        ("'adult' in [b.shelf for b in books]", "'adult' is no shelf"),
        ("book.shelf in ['adults', 'childs']", "'childs' is no shelf"),
        ("book.price == 'much'", "compares a money with a text, which are never equal"),
        ("book == 'x'", "compares a book with a text"),
        ("book.price + 'x'", "cannot be calculated"),
        ("book.price * book.price", "cannot be calculated"),
        ("book.title < 3", "have no order between them"),
        ("len(book)", "has no length"),
        ("lenn(books)", "there is no function 'lenn'; did you mean 'len'?"),
        ("len(books, 1)", "len takes 1 argument, found 2"),
        ("get(book, 'x')", "get takes a table first"),
        ("get(notes, 'x')", "notes have no key to look them up by"),
        ("sorted(books)", "say by which field"),
        ("sorted(books, by='titel')", "did you mean 'title'?"),
        ("sum(b.title for b in books)", "sum adds up a list of numbers"),
        ("[1, 'a']", "a list of one kind is expected"),
        ("1 if book.price else 2", "a boolean is expected"),
        ("not book.price", "a boolean is expected"),
        ("book.price is 3", "'is' is for None only"),
        ("book.title is None", "never missing"),
        ("before.books", "'before' can be read in policies and checks only"),
        ("lambda: 1", "is not part of the expression language"),
        ("__import__('os')", "there is no function '__import__'"),
        ("book.__class__", "book has no field '__class__'"),
        ("books[0]", "[ ] is for maps: use first or last"),
        ("book.copies['adlts']", "'adlts' is no shelf; did you mean 'adults'?"),
        ("book.title ==", "is not an expression"),
        ("[x for x in 3]", "only lists and sets can be gone through"),
        ("[book for book in books]", "the name 'book' is taken here already"),
        ("states(answer, 3)", "there is no function 'states'"),
        ("today() - today()", "holds a duration"),
        ("today() == '2026-02-30'", "'2026-02-30' is no date; write it as 2026-03-02"),
        ("2 ** 9", "this operator is not part of the language"),
        ("{1: book}", "the keys of a record are constant names in quotes"),
    ],
)
def test_wrong_expressions_are_refused(text: str, message: str) -> None:
    assert message in refusal(text, book="book")


def test_one_mistake_is_one_message() -> None:
    assert len(said(asks("sum(b.pric for b in books) + 3 > len(b.titel for b in books)"))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1000 + "1" + ")" * 1000,
        "not " * 900 + "True",
        "-" * 3000 + "1",
        "len(books)" + ".a" * 1000,
        " + ".join(["1"] * 900),
        "[" * 90 + "]" * 90,
    ],
)
def test_deep_expressions_are_refused_in_a_sentence(text: str) -> None:
    assert "nested more than 60 levels deep" in refusal(text)


def test_long_expressions_are_refused_by_the_reader() -> None:
    with pytest.raises(ValueError, match="longer than 4,000"):
        library(asks("1 + " * 2500 + "1"))


# -- narrowing --------------------------------------------------------------------------------------------------------

TESTS = [
    "m.nickname is not None and len(m.nickname) > 2",
    "m.nickname is None or len(m.nickname) > 2",
    "not (m.nickname is None) and len(m.nickname) > 2",
    "not (m.nickname is None or m.name == '') and len(m.nickname) > 2",
    "len(m.nickname) > 2 if m.nickname is not None else False",
    "False if m.nickname is None else len(m.nickname) > 2",
    "any(len(x.nickname) > 2 for x in members if x.nickname is not None)",
    "all(len(x.nickname) > 2 for x in members if x.name != '' if x.nickname is not None)",
    "m.nickname == m.name and len(m.nickname) > 2",
    "m.nickname in ['a', 'b'] and len(m.nickname) > 2",
    "m.sponsor is not None and m.sponsor.sponsor is not None and m.sponsor.sponsor.name == ''",
    "known(m) and len(m.nickname) > 2",
    "not unknown(m) and len(m.nickname) > 2",
    "(m.nickname is not None if m.name != '' else False) and len(m.nickname) > 2",
    "l.status == 'returned' and l.returned_on < today()",
    "l.status != 'returned' or l.returned_on < today()",
    "l.status in ['returned'] and l.returned_on < today()",
    "'returned' == l.status and l.returned_on < today()",
    "l.status not in ['open', 'lost'] and l.returned_on < today()",
    "l.status != 'open' and l.status != 'lost' and l.returned_on < today()",
    "any(x.returned_on < today() for x in loans if x.status == 'returned')",
    "first(loans) is not None and first(loans).due_on < today()",
    "get(books, m.name) is not None and get(books, m.name).price > 3",
]
DEFINITIONS = ("definitions", {"known(m)": "m.nickname is not None", "unknown(m)": "not known(m)"})


@pytest.mark.parametrize("text", TESTS)
def test_what_was_tested_can_be_used(text: str) -> None:
    uses = f"({text}) and known(m) and not unknown(m) and l.due_on > today()"
    assert answer(uses, DEFINITIONS, m="member", l="loan").type == BOOLEAN


@pytest.mark.parametrize(
    "text",
    [
        "len(m.nickname) > 2",
        "m.nickname is not None or len(m.nickname) > 2",
        "m.nickname is None and len(m.nickname) > 2",
        "len(m.nickname) > 2 and m.nickname is not None",
        "len(m.nickname) > 2 if m.nickname is None else False",
        "(m.nickname is not None or m.name != '') and len(m.nickname) > 2",
        "any(x.nickname is not None for x in members) and len(m.nickname) > 2",
        "n.nickname is not None and len(m.nickname) > 2",
        "l.status == 'open' and l.returned_on < today()",
        "l.status != 'returned' and l.returned_on < today()",
        "l.status in ['returned', 'lost'] and l.returned_on < today()",
        "first(loans).due_on < today()",
    ],
)
def test_what_was_not_tested_cannot_be_used(text: str) -> None:
    uses = f"({text}) and n.name != m.name and l.due_on > today()"
    assert "may be missing" in refusal(uses, m="member", n="member", l="loan")


def test_narrowed_values_are_marked_for_the_compiler() -> None:
    node = answer("m.nickname if m.nickname is not None else ''", m="member")
    assert node.type == TEXT
    assert any(isinstance(part, Present) for part in walk(node))


def test_earlier_requirements_narrow_later_ones_effects_and_results() -> None:
    rename = {"update": "m", "values": {"name": "m.nickname"}}
    tested = {"that": "m.nickname is not None", "else": "{m.name} has no nickname."}
    assert said(does(rename, requires=[tested], m="member")) == []
    assert "may be missing" in said(does(rename, m="member"))[0]
    later = {"that": "len(m.nickname) > 1", "else": "The nickname {m.nickname} is short."}
    assert said(does(rename, requires=[tested, later], m="member")) == []
    assert "may be missing" in said(does(rename, requires=[later, tested], m="member"))[0]


def test_guards_narrow_through_definitions() -> None:
    guards = ("guards", {"named(x)": {"that": "known(x)", "else": "{x.name} has no nickname."}})
    definitions = ("definitions", {"known(m)": "m.nickname is not None"})
    rename = {"update": "m", "values": {"name": "m.nickname"}}
    assert said(definitions, guards, does(rename, requires=["named(m)"], m="member")) == []


def test_when_narrows_its_effect_only() -> None:
    one = {"update": "m", "when": "m.nickname is not None", "values": {"name": "m.nickname"}}
    other = {"update": "m", "values": {"name": "m.nickname"}}
    assert said(does(one, m="member")) == []
    assert "effects[1]" in said(does(one, other, m="member"))[0]


def test_a_condition_over_each_narrows_nothing_outside() -> None:
    each = {"each": "x in members", "that": "m.nickname is not None", "else": "No nickname."}
    effect = {"update": "m", "values": {"name": "m.nickname"}}
    assert "may be missing" in said(does(effect, requires=[each], m="member"))[0]


def test_a_refusal_knows_that_its_condition_failed() -> None:
    requires = [{"that": "m.nickname is None", "else": "{m.name} is called {m.nickname}."}]
    effect = {"update": "m", "values": {"fees": "0"}}
    assert said(does(effect, requires=requires, m="member")) == []
    requires = [{"that": "m.nickname is not None", "else": "{m.name} is called {m.nickname}."}]
    assert "{m.nickname} may be missing here" in said(does(effect, requires=requires, m="member"))[0]


def test_what_an_effect_changed_is_no_longer_known() -> None:
    tested = {"that": "m.nickname is not None", "else": "No nickname."}
    forget = {"update": "m", "values": {"nickname": "None"}}
    rename = {"update": "m", "values": {"name": "m.nickname"}}
    assert said(does(rename, forget, requires=[tested], m="member")) == []
    assert "may be missing" in said(does(forget, rename, requires=[tested], m="member"))[0]


# -- definitions and lets ---------------------------------------------------------------------------------------------


def test_definitions_are_typed_where_they_are_applied() -> None:
    node = answer("twice(len(books)) + len(twice(['a']))", ("definitions", {"twice(x)": "x + x"}))
    applied = [part.instance for part in walk(node) if isinstance(part, Apply)]
    assert [dict(instance.params)["x"] for instance in applied] == [INTEGER, ListOf(TEXT)]


def test_a_problem_in_a_definition_says_where_it_is_applied() -> None:
    message = refusal("late(book)", ("definitions", {"late(loan)": "loan.due_on < today()"}), book="book")
    assert message == "definitions.late: book has no field 'due_on' (applied in operations.ask.returns.value)"


def test_a_misspelt_word_given_to_a_definition_is_found() -> None:
    on = ("definitions", {"on(book, word)": "book.shelf == word"})
    assert "'adlts' is no shelf; did you mean 'adults'?" in refusal("on(book, 'adlts')", on, book="book")
    node = answer("on(book, 'adults')", on, book="book")
    assert [dict(part.instance.params)["word"] for part in walk(node) if isinstance(part, Apply)] == [TEXT]


@pytest.mark.parametrize(
    ("definitions", "message"),
    [
        ({"a": "b", "b": "c", "c": "a"}, "'a' is defined by itself: a → b → c → a"),
        ({"a": "a + 1"}, "'a' is defined by itself"),
        ({f"d{n}": f"d{n + 1}" for n in range(200)} | {"a": "d0", "d200": "1"}, "more than 24 levels deep"),
        ({"a": "len(books)", "unused": "1"}, "'unused' is never used"),
        ({"a": "f(1)", "f(x, y)": "x"}, "f takes 2 arguments (x, y), found 1"),
        ({"a": "f(1)", "f(x, x)": "x"}, "the parameter 'x' stands twice"),
        ({"a": "f(1, 2)", "f(x, y)": "x"}, "the parameter 'y' of f is never used"),
        ({"a": "1", "count(x)": "x"}, "'count' is a function or name of the language"),
        ({"a": "1", "books": "1"}, "'books' is the name of an entity or its rows"),
    ],
)
def test_wrong_definitions_are_refused(definitions: Document, message: str) -> None:
    assert any(message in problem for problem in said(asks("a"), ("definitions", definitions)))


def test_definitions_that_double_do_not_take_for_ever() -> None:
    definitions = {f"d{n}": f"d{n + 1} and d{n + 1}" for n in range(20)} | {"d20": "len(books) > 3"}
    assert answer("d0", ("definitions", definitions)).type == BOOLEAN


def test_lets_see_what_the_requirements_so_far_have_shown() -> None:
    effect = {"update": "m", "values": {"name": "short"}}
    tested = {"that": "m.nickname is not None", "else": "No nickname."}
    path, operation = does(effect, requires=[tested], m="member")
    operation["let"] = {"short": "m.nickname[:3]"}
    assert said((path, operation)) == []
    operation["requires"] = [{"that": "short != ''", "else": "Blank."}, tested]
    assert "let.short: 'm.nickname' may be missing" in said((path, operation))[0]


@pytest.mark.parametrize(
    ("lets", "message"),
    [
        ({"a": "b", "b": "a"}, "'a' is defined by itself: a → b → a"),
        ({"a": "1", "b": "2"}, "let.b: 'b' is never used"),
        ({"a": "1", "book": "2"}, "the name 'book' is taken"),
        ({"a": "f(1)", "f(book)": "book"}, "the name 'book' is taken in this operation"),
    ],
)
def test_wrong_lets_are_refused(lets: Document, message: str) -> None:
    path, operation = asks("a == 1 or book.price > 0", book="book")
    assert any(message in problem for problem in said((path, {**operation, "let": lets})))


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["call", "state", "clock", "counters"])
@pytest.mark.parametrize("place", ["operation", "query", "plural"])
def test_names_of_the_environment_are_reserved(name: str, place: str) -> None:
    change = {
        "operation": (f"operations.{name}", LIBRARY["operations"]["lend"]),
        "query": (f"entities.book.queries.{name}", "all"),
        "plural": ("entities.book.plural", name),
    }[place]
    assert f"the name '{name}' is taken: it is a part of every environment; use another one" in " ".join(said(change))


@pytest.mark.parametrize(
    "change",
    [
        ("operations.return", LIBRARY["operations"]["lend"]),
        ("entities.book.queries.import", "all"),
        ("entities.book.plural", "class"),
        ("entities.book.fields.from", "text"),
        ("types.contact.in", "text"),
        ("definitions.is(x)", "x"),
        ("operations.lend.params.with", "text"),
        ("operations.lend.let.pass", "1"),
        ("operations.lend.effects.0.as", "global"),
        ("entities.note.part_of", "member.lambda"),
    ],
)
def test_words_of_the_language_name_nothing(change: tuple[str, Any]) -> None:
    assert any("is a word of the expression language; use another name" in problem for problem in said(change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("operations.get_book", LIBRARY["operations"]["lend"]), "the name 'get_book' is taken: it is a query of book"),
        (("entities.book.queries.get_member", "all"), "the name 'get_member' is taken: it is a query of member"),
        (("operations.loans", LIBRARY["operations"]["lend"]), "the name 'loans' is taken: it is the table of loan"),
        (("entities.book.plural", "loans"), "the name 'loans' is taken"),
        (("entities.book.plural", "member"), "the plural 'member' is the name of an entity"),
        (("entities.book.plural", "before"), "use another plural"),
        (("entities.loan.fields.loan_id", "text"), "its name in rows, loan_id, is that of its id"),
        (("entities.loan.fields.member_id", "text"), "its name in rows, member_id, is that of member"),
        (("operations.lend.params.book_isbn", "text"), "never used"),
        (("operations.lend.params.member_id", "text"), "agents would see two arguments 'member_id'"),
        (("operations.lend.params.loan", "loan"), "the name 'loan' is taken here; name the new row with 'as'"),
        (("types.book", ["a"]), "the name 'book' is that of another type or entity"),
        (("entities.member.fields.notes", "text"), "member has a field 'notes' already"),
    ],
)
def test_collisions_are_refused(change: tuple[str, Any], message: str) -> None:
    assert any(message in problem for problem in said(change)), said(change)


# -- types, entities and attributes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("clock", "2026-13-02T09:00:00"), "is no date with a time"),
        (("types.shelf", ["adults", "adults"]), "an enum is a list of different words"),
        (("types.contact.self", "contact"), "record types go in a circle: contact → contact"),
        (("types.contact.phone", "txt"), "there is no type 'txt'; did you mean 'text'?"),
        (("entities.book.fields.copies.type", "map of text to integer"), "a map goes from an enum"),
        (("entities.book.fields.title.type", "list of optional text"), "the items of a list are never missing"),
        (("entities.book.fields.title.type", "list of " * 90 + "text"), "nested more than 6 levels deep"),
        (("entities.book.fields.title.type", "note"), "note has no id of its own"),
        (("entities.book.fields.title.type", "member.name"), "inherits from a field, which only parameters do"),
        (("entities.book.fields.title.sample", "book_titels"), "did you mean 'book_titles'?"),
        (("entities.book.fields.title.sample", "past.3y"), "samples dates, not a text"),
        (("entities.book.fields.price.sample", "book_titles"), "samples words, not a money"),
        (("entities.book.fields.price.sample", "9..5"), "the range 9..5 is empty"),
        (("entities.book.fields.price.min", "much"), "'much' is no number"),
        (("entities.book.fields.title.min", "3"), "'3' does not bound a text"),
        (("entities.member.fields.fees.max", "-1"), "max is below min"),
        (("entities.member.fields.fees.default", "-1"), "the default -1 is below min 0"),
        (("entities.member.fields.fees.default", "'a'"), "but a money is expected"),
        (("entities.loan.fields.status.default", "opne"), "'opne' is no loan_status; did you mean 'open'?"),
        (("entities.loan.fields.status.weights", [1, 2]), "weights give one number for each word"),
        (("entities.loan.fields.status.transitions", {"open": ["lots"]}), "did you mean 'lost'?"),
        (("entities.loan.fields.returned_on.type", "date"), "only_for is for optional fields"),
        (("entities.loan.fields.returned_on.only_for", {"statsu": ["open"]}), "did you mean 'status'?"),
        (("entities.loan.fields.member", {"type": "member", "on_delete": "clear"}), "clear is for optional refs"),
        (("entities.loan.fields.member", {"type": "member", "on_delete": "remove"}), "remove is for lists"),
        (("entities.book.fields.price.not_blank", "true"), "not_blank is for texts"),
        (("entities.book.fields.price.pattern", "x"), "pattern is for texts"),
        (("entities.book.fields.title.pattern", "("), "is no regular expression"),
        (("entities.book.fields.copies.unique", "true"), "unique is for plain fields"),
        (("entities.member.fields.loans_now.default", "3"), "a derived field is never written"),
        (("entities.member.fields.loans_now.derived", "member.name"), "an integer is expected"),
        (("entities.member.fields.loans_now.derived", "member.loans_now + 1"), "is derived from itself"),
        (("entities.member.label", "fees"), "the label is a text that is always there"),
        (("entities.member.label", "nickname"), "the label is a text that is always there"),
        (("entities.member.population", "5..3"), "is no range such as 6..12"),
        (("entities.member.id", "M-{n:3}"), "is no pattern for ids"),
        (("entities.book.fields.isbn", "integer"), "a natural key is a text"),
        (("entities.note.part_of", "membr.notes"), "there is no entity 'membr'; did you mean 'member'?"),
        (("entities.note.fields.member", "member"), "the ref to the owner is made by part_of"),
        (("entities.note.key", ["member", "txt"]), "did you mean 'text'?"),
        (("entities.note.fields", "contacts"), "did you mean 'contact'?"),
        (("corpora.birds", ["{trees}"]), "there is no list 'trees'"),
        (("corpora.birds", ["a {birds}"]), "'birds' fills holes with itself in a circle"),
        (("corpora.birds", ["a {heron"]), "a '{' without its '}'"),
    ],
)
def test_wrong_types_and_fields_are_refused(change: tuple[str, Any], message: str) -> None:
    assert any(message in problem for problem in said(change)), said(change)


def test_circles_of_owners_and_of_derived_fields_are_refused() -> None:
    assert "part_of goes in a circle" in " ".join(said(("entities.member.part_of", "note.members")))
    loops = {"type": "integer", "derived": "sum(l.copies for l in loans if l.book == book)"}
    back = {"type": "integer", "derived": "loan.book.lent"}
    found = said(("entities.book.fields.lent", loops), ("entities.loan.fields.copies", back))
    assert "book.lent is derived from itself" in " ".join(found)


def test_many_record_types_within_each_other_are_refused() -> None:
    chain = {f"r{n}": {"inner": f"r{n + 1}"} for n in range(400)} | {"r400": {"inner": "text"}}
    assert any(
        "record types are nested more than 12 levels deep" in problem
        for problem in said(("types", {**LIBRARY["types"], **chain}))
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"by": "membr"}, "did you mean 'member'?"),
        ({"find": "due_on"}, "find looks a row up by a text field"),
        ({"by": "member", "order": "due_no"}, "did you mean 'due_on'?"),
        ({"get": ["statsu"]}, "did you mean 'status'?"),
        ({"by": "member", "where": "loan.status"}, "a boolean is expected"),
        ({"by": "member", "where": "len(books) > 3"}, "'where' says nothing about the loan"),
        ({"kind": "get", "order": "due_on"}, "'order' is for lists"),
        ({"kind": "all", "take": "one"}, "'take: one' is for queries by a field"),
    ],
)
def test_wrong_queries_are_refused(query: Document, message: str) -> None:
    assert any(message in problem for problem in said(("entities.loan.queries.ask", query)))


def test_rows_without_an_id_have_no_get() -> None:
    assert "note has no id to look it up by" in said(("entities.note.queries", {"get_note": "get"}))[0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"title": "A"}, "'isbn' is missing"),
        ({"titel": "B"}, "did you mean 'title'?"),
        ({"shelf": "adlts"}, "'adlts' is no shelf; did you mean 'adults'?"),
        ({"price": "much"}, "'much' is no money"),
        ({"price": ["1"]}, "a money is expected, found a list"),
        ({"copies": {"adults": "x"}}, "'x' is no integer"),
        ({"copies": {"adlts": "1"}}, "did you mean 'adults'?"),
        ({"copies": {"adults": "-1"}}, "-1 is below min 0"),
        ({"copies": "3"}, "a mapping with adults, children is expected"),
        ({"isbn": "1"}, "stands in an earlier row too"),
        ({"keeper": "M-001"}, "whose rows are not written in the skeleton"),
        ({"added": "2026-02-30"}, "'2026-02-30' is no date; write it as 2026-03-02"),
        ({"lendable": "yes"}, "'yes' is no boolean"),
    ],
)
def test_reference_rows_are_checked_value_by_value(row: Document, message: str) -> None:
    right = {"isbn": "1", "title": "A", "shelf": "adults", "copies": {"adults": "1"}, "price": "1.50"}
    wrong = row if list(row) == ["title"] else {**right, "isbn": "2", **row}
    fields = {
        **LIBRARY["entities"]["book"]["fields"],
        "keeper": "optional member",
        "added": "optional date",
        "lendable": "optional boolean",
    }
    changes = [("entities.book.fields", fields), ("entities.book.population", [right, wrong])]
    assert any("population[1]" in problem and message in problem for problem in said(*changes)), said(*changes)
    assert said(changes[0], ("entities.book.population", [right])) == []


# -- operations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"m": "membr"}, "there is no type 'membr'; did you mean 'member'?"),
        ({"m": "member.nmae"}, "did you mean 'name'?"),
        ({"m": "membr.name"}, "there is no entity 'membr'; did you mean 'member'?"),
        ({"m": {"type": "integer", "min": "1", "default": "0"}}, "the default 0 is below min 1"),
        ({"m": {"type": "integer", "unique": "true"}}, "'unique' is for fields of entities"),
        ({"m": {"type": "integer", "default": "'x'"}}, "an integer is expected"),
        ({"m": {"type": "integer", "sample": "book_titles"}}, "samples words, not an integer"),
        ({"m": "text", "n": "text"}, "the parameter 'n' is never used"),
    ],
)
def test_wrong_parameters_are_refused(params: Document, message: str) -> None:
    path, operation = asks("m == m", **params)
    operation["effects"] = [{"create": "note", "values": {"member": "only(members)", "text": "''"}}]
    found = said((path, operation))
    assert any(message in problem for problem in found), found


def test_a_parameter_of_the_same_name_in_a_definition_is_another_one() -> None:
    definition = ("definitions", {"dear(book)": "book.price > 30"})
    effect = {"update": "m", "values": {"fees": "1 if any(dear(b) for b in books) else 0"}}
    assert "the parameter 'book' is never used" in " ".join(said(definition, does(effect, m="member", book="book")))


def test_parameters_inherit_from_fields_and_override() -> None:
    fields = {**LIBRARY["entities"]["member"]["fields"], "fees": {"type": "money", "min": "0", "max": "90"}}
    lower = {"type": "member.fees", "max": "50", "default": "20"}
    effect = {"update": "m", "values": {"fees": "fees"}}
    joins = ("operations.lend.effects", [{"create": "loan", "with": ["member", "book"]}])
    checked = library(("entities.member.fields", fields), joins, does(effect, m="member", fees=lower))
    assert checked.problems == ()
    fees = checked.model.operations["do"].params[1]
    assert (fees.type, fees.minimum, fees.maximum, fees.source is not None) == (MONEY, 0, 50, True)
    assert isinstance(fees.default, Literal)


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        ({"create": "laon"}, "there is no entity 'laon'; did you mean 'loan'?"),
        ({"create": "loan", "values": {"member": "m"}}, "creating a loan leaves 'book' without a value"),
        ({"create": "loan", "values": {"membr": "m"}}, "did you mean 'member'?"),
        ({"create": "loan", "with": ["m"]}, "loan has no field 'm'"),
        ({"create": "note", "values": {"member": "m", "text": "m"}}, "a text is expected"),
        ({"create": "note", "values": {"member": "m", "text": "hello"}}, "a text is written in quotes"),
        ({"update": "m"}, "this update changes nothing"),
        ({"update": "m", "values": {"name": "m.name"}}, "'name' is set to itself"),
        ({"update": "m", "values": {"loans_now": "3"}}, "'loans_now' is derived and cannot be written"),
        ({"update": "m", "values": {"name": "None"}}, "a text is expected"),
        ({"update": "m", "with": ["name"], "values": {"name": "'x'"}}, "'name' gets a value twice"),
        ({"update": "m.name", "values": {"name": "'x'"}}, "'m.name' is a text, a row is expected"),
        ({"update": "m.sponsor", "values": {"name": "'x'"}}, "it may be missing: test it first"),
        ({"update": "m", "as": "x", "values": {"name": "'x'"}}, "'as' names the row that a 'create' makes"),
        ({"delete": "m", "values": {"name": "'x'"}}, "a delete takes neither 'with' nor 'values'"),
        ({"for_each": "members", "delete": "m"}, "is not of the form: x in xs"),
        ({"for_each": "m in members", "delete": "m"}, "the name 'm' is taken here already"),
        ({"for_each": "x in m", "delete": "x"}, "a list is expected"),
        ({"update": "m", "when": "m.name", "values": {"name": "'x'"}}, "a boolean is expected"),
        ({"replace": "m.note", "with": "[]"}, "member owns no rows called 'note'; did you mean 'notes'?"),
        ({"replace": "m.notes", "with": "members"}, "a list of records is expected"),
        ({"replace": "m.notes", "with": "[{'txt': 'a'}]"}, "did you mean 'text'?"),
        ({"replace": "m.notes", "with": "[{'written_at': now()}]"}, "leaves 'text' without a value"),
        ({"update": "b", "values": {"isbn": "'1'"}}, "'isbn' is the key of book and never changes"),
        ({"update": "n", "values": {"member": "m"}}, "rows never change their owner"),
    ],
)
def test_wrong_effects_are_refused(effect: Document, message: str) -> None:
    path, operation = does(effect, m="member", b="book")
    operation["let"] = {"n": "only(m.notes)"}
    found = said((path, operation))
    assert any(message in problem for problem in found), found


def test_rows_are_replaced_by_records_with_values_over_them() -> None:
    replace = {"replace": "m.notes", "with": "[{'written_at': now()}]", "values": {"text": "'x'"}}
    checked = library(does(replace, m="member"))
    assert checked.problems == ()
    assert {assign.field.name for assign in checked.model.operations["do"].effects[0].assigns} == {"text", "written_at"}


def test_a_parameter_left_out_changes_nothing() -> None:
    checked = library(does({"update": "m", "with": ["name"]}, m="member", name="optional text"))
    operation = checked.model.operations["do"]
    assert checked.problems == ()
    assert operation.effects[0].assigns[0].given == "name"
    assert [param.partial for param in operation.params] == [False, True]
    create = {"create": "note", "with": ["text"], "values": {"member": "m"}}
    found = said(does(create, m="member", text="optional text"))
    assert "leaves 'text' without a value: 'text' has no default, but the parameter may be left out" in found[0]


LOST = {"that": "l.status == 'lost'", "else": "It is {l.status}."}
BACK = {"that": "l.status == 'returned'", "else": "It is {l.status}."}


@pytest.mark.parametrize(
    ("requires", "values", "message"),
    [
        ([], {"status": "returned"}, "with status 'returned' 'returned_on' needs a value"),
        ([], {"status": "returned", "returned_on": "None"}, "'returned_on' needs a value"),
        ([], {"status": "lost", "returned_on": "today()"}, "'returned_on' is only for status returned"),
        ([], {"status": "open"}, "'status' can never change to 'open'"),
        ([BACK], {"status": "lost"}, "'status' can never change from returned to 'lost'"),
        ([LOST], {"status": "lost"}, "'status' is 'lost' already, so this changes nothing"),
        ([BACK], {"returned_on": "None"}, "'returned_on' needs a value"),
        ([LOST], {"returned_on": "today()"}, "'returned_on' is only for status returned"),
        ([LOST], {"status": "retruned"}, "did you mean 'returned'?"),
    ],
)
def test_writes_that_can_never_succeed_are_refused(requires: list[Any], values: Document, message: str) -> None:
    found = said(does({"update": "l", "values": values}, requires=requires, l="loan"))
    assert any(message in problem for problem in found), found


def test_writes_that_follow_the_enum_are_right() -> None:
    returned = {"update": "l", "values": {"status": "returned", "returned_on": "today()"}}
    assert said(does(returned, l="loan")) == []
    assert said(does(returned, requires=[LOST], l="loan")) == []
    assert said(does({"update": "l", "values": {"status": "lost"}}, l="loan")) == []
    assert said(does({"update": "l", "values": {"returned_on": "today()"}}, requires=[BACK], l="loan")) == []


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        ("namd(m)", "there is no guard 'namd'; did you mean 'named'?"),
        ("m.name != ''", "a condition is written {that, else}"),
        ("named()", "named takes 1 argument (x), found 0"),
        ("named(m, m)", "named takes 1 argument (x), found 2"),
        ("named(x=m)", "are no arguments"),
        ("named(b)", "book has no field 'name' (applied in operations.do.requires[1])"),
        ({"that": "m.name", "else": "x"}, "a boolean is expected"),
        ({"that": "m.name != ''", "else": "No {m}."}, "{m} is a member; name one of its fields"),
        ({"that": "m.name != ''", "else": "No {m.nmae}."}, "did you mean 'name'?"),
        ({"that": "m.name != ''", "else": "No {m.name."}, "a '{' without its '}'"),
        ({"each": "x in b", "check": "named(x)"}, "a list is expected"),
        ({"each": "len in members", "check": "named(len)"}, "a table, a function or a definition"),
    ],
)
def test_wrong_requirements_are_refused(requirement: Any, message: str) -> None:
    guards = ("guards", {"named(x)": {"that": "x.name != ''", "else": "{x.name} has no name."}})
    effect = {"update": "m", "values": {"fees": "b.price"}}
    found = said(guards, does(effect, requires=["named(m)", requirement], m="member", b="book"))
    assert any(message in problem for problem in found), found


def test_guards_apply_to_each_of_a_list() -> None:
    guards = ("guards", {"named(x)": {"that": "x.name != ''", "else": "{x.name} has no name."}})
    effect = {"update": "m", "values": {"fees": "1"}}
    each = {"each": "x in [s for s in members if s.sponsor == m]", "check": "named(x)"}
    assert said(guards, does(effect, requires=[each], m="member")) == []


def test_unused_guards_and_parameters_of_guards_are_refused() -> None:
    guards = {"named(x, y)": {"that": "x.name != ''", "else": "No name."}, "idle": {"that": "True", "else": "No."}}
    effect = {"update": "m", "values": {"fees": "1"}}
    found = " ".join(said(("guards", guards), does(effect, requires=["named(m, m)"], m="member")))
    assert "the parameter 'y' of named is never used" in found
    assert "'idle' is never used" in found


def test_a_deleted_row_is_not_returned() -> None:
    path, operation = does({"delete": "l"}, l="loan")
    assert "'l' is deleted by then" in said((path, {**operation, "returns": "l"}))[0]
    assert said((path, {**operation, "returns": {"title": "title"}, "let": {"title": "l.book.title"}})) == []


def test_a_row_made_under_a_condition_may_be_missing() -> None:
    path, operation = does(
        {"create": "note", "when": "m.fees > 0", "values": {"member": "m", "text": "''"}}, m="member"
    )
    assert "'note' may be missing" in said((path, {**operation, "returns": {"text": "note.text"}}))[0]


def test_a_query_returns_something() -> None:
    operation = {"description": "Ask.", "params": {}}
    assert "an operation without effects is a query and returns something" in said(("operations.ask", operation))[0]


def test_say_names_parameters() -> None:
    assert "did you mean 'book'?" in said(("operations.lend.say", "lend {bok} to {member}"))[0]
    assert "a '[' without its ']'" in said(("operations.lend.say", "lend {book}[ to {member}"))[0]


def test_rules_and_policies_read_the_world() -> None:
    late = {"text": "None is late.", "holds": "all(l.due_on >= today() for l in loans)"}
    assert "a rule is true at any time" in said(("rules", {"late": late}))[0]
    assert said(("policies", {"late": late})) == []
    idle = {"text": "x", "holds": "1 < 2"}
    assert "this reads no table" in said(("rules", {"idle": idle}))[0]
    kept = {"text": "x", "holds": "all(m.fees >= before(m).fees for m in members if m in before.members)"}
    assert said(("policies", {"kept": kept})) == []
    assert "'before' can be read in policies" in " ".join(said(("rules", {"kept": kept})))
    assert "did you mean 'members'?" in said(("policies", {"kept": {**kept, "holds": "len(before.membrs) > 0"}}))[0]


# -- warnings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("corpora.trees", ["oak"]), "the list 'trees' is never sampled from"),
        (("types.colour", ["red", "blue"]), "the type 'colour' is never used"),
        (("entities.member.population", None), "nothing makes members"),
        (("operations.lend.say", "lend {book}"), "'member' is required, but these words do not name it"),
        (("entities.member.fields.fees.sample", "-5..5"), "goes beyond min and max"),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(change: tuple[str, Any], message: str) -> None:
    checked = library(change)
    assert checked.problems == ()
    assert any(message in warning.message for warning in checked.warnings), checked.warnings


def test_reading_what_an_earlier_effect_changed_is_a_warning() -> None:
    pay = {"update": "m", "values": {"fees": "0"}}
    tell = {"create": "note", "values": {"member": "m", "text": "'paid' if m.fees > 0 else ''"}}
    assert library(does(tell, pay, m="member")).warnings == ()
    assert "this reads member.fees, which an earlier effect has changed" in str(
        library(does(pay, tell, m="member")).warnings
    )
    lend = {"create": "loan", "values": {"member": "m", "book": "only(books)"}}
    count = {"update": "m", "values": {"fees": "m.loans_now"}}
    assert "this reads loans" in str(library(does(lend, count, m="member")).warnings)
