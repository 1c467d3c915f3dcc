"""The document's second spelling, for structured output: `to_wire` and `from_wire` lose nothing."""

from generator.skeleton.from_wire import from_wire
from generator.skeleton.to_wire import to_wire
from generator.skeleton.wire_shapes import WireSkeleton

__all__ = ["WireSkeleton", "from_wire", "to_wire"]
