"""A model played by hand for tests: answers are looked up by the words that stand in the prompt, as a person would.

What it says about the bundled scenarios of the parts warehouse was written from the rendered prompts alone.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from generator.llm.model import LanguageModel
from tests.llm.loopback import Asked, Failed, Loopback, Said

Json = dict[str, Any]
_TASK = re.compile(r"^Task (\d+)(?: \(a question\))?\n<(original|findings)>\n(.*?)\n</\2>", re.MULTILINE | re.DOTALL)
_REQUEST = re.compile(
    r"^Request (\d+), made when records [A-Z] were true\n<request>\n(.*?)\n</request>", re.MULTILINE | re.DOTALL
)


@contextlib.contextmanager
def model(script: Callable[[Asked], Said | Failed], **options: Any) -> Iterator[tuple[LanguageModel, Loopback]]:
    """The real client, asking a provider on the loopback that answers by a script."""
    with Loopback(script).running() as provider:
        asked = LanguageModel("claude-opus-5", base_url=provider.url, **options)
        try:
            yield asked, provider
        finally:
            asked.close()


class Player:
    """Answers each stage from tables; `wordings` has one or two tries for each original, `readings` one a wording."""

    def __init__(
        self, wordings: dict[str, list[str]], readings: dict[str, Json], proposals: Sequence[Json] = ()
    ) -> None:
        self.wordings, self.readings, self.proposals = wordings, readings, list(proposals)
        self.findings: dict[str, str] = {}  # what was found against the first wording, by original
        self._originals: dict[int, str] = {}

    def __call__(self, asked: Asked) -> Said:
        text = asked.body["messages"][-1]["content"]
        text = text if isinstance(text, str) else text[-1]["text"]
        if asked.stage in ("invent", "invent_again"):
            return Said(self.proposals.pop(0))
        if asked.stage == "read_back":
            read = [{"number": int(number), **self.read(words)} for number, words in _REQUEST.findall(text)]
            return Said({"readings": read})
        return Said({"tasks": [self._word(int(number), kind, body) for number, kind, body in _TASK.findall(text)]})

    def _word(self, number: int, kind: str, body: str) -> Json:
        if kind == "original":
            self._originals[number] = body
            return {"number": number, "words": self.wordings[body][0]}
        original = self._originals[number]
        self.findings[original] = body
        return {"number": number, "words": self.wordings[original][1]}

    def read(self, words: str) -> Json:
        """What this reader takes words for; nothing where it cannot say."""
        return reading(unclear="I do not know what is meant.") | self.readings.get(words, {})


def reading(
    *commands: Json, asked: str = "", rows: list[str] | None = None, answer: str = "", unclear: str = ""
) -> Json:
    """A reading of one request."""
    return {"commands": list(commands), "asked": asked, "rows": rows or [], "answer": answer, "unclear": unclear}


def call(tool: str, **arguments: str) -> Json:
    """A call as a model writes it."""
    return {"tool": tool, "arguments": [{"name": name, "value": value} for name, value in arguments.items()]}
