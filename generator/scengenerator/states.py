"""Initial states: sampled rows, then a history of commands that ends at the skeleton's clock.

Sizes 1 to 5 say how much there is to look through. Populations grow from the least to the most number of rows of
their range; the past grows from about 28 commands in 32 days to about 72 in 80; entities that only commands make
come to some 4 to 10 rows and more.
"""

from __future__ import annotations

import datetime as dt
import random

from generator.scengenerator.history import History, length
from generator.scengenerator.laws import Laws, State, laws_of
from generator.scengenerator.population import Population, UnluckyError
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.sampling import Sampler, SamplingError
from generator.skeleton.model import Model

SIZES = range(1, 6)
DRAWS_OF_A_STATE = 12


def make_state(model: Model, seed: str, size: int) -> State:
    """A state in which every rule holds; the same seed and size give the same bytes in every process.

    Raises SamplingError when the skeleton's samples cannot keep its rules, and ValueError for an unknown size.
    """
    if size not in SIZES:
        raise ValueError(f"a state has a size from {SIZES[0]} to {SIZES[-1]}, not {size}")
    laws = laws_of(model)
    unlucky: UnluckyError | None = None
    for draw in range(DRAWS_OF_A_STATE):
        try:
            return _draw(laws, f"{model.document.id}/{seed}/{size}/{draw}", size)
        except UnluckyError as error:
            unlucky = error
    raise SamplingError(f"no state in {DRAWS_OF_A_STATE} draws keeps the rules: {unlucky}") from unlucky


def _draw(laws: Laws, seed: str, size: int) -> State:
    state = populate(laws, seed, size)
    world = laws.open(state)
    sampler = Sampler(laws.model, f"{seed}/history")
    end = laws.model.document.clock
    History(laws, world, Proposer(laws.model, random.Random(f"{seed}/proposals"), sampler), size).run(end)
    broken = laws.broken(world)
    if broken:
        raise UnluckyError(f"after the history, the rule '{broken[0]}' does not hold")
    return world.state


def populate(laws: Laws, seed: str, size: int) -> State:
    """The rows that a state starts with, before anything has happened. Raises UnluckyError."""
    state = laws.empty()
    sampler = Sampler(laws.model, f"{seed}/population")
    start = dt.datetime.fromisoformat(state["clock"]) - dt.timedelta(days=length(size))
    sampler.since = start.isoformat()
    Population(laws, laws.view(state), sampler, size).fill()
    return state
