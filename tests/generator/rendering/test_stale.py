"""What servers/ holds is what its skeletons render to now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.rendering import render
from generator.skeleton.reading import read_skeleton
from generator.skeleton.writing import write_skeleton

SERVERS = sorted((Path(__file__).parents[3] / "servers").glob("*/skeleton.yaml"))
pytestmark = pytest.mark.parametrize("skeleton", SERVERS, ids=lambda path: path.parent.name)


def test_rendered_files_are_fresh(skeleton: Path) -> None:
    state = skeleton.parent / "state.json"
    if not state.exists():
        pytest.skip("not rendered yet")
    files = render(read_skeleton(skeleton), json.loads(state.read_text(encoding="utf-8")))
    for name, text in files.items():
        stale = f"{skeleton.parent.name}/{name} is stale: run `envwright render {skeleton.parent.name}`"
        assert (skeleton.parent / name).read_text(encoding="utf-8") == text, stale
    assert {path.name for path in skeleton.parent.glob("*.*")} == {"skeleton.yaml", *files}


def test_skeletons_are_written_as_our_dumper_writes_them(skeleton: Path) -> None:
    assert write_skeleton(read_skeleton(skeleton)) == skeleton.read_text(encoding="utf-8")
