"""Quality evaluation: sound environments pass, planted defects are reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.scengenerator.laws import Laws
from generator.skelbuilder.discovery import findable, unfindable
from generator.skelbuilder.evaluation import evaluate, evaluate_laws
from generator.skelbuilder.report import Report, Thresholds
from generator.skeleton.checker import check
from generator.skeleton.reading import parse_skeleton, read_skeleton

ROOT = Path(__file__).parents[3]
LIBRARY = (ROOT / "tests" / "fixtures" / "library.skeleton.yaml").read_text()
EXAMPLES = sorted((ROOT / "tests" / "golden" / "examples").glob("*.yaml"))
SERVERS = sorted((ROOT / "servers").glob("*/skeleton.yaml"))


def report_of(text: str, budget: int = 2_500) -> Report:
    return evaluate(parse_skeleton(text, "library"), budget=budget)


def changed(old: str, new: str) -> str:
    assert LIBRARY.count(old) == 1, f"'{old}' stands {LIBRARY.count(old)} times in the skeleton"
    return LIBRARY.replace(old, new)


def places(report: Report) -> list[tuple[str, str]]:
    return [(finding.kind, finding.place) for finding in report.findings]


def test_a_sound_environment_passes() -> None:
    report = report_of(LIBRARY)
    assert report.passed, "\n".join(report.lines())
    assert not report.findings
    assert not report.notes
    assert report.lines()[0].startswith("lending_library passes: ")
    lend = next(item for item in report.operations if item.name == "lend_book")
    assert lend.command
    assert lend.positive > 0
    assert {f"lend_book.requires[{at}]" for at in range(3)} <= lend.refusals.keys()
    assert lend.negative == sum(lend.refusals.values())


def test_the_same_seed_gives_the_same_report() -> None:
    assert report_of(LIBRARY, 800) == report_of(LIBRARY, 800)
    assert Report.model_validate_json(report_of(LIBRARY, 800).model_dump_json()) == report_of(LIBRARY, 800)


@pytest.mark.parametrize("path", SERVERS, ids=lambda path: path.parent.name)
def test_the_bundled_environments_pass_with_nothing_unreached(path: Path) -> None:
    report = evaluate(read_skeleton(path))
    assert report.passed, "\n".join(report.lines())
    assert not any(share.missing for share in (report.commands, report.queries, report.clauses, report.words))
    assert not report.notes


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem.split(".")[0])
def test_the_examples_pass(path: Path) -> None:
    """Payments that must add up, records in lists, texts that only conditions name: all is reached."""
    report = evaluate(read_skeleton(path), budget=4_000)
    assert report.passed, "\n".join(report.lines())


# -- defects of a skeleton --------------------------------------------------------------------------------------------


def test_a_rule_that_a_command_breaks_is_reported() -> None:
    report = report_of(changed("open_loans(reader) < 2", "open_loans(reader) < 3"))
    assert ("rule_broken", "lend_book / at_most_two") in places(report)
    assert not report.passed


def test_a_condition_that_cannot_refuse_is_reported() -> None:
    report = report_of(changed("open_loans(reader) < 2", "open_loans(reader) < 2 or not book.is_lent"))
    assert report.clauses.missing == ["lend_book.requires[1]"]
    assert "unreached: lend_book.requires[1] never refuses" in report.lines()
    assert not report.passed


def test_a_command_that_cannot_succeed_is_reported() -> None:
    text = changed(
        "    requires: [still_open(loan)]\n    effects:\n      - {update: loan, values: {status: lost}}",
        "    requires:\n      - still_open(loan)\n      - {that: loan.lent_at > now(), else: Too late.}\n"
        "    effects:\n      - {update: loan, values: {status: lost}}",
    )
    report = report_of(text)
    assert report.commands.missing == ["report_lost"]
    assert report.words.missing == ["loan.status: lost"]


def test_a_word_that_no_command_reaches_is_reported() -> None:
    report = report_of(changed("loan_status: [open, returned, lost]", "loan_status: [open, returned, lost, renewed]"))
    assert report.words.missing == ["loan.status: renewed"]
    assert not report.passed
    assert evaluate(
        parse_skeleton(changed("[open, returned, lost]\n", "[open, returned, lost, renewed]\n"), "library"),
        budget=2_500,
        thresholds=Thresholds(words=0.7),
    ).passed


def test_an_id_that_nobody_can_find_is_reported() -> None:
    text = changed("    queries:\n      list_loans_of_reader: {by: reader, order: lent_at}\n", "")
    report = report_of(text)
    assert ("unfindable_id", "return_book") in places(report)
    assert ("unfindable_id", "report_lost") in places(report)
    assert not report.passed


def test_a_text_without_a_sample_is_reported() -> None:
    report = report_of(changed("{type: text, sample: notes}", "text"))
    assert places(report) == [("no_sample", "copy_note.content")]
    assert report.calls == 0


def test_rows_that_cannot_keep_a_rule_are_reported() -> None:
    report = report_of(changed("len(b.notes) == 0 for b in books if b.price > 35", "b.price > 50 for b in books"))
    assert places(report) == [("no_state", "population")]


# -- what can be found ------------------------------------------------------------------------------------------------


def test_ids_are_found_through_other_rows() -> None:
    model = check(parse_skeleton(LIBRARY, "library"))
    assert findable(model) >= {"reader", "book", "loan", "shelf"}
    assert unfindable(model) == []
    text = changed("      list_readers: all\n", "").replace("{find: title}", "{get: [title]}")
    text = text.replace("      list_books_on_shelf: {by: shelf}\n", "")
    poor = check(parse_skeleton(text, "library"))
    assert findable(poor) == {"shelf"}
    assert ("lend_book", "book_id", "book") in [
        (op.name, argument, entity) for op, argument, entity in unfindable(poor)
    ]


# -- defects of an environment's code ---------------------------------------------------------------------------------


def broken(**methods: Any) -> Report:
    """The report on the library with some methods of its environment replaced."""
    laws = Laws(check(parse_skeleton(LIBRARY, "library")))
    for name, make in methods.items():
        setattr(laws.environment, name, make(getattr(laws.environment, name)))
    return evaluate_laws(laws, "1", 800, Thresholds())


def test_a_query_that_changes_the_state_is_reported() -> None:
    def make(method: Any) -> Any:
        def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.counters["asked"] = self.counters.get("asked", 0) + 1
            return method(self, *args, **kwargs)

        return counting

    report = broken(list_readers=make)
    assert ("query_changes_state", "list_readers") in places(report)


def test_a_refusal_that_changes_the_state_is_reported() -> None:
    def make(method: Any) -> Any:
        def leaving(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.counters["tried"] = self.counters.get("tried", 0) + 1
            return method(self, *args, **kwargs)

        return leaving

    assert ("refusal_changes_state", "return_book") in places(broken(return_book=make))


def test_a_result_off_its_schema_is_reported() -> None:
    def make(method: Any) -> Any:
        return lambda self, *args, **kwargs: method(self, *args, **kwargs) | {"total": "many"}

    assert ("result_off_schema", "list_readers") in places(broken(list_readers=make))


def test_a_replay_that_differs_is_reported() -> None:
    ticks = iter(range(1_000_000))

    def make(method: Any) -> Any:
        def ticking(self: Any, *args: Any, **kwargs: Any) -> Any:
            return method(self, *args, **kwargs) | {"lent_at": f"2026-01-01T00:{next(ticks):06}"}

        return ticking

    assert ("replay_differs", "lend_book") in places(broken(lend_book=make))


def test_an_environment_that_fails_is_reported() -> None:
    def make(_: Any) -> Any:
        def failing(self: Any, *args: Any, **kwargs: Any) -> Any:
            raise ZeroDivisionError("on purpose")

        return failing

    report = broken(reserve_book=make)
    assert ("raises", "reserve_book") in places(report)
    assert report.commands.missing == ["reserve_book"]
