"""What there is to reach in an environment, and what has been."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from generator.scengenerator.laws import World
from generator.scengenerator.tendencies import Place
from generator.skelbuilder.report import OperationReport, Share
from generator.skeleton.model import Model
from generator.skeleton.types import Enum, bare

Clause = tuple[str, str]  # an operation and the origin of one of its conditions


@dataclass
class Coverage:
    """Counts of calls, and the targets that are still open."""

    model: Model
    positive: Counter[str] = field(default_factory=Counter)
    refusals: dict[str, Counter[str]] = field(default_factory=dict)
    clauses: dict[Clause, int] = field(default_factory=dict)
    words: dict[tuple[Place, str], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for operation, clause in self.model.clauses():
            self.clauses[operation.name, clause.origin] = 0
        for entity in self.model.entities.values():
            for item in entity.stored:
                type_ = bare(item.type)
                if item.doc.transitions is not None and isinstance(type_, Enum):
                    place = Place(entity.name, entity.plural, item.column)
                    self.words |= {(place, word): False for word in type_.words}

    @property
    def queries(self) -> list[str]:
        """The names of all tools that change nothing."""
        names = [name for entity in self.model.entities.values() for name in entity.queries]
        return names + [item.name for item in self.model.operations.values() if not item.is_command]

    @property
    def commands(self) -> list[str]:
        return [item.name for item in self.model.commands]

    @property
    def origins(self) -> dict[str, int]:
        """How often each condition refused, wherever it is applied."""
        counts: dict[str, int] = {}
        for (_, origin), count in self.clauses.items():
            counts[origin] = counts.get(origin, 0) + count
        return counts

    def succeeded(self, name: str) -> None:
        self.positive[name] += 1

    def refused(self, name: str, origin: str) -> None:
        self.refusals.setdefault(name, Counter())[origin] += 1
        if (name, origin) in self.clauses:
            self.clauses[name, origin] += 1

    def look(self, world: World) -> None:
        """Notes the words that rows show now."""
        for (place, word), shown in self.words.items():
            if not shown:
                rows = getattr(world, place.plural).values()
                self.words[place, word] = any(row[place.column] == word for row in rows)

    # -- what is open -------------------------------------------------------------------------------------------------

    def open_commands(self) -> list[str]:
        return [name for name in self.commands if not self.positive[name]]

    def open_clauses(self) -> list[Clause]:
        return [clause for clause, count in self.clauses.items() if not count]

    def open_words(self) -> list[tuple[Place, str]]:
        return [target for target, shown in self.words.items() if not shown]

    def reached(self) -> int:
        """How many targets are no longer open."""
        tools = sum(1 for name in (*self.commands, *self.queries) if self.positive[name])
        return tools + sum(map(bool, self.clauses.values())) + sum(self.words.values())

    def done(self) -> bool:
        """Whether nothing is left to reach."""
        if self.open_commands() or self.open_clauses() or self.open_words():
            return False
        return all(self.positive[name] for name in self.queries)

    # -- reporting ----------------------------------------------------------------------------------------------------

    def share_of_tools(self, names: list[str]) -> Share:
        missing = [name for name in names if not self.positive[name]]
        return Share(reached=len(names) - len(missing), total=len(names), missing=missing)

    def share_of_clauses(self) -> Share:
        """A guard that several operations apply has to refuse in one of them."""
        missing = [origin for origin, count in self.origins.items() if not count]
        return Share(reached=len(self.origins) - len(missing), total=len(self.origins), missing=missing)

    def share_of_words(self) -> Share:
        missing = [f"{place.entity}.{place.column}: {word}" for place, word in self.open_words()]
        return Share(reached=len(self.words) - len(missing), total=len(self.words), missing=missing)

    def notes(self) -> list[str]:
        """Guards that refuse elsewhere, but never in one of the operations that apply them."""
        origins = self.origins
        return [
            f"{name} applies {origin}, which never refuses there"
            for name, origin in self.open_clauses()
            if origins[origin]
        ]

    def operations(self) -> list[OperationReport]:
        reports: list[OperationReport] = []
        for name in [*self.queries, *self.commands]:
            refusals = self.refusals.get(name, Counter())
            reports.append(
                OperationReport(
                    name=name,
                    command=name in self.commands,
                    positive=self.positive[name],
                    negative=refusals.total(),
                    refusals=dict(sorted(refusals.items())),
                    never_refused=[origin for operation, origin in self.open_clauses() if operation == name],
                )
            )
        return reports
