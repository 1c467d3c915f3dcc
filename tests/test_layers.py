"""One direction: harness → generator → what is rendered; and only the command line prints."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GENERATOR = sorted((ROOT / "generator").rglob("*.py"))
HARNESS = sorted((ROOT / "harness").rglob("*.py"))
SILENT = [path for path in (*GENERATOR, *HARNESS) if "cli" not in path.relative_to(ROOT).parts]
RENDERED = sorted([*(ROOT / "servers").glob("*/*.py"), *(ROOT / "tests" / "golden" / "rendering").glob("*/*.py")])


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", GENERATOR, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_generator_knows_nothing_of_the_harness(path: Path) -> None:
    assert not {"harness", "tests", "benchmarks"} & set(imported(path))


@pytest.mark.parametrize("path", HARNESS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_harness_does_not_import_tests_or_servers(path: Path) -> None:
    assert not {"tests", "benchmarks", "environment", "servers"} & set(imported(path))


@pytest.mark.parametrize("path", RENDERED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_rendered_stands_alone(path: Path) -> None:
    assert not {"generator", "harness", "tests"} & set(imported(path))


@pytest.mark.parametrize("path", SILENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_command_line_prints(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]
