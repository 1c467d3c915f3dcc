"""What a model said about the parts warehouse: written from the rendered prompts alone, for tests to play."""

from __future__ import annotations

from typing import Any

from generator.scengenerator.scenario import Kind
from tests.generator.scengenerator.played import call, reading

Json = dict[str, Any]

# -- the bundled scenarios in other words, in their order ----------------------------------------------------------

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

REWORDED = {
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

# -- tasks of its own, over the state that the first call of seed 1 shows ------------------------------------------


def goal(that: str, kind: str = "goal") -> Json:
    return {"kind": kind, "description": "as asked for", "that": that}


def proposal(kind: Kind, task: str, calls: list[Json], answer: str = "Done.", *checks: Json) -> Json:
    return {"kind": kind, "task": task, "calls": calls, "answer": answer, "checks": list(checks)}


RECEIVED = goal(
    "any(d.delivery_id == 'D-0002' and d.status == 'received' and d.bin is not None and d.bin.bin_id == 'BIN-07' "
    "for d in deliveries)"
)
OPENED = goal(
    "count(o for o in orders if o not in before.orders and o.customer.customer_id == 'C-007' "
    "and o.service == 'standard' and o.discount == 0) == 1"
)
LINED = goal(
    "count(l for l in order_lines if l not in before.order_lines and l.order.customer.customer_id == 'C-007' "
    "and l.product.sku == 'VB-1400' and l.quantity == 10) == 1"
)
BELTS = proposal(
    "change",
    "Of the deliveries that we are still waiting for, the one that should have come first has turned up at last. "
    "Please receive it into the bin that has the most room. The Riverside Bus Company people are waiting for that very "
    "product, so open a standard order for Riverside Bus Company with 10 of it.",
    [
        call("list_deliveries_by_status", status="awaited"),
        call("list_bins"),
        call("receive_delivery", delivery_id="D-0002", bin_id="BIN-07"),
        call("open_order", customer_id="C-007", sku="$3.sku", quantity="10", service="standard"),
    ],
    "Done.",
    RECEIVED,
    OPENED,
    LINED,
)
MOTORS = proposal(
    "change",
    "Old Mill Sawmill want more of one part than we have, so reorder 12 of Starter motor 24 V from the supplier. And "
    "the draft order of Fournier Pump Repair has been withdrawn by them: cancel it.",
    [call("reorder_product", sku="SM-024", quantity="12"), call("cancel_order", order_id="SO-0008")],
    "Done.",
    goal(
        "count(d for d in deliveries if d not in before.deliveries and d.product.sku == 'SM-024' and d.quantity == 12 "
        "and d.status == 'awaited') == 1"
    ),
    goal("any(o.order_id == 'SO-0008' and o.status == 'cancelled' for o in orders)"),
)
CREDIT = proposal(
    "question",
    "I am calling our best customers today. Which customer has the most credit left? Just the name, please.",
    [call("list_customers")],
    "Novak Engineering",
    goal(
        "states(answer, only([c.name for c in before.customers "
        "if c.credit_left == max(d.credit_left for d in before.customers)]))"
    ),
)
EXPRESS = proposal(
    "decline",
    "Fournier Garage have run dry and are in a hurry: open an express order for Fournier Garage with 4 of Penetrating "
    "oil spray 400 ml, please.",
    [
        call("find_customer", name="Fournier Garage"),
        call("find_product", name="Penetrating oil spray 400 ml"),
        call("open_order", customer_id="C-006", sku="PO-400", quantity="4", service="express"),
    ],
    "I cannot do this: hazardous parts are never put on an express order.",
)
INVENTED = {
    BELTS["task"]: reading(
        call("receive_delivery", delivery_id="D-0002", bin_id="BIN-07"),
        call("open_order", customer_id="C-007", sku="VB-1400", quantity="10", service="standard"),
    ),
    MOTORS["task"]: reading(
        call("reorder_product", sku="SM-024", quantity="12"), call("cancel_order", order_id="SO-0008")
    ),
    CREDIT["task"]: reading(asked="credit_left", rows=["C-004"], answer="Novak Engineering"),
    EXPRESS["task"]: reading(call("open_order", customer_id="C-006", sku="PO-400", quantity="4", service="express")),
}
GOOD = [BELTS, MOTORS, CREDIT, EXPRESS]
