"""Other words for tasks: kept when no fact is lost or added, the certificate holds, and a reader takes them right."""

from __future__ import annotations

from pathlib import Path

import pytest
from made import ROOT, made, model_of, prover_of

from generator.llm.answers import AnswerStore
from generator.scengenerator.files import load_scenario
from generator.scengenerator.findings import Turnout
from generator.scengenerator.rewording import Rewording
from generator.scengenerator.scenario import Scenario
from generator.scengenerator.setting import Setting
from tests.generator.scengenerator.answered import (
    BLOCK,
    CAPACITY,
    DECLINED,
    DRAFT,
    LINES,
    OLDEST,
    RECEIVE,
    REWORDED,
    RIGHT,
    THREE,
    UNBLOCK,
)
from tests.generator.scengenerator.played import Player, call, model, reading
from tests.llm.loopback import Failed

NAME = "parts_warehouse"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting(model_of(NAME))


@pytest.fixture(scope="module")
def bundled() -> list[Scenario]:
    return [load_scenario(path) for path in sorted((ROOT / "scenarios" / NAME).glob("*.json"))]


def played(
    bundled: list[Scenario], first: dict[int, str] | None = None, second: dict[int, str] | None = None
) -> Player:
    """A model that words all well, save those with another first try (by place), and then as it should."""
    wordings = {
        scenario.task: [(first or {}).get(at, RIGHT[at]), (second or {}).get(at, RIGHT[at])]
        for at, scenario in enumerate(bundled)
    }
    return Player(wordings, dict(REWORDED))


def test_tasks_are_worded_by_people_and_certified_again(setting: Setting, bundled: list[Scenario]) -> None:
    turnout = Turnout()
    with model(played(bundled)) as (asked, provider):
        found = Rewording(setting, asked, turnout).reworded(bundled)
    assert [scenario.task for scenario in found] == RIGHT
    assert (turnout.right, turnout.mended, turnout.failed.total()) == (12, 0, 0)
    assert [one.stage for one in provider.asked] == ["reword", "read_back"]  # many scenarios a call
    for was, now in zip(bundled, found, strict=True):
        assert prover_of(NAME).prove(now) == now.certificate
        assert now.model_copy(update={"task": was.task}) == was  # nothing but the words


def test_a_batch_words_them_alike(setting: Setting, bundled: list[Scenario]) -> None:
    with model(played(bundled), batch=True) as (asked, _):
        found = Rewording(setting, asked, Turnout()).reworded(bundled[:3])
    assert [scenario.task for scenario in found] == RIGHT[:3]


def test_scenarios_of_one_name_do_not_get_mixed_up(setting: Setting, bundled: list[Scenario]) -> None:
    namesakes = [scenario.model_copy(update={"id": "same"}) for scenario in bundled]
    with model(played(bundled)) as (asked, _):
        found = Rewording(setting, asked, Turnout()).reworded(namesakes)
    assert [scenario.task for scenario in found] == RIGHT
    assert [scenario.checks for scenario in found] == [scenario.checks for scenario in bundled]


MISTAKES = {
    0: (BLOCK.replace("The account is", "the account is"), '"The account is suspected to be misused" of the original'),
    3: (THREE.replace("Change of plan", "Change of plan since yesterday"), '"yesterday" does not stand'),
    4: (RECEIVE.replace("4 of", "four of"), '"4" of the original is missing'),
    5: (UNBLOCK.replace("at me", "at me and Vera"), '"Vera" looks like a name'),
    6: (LINES.replace(" Just the figure, please.", ""), "must ask for the value alone"),
    8: (DECLINED.replace("oldest order", "oldest order, the cancelled one,"), '"cancelled" tells why'),
    9: (OLDEST.replace("oldest order", "oldest order (SO-0002)"), '"SO-0002" does not stand'),
    10: (DRAFT.replace("Turn", "Look up Kowalski Fleet Service and turn"), "tells how to go about it"),
    11: (CAPACITY.replace("the label on the rack", "Old Mill Sawmill"), '"Old Mill Sawmill" is a name'),
}


def test_what_loses_adds_or_tells_a_fact_is_told_once_and_mended(setting: Setting, bundled: list[Scenario]) -> None:
    player = played(bundled, {at: words for at, (words, _) in MISTAKES.items()})
    turnout = Turnout()
    with model(player) as (asked, provider):
        found = Rewording(setting, asked, turnout).reworded(bundled)
    assert [scenario.task for scenario in found] == RIGHT
    assert (turnout.right, turnout.mended) == (12 - len(MISTAKES), len(MISTAKES))
    assert [one.stage for one in provider.asked] == ["reword", "read_back", "reword_again", "read_back"]
    for at, (_, told) in MISTAKES.items():
        assert told in player.findings[bundled[at].task]
    assert all(prover_of(NAME).prove(scenario) == scenario.certificate for scenario in found)


def test_words_that_are_read_as_something_else_are_told_as_what(setting: Setting, bundled: list[Scenario]) -> None:
    """Every fact is there, and yet another order is meant."""
    newest = OLDEST.replace("the oldest order", "the newest order")
    player = played(bundled, {9: newest})
    player.readings[newest] = reading(
        call("ship_order", order_id="SO-0008", carrier="Van Houten Parcels"), call("record_payment", order_id="SO-0008")
    )
    turnout = Turnout()
    with model(player) as (asked, _):
        found = Rewording(setting, asked, turnout).reworded(bundled)
    told = player.findings[bundled[9].task]
    assert "ship_order(order_id=SO-0008" in told
    assert "cannot be done" in told
    assert found[9].task == OLDEST
    assert turnout.mended == 1


@pytest.mark.parametrize(
    ("at", "other", "told"),
    [
        (6, reading(asked="count", rows=["HF-120"], answer="3"), "not of HF-080"),
        (6, reading(asked="quantity", rows=["HF-080"], answer="3"), "a number of rows is asked for"),
        (11, reading(asked="capacity", rows=["BIN-01"], answer="54"), "where '72' is right"),
        (11, reading(asked="room", rows=["BIN-01"], answer="72"), "is not what is asked for"),
        (2, reading(call("unblock_customer", customer_id="C-002")), "but it is a question"),
        (8, reading(call("ship_order", order_id="SO-0004", carrier="Van Houten Parcels")), 'order_id="SO-0002"'),
        (8, reading(), "one thing is asked for"),
        (7, reading(unclear="Which of the two bins is meant?"), "Which of the two bins is meant?"),
        (1, reading(call("pack_order", order_id="SO-0007")), "status is shipped"),
        (1, reading(call("pack_parcel", order_id="SO-0007")), "there is no tool 'pack_parcel'"),
    ],
)
def test_what_is_misread_twice_keeps_its_old_words(
    setting: Setting, bundled: list[Scenario], at: int, other: dict[str, object], told: str
) -> None:
    player = played(bundled)
    player.readings[RIGHT[at]] = other
    turnout = Turnout()
    with model(player) as (asked, _):
        (found,) = Rewording(setting, asked, turnout).reworded([bundled[at]])
    assert told in player.findings[bundled[at].task]
    assert found == bundled[at]
    assert turnout.failed.total() == 1
    assert turnout.lines("reworded", "kept their old words")[0] == "0 reworded, 1 kept their old words"


def test_a_stopped_job_goes_on_without_asking_again(setting: Setting, bundled: list[Scenario], tmp_path: Path) -> None:
    """The reader is overloaded at first; what the first job was told is not asked again."""

    class Tired(Player):
        def __call__(self, asked: object) -> object:  # type: ignore[override]
            answer = super().__call__(asked)  # type: ignore[arg-type]
            if asked.stage == "read_back" and not self.awake:  # type: ignore[attr-defined]
                return Failed(400, "invalid_request_error", "Not now.")
            return answer

        awake = False

    fresh = played(bundled)
    player = Tired(fresh.wordings, fresh.readings)
    turnout = Turnout()
    store = AnswerStore(tmp_path)
    with model(player, answers=store) as (asked, provider):
        assert Rewording(setting, asked, turnout).reworded(bundled) == bundled
    assert turnout.failed["nobody could read it back"] == 12
    assert [one.stage for one in provider.asked] == ["reword", "read_back"]  # words that nobody read are not at fault
    assert "Not now." in turnout.troubles[0]
    player.awake = True
    turnout = Turnout()
    with model(player, answers=store) as (asked, provider):
        found = Rewording(setting, asked, turnout).reworded(bundled)
    assert [one.stage for one in provider.asked] == ["read_back"]
    assert [scenario.task for scenario in found] == RIGHT


# -- what a policy forbids: the command that is asked for is not in the solution -----------------------------------


@pytest.fixture(scope="module")
def forbidden() -> Scenario:
    return next(one for one in made("credit_union")[0] if one.task.startswith("Can you unfreeze Joanna Ray's"))


UNFREEZE = 'I have been on the phone for an hour. Just unfreeze Joanna Ray\'s "New roof" account, would you?'


def accounts_of(scenario: Scenario) -> list[str]:
    """The account that is meant, then the others."""
    rows = scenario.initial_state["tables"]["accounts"]
    return sorted(rows, key=lambda key: rows[key]["nickname"] != "New roof" or rows[key]["status"] != "frozen")


def test_what_a_policy_forbids_is_read_in_the_old_words_too(forbidden: Scenario) -> None:
    setting = Setting(model_of("credit_union"))
    right = reading(call("unfreeze_account", account_id=accounts_of(forbidden)[0]))
    turnout = Turnout()
    player = Player({forbidden.task: [UNFREEZE]}, {forbidden.task: right, UNFREEZE: right})
    with model(player) as (asked, provider):
        (found,) = Rewording(setting, asked, turnout).reworded([forbidden])
    assert [one.stage for one in provider.asked] == ["read_back", "reword", "read_back"]
    assert forbidden.task not in str(provider.asked[2].body)  # whoever reads the new words has not seen the old ones
    assert found.task == UNFREEZE
    assert prover_of("credit_union").prove(found) == found.certificate


def test_another_forbidden_thing_is_not_what_was_meant(forbidden: Scenario) -> None:
    setting = Setting(model_of("credit_union"))
    meant, *others = accounts_of(forbidden)
    right = reading(call("unfreeze_account", account_id=meant))
    wrong = reading(call("unfreeze_account", account_id=others[0]))
    turnout = Turnout()
    player = Player({forbidden.task: [UNFREEZE, UNFREEZE]}, {forbidden.task: right, UNFREEZE: wrong})
    with model(player) as (asked, _):
        (found,) = Rewording(setting, asked, turnout).reworded([forbidden])
    assert found == forbidden
    assert f'unfreeze_account(account_id="{meant}") is asked for' in player.findings[forbidden.task]


def test_what_can_be_done_after_all_was_not_what_was_asked_for(forbidden: Scenario) -> None:
    """A reader of the old words who names something that no policy forbids has not understood them."""
    setting = Setting(model_of("credit_union"))
    allowed = reading(call("unfreeze_account", account_id="A-9999"))
    player = Player({forbidden.task: [UNFREEZE, UNFREEZE]}, {forbidden.task: allowed, UNFREEZE: allowed})
    with model(player) as (asked, _):
        (found,) = Rewording(setting, asked, Turnout()).reworded([forbidden])
    assert found == forbidden
