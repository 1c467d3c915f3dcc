"""Certificates: what is proven of a good scenario, and that every spoilt one is refused for its reason."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from made import ENVIRONMENTS, made, model_of, prover_of, scenarios
from typer.testing import CliRunner, Result

from generator.scengenerator.certificates import UncertifiedError
from generator.scengenerator.files import load_scenario, write_scenario
from generator.scengenerator.playing import is_command
from generator.scengenerator.scenario import Check, Scenario, Solution, ToolCall
from generator.skeleton.facts import escalations
from harness.cli import app

CONTENT = re.compile(r"(x not in before\.\w+) and .*\) == (\d+)$")


def proven(scenario: Scenario) -> Any:
    return prover_of(scenario.environment).prove(scenario)


def changed(scenario: Scenario, **values: Any) -> Scenario:
    return scenario.model_copy(deep=True, update=values)


def refused(scenario: Scenario) -> str:
    """The reason why a scenario is not certified."""
    with pytest.raises(UncertifiedError) as caught:
        proven(scenario)
    return caught.value.reason


def commands_of(scenario: Scenario) -> list[ToolCall]:
    return [call for call in scenario.solution.calls if is_command(model_of(scenario.environment), call)]


@pytest.fixture(scope="module")
def change() -> Scenario:
    """A change of two commands or more."""
    return next(s for s in scenarios("change") if len(commands_of(s)) >= 2 and len(s.checks) >= 3)


@pytest.fixture(scope="module")
def question() -> Scenario:
    return next(s for s in scenarios("question") if s.solution.answer.replace(".", "").isdigit())


@pytest.fixture(scope="module")
def decline() -> Scenario:
    return next(s for s in scenarios("decline") if escalations(model_of(s.environment)))


def goals(scenario: Scenario) -> list[Check]:
    return [check for check in scenario.checks if check.kind == "goal"]


# -- what is proven -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_proving_again_gives_the_same_certificate(name: str) -> None:
    for scenario in made(name)[0][:8]:
        assert proven(scenario) == scenario.certificate


def test_orders_of_independent_steps_pass_too_and_queries_cost_nothing() -> None:
    certificates = [s.certificate for s in scenarios("change") if s.certificate]
    assert any(certificate.reorderings for certificate in certificates)
    assert all(certificate.extra_queries for certificate in certificates)
    assert all(certificate.nothing_scores == 0 and certificate.replay_identical for certificate in certificates)


# -- what is refused ------------------------------------------------------------------------------------------------


def test_a_goal_that_is_reached_at_the_start(change: Scenario) -> None:
    extra = Check(id="extra", kind="goal", description="always", that="1 == 1", weight=0)
    assert refused(changed(change, checks=[*change.checks, extra])) == "a goal is reached at the start"


def test_a_keep_that_fails_at_the_start(change: Scenario) -> None:
    extra = Check(id="extra", kind="keep", description="never", that="1 == 2")
    assert refused(changed(change, checks=[*change.checks, extra])) == "a keep fails at the start"


def test_a_keep_that_the_solution_breaks(change: Scenario) -> None:
    broken = goals(change)[0]
    keep = Check(id="extra", kind="keep", description="as before", that=f"not ({broken.that})")
    assert refused(changed(change, checks=[*change.checks, keep])) == "the solution does not pass"


def test_a_goal_that_the_solution_does_not_reach(change: Scenario) -> None:
    extra = Check(id="extra", kind="goal", description="never", that="1 == 2")
    assert refused(changed(change, checks=[*change.checks, extra])) == "the solution does not pass"


def test_a_solution_that_does_damage(change: Scenario) -> None:
    assert refused(changed(change, allowed_changes=change.allowed_changes[1:])) == "the solution does not pass"


def test_a_check_that_was_weakened_lets_a_wrong_solution_pass(change: Scenario) -> None:
    """Without one of its goals, what this goal asked for can be left out."""
    found = []
    for left_out in goals(change):
        rest = [check for check in change.checks if check is not left_out]
        try:
            proven(changed(change, checks=rest))
        except UncertifiedError as error:  # but for goals that the environment lets nobody reach one without the other
            found.append(error.reason)
    assert "a wrong solution passes" in found


def test_a_check_that_says_too_little_of_a_new_row_is_refused() -> None:
    """Reduced to "there is a new row", a goal no longer sees what is in it, nor does what is allowed."""
    found = []
    for scenario in scenarios("change"):
        made_rows = [check for check in goals(scenario) if "x not in before." in check.that]
        if not made_rows or len(goals(scenario)) > 1:
            continue
        loose = [check.model_copy(update={"that": CONTENT.sub(r"\1) == \2", check.that)}) for check in scenario.checks]
        allowed = [item.model_copy(update={"where": None}) for item in scenario.allowed_changes]
        try:
            proven(changed(scenario, checks=loose, allowed_changes=allowed))
            found.append("nobody can do it wrong")  # the environment takes no other arguments
        except UncertifiedError as error:
            found.append(error.reason)
    assert set(found) <= {"a wrong solution passes", "nobody can do it wrong"}
    assert "a wrong solution passes" in found


def test_a_check_that_raises(change: Scenario) -> None:
    table = next(iter(change.initial_state["tables"]))
    raising = Check(id="extra", kind="goal", description="raises", that=f"1 / (len({table}) - len({table})) == 1")
    assert refused(changed(change, checks=[*change.checks, raising])) == "a check raises"


def test_a_check_that_raises_only_after_a_wrong_solution(change: Scenario) -> None:
    """Whatever an agent does, grading gives an answer."""
    command = commands_of(change)[-1].name
    text = f"1 / (1 if called('{command}') else 0) == 1 or not ({goals(change)[0].that})"
    raising = Check(id="extra", kind="keep", description="raises unless it is called", that=text)
    assert refused(changed(change, checks=[*change.checks, raising])) == "a check raises"


def test_a_check_that_does_not_fit_the_environment(change: Scenario) -> None:
    foreign = Check(id="extra", kind="goal", description="?", that="len(unicorns) == 1")
    assert refused(changed(change, checks=[*change.checks, foreign])) == "a check does not fit the environment"


def test_a_solution_that_is_refused(change: Scenario) -> None:
    command = commands_of(change)[0]
    wrong = ToolCall(name=command.name, arguments={**command.arguments, "surely_not_a_parameter": 1})
    calls = [*change.solution.calls, wrong]
    assert refused(changed(change, solution=Solution(calls=calls, answer="Done."))) == "the solution is refused"


def test_a_solution_without_a_look_up(change: Scenario) -> None:
    solution = Solution(calls=commands_of(change), answer="Done.")
    assert refused(changed(change, solution=solution)) == "nothing has to be looked up"


def test_a_value_that_stands_nowhere(change: Scenario) -> None:
    assert refused(changed(change, task="Please do it.")) == "a value of the solution stands nowhere"


def test_a_step_that_leaves_no_trace(change: Scenario) -> None:
    """What is done twice, where once does the same, is no step of a solution."""
    for scenario in scenarios("change"):
        command = commands_of(scenario)[-1]
        operation = model_of(scenario.environment).operations[command.name]
        if any(effect.kind == "create" for effect in operation.effects):
            continue
        solution = Solution(calls=[*scenario.solution.calls, command.model_copy()], answer="Done.")
        reason = refused(changed(scenario, solution=solution))
        assert reason in ("a step leaves no trace", "the solution is refused", "the solution does not pass")
        if reason == "a step leaves no trace":
            return


def test_a_state_that_does_not_fit(change: Scenario) -> None:
    tables = copy.deepcopy(change.initial_state["tables"])
    next(rows for rows in tables.values() if rows).popitem()[1].clear()
    state = {**change.initial_state, "tables": {**tables, "unicorns": {}}}
    assert refused(changed(change, initial_state=state)) == "the initial state does not fit the environment"


# -- questions ------------------------------------------------------------------------------------------------------


def test_a_question_that_gives_its_answer_away(question: Scenario) -> None:
    telling = f"{question.task} Is it {question.solution.answer}?"
    assert refused(changed(question, task=telling)) == "a wrong answer passes"


def test_a_question_that_a_guess_answers(question: Scenario) -> None:
    guessable = Check(id="goal-1", kind="goal", description="", that="states(answer, 1)")
    solution = Solution(calls=question.solution.calls, answer="1")
    assert refused(changed(question, checks=[guessable], solution=solution)) == "a wrong answer passes"


def test_a_question_that_any_number_answers(question: Scenario) -> None:
    loose = Check(id="goal-1", kind="goal", description="", that="len(answer) > 0 and answer != 'Done.'")
    assert refused(changed(question, checks=[loose])) == "a wrong answer passes"


def test_a_question_without_a_look_up(question: Scenario) -> None:
    solution = Solution(calls=[], answer=question.solution.answer)
    assert refused(changed(question, solution=solution)) == "nothing has to be looked up"


# -- what has to be declined ----------------------------------------------------------------------------------------


def test_handing_over_at_once_passes_and_acting_before_it_fails(decline: Scenario) -> None:
    prover = prover_of(decline.environment)
    tool = escalations(prover.model)[0]
    handing = ToolCall(name=tool.name, arguments={param.argument: "It cannot be done." for param in tool.params})
    environment = prover.open(decline.initial_state)
    assert environment.call(handing.name, handing.arguments).ok
    assert prover.grader.grade(decline, environment.state, [handing], "").passed
    assert decline.certificate is not None
    assert decline.certificate.mutants["acts, then hands over"] > 0


def test_a_decline_that_allows_a_change(decline: Scenario) -> None:
    """Then an agent could act and hand over all the same."""
    tables = [entity.plural for entity in model_of(decline.environment).entities.values()]
    columns = {e.plural: [item.column for item in e.stored] for e in model_of(decline.environment).entities.values()}
    everything = [
        {"table": table, "fields": columns[table], "create": True, "delete": True, "at_most": None} for table in tables
    ]
    loose = Scenario.model_validate({**decline.model_dump(), "allowed_changes": everything})
    assert refused(loose) == "a wrong solution passes"


def test_a_decline_that_wants_the_tool_for_it_but_not_words(decline: Scenario) -> None:
    never = Check(id="goal-1", kind="goal", description="", that="declines(answer) and not declines(answer)")
    assert refused(changed(decline, checks=[never])) == "the solution does not pass"


# -- files ----------------------------------------------------------------------------------------------------------


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenarios, made by the command line."""
    out: Path = tmp_path_factory.mktemp("made") / "scenarios"
    done = envwright("scenarios", "parts_warehouse", "--count", "3", "--seed", "5", "--out", out)
    assert done.exit_code == 0, done.output
    return out


def test_what_the_command_line_makes_is_certified(folder: Path) -> None:
    paths = sorted(folder.glob("*.json"))
    assert len(paths) == 3
    before = [path.read_bytes() for path in paths]
    done = envwright("certify", folder)
    assert done.exit_code == 0, done.output
    assert "3 of 3 scenarios are certified" in done.output
    assert [path.read_bytes() for path in paths] == before


def test_making_again_with_a_filter(tmp_path: Path) -> None:
    arguments = ("scenarios", "parts_warehouse", "--count", "2", "--kind", "decline", "--difficulty", "3")
    done = envwright(*arguments, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    found = [load_scenario(path) for path in sorted(tmp_path.glob("*.json"))]
    assert [(scenario.kind, scenario.difficulty) for scenario in found] == [("decline", 3)] * 2


def test_a_tampered_check_is_found_and_the_file_stays(folder: Path, tmp_path: Path) -> None:
    scenario = next(s for s in map(load_scenario, sorted(folder.glob("*.json"))) if s.kind == "change")
    path = tmp_path / "tampered.json"
    checks = [check.model_copy(update={"that": f"not ({check.that})"}) for check in scenario.checks]
    write_scenario(path, scenario.model_copy(update={"checks": checks}))
    before = path.read_bytes()
    done = envwright("certify", tmp_path)
    assert done.exit_code != 0
    assert "tampered.json cannot be certified: a goal is reached at the start" in done.output.replace("\n", " ")
    assert path.read_bytes() == before


def test_a_truncated_file_and_one_for_another_version(folder: Path, tmp_path: Path) -> None:
    text = sorted(folder.glob("*.json"))[0].read_text(encoding="utf-8")
    (tmp_path / "a-truncated.json").write_text(text[: len(text) // 2], encoding="utf-8")
    scenario = load_scenario(sorted(folder.glob("*.json"))[0])
    write_scenario(tmp_path / "b-foreign.json", scenario.model_copy(update={"skeleton_digest": "0" * 64}))
    done = envwright("certify", tmp_path)
    output = done.output.replace("\n", " ")
    assert done.exit_code != 0
    assert "a-truncated.json cannot be certified" in output
    assert "was made for another version of parts_warehouse" in output
    assert "0 of 2 scenarios are certified" in output
