"""Whether an answer says that something was not done: by its words, sentence by sentence."""

from __future__ import annotations

import pytest

from generator.scengenerator.answers import declined


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot do this. It is against the policy.",
        "I'm sorry, but I can't do that.",
        "I’m unable to do that.",
        "It isn't possible.",
        "The account is closed, so the deposit was not recorded.",
        "Order SO-0002 is cancelled, so there is nothing to pack.",
        "Only pending checks may be marked as bounced, so I did not mark it.",
        "Nothing was packed.",
        "I looked up the order. It cannot be packed.",
        "I have handed this over to a colleague, since it is not allowed.",
    ],
)
def test_says_no(answer: str) -> None:
    assert declined(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Done.",
        "All done!",
        "The purchase is now marked as bounced. I could not find any problem.",
        "It was done. There was no need to contact the member, he cannot complain.",
        "I packed the order. I could not be happier.",
        "I have recorded the deposit. You cannot withdraw it today.",
    ],
)
def test_does_not_say_no(answer: str) -> None:
    assert not declined(answer)
