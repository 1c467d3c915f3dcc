"""Topics: environments that tasks imply, ranked, with the tasks that support each; and the merging of the same ones."""

from __future__ import annotations

import json
import math
import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generator.errors import TasksError

SHOWN_TASKS = 12  # supporting tasks that a topic keeps
_EMPTY = {"a", "an", "the", "of", "for", "and", "system", "platform", "management", "service", "software", "app"}
_EMPTY |= {"application", "online", "back", "office", "desk"}
_LIKE = 0.9  # of their letters, from which on two names are the same
_LETTERS = string.ascii_lowercase + string.digits + " "
_UNLIKE = 1 - _LIKE + 1e-9


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Topic(_Part):
    """One environment that tasks imply. `usefulness` and `modelability` are means, from 1 to 10."""

    topic: str
    environment: str
    support: int
    usefulness: float
    modelability: float
    also: list[str] = Field(default_factory=list)  # other names that were merged into it
    existing: str | None = None  # the environment of the workspace that it is
    tasks: list[str] = Field(default_factory=list)

    @property
    def score(self) -> float:
        """Usefulness times modelability, from 0 to 1, and more of it the more tasks there are."""
        return round(self.usefulness * self.modelability / 100 * (1 + math.log10(max(self.support, 1))), 3)


class TopicList(_Part):
    """What `mine` writes and `new --topic` reads; the best first, those that exist already last."""

    kind: Literal["envwright topics"] = "envwright topics"
    version: Literal[1] = 1
    source: str
    tasks: int
    stateful: int
    unsorted: int = 0  # tasks without a verdict
    topics: list[Topic]

    def table(self) -> list[tuple[str, ...]]:
        """Rows for people: place, topic, tasks, usefulness, modelability, score, what it is or is already."""
        return [
            (
                str(place),
                item.topic,
                str(item.support),
                f"{item.usefulness:.1f}",
                f"{item.modelability:.1f}",
                f"{item.score:.2f}",
                f"exists: {item.existing}" if item.existing else item.environment,
            )
            for place, item in enumerate(self.topics, 1)
        ]

    def pick(self, which: str) -> Topic:
        """A topic by its place, from 1, or its name. Raises TasksError."""
        if re.fullmatch(r"[0-9]{1,9}", which):
            if 1 <= int(which) <= len(self.topics):
                return self.topics[int(which) - 1]
            raise TasksError(f"there are topics 1 to {len(self.topics)}, and no {which}")
        names = {name.casefold(): item for item in reversed(self.topics) for name in (*item.also, item.topic)}
        if which.casefold() in names:
            return names[which.casefold()]
        near = get_close_matches(which.casefold(), names, 1)
        raise TasksError(f"there is no topic '{which}'" + (f"; did you mean '{near[0]}'?" if near else ""))


def read_topics(path: Path) -> TopicList:
    """Raises TasksError for a file that `mine` did not write."""
    try:
        return TopicList.model_validate_json(path.read_bytes())
    except OSError as error:
        raise TasksError(f"{path} cannot be read: {error.strerror or error}; check the path.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise TasksError(
            f"{path} is no list of topics ({place}: {first['msg']}); make one with: envwright mine TASKS"
        ) from error


def topics_text(topics: TopicList) -> str:
    """The one spelling of a list of topics."""
    return json.dumps(topics.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def ranked(topics: Iterable[Topic]) -> list[Topic]:
    """The best first; those that exist already last."""
    return sorted(topics, key=lambda item: (item.existing is not None, -item.score, -item.support, item.topic))


# -- the same under another name ---------------------------------------------------------------------------------------


def merged(topics: Sequence[Topic]) -> list[Topic]:
    """Topics with names that say the same, as one; the name that most tasks have stays."""
    groups: list[list[Topic]] = []
    for topic in topics:
        group = next((group for group in groups if any(same(topic.topic, one.topic) for one in group)), None)
        if group is None:
            groups.append([topic])
        else:
            group.append(topic)
    return [together(group) for group in groups]


def together(group: Sequence[Topic], topic: str = "", environment: str = "") -> Topic:
    """Several topics as one, under a new name where one is given; its scores are the means over all tasks."""
    if len(group) == 1 and not topic:
        return group[0]
    best = max(group, key=lambda item: item.support)
    support = sum(item.support for item in group)
    name = topic or best.topic
    names = [other for item in group for other in (item.topic, *item.also)]
    return Topic(
        topic=name,
        environment=environment or best.environment,
        support=support,
        usefulness=round(sum(item.usefulness * item.support for item in group) / support, 2),
        modelability=round(sum(item.modelability * item.support for item in group) / support, 2),
        also=[other for other in dict.fromkeys(names) if other != name],
        existing=next((item.existing for item in group if item.existing), None),
        tasks=[task for item in group for task in item.tasks][:SHOWN_TASKS],
    )


def same(one: str, other: str) -> bool:
    """Whether two names say the same: the same words that mean something, or nearly the same letters."""
    left, right = _spelling(one), _spelling(other)
    if left.words == right.words:
        return True
    # Letters that only one of them has match nothing: thousands of names are told apart by that alone.
    unmatched = (left.letters ^ right.letters).bit_count()
    if unmatched > _UNLIKE * (len(left.plain) + len(right.plain)):
        return False
    return SequenceMatcher(None, left.plain, right.plain).ratio() >= _LIKE


@dataclass(frozen=True)
class _Spelling:
    """`plain` are the words in one order; `letters` has a bit for the first a, one for the second a, and so on."""

    words: frozenset[str]
    plain: str
    letters: int


@lru_cache(maxsize=100_000)
def _spelling(name: str) -> _Spelling:
    words = re.findall(r"[a-z0-9]+", name.casefold().replace("'s", ""))
    telling = frozenset(_singular(word) for word in [word for word in words if word not in _EMPTY] or words)
    plain = " ".join(sorted(telling))
    counts = Counter(plain)
    places = (number * len(_LETTERS) + at for at, letter in enumerate(_LETTERS) for number in range(counts[letter]))
    return _Spelling(telling, plain, sum(1 << place for place in places))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
