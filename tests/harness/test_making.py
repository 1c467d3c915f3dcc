"""What a person runs into while making an environment: told on the command line, and nothing lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.rendering import find_environment
from harness.making import render_folder

ENVWRIGHT = Path(sys.executable).with_name("envwright")


def _envwright(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ENVWRIGHT), *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_text_without_a_sample_is_told_with_its_line(tmp_path: Path) -> None:
    text = (find_environment("parts_warehouse") / "skeleton.yaml").read_text(encoding="utf-8")
    sample = next(line for line in text.splitlines() if "sample: company.name" in line or "sample: bin_codes" in line)
    path = tmp_path / "skeleton.yaml"
    bare = sample.replace(", sample: company.name", "").replace(", sample: bin_codes", "")
    path.write_text(text.replace(sample, bare if bare != sample else "", 1), encoding="utf-8")
    done = _envwright("check", str(path), cwd=tmp_path)
    assert done.returncode == 2
    assert "needs a sample" in done.stderr
    assert "line " in done.stderr
    for command in ("evaluate", "render", "scenarios"):
        refused = _envwright(command, str(path), cwd=tmp_path)
        assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", done.stderr), command
    assert list(tmp_path.iterdir()) == [path]


def test_scenarios_are_never_mixed_into_a_folder_that_holds_some(tmp_path: Path) -> None:
    first = _envwright("scenarios", "outpatient_clinic", "--count", "2", "--out", "made", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    before = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    again = _envwright("scenarios", "outpatient_clinic", "--count", "1", "--out", "made", cwd=tmp_path)
    assert again.returncode == 2
    assert "2 scenarios already" in again.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()} == before
    replaced = _envwright("scenarios", "outpatient_clinic", "--count", "1", "--out", "made", "--replace", cwd=tmp_path)
    assert replaced.returncode == 0, replaced.stderr
    assert len(list((tmp_path / "made").iterdir())) == 1

    (kept,) = (tmp_path / "made").iterdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "skeleton.yaml").write_text("id: mine\n", encoding="utf-8")
    broken = _envwright("scenarios", "./mine", "--count", "1", "--out", "made", "--replace", cwd=tmp_path)
    assert broken.returncode == 2
    assert kept.is_file(), "what there was stays until there is something in its place"


def test_scenarios_of_a_folder_with_another_name_than_the_skeleton_s(tmp_path: Path) -> None:
    """They name the skeleton's id, which leads nowhere: the message says which option does."""
    folder = tmp_path / "library"
    shutil.copytree(find_environment("outpatient_clinic"), folder)
    text = (folder / "skeleton.yaml").read_text(encoding="utf-8")
    (folder / "skeleton.yaml").write_text(text.replace("id: outpatient_clinic", "id: tool_library"), encoding="utf-8")
    render_folder(folder)
    made = _envwright("scenarios", "library", "--count", "1", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    [path] = (tmp_path / "scenarios" / "library").iterdir()
    shutil.copy(folder / "state.json", tmp_path / "kept.json")
    for option, command in {
        "--environments": ("certify", str(path)),
        "--environments ": ("run", "--scenarios", str(path)),
        "--environment": ("grade", str(path), "--state", "kept.json"),
    }.items():
        lost = _envwright(*command, cwd=tmp_path)
        assert lost.returncode == 2
        assert "There is no environment 'tool_library' here" in lost.stderr
        assert f"name its folder with {option.strip()} FOLDER." in " ".join(lost.stderr.split())
        found = _envwright(*command, option.strip(), "library", cwd=tmp_path)
        assert "There is no environment" not in found.stderr
        assert found.returncode == (2 if "grade" in command else 0), found.stderr  # no server kept that file


def test_an_environment_that_is_being_written_stops_no_run(tmp_path: Path) -> None:
    """Only what is rendered and has scenarios is chosen when nothing is named."""
    from harness.selection import whole

    folder = tmp_path / "servers" / "half"
    folder.mkdir(parents=True)
    shutil.copy(find_environment("credit_union") / "skeleton.yaml", folder)
    assert whole([folder, find_environment("credit_union")]) == [find_environment("credit_union")]


@pytest.mark.parametrize("damaged", ["[" * 100_000, "[]", '{"clock": NaN}'])
def test_a_state_that_no_server_takes_is_made_anew(tmp_path: Path, damaged: str) -> None:
    folder = tmp_path / "credit_union"
    shutil.copytree(find_environment("credit_union"), folder)
    whole = (folder / "state.json").read_bytes()
    (folder / "state.json").write_text(damaged)
    render_folder(folder)
    assert (folder / "state.json").read_bytes() == whole
