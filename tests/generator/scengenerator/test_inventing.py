"""Tasks of a model's own: its calls are run, its checks tried, and what holds is certified like all scenarios."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import model_of, prover_of

from generator.scengenerator.checking import CheckCompiler
from generator.scengenerator.findings import Turnout
from generator.scengenerator.inventing import Inventing
from generator.scengenerator.inventions import Inventor, Proposal
from generator.scengenerator.laws import laws_of
from generator.scengenerator.playing import is_command
from generator.scengenerator.scenario import Kind, Scenario
from generator.scengenerator.setting import Setting
from generator.scengenerator.states import make_state
from tests.generator.scengenerator.answered import (
    BELTS,
    CREDIT,
    EXPRESS,
    GOOD,
    INVENTED,
    LINED,
    MOTORS,
    OPENED,
    RECEIVED,
    goal,
    proposal,
)
from tests.generator.scengenerator.played import Player, call, model, reading

NAME = "parts_warehouse"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting(model_of(NAME))


@pytest.fixture(scope="module")
def inventor(setting: Setting) -> Inventor:
    """Over the state that the first call of seed 1 shows."""
    return Inventor(setting, make_state(setting.model, "1/invented/0", 2), 2, 1)


def certified(scenarios: list[Scenario]) -> bool:
    return all(prover_of(NAME).prove(scenario) == scenario.certificate for scenario in scenarios)


def test_what_a_model_proposes_becomes_certified_scenarios(setting: Setting) -> None:
    turnout = Turnout()
    with model(Player({}, INVENTED, [{"proposals": GOOD}])) as (asked, provider):
        found = Inventing(setting, asked, turnout).scenarios(4, 1)
    assert [scenario.task for scenario in found] == [one["task"] for one in GOOD]
    assert [scenario.kind for scenario in found] == ["change", "change", "question", "decline"]
    assert [one.stage for one in provider.asked] == ["invent", "read_back"]
    assert certified(found)
    assert (turnout.right, turnout.mended, turnout.failed.total()) == (4, 0, 0)
    assert found[0].id == "parts-warehouse-invented-001"


def test_look_ups_that_are_missing_are_put_in_and_policies_are_kept(setting: Setting) -> None:
    with model(Player({}, INVENTED, [{"proposals": GOOD}])) as (asked, _):
        found = Inventing(setting, asked, Turnout()).scenarios(4, 1)
    motors, express = found[1], found[3]
    assert [one.name for one in motors.solution.calls if not is_command(setting.model, one)]
    assert {check.id for check in motors.expressions if check.kind == "keep"} == {
        f"policy-{name}" for name in setting.model.policies
    }
    assert not any(is_command(setting.model, one) for one in express.solution.calls)  # it is not done


# -- honest mistakes ---------------------------------------------------------------------------------------------------


def changed(one: Json, **values: Any) -> Json:
    return {**copy.deepcopy(one), **values}


def test_everything_found_is_told_at_once_and_mended(setting: Setting) -> None:
    """A row compared with an id; a refused call; a goal true at the start; something that can be done after all."""
    typed = changed(
        BELTS, checks=[RECEIVED, goal(OPENED["that"].replace("customer.customer_id == ", "customer == ")), LINED]
    )
    refused = changed(
        MOTORS,
        task=MOTORS["task"].replace("Starter motor 24 V", "Roller chain 12 B"),
        calls=[call("reorder_product", sku="RC-012", quantity="12"), MOTORS["calls"][1]],
        checks=[goal("any(o.order_id == 'SO-0008' for o in orders)"), MOTORS["checks"][1]],
    )
    possible = changed(
        EXPRESS,
        task="Please release Novak Engineering's draft order.",
        calls=[call("find_customer", name="Novak Engineering"), call("release_order", order_id="SO-0009")],
        answer="I cannot do this: the customer is blocked.",
    )
    turnout = Turnout()
    answers = [{"proposals": [typed, refused, CREDIT, possible]}, {"proposals": [BELTS, MOTORS, EXPRESS]}]
    with model(Player({}, INVENTED, answers)) as (asked, provider):
        found = Inventing(setting, asked, turnout).scenarios(4, 1)
    assert {scenario.task for scenario in found} == {one["task"] for one in GOOD}
    assert (turnout.right, turnout.mended, turnout.failed.total()) == (1, 3, 0)
    assert certified(found)
    assert [one.stage for one in provider.asked] == ["invent", "read_back", "invent_again", "read_back"]
    told = str(provider.asked[2].body["messages"][-1]["content"])
    assert "compares a customer with a text" in told
    assert "is already awaited" in told
    assert "is true before anything is done" in told
    assert "other actions make it possible" in told


STANDARD = call("open_order", customer_id="C-006", sku="PO-400", quantity="4", service="standard")


def found_against(inventor: Inventor, one: Json) -> str:
    made, findings = inventor.made(Proposal.model_validate(one), one["kind"], "test-001")
    assert made is None
    return " ".join(finding.words for finding in findings)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (changed(MOTORS, calls=[call("reorder_produkt", sku="SM-024")]), "did you mean 'reorder_product'?"),
        (changed(MOTORS, calls=[call("reorder_product", sku="SM-024", number="12")]), "has no argument 'number'"),
        (changed(MOTORS, calls=[call("reorder_product", sku="SM-024", quantity="a few")]), "quantity is an integer"),
        (changed(MOTORS, calls=[call("cancel_order", order_id="$1.order_id")]), "has not returned anything by then"),
        (changed(MOTORS, calls=[call("list_bins")]), "change nothing"),
        (changed(MOTORS, checks=[]), "needs a goal"),
        (changed(MOTORS, checks=[MOTORS["checks"][0]]), "step dropped, without cancel_order"),
        (changed(MOTORS, task=MOTORS["task"].replace("12", "some")), "reorder_product.quantity = 12"),
        (changed(MOTORS, checks=[*MOTORS["checks"], goal("1 == 2", "keep")]), "is not true at the start"),
        (changed(MOTORS, checks=[goal("len(orders) == 3")]), "is not true after the calls"),
        (changed(MOTORS, checks=[goal("only(orders, 'SO-0099').paid > 3")]), "cannot be decided"),
        (changed(MOTORS, task=" "), "no words"),
        (changed(MOTORS, task=MOTORS["task"] + " Please." * 400), "say it in a few sentences"),
        (changed(MOTORS, checks=[*MOTORS["checks"], goal("answer == 'Done.'")]), "since its words may differ"),
        (changed(MOTORS, checks=[*MOTORS["checks"], goal("len(calls) > 1")]), "how many calls are made"),
        (changed(MOTORS, checks=[*MOTORS["checks"], goal("called('list_bins')")]), "leaves nothing behind"),
        (changed(CREDIT, answer="Novak Crane Service"), "is not true after the calls and the answer"),
        (changed(CREDIT, calls=[]), "give the calls"),
        (changed(CREDIT, calls=[call("list_bins")]), "no look-up returns 'Novak Engineering'"),
        (changed(CREDIT, calls=MOTORS["calls"]), "by look-ups alone"),
        (changed(CREDIT, checks=[goal("1 == 1")]), "exactly one check"),
        (changed(EXPRESS, calls=[*EXPRESS["calls"][:2], STANDARD]), "nothing to decline"),
        (changed(EXPRESS, calls=EXPRESS["calls"][:2]), "last the one action"),
        (changed(EXPRESS, answer="Sure, it is done."), "is not true after the calls and the answer"),
    ],
)
def test_what_speaks_against_a_proposal(inventor: Inventor, one: Json, told: str) -> None:
    assert told in found_against(inventor, one)


def test_nobody_is_searched_for_whom_the_words_do_not_name() -> None:
    """No tool lists referrals without a patient: "the one that was requested last" cannot be picked out."""
    setting = Setting(model_of("outpatient_clinic"))
    clinic = Inventor(setting, make_state(setting.model, "1/invented/0", 2), 2, 1)
    approve = proposal(
        "change",
        "We promised to work off the referrals. Approve the one that was requested last.",
        [
            call("search_patients", name="James Rich"),
            call("list_referrals_of_patient", patient_id="PT-005"),
            call("approve_referral", referral_id="RF-009"),
        ],
        "Done.",
        goal("any(r.referral_id == 'RF-009' and r.status == 'approved' for r in referrals)"),
    )
    assert "search_patients.name = 'James Rich' stands neither" in found_against(clinic, approve)
    named = changed(approve, task="Approve the referral of James Rich, it has been waiting for too long.")
    made, findings = clinic.made(Proposal.model_validate(named), "change", "test-002")
    assert (made is not None, findings) == (True, [])


def test_a_proposal_that_fails_twice_is_dropped_and_counted(setting: Setting) -> None:
    weak = changed(MOTORS, checks=[MOTORS["checks"][0]])
    turnout = Turnout()
    answers = [{"proposals": [BELTS, weak, CREDIT, EXPRESS]}, {"proposals": [weak]}, *[{"proposals": []}] * 4]
    with model(Player({}, INVENTED, answers)) as (asked, _):
        found = Inventing(setting, asked, turnout).scenarios(4, 1)
    assert len(found) == 3
    assert certified(found)
    assert turnout.failed["a wrong solution passes"] == 1


def test_words_that_are_read_otherwise_are_not_kept(setting: Setting) -> None:
    """Two deliveries could be meant: a reader who sees the words alone takes the other one."""
    vague = changed(BELTS, task=BELTS["task"].replace("the one that should have come first", "one with V-belts"))
    other = reading(
        call("receive_delivery", delivery_id="D-0007", bin_id="BIN-07"), INVENTED[BELTS["task"]]["commands"][1]
    )
    turnout = Turnout()
    player = Player({}, {**INVENTED, vague["task"]: other}, [{"proposals": [vague]}, {"proposals": [BELTS]}])
    with model(player) as (asked, provider):
        found = Inventing(setting, asked, turnout).scenarios(1, 1)
    assert [scenario.task for scenario in found] == [BELTS["task"]]
    assert "D-0007" in str(provider.asked[2].body["messages"][-1]["content"])


def test_a_check_that_is_proposed_again_and_again_counts_once(inventor: Inventor) -> None:
    made, _ = inventor.made(Proposal.model_validate(changed(MOTORS, checks=MOTORS["checks"] * 50)), "change", "test")
    once, _ = inventor.made(Proposal.model_validate(MOTORS), "change", "test")
    assert made is not None and made == once


def test_the_same_task_is_not_taken_twice(setting: Setting) -> None:
    again = changed(CREDIT, task=CREDIT["task"].replace("I am calling our best customers today. ", ""))
    answers = [{"proposals": [CREDIT, again]}, {"proposals": [again]}, *[{"proposals": []}] * 4]
    player = Player({}, {**INVENTED, again["task"]: INVENTED[CREDIT["task"]]}, answers)
    turnout = Turnout()
    with model(player) as (asked, _):
        found = Inventing(setting, asked, turnout).scenarios(2, 1, "question")
    assert len(found) == 1
    assert turnout.failed["the same task again"] == 1


TOOLS = [tool["name"] for tool in laws_of(model_of(NAME)).module.TOOLS]
ARGUMENTS = ["customer_id", "order_id", "sku", "quantity", "status", "reason", "bin_id", "service"]
VALUES = ["C-001", "SO-0007", "HF-080", "3", "draft", "", "null", "[1]", "{}", "$1.order_id", "$2.lines[0].sku", "NaN"]
VALUES += ["1e999", '["\\ud800"]', "[" * 100_000, f"${'9' * 5000}.order_id", "9" * 5000]
EXPRESSIONS = [
    "1 == 1",
    "(",
    "answer",
    "len(calls) > 1",
    "1 / 0 == 1",
    "states(answer, 3)",
    "o.status == 'x'",
    "not " * 99,
]
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=5)
CALLS = st.builds(
    lambda tool, arguments: {"tool": tool, "arguments": [{"name": n, "value": v} for n, v in arguments.items()]},
    st.sampled_from([*TOOLS, "nothing"]),
    st.dictionaries(st.sampled_from(ARGUMENTS), st.sampled_from(VALUES) | WORDS, max_size=4),
)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["change", "question", "decline"]),
    calls=st.lists(CALLS, max_size=4),
    checks=st.lists(st.sampled_from(EXPRESSIONS).map(goal), max_size=3),
    answer=st.sampled_from(["Done.", "", "I cannot do this.", "3"]),
)
def test_nonsense_is_told_and_never_raises(
    inventor: Inventor, kind: Kind, calls: list[Json], checks: list[Json], answer: str
) -> None:
    nonsense = proposal(kind, "Do C-001 SO-0007 HF-080 3 draft.", calls, answer, *checks)
    made, findings = inventor.made(Proposal.model_validate(nonsense), kind, "test-003")
    assert (made is None) == bool(findings)


# -- what the prompt teaches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "that",
    [
        "any(o.status == 'draft' and o.customer.name == 'Novak Engineering' for o in orders)",
        "only(before.orders, 'SO-0007').customer.customer_id == 'C-001'",
        "count(x for x in order_lines if x not in before.order_lines and x.order.order_id == 'SO-0007') == 0",
        "any(x.carrier is not None and x.carrier == 'Nordfracht' for x in orders) or True",
        "all(x.status == before(x).status for x in orders if x in before.orders)",
        "any(s.product.sku == 'HF-080' and s.bin.code == 'C-02-1' and s.quantity == 11 for s in stock_items)",
        "sum(x.amount for x in order_lines if x.order.order_id == 'SO-0001') > 0 and max(o.total for o in orders) > 0",
        "any(d.expected_on < '2026-04-16' and date_of(d.ordered_at) < today() for d in deliveries)",
        "len(unique([o.customer for o in orders])) > 1 and round(1.005, 2) > 0 and abs(-1) == 1",
        "[o.discount for o in sorted(orders, by='-discount')] != [] and get(orders, 'SO-0001') is not None",
        "not contains(lower('A b'), 'c') and starts_with('ab', 'a') and days(today() - today()) == 0",
    ],
)
def test_what_the_prompt_teaches_passes_the_checker(setting: Setting, that: str) -> None:
    assert CheckCompiler(setting.model).checked(that).problems == ()


@pytest.mark.parametrize(
    "that",
    [
        "any(o.customer == 'C-001' for o in orders)",
        "any(o.customer_id == 'C-001' for o in orders)",
        "any(o['status'] == 'draft' for o in orders)",
        "any(x.carrier.upper() == 'POST' for x in orders)",
        "next(o for o in orders).status == 'draft'",
        "len(set([o.customer for o in orders])) > 1",
    ],
)
def test_what_the_prompt_warns_of_does_not_pass(setting: Setting, that: str) -> None:
    assert CheckCompiler(setting.model).checked(that).problems
