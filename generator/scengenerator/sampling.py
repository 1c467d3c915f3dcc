"""Values for fields and parameters: from `sample`, `weights`, `default`, bounds and types.

The same seed text gives the same values in every process. Prose that means nothing is never made: a text without a
`sample` cannot be drawn, and `unsampled` says which those are.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.errors import EnvwrightError
from generator.scengenerator.amounts import amount, number_ends, time_of_day
from generator.scengenerator.contacts import Contacts
from generator.scengenerator.unsampled import lacks_sample
from generator.skeleton.document import AttributesDoc
from generator.skeleton.model import Bound, Field, Model
from generator.skeleton.phrases import Hole, split_holes
from generator.skeleton.samples import Corpus, Provider, Sample, Span, parse_sample
from generator.skeleton.types import Enum, ListOf, MapOf, Maybe, Record, Ref, Type

Json = Any
Tables = Mapping[str, Mapping[str, Mapping[str, Json]]]
LONGEST_LIST = 3
LIKE_A_ROW = 0.7  # how often a record repeats what some row says
OPTIONAL_GIVEN = 0.6  # how often an optional value is there
_REDRAWS = 30  # of a text that does not match its pattern
_HOURS = (8, 17)  # moments fall into working hours


class SamplingError(EnvwrightError):
    """A value that cannot be drawn; the sentence names what the skeleton lacks."""


class NoRowsError(SamplingError):
    """A reference is due, and there is no row that it could point to."""


class Sampler:
    """Draws values. `clock` is what `future` is relative to, and `past` too unless `since` is set to an earlier moment.

    Move the clock as time goes on.
    """

    def __init__(self, model: Model, seed: str, clock: str | None = None) -> None:
        self.model = model
        self.rng = random.Random(seed)
        self.contacts = Contacts(self.rng)
        self.clock = clock or model.document.clock
        self.since: str | None = None
        self._samples: dict[str, Sample | None] = {}

    # -- values -------------------------------------------------------------------------------------------------------

    def value(
        self,
        type_: Type,
        doc: AttributesDoc,
        tables: Tables,
        *,
        minimum: Bound | None = None,
        maximum: Bound | None = None,
        name: str = "",
    ) -> Json:
        """A value of the type as rows and arguments hold it; of an optional type sometimes None.

        `name` stands in the sentence of SamplingError. Raises NoRowsError when a reference has nothing to point to.
        """
        if isinstance(type_, Maybe):
            if self.rng.random() >= OPTIONAL_GIVEN or self.out_of_reach(type_.item, doc, tables):
                return None
            return self.value(type_.item, doc, tables, minimum=minimum, maximum=maximum, name=name)
        match type_:
            case Enum():
                return self.word(type_, doc)
            case Ref():
                return self.key(type_, tables)
            case ListOf():
                return self._list(type_, doc, tables, minimum, maximum, name)
            case MapOf():
                return {
                    word: self.value(type_.value, doc, tables, minimum=minimum, maximum=maximum, name=name)
                    for word in type_.key.words
                }
            case Record():
                return self.record(type_, tables)
            case _:
                return self._scalar(type_.name, doc, minimum, maximum, name)

    def field(self, item: Field, tables: Tables) -> Json:
        return self.value(item.type, item.doc, tables, minimum=item.minimum, maximum=item.maximum, name=item.name)

    def word(self, type_: Enum, doc: AttributesDoc) -> str:
        return self.rng.choices(type_.words, doc.weights)[0] if doc.weights else self.rng.choice(type_.words)

    def key(self, type_: Ref, tables: Tables) -> str:
        rows = self._rows(type_, tables)
        if not rows:
            raise NoRowsError(f"there is no {type_.entity} yet that could be referred to")
        return self.rng.choice(list(rows))

    def record(self, type_: Record, tables: Tables) -> dict[str, Json]:
        """A record with its members under the names that agents see; contacts in it belong to one person."""
        members = self.model.members.get(type_.name, {})
        result: dict[str, Json] = self._like_a_row(type_, tables) if self.rng.random() < LIKE_A_ROW else {}
        for name, item in type_.fields:
            if self.model.column(name, item) in result:
                continue
            column = self.model.column(name, item)
            if name in members:
                result[column] = self.matching(members[name], list(members.values()), result, tables)
            else:
                result[column] = self.value(item, AttributesDoc(type=str(item)), tables, name=name)
        return result

    def _like_a_row(self, type_: Record, tables: Tables) -> dict[str, Json]:
        """What a row says that has all the members of the record: a flight on a day on which it flies."""
        tellers = [
            entity
            for entity in self.model.entities.values()
            if tables.get(entity.plural)
            and all(name in entity.fields and entity.fields[name].type == item for name, item in type_.fields)
        ]
        if not tellers:
            return {}
        row = self.rng.choice(list(tables[self.rng.choice(tellers).plural].values()))
        columns = [self.model.column(name, item) for name, item in type_.fields]
        return {column: row[column] for column in columns} if row.keys() >= set(columns) else {}

    def matching(self, item: Field, fields: Sequence[Field], row: Mapping[str, Json], tables: Tables) -> Json:
        """A value that goes with the rest of its row: the e-mail address of the person named there."""
        if item.doc.sample == "address.country" and any(other.doc.sample == "address.state" for other in fields):
            return "United States"
        if item.doc.sample in ("person.email", "person.username") and not item.optional:
            parts = [row.get(other.column) for other in fields if other.doc.sample in _NAMES]
            words = " ".join(str(part) for part in parts if part).split()
            if len(words) > 1:
                make = self.contacts.email if item.doc.sample == "person.email" else self.contacts.username
                return make(words[0], words[-1])
        return self.field(item, tables)

    def out_of_reach(self, type_: Type, doc: AttributesDoc, tables: Tables) -> bool:
        """Whether an optional value had better be left out."""
        if isinstance(type_, Ref):
            return not self._rows(type_, tables)
        return lacks_sample(self.model, type_, doc)

    def _rows(self, type_: Ref, tables: Tables) -> Mapping[str, Mapping[str, Json]]:
        return tables.get(self.model.entities[type_.entity].plural, {})

    def _list(
        self, type_: ListOf, doc: AttributesDoc, tables: Tables, low: Bound | None, high: Bound | None, name: str
    ) -> list[Json]:
        counted = isinstance(type_.item, Ref | Record)
        least = int(low) if counted and isinstance(low, int | float) else 0
        most = int(high) if counted and isinstance(high, int | float) else max(least, LONGEST_LIST)
        length = self.rng.randint(least, max(least, min(most, least + LONGEST_LIST)))
        if isinstance(type_.item, Ref):
            keys = list(self._rows(type_.item, tables))
            if len(keys) < least:
                raise NoRowsError(f"there are fewer than {least} rows of {type_.item.entity}")
            return self.rng.sample(keys, min(length, len(keys)))
        bounds = {} if counted else {"minimum": low, "maximum": high}
        items: list[Json] = []
        for _ in range(length):
            item = self.value(type_.item, doc, tables, name=name, **bounds)
            if item not in items or not (type_.distinct or isinstance(type_.item, Enum)):
                items.append(item)
        return items

    # -- scalars ------------------------------------------------------------------------------------------------------

    def _scalar(self, kind: str, doc: AttributesDoc, low: Bound | None, high: Bound | None, name: str) -> Json:
        sample = self._sample(doc)
        if kind == "text":
            return self._text(sample, doc, name)
        if kind == "boolean":
            return self.rng.random() < 0.5
        if kind in ("date", "datetime"):
            return self.moment(sample, kind)
        if kind == "time":
            return time_of_day(self.rng, sample, low, high)
        ends = number_ends(sample, low, high)
        if kind == "integer":
            return self.rng.randint(int(ends[0]), int(ends[1]))
        return amount(self.rng, *ends)

    def _sample(self, doc: AttributesDoc) -> Sample | None:
        if doc.sample is None:
            return None
        if doc.sample not in self._samples:
            self._samples[doc.sample] = parse_sample(doc.sample, self.model.document.corpora)
        return self._samples[doc.sample]

    def _text(self, sample: Sample | None, doc: AttributesDoc, name: str) -> str:
        for _ in range(_REDRAWS):
            text = self.text(sample, name)
            if doc.pattern is None or re.search(doc.pattern, text):
                return text
        raise SamplingError(f"the sample of '{name}' gives '{text}', which its pattern does not allow")

    def text(self, sample: Sample | None, name: str) -> str:
        if isinstance(sample, Provider):
            return self.contacts.draw(sample.name)
        if isinstance(sample, Corpus):
            return self.line(sample.name)
        raise SamplingError(f"the text '{name}' cannot be made up; give it a sample")

    def line(self, corpus: str) -> str:
        """A line of a list of words, each hole drawn anew."""
        corpora = self.model.document.corpora
        if corpus not in corpora:
            return self.contacts.draw(corpus)
        parts = split_holes(self.rng.choice(corpora[corpus]))
        return "".join(self.line(part.text) if isinstance(part, Hole) else part for part in parts)

    def moment(self, sample: Sample | None, kind: str) -> str:
        """A date, or a moment of the working day on it, within the span; within a month after the clock without one."""
        first, last = (sample.first, sample.last) if isinstance(sample, Span) else (1, 30)
        start = self.since if self.since is not None and last < 0 else self.clock
        day = dt.date.fromisoformat(start[:10]) + dt.timedelta(self.rng.randint(first, last))
        if kind == "date":
            return day.isoformat()
        return f"{day.isoformat()}T{self.rng.randint(*_HOURS):02}:{self.rng.randrange(0, 60, 5):02}:00"


_NAMES = ("person.name", "person.first_name", "person.last_name")
