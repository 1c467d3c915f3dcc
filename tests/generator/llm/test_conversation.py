"""One request until it is answered: whatever comes back, it ends, and soon."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.errors import (
    EmptyAnswerError,
    MalformedAnswerError,
    ModelError,
    RefusedError,
    TruncatedError,
)
from generator.llm.conversation import Conversation, Facts, Reply
from generator.llm.prices import Tokens
from tests.generator.llm.conftest import Topic, request

TOKENS = Tokens(1, 1)
REPLIES = {
    "fits": Reply('{"title": "a", "useful": 1}', "end_turn", TOKENS),
    "wrong": Reply('{"title": 1}', "end_turn", TOKENS),
    "empty": Reply(" ", "end_turn", TOKENS),
    "cut": Reply('{"ti', "max_tokens", TOKENS),
    "refusal": Reply("", "refusal", TOKENS),
    "full": Reply("{", "model_context_window_exceeded", TOKENS),
}
ENDS = {"wrong": MalformedAnswerError, "empty": EmptyAnswerError, "cut": TruncatedError, "refusal": RefusedError}


def conversation(held: bool = True) -> Conversation[Topic]:
    return Conversation("claude-opus-5", request(), Facts(most_tokens=64_000), held)


@given(st.lists(st.sampled_from(sorted(REPLIES)), min_size=7, max_size=7), st.booleans())
def test_each_kind_of_fault_is_forgiven_once(kinds: list[str], held: bool) -> None:
    talk, seen = conversation(held), []
    exchanges: set[str] = set()
    for kind in kinds:
        assert talk.exchange not in exchanges, "what is sent again is another exchange"
        exchanges.add(talk.exchange)
        seen.append(kind)
        try:
            answer = talk.take(REPLIES[kind])
        except ModelError as error:
            assert kind in ("refusal", "full") or seen.count(kind) == 2
            assert isinstance(error, ENDS.get(kind, TruncatedError))
            return
        if answer is not None:
            assert kind == "fits" and answer.useful == 1
            return
        assert seen.count(kind) == 1 and len(talk.notes) == len(seen)
    raise AssertionError("three faults are forgiven, so the fourth reply ends it")


def test_a_stop_changes_no_exchange_whatever_the_provider_tells_the_next_time() -> None:
    plain = Conversation("claude-opus-5", request(), Facts(), True)
    rich = Conversation("claude-opus-5", request(), Facts(most_tokens=500, thinks=True), True)
    assert plain.exchange == rich.exchange
    assert plain.params != rich.params


def test_no_prompt_is_longer_than_its_longest() -> None:
    """A token holds at least a byte, so the bytes of a request bound what is read."""
    talk = conversation()
    assert talk.longest > sum(len(turn["content"].encode()) for turn in talk.params["messages"])
