"""Imported scenarios from the import to the report: real servers, contained checks, both scores, recorded attempts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from imported_desk import ACTIVE, BROKEN, CONFIG, KEPT, MARKED, check, envwright, import_desk, recording
from models import anthropic, error

from generator.errors import NotFoundError
from generator.rendering import find_environment, find_scenarios
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario, Solution, ToolCall
from harness.environments import RenderedEnvironment, load_environment
from harness.records import CheckRecord, Evidence
from harness.run import carry_out, create_run, plan_run
from harness.selection import select
from harness.store import Run

NOTE = "6f1b7c52-58a5-4c11-9a51-0d2c6c9e9a11"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return import_desk(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def desk(imported: Path) -> RenderedEnvironment:
    [folder] = (imported / "servers").iterdir()
    return load_environment(find_environment(str(folder)))


def the_scenario(desk: RenderedEnvironment) -> Scenario:
    [path] = find_scenarios(desk.folder)
    return load_scenario(path)


def played(desk: RenderedEnvironment, folder: Path, *calls: tuple[str, dict[str, Any]]) -> tuple[Run, Evidence]:
    """What comes of these calls at the desk's scenario."""
    made = [ToolCall(name=name, arguments=arguments) for name, arguments in calls]
    scenario = the_scenario(desk).model_copy(update={"solution": Solution(calls=made)})
    plan = plan_run([(desk, [scenario])], ["reference"])
    run = create_run(plan, folder)
    carry_out(plan, run)
    return run, run.evidence(plan.configuration.keys()[0])


def checks(evidence: Evidence) -> list[CheckRecord]:
    assert evidence.grade is not None
    return evidence.grade.checks


def test_what_an_import_wrote_is_named_by_its_folder(imported: Path, desk: RenderedEnvironment) -> None:
    [(environment, [scenario])] = select([str(imported)], [])
    assert (environment.folder, scenario) == (desk.folder, the_scenario(desk))
    with pytest.raises(NotFoundError, match="give the path of a folder"):
        select([str(imported / "scenarios")], [])


def test_what_is_true_at_the_start_is_to_be_kept_and_all_else_is_a_goal(desk: RenderedEnvironment) -> None:
    scenario = the_scenario(desk)
    assert [check.kind for check in scenario.checks] == ["goal", "keep", "goal"]
    assert scenario.certificate is None
    assert scenario.audit is not None
    assert [one.start for one in scenario.audit.checks] == ["false", "true", "missing_name"]


def test_both_scores_are_recorded_and_what_cannot_be_decided_is_no_plain_0(
    desk: RenderedEnvironment, tmp_path: Path
) -> None:
    _, evidence = played(desk, tmp_path, ("set_status", {"user_id": "U1", "status": "active"}))
    assert evidence.grade is not None
    assert (evidence.attempt.outcome, evidence.grade.score) == ("failed", 0.5)
    assert evidence.attempt.as_released == pytest.approx(2 / 3)
    reached, kept, broken = checks(evidence)
    assert (reached.holds, kept.holds, broken.holds) == (True, True, False)
    assert reached.error is None
    assert broken.error is not None
    assert "name 'date' is not defined" in broken.error


def test_a_broken_keep_takes_the_reward_and_the_explanation_names_the_call(
    desk: RenderedEnvironment, tmp_path: Path
) -> None:
    calls = [("set_status", {"user_id": user, "status": status}) for user, status in (("U1", "active"), ("U2", "gone"))]
    _, evidence = played(desk, tmp_path, *calls)
    assert evidence.grade is not None
    assert (evidence.grade.score, evidence.grade.reward) == (0.5, 0.0)
    kept = checks(evidence)[1]
    assert 'users U2: status was "active", is "gone" (call 2, set_status)' in kept.explanation


def test_a_raising_tool_is_an_error_of_the_call_and_not_the_end(desk: RenderedEnvironment, tmp_path: Path) -> None:
    calls = [("set_status", {"user_id": user, "status": "active"}) for user in ("U9", "U1")]
    _, evidence = played(desk, tmp_path, *calls)
    assert [call.ok for call in evidence.calls] == [False, True]
    assert checks(evidence)[0].holds


def test_the_reference_agent_has_nothing_to_play(imported: Path, desk: RenderedEnvironment, tmp_path: Path) -> None:
    result = envwright("run", "--environments", desk.folder, "--out", tmp_path)
    assert result.exit_code == 2
    assert "without a solution" in result.stderr
    assert not list(tmp_path.iterdir())


def test_doing_nothing_scores_0_and_the_tables_show_what_it_would_earn_as_released(
    desk: RenderedEnvironment, tmp_path: Path
) -> None:
    agents = ("--agent", "noop", "--agent", "random")
    result = envwright("run", *agents, "--environments", desk.folder, "--out", tmp_path, "--junit", tmp_path / "j.xml")
    assert result.exit_code == 0, result.output
    assert "as released" in result.stdout
    assert "0.33" in result.stdout
    [folder] = [path for path in tmp_path.iterdir() if path.is_dir()]
    summary = json.loads(envwright("show", folder, "--json").stdout)
    noop = next(one for one in summary["summaries"] if one["agent"] == "noop")
    assert (noop["mean_score"], noop["mean_as_released"]) == (0.0, pytest.approx(1 / 3))
    found = ElementTree.parse(tmp_path / "j.xml").iter("property")
    assert {one.get("name") for one in found} == {"score", "as_released"}


def test_a_run_is_graded_again_and_gone_on_with(desk: RenderedEnvironment, tmp_path: Path) -> None:
    run, evidence = played(desk, tmp_path, ("set_status", {"user_id": "U1", "status": "active"}))
    again = envwright("regrade", run.folder)
    assert "0 of 1 attempts are graded otherwise" in again.stdout
    regraded = Run(run.folder).evidence(evidence.attempt.key)
    assert regraded.attempt.as_released == evidence.attempt.as_released
    resumed = envwright("run", "--resume", run.folder, "--environments", desk.folder)
    assert resumed.exit_code == 0, resumed.output
    report = envwright("report", run.folder, "--out", tmp_path / "report.html")
    assert report.exit_code == 0, report.output
    assert "as released" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_stopped_run_says_where_its_imported_environments_are(
    desk: RenderedEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    [scenarios] = {path.parent for path in find_scenarios(desk.folder)}
    with anthropic(lambda *_: error(402, "billing_error", "Your credit is used up.")).running() as provider:
        model = ("--agent", "anthropic:claude-opus-5", "--base-url", provider.url)
        stopped = envwright("run", "--scenarios", scenarios, *model, "--out", tmp_path)
    assert stopped.exit_code == 2
    [folder] = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert f"go on with: envwright run --resume {folder} --environments {desk.folder}" in stopped.stderr
    assert "or an import's scenarios with --scenarios" in envwright("run", "--resume", folder).stderr


def test_a_state_that_a_server_kept_is_graded_where_the_import_lies(desk: RenderedEnvironment, tmp_path: Path) -> None:
    [path] = find_scenarios(desk.folder)
    scenario = the_scenario(desk)
    kept = {"environment": desk.name, "scenario": scenario.id, **scenario.initial_state}
    (tmp_path / "mine.json").write_text(json.dumps(kept), encoding="utf-8")
    graded = envwright("grade", path, "--state", tmp_path / "mine.json", "--json")
    assert graded.exit_code == 0, graded.output
    assert json.loads(graded.stdout)["score"] == 0


def replayed(imported: Path, folder: Path, *recordings: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """The exit code of `envwright replay`, and what it says of each recording."""
    path = folder / "replays.json"
    path.write_text(json.dumps(list(recordings)), encoding="utf-8")
    result = envwright("replay", path, "--environments", imported, "--out", folder / "runs", "--json")
    assert result.exit_code in (0, 1), result.output
    return result.exit_code, json.loads(result.stdout)["replays"]


def test_recorded_attempts_earn_what_they_earned(imported: Path, tmp_path: Path) -> None:
    code, [found] = replayed(
        imported,
        tmp_path,
        recording(0.6667, ("set_status", {"user_id": "U1", "status": "active"}), checks=[ACTIVE, KEPT, BROKEN]),
    )
    assert (code, found["ours"], found["equal"]) == (0, 0.6667, True)


def test_what_a_check_changes_counts_as_released_only(imported: Path, tmp_path: Path) -> None:
    clears = ("Is all gone?", "final_state['users'].clear() is not None")
    made = recording(0.5, checks=[clears, ("Is nobody left?", "not final_state['users']")])
    code, [found] = replayed(imported, tmp_path, made)
    assert (code, found["ours"], found["score"]) == (0, 0.5, 0.0)


@pytest.mark.parametrize(
    ("made", "cause"),
    [
        pytest.param(
            recording(1.0, ("add_note", {"text": "x"}), ("mark_note", {"note_id": NOTE}), checks=[MARKED]),
            "random ids",
            id="ids that the original made",
        ),
        pytest.param(
            recording(
                1.0,
                ("add_note", {"text": "x"}),
                checks=[("Noted in 2031?", "any(n['year'] == 2031 for n in final_state['notes'].values())")],
            ),
            "clock",
            id="the original's clock",
        ),
        pytest.param(
            recording(
                1.0,
                ("draw_prize", {"user_id": "U1"}),
                ("draw_prize", {"user_id": "U2"}),
                checks=[
                    ("Two cups?", "all(u.get('prize') == 'cup' for u in final_state['users'].values())"),
                    ("Or pens?", "all(u.get('prize') in ('cup', 'pen') for u in final_state['users'].values())"),
                ],
            ),
            "random",
            id="chance",
        ),
        pytest.param(
            recording(1.0, ("wipe", {}), checks=[("Is nobody left?", "not final_state['users']")]),
            "tool missing",
            id="a method that is no declared tool",
        ),
        pytest.param(
            recording(
                1.0,
                ("set_visits", {"user_id": "U1", "visits": "9"}),
                checks=[("Nine visits?", "final_state['users']['U1']['visits'] == 9")],
            ),
            "arguments refused by the declared schema",
            id="a text for a number",
        ),
        pytest.param(
            recording(
                0.0,
                ("set_status", {"user_id": "U9", "status": "active"}),
                ("set_status", {"user_id": "U1", "status": "active"}),
                checks=[ACTIVE],
            ),
            "raising call",
            id="a call that raises",
        ),
        pytest.param(
            recording(
                1.0,
                ("pin_note", {"text": "x"}),
                checks=[("Pinned?", "final_state['notes']['pinned'].get('text') == 'x'")],
            ),
            "objects",
            id="a check that calls a method of the class's objects",
        ),
        pytest.param(
            recording(1.0, checks=[("Is it so?", "__import__('nobodys_package') is not None")]),
            "package missing",
            id="a check that needs a package",
        ),
        pytest.param(
            recording(1.0, checks=[("Is it so?", "len(open('/etc/passwd').read()) > 0")]),
            "contained",
            id="a check that reads a file",
        ),
    ],
)
def test_a_difference_has_a_named_cause(imported: Path, tmp_path: Path, made: dict[str, Any], cause: str) -> None:
    code, [found] = replayed(imported, tmp_path, made)
    assert (found["cause"], code) == (cause, 0), found


def test_a_refused_call_is_not_taken_for_chance(imported: Path, tmp_path: Path) -> None:
    code, [found] = replayed(imported, tmp_path, recording(0.9, ("wipe", {}), checks=[KEPT]))
    assert (code, found["cause"], found["proven"]) == (0, "tool missing", False)
    assert found["words"] == "call 1, wipe: carried out by the class itself, the reward is 0"


def test_a_call_that_the_class_does_not_have_is_none_that_raises(imported: Path, tmp_path: Path) -> None:
    calls = [("get_users", {}), ("set_status", {"user_id": "U9", "status": "active"})]
    _, [found] = replayed(imported, tmp_path, recording(0.0, *calls, checks=[KEPT]))
    assert found["words"].startswith("call 2, set_status, raises")


def test_a_reward_that_nothing_explains_is_told_as_such(imported: Path, tmp_path: Path) -> None:
    code, [found] = replayed(imported, tmp_path, recording(0.9, checks=[ACTIVE]))
    assert (found["cause"], code) == ("unexplained", 1)


def test_recordings_are_read_in_other_spellings_and_what_is_none_is_told(imported: Path, tmp_path: Path) -> None:
    call = {"function": {"name": "set_status", "arguments": json.dumps({"user_id": "U1", "status": "active"})}}
    own = recording(1.0, checks=[ACTIVE])
    spelt = own | {"init_config": json.dumps(CONFIG), "calls": None, "tool_calls": [call, {"name": "chat_with_user"}]}
    bare = {"task_id": "env_1-task_1", "env_id": "env_1", "calls": [call["function"]], "reward": "0.6667"}
    code, found = replayed(imported, tmp_path, spelt, bare, {"task_id": "x"}, recording(None, checks=[ACTIVE]))
    assert [one["ours"] for one in found] == [1.0, 0.6667, 0.0, None]
    assert [one["cause"] for one in found] == ["", "", "", "unreadable"]
    assert code == 1


def test_an_audit_is_kept_in_the_scenarios_and_goes_on_from_there(imported: Path, tmp_path: Path) -> None:
    replays = tmp_path / "replays.json"
    made = recording(0.6667, ("set_status", {"user_id": "U1", "status": "active"}), checks=[ACTIVE, KEPT, BROKEN])
    replays.write_text(json.dumps([made]), encoding="utf-8")
    common = ("audit", imported, "--replays", replays, "--calls", "20")
    first = envwright(*common, "--json", "--export", tmp_path / "repaired.json")
    assert first.exit_code == 0, first.output
    [audit] = json.loads(first.stdout)["audits"]
    found = {one["id"]: [finding["what"] for finding in one["findings"]] for one in audit["checks"]}
    assert found == {"c1": [], "c2": ["true_at_start"], "c3": ["missing_name", "vacuous"]}
    [exported] = json.loads((tmp_path / "repaired.json").read_text(encoding="utf-8"))
    assert exported["checklist_with_func"] == [check(*ACTIVE) | {"weight": 1.0}]
    assert [one["check_item"] for one in exported["checks_left_out"]] == [KEPT[0], BROKEN[0]]
    assert exported["env_class_name"] == "Desk"
    again = envwright(*common, "--export", tmp_path / "ours")
    assert "1 scenario audited in the same way already" in again.stderr
    [repaired] = (tmp_path / "ours").rglob("*.json")
    assert [one.weight for one in load_scenario(repaired).checks] == [1.0, 0.0, 0.0]
    assert "c2" in envwright(*common, "--all").stdout


@pytest.mark.parametrize("where", ["", "servers", "scenarios/other", "servers/env_1/repaired.json"])
def test_an_export_into_the_import_itself_is_refused_before_anything_is_audited(imported: Path, where: str) -> None:
    before = {path: path.read_bytes() for path in imported.rglob("*") if path.is_file()}
    result = envwright("audit", imported, "--export", imported / where)
    assert result.exit_code == 2
    assert "belongs to the import that is audited; name another place with --export" in result.stderr
    assert {path: path.read_bytes() for path in imported.rglob("*") if path.is_file()} == before


def test_a_scenario_that_is_not_there_is_told(imported: Path) -> None:
    result = envwright("audit", imported, "--scenario", "env_1-task_1", "--scenario", "env_1-task_11")
    assert result.exit_code == 2
    assert "There is no scenario env_1-task_11; is env_1-task_1 meant?" in result.stderr


def test_recordings_that_are_not_there_are_told(imported: Path, tmp_path: Path) -> None:
    for command in (("audit", imported, "--replays"), ("replay", "--environments", imported)):
        result = envwright(*command, tmp_path / "nothing.json")
        assert result.exit_code == 2
        assert "nothing.json cannot be read" in result.stderr


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_a_place_without_an_import_is_told(tmp_path: Path, place: str) -> None:
    result = envwright("audit", tmp_path / place)
    assert result.exit_code == 2
    assert "no imported environment" in result.stderr
