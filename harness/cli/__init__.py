"""The command `envwright`. These modules parse, call and print; they hold no logic."""

from __future__ import annotations

from harness.cli import auditing, building, diagnosing, importing, making, plugging, running, runs, serving
from harness.cli.app import app

__all__ = [
    "app",
    "auditing",
    "building",
    "diagnosing",
    "importing",
    "making",
    "plugging",
    "running",
    "runs",
    "serving",
]
