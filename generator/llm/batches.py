"""Many requests as one Message Batch, at half the price, picked up again after a stop.

Source: https://platform.claude.com/docs/en/build-with-claude/batch-processing. A batch takes up to 24 hours and goes
on when we stop, so what is under way is written down before it is waited for: one file a batch, with the names of
its requests, which are digests of what was asked. Whoever asks for one of these again waits for that batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

from generator.errors import BatchError, ModelError, NoSuchModelError
from generator.llm.answers import write
from generator.llm.conversation import Reply
from generator.llm.door import BrokenOffError, Door, reply_of
from generator.llm.requests import digest_of
from generator.llm.troubles import batch_trouble
from generator.skeleton.wording import amount

MOST_REQUESTS, MOST_BYTES = 10_000, 100_000_000  # in one batch; the API takes 100,000 and 256 MB
_FIRST_LOOK, _LONGEST_LOOK = 0.5, 60.0  # seconds between two looks at a batch
_LOOKS_TOLD = 15  # of the longest, after which a person is told that nothing is new
_SKEW = timedelta(minutes=5)  # by which the provider's clock and ours may differ

Outcome = Reply | ModelError


def name_of(stage: str, exchange: str) -> str:
    """A request's name within its batch: at most 64 of [A-Za-z0-9_-], the stage for whoever looks at it."""
    return f"{stage[:23]}-{exchange[:40]}"


class Courier:
    """Carries requests to batches and brings back what became of them. `folder` None remembers nothing."""

    def __init__(self, door: Door, folder: Path | None, say: Callable[[str], None]) -> None:
        self._door, self._folder, self._say = door, folder, say
        self._under_way: dict[str, list[str]] = {}

    def carry(self, parcels: Mapping[str, dict[str, Any]]) -> dict[str, Outcome]:
        """What became of each request, by its name: those under way already are only waited for.

        Raises:
            ModelError: the batch cannot be made or looked at.
        """
        outcomes: dict[str, Outcome] = {}
        for batch, names in self._remembered().items():
            if set(names) & set(parcels) - set(outcomes):
                self._say(f"Batch {batch}, submitted before, is picked up: {amount(len(names), 'request')}.")
                outcomes |= self._collect(batch, names)
        fresh = {name: params for name, params in parcels.items() if name not in outcomes}
        if fresh:
            outcomes |= self._collect(self._submit(fresh), list(fresh))
        gone = BatchError("Its batch is not there. Start again.", "batch")
        return {name: outcomes.get(name, gone) for name in parcels}

    def waiting(self, names: set[str]) -> set[str]:
        """Which of these are in a batch that was submitted already, and so are paid for."""
        return names & {name for known in self._remembered().values() for name in known}

    def forget(self, settled: set[str]) -> None:
        """Whoever asks for these again wants another answer; what else their batches brought is still to be had."""
        for batch, names in list(self._under_way.items()):
            self._remember(batch, [name for name in names if name not in settled])
        self._under_way.clear()

    def _submit(self, parcels: dict[str, dict[str, Any]]) -> str:
        requests: Any = [{"custom_id": name, "params": params} for name, params in parcels.items()]
        begun = datetime.now(UTC)
        lost = False

        def create() -> MessageBatch:
            nonlocal lost
            client = self._door.client()
            found = self._adrift(len(parcels), begun) if lost else None
            try:
                return found or self._door.call(lambda: client.messages.batches.create(requests=requests), "batch")
            except BrokenOffError:
                lost = True  # it may have arrived all the same
                raise

        try:
            batch = self._door.patiently(create, "batch")
        except NoSuchModelError as error:  # a batch is made whatever its requests name
            raise BatchError("There are no batches at this address; leave out --batch.", "batch") from error
        self._remember(batch.id, list(parcels))
        self._say(
            f"Batch {batch.id}: {amount(len(parcels), 'request')} submitted. It may take hours, "
            "and goes on when this stops: start again to pick it up."
        )
        return batch.id

    def _adrift(self, size: int, since: datetime) -> MessageBatch | None:
        """The batch whose creation was not confirmed, if it was made. Its results tell whether it is ours."""
        known = self._remembered()
        page = self._door.call(lambda: self._door.client().messages.batches.list(limit=20), "batch")
        for batch in page.data:
            counts = batch.request_counts
            total = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
            if batch.id not in known and total == size and batch.created_at >= since - _SKEW:
                return batch
        return None

    def _collect(self, batch: str, names: list[str]) -> dict[str, Outcome]:
        self._under_way[batch] = names
        try:
            self._wait(batch)
            lines = self._door.patiently(lambda: self._results(batch), "batch")
        except NoSuchModelError:  # here a 404 is the batch's: too old, or of another account
            self._say(f"Batch {batch} is not there any more; what it was to answer is asked again.")
            self._remember(batch, [])
            return {}
        wanted = set(names)
        found = {line.custom_id: self._outcome(line) for line in lines if line.custom_id in wanted}
        missing = BatchError(f"Batch {batch} ended without a result for this request. Start again.", "batch")
        outcomes = {name: found.get(name, missing) for name in names}
        # What failed was not paid for: whoever asks for it again gets another batch.
        self._remember(batch, [name for name, outcome in outcomes.items() if isinstance(outcome, Reply)])
        return outcomes

    def _wait(self, batch: str) -> None:
        seconds, told, looks = _FIRST_LOOK, len(self._under_way[batch]), 0
        while True:
            status = self._door.patiently(lambda: self._look(batch), "batch")
            if status.processing_status == "ended":
                counts = status.request_counts
                self._say(f"Batch {batch} has ended: {counts.succeeded} of {len(self._under_way[batch])} answered.")
                return
            under_way = status.request_counts.processing
            looks = looks + 1 if seconds >= _LONGEST_LOOK else 0
            if under_way != told or (looks and looks % _LOOKS_TOLD == 0):
                self._say(f"Batch {batch}: {under_way} requests under way.")
                told = under_way
            if self._door.stopping.wait(seconds):
                raise ModelError(f"Stopped; batch {batch} goes on. Start again to pick it up.", "batch")
            seconds = min(2 * seconds, _LONGEST_LOOK)

    def _look(self, batch: str) -> MessageBatch:
        client = self._door.client()
        return self._door.call(lambda: client.messages.batches.retrieve(batch), "batch")

    def _results(self, batch: str) -> list[MessageBatchIndividualResponse]:
        client = self._door.client()
        return self._door.call(lambda: list(client.messages.batches.results(batch)), "batch")

    def _outcome(self, line: MessageBatchIndividualResponse) -> Outcome:
        stage = line.custom_id.rpartition("-")[0]
        result = line.result
        match result.type:
            case "succeeded":
                return reply_of(result.message)
            case "errored":
                error = result.error.error
                return batch_trouble(error.type, error.message, self._door.model, stage)
            case "expired":
                return BatchError("Its batch took longer than 24 hours and expired. Start again.", stage)
            case _:
                return BatchError("Its batch was canceled. Start again.", stage)

    def _remember(self, batch: str, names: list[str]) -> None:
        self._under_way[batch] = names
        if self._folder is None:
            return
        if not names:
            self._file(batch).unlink(missing_ok=True)
        else:
            write(self._file(batch), {"version": 1, "batch": batch, "model": self._door.model, "requests": names})

    def _remembered(self) -> dict[str, list[str]]:
        found = dict(self._under_way)
        for path in sorted(self._folder.glob("*.json")) if self._folder is not None else []:
            try:
                document = json.loads(path.read_text(encoding="utf-8"))
                found.setdefault(str(document["batch"]), [str(name) for name in document["requests"]])
            except (OSError, ValueError, KeyError, TypeError) as error:
                self._say(f"{path} is damaged ({error}); the batch in it is not picked up.")
        return found

    def _file(self, batch: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{digest_of(batch)[:20]}.json"
