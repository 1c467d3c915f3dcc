"""Topic mining: which tasks depend on a persistent state, and which environments they imply (EnvScaler, section 3.1).

Tasks are sorted in batches; topics are merged by the model's own words and by their letters first, which costs
nothing, then once more by meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from generator.errors import (
    EmptyAnswerError,
    MalformedAnswerError,
    ModelError,
    NotAskedError,
    RefusedError,
    RejectedError,
    SpendingError,
    TruncatedError,
)
from generator.llm.dry_run import DryRun
from generator.llm.model import LanguageModel
from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn
from generator.skelbuilder.topics import Topic, TopicList, merged, ranked, same, together
from generator.skeleton.wording import amount

BATCH = 20  # tasks a question
LISTED = 150  # topics that are compared by meaning at once
MAX_TOKENS = 12_000
_MERGED_TOKENS = 8_000  # to read, of as many topics as are compared, with a sentence each
_LASTING = (RefusedError, RejectedError, TruncatedError, EmptyAnswerError, MalformedAnswerError)
Note = Callable[[str], None]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sorted(_Part):
    """What one task implies, by its number."""

    number: int
    stateful: bool
    topic: str
    environment: str
    usefulness: int
    modelability: int


class Sorting(_Part):
    tasks: list[Sorted]


class Group(_Part):
    """Numbers of topics that are the same."""

    numbers: list[int]
    topic: str
    environment: str


class Known(_Part):
    """A topic that is an environment that exists."""

    number: int
    name: str


class Merging(_Part):
    groups: list[Group]
    existing: list[Known]


@dataclass(frozen=True)
class Existing:
    """The environments of the workspace: name → title and summary."""

    summaries: Mapping[str, str]

    def named(self, topic: str) -> str | None:
        """The one whose name or title says the same."""
        for name, summary in self.summaries.items():
            title = summary.partition(":")[0]
            if same(topic, name.replace("_", " ")) or same(topic, title):
                return name
        return None


def sorting_requests(tasks: Sequence[str]) -> list[Request[Sorting]]:
    """One question for each twenty tasks."""
    requests: list[Request[Sorting]] = []
    for start in range(0, len(tasks), BATCH):
        numbered = [f"{number}. {task}" for number, task in enumerate(tasks[start : start + BATCH], 1)]
        system, user = prompt("mine", tasks=numbered)
        requests.append(Request("mine", system, (Turn("user", user),), Sorting, MAX_TOKENS))
    return requests


def merging_request(topics: Sequence[Topic], existing: Existing) -> Request[Merging]:
    """Asks which topics are the same by meaning."""
    listed = [{"topic": item.topic, "environment": item.environment} for item in topics]
    system, user = prompt("merge", topics=listed, existing=dict(existing.summaries))
    return Request("merge", system, (Turn("user", user),), Merging, MAX_TOKENS)


def mine(
    model: LanguageModel, tasks: Sequence[str], source: str, existing: Existing, count: int, note: Note
) -> TopicList:
    """The `count` best topics of tasks. Questions that got no answer are told of, and their tasks left out; without
    an answer that asking again would give, topics are not merged by meaning.

    Raises:
        ModelError: nothing was answered, or the budget is spent; what was answered is kept for the next time.
    """
    answers = model.ask_all(sorting_requests(tasks))
    failures = {at: answer for at, answer in enumerate(answers) if isinstance(answer, ModelError)}
    for at, failure in failures.items():
        if isinstance(failure, NotAskedError) and isinstance(model, DryRun):
            model.foresee("merge", 1, _MERGED_TOKENS, MAX_TOKENS)
        if isinstance(failure, SpendingError | NotAskedError) or len(failures) == len(answers):
            raise failure
        note(f"{len(tasks[at * BATCH : (at + 1) * BATCH])} tasks are left out: {failure}")
    found, judged = _topics(tasks, answers)
    topics = merged(list(found.values()))
    note(f"{amount(len(found), 'topic')}, {len(topics)} after merging names that say the same")
    for topic in topics:
        topic.existing = existing.named(topic.topic)
    try:
        topics = _by_meaning(model, ranked(topics), existing)
        note(f"{len(topics)} after merging by meaning")
    except _LASTING as error:
        note(f"They are not merged by meaning: {error}")
    stateful = sum(item.support for item in topics)
    return TopicList(
        source=source,
        tasks=len(tasks),
        stateful=stateful,
        unsorted=len(tasks) - judged,
        topics=ranked(topics)[:count],
    )


def _topics(tasks: Sequence[str], answers: Sequence[Sorting | ModelError]) -> tuple[dict[str, Topic], int]:
    """Topics by the model's own words, and how many tasks got a verdict."""
    found: dict[str, Topic] = {}
    judged = 0
    for at, answer in enumerate(answers):
        if isinstance(answer, ModelError):
            continue
        batch = tasks[at * BATCH : (at + 1) * BATCH]
        verdicts = {item.number: item for item in answer.tasks if 1 <= item.number <= len(batch)}
        judged += len(verdicts)
        for number, item in verdicts.items():
            name = " ".join(item.topic.casefold().split())
            if not item.stateful or not name:
                continue
            alone = Topic(
                topic=name,
                environment=" ".join(item.environment.split()),
                support=1,
                usefulness=_in_scale(item.usefulness),
                modelability=_in_scale(item.modelability),
                tasks=[batch[number - 1]],
            )
            found[name] = together([found[name], alone]) if name in found else alone
    return found, judged


def _in_scale(score: int) -> float:
    return float(min(10, max(1, score)))


def _by_meaning(model: LanguageModel, topics: list[Topic], existing: Existing) -> list[Topic]:
    """Topics that the model finds to be the same, as one; only the best are compared."""
    compared, rest = topics[:LISTED], topics[LISTED:]
    if len(compared) < 2 and not (compared and existing.summaries):
        return topics
    answer = model.ask(merging_request(compared, existing))
    names = {item.number: item.name for item in answer.existing if item.name in existing.summaries}
    for number, topic in enumerate(compared, 1):
        topic.existing = topic.existing or names.get(number)
    taken: set[int] = set()
    result: list[Topic] = []
    for group in answer.groups:
        numbers = [number for number in dict.fromkeys(group.numbers) if 1 <= number <= len(compared)]
        numbers = [number for number in numbers if number not in taken]
        if len(numbers) > 1:
            taken |= set(numbers)
            name, told = " ".join(group.topic.casefold().split()), " ".join(group.environment.split())
            result.append(together([compared[number - 1] for number in numbers], name, told))
    result += [topic for number, topic in enumerate(compared, 1) if number not in taken]
    return [*result, *rest]
