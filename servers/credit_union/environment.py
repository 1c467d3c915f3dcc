"""Credit union back office: Members, accounts, cards, transfers, checks and disputed purchases of a small credit union.

Rendered by envwright from skeleton.yaml; change that file and render again. Needs the standard library only:

    environment = Environment()
    environment.call("list_members", { … })  # as an agent calls a tool: validated, refused with a sentence
"""

from __future__ import annotations

import difflib
import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

NAME = "credit_union"
TITLE = "Credit union back office"
VERSION = "f936b6b6f07d"
INSTRUCTIONS = """\
You work in the back office of a small credit union and serve its members: you open and close accounts, record deposits, move money, look after cards and handle disputes over card purchases. All amounts are US dollars. An account is spoken of by its nickname and the member it belongs to, a card by its last four digits, a transaction by its memo. Some policies are not enforced by the tools; keep to them, and hand a request over to a human colleague when a policy does not allow it.

Rules that always hold:
- No balance falls below zero by more than the overdraft limit of the account.
- A closed account has a balance of zero and no check waiting to be settled.
- A closed account has no open dispute, and all its cards are cancelled.
- A savings account has no overdraft limit.
- Only checking accounts have cards, and an account has at most one card that is not cancelled.
- A purchase has at most one dispute that is open or was upheld.
- A dispute is upheld or rejected only with evidence on file.
- A beneficiary is an account of another member, and is not closed.

Policies that the tools do not enforce; keep to them:
- An account that is frozen because of suspected fraud is not unfrozen at anybody's request; hand the request over to a human colleague.
- A check is not marked as cleared before the third day after it was paid in, whatever the member says about it.
- The fee for replacing a card may be waived only when the old card was an original one; whoever replaces a card that is itself a replacement pays the fee.
- A dispute over an unauthorized purchase is never closed as withdrawn, even when the member asks for it; it has to be decided on evidence.

When you are done, say so; to a question, give the value that was asked for and no other. When a request cannot or must not be met, change nothing and say plainly that you cannot do it, or hand it over with hand_over_to_human.
"""

State = dict[str, Any]
Schema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


# Rows: what the tables hold.


class Member(TypedDict):
    """A person who banks with the credit union."""

    member_id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    joined_on: str


class Beneficiary(TypedDict):
    """Another member's account to which a member may send larger amounts."""

    member_id: str
    account_id: str
    added_on: str


class Account(TypedDict):
    """A checking or savings account of one member."""

    account_id: str
    member_id: str
    kind: str
    nickname: str
    status: str
    freeze_reason: str | None
    overdraft_limit: float
    opened_on: str


class Transaction(TypedDict):
    """Money that came into an account or left it."""

    transaction_id: str
    account_id: str
    kind: str
    amount: float
    memo: str
    status: str
    method: str | None
    card_id: str | None
    counterparty_id: str | None
    created_at: str


class Card(TypedDict):
    """A debit card of a checking account."""

    card_id: str
    account_id: str
    last_four: str
    status: str
    replaces_id: str | None
    fee: str | None
    issued_on: str


class Dispute(TypedDict):
    """A member's complaint about a card purchase."""

    dispute_id: str
    transaction_id: str
    reason: str
    status: str
    opened_at: str
    closed_at: str | None


class DisputeNote(TypedDict):
    """Something put on file while a dispute is open."""

    dispute_id: str
    kind: str
    content: str
    written_at: str


class AccountChanges(TypedDict, total=False):
    account_id: str
    member_id: str
    kind: str
    nickname: str
    status: str
    freeze_reason: str | None
    overdraft_limit: float
    opened_on: str


class TransactionChanges(TypedDict, total=False):
    transaction_id: str
    account_id: str
    kind: str
    amount: float
    memo: str
    status: str
    method: str | None
    card_id: str | None
    counterparty_id: str | None
    created_at: str


class CardChanges(TypedDict, total=False):
    card_id: str
    account_id: str
    last_four: str
    status: str
    replaces_id: str | None
    fee: str | None
    issued_on: str


class DisputeChanges(TypedDict, total=False):
    dispute_id: str
    transaction_id: str
    reason: str
    status: str
    opened_at: str
    closed_at: str | None


# Results: what agents see.


class BeneficiaryView(Beneficiary):
    holder: str


class MemberView(Member):
    full_name: str
    total_balance: float
    open_disputes: int
    beneficiaries: list[BeneficiaryView]


class AccountView(Account):
    balance: float
    uncleared: float
    available: float
    open_disputes: int


class DisputeView(Dispute):
    subject: str
    amount: float
    evidence_count: int
    notes: list[DisputeNote]


class MembersResult(TypedDict):
    members: list[MemberView]
    total: int


class AccountsResult(TypedDict):
    accounts: list[AccountView]
    total: int


class TransactionsResult(TypedDict):
    transactions: list[Transaction]
    total: int


class CardsResult(TypedDict):
    cards: list[Card]
    total: int


class DisputesResult(TypedDict):
    disputes: list[DisputeView]
    total: int


class HandOverToHumanResult(TypedDict):
    message: str


class InvalidState(ValueError):
    """A state that does not fit this environment."""


class Refused(Exception):
    """A request that cannot be done. `code` is stable, `message` is for people, `origin` says what refused."""

    def __init__(self, code: str, message: str, origin: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.origin = code, message, origin


@dataclass(frozen=True)
class Result:
    """The result of a tool call; of a refusal, `content` is its code and message."""

    ok: bool
    content: dict[str, Any]
    origin: str = ""

    @property
    def text(self) -> str:
        """What a model reads."""
        if not self.ok:
            return str(self.content["message"])
        return json.dumps(self.content, ensure_ascii=False)


def command(method: Callable[Concatenate[Environment, P], T]) -> Callable[Concatenate[Environment, P], T]:
    """All effects of a command happen, or none."""

    @functools.wraps(method)
    def whole(self: Environment, /, *args: P.args, **kwargs: P.kwargs) -> T:
        self._undo.clear()
        try:
            return method(self, *args, **kwargs)
        except BaseException:
            for step in reversed(self._undo):
                step()
            raise

    return whole


class Environment:
    """Credit union back office. One public method a tool; `call` is the door for agents."""

    def __init__(self, state: State | None = None) -> None:
        """Takes a state over, or starts from state.json. Raises InvalidState."""
        if state is None:
            state = cast(
                State, json.loads(Path(__file__).with_name("state.json").read_text(encoding="utf-8"))
            )
        fault = STATE_CHECK(state) or _unresolved(state["tables"])
        if fault:
            raise InvalidState(f"This state does not fit {NAME}: {_sentence(fault)}")
        self._open(state["clock"], state["counters"], state["tables"])
        for account_row in self.accounts.values():
            account_row["overdraft_limit"] = float(account_row["overdraft_limit"])
        for transaction_row in self.transactions.values():
            transaction_row["amount"] = float(transaction_row["amount"])

    def _open(self, clock: str, counters: dict[str, int], tables: dict[str, Any]) -> None:
        self.clock = clock
        self.counters = counters
        self.members: dict[str, Member] = tables["members"]
        self.beneficiaries: dict[str, Beneficiary] = tables["beneficiaries"]
        self.accounts: dict[str, Account] = tables["accounts"]
        self.transactions: dict[str, Transaction] = tables["transactions"]
        self.cards: dict[str, Card] = tables["cards"]
        self.disputes: dict[str, Dispute] = tables["disputes"]
        self.dispute_notes: dict[str, DisputeNote] = tables["dispute_notes"]
        self._undo: list[Callable[[], object]] = []
        self._tools: dict[str, Callable[..., Any]] = {
            "list_members": self.list_members,
            "get_member": self.get_member,
            "find_member_by_name": self.find_member_by_name,
            "get_account": self.get_account,
            "list_accounts_of_member": self.list_accounts_of_member,
            "list_transactions_of_account": self.list_transactions_of_account,
            "list_cards_of_account": self.list_cards_of_account,
            "find_card_by_last_four": self.find_card_by_last_four,
            "list_disputes_of_member": self.list_disputes_of_member,
            "open_account": self.open_account,
            "close_account": self.close_account,
            "freeze_account": self.freeze_account,
            "unfreeze_account": self.unfreeze_account,
            "record_deposit": self.record_deposit,
            "settle_check": self.settle_check,
            "transfer_money": self.transfer_money,
            "move_balance": self.move_balance,
            "add_beneficiary": self.add_beneficiary,
            "issue_card": self.issue_card,
            "block_card": self.block_card,
            "unblock_card": self.unblock_card,
            "replace_card": self.replace_card,
            "record_purchase": self.record_purchase,
            "open_dispute": self.open_dispute,
            "add_dispute_note": self.add_dispute_note,
            "close_dispute": self.close_dispute,
            "hand_over_to_human": self.hand_over_to_human,
        }

    def copy(self) -> Environment:
        """An independent copy. Rows are copied; what they hold is replaced on writing, never changed in place."""
        tables = {
            name: {key: row.copy() for key, row in rows.items()}
            for name, rows in self.state["tables"].items()
        }
        other = type(self).__new__(type(self))
        other._open(self.clock, self.counters.copy(), tables)
        return other

    @property
    def state(self) -> State:
        """The state as one JSON object; a live view, not a copy."""
        tables = {
            "members": self.members,
            "beneficiaries": self.beneficiaries,
            "accounts": self.accounts,
            "transactions": self.transactions,
            "cards": self.cards,
            "disputes": self.disputes,
            "dispute_notes": self.dispute_notes,
        }
        return {"clock": self.clock, "counters": self.counters, "tables": tables}

    def call(self, name: str, arguments: object) -> Result:
        """Runs a tool as an agent calls it. What is wrong is refused with a sentence, and then nothing has changed."""
        check = ARGUMENT_CHECKS.get(name) if isinstance(name, str) else None
        if check is None:
            return _refusal(
                "unknown_tool", f"There is no tool {_shown(name)}{_nearest(name, ARGUMENT_CHECKS)}", "tool"
            )
        fault = check(arguments)
        if fault:
            return _refusal("invalid_arguments", _sentence(fault), "arguments")
        given = cast(dict[str, Any], arguments)
        try:
            return Result(
                True, self._tools[name](**{key: value for key, value in given.items() if value is not None})
            )
        except Refused as refused:
            return _refusal(refused.code, refused.message, refused.origin)
        except (OverflowError, InvalidOperation):
            return _refusal("invalid_value", "These numbers are too large to calculate with.", "arithmetic")

    # Tools that change nothing.

    def list_members(self, limit: int | None = None, offset: int = 0) -> MembersResult:
        """List all members."""
        found = list(self.members.values())
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"members": [self._show_member(member) for member in page], "total": len(found)}

    def get_member(self, member_id: str) -> MemberView:
        """Get everything known about a member."""
        return self._show_member(self._find_member(member_id))

    def find_member_by_name(self, full_name: str) -> MemberView:
        """Find the one member with this full name; case and outer spaces do not matter."""
        wanted = full_name.strip().casefold()
        found = [
            member
            for member in self.members.values()
            if self._member_full_name(member).strip().casefold() == wanted
        ]
        if not found:
            raise Refused("not_found", f"There is no member with the full name '{full_name}'.", "member")
        if len(found) > 1:
            raise Refused(
                "conflict", f"There are {len(found)} members with the full name '{full_name}'.", "member"
            )
        return self._show_member(found[0])

    def get_account(self, account_id: str) -> AccountView:
        """Get everything known about an account."""
        return self._show_account(self._find_account(account_id))

    def list_accounts_of_member(
        self, member_id: str, limit: int | None = None, offset: int = 0
    ) -> AccountsResult:
        """List the accounts of a member."""
        self._find_member(member_id)
        found = [account for account in self.accounts.values() if account["member_id"] == member_id]
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"accounts": [self._show_account(account) for account in page], "total": len(found)}

    def list_transactions_of_account(
        self, account_id: str, limit: int | None = None, offset: int = 0
    ) -> TransactionsResult:
        """List the transactions of an account, ordered by created at, the earliest first."""
        self._find_account(account_id)
        found = [
            transaction
            for transaction in self.transactions.values()
            if transaction["account_id"] == account_id
        ]
        found.sort(key=lambda transaction: transaction["created_at"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {
            "transactions": [self._show_transaction(transaction) for transaction in page],
            "total": len(found),
        }

    def list_cards_of_account(
        self, account_id: str, limit: int | None = None, offset: int = 0
    ) -> CardsResult:
        """List the cards of an account."""
        self._find_account(account_id)
        found = [card for card in self.cards.values() if card["account_id"] == account_id]
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"cards": [self._show_card(card) for card in page], "total": len(found)}

    def find_card_by_last_four(self, last_four: str) -> Card:
        """Find the one card with this last four; case and outer spaces do not matter."""
        wanted = last_four.strip().casefold()
        found = [card for card in self.cards.values() if card["last_four"].strip().casefold() == wanted]
        if not found:
            raise Refused("not_found", f"There is no card with the last four '{last_four}'.", "card")
        if len(found) > 1:
            raise Refused(
                "conflict", f"There are {len(found)} cards with the last four '{last_four}'.", "card"
            )
        return self._show_card(found[0])

    def list_disputes_of_member(self, member_id: str) -> DisputesResult:
        """List the disputes of a member, over all the accounts, with their notes."""
        member = self._find_member(member_id)
        found = [
            d
            for d in self.disputes.values()
            if self.accounts[self.transactions[d["transaction_id"]]["account_id"]]["member_id"]
            == member["member_id"]
        ]
        return {"disputes": [self._show_dispute(x) for x in found], "total": len(found)}

    def hand_over_to_human(self, summary: str) -> HandOverToHumanResult:
        """Hand the request over to a human colleague, when a policy or the tools do not allow it."""
        return {"message": "A human colleague takes over."}

    # Tools that change the state.

    @command
    def open_account(
        self, member_id: str, kind: str, nickname: str, overdraft_limit: float = 0, opening_deposit: float = 0
    ) -> AccountView:
        """Open an account for a member, with an opening deposit in cash if there is one."""
        member = self._find_member(member_id)
        if any(
            a["member_id"] == member["member_id"]
            and a["status"] != "closed"
            and a["nickname"].lower() == nickname.lower()
            for a in self.accounts.values()
        ):
            raise Refused(
                "refused",
                f"{self._member_full_name(member)} already has an account called {nickname}.",
                "open_account.requires[0]",
            )
        if not (kind == "checking" or cents(overdraft_limit) == 0):
            raise Refused(
                "refused", "A savings account cannot have an overdraft limit.", "open_account.requires[1]"
            )
        account = self._create_account(
            {
                "account_id": self._next_account_id(),
                "member_id": member["member_id"],
                "kind": kind,
                "nickname": nickname,
                "status": "open",
                "freeze_reason": None,
                "overdraft_limit": overdraft_limit,
                "opened_on": self.clock[:10],
            }
        )
        if cents(opening_deposit) > 0:
            self._create_transaction(
                {
                    "transaction_id": self._next_transaction_id(),
                    "account_id": account["account_id"],
                    "kind": "deposit",
                    "amount": opening_deposit,
                    "memo": "Opening deposit",
                    "status": "posted",
                    "method": "cash",
                    "card_id": None,
                    "counterparty_id": None,
                    "created_at": self.clock,
                }
            )
        return self._show_account(account)

    @command
    def close_account(self, account_id: str) -> AccountView:
        """Close an account for good. Its balance must be zero and nothing may be unsettled; its card is cancelled and it is taken off the beneficiaries of other members."""
        account = self._find_account(account_id)
        self._require_usable(account)
        if self._account_open_disputes(account) != 0:
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} has an open dispute, which has to be closed first.",
                "close_account.requires[1]",
            )
        if any(
            t["account_id"] == account["account_id"] and t["status"] == "pending"
            for t in self.transactions.values()
        ):
            raise Refused(
                "refused",
                f"A check paid into the account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} is still pending and has to be settled first.",
                "close_account.requires[2]",
            )
        if self._account_balance(account) != 0:
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} has a balance of {self._account_balance(account):.2f} dollars, which has to be brought to zero first.",
                "close_account.requires[3]",
            )
        beneficiaries_to_delete = [
            x for x in self.beneficiaries.values() if x["account_id"] == account["account_id"]
        ]
        for c in [
            x
            for x in self.cards.values()
            if x["account_id"] == account["account_id"] and x["status"] != "cancelled"
        ]:
            self._update_card(c, {"status": "cancelled"})
        for b in beneficiaries_to_delete:
            self._delete_beneficiary(b)
        self._update_account(account, {"status": "closed"})
        return self._show_account(account)

    @command
    def freeze_account(self, account_id: str, reason: str) -> AccountView:
        """Freeze an account, so that nothing is paid out of it."""
        account = self._find_account(account_id)
        self._require_usable(account)
        self._update_account(account, {"status": "frozen", "freeze_reason": reason})
        return self._show_account(account)

    @command
    def unfreeze_account(self, account_id: str) -> AccountView:
        """Release a frozen account; every dispute over its purchases must be closed."""
        account = self._find_account(account_id)
        if account["status"] != "frozen":
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} ({account['account_id']}) is not frozen; it is {account['status']}.",
                "unfreeze_account.requires[0]",
            )
        if self._account_open_disputes(account) != 0:
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} stays frozen while a dispute over one of its purchases is open.",
                "unfreeze_account.requires[1]",
            )
        self._update_account(account, {"status": "open", "freeze_reason": None})
        return self._show_account(account)

    @command
    def record_deposit(self, account_id: str, method: str, amount: float, memo: str) -> Transaction:
        """Record money paid in. Cash counts at once; a check is pending until it is settled."""
        account = self._find_account(account_id)
        self._require_not_closed(account)
        transaction = self._create_transaction(
            {
                "transaction_id": self._next_transaction_id(),
                "account_id": account["account_id"],
                "kind": "deposit",
                "amount": amount,
                "memo": memo,
                "status": "pending" if method == "check" else "posted",
                "method": method,
                "card_id": None,
                "counterparty_id": None,
                "created_at": self.clock,
            }
        )
        return self._show_transaction(transaction)

    @command
    def settle_check(self, transaction_id: str, outcome: str) -> Transaction:
        """Mark a pending check as cleared, so that it counts in the balance, or as bounced."""
        transaction = self._find_transaction(transaction_id)
        if transaction["status"] != "pending":
            raise Refused(
                "refused",
                f"Transaction {transaction['transaction_id']} ({transaction['memo']}) is not a pending check; it is {transaction['status']}.",
                "settle_check.requires[0]",
            )
        if outcome == "cleared":
            self._update_transaction(transaction, {"status": "posted"})
        if outcome == "bounced":
            self._update_transaction(transaction, {"status": "returned"})
        return self._show_transaction(transaction)

    @command
    def transfer_money(self, source_id: str, target_id: str, amount: float, memo: str) -> Transaction:
        """Transfer an amount between two accounts. Above 500 dollars, an account of another member must be a registered beneficiary of the sender."""
        source = self._find_account(source_id)
        target = self._find_account(target_id)
        self._require_different(source, target)
        self._require_usable(source)
        self._require_not_closed(target)
        if not (
            cents(amount) <= 500
            or source["member_id"] == target["member_id"]
            or self._registered(self.members[source["member_id"]], target)
        ):
            raise Refused(
                "refused",
                f"More than 500 dollars can go to another member only when the account is a registered beneficiary, and {target['nickname']} of {self._member_full_name(self.members[target['member_id']])} is not among the beneficiaries of {self._member_full_name(self.members[source['member_id']])}.",
                "transfer_money.requires[3]",
            )
        self._require_covered(source, amount)
        outgoing = self._create_transaction(
            {
                "transaction_id": self._next_transaction_id(),
                "account_id": source["account_id"],
                "kind": "sent",
                "amount": 0 - amount,
                "memo": memo,
                "status": "posted",
                "method": None,
                "card_id": None,
                "counterparty_id": target["account_id"],
                "created_at": self.clock,
            }
        )
        self._create_transaction(
            {
                "transaction_id": self._next_transaction_id(),
                "account_id": target["account_id"],
                "kind": "received",
                "amount": amount,
                "memo": memo,
                "status": "posted",
                "method": None,
                "card_id": None,
                "counterparty_id": source["account_id"],
                "created_at": self.clock,
            }
        )
        return self._show_transaction(outgoing)

    @command
    def move_balance(self, source_id: str, target_id: str) -> Transaction:
        """Move the whole balance of an account to another account of the same member."""
        source = self._find_account(source_id)
        target = self._find_account(target_id)
        self._require_different(source, target)
        self._require_not_closed(target)
        if source["member_id"] != target["member_id"]:
            raise Refused(
                "refused",
                f"The account {target['nickname']} belongs to {self._member_full_name(self.members[target['member_id']])}; a whole balance can be moved only between accounts of the same member, and {source['nickname']} is an account of {self._member_full_name(self.members[source['member_id']])}.",
                "move_balance.requires[2]",
            )
        self._require_usable(source)
        amount: float = self._account_balance(source)
        if not cents(amount) > 0:
            raise Refused(
                "refused",
                f"There is nothing to move: the balance of {source['nickname']} of {self._member_full_name(self.members[source['member_id']])} is {amount:.2f} dollars.",
                "move_balance.requires[4]",
            )
        outgoing = self._create_transaction(
            {
                "transaction_id": self._next_transaction_id(),
                "account_id": source["account_id"],
                "kind": "sent",
                "amount": 0 - amount,
                "memo": "Balance moved",
                "status": "posted",
                "method": None,
                "card_id": None,
                "counterparty_id": target["account_id"],
                "created_at": self.clock,
            }
        )
        self._create_transaction(
            {
                "transaction_id": self._next_transaction_id(),
                "account_id": target["account_id"],
                "kind": "received",
                "amount": amount,
                "memo": "Balance moved",
                "status": "posted",
                "method": None,
                "card_id": None,
                "counterparty_id": source["account_id"],
                "created_at": self.clock,
            }
        )
        return self._show_transaction(outgoing)

    @command
    def add_beneficiary(self, member_id: str, account_id: str) -> MemberView:
        """Register an account of another member as a beneficiary, to which a member may send larger amounts."""
        member = self._find_member(member_id)
        account = self._find_account(account_id)
        if account["member_id"] == member["member_id"]:
            raise Refused(
                "refused",
                f"The account {account['nickname']} belongs to {self._member_full_name(member)}; one's own accounts need no registration.",
                "add_beneficiary.requires[0]",
            )
        self._require_not_closed(account)
        if self._registered(member, account):
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} is already a beneficiary of {self._member_full_name(member)}.",
                "add_beneficiary.requires[2]",
            )
        self._create_beneficiary(
            {
                "member_id": member["member_id"],
                "account_id": account["account_id"],
                "added_on": self.clock[:10],
            }
        )
        return self._show_member(member)

    @command
    def issue_card(self, account_id: str, last_four: str) -> Card:
        """Issue a debit card from stock for a checking account that has none."""
        account = self._find_account(account_id)
        self._require_usable(account)
        if account["kind"] != "checking":
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} is a {account['kind']} account; only checking accounts have cards.",
                "issue_card.requires[1]",
            )
        if any(
            c["account_id"] == account["account_id"] and c["status"] != "cancelled"
            for c in self.cards.values()
        ):
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} already has a card; it can be replaced, but a second one is not issued.",
                "issue_card.requires[2]",
            )
        card = self._create_card(
            {
                "card_id": self._next_card_id(),
                "account_id": account["account_id"],
                "last_four": last_four,
                "status": "active",
                "replaces_id": None,
                "fee": None,
                "issued_on": self.clock[:10],
            }
        )
        return self._show_card(card)

    @command
    def block_card(self, card_id: str) -> Card:
        """Block an active card, so that no purchase can be made with it."""
        card = self._find_card(card_id)
        if card["status"] != "active":
            raise Refused(
                "refused",
                f"The card ending in {card['last_four']} is not active; it is {card['status']}.",
                "block_card.requires[0]",
            )
        self._update_card(card, {"status": "blocked"})
        return self._show_card(card)

    @command
    def unblock_card(self, card_id: str) -> Card:
        """Make a blocked card active again."""
        card = self._find_card(card_id)
        if card["status"] != "blocked":
            raise Refused(
                "refused",
                f"The card ending in {card['last_four']} is not blocked; it is {card['status']}.",
                "unblock_card.requires[0]",
            )
        if self._reported_stolen(card):
            raise Refused(
                "refused",
                f"The card ending in {card['last_four']} stays blocked while a dispute over an unauthorized purchase with it is open.",
                "unblock_card.requires[1]",
            )
        self._require_usable(self.accounts[card["account_id"]])
        self._update_card(card, {"status": "active"})
        return self._show_card(card)

    @command
    def replace_card(self, card_id: str, last_four: str, fee: str) -> Card:
        """Cancel a card and issue a new one for the same account. The fee of 15 dollars is charged to the account unless it is waived."""
        card = self._find_card(card_id)
        if card["status"] == "cancelled":
            raise Refused(
                "refused",
                f"The card ending in {card['last_four']} is already cancelled.",
                "replace_card.requires[0]",
            )
        self._require_usable(self.accounts[card["account_id"]])
        if not (fee == "waived" or self._account_available(self.accounts[card["account_id"]]) >= 15):
            raise Refused(
                "refused",
                f"The account {self.accounts[card['account_id']]['nickname']} of {self._member_full_name(self.members[self.accounts[card['account_id']]['member_id']])} has only {self._account_available(self.accounts[card['account_id']]):.2f} dollars available, which does not cover the fee of 15 dollars.",
                "replace_card.requires[2]",
            )
        replacement = self._create_card(
            {
                "card_id": self._next_card_id(),
                "account_id": card["account_id"],
                "last_four": last_four,
                "status": "active",
                "replaces_id": card["card_id"],
                "fee": fee,
                "issued_on": self.clock[:10],
            }
        )
        if fee == "charged":
            self._create_transaction(
                {
                    "transaction_id": self._next_transaction_id(),
                    "account_id": card["account_id"],
                    "kind": "fee",
                    "amount": 0 - 15,
                    "memo": "Card replacement fee",
                    "status": "posted",
                    "method": None,
                    "card_id": None,
                    "counterparty_id": None,
                    "created_at": self.clock,
                }
            )
        self._update_card(card, {"status": "cancelled"})
        return self._show_card(replacement)

    @command
    def record_purchase(self, card_id: str, merchant: str, amount: float) -> Transaction:
        """Record a purchase that was made with a card."""
        card = self._find_card(card_id)
        if card["status"] != "active":
            raise Refused(
                "refused",
                f"The card ending in {card['last_four']} is {card['status']} and cannot be used.",
                "record_purchase.requires[0]",
            )
        self._require_usable(self.accounts[card["account_id"]])
        self._require_covered(self.accounts[card["account_id"]], amount)
        transaction = self._create_transaction(
            {
                "transaction_id": self._next_transaction_id(),
                "account_id": card["account_id"],
                "kind": "purchase",
                "amount": 0 - amount,
                "memo": merchant,
                "status": "posted",
                "method": None,
                "card_id": card["card_id"],
                "counterparty_id": None,
                "created_at": self.clock,
            }
        )
        return self._show_transaction(transaction)

    @command
    def open_dispute(self, transaction_id: str, reason: str) -> DisputeView:
        """Open a dispute over a card purchase from an account that is open. Where the purchase is said to be unauthorized, the card is blocked at once."""
        transaction = self._find_transaction(transaction_id)
        if transaction["kind"] != "purchase":
            raise Refused(
                "refused",
                f"Transaction {transaction['transaction_id']} ({transaction['memo']}) is not a card purchase, and only card purchases can be disputed.",
                "open_dispute.requires[0]",
            )
        self._require_usable(self.accounts[transaction["account_id"]])
        if any(
            d["transaction_id"] == transaction["transaction_id"]
            and (d["status"] == "open" or d["status"] == "upheld")
            for d in self.disputes.values()
        ):
            raise Refused(
                "refused",
                f"The purchase at {transaction['memo']} ({transaction['transaction_id']}) already has a dispute that is open or was upheld.",
                "open_dispute.requires[2]",
            )
        update_card = (
            reason == "unauthorized"
            and transaction["card_id"] is not None
            and self.cards[transaction["card_id"]]["status"] == "active"
        )
        dispute = self._create_dispute(
            {
                "dispute_id": self._next_dispute_id(),
                "transaction_id": transaction["transaction_id"],
                "reason": reason,
                "status": "open",
                "opened_at": self.clock,
                "closed_at": None,
            }
        )
        if update_card:
            self._update_card(self.cards[present(transaction["card_id"])], {"status": "blocked"})
        return self._show_dispute(dispute)

    @command
    def add_dispute_note(self, dispute_id: str, kind: str, content: str) -> DisputeView:
        """Put evidence or background on file in an open dispute."""
        dispute = self._find_dispute(dispute_id)
        if dispute["status"] != "open":
            raise Refused(
                "refused",
                f"Dispute {dispute['dispute_id']} is already {dispute['status']}, so nothing can be added to it.",
                "add_dispute_note.requires[0]",
            )
        self._create_dispute_note(
            {"dispute_id": dispute["dispute_id"], "kind": kind, "content": content, "written_at": self.clock}
        )
        return self._show_dispute(dispute)

    @command
    def close_dispute(self, dispute_id: str, outcome: str) -> DisputeView:
        """Close a dispute. An upheld one refunds the purchase; a dispute is upheld or rejected only when there is evidence on file."""
        dispute = self._find_dispute(dispute_id)
        if dispute["status"] != "open":
            raise Refused(
                "refused",
                f"Dispute {dispute['dispute_id']} is already {dispute['status']}.",
                "close_dispute.requires[0]",
            )
        if not (outcome == "withdrawn" or self._dispute_evidence_count(dispute) > 0):
            raise Refused(
                "refused",
                f"Dispute {dispute['dispute_id']} has no evidence on file, so it cannot be {outcome} yet.",
                "close_dispute.requires[1]",
            )
        if outcome == "upheld":
            self._create_transaction(
                {
                    "transaction_id": self._next_transaction_id(),
                    "account_id": self.transactions[dispute["transaction_id"]]["account_id"],
                    "kind": "refund",
                    "amount": self._dispute_amount(dispute),
                    "memo": "Refund from " + self._dispute_subject(dispute),
                    "status": "posted",
                    "method": None,
                    "card_id": None,
                    "counterparty_id": None,
                    "created_at": self.clock,
                }
            )
        self._update_dispute(dispute, {"status": outcome, "closed_at": self.clock})
        return self._show_dispute(dispute)

    # What must hold before a command does anything.

    def _require_usable(self, account: Account) -> None:
        if account["status"] != "open":
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} ({account['account_id']}) is {account['status']}.",
                "usable",
            )

    def _require_not_closed(self, account: Account) -> None:
        if account["status"] == "closed":
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} ({account['account_id']}) is closed.",
                "not_closed",
            )

    def _require_different(self, source: Account, target: Account) -> None:
        if source["account_id"] == target["account_id"]:
            raise Refused(
                "refused",
                f"The money would leave and enter the same account, {source['account_id']}.",
                "different",
            )

    def _require_covered(self, account: Account, amount: float) -> None:
        if not self._account_available(account) >= cents(amount):
            raise Refused(
                "refused",
                f"The account {account['nickname']} of {self._member_full_name(self.members[account['member_id']])} has only {self._account_available(account):.2f} dollars available, which does not cover {amount:.2f} dollars.",
                "covered",
            )

    # Definitions and derived fields.

    def _registered(self, member: Member, account: Account) -> bool:
        return self.beneficiaries.get("|".join((member["member_id"], account["account_id"]))) is not None

    def _reported_stolen(self, card: Card) -> bool:
        return any(
            d["status"] == "open"
            and d["reason"] == "unauthorized"
            and self.transactions[d["transaction_id"]]["card_id"] is not None
            and self.transactions[d["transaction_id"]]["card_id"] == card["card_id"]
            for d in self.disputes.values()
        )

    def _member_full_name(self, member: Member) -> str:
        return member["first_name"] + " " + member["last_name"]

    def _member_total_balance(self, member: Member) -> float:
        """Balance of all the member's accounts together."""
        return cents(
            sum(
                self._account_balance(a)
                for a in self.accounts.values()
                if a["member_id"] == member["member_id"]
            )
        )

    def _member_open_disputes(self, member: Member) -> int:
        """Number of the member's disputes that are still open."""
        return sum(
            1
            for d in self.disputes.values()
            if d["status"] == "open"
            and self.accounts[self.transactions[d["transaction_id"]]["account_id"]]["member_id"]
            == member["member_id"]
        )

    def _beneficiary_holder(self, beneficiary: Beneficiary) -> str:
        """Name of the receiving member."""
        return self._member_full_name(self.members[self.accounts[beneficiary["account_id"]]["member_id"]])

    def _account_balance(self, account: Account) -> float:
        """Sum of the posted transactions."""
        return cents(
            sum(
                t["amount"]
                for t in self.transactions.values()
                if t["account_id"] == account["account_id"] and t["status"] == "posted"
            )
        )

    def _account_uncleared(self, account: Account) -> float:
        """Sum of the checks that are not settled yet; not part of the balance."""
        return cents(
            sum(
                t["amount"]
                for t in self.transactions.values()
                if t["account_id"] == account["account_id"] and t["status"] == "pending"
            )
        )

    def _account_available(self, account: Account) -> float:
        """What can be paid out now, which is the balance and the overdraft limit together."""
        return cents(self._account_balance(account) + account["overdraft_limit"])

    def _account_open_disputes(self, account: Account) -> int:
        """Number of open disputes over purchases from this account."""
        return sum(
            1
            for d in self.disputes.values()
            if d["status"] == "open"
            and self.transactions[d["transaction_id"]]["account_id"] == account["account_id"]
        )

    def _dispute_subject(self, dispute: Dispute) -> str:
        """Merchant of the disputed purchase."""
        return self.transactions[dispute["transaction_id"]]["memo"]

    def _dispute_amount(self, dispute: Dispute) -> float:
        """Disputed amount."""
        return cents(0 - self.transactions[dispute["transaction_id"]]["amount"])

    def _dispute_evidence_count(self, dispute: Dispute) -> int:
        """Number of notes that count as evidence."""
        return sum(1 for n in self._dispute_notes(dispute) if n["kind"] == "evidence")

    # Rows: finding, showing, writing.

    def _find_member(self, member_id: str) -> Member:
        row = self.members.get(member_id)
        if row is None:
            raise Refused("not_found", f"There is no member '{member_id}'.", "member")
        return row

    def _show_member(self, member: Member) -> MemberView:
        return {
            **member,
            "full_name": self._member_full_name(member),
            "total_balance": self._member_total_balance(member),
            "open_disputes": self._member_open_disputes(member),
            "beneficiaries": [self._show_beneficiary(x) for x in self._member_beneficiaries(member)],
        }

    def _member_beneficiaries(self, member: Member) -> list[Beneficiary]:
        key = member["member_id"]
        return [x for x in self.beneficiaries.values() if x["member_id"] == key]

    def _show_beneficiary(self, beneficiary: Beneficiary) -> BeneficiaryView:
        return {**beneficiary, "holder": self._beneficiary_holder(beneficiary)}

    def _create_beneficiary(self, row: Beneficiary) -> Beneficiary:
        key = beneficiary_key(row)
        if key in self.beneficiaries:
            raise Refused("conflict", f"There is already a beneficiary '{key}'.", "beneficiary.key")
        self._insert(self.beneficiaries, key, row)
        return row

    def _delete_beneficiary(self, beneficiary: Beneficiary) -> None:
        key = beneficiary_key(beneficiary)
        if key not in self.beneficiaries:
            return  # gone already, with what owned it
        self._remove(self.beneficiaries, key)

    def _find_account(self, account_id: str) -> Account:
        row = self.accounts.get(account_id)
        if row is None:
            raise Refused("not_found", f"There is no account '{account_id}'.", "account")
        return row

    def _show_account(self, account: Account) -> AccountView:
        return {
            **account,
            "balance": self._account_balance(account),
            "uncleared": self._account_uncleared(account),
            "available": self._account_available(account),
            "open_disputes": self._account_open_disputes(account),
        }

    def _next_account_id(self) -> str:
        return self._next_id("account", self.accounts, "A-{:04}")

    def _create_account(self, row: Account) -> Account:
        self._check_account(row)
        key = row["account_id"]
        self._insert(self.accounts, key, row)
        return row

    def _update_account(self, account: Account, changes: AccountChanges) -> None:
        if "status" in changes:
            move(
                "the status of the account",
                account["status"],
                changes["status"],
                {"open": ["frozen", "closed"], "frozen": ["open"], "closed": []},
            )
        row = account.copy()
        row.update(changes)
        self._check_account(row)
        before = account.copy()
        self._undo.append(lambda: account.update(before))
        account.update(row)

    def _check_account(self, row: Account) -> None:
        if not row["nickname"].strip():
            raise Refused(
                "invalid_value", "The nickname of an account must not be blank.", "account.nickname"
            )
        if (row["freeze_reason"] is not None) != (row["status"] == "frozen"):
            raise Refused(
                "invalid_value",
                "The freeze reason of an account is given for status frozen, and only then.",
                "account.freeze_reason",
            )
        row["overdraft_limit"] = cents(row["overdraft_limit"])
        if row["overdraft_limit"] < 0.0:
            raise Refused(
                "invalid_value",
                f"The overdraft limit of an account must be at least 0, not {row['overdraft_limit']}.",
                "account.overdraft_limit",
            )

    def _find_transaction(self, transaction_id: str) -> Transaction:
        row = self.transactions.get(transaction_id)
        if row is None:
            raise Refused("not_found", f"There is no transaction '{transaction_id}'.", "transaction")
        return row

    def _show_transaction(self, transaction: Transaction) -> Transaction:
        return transaction.copy()

    def _next_transaction_id(self) -> str:
        return self._next_id("transaction", self.transactions, "T-{:05}")

    def _create_transaction(self, row: Transaction) -> Transaction:
        self._check_transaction(row)
        key = row["transaction_id"]
        self._insert(self.transactions, key, row)
        return row

    def _update_transaction(self, transaction: Transaction, changes: TransactionChanges) -> None:
        if "status" in changes:
            move(
                "the status of the transaction",
                transaction["status"],
                changes["status"],
                {"pending": ["posted", "returned"], "posted": [], "returned": []},
            )
        row = transaction.copy()
        row.update(changes)
        self._check_transaction(row)
        before = transaction.copy()
        self._undo.append(lambda: transaction.update(before))
        transaction.update(row)

    def _check_transaction(self, row: Transaction) -> None:
        row["amount"] = cents(row["amount"])
        if not row["memo"].strip():
            raise Refused("invalid_value", "The memo of a transaction must not be blank.", "transaction.memo")
        if (row["method"] is not None) != (row["kind"] == "deposit"):
            raise Refused(
                "invalid_value",
                "The method of a transaction is given for kind deposit, and only then.",
                "transaction.method",
            )
        if (row["card_id"] is not None) != (row["kind"] == "purchase"):
            raise Refused(
                "invalid_value",
                "The card of a transaction is given for kind purchase, and only then.",
                "transaction.card",
            )
        if (row["counterparty_id"] is not None) != (row["kind"] in ("received", "sent")):
            raise Refused(
                "invalid_value",
                "The counterparty of a transaction is given for kind received or sent, and only then.",
                "transaction.counterparty",
            )

    def _find_card(self, card_id: str) -> Card:
        row = self.cards.get(card_id)
        if row is None:
            raise Refused("not_found", f"There is no card '{card_id}'.", "card")
        return row

    def _show_card(self, card: Card) -> Card:
        return card.copy()

    def _next_card_id(self) -> str:
        return self._next_id("card", self.cards, "C-{:04}")

    def _create_card(self, row: Card) -> Card:
        self._check_card(row, None)
        key = row["card_id"]
        self._insert(self.cards, key, row)
        return row

    def _update_card(self, card: Card, changes: CardChanges) -> None:
        if "status" in changes:
            move(
                "the status of the card",
                card["status"],
                changes["status"],
                {"active": ["blocked", "cancelled"], "blocked": ["active", "cancelled"], "cancelled": []},
            )
        row = card.copy()
        row.update(changes)
        self._check_card(row, card)
        before = card.copy()
        self._undo.append(lambda: card.update(before))
        card.update(row)

    def _check_card(self, row: Card, old: Card | None) -> None:
        if re.search("^[0-9]{4}\\Z", row["last_four"]) is None:
            raise Refused(
                "invalid_value",
                f"The last four of a card is not of the right form: {row['last_four']}",
                "card.last_four",
            )
        if any(x["last_four"] == row["last_four"] and x is not old for x in self.cards.values()):
            raise Refused(
                "conflict",
                f"There is already a card with the last four {row['last_four']}.",
                "card.last_four",
            )

    def _find_dispute(self, dispute_id: str) -> Dispute:
        row = self.disputes.get(dispute_id)
        if row is None:
            raise Refused("not_found", f"There is no dispute '{dispute_id}'.", "dispute")
        return row

    def _show_dispute(self, dispute: Dispute) -> DisputeView:
        return {
            **dispute,
            "subject": self._dispute_subject(dispute),
            "amount": self._dispute_amount(dispute),
            "evidence_count": self._dispute_evidence_count(dispute),
            "notes": [self._show_dispute_note(x) for x in self._dispute_notes(dispute)],
        }

    def _dispute_notes(self, dispute: Dispute) -> list[DisputeNote]:
        key = dispute["dispute_id"]
        return [x for x in self.dispute_notes.values() if x["dispute_id"] == key]

    def _next_dispute_id(self) -> str:
        return self._next_id("dispute", self.disputes, "D-{:04}")

    def _create_dispute(self, row: Dispute) -> Dispute:
        self._check_dispute(row)
        key = row["dispute_id"]
        self._insert(self.disputes, key, row)
        return row

    def _update_dispute(self, dispute: Dispute, changes: DisputeChanges) -> None:
        if "status" in changes:
            move(
                "the status of the dispute",
                dispute["status"],
                changes["status"],
                {"open": ["upheld", "rejected", "withdrawn"], "upheld": [], "rejected": [], "withdrawn": []},
            )
        row = dispute.copy()
        row.update(changes)
        self._check_dispute(row)
        before = dispute.copy()
        self._undo.append(lambda: dispute.update(before))
        dispute.update(row)

    def _check_dispute(self, row: Dispute) -> None:
        if (row["closed_at"] is not None) != (row["status"] in ("upheld", "rejected", "withdrawn")):
            raise Refused(
                "invalid_value",
                "The closed at of a dispute is given for status upheld, rejected or withdrawn, and only then.",
                "dispute.closed_at",
            )

    def _show_dispute_note(self, dispute_note: DisputeNote) -> DisputeNote:
        return dispute_note.copy()

    def _create_dispute_note(self, row: DisputeNote) -> DisputeNote:
        self._check_dispute_note(row)
        key = self._next_id("dispute_note", self.dispute_notes, "#{}")
        self._insert(self.dispute_notes, key, row)
        return row

    def _check_dispute_note(self, row: DisputeNote) -> None:
        if not row["content"].strip():
            raise Refused(
                "invalid_value", "The content of a dispute note must not be blank.", "dispute_note.content"
            )

    def _next_id(self, entity: str, table: Mapping[str, object], pattern: str) -> str:
        """The next counted id; ids are never used again."""
        counters = dict(self.counters)
        number = counters.get(entity, 0) + 1
        while pattern.format(number) in table:
            number += 1
        self._undo.append(functools.partial(_restore, self.counters, counters))
        self.counters[entity] = number
        return pattern.format(number)

    def _insert(self, table: dict[str, T], key: str, row: T) -> None:
        table[key] = row
        self._undo.append(functools.partial(table.pop, key))

    def _remove(self, table: dict[str, T], key: str) -> None:
        rows = dict(table)  # going back restores the order too
        self._undo.append(functools.partial(_restore, table, rows))
        del table[key]


def _restore(target: dict[str, T], saved: dict[str, T]) -> None:
    target.clear()
    target.update(saved)


# What expressions are made of.


def cents(amount: float) -> float:
    """Money, rounded half up to cents."""
    try:
        return float(Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    except InvalidOperation:
        raise Refused("invalid_value", "This amount is too large.") from None


def present(value: T | None) -> T:
    """A value that was tested before."""
    if value is None:
        raise Refused("refused", "Something that is needed here is missing.")
    return value


def move(what: str, old: str, new: str, moves: dict[str, list[str]]) -> None:
    """A step of a state machine; any other is refused."""
    if new not in moves[old]:
        if new == old:
            raise Refused("bad_transition", f"{what[0].upper()}{what[1:]} is {old} already.", what)
        allowed = f"only {' or '.join(moves[old])}" if moves[old] else "nothing else"
        raise Refused(
            "bad_transition", f"{what[0].upper()}{what[1:]} is {old}; it can become {allowed}.", what
        )


def beneficiary_key(row: Beneficiary) -> str:
    return f"{row['member_id']}|{row['account_id']}"


def canonical(state: State) -> str:
    """One spelling of a state: sorted keys, no spaces."""
    return json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Validation of arguments and states: strict, and with a sentence for what is wrong. A schema is turned into a function
# once; what that finds is written `.place: words`, each level putting its own place in front.

Check = Callable[[Any], str]

MAX_TEXT = 20_000
MAX_NUMBER = 1_000_000_000_000
MAX_LIST = 1_000
DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"
TIME = r"^\d{2}:\d{2}:\d{2}$"
NOT_BLANK = r"\S"


def checker(schema: Schema, *, limited: bool) -> Check:
    """The check of a schema; `limited` for what comes from agents, whose texts, numbers and lists have a size."""
    if "anyOf" in schema:
        return _or_null(checker(schema["anyOf"][0], limited=limited))
    if "enum" in schema:
        return _word_check(schema["enum"])
    if schema["type"] == "boolean":
        return lambda value: "" if type(value) is bool else _expected("true or false", value)
    makers = {"string": _text_check, "array": _list_check, "object": _object_check}
    return makers.get(schema["type"], _number_check)(schema, limited)


def _or_null(check: Check) -> Check:
    return lambda value: "" if value is None else check(value)


def _word_check(words: list[str]) -> Check:
    known, expected = frozenset(words), ", ".join(words)

    def check(value: Any) -> str:
        if type(value) is str and value in known:
            return ""
        return f": {_shown(value)} is not one of {expected}."

    return check


def _text_check(schema: Schema, limited: bool) -> Check:
    form, expected = _form(schema)
    longest = MAX_TEXT if limited else sys.maxsize

    def check(value: Any) -> str:
        if type(value) is not str:
            return _expected("a text", value)
        if len(value) > longest:
            return f": the text is too long: {len(value):,} characters, {MAX_TEXT:,} are allowed."
        if not value.isascii() and _is_broken(value):
            return ": the text has broken characters."
        if form is not None and not form(value):
            return f": {_shown(value)} is {expected}."
        return ""

    return check


def _form(schema: Schema) -> tuple[Callable[[str], object] | None, str]:
    """What a text must look like, and what is said of one that does not."""
    pattern = schema.get("pattern")
    if schema.get("format") == "date":
        return _is_date, "not a date such as 2026-03-02"
    if pattern == DATETIME:
        return _is_datetime, "not a date and time such as 2026-03-02T09:00:00"
    if pattern == TIME:
        return _is_time, "not a time such as 09:00:00"
    if pattern == NOT_BLANK:
        return str.strip, "blank"
    if pattern:
        whole = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)  # Python's $ would let a line break pass
        return re.compile(whole).search, f"not of the right form ({pattern})"
    return None, ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_datetime(value: str) -> bool:
    try:
        return len(value) == 19 and datetime.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_time(value: str) -> bool:
    return _is_datetime(f"2000-01-01T{value}")


def _is_broken(value: str) -> bool:
    """Whether a text has half characters, which cannot be written to a file or a network."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _number_check(schema: Schema, limited: bool) -> Check:
    kinds, expected = (
        ((int,), "a whole number") if schema["type"] == "integer" else ((int, float), "a number")
    )
    largest = MAX_NUMBER if limited else sys.float_info.max
    low, high = schema.get("minimum", -largest), schema.get("maximum", largest)

    def check(value: Any) -> str:
        if type(value) not in kinds:
            return _expected(expected, value)
        if not abs(value) <= largest:
            return f": {_shown(value)} is not a number of a sensible size."
        if value < low:
            return f": it must be at least {low}, not {value}."
        if value > high:
            return f": it must be at most {high}, not {value}."
        return ""

    return check


def _list_check(schema: Schema, limited: bool) -> Check:
    item_check = checker(schema["items"], limited=limited)
    least, most = schema.get("minItems", 0), schema.get("maxItems", MAX_LIST if limited else sys.maxsize)

    def check(value: Any) -> str:
        if type(value) is not list:
            return _expected("a list", value)
        if not least <= len(value) <= most:
            return f": {least} to {most} entries are expected, found {len(value)}."
        for at, item in enumerate(value):
            if fault := item_check(item):
                return f"[{at}]{fault}"
        return ""

    return check


def _object_check(schema: Schema, limited: bool) -> Check:
    properties: Schema = schema.get("properties", {})
    checks = {name: checker(inner, limited=limited) for name, inner in properties.items()}
    required = schema.get("required", [])
    needed, optional = set(required), checks.keys() - set(required)
    others = schema.get("additionalProperties")
    rest = checker(others, limited=limited) if others else None

    def check(value: Any) -> str:
        if type(value) is not dict:
            return _expected("an object", value)
        if (
            rest is None and not value.keys() <= checks.keys()
        ):  # a misspelt name is missing too: first what it is
            name = next(name for name in value if name not in checks)
            return f": there is no {_shown(name)}{_nearest(name, properties)}"
        if not value.keys() >= needed:
            name = next(name for name in required if name not in value)
            return f": '{name}' is missing: {properties[name].get('description', 'it is needed.')}"
        for name, item in value.items():
            inner = checks.get(name, rest)
            if inner is not None and (fault := inner(item)) and not (item is None and name in optional):
                return f".{name}{fault}"
        return ""

    return check


def _unresolved(tables: dict[str, dict[str, Any]]) -> str:
    """The first row that is not under its own key, or refers to a row that is not there."""
    for table, columns in KEYS.items():
        for key, row in tables[table].items():
            if key != "|".join([str(row[column]) for column in columns]):
                return f".tables.{table}.{key}: the row belongs under another key."
    for table, references in REFERENCES.items():
        for key, row in tables[table].items():
            for column, target in references.items():
                value = row[column]
                for wanted in value if isinstance(value, list) else [] if value is None else [value]:
                    if wanted not in tables[target]:
                        return f".tables.{table}.{key}.{column}: there is no {_shown(wanted)} among the {target}."
    return ""


def _sentence(fault: str) -> str:
    text = fault.lstrip(".: ")
    return text if fault.startswith(".") else text[:1].upper() + text[1:]


def _expected(what: str, value: object) -> str:
    return f": {what} is expected, found {_shown(value)}."


def _shown(value: object) -> str:
    """A value in a sentence: containers by their kind, long ones cut, broken characters replaced."""
    if isinstance(value, str):
        text = value[:61].encode("utf-8", "replace").decode()
        return f"'{text}'" if len(text) <= 60 else f"'{text[:60]}…'"
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else "a huge number"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return f"something of type {type(value).__name__}"


def _nearest(name: object, names: Iterable[str]) -> str:
    choices = list(names)
    found = difflib.get_close_matches(str(name)[:100], choices, n=1)
    if found:
        return f"; did you mean '{found[0]}'?"
    return f"; there are {', '.join(choices)}." if choices else "; nothing is expected here."


def _refusal(code: str, message: str, origin: str) -> Result:
    return Result(False, {"code": code, "message": message}, origin)


# Schemas and tools, as MCP shows them.


def _rows(plural: str, row: Schema) -> Schema:
    """The schema of a list of rows."""
    properties = {plural: {"type": "array", "items": row}, "total": {"type": "integer"}}
    return {
        "type": "object",
        "properties": properties,
        "required": [plural, "total"],
        "additionalProperties": False,
    }


BENEFICIARY_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "member_id": {"type": "string"},
        "account_id": {"type": "string", "description": "The account that may receive larger amounts."},
        "added_on": {"type": "string", "format": "date"},
        "holder": {"type": "string", "description": "Name of the receiving member."},
    },
    "required": ["member_id", "account_id", "added_on", "holder"],
    "additionalProperties": False,
}
MEMBER_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "member_id": {"type": "string", "description": "Id of the member."},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "email": {"type": "string"},
        "phone": {"type": "string"},
        "joined_on": {
            "type": "string",
            "format": "date",
            "description": "Day on which the membership began.",
        },
        "full_name": {"type": "string"},
        "total_balance": {"type": "number", "description": "Balance of all the member's accounts together."},
        "open_disputes": {
            "type": "integer",
            "description": "Number of the member's disputes that are still open.",
        },
        "beneficiaries": {"type": "array", "items": BENEFICIARY_SCHEMA},
    },
    "required": [
        "member_id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "joined_on",
        "full_name",
        "total_balance",
        "open_disputes",
        "beneficiaries",
    ],
    "additionalProperties": False,
}
ACCOUNT_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "account_id": {"type": "string", "description": "Id of the account."},
        "member_id": {"type": "string", "description": "The member to whom the account belongs."},
        "kind": {"type": "string", "enum": ["checking", "savings"]},
        "nickname": {
            "type": "string",
            "description": "The member's own name for the account; no two accounts of a member that are not closed share one.",
        },
        "status": {
            "type": "string",
            "enum": ["open", "frozen", "closed"],
            "description": "A frozen account receives money, but nothing is paid out of it and no dispute is opened over it.",
        },
        "freeze_reason": {
            "anyOf": [
                {
                    "type": "string",
                    "enum": ["suspected fraud", "bankruptcy", "lost documents", "extended travel"],
                },
                {"type": "null"},
            ],
            "description": "Why the account is frozen.",
        },
        "overdraft_limit": {
            "type": "number",
            "description": "How far the balance may fall below zero; always 0 for a savings account.",
        },
        "opened_on": {"type": "string", "format": "date"},
        "balance": {"type": "number", "description": "Sum of the posted transactions."},
        "uncleared": {
            "type": "number",
            "description": "Sum of the checks that are not settled yet; not part of the balance.",
        },
        "available": {
            "type": "number",
            "description": "What can be paid out now, which is the balance and the overdraft limit together.",
        },
        "open_disputes": {
            "type": "integer",
            "description": "Number of open disputes over purchases from this account.",
        },
    },
    "required": [
        "account_id",
        "member_id",
        "kind",
        "nickname",
        "status",
        "freeze_reason",
        "overdraft_limit",
        "opened_on",
        "balance",
        "uncleared",
        "available",
        "open_disputes",
    ],
    "additionalProperties": False,
}
TRANSACTION_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "transaction_id": {"type": "string", "description": "Id of the transaction."},
        "account_id": {"type": "string"},
        "kind": {
            "type": "string",
            "enum": ["deposit", "received", "sent", "purchase", "fee", "refund"],
            "description": "Received and sent are the two sides of a transfer.",
        },
        "amount": {
            "type": "number",
            "description": "Positive when money comes in, negative when it goes out.",
        },
        "memo": {
            "type": "string",
            "description": "What the transaction was for; the name of the merchant for a purchase.",
        },
        "status": {
            "type": "string",
            "enum": ["pending", "posted", "returned"],
            "description": "A check is pending until it is settled; only posted transactions count in the balance.",
        },
        "method": {
            "anyOf": [{"type": "string", "enum": ["cash", "check"]}, {"type": "null"}],
            "description": "How a deposit was paid in.",
        },
        "card_id": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "The card with which a purchase was paid.",
        },
        "counterparty_id": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "The account on the other side of a transfer.",
        },
        "created_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
    },
    "required": [
        "transaction_id",
        "account_id",
        "kind",
        "amount",
        "memo",
        "status",
        "method",
        "card_id",
        "counterparty_id",
        "created_at",
    ],
    "additionalProperties": False,
}
CARD_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "card_id": {"type": "string", "description": "Id of the card."},
        "account_id": {"type": "string", "description": "The account that the card draws on."},
        "last_four": {"type": "string", "description": "Last four digits of the number printed on the card."},
        "status": {"type": "string", "enum": ["active", "blocked", "cancelled"]},
        "replaces_id": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "The earlier card, if this one is a replacement.",
        },
        "fee": {
            "anyOf": [{"type": "string", "enum": ["charged", "waived"]}, {"type": "null"}],
            "description": "Whether the fee was charged or waived, if this card is a replacement.",
        },
        "issued_on": {"type": "string", "format": "date"},
    },
    "required": ["card_id", "account_id", "last_four", "status", "replaces_id", "fee", "issued_on"],
    "additionalProperties": False,
}
DISPUTE_NOTE_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "dispute_id": {"type": "string"},
        "kind": {
            "type": "string",
            "enum": ["evidence", "background"],
            "description": "Only evidence counts when a dispute is decided.",
        },
        "content": {"type": "string"},
        "written_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
    },
    "required": ["dispute_id", "kind", "content", "written_at"],
    "additionalProperties": False,
}
DISPUTE_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "dispute_id": {"type": "string", "description": "Id of the dispute."},
        "transaction_id": {"type": "string", "description": "The disputed purchase."},
        "reason": {
            "type": "string",
            "enum": ["unauthorized", "charged twice", "wrong amount", "never delivered"],
        },
        "status": {"type": "string", "enum": ["open", "upheld", "rejected", "withdrawn"]},
        "opened_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "closed_at": {
            "anyOf": [
                {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
                {"type": "null"},
            ]
        },
        "subject": {"type": "string", "description": "Merchant of the disputed purchase."},
        "amount": {"type": "number", "description": "Disputed amount."},
        "evidence_count": {"type": "integer", "description": "Number of notes that count as evidence."},
        "notes": {"type": "array", "items": DISPUTE_NOTE_SCHEMA},
    },
    "required": [
        "dispute_id",
        "transaction_id",
        "reason",
        "status",
        "opened_at",
        "closed_at",
        "subject",
        "amount",
        "evidence_count",
        "notes",
    ],
    "additionalProperties": False,
}

SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "clock": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "counters": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        "tables": {
            "type": "object",
            "properties": {
                "members": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "member_id": {"type": "string", "description": "Id of the member."},
                            "first_name": {"type": "string"},
                            "last_name": {"type": "string"},
                            "email": {"type": "string"},
                            "phone": {"type": "string"},
                            "joined_on": {
                                "type": "string",
                                "format": "date",
                                "description": "Day on which the membership began.",
                            },
                        },
                        "required": ["member_id", "first_name", "last_name", "email", "phone", "joined_on"],
                        "additionalProperties": False,
                    },
                },
                "beneficiaries": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "member_id": {"type": "string"},
                            "account_id": {
                                "type": "string",
                                "description": "The account that may receive larger amounts.",
                            },
                            "added_on": {"type": "string", "format": "date"},
                        },
                        "required": ["member_id", "account_id", "added_on"],
                        "additionalProperties": False,
                    },
                },
                "accounts": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "account_id": {"type": "string", "description": "Id of the account."},
                            "member_id": {
                                "type": "string",
                                "description": "The member to whom the account belongs.",
                            },
                            "kind": {"type": "string", "enum": ["checking", "savings"]},
                            "nickname": {
                                "type": "string",
                                "description": "The member's own name for the account; no two accounts of a member that are not closed share one.",
                            },
                            "status": {
                                "type": "string",
                                "enum": ["open", "frozen", "closed"],
                                "description": "A frozen account receives money, but nothing is paid out of it and no dispute is opened over it.",
                            },
                            "freeze_reason": {
                                "anyOf": [
                                    {
                                        "type": "string",
                                        "enum": [
                                            "suspected fraud",
                                            "bankruptcy",
                                            "lost documents",
                                            "extended travel",
                                        ],
                                    },
                                    {"type": "null"},
                                ],
                                "description": "Why the account is frozen.",
                            },
                            "overdraft_limit": {
                                "type": "number",
                                "description": "How far the balance may fall below zero; always 0 for a savings account.",
                            },
                            "opened_on": {"type": "string", "format": "date"},
                        },
                        "required": [
                            "account_id",
                            "member_id",
                            "kind",
                            "nickname",
                            "status",
                            "freeze_reason",
                            "overdraft_limit",
                            "opened_on",
                        ],
                        "additionalProperties": False,
                    },
                },
                "transactions": {"type": "object", "additionalProperties": TRANSACTION_SCHEMA},
                "cards": {"type": "object", "additionalProperties": CARD_SCHEMA},
                "disputes": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "dispute_id": {"type": "string", "description": "Id of the dispute."},
                            "transaction_id": {"type": "string", "description": "The disputed purchase."},
                            "reason": {
                                "type": "string",
                                "enum": ["unauthorized", "charged twice", "wrong amount", "never delivered"],
                            },
                            "status": {"type": "string", "enum": ["open", "upheld", "rejected", "withdrawn"]},
                            "opened_at": {
                                "type": "string",
                                "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$",
                            },
                            "closed_at": {
                                "anyOf": [
                                    {
                                        "type": "string",
                                        "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$",
                                    },
                                    {"type": "null"},
                                ]
                            },
                        },
                        "required": [
                            "dispute_id",
                            "transaction_id",
                            "reason",
                            "status",
                            "opened_at",
                            "closed_at",
                        ],
                        "additionalProperties": False,
                    },
                },
                "dispute_notes": {"type": "object", "additionalProperties": DISPUTE_NOTE_SCHEMA},
            },
            "required": [
                "members",
                "beneficiaries",
                "accounts",
                "transactions",
                "cards",
                "disputes",
                "dispute_notes",
            ],
            "additionalProperties": False,
        },
    },
    "required": ["clock", "counters", "tables"],
    "additionalProperties": False,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": "list_members",
        "title": "List members",
        "description": "List all members.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("members", MEMBER_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_member",
        "title": "Get member",
        "description": "Get everything known about a member.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "member_id": {"type": "string", "description": "Id of the member, such as M-001."}
            },
            "required": ["member_id"],
            "additionalProperties": False,
        },
        "outputSchema": MEMBER_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "find_member_by_name",
        "title": "Find member by name",
        "description": "Find the one member with this full name; case and outer spaces do not matter.",
        "inputSchema": {
            "type": "object",
            "properties": {"full_name": {"type": "string"}},
            "required": ["full_name"],
            "additionalProperties": False,
        },
        "outputSchema": MEMBER_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_account",
        "title": "Get account",
        "description": "Get everything known about an account.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."}
            },
            "required": ["account_id"],
            "additionalProperties": False,
        },
        "outputSchema": ACCOUNT_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_accounts_of_member",
        "title": "List accounts of member",
        "description": "List the accounts of a member.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "member_id": {"type": "string", "description": "Id of the member, such as M-001."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["member_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("accounts", ACCOUNT_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_transactions_of_account",
        "title": "List transactions of account",
        "description": "List the transactions of an account, ordered by created at, the earliest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["account_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("transactions", TRANSACTION_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_cards_of_account",
        "title": "List cards of account",
        "description": "List the cards of an account.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["account_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("cards", CARD_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "find_card_by_last_four",
        "title": "Find card by last four",
        "description": "Find the one card with this last four; case and outer spaces do not matter.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "last_four": {
                    "type": "string",
                    "description": "Last four digits of the number printed on the card.",
                }
            },
            "required": ["last_four"],
            "additionalProperties": False,
        },
        "outputSchema": CARD_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_disputes_of_member",
        "title": "List disputes of member",
        "description": "List the disputes of a member, over all the accounts, with their notes.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "member_id": {"type": "string", "description": "Id of the member, such as M-001."}
            },
            "required": ["member_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("disputes", DISPUTE_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "open_account",
        "title": "Open account",
        "description": "Open an account for a member, with an opening deposit in cash if there is one.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "member_id": {"type": "string", "description": "Id of the member, such as M-001."},
                "kind": {"type": "string", "enum": ["checking", "savings"]},
                "nickname": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "The member's own name for the account; no two accounts of a member that are not closed share one. Not blank.",
                },
                "overdraft_limit": {
                    "type": "number",
                    "minimum": 0.0,
                    "description": "How far the balance may fall below zero; always 0 for a savings account.",
                },
                "opening_deposit": {
                    "type": "number",
                    "minimum": 0.0,
                    "description": "Cash paid in at the opening, in dollars.",
                },
            },
            "required": ["member_id", "kind", "nickname"],
            "additionalProperties": False,
        },
        "outputSchema": ACCOUNT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "close_account",
        "title": "Close account",
        "description": "Close an account for good. Its balance must be zero and nothing may be unsettled; its card is cancelled and it is taken off the beneficiaries of other members.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."}
            },
            "required": ["account_id"],
            "additionalProperties": False,
        },
        "outputSchema": ACCOUNT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "freeze_account",
        "title": "Freeze account",
        "description": "Freeze an account, so that nothing is paid out of it.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."},
                "reason": {
                    "type": "string",
                    "enum": ["suspected fraud", "bankruptcy", "lost documents", "extended travel"],
                },
            },
            "required": ["account_id", "reason"],
            "additionalProperties": False,
        },
        "outputSchema": ACCOUNT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "unfreeze_account",
        "title": "Unfreeze account",
        "description": "Release a frozen account; every dispute over its purchases must be closed.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."}
            },
            "required": ["account_id"],
            "additionalProperties": False,
        },
        "outputSchema": ACCOUNT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "record_deposit",
        "title": "Record deposit",
        "description": "Record money paid in. Cash counts at once; a check is pending until it is settled.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."},
                "method": {"type": "string", "enum": ["cash", "check"]},
                "amount": {"type": "number", "minimum": 0.01, "description": "Amount paid in."},
                "memo": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "What the money is for. Not blank.",
                },
            },
            "required": ["account_id", "method", "amount", "memo"],
            "additionalProperties": False,
        },
        "outputSchema": TRANSACTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "settle_check",
        "title": "Settle check",
        "description": "Mark a pending check as cleared, so that it counts in the balance, or as bounced.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "transaction_id": {"type": "string", "description": "The pending check deposit."},
                "outcome": {"type": "string", "enum": ["cleared", "bounced"]},
            },
            "required": ["transaction_id", "outcome"],
            "additionalProperties": False,
        },
        "outputSchema": TRANSACTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "transfer_money",
        "title": "Transfer money",
        "description": "Transfer an amount between two accounts. Above 500 dollars, an account of another member must be a registered beneficiary of the sender.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "source_id": {"type": "string", "description": "The account that pays."},
                "target_id": {"type": "string", "description": "The account that receives."},
                "amount": {"type": "number", "minimum": 0.01, "description": "Amount to transfer."},
                "memo": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "What the transfer is for. Not blank.",
                },
            },
            "required": ["source_id", "target_id", "amount", "memo"],
            "additionalProperties": False,
        },
        "outputSchema": TRANSACTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "move_balance",
        "title": "Move balance",
        "description": "Move the whole balance of an account to another account of the same member.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "source_id": {"type": "string", "description": "The account to empty."},
                "target_id": {"type": "string", "description": "The account that receives the balance."},
            },
            "required": ["source_id", "target_id"],
            "additionalProperties": False,
        },
        "outputSchema": TRANSACTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_beneficiary",
        "title": "Add beneficiary",
        "description": "Register an account of another member as a beneficiary, to which a member may send larger amounts.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "member_id": {"type": "string", "description": "The member who wants to send money."},
                "account_id": {"type": "string", "description": "The account that is to receive it."},
            },
            "required": ["member_id", "account_id"],
            "additionalProperties": False,
        },
        "outputSchema": MEMBER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "issue_card",
        "title": "Issue card",
        "description": "Issue a debit card from stock for a checking account that has none.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string", "description": "Id of the account, such as A-0001."},
                "last_four": {
                    "type": "string",
                    "pattern": "^[0-9]{4}$",
                    "description": "Last four digits of the number printed on the card.",
                },
            },
            "required": ["account_id", "last_four"],
            "additionalProperties": False,
        },
        "outputSchema": CARD_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "block_card",
        "title": "Block card",
        "description": "Block an active card, so that no purchase can be made with it.",
        "inputSchema": {
            "type": "object",
            "properties": {"card_id": {"type": "string", "description": "Id of the card, such as C-0001."}},
            "required": ["card_id"],
            "additionalProperties": False,
        },
        "outputSchema": CARD_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "unblock_card",
        "title": "Unblock card",
        "description": "Make a blocked card active again.",
        "inputSchema": {
            "type": "object",
            "properties": {"card_id": {"type": "string", "description": "Id of the card, such as C-0001."}},
            "required": ["card_id"],
            "additionalProperties": False,
        },
        "outputSchema": CARD_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "replace_card",
        "title": "Replace card",
        "description": "Cancel a card and issue a new one for the same account. The fee of 15 dollars is charged to the account unless it is waived.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "card_id": {"type": "string", "description": "The card to be replaced."},
                "last_four": {
                    "type": "string",
                    "pattern": "^[0-9]{4}$",
                    "description": "Last four digits of the number printed on the new card.",
                },
                "fee": {
                    "type": "string",
                    "enum": ["charged", "waived"],
                    "description": "Whether the fee of 15 dollars is charged or waived.",
                },
            },
            "required": ["card_id", "last_four", "fee"],
            "additionalProperties": False,
        },
        "outputSchema": CARD_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "record_purchase",
        "title": "Record purchase",
        "description": "Record a purchase that was made with a card.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "card_id": {"type": "string", "description": "Id of the card, such as C-0001."},
                "merchant": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "Name of the merchant. Not blank.",
                },
                "amount": {"type": "number", "minimum": 0.01, "description": "Price of the purchase."},
            },
            "required": ["card_id", "merchant", "amount"],
            "additionalProperties": False,
        },
        "outputSchema": TRANSACTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "open_dispute",
        "title": "Open dispute",
        "description": "Open a dispute over a card purchase from an account that is open. Where the purchase is said to be unauthorized, the card is blocked at once.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "transaction_id": {"type": "string", "description": "The purchase in question."},
                "reason": {
                    "type": "string",
                    "enum": ["unauthorized", "charged twice", "wrong amount", "never delivered"],
                },
            },
            "required": ["transaction_id", "reason"],
            "additionalProperties": False,
        },
        "outputSchema": DISPUTE_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_dispute_note",
        "title": "Add dispute note",
        "description": "Put evidence or background on file in an open dispute.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "dispute_id": {"type": "string", "description": "Id of the dispute, such as D-0001."},
                "kind": {
                    "type": "string",
                    "enum": ["evidence", "background"],
                    "description": "Only evidence counts when a dispute is decided.",
                },
                "content": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "What is put on file. Not blank.",
                },
            },
            "required": ["dispute_id", "kind", "content"],
            "additionalProperties": False,
        },
        "outputSchema": DISPUTE_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "close_dispute",
        "title": "Close dispute",
        "description": "Close a dispute. An upheld one refunds the purchase; a dispute is upheld or rejected only when there is evidence on file.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "dispute_id": {"type": "string", "description": "Id of the dispute, such as D-0001."},
                "outcome": {"type": "string", "enum": ["upheld", "rejected", "withdrawn"]},
            },
            "required": ["dispute_id", "outcome"],
            "additionalProperties": False,
        },
        "outputSchema": DISPUTE_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "hand_over_to_human",
        "title": "Hand over to human",
        "description": "Hand the request over to a human colleague, when a policy or the tools do not allow it.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "summary": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "What is asked for and why it is handed over. Not blank.",
                }
            },
            "required": ["summary"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"message": {"type": "string"}},
            "required": ["message"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
]

# What rows are kept under, and the tables that their refs point to.
KEYS: dict[str, list[str]] = {
    "members": ["member_id"],
    "beneficiaries": ["member_id", "account_id"],
    "accounts": ["account_id"],
    "transactions": ["transaction_id"],
    "cards": ["card_id"],
    "disputes": ["dispute_id"],
}
REFERENCES: dict[str, dict[str, str]] = {
    "beneficiaries": {"member_id": "members", "account_id": "accounts"},
    "accounts": {"member_id": "members"},
    "transactions": {"account_id": "accounts", "card_id": "cards", "counterparty_id": "accounts"},
    "cards": {"account_id": "accounts", "replaces_id": "cards"},
    "disputes": {"transaction_id": "transactions"},
    "dispute_notes": {"dispute_id": "disputes"},
}

ARGUMENT_CHECKS = {tool["name"]: checker(tool["inputSchema"], limited=True) for tool in TOOLS}
STATE_CHECK = checker(SCHEMA, limited=False)
