"""One environment as work with a language model needs it: what the model is told, and what proves its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from generator.rendering import digests
from generator.scengenerator.certificates import Prover
from generator.scengenerator.checking import CheckCompiler
from generator.scengenerator.drafts import Workshop
from generator.scengenerator.laws import laws_of
from generator.scengenerator.scenario import JsonObject
from generator.scengenerator.showing import state_text, tables_text, tools_text
from generator.scengenerator.wired import Switchboard
from generator.scengenerator.wordings import Wordings
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Model


@dataclass(frozen=True)
class Setting:
    """Everything about one environment, made when it is needed first."""

    model: Model
    kept: dict[str, str] = field(default_factory=dict, compare=False)  # texts for prompts that take a while to make

    @classmethod
    def of(cls, document: Skeleton) -> Setting:
        """Raises SkeletonError when the document does not pass the checker."""
        return cls(check(document))

    @property
    def name(self) -> str:
        return self.model.document.id

    @cached_property
    def digests(self) -> dict[str, str]:
        skeleton, environment = digests(self.model.document)
        return {"skeleton_digest": skeleton, "environment_digest": environment}

    @cached_property
    def prover(self) -> Prover:
        return Prover(self.model)

    @cached_property
    def workshop(self) -> Workshop:
        return Workshop(self.model)

    @cached_property
    def board(self) -> Switchboard:
        return Switchboard(self._module.TOOLS)

    @cached_property
    def compiler(self) -> CheckCompiler:
        return CheckCompiler(self.model)

    @cached_property
    def wordings(self) -> Wordings:
        return Wordings(self.model, self._module.INSTRUCTIONS)

    @property
    def _module(self) -> Any:
        return laws_of(self.model).module

    @cached_property
    def facts(self) -> dict[str, str]:
        """What every prompt about this environment may speak of."""
        document = self.model.document
        return {
            "title": document.title,
            "introduction": document.introduction,
            "instructions": self._module.INSTRUCTIONS.strip(),
            "tools": tools_text(self.model, self._module.TOOLS),
            "tools_with_refusals": tools_text(self.model, self._module.TOOLS, refusals=True),
            "tables": tables_text(self.model),
        }

    def open(self, state: JsonObject) -> Any:
        """An environment on a copy of the state. Raises UncertifiedError for a state that does not fit."""
        return self.prover.open(state)

    def rows(self, state: JsonObject) -> str:
        """A state in words for a prompt."""
        return state_text(self.model, self.open(state))
