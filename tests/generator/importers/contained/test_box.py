"""A box does with a released class what EnvScaler does with it, and with its checks, and tells what went wrong."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from boxed_shops import HARMLESS, Boxes, broken, shop

from generator.importers.contained import Broken, ClassError, Limits
from generator.importers.contained.values import decode

KEEPING = "class Shop:\n    def __init__(self, config):\n        self.config = config\n        self.items = {}\n"


def state_of(boxes: Boxes, source: str, config: Any) -> Any:
    box = boxes()
    box.load(source, "Shop")
    box.construct(config)
    return decode(box.state())


class TestConstruct:
    """As `init_env_instance` of EnvScaler (interact_with_env/envscaler_env/utils/env_util.py)."""

    def test_with_a_configuration(self, boxes: Boxes) -> None:
        config = {"items": {"a": 1}, "more": [1]}
        assert state_of(boxes, KEEPING, config) == {"config": config, "items": {"a": 1}, "more": [1]}

    def test_what_the_constructor_keeps_of_it_is_what_the_attributes_hold(self, boxes: Boxes) -> None:
        state = state_of(boxes, KEEPING, {"items": {"a": {"b": 1}}})
        assert state["config"]["items"] is state["items"]

    @pytest.mark.parametrize("config", [{}, None, []])
    def test_without_one_the_constructor_gets_an_empty_one(self, boxes: Boxes, config: Any) -> None:
        assert state_of(boxes, KEEPING, config) == {"config": {}, "items": {}}

    def test_a_constructor_without_arguments(self, boxes: Boxes) -> None:
        source = "class Shop:\n    def __init__(self):\n        self.items = {}\n"
        assert state_of(boxes, source, {"items": {"a": 1}}) == {"items": {"a": 1}}

    def test_a_class_without_a_constructor(self, boxes: Boxes) -> None:
        assert state_of(boxes, "class Shop: pass", {"items": {"a": 1}}) == {"items": {"a": 1}}

    def test_a_constructor_that_takes_more_is_an_error(self, boxes: Boxes) -> None:
        with pytest.raises(ClassError, match="TypeError"):
            state_of(boxes, "class Shop:\n    def __init__(self, a, b): pass", {})

    def test_again_makes_a_fresh_object(self, boxes: Boxes) -> None:
        box = boxes("class Shop:\n    def __init__(self, c): self.n = []\n    def tool(self): self.n.append(1)")
        box.call("tool", {})
        assert decode(box.state()) == {"n": [1]}
        box.construct({})
        assert decode(box.state()) == {"n": []}

    def test_what_is_handed_in_is_not_shared(self, boxes: Boxes) -> None:
        config: dict[str, Any] = {"items": {}}
        box = boxes()
        box.load("class Shop:\n    def tool(self):\n        self.items['a'] = 1", "Shop")
        box.construct(config)
        box.call("tool", {})
        assert config == {"items": {}}

    def test_a_state_is_a_configuration_too(self, boxes: Boxes) -> None:
        """Which is how an episode goes on after a restart."""
        source = (
            "import dataclasses, enum\nclass Kind(enum.Enum):\n    A = 1\n"
            "@dataclasses.dataclass\nclass Row:\n    tags: set\n"
            + KEEPING
            + "    def tool(self):\n        self.items[1] = (Row({'x'}), Kind.A)\n"
            + "    def look(self):\n        a, b = self.items[1]\n        return [isinstance(a, Row), b is Kind.A]\n"
        )
        box = boxes()
        box.load(source, "Shop")
        box.construct({"items": {}})
        box.call("tool", {})
        again = boxes(clock=box.clock)
        again.load(source, "Shop")
        again.construct(decode(box.state()))
        assert again.state() == box.state()
        assert again.call("look", {}).value == [True, True]

    def test_dataclasses_with_later_annotations(self, boxes: Boxes) -> None:
        source = (
            "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass Row:\n    n: int\n"
        )
        assert state_of(boxes, source + "class Shop:\n    def __init__(self, c):\n        self.n = Row(1).n", {}) == {
            "n": 1
        }


class TestCall:
    def test_a_result_is_plain_json(self, boxes: Boxes) -> None:
        reply = boxes(shop("import datetime\nreturn {1: (2, {3}), 'day': datetime.date(2026, 3, 2)}")).call("tool", {})
        assert (reply.ok, reply.value) == (True, {"1": [2, [3]], "day": "2026-03-02"})

    def test_what_a_tool_raises_is_an_answer(self, boxes: Boxes) -> None:
        box = boxes(shop("self.count = getattr(self, 'count', 0) + 1\nraise KeyError('no such thing')"))
        first = box.call("tool", {})
        assert (first.ok, first.value, first.raised, first.message) == (False, None, "KeyError", "'no such thing'")
        box.call("tool", {})
        assert decode(box.state()) == {"count": 2}

    def test_arguments_that_do_not_fit_are_an_answer(self, boxes: Boxes) -> None:
        assert boxes(HARMLESS).call("tool", {"nonsense": 1}).raised == "TypeError"

    def test_an_async_tool(self, boxes: Boxes) -> None:
        box = boxes("class Shop:\n    async def tool(self):\n        return 5")
        assert box.call("tool", {}).value == 5

    def test_an_exception_without_words(self, boxes: Boxes) -> None:
        box = boxes(shop("class Odd(Exception):\n    def __str__(self):\n        raise Odd\nraise Odd"))
        assert box.call("tool", {}).raised == "Odd"

    def test_any_text_goes_in_and_out(self, boxes: Boxes) -> None:
        odd = "é\u2028\n\0\U0001f600"
        box = boxes(shop("self.at = at\nreturn at"))
        assert box.call("tool", {"at": odd}).value == odd
        assert decode(box.state()) == {"at": odd}
        assert box.call("tool", {"at": "\ud800"}).value == "?"
        assert decode(box.state()) == {"at": "\ud800"}

    def test_threads_may_share_a_box(self, boxes: Boxes) -> None:
        box = boxes(
            "class Shop:\n    def __init__(self, c):\n        self.n = 0\n    def tool(self):\n        self.n += 1"
        )
        threads = [threading.Thread(target=lambda: [box.call("tool", {}) for _ in range(50)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert decode(box.state()) == {"n": 200}

    def test_closing_ends_a_call_that_is_under_way(self, boxes: Boxes) -> None:
        box = boxes(shop("while True: pass"), limits=Limits(seconds=600))
        failures: list[Broken] = []
        thread = threading.Thread(target=lambda: failures.append(broken(box)))
        thread.start()
        while not box._lock.locked():
            pass
        box.close()
        thread.join(60)
        assert [error.cause for error in failures] == ["died"]

    def test_an_object_that_refuses_to_be_read_is_an_end(self, boxes: Boxes) -> None:
        box = boxes("class Shop:\n    __slots__ = ()\n    def __init__(self, c=None): pass")
        with pytest.raises(Broken, match="state cannot be read"):
            box.state()


CHECKS = {
    "true": ("def check_func(final_state):\n    return final_state['n'] == 2", "true", ""),
    "false": ("def check_func(final_state):\n    return final_state['n'] == 3", "false", ""),
    "the state before": (
        "def check_func(final_state):\n    return initial_state['n'] == 1 and final_state['n'] == 2",
        "true",
        "",
    ),
    "both by name": (
        "def check_func(initial_state, final_state):\n    return initial_state['n'] < final_state['n']",
        "true",
        "",
    ),
    "an exception": ("def check_func(final_state):\n    return final_state['m']", "raised", "KeyError: 'm'"),
    "a missing import": ("def check_func(final_state):\n    return math.pi > 3", "missing_name", "name 'math'"),
    "a local name too early": ("def check_func(final_state):\n    x = x + 1", "raised", "UnboundLocalError"),
    "no function": ("def check(final_state):\n    return True", "missing_name", "no function check_func"),
    "no code": ("def check_func(:", "raised", "SyntaxError"),
    "a number": ("def check_func(final_state):\n    return 1", "not_boolean", "it returned 1 (int)"),
    "nothing": ("def check_func(final_state):\n    pass", "not_boolean", "None"),
    "an import": ("import math\ndef check_func(final_state):\n    return math.pi > 3", "true", ""),
    "a set": (
        "def check_func(final_state):\n    return 'x' in final_state['tags'] and 1 in final_state['by']",
        "true",
        "",
    ),
    "what EnvScaler leaves out": ("def check_func(final_state):\n    return '__hidden__' in final_state", "false", ""),
}


class TestCheck:
    BEFORE: dict[str, Any] = {"n": 1, "items": {"a": [1]}}  # noqa: RUF012
    AFTER: dict[str, Any] = {  # noqa: RUF012
        "n": 2,
        "items": {"a": [1]},
        "tags": {"$": "set", "of": ["x"]},
        "by": {"$": "dict", "of": [[1, "one"]]},
        "__hidden__": 1,
    }

    @pytest.mark.parametrize(("source", "found", "detail"), CHECKS.values(), ids=list(CHECKS))
    def test_a_verdict(self, boxes: Boxes, source: str, found: str, detail: str) -> None:
        verdict = boxes().check(source, self.BEFORE, self.AFTER)
        assert (verdict.kind, verdict.mutated) == (found, False)
        assert detail in verdict.detail

    @pytest.mark.parametrize("what", ["final_state", "initial_state"])
    def test_a_check_that_changes_its_input(self, boxes: Boxes, what: str) -> None:
        box = boxes()
        source = f"def check_func(final_state):\n    {what}['items']['a'].append(2)\n    return True"
        for _ in range(2):
            verdict = box.check(source, self.BEFORE, self.AFTER)
            assert (verdict.kind, verdict.mutated) == ("true", True)
        look = "def check_func(final_state):\n    return final_state['items'] == initial_state['items'] == {'a': [1]}"
        assert box.check(look, self.BEFORE, self.AFTER).kind == "true"

    def test_each_check_has_the_same_time_and_chance(self, boxes: Boxes) -> None:
        box = boxes()
        source = "import random, time\ndef check_func(final_state):\n    return [time.time(), random.random()]"
        first, second = (box.check(source, {}, {}).detail for _ in range(2))
        assert first.partition(",")[0] == second.partition(",")[0]

    def test_an_endless_check_breaks_its_box(self, boxes: Boxes) -> None:
        box = boxes(limits=Limits(seconds=2))
        with pytest.raises(Broken) as caught:
            box.check("def check_func(final_state):\n    while True: pass", {}, {})
        assert caught.value.cause == "time"

    def test_a_check_is_contained_too(self, boxes: Boxes) -> None:
        with pytest.raises(Broken) as caught:
            boxes().check("def check_func(final_state):\n    return bool(open('/etc/passwd').read())", {}, {})
        assert caught.value.cause == "violation"

    def test_recorded_rewards_come_out_again(self, boxes: Boxes, release: dict[str, Any]) -> None:
        """All replays but one, whose later calls name ids that were random when they were recorded."""
        found = []
        for replay in release["replays"]:
            environment = release["environments"][replay["env_id"]]
            box, judge = boxes(), boxes()
            box.load(environment["env_class_code"], environment["env_class_name"])
            box.construct(replay["init_config"])
            before = box.state()
            for call in replay["calls"]:
                box.call(call["name"], call["arguments"])
            after = box.state()
            verdicts = [judge.check(check["check_func"], before, after) for check in replay["checklist_with_func"]]
            reward = round(sum(verdict.kind == "true" for verdict in verdicts) / len(verdicts), 4)
            found.append(reward == float(replay["recorded_reward"]))
        assert found.count(True) >= len(found) - 1
