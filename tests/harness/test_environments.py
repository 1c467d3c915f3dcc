"""What a folder says about itself is read, and nothing in it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.rendering import bundled_environments
from harness.constants import Constants, NotConstantError
from harness.environments import load_environment
from harness.errors import HostingError
from tests.conftest import load_environment as run_module


@pytest.mark.parametrize("folder", bundled_environments(), ids=lambda folder: folder.name)
def test_what_is_read_is_what_running_the_module_would_give(folder: Path) -> None:
    module, record = run_module(folder), load_environment(folder).record
    for name in ("NAME", "TITLE", "VERSION", "INSTRUCTIONS", "TOOLS"):
        assert getattr(record, name.lower()) == getattr(module, name)


def test_code_in_a_folder_does_not_run(tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    lines = [
        f"open({str(proof)!r}, 'w')",
        "NAME = TITLE = VERSION = INSTRUCTIONS = 'x'",
        "TOOLS = []",
        "class Late:",
        f"    open({str(proof)!r}, 'w')",
    ]
    (tmp_path / "environment.py").write_text("\n".join(lines))
    assert load_environment(tmp_path).record.tools == []
    assert not proof.exists()


@pytest.mark.parametrize(
    ("tools", "sentence"),
    [
        ("open('x')", "this is no constant"),
        ("[__import__('os').system('true')]", "this is no constant"),
        ("TOOLS", "round in a circle|nested too deeply"),
        ("OTHER", "there is no OTHER"),
        ("twice(1)", "does more than put a value together"),
        ("good(1, 2)", "takes other arguments"),
        ("'text'", "TOOLS: Input should be a valid list"),
        ("(", "was never closed"),
    ],
)
def test_what_is_no_constant_is_told_with_its_line(tmp_path: Path, tools: str, sentence: str) -> None:
    functions = "def twice(x):\n    for i in x: pass\n    return x\ndef good(x):\n    return [x]\n"
    words = "NAME = TITLE = VERSION = INSTRUCTIONS = 'x'"
    (tmp_path / "environment.py").write_text(f"{functions}{words}\nTOOLS = {tools}\n")
    with pytest.raises(HostingError, match=rf"environment.py is damaged \(.*({sentence}).*render it again"):
        load_environment(tmp_path)


def test_a_small_module_cannot_stand_for_a_huge_value() -> None:
    doubling = "\n".join(f"A{n + 1} = [A{n}, A{n}]" for n in range(40))
    with pytest.raises(NotConstantError, match="too long"):
        Constants(f"A0 = ['x']\n{doubling}\n".encode())["A40"]
    sums = "\n".join(f"B{n + 1} = B{n} + B{n}" for n in range(40))
    with pytest.raises(NotConstantError, match="too long"):
        Constants(f"B0 = 'x'\n{sums}\n".encode())["B40"]


def test_literals_names_and_plain_functions_are_understood() -> None:
    source = """
A, B = 1, "b"
C: dict[str, int] = {"a": A, **{"n": -2}}
def made(x, y):
    \"\"\"A docstring.\"\"\"
    inner = {"y": y}
    return {"x": [x], **inner} | {"z": B + "!"}
D = made(C, y=(None, True, 1.5))
"""
    found = Constants(source.encode())
    assert found["D"] == {"x": [{"a": 1, "n": -2}], "y": (None, True, 1.5), "z": "b!"}
