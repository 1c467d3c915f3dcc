"""Budgets: looked at before each request with what it may cost, and after it with what it did."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import SpendingError
from generator.llm.model import LanguageModel
from generator.llm.prices import Price, Tokens, cost_of, read_price
from generator.llm.spending import Purse
from tests.generator.llm.conftest import CLINIC, Topic, request, told
from tests.llm.loopback import Asked, Loopback, Said

USED = {"input_tokens": 1000, "output_tokens": 1000}
COST = 1000 * 5e-6 + 1000 * 25e-6  # of an answer with these, from claude-opus-5


def vet(asked: Asked) -> Said:
    return Said(CLINIC, usage=USED)


def test_what_could_go_beyond_the_budget_is_not_asked() -> None:
    beyond = pytest.raises(SpendingError, match=r"mine: The next request may cost up to \$0\.0\d+, and \$0\.0200")
    with Loopback(vet).running() as provider, beyond:
        told(provider, budget=0.02).model.ask(request())
    assert provider.asked == []


def test_one_after_the_other_until_the_budget_is_used() -> None:
    with Loopback(vet).running() as provider:
        model = told(provider, budget=0.1).model
        answers = model.ask_all([request(str(number)) for number in range(6)])
    paid = [answer for answer in answers if isinstance(answer, Topic)]
    assert len(paid) == len(provider.asked) and 2 <= len(paid) < 6
    assert model.spending.usd == pytest.approx(len(paid) * COST)
    assert all(isinstance(answer, SpendingError) for answer in answers if answer not in paid)


def test_an_unknown_price_asks_for_one_when_there_is_a_budget() -> None:
    with pytest.raises(SpendingError, match=r"What mystery costs is not known here.*--price IN,OUT"):
        LanguageModel("mystery", budget=1.0)


@pytest.mark.parametrize("budget", [float("nan"), -1.0])
def test_a_budget_that_is_no_amount_is_refused(budget: float) -> None:
    with pytest.raises(SpendingError, match=r"A budget is an amount of US dollars"):
        LanguageModel("claude-opus-5", budget=budget)


@pytest.mark.parametrize("text", ["1;2", "5", "1,2,3", "nan,1", "1,inf", "-5,-25", ""])
def test_a_price_that_keeps_no_budget_is_refused(text: str) -> None:
    with pytest.raises(SpendingError, match="two numbers with a comma"):
        read_price(text)


def test_an_unknown_price_is_unknown_and_not_nothing() -> None:
    with Loopback(vet).running() as provider:
        asking = told(provider, name="mystery")
        asking.model.ask(request())
    assert asking.model.spending.usd is None
    assert str(asking.model.spending) == "1 call, 1,000 tokens in, 1,000 out, cost unknown"


def test_a_price_that_was_given_is_counted_with() -> None:
    with Loopback(vet).running() as provider:
        model = told(provider, name="mystery", budget=1.0, price=Price(1, 2, 1)).model
        model.ask(request())
    assert model.spending.usd == pytest.approx(0.003)


def test_an_answer_served_at_a_price_nobody_published_ends_a_budget() -> None:
    def fast(asked: Asked) -> Said:
        return Said(CLINIC, usage={**USED, "speed": "fast"})

    with Loopback(fast).running() as provider:
        model = told(provider, budget=1.0).model
        model.ask(request("a"))
        with pytest.raises(SpendingError, match="not known"):
            model.ask(request("b"))


@given(
    read=st.integers(0, 300_000),
    cached=st.integers(0, 300_000),
    written=st.integers(0, 300_000),
    output=st.integers(0, 64_000),
    room=st.integers(0, 64_000),
    model=st.sampled_from(["claude-opus-5", "claude-haiku-5-5", "claude-sonnet-4-6"]),
)
def test_no_answer_costs_more_than_its_most(
    read: int, cached: int, written: int, output: int, room: int, model: str
) -> None:
    purse = Purse(model, None, None)
    tokens = Tokens(read, min(output, room), cached, written)
    most, cost = purse.most(tokens.prompt, room), cost_of(model, tokens)
    assert most is not None and cost is not None and cost <= most + 1e-12
    assert purse.count(tokens, batch=True) == pytest.approx(cost / 2)


def test_what_is_set_aside_by_others_is_waited_for() -> None:
    purse, order = Purse("claude-opus-5", 1.0, None), []
    inside, go = threading.Event(), threading.Event()

    def first() -> None:
        with purse.reserved(0.9, "a"):
            inside.set()
            go.wait(20)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(20)
    threading.Timer(0.05, go.set).start()
    with purse.reserved(0.9, "b"):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_an_answer_that_broke_off_is_paid_from_the_budget_before_it_is_asked_again() -> None:
    def broken(asked: Asked) -> Said:
        return Said({"title": "x" * 9000, "useful": 1}, usage=USED, cut=8500)

    with Loopback(broken).running() as provider:
        model = told(provider, budget=0.08).model
        with pytest.raises(SpendingError, match="of the budget"):
            model.ask(request())
    assert len(provider.asked) == model.spending.calls == 2
    assert model.spending.usd == pytest.approx(2 * COST), "what was written is counted up to the room that there was"


def test_what_was_thought_before_it_broke_off_is_counted_as_well() -> None:
    def broken(asked: Asked) -> Said:
        return Said({"title": "x" * 9000, "useful": 1}, usage=USED, thinking="hm " * 200, cut=100)

    with Loopback(broken).running() as provider:
        model = told(provider, budget=0.04).model
        with pytest.raises(SpendingError, match="of the budget"):
            model.ask(request())
    assert model.spending.output_tokens == len("hm " * 200)
