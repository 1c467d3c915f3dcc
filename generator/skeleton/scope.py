"""What an expression sees: names, the `let`s of its operation, and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from generator.skeleton.document import DefinitionDoc
from generator.skeleton.narrowing import NO_FACTS, Facts
from generator.skeleton.nodes import (
    Instance,
    Node,
)
from generator.skeleton.types import (
    Type,
)

Path = tuple[str | int, ...]


@dataclass
class Lets:
    """The `let`s of one operation. They are lazy, so each is checked where it is used first."""

    docs: Mapping[str, DefinitionDoc]
    path: Path
    outer: Scope  # what they see: the parameters, and what the requirements so far have shown
    nodes: dict[str, Node] = field(default_factory=dict)
    instances: dict[str, list[Instance]] = field(default_factory=dict)  # of those with parameters
    applied: dict[tuple[str, tuple[Type, ...]], Instance] = field(default_factory=dict)  # the same, and trials


@dataclass(frozen=True)
class Scope:
    """The names that an expression sees, and what is known about them."""

    names: Mapping[str, Type] = field(default_factory=dict)
    facts: Facts = NO_FACTS
    lets: Lets | None = None  # the `let`s of the operation
    before: bool = False  # whether the initial tables can be named
    grading: bool = False  # whether `calls`, `answer` and their functions can be
    used: set[str] = field(default_factory=set)  # every name that was read; scopes within share it

    @property
    def conditions(self) -> Mapping[str, Node]:
        """What the names of `let`s stand for, for narrowing."""
        return self.lets.nodes if self.lets else {}

    @property
    def local(self) -> Mapping[str, DefinitionDoc]:
        return self.lets.docs if self.lets else {}

    def bind(self, name: str, type_: Type) -> Scope:
        return replace(self, names={**self.names, name: type_})

    def knowing(self, facts: Facts) -> Scope:
        return replace(self, facts=self.facts.both(facts))
