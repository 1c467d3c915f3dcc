"""The tiny skeletons of tests/golden/rendering are rendered to exactly the files beside them, which pass mypy and ruff.

What they do is in test_environment.py. After a change of the templates, read the differences that this makes:

    .venv/bin/python -m tests.generator.rendering.test_golden && git diff tests/golden/rendering
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.rendering import render
from generator.skeleton.reading import read_skeleton
from tests.generator.rendering.cases import CASES, GOLDEN, Session, first_state

FILES = ("environment.py", "server.py", "README.md", "manifest.json")
pytestmark = pytest.mark.parametrize("case", CASES)


def rendered(case: str) -> dict[str, str]:
    files = render(read_skeleton(GOLDEN / case / "skeleton.yaml"), first_state(case))
    return {name: files[name] for name in FILES}


def test_files_are_byte_for_byte_as_expected(case: str) -> None:
    for name, text in rendered(case).items():
        assert (GOLDEN / case / name).read_text(encoding="utf-8") == text, f"{case}/{name}: see the docstring"


def test_rendering_does_not_depend_on_the_process(case: str) -> None:
    """Hashes of texts differ between processes; the bytes must not."""
    source = f"rendered({case!r})['environment.py']"
    code = f"from tests.generator.rendering.test_golden import rendered; print({source}, end='')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert done.stdout == (GOLDEN / case / "environment.py").read_text(encoding="utf-8")


def test_code_is_typed_and_tidy(case: str, tmp_path: Path) -> None:
    file = GOLDEN / case / "environment.py"
    mypy = ["mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(file)]
    for command in (
        mypy,
        ["ruff", "check", "--isolated", str(file)],
        ["ruff", "format", "--isolated", "--line-length=110", "--check", str(file)],
    ):
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_code_needs_the_standard_library_only(case: str) -> None:
    tree = ast.parse((GOLDEN / case / "environment.py").read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


def test_it_runs_from_its_folder_alone(case: str, tmp_path: Path) -> None:
    files = render(read_skeleton(GOLDEN / case / "skeleton.yaml"), first_state(case))
    for name in ("environment.py", "state.json"):
        (tmp_path / name).write_text(files[name], encoding="utf-8")
    code = "import environment as e; print(e.canonical(e.Environment().state), end='')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    session = Session(case)
    assert done.stdout == session.module.canonical(session.environment.state)


if __name__ == "__main__":
    for each in CASES:
        for file_name, text in rendered(each).items():
            (GOLDEN / each / file_name).write_text(text, encoding="utf-8")
