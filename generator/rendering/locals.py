"""Names for the local variables of one method."""

from __future__ import annotations

from collections.abc import Iterable

from generator.skeleton.compiler import Form, Shared, python_type, safe
from generator.skeleton.types import ListOf, Type


class LocalNames:
    """Gives names that nothing else in the method has."""

    def __init__(self, shared: Shared, taken: Iterable[str]) -> None:
        self._shared = shared
        self._taken = set(taken)
        self._loops: dict[str, str] = {}  # variable → annotation

    def fresh(self, name: str) -> str:
        found, at = name, 2
        while found in self._taken:
            found, at = f"{name}_{at}", at + 1
        self._taken.add(found)
        return found

    def loop(self, name: str, items: Type, form: Form) -> str:
        """The variable of a loop; loops over the same kind of thing may share one."""
        assert isinstance(items, ListOf)
        annotation = python_type(self._shared, items.item, form)
        if self._loops.get(safe(name)) == annotation:
            return safe(name)
        variable = self.fresh(safe(name))
        self._loops[variable] = annotation
        return variable
