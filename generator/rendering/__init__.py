"""Skeleton to files, through templates/."""

from generator.rendering.bundled import bundled_environments, find_environment, find_scenarios
from generator.rendering.render import (
    digests,
    environment_digest,
    environment_source,
    load_environment,
    render,
    skeleton_digest,
)

__all__ = [
    "bundled_environments",
    "digests",
    "environment_digest",
    "environment_source",
    "find_environment",
    "find_scenarios",
    "load_environment",
    "render",
    "skeleton_digest",
]
