"""Canonical names for new rows: isomorphic graphs of rows get the same text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from generator.scengenerator.rowtrees import Tree, links, show

MAX_LEAVES = 2_000
"""Orders of tied rows that are tried in one connected group. Beyond that, two outcomes that are the same may get
different texts; the other way round never happens. Only groups with circles of references need more than one."""

Colours = tuple[int, ...]


class Graph:
    """New rows as trees that link to one another."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.trees = trees
        self.links = [sorted(links(tree)) for tree in trees]
        self.marks: list[list[str]] = [[] for _ in trees]  # places in old rows that refer to this one

    def mark(self, tree: Tree, place: str) -> None:
        """Notes what a changed old row refers to."""
        for path, row in links(tree):
            self.marks[row].append(place + path)

    def components(self) -> list[list[int]]:
        """Rows that hang together through references among new rows."""
        near: list[set[int]] = [set() for _ in self.trees]
        for row, found in enumerate(self.links):
            for _, other in found:
                near[row].add(other)
                near[other].add(row)
        result: list[list[int]] = []
        seen: set[int] = set()
        for start in range(len(self.trees)):
            if start in seen:
                continue
            group, stack = [], [start]
            seen.add(start)
            while stack:
                row = stack.pop()
                group.append(row)
                stack += [other for other in near[row] if other not in seen]
                seen |= near[row]
            result.append(sorted(group))
        return result


def canonical_names(graph: Graph) -> list[str]:
    """One text for each connected group of rows, sorted."""
    return sorted(_Component(graph, rows).text() for rows in graph.components())


class _Component:
    """One connected group; its rows are numbered from 0."""

    def __init__(self, graph: Graph, rows: list[int]) -> None:
        self._numbers = {row: at for at, row in enumerate(rows)}
        self._trees = [graph.trees[row] for row in rows]
        self._marks = [sorted(graph.marks[row]) for row in rows]
        self._out = [[(path, self._numbers[other]) for path, other in graph.links[row]] for row in rows]
        self._in: list[list[tuple[str, int]]] = [[] for _ in rows]
        for at, found in enumerate(self._out):
            for path, other in found:
                self._in[other].append((path, at))
        pairs = {frozenset((at, other)) for at, found in enumerate(self._out) for _, other in found if at != other}
        self._is_tree = len(pairs) == len(rows) - 1  # then colours decide everything: tied rows are interchangeable
        self._leaves = MAX_LEAVES

    def text(self) -> str:
        content = [
            json.dumps([show(tree), marks], sort_keys=True, ensure_ascii=False)
            for tree, marks in zip(self._trees, self._marks, strict=True)
        ]
        return self._best(self._refined(_ranked(content)))

    def _refined(self, colours: Colours) -> Colours:
        """Colours that tell as much apart as references do, both ways."""
        while len(set(colours)) < len(colours):
            signs = [
                (
                    colours[row],
                    tuple(sorted((path, colours[other]) for path, other in self._out[row])),
                    tuple(sorted((path, colours[other]) for path, other in self._in[row])),
                )
                for row in range(len(colours))
            ]
            finer = _ranked(signs)
            if len(set(finer)) == len(set(colours)):
                break
            colours = finer
        return colours

    def _best(self, colours: Colours) -> str:
        """The smallest text among the orders that the colours leave open."""
        cells: dict[int, list[int]] = {}
        for row, colour in enumerate(colours):
            cells.setdefault(colour, []).append(row)
        tied = [cells[colour] for colour in sorted(cells) if len(cells[colour]) > 1]
        if not tied:
            self._leaves -= 1
            return self._written(dict(enumerate(colours)))
        texts: list[str] = []
        for row in tied[0]:
            single = tuple(2 * colour + (other != row) for other, colour in enumerate(colours))
            texts.append(self._best(self._refined(_ranked(single))))
            if self._is_tree or self._leaves <= 0:
                break
        return min(texts)

    def _written(self, order: Mapping[int, int]) -> str:
        names = {row: order[at] for row, at in self._numbers.items()}
        rows = sorted(range(len(self._trees)), key=order.__getitem__)
        shown = [[show(self._trees[row], names.__getitem__), self._marks[row]] for row in rows]
        return json.dumps(shown, sort_keys=True, ensure_ascii=False)


def _ranked(signs: Sequence[object]) -> Colours:
    """Small numbers in the order of the signs."""
    ranks = {sign: at for at, sign in enumerate(sorted(set(signs)))}  # type: ignore[type-var]
    return tuple(ranks[sign] for sign in signs)
