"""`envwright import` as it is typed: what it prints, where, and its exit codes."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from harness.cli import app
from tests.generator.importers.releases import environment, scenario, write


def asked(folder: Path, *options: str) -> tuple[int, str, str]:
    files = ["--environments", str(folder / "environments.json"), "--out", str(folder / "out")]
    done = CliRunner().invoke(app, ["import", "envscaler", *files, *options])
    return done.exit_code, done.stdout, done.stderr


def test_a_release_is_imported_and_summed_up(tmp_path: Path) -> None:
    write(tmp_path / "environments.json", {"env_1_rl": environment()})
    scenarios = tmp_path / "scenarios.jsonl.gz"
    scenarios.write_bytes(gzip.compress("\n".join(json.dumps(scenario(number=n)) for n in (1, 2)).encode()))
    code, out, err = asked(tmp_path, "--scenarios", str(scenarios))
    assert (code, out) == (0, "env_1_rl: 4 tools, 2 scenarios\n")
    assert "1 environment imported, 0 there already, 2 scenarios; 0 records cannot be imported." in err
    assert asked(tmp_path, "--scenarios", str(scenarios))[1] == "env_1_rl: was imported before, the same; 2 scenarios\n"
    assert asked(tmp_path, "--scenarios", str(scenarios), "--again")[1] == out


def test_broken_records_are_told_and_the_exit_code_is_1(tmp_path: Path) -> None:
    broken = environment("env_2", env_class_code="class (")
    write(tmp_path / "environments.json", [environment(), broken, 7, environment("env_3")])
    code, out, err = asked(tmp_path)
    assert (code, out) == (
        1,
        "env_1_rl: 4 tools, 0 scenarios\nenv_2: was not imported\nenv_3: 4 tools, 0 scenarios\n",
    )
    assert "environments.json, record 3: is a number; a record is an object" in err
    assert "cannot be imported: env_2, env_class_code: is no Python of this version" in err
    assert "2 records cannot be imported." in err


def test_strict_stops_at_the_first_that_cannot_be_imported(tmp_path: Path) -> None:
    write(tmp_path / "environments.json", [environment("env_2", env_class_code="class ("), environment()])
    code, out, _ = asked(tmp_path, "--strict", "--parallel", "1")
    assert (code, out) == (1, "env_2: was not imported\n")
    write(tmp_path / "environments.json", [environment(), 7])
    assert asked(tmp_path, "--strict")[:2] == (1, "")


def test_only_some_are_imported(tmp_path: Path) -> None:
    write(tmp_path / "environments.json", [environment("env_1"), environment("env_2"), environment("env_3")])
    assert asked(tmp_path, "--only", "env_1,env_3")[1].count("tools") == 2
    assert sorted(path.name for path in (tmp_path / "out" / "servers").iterdir()) == ["env_1", "env_3"]
    write(tmp_path / "environments.json", [environment("env_1"), environment("env_2", env_class_code="class ("), 7])
    code, _, err = asked(tmp_path, "--only", "env_1")
    assert code == 0 and "0 records cannot be imported." in err  # what is wrong elsewhere was not asked for
    code, _, err = asked(tmp_path, "--only", "env_11")
    assert code == 2 and "has no environment env_11 that can be read; is env_1 meant?" in err


def test_what_a_user_can_mend_is_a_sentence_with_exit_code_2(tmp_path: Path) -> None:
    code, _, err = asked(tmp_path)
    assert code == 2 and "environments.json cannot be read: No such file or directory; check the path." in err
    write(tmp_path / "environments.json", [environment()])
    code, _, err = asked(tmp_path, "--clock", "soon")
    assert code == 2 and "'soon' is no time" in err
    assert asked(tmp_path, "--scenarios", str(write(tmp_path / "s.json", [scenario()])))[0] == 0
    write(tmp_path / "environments.json", [scenario(), scenario(number=2)])
    code, _, err = asked(tmp_path)
    assert code == 2 and "holds scenarios; give the environments with --environments" in err
    write(tmp_path / "environments.json", [])
    code, _, err = asked(tmp_path)
    assert code == 2 and "holds no record; get the file again." in err
    write(tmp_path / "environments.json", [environment()])
    shutil.rmtree(tmp_path / "out")
    (tmp_path / "out").write_text("in the way")
    code, _, err = asked(tmp_path)
    assert code == 2 and "cannot be written" in err


def test_scenarios_without_checks_are_run_with_the_others_and_say_that_nothing_can_be_graded(tmp_path: Path) -> None:
    write(tmp_path / "environments.json", [environment()])
    scenarios = write(tmp_path / "s.json", [scenario(checklist_with_func=None), scenario(number=2)])
    code, _, err = asked(tmp_path, "--scenarios", str(scenarios))
    assert code == 0 and "env_1_rl-task_1, checklist_with_func: is missing: nothing here could be graded" in err
    command = [
        "run",
        "--agent",
        "noop",
        "--scenarios",
        str(tmp_path / "out" / "scenarios"),
        "--out",
        str(tmp_path / "runs"),
    ]
    done = CliRunner().invoke(app, [*command, "--json"])
    assert done.exit_code == 0, done.output
    (run,) = (tmp_path / "runs").iterdir()
    attempts = [json.loads(line) for line in (run / "attempts.jsonl").read_text().splitlines()]
    assert {attempt["scenario"]: attempt["outcome"] for attempt in attempts} == {
        "env_1_rl-task_1": "grader_error",
        "env_1_rl-task_2": "failed",
    }
