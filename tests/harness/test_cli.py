"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from builders import environment_record, evidence, run_document, scenario
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from typer.testing import CliRunner, Result

from generator.rendering import render
from generator.skeleton.reading import read_skeleton
from harness.cli import app
from harness.store import Run

ROOT = Path(__file__).parent.parent.parent
COMMANDS = [
    "check",
    "render",
    "scenarios",
    "certify",
    "serve",
    "grade",
    "install",
    "uninstall",
    "bundle",
    "run",
    "show",
    "compare",
    "export",
    "report",
    "doctor",
    "regrade",
    "evaluate",
    "mine",
    "new",
    "audit",
    "replay",
]
ENVWRIGHT = [sys.executable, "-m", "harness"]


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def credit_union(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real environment, rendered, with nobody in it."""
    folder = tmp_path_factory.mktemp("servers") / "credit_union"
    folder.mkdir()
    shutil.copy(ROOT / "servers" / "credit_union" / "skeleton.yaml", folder)
    skeleton = read_skeleton(folder / "skeleton.yaml")
    tables = {entity.plural: {} for entity in skeleton.entities.values()}
    for name, text in render(skeleton, {"clock": skeleton.clock, "counters": {}, "tables": tables}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = envwright(command, "--help")
    assert result.exit_code == 0
    assert f"Example: envwright {command} " in result.output


def test_the_list_of_commands_is_whole() -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert names == set(COMMANDS)


def test_check_says_what_a_sound_skeleton_holds(credit_union: Path) -> None:
    result = envwright("check", credit_union)
    assert result.exit_code == 0
    assert "skeleton.yaml is sound: 7 entities" in result.stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("entities: [", "line"),
        ("", "problem"),
        ("schema_version: 1\nid: x\n", "problems"),
    ],
)
def test_check_refuses_a_broken_skeleton_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    broken = tmp_path / "skeleton.yaml"
    broken.write_text(text)
    result = envwright("check", broken)
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(broken) in result.stderr and sentence in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "nothing.yaml"], "there is no such file"),
        (["show", "nothing"], "There is no run 'nothing'"),
        (["run", "--environments", "nothing"], "there is no environment 'nothing'"),
        (["run", "--scenarios", "nothing"], "There is no scenario at nothing."),
        (["serve", "nothing"], "there is no environment 'nothing'"),
        (["run", "--attempts", "0"], "--attempts"),
        (["jump"], "jump"),
    ],
)
def test_what_a_user_can_mend_is_a_sentence_and_exit_code_2(arguments: list[str], sentence: str) -> None:
    result = envwright(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr and "Traceback" not in result.stderr


def test_a_scenario_that_is_cut_off_or_of_another_version_is_told(credit_union: Path, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    run = ["run", "--environments", credit_union, "--scenarios", file, "--out", tmp_path / "runs"]
    text = scenario(environment="credit_union", environment_digest="old").model_dump_json()
    file.write_text(text[:-1])
    assert "the file is cut off" in envwright(*run).stderr
    file.write_text(text)
    result = envwright(*run)
    assert result.exit_code == 2 and "made for another version of credit_union" in result.stderr
    assert not (tmp_path / "runs").exists()


def test_show_reads_a_run_from_its_folder_alone(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "r", run_document(2), [environment_record()], {}, [scenario()])
    run.record(evidence(1, outcome="passed", score=1.0, reward=1.0))
    run.record(evidence(2, outcome="invalid", reason="The agent never listed the tools."))
    result = envwright("show", tmp_path / "r")
    assert result.exit_code == 0
    assert "1 (100%)" in result.stdout and "1 invalid" in result.stdout
    assert "The agent never listed the tools." in result.stdout
    document = json.loads(envwright("show", tmp_path / "r", "--json").stdout)
    assert (document["made"], document["due"]) == (2, 2)
    assert document["summaries"][0]["excluded"] == {"invalid": 1}
    assert document["attempts"][0]["cost"] is None


def test_serve_speaks_mcp_on_standard_output(credit_union: Path) -> None:
    async def tools() -> int:
        arguments = [*ENVWRIGHT[1:], "serve", str(credit_union)]
        async with Client(StdioServerParameters(command=sys.executable, args=arguments)) as client:
            return len((await client.list_tools()).tools)

    assert anyio.run(tools) >= 18


def test_serve_passes_bad_input_on_with_its_exit_code(credit_union: Path) -> None:
    command = [*ENVWRIGHT, "serve", str(credit_union), "--scenario", "nothing.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing.json cannot be read" in done.stderr and "Traceback" not in done.stderr


def test_scenarios_are_made_proven_again_and_solved(credit_union: Path, tmp_path: Path) -> None:
    out = tmp_path / "made"
    made = envwright("scenarios", credit_union, "--count", "2", "--kind", "change", "--out", out)
    assert made.exit_code == 0, made.output
    files = sorted(out.iterdir())
    assert made.stdout.split() == [str(file) for file in files] and len(files) == 2
    assert made.stderr.startswith("2 kept, ")
    again = tmp_path / "again"
    envwright("scenarios", credit_union, "--count", "2", "--kind", "change", "--out", again)
    assert [file.read_bytes() for file in sorted(again.iterdir())] == [file.read_bytes() for file in files]

    proven = envwright("certify", out, "--environments", credit_union)
    assert (proven.exit_code, proven.stdout) == (0, "2 of 2 scenarios are certified.\n")
    solved = envwright(
        *("run", "--scenarios", out, "--environments", credit_union, "--out", tmp_path / "runs", "--json")
    )
    assert [attempt["outcome"] for attempt in json.loads(solved.stdout)["attempts"]] == ["passed", "passed"]

    document = json.loads(files[0].read_text())
    document["solution"]["calls"] = []
    files[0].write_text(json.dumps(document))
    spoilt = files[0].read_bytes()
    refused = envwright("certify", out, "--environments", credit_union)
    assert (refused.exit_code, refused.stdout) == (1, "1 of 2 scenarios are certified.\n")
    assert f"{files[0]} cannot be certified: " in refused.stderr
    assert files[0].read_bytes() == spoilt


def test_scenarios_of_an_environment_that_was_not_named_are_told(credit_union: Path, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text(scenario(environment="elsewhere").model_dump_json())
    result = envwright("run", "--environments", credit_union, "--scenarios", file)
    assert result.exit_code == 2 and "belongs to elsewhere; name its folder with --environments too." in result.stderr


INTERRUPTED_IMPORT = """
import sys
class CtrlC:
    def find_spec(self, name, *rest):
        if name == "harness.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
from harness.__main__ import main
main()
"""


def test_ctrl_c_while_libraries_are_imported_is_a_sentence_too() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED_IMPORT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (130, "Stopped.\n", "")


@pytest.mark.parametrize("agent", ["command:x [/a]", "command:x [b,c] :smile: {mcp_url}"])
def test_names_are_shown_as_they_are(tmp_path: Path, agent: str) -> None:
    run = Run.create(tmp_path / "r", run_document(1), [environment_record()], {}, [scenario()])
    run.record(evidence(1, agent=agent))
    shown = envwright("show", tmp_path / "r")
    assert shown.exit_code == 0 and agent in shown.stdout.splitlines()[3]


def test_an_error_moves_no_cursor() -> None:
    told = envwright("show", "\x1b[2J\x9b1m")
    assert told.exit_code == 2 and not set(told.stderr) & {"\x1b", "\x9b"}


def test_what_the_encoding_of_the_output_lacks_ends_nothing() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    shown = subprocess.run([*ENVWRIGHT, "doctor"], env=environment, capture_output=True, text=True, check=False)
    assert "? python: 3." in shown.stdout and "Traceback" not in shown.stderr
