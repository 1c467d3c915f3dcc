"""Runs as training data of other programs: one module a format."""

from harness.exporting.export import FORMATS, Exported, Filter, export

__all__ = ["FORMATS", "Exported", "Filter", "export"]
