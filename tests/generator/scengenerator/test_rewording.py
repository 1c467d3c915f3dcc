"""Other words for tasks: kept when no fact is lost or added, the certificate holds, and a reader takes them right."""

from __future__ import annotations

from pathlib import Path

import pytest
from made import ROOT, model_of, prover_of
from played import Player, call, model, reading

from generator.llm.answers import AnswerStore
from generator.scengenerator.files import load_scenario
from generator.scengenerator.findings import Turnout
from generator.scengenerator.rewording import Rewording
from generator.scengenerator.scenario import Scenario
from generator.scengenerator.setting import Setting
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


BLOCK = (
    "Before I forget it again: could you block Fournier Farm Machinery? "
    'Put "The account is suspected to be misused" down as the reason.'
)
SHIP = (
    "The driver is standing here and keeps looking at the clock. Please get Eriksen Farm Machinery's order packed "
    "and then hand that order to Nordfracht, so that it is shipped."
)
STATUS = "I am filling in a form and need the status of Lakeview Quarry. Only the status, nothing else, please."
THREE = (
    "Change of plan, sorry. First cancel Albrecht Crane Service's order. Then open an order with standard delivery "
    "and a discount of 11 percent for Albrecht Crane Service, to begin with 6 of Battery acid 1 l. And once you are "
    "at it, reorder 18 of Battery acid 1 l from the supplier."
)
RECEIVE = (
    "The delivery of Hydraulic cylinder 300 mm is blocking the ramp, so please receive it into bin F-12-4. After that, "
    "add 4 of Hydraulic cylinder 300 mm to Northside Tractor Repair's only standard order."
)
UNBLOCK = (
    "Grady Fleet Service have been on at me all morning. Could you take Penetrating oil spray 400 ml off their order "
    "- Grady Fleet Service's order, that is - and then unblock Grady Fleet Service?"
)
LINES = "For my own little overview: how many lines are there for Hydraulic filter 80 mm? Just the figure, please."
MOVE = (
    "I am rearranging the shelves. Move 5 of Hydraulic filter 80 mm from bin B-05-3 to bin C-06-3 first, then receive "
    "the delivery of Ball bearing 6204 into bin B-05-3, and finally add 3 of Hydraulic filter 80 mm to Kowalski Farm "
    "Machinery's order."
)
DECLINED = (
    "My boss wants to see things moving. Would you ship Grady Farm Machinery's oldest order with Van Houten Parcels?"
)
OLDEST = (
    "Somebody from the depot is nagging me. Please ship the oldest order of Riverside Bus Company with Van Houten "
    "Parcels, and then record the payment for that order."
)
DRAFT = "We were too quick there. Turn Kowalski Fleet Service's newest order back into a draft, would you?"
CAPACITY = "What is the capacity of bin A-08-3? I only need the figure, for the label on the rack."

READINGS = {
    BLOCK: reading(call("block_customer", customer_id="C-002", reason="The account is suspected to be misused")),
    SHIP: reading(call("pack_order", order_id="SO-0007"), call("ship_order", order_id="SO-0007", carrier="Nordfracht")),
    STATUS: reading(asked="status", rows=["C-002"], answer="blocked"),
    THREE: reading(
        call("cancel_order", order_id="SO-0008"),
        call("open_order", customer_id="C-003", sku="BA-010", quantity="6", service="standard", discount="11"),
        call("reorder_product", sku="BA-010", quantity="18"),
    ),
    RECEIVE: reading(
        call("receive_delivery", delivery_id="D-0002", bin_id="BIN-06"),
        call("add_order_line", order_id="SO-0006", sku="HC-300", quantity="4"),
    ),
    UNBLOCK: reading(
        call("remove_order_line", order_id="SO-0005", sku="PO-400"), call("unblock_customer", customer_id="C-006")
    ),
    LINES: reading(asked="count", rows=["HF-080"], answer="3"),
    MOVE: reading(
        call("move_stock", sku="HF-080", source_id="BIN-07", target_id="BIN-04", quantity="5"),
        call("receive_delivery", delivery_id="D-0007", bin_id="BIN-07"),
        call("add_order_line", order_id="SO-0005", sku="HF-080", quantity="3"),
    ),
    DECLINED: reading(call("ship_order", order_id="SO-0002", carrier="Van Houten Parcels")),
    OLDEST: reading(
        call("ship_order", order_id="SO-0002", carrier="Van Houten Parcels"), call("record_payment", order_id="SO-0002")
    ),
    DRAFT: reading(call("withdraw_order", order_id="SO-0008")),
    CAPACITY: reading(asked="capacity", rows=["BIN-01"], answer="72"),
}
RIGHT = [BLOCK, SHIP, STATUS, THREE, RECEIVE, UNBLOCK, LINES, MOVE, DECLINED, OLDEST, DRAFT, CAPACITY]


def played(
    bundled: list[Scenario], first: dict[int, str] | None = None, second: dict[int, str] | None = None
) -> Player:
    """A model that words all well, save those with another first try (by place), and then as it should."""
    wordings = {
        scenario.task: [(first or {}).get(at, RIGHT[at]), (second or {}).get(at, RIGHT[at])]
        for at, scenario in enumerate(bundled)
    }
    return Player(wordings, dict(READINGS))


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
    with model(player, answers=store) as (asked, _):
        assert Rewording(setting, asked, turnout).reworded(bundled) == bundled
    assert turnout.failed["nobody could read it back"] == 12
    assert "Not now." in turnout.troubles[0]
    player.awake = True
    turnout = Turnout()
    with model(player, answers=store) as (asked, provider):
        found = Rewording(setting, asked, turnout).reworded(bundled)
    assert [one.stage for one in provider.asked] == ["read_back"]
    assert [scenario.task for scenario in found] == RIGHT
