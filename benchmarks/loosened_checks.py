"""How well an audit tells checks that accept more than they ask for from others.

The checks of an import are taken as they are, where a finding is looked at by a person (a false alarm, if it is
none), and loosened by code in three ways, where no finding is a miss: `x == "word"` becomes `"word" in x`,
`x.startswith("word")` or `x is not None`. Loosened checks that are true at the start are left out. Some misses are
none: loosening a condition (“for every incident that is …”) makes a check accept less.

    .venv/bin/python -m benchmarks.loosened_checks imported
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from generator.importers.asked import Asked
from generator.importers.audit import Auditor, Effort
from generator.importers.checks import settle
from generator.importers.folder import check_box, new_box
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario
from harness.auditing import imported_folders, subjects

Change = Callable[[ast.expr, ast.expr], ast.expr]
CHANGES: dict[str, Change] = {
    "contains": lambda side, text: ast.Compare(text, [ast.In()], [ast.BoolOp(ast.Or(), [side, ast.Constant("")])]),
    "starts with": lambda side, text: ast.Call(
        ast.Attribute(ast.Call(ast.Name("str", ast.Load()), [side], []), "startswith", ast.Load()), [text], []
    ),
    "is there": lambda side, _: ast.Compare(side, [ast.IsNot()], [ast.Constant(None)]),
}


class Loosening(ast.NodeTransformer):
    """Changes the first comparison with a text that the words ask for."""

    def __init__(self, change: Change, asked: Asked) -> None:
        self._change, self._asked = change, asked
        self._texts: dict[str, object] = {}
        self.done = False

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            self._texts[node.targets[0].id] = node.value.value
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        right = node.comparators[0]
        text = right.value if isinstance(right, ast.Constant) else self._texts.get(getattr(right, "id", ""))
        equal = len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq) and not isinstance(node.left, ast.Constant)
        if self.done or not equal or not isinstance(text, str) or not self._asked.asks_for(text):
            return node
        self.done = True
        return ast.copy_location(self._change(node.left, right), node)


def loosened(scenario: Scenario, change: Change) -> Scenario:
    """The scenario with the checks alone that could be loosened."""
    checks: list[tuple[str, str]] = []
    for check in scenario.sources:
        asked = Asked(check.description)
        loosening = Loosening(change, asked)
        tree = loosening.visit(ast.parse(check.source))
        if loosening.done and asked.exact and not asked.negated:
            checks.append((check.description, ast.unparse(ast.fix_missing_locations(tree))))
    made, _ = settle(lambda: check_box(scenario.clock), checks, scenario.initial_state["tables"])
    return scenario.model_copy(update={"checks": list(made)})


def tally(scenario: Scenario) -> Counter[str]:
    """How many of the checks that are false at the start have which finding."""
    found: Counter[str] = Counter()
    for one in Auditor(None, [], new_box, Effort(calls=0)).audit(scenario).checks:
        whats = {finding.what for finding in one.findings}
        if one.start != "true":
            found["found" if "accepts_more" in whats else "never true" if "vacuous" in whats else "not found"] += 1
    return found


def main() -> None:
    scenarios = [load_scenario(subject.path) for subject in subjects(imported_folders(Path(sys.argv[1])))]
    print("as released ", dict(sum(map(tally, scenarios), Counter())))
    for name, change in CHANGES.items():
        print(f"{name:12}", dict(sum((tally(loosened(one, change)) for one in scenarios), Counter())))


if __name__ == "__main__":
    main()
