"""Lets a person, or another model, play the model: `python -m tests.llm.record FOLDER PORT`.

Each request becomes a file `NN-<stage>.prompt.md` with all that a model would see; the request waits until
`NN-<stage>.answer.json` is there, and gets it. Prompts that were answered before are served at once. As the real API
holds an answer to its schema, so does this: what does not fit is named in `NN-<stage>.problem.txt`, and awaited again.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import jsonschema

from tests.llm.cases import PROMPT, Cases, answer_of, prompt_text
from tests.llm.loopback import KEY, MODEL, Asked, Failed, Loopback, Said

_SETTLED = 1.0  # seconds that a file is left alone before it is called wrong, since it may still be being written


class Recorder:
    """A script for the loopback provider that asks a person."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._cases = Cases(folder)
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Said | Failed:
        text = prompt_text(asked.body, asked.stage)
        with self._lock:
            prompt = self._cases.find(text)
            if prompt is None:
                prompt = self._cases.next_place(asked.stage)
                _write(prompt, text)
        schema = asked.body.get("output_config", {}).get("format", {}).get("schema")
        if not answer_of(prompt).is_file():
            say(f"WAITING for {answer_of(prompt)} (read {prompt.name})")
        answer = self._await(answer_of(prompt), schema)
        say(f"answered {prompt.name}")
        return Said(answer)

    def _await(self, path: Path, schema: dict[str, Any] | None) -> str:
        problem = path.with_name(path.name.removesuffix(".answer.json") + ".problem.txt")
        named = None
        while True:
            with contextlib.suppress(OSError):
                written = path.stat().st_mtime
                text = path.read_text(encoding="utf-8")
                wrong = fault(text, schema)
                if wrong is None:
                    problem.unlink(missing_ok=True)
                    return text
                if written != named and time.time() - written > _SETTLED:
                    named = written
                    _write(problem, wrong + "\n")
                    say(f"{path.name} does not fit: {wrong}; see {problem.name}, mend the answer")
            time.sleep(0.2)


def fault(text: str, schema: dict[str, Any] | None) -> str | None:
    """What the real API would not have let a model write; without a schema anything goes."""
    if schema is None:
        return None
    try:
        document = json.loads(text)
    except ValueError as error:
        return f"this is no JSON: {error}"
    errors = sorted(jsonschema.Draft202012Validator(schema).iter_errors(document), key=lambda each: each.json_path)
    return "\n".join(f"{each.json_path}: {each.message[:300]}" for each in errors[:20]) or None


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def say(text: str) -> None:
    print(text, flush=True)


def main(folder: str, port: str) -> None:
    provider = Loopback(Recorder(Path(folder)), port=int(port))
    with provider.running():
        say(f"The model is you. Ask it with ANTHROPIC_API_KEY={KEY} and --base-url {provider.url} --model {MODEL}.")
        say(f"Prompts appear in {folder} as NN-<stage>{PROMPT}; write each NN-<stage>.answer.json. Ctrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    os._exit(0)  # requests that still wait for an answer do not keep it alive


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(f"usage: python -m tests.llm.record FOLDER PORT\n\n{__doc__}")
    main(sys.argv[1], sys.argv[2])
