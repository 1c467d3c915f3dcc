"""Answers that were once given to rendered prompts: a folder a topic, `NN-<stage>.prompt.md` with its answer beside it.

A request is answered when its prompt, as a model would see it, is one of the folder's, to the letter. So an answer
is never given to another question than the one that its author read.
"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

from tests.llm.loopback import Asked, Failed, Said

Json = dict[str, Any]
PROMPT, ANSWER = ".prompt.md", ".answer.json"
_NUMBERED = re.compile(r"^(\d\d)-(.+)\.prompt\.md$")


def prompt_text(body: Json, stage: str) -> str:
    """All that a model sees of a request, for a person to read and answer."""
    parts = [f"<!-- stage {stage}; at most {body['max_tokens']} tokens -->"]
    system = _text(body.get("system", ""))
    if system:
        parts += ["# System", system]
    for turn in body["messages"]:
        parts += [f"# {turn['role'].capitalize()}", _text(turn["content"])]
    form = body.get("output_config", {}).get("format")
    if form is not None:
        schema = json.dumps(form["schema"], indent=1, ensure_ascii=False)
        parts += ["# The answer is one JSON document of this schema", f"```json\n{schema}\n```"]
    return "\n\n".join(parts) + "\n"


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "\n\n".join(part["text"] for part in content)


class Cases:
    """Plays the model from a folder. `stale` says what was asked for and is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stale: list[str] = []
        self.used: set[str] = set()

    def __call__(self, asked: Asked) -> Said | Failed:
        text = prompt_text(asked.body, asked.stage)
        found = self.find(text)
        if found is not None and answer_of(found).is_file():
            self.used.add(found.name)
            return Said(answer_of(found).read_text(encoding="utf-8"))
        sentence = self._missing(asked.stage, text)
        self.stale.append(sentence)
        return Failed(422, "invalid_request_error", sentence)

    def prompts(self) -> list[Path]:
        return sorted(path for path in self.folder.glob(f"*{PROMPT}") if _NUMBERED.match(path.name))

    def find(self, text: str) -> Path | None:
        return next((path for path in self.prompts() if path.read_text(encoding="utf-8") == text), None)

    def unused(self) -> list[Path]:
        """The prompts that nothing asked for: what is left of an older version."""
        return [path for path in self.prompts() if path.name not in self.used]

    def next_place(self, stage: str) -> Path:
        numbers = [int(path.name[:2]) for path in self.prompts()]
        return self.folder / f"{max(numbers, default=0) + 1:02}-{stage}{PROMPT}"

    def _missing(self, stage: str, text: str) -> str:
        record = f"record it again with `python -m tests.llm.record {self.folder} PORT`"
        alike = [path for path in self.prompts() if _stage(path) == stage and path.name not in self.used]
        if not alike:
            return f"{self.folder} holds no unused prompt of the stage {stage}; {record}."
        place, line, was, now = max((_difference(path, text) for path in alike), key=lambda found: found[1])
        return f"{place} is stale: from line {line} on it reads {was!r}, and now {now!r}; {record}."


def answer_of(prompt: Path) -> Path:
    return prompt.with_name(prompt.name.removesuffix(PROMPT) + ANSWER)


def _stage(path: Path) -> str:
    match = _NUMBERED.match(path.name)
    return match.group(2) if match else ""


def _difference(path: Path, text: str) -> tuple[Path, int, str, str]:
    """The first line that differs, from 1, with what stands in the file and what is asked now."""
    lines = itertools.zip_longest(path.read_text(encoding="utf-8").splitlines(), text.splitlines(), fillvalue="")
    for number, (was, now) in enumerate(lines, 1):
        if was != now:
            return path, number, was[:80], now[:80]
    return path, 0, "", ""
