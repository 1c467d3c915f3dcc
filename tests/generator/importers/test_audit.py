"""What an audit says of planted checks, good ones and bad ones, each run in its contained process."""

from __future__ import annotations

import pytest
from desk import FOREIGN, STATUS, TOOLS, function, scenario

from generator.importers.audit import REMEDIES, Auditor, Effort, Outcome, worthless
from generator.importers.contained.box import Box, Limits
from generator.scengenerator.scenario import CheckAudit

TO_ACTIVE = 'Has the status of user U1 been changed from "closed" to "active"?'
TO_VERIFIED = 'Has the status of user U1 been set to "verified"?'


def new_box(clock: str, seed: str) -> Box:
    """A box whose checks may take a second."""
    return Box(seed=seed, clock=clock, limits=Limits(seconds=1.0))


def audited(asks: str, body: str, calls: int = 0) -> CheckAudit:
    auditor = Auditor(FOREIGN, TOOLS, new_box, Effort(calls=calls))
    [found] = auditor.audit(scenario((asks, function(body)))).checks
    return found


def classes(found: CheckAudit) -> list[str]:
    return [finding.what for finding in found.findings if finding.what != "unreached"]


@pytest.mark.parametrize(
    ("asks", "body", "accepted"),
    [
        pytest.param(TO_VERIFIED, STATUS + "    return 'verified' in status\n", "unverified", id="contains"),
        pytest.param(TO_VERIFIED, STATUS + "    return 'verified' in status.lower()\n", "unverified", id="lowered"),
        pytest.param(TO_VERIFIED, STATUS + "    return status.endswith('verified')\n", "unverified", id="ends"),
        pytest.param(TO_ACTIVE, STATUS + "    return status != 'closed'\n", "zzz", id="only not the old one"),
        pytest.param(TO_ACTIVE, STATUS + "    return status in ('active', 'unverified')\n", "unverified", id="another"),
        pytest.param(
            'Has a note "Call Bo" been added?', "    return len(final_state['notes']) > 0\n", None, id="not looked for"
        ),
        pytest.param(
            "Has the number of visits of user U1 been set to 9?",
            "    return final_state['users']['U1']['visits'] >= 9\n",
            44,
            id="at least where exactly is asked",
        ),
        pytest.param(
            'Has the remark of user U1 been set to "Call back on Monday"?',
            "    return 'Call back on Monday' in final_state['users']['U1']['remark']\n",
            "Call back on Monday zzz",
            id="contains a sentence",
        ),
    ],
)
def test_a_check_that_accepts_more_than_it_asks_for_is_shown_with_what_it_accepts(
    asks: str, body: str, accepted: object
) -> None:
    found = audited(asks, body)
    assert classes(found) == ["accepts_more"]
    [shown] = [finding for finding in found.findings if finding.what == "accepts_more"]
    assert shown.evidence.get("accepted") == accepted
    assert shown.evidence.get("row") or shown.evidence.get("changes")  # the state that shows it


@pytest.mark.parametrize(
    ("asks", "body"),
    [
        pytest.param(TO_ACTIVE, STATUS + "    return status == 'active'\n", id="equal"),
        pytest.param(TO_ACTIVE, STATUS + "    return status.strip().lower() == 'active'\n", id="whatever the case"),
        pytest.param(
            'Does the remark of user U1 contain the word "urgent"?',
            "    return 'urgent' in final_state['users']['U1']['remark']\n",
            id="containing is asked for",
        ),
        pytest.param(
            'Has the status of user U1 been set to "active" or "verified"?',
            STATUS + "    return status in ('active', 'verified')\n",
            id="a choice is asked for",
        ),
        pytest.param(
            "Has the number of visits of user U1 been raised to at least 9?",
            "    return final_state['users']['U1']['visits'] >= 9\n",
            id="at least is asked for",
        ),
        pytest.param(
            "Has the number of visits of user U1 been set to 9?",
            "    return abs(final_state['users']['U1']['visits'] - 9) < 0.01\n",
            id="a tolerance",
        ),
        pytest.param(
            "Has user U2 been removed?", "    return 'U2' not in final_state['users']\n", id="something is to be gone"
        ),
        pytest.param(
            'Has a note "Call Bo" been added?',
            "    return any(note.get('text') == 'Call Bo' for note in final_state['notes'].values())\n",
            id="a new row",
        ),
    ],
)
def test_a_check_that_asks_and_accepts_the_same_is_left_alone(asks: str, body: str) -> None:
    found = audited(asks, body)
    assert classes(found) == []


@pytest.mark.parametrize(
    ("body", "what", "start"),
    [
        ("    return final_state['users']['U3']['status'] == 'active'\n", "true_at_start", "true"),
        ("    return date.today() is None\n", "missing_name", "missing_name"),
        ("    return final_state['users'].get('U1')\n", "not_boolean", "not_boolean"),
        ("    return final_state['users']['U9']['status'] == 'x'\n", "raised", "raised"),
        ("    final_state['users'].clear()\n    return False\n", "mutates", "false"),
        ("    import random\n    return random.random() < 0\n", None, "false"),
        ("    import datetime\n    return datetime.datetime.now().year > 2025\n", "unstable", "false"),
        ("    while True:\n        pass\n", "broken", "broken"),
    ],
)
def test_what_is_odd_about_a_check_at_the_start_is_found(body: str, what: str | None, start: str) -> None:
    found = audited("Has it been done?", body)
    assert found.start == start
    assert what is None or what in classes(found)


@pytest.mark.parametrize(
    ("source", "what", "words"),
    [
        ("def check_func(final_state)\n    return True\n", "not_python", "no Python: SyntaxError: expected ':'"),
        ("def check_func(final_state):\n    return '\0' == 'x'\n", "not_python", "null bytes"),
        ("import numpy\n" + function("    return True\n"), "missing_name", "No module named 'numpy'"),
    ],
)
def test_a_check_that_cannot_even_run_is_told_apart_from_one_that_raises(source: str, what: str, words: str) -> None:
    made = scenario(("Has it been done?", source))
    [found] = Auditor(None, [], new_box, Effort(neighbours=False)).audit(made).checks
    assert (found.start, [one.what for one in found.findings]) == ("raised", [what, "unreached"])
    assert words in found.findings[0].words
    assert REMEDIES[what] != REMEDIES["raised"]


def test_a_check_that_no_state_makes_true_is_suspected_to_be_vacuous() -> None:
    found = audited("Has a report been made?", "    return bool(final_state.get('reports'))\n")
    assert classes(found) == ["vacuous"]
    assert "looks for reports, which the state does not have" in found.findings[0].words
    assert worthless(found) == "vacuous"


def test_without_edited_states_nothing_is_called_vacuous() -> None:
    made = scenario(("Has a report been made?", function("    return bool(final_state.get('reports'))\n")))
    [found] = Auditor(FOREIGN, TOOLS, new_box, Effort(calls=5, neighbours=False)).audit(made).checks
    assert [finding.what for finding in found.findings] == ["unreached"]


def test_random_calls_and_recorded_outcomes_count_as_reaching_a_goal() -> None:
    asks, body = TO_ACTIVE, STATUS + "    return status == 'active'\n"
    assert [finding.what for finding in audited(asks, body).findings] == ["unreached"]
    assert audited(asks, body, calls=80).findings == []
    made = scenario((asks, function(body)))
    with FOREIGN.open(made.initial_state["tables"], made.clock) as box:
        box.call("set_status", {"user_id": "U1", "status": "active"})
        outcome = Outcome(made.initial_state["tables"], box.state(), frozenset({made.sources[0].source}))
    [found] = Auditor(None, [], new_box).audit(made, [outcome]).checks
    assert found.findings == []


def test_what_is_true_at_the_start_or_never_decided_is_worth_nothing() -> None:
    true = audited("Is it so?", "    return True\n")
    undecided = audited("Is it so?", "    return nowhere\n")
    good = audited(TO_ACTIVE, STATUS + "    return status == 'active'\n")
    assert [worthless(one) for one in (true, undecided, good)] == ["true_at_start", "undecided", None]


def test_the_same_audit_says_the_same() -> None:
    made = scenario((TO_VERIFIED, function(STATUS + "    return 'verified' in status\n")))
    first, second = (Auditor(FOREIGN, TOOLS, new_box, Effort(calls=30)).audit(made) for _ in range(2))
    assert first == second
