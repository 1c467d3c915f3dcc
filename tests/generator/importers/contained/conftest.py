"""Boxes with each kind of walls that this system can put up; released environments where the release is there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boxed_shops import CLOCK, Boxes

from generator.importers.contained import Box, ContainmentError, Limits
from generator.importers.contained.walls import Kind, walls

RELEASE = Path(os.environ.get("ENVSCALER_RELEASE", "/work/shared/envscaler"))


def usable(kind: Kind) -> bool:
    try:
        walls(kind)
    except ContainmentError:
        return False
    return True


@pytest.fixture(params=["bubblewrap", "landlock"])
def kind(request: pytest.FixtureRequest) -> Kind:
    if not usable(request.param):
        pytest.skip(f"this system has no working {request.param}")
    return request.param


@pytest.fixture
def boxes(kind: Kind) -> Iterator[Boxes]:
    """Makes boxes with one kind of walls, and ends them after the test."""
    made: list[Box] = []

    def make(source: str = "", **options: Any) -> Box:
        box = Box(**{"seed": "s", "clock": CLOCK, "kind": kind, "limits": Limits(seconds=20), **options})
        made.append(box)
        if source:
            box.load(source, "Shop")
            box.construct({})
        return box

    yield make
    for box in made:
        box.close()


@pytest.fixture(scope="session")
def release() -> dict[str, Any]:
    """EnvScaler's released sample: environments, scenarios, replays. It is not part of the project."""
    if not RELEASE.is_dir():
        pytest.skip(f"{RELEASE} is not there; ENVSCALER_RELEASE names the folder of the release")
    names = ("environments", "scenarios", "replays")
    return {name: json.loads((RELEASE / f"{name}.json").read_text("utf-8")) for name in names}
