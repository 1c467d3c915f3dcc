"""How documents are put before a model: a skeleton's wire form as text, and the example that prompts teach by."""

from __future__ import annotations

import functools
import json
from typing import Literal

from pydantic import BaseModel

from generator.rendering.bundled import templates_folder
from generator.skeleton.reading import parse_skeleton
from generator.skeleton.wire import WireSkeleton, to_wire

Section = Literal["corpora", "types", "entities", "definitions", "guards", "rules", "policies", "operations"]
SECTIONS: tuple[Section, ...] = (
    "corpora",
    "types",
    "entities",
    "definitions",
    "guards",
    "rules",
    "policies",
    "operations",
)
HEAD = ("id", "title", "domain", "summary", "introduction", "clock")
EXAMPLE = "example.skeleton.yaml"


def show(written: WireSkeleton) -> str:
    """A document for a model to read: JSON with one named part a line."""
    data = written.model_dump(mode="json")
    lines = [f"  {spelt(name)}: {spelt(data[name])}" for name in HEAD]
    for section in SECTIONS:
        parts = [f"    {spelt(part)}" for part in data[section]]
        lines.append(f'  "{section}": [' + ("\n" + ",\n".join(parts) + "\n  ]" if parts else "]"))
    return "{\n" + ",\n".join(lines) + "\n}"


def show_parts(document: BaseModel) -> str:
    """Any document, with each item of its lists on a line."""
    lines: list[str] = []
    for name, value in document.model_dump(mode="json").items():
        if isinstance(value, list) and value:
            lines += [f"{name}:", *(f"  {spelt(item)}" for item in value)]
        else:
            lines.append(f"{name}: {spelt(value)}")
    return "\n".join(lines)


def spelt(value: object) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


@functools.cache
def lesson() -> dict[str, str]:
    """The facts of the prompts' common part: the same bytes for every topic, so that it can be cached."""
    text = (templates_folder() / "prompts" / EXAMPLE).read_text(encoding="utf-8")
    return {"example_yaml": text, "example_wire": show(to_wire(parse_skeleton(text, EXAMPLE)))}
