"""A whole request: one or several clauses as a person would put them, without saying everything twice."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from generator.scengenerator.descriptions import Description
from generator.scengenerator.english import possessive, sentence

_LONG = ("Please {}.", "Could you {}?", "I need you to {}.", "Can you {}?", "I would like you to {}.")
_SHORT = (*_LONG, "Would you {}, please?", "{}, please.", "{}.")
_OPENINGS = (
    "Please {}.",
    "Could you {}?",
    "I need you to {}.",
    "First, {}.",
    "{}.",
    "I have a few things for you: {}.",
)
_MIDDLE = ("Then {}.", "After that, {}.", "Next, {}.")
_LAST = ("Finally, {}.", "Then {}.", "After that, {}.", "Once that is done, {}.")
_FIRST = (  # what has to come before something that is refused as things are
    "For that you will have to {} first.",
    "It will be refused as things are: {} first.",
    "To make that possible, {} first.",
)


def request(clauses: Sequence[str], kind: str, rng: random.Random, mentions: Sequence[Description] = ()) -> str:
    """The whole task: one or several clauses as a natural request.

    Questions are sentences already and stand as they are. `mentions` are the descriptions used: a long one that
    comes back is shortened ("that account", "their savings account") where nothing else could be meant.
    """
    if kind == "question":
        return " ".join(sentence(clause, "") for clause in clauses)
    clauses = shortened(clauses, mentions)
    if len(clauses) == 1:
        return _filled(rng.choice(_LONG if len(clauses[0]) > 60 else _SHORT), clauses[0])
    if len(clauses) <= 3 and all(_plain(clause) for clause in clauses):
        *head, last = clauses
        joined = f"{', then '.join(head)} and {'finally' if len(head) > 1 else 'then'} {last}"
        if len(joined) < 160:
            return _filled(rng.choice(_LONG[:4]), joined)
    first, *middle, last = clauses
    texts = [_filled(rng.choice(_OPENINGS if middle else _OPENINGS[:-1]), first)]
    link = rng.randrange(len(_MIDDLE))
    for clause in middle:
        texts.append(_filled(_MIDDLE[link % len(_MIDDLE)], clause))
        link += 1
    used = _MIDDLE[(link - 1) % len(_MIDDLE)] if middle else "Finally, {}."  # two steps have no "finally"
    texts.append(_filled(rng.choice([pattern for pattern in _LAST if pattern != used]), last))
    return " ".join(texts)


def obstacle(wanted: str, before: str, rng: random.Random, mentions: Sequence[Description] = ()) -> str:
    """A request for something that is refused as things are, and for what has to come before it."""
    wanted, before = shortened([wanted, before], mentions)
    return f"{request([wanted], 'change', rng)} {sentence(rng.choice(_FIRST).format(before))}"


def _plain(clause: str) -> bool:
    """Whether a clause can be joined to another one without a reader losing the thread."""
    return not re.search(r",| and |:|\.(?!\d)", clause)


def _filled(pattern: str, clause: str) -> str:
    """A clause in its sentence; a quotation that ends with a full stop needs no second one."""
    fronted = re.match(r"((?:for|on|as|in) [^,\"]+), (.+)", clause, re.DOTALL)
    if fronted:  # "for bruno, change the tags": not "please for bruno, …"
        link = "" if pattern in _MIDDLE or pattern in _LAST or pattern == "First, {}." else "please "
        return sentence(f"{fronted[1]}, {link}{fronted[2]}")
    mark = pattern[-1]
    if mark == "?" and re.search(r"[.!?][\"”]$", pattern[:-1].format(clause)):
        return sentence(f"Please {clause}")
    return sentence(pattern[:-1].format(clause), mark)


# -- what need not be said twice --------------------------------------------------------------------------------------


def shortened(clauses: Sequence[str], mentions: Sequence[Description]) -> list[str]:
    """The clauses with "that account" for an account, and "their" for an owner, that were named before.

    "That account" only where no other account is spoken of at all; "their" only within a clause that names nobody
    else.
    """
    result = list(clauses)
    for mention in sorted({m.text: m for m in mentions}.values(), key=lambda m: -len(m.text)):
        holders = [at for at, clause in enumerate(result) if mention.text in clause]
        if not mention.noun or mention.many or len(holders) < 2 or len(mention.text) < 20:
            continue
        if _alone(mention, " ".join(result), mentions):
            for at in holders[1:]:
                result[at] = re.sub(rf"{re.escape(mention.text)}(?!\w)", f"that {mention.noun}", result[at])
    names = sorted({name for mention in mentions for name in _names(mention)}, key=lambda name: (-len(name), name))
    return [_with_pronouns(clause, names, mentions) for clause in result]


def _alone(mention: Description, text: str, mentions: Sequence[Description]) -> bool:
    """Whether no other thing of its kind is spoken of, but for what is quoted."""
    rest = re.sub(r"\".*?\"|“.*?”", " ", text.replace(mention.text, " "))
    if re.search(rf"\b{re.escape(mention.noun.split()[-1])}", rest, re.IGNORECASE):
        return False
    return not any(other.text != mention.text and mention.text in other.text for other in mentions)


def _names(description: Description) -> Iterator[str]:
    """The bare names of those that a description speaks of."""
    if not description.noun:
        yield description.text
    for condition in description.conditions:
        if isinstance(condition.value, Description):
            yield from _names(condition.value)


def _with_pronouns(clause: str, names: Sequence[str], mentions: Sequence[Description]) -> str:
    """`their savings account` where the clause names only one owner, and has named them already."""
    named = [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", clause)]
    if len(named) != 1:
        return clause
    name = named[0]
    first = clause.index(name) + len(name)
    rest = re.sub(rf"(?<!\w){re.escape(possessive(name))} ", "their ", clause[first:])
    for mention in mentions:  # "the savings account of Marta Ruiz"
        if mention.text.startswith("the ") and mention.text.endswith(f" of {name}"):
            thing = mention.text.removeprefix("the ").removesuffix(f" of {name}")
            their = f"their {thing}".replace("\\", r"\\")
            rest = re.sub(rf"{re.escape(mention.text)}(?!\w)", their, rest)
    return clause[:first] + rest
