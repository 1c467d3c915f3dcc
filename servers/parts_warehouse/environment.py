"""Spare parts warehouse: Stock in bins, customer orders from draft to shipment, deliveries from suppliers and the credit of customers in a warehouse for spare parts.

Rendered by envwright from skeleton.yaml; change that file and render again. Needs the standard library only:

    environment = Environment()
    environment.call("find_customer", { … })  # as an agent calls a tool: validated, refused with a sentence
"""

from __future__ import annotations

import difflib
import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

NAME = "parts_warehouse"
TITLE = "Spare parts warehouse"
VERSION = "bfffebcaa215"
INSTRUCTIONS = """\
You work in the back office of a warehouse that sells spare parts to workshops. An order is opened as a draft, may get more lines, is released (which reserves the parts), packed (which takes them out of their bins) and shipped; the customer pays after shipping. Deliveries from suppliers fill the bins. All amounts are in euros. Some policies are not enforced by the tools; keep to them. Where a request would break one, or cannot be met with the tools, do nothing of it and hand it to the shift supervisor.

Rules that always hold:
- No more pieces of a product are reserved than lie in the bins.
- A bin never holds more pieces than its capacity.
- A customer has at most one draft order.
- An order has at least one line.
- What a customer owes and has on order together never exceeds the credit limit.
- Payments for an order never exceed its total.
- At most one delivery of a product is awaited at a time.

Policies that the tools do not enforce; keep to them:
- Hazardous parts are never put on an express order.
- Hazardous parts are put into safety cabinets only; what lies on a shelf already may stay there until it is needed.
- A customer with an overdue payment gets a discount of at most 10 percent on a new order.
- A blocked customer is unblocked only once nothing of theirs is overdue.

When you are done, say so; to a question, give the value that was asked for and no other. When a request cannot or must not be met, change nothing and say plainly that you cannot do it, or hand it over with transfer_to_supervisor.
"""

State = dict[str, Any]
Schema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


# Rows: what the tables hold.


class PackOrderPicks(TypedDict):
    place: str
    quantity: int


class Customer(TypedDict):
    """A workshop that buys parts on account."""

    customer_id: str
    name: str
    contact: str
    city: str
    status: str
    block_reason: str | None
    credit_limit: float
    payment_days: int


class Product(TypedDict):
    """A spare part that the warehouse carries."""

    sku: str
    name: str
    supplier: str
    unit_price: float
    hazard: str
    lead_days: int


class Bin(TypedDict):
    """A place in the warehouse; it may hold several products."""

    bin_id: str
    code: str
    kind: str
    capacity: int


class StockItem(TypedDict):
    """How many pieces of a product lie in a bin."""

    sku: str
    bin_id: str
    quantity: int


class Order(TypedDict):
    """What a customer wants to have."""

    order_id: str
    customer_id: str
    service: str
    discount: int
    status: str
    opened_at: str
    carrier: str | None
    shipped_at: str | None
    paid: float


class OrderLine(TypedDict):
    """One product on an order."""

    order_id: str
    sku: str
    quantity: int
    unit_price: float


class Delivery(TypedDict):
    """Parts reordered from the product's supplier."""

    delivery_id: str
    sku: str
    quantity: int
    status: str
    ordered_at: str
    expected_on: str
    bin_id: str | None
    received_at: str | None


class CustomerChanges(TypedDict, total=False):
    customer_id: str
    name: str
    contact: str
    city: str
    status: str
    block_reason: str | None
    credit_limit: float
    payment_days: int


class StockItemChanges(TypedDict, total=False):
    sku: str
    bin_id: str
    quantity: int


class OrderChanges(TypedDict, total=False):
    order_id: str
    customer_id: str
    service: str
    discount: int
    status: str
    opened_at: str
    carrier: str | None
    shipped_at: str | None
    paid: float


class DeliveryChanges(TypedDict, total=False):
    delivery_id: str
    sku: str
    quantity: int
    status: str
    ordered_at: str
    expected_on: str
    bin_id: str | None
    received_at: str | None


# Results: what agents see.


class CustomerView(Customer):
    owed: float
    overdue: float
    credit_left: float


class ProductView(Product):
    hazardous: bool
    on_hand: int
    reserved: int
    available: int
    stock: list[StockItem]


class BinView(Bin):
    content: int
    room: int


class OrderLineView(OrderLine):
    amount: float


class OrderView(Order):
    total: float
    due: float
    pay_by: str | None
    is_overdue: bool
    lines: list[OrderLineView]


class CustomersResult(TypedDict):
    customers: list[CustomerView]
    total: int


class ProductsResult(TypedDict):
    products: list[ProductView]
    total: int


class BinsResult(TypedDict):
    bins: list[BinView]
    total: int


class StockItemsResult(TypedDict):
    stock_items: list[StockItem]
    total: int


class OrdersResult(TypedDict):
    orders: list[OrderView]
    total: int


class DeliveriesResult(TypedDict):
    deliveries: list[Delivery]
    total: int


class TransferToSupervisorResult(TypedDict):
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
    """Spare parts warehouse. One public method a tool; `call` is the door for agents."""

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
        for customer_row in self.customers.values():
            customer_row["credit_limit"] = float(customer_row["credit_limit"])
        for product_row in self.products.values():
            product_row["unit_price"] = float(product_row["unit_price"])
        for order_row in self.orders.values():
            order_row["paid"] = float(order_row["paid"])
        for order_line_row in self.order_lines.values():
            order_line_row["unit_price"] = float(order_line_row["unit_price"])

    def _open(self, clock: str, counters: dict[str, int], tables: dict[str, Any]) -> None:
        self.clock = clock
        self.counters = counters
        self.customers: dict[str, Customer] = tables["customers"]
        self.products: dict[str, Product] = tables["products"]
        self.bins: dict[str, Bin] = tables["bins"]
        self.stock_items: dict[str, StockItem] = tables["stock_items"]
        self.orders: dict[str, Order] = tables["orders"]
        self.order_lines: dict[str, OrderLine] = tables["order_lines"]
        self.deliveries: dict[str, Delivery] = tables["deliveries"]
        self._undo: list[Callable[[], object]] = []
        self._tools: dict[str, Callable[..., Any]] = {
            "find_customer": self.find_customer,
            "list_customers": self.list_customers,
            "find_product": self.find_product,
            "list_products": self.list_products,
            "list_bins": self.list_bins,
            "list_stock_in_bin": self.list_stock_in_bin,
            "get_order": self.get_order,
            "list_orders_of_customer": self.list_orders_of_customer,
            "list_orders_by_status": self.list_orders_by_status,
            "list_deliveries_by_status": self.list_deliveries_by_status,
            "open_order": self.open_order,
            "add_order_line": self.add_order_line,
            "remove_order_line": self.remove_order_line,
            "release_order": self.release_order,
            "withdraw_order": self.withdraw_order,
            "pack_order": self.pack_order,
            "unpack_order": self.unpack_order,
            "ship_order": self.ship_order,
            "cancel_order": self.cancel_order,
            "record_payment": self.record_payment,
            "block_customer": self.block_customer,
            "unblock_customer": self.unblock_customer,
            "move_stock": self.move_stock,
            "reorder_product": self.reorder_product,
            "receive_delivery": self.receive_delivery,
            "transfer_to_supervisor": self.transfer_to_supervisor,
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
            "customers": self.customers,
            "products": self.products,
            "bins": self.bins,
            "stock_items": self.stock_items,
            "orders": self.orders,
            "order_lines": self.order_lines,
            "deliveries": self.deliveries,
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

    def find_customer(self, name: str) -> CustomerView:
        """Find a customer by name."""
        wanted = name.strip().casefold()
        found = [
            customer for customer in self.customers.values() if customer["name"].strip().casefold() == wanted
        ]
        if not found:
            raise Refused("not_found", f"There is no customer with the name '{name}'.", "customer")
        if len(found) > 1:
            raise Refused("conflict", f"There are {len(found)} customers with the name '{name}'.", "customer")
        return self._show_customer(found[0])

    def list_customers(self, limit: int | None = None, offset: int = 0) -> CustomersResult:
        """List all customers with what they owe."""
        found = list(self.customers.values())
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"customers": [self._show_customer(customer) for customer in page], "total": len(found)}

    def find_product(self, name: str) -> ProductView:
        """Find a product by name."""
        wanted = name.strip().casefold()
        found = [
            product for product in self.products.values() if product["name"].strip().casefold() == wanted
        ]
        if not found:
            raise Refused("not_found", f"There is no product with the name '{name}'.", "product")
        if len(found) > 1:
            raise Refused("conflict", f"There are {len(found)} products with the name '{name}'.", "product")
        return self._show_product(found[0])

    def list_products(self, limit: int | None = None, offset: int = 0) -> ProductsResult:
        """List all products with their stock, bin by bin."""
        found = list(self.products.values())
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"products": [self._show_product(product) for product in page], "total": len(found)}

    def list_bins(self, limit: int | None = None, offset: int = 0) -> BinsResult:
        """List all bins with their room."""
        found = list(self.bins.values())
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"bins": [self._show_bin(bin_) for bin_ in page], "total": len(found)}

    def list_stock_in_bin(self, bin_id: str, limit: int | None = None, offset: int = 0) -> StockItemsResult:
        """List what lies in a bin."""
        self._find_bin(bin_id)
        found = [stock_item for stock_item in self.stock_items.values() if stock_item["bin_id"] == bin_id]
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {
            "stock_items": [self._show_stock_item(stock_item) for stock_item in page],
            "total": len(found),
        }

    def get_order(self, order_id: str) -> OrderView:
        """Read one order with its lines."""
        return self._show_order(self._find_order(order_id))

    def list_orders_of_customer(
        self, customer_id: str, limit: int | None = None, offset: int = 0
    ) -> OrdersResult:
        """List the orders of a customer, oldest first."""
        self._find_customer(customer_id)
        found = [order for order in self.orders.values() if order["customer_id"] == customer_id]
        found.sort(key=lambda order: order["opened_at"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"orders": [self._show_order(order) for order in page], "total": len(found)}

    def list_orders_by_status(self, status: str, limit: int | None = None, offset: int = 0) -> OrdersResult:
        """List the orders with a status, oldest first."""
        found = [order for order in self.orders.values() if order["status"] == status]
        found.sort(key=lambda order: order["opened_at"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"orders": [self._show_order(order) for order in page], "total": len(found)}

    def list_deliveries_by_status(
        self, status: str, limit: int | None = None, offset: int = 0
    ) -> DeliveriesResult:
        """List awaited or received deliveries, oldest first."""
        found = [delivery for delivery in self.deliveries.values() if delivery["status"] == status]
        found.sort(key=lambda delivery: delivery["ordered_at"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"deliveries": [self._show_delivery(delivery) for delivery in page], "total": len(found)}

    def transfer_to_supervisor(self, summary: str) -> TransferToSupervisorResult:
        """Hand a request that the policies or the tools do not allow to the shift supervisor."""
        return {"message": "The shift supervisor takes over."}

    # Tools that change the state.

    @command
    def open_order(
        self, customer_id: str, sku: str, quantity: int, service: str, discount: int = 0
    ) -> OrderView:
        """Open a draft order for a customer, with its first line at the product's present price."""
        customer = self._find_customer(customer_id)
        product = self._find_product(sku)
        self._require_no_draft_yet(customer)
        order = self._create_order(
            {
                "order_id": self._next_order_id(),
                "customer_id": customer["customer_id"],
                "service": service,
                "discount": discount,
                "status": "draft",
                "opened_at": self.clock,
                "carrier": None,
                "shipped_at": None,
                "paid": 0,
            }
        )
        self._create_order_line(
            {
                "order_id": order["order_id"],
                "sku": product["sku"],
                "quantity": quantity,
                "unit_price": product["unit_price"],
            }
        )
        return self._show_order(order)

    @command
    def add_order_line(self, order_id: str, sku: str, quantity: int) -> OrderView:
        """Put a product on a draft order, at its present price."""
        order = self._find_order(order_id)
        product = self._find_product(sku)
        self._require_editable(order)
        if self._line_of(order, product) is not None:
            raise Refused(
                "refused",
                f"Order {order['order_id']} already has a line for {product['name']}; remove it first to change the quantity.",
                "add_order_line.requires[1]",
            )
        self._create_order_line(
            {
                "order_id": order["order_id"],
                "sku": product["sku"],
                "quantity": quantity,
                "unit_price": product["unit_price"],
            }
        )
        return self._show_order(order)

    @command
    def remove_order_line(self, order_id: str, sku: str) -> OrderView:
        """Take a product off a draft order."""
        order = self._find_order(order_id)
        product = self._find_product(sku)
        self._require_editable(order)
        if self._line_of(order, product) is None:
            raise Refused(
                "refused",
                f"Order {order['order_id']} has no line for {product['name']}.",
                "remove_order_line.requires[1]",
            )
        if not len(self._order_lines(order)) > 1:
            raise Refused(
                "refused",
                f"{product['name']} is all that is left on order {order['order_id']}; cancel the order instead.",
                "remove_order_line.requires[2]",
            )
        self._delete_order_line(present(self._line_of(order, product)))
        return self._show_order(order)

    @command
    def release_order(self, order_id: str) -> OrderView:
        """Release a draft order for packing; its parts are reserved from now on."""
        order = self._find_order(order_id)
        if order["status"] != "draft":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is {order['status']}; only a draft can be released.",
                "release_order.requires[0]",
            )
        self._require_not_blocked(self.customers[order["customer_id"]])
        for l_ in self._order_lines(order):
            if not self._product_available(self.products[l_["sku"]]) >= l_["quantity"]:
                raise Refused(
                    "refused",
                    f"Order {order['order_id']} needs {l_['quantity']} of {self.products[l_['sku']]['name']}, but only {self._product_available(self.products[l_['sku']])} are available.",
                    "release_order.requires[2]",
                )
        if not self._order_total(order) <= self._customer_credit_left(self.customers[order["customer_id"]]):
            raise Refused(
                "refused",
                f"Order {order['order_id']} comes to {self._order_total(order):.2f} euros, but {self.customers[order['customer_id']]['name']} has only {self._customer_credit_left(self.customers[order['customer_id']]):.2f} euros of credit left.",
                "release_order.requires[3]",
            )
        self._update_order(order, {"status": "released"})
        return self._show_order(order)

    @command
    def withdraw_order(self, order_id: str) -> OrderView:
        """Turn a released order back into a draft; its parts are no longer reserved."""
        order = self._find_order(order_id)
        if order["status"] != "released":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is {order['status']}; only a released order can go back to draft.",
                "withdraw_order.requires[0]",
            )
        self._require_no_draft_yet(self.customers[order["customer_id"]])
        self._update_order(order, {"status": "draft"})
        return self._show_order(order)

    @command
    def pack_order(self, order_id: str) -> OrderView:
        """Pack a released order. Each line is taken whole from one bin, the first in the product's stock that holds enough."""
        order = self._find_order(order_id)
        if order["status"] != "released":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is {order['status']}; only a released order can be packed.",
                "pack_order.requires[0]",
            )
        for l_ in self._order_lines(order):
            if self._pick_place(l_) is None:
                raise Refused(
                    "refused",
                    f"No single bin holds {l_['quantity']} of {self.products[l_['sku']]['name']}; bring enough together in one bin first.",
                    "pack_order.requires[1]",
                )
        picks: list[PackOrderPicks] = [
            PackOrderPicks(place=stock_item_key(present(self._pick_place(l_))), quantity=l_["quantity"])
            for l_ in self._order_lines(order)
            if self._pick_place(l_) is not None
        ]
        for p in picks:
            self._update_stock_item(
                self.stock_items[p["place"]],
                {"quantity": self.stock_items[p["place"]]["quantity"] - p["quantity"]},
            )
        self._update_order(order, {"status": "packed"})
        return self._show_order(order)

    @command
    def unpack_order(self, order_id: str, bin_id: str) -> OrderView:
        """Unpack a packed order and put all its parts into one bin. The order is then released again, with its parts reserved."""
        order = self._find_order(order_id)
        bin_ = self._find_bin(bin_id)
        if order["status"] != "packed":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is {order['status']}; only a packed order can be unpacked.",
                "unpack_order.requires[0]",
            )
        self._require_has_room(bin_, sum(l_["quantity"] for l_ in self._order_lines(order)))
        for_stock_items = [
            l_ for l_ in self._order_lines(order) if self._place(self.products[l_["sku"]], bin_) is None
        ]
        for l_ in [
            l_ for l_ in self._order_lines(order) if self._place(self.products[l_["sku"]], bin_) is not None
        ]:
            self._update_stock_item(
                present(self._place(self.products[l_["sku"]], bin_)),
                {
                    "quantity": present(self._place(self.products[l_["sku"]], bin_))["quantity"]
                    + l_["quantity"]
                },
            )
        for l_ in for_stock_items:
            self._create_stock_item({"sku": l_["sku"], "bin_id": bin_["bin_id"], "quantity": l_["quantity"]})
        self._update_order(order, {"status": "released"})
        return self._show_order(order)

    @command
    def ship_order(self, order_id: str, carrier: str) -> OrderView:
        """Hand a packed order to a carrier. Payment is due from now on."""
        order = self._find_order(order_id)
        if order["status"] != "packed":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is {order['status']}; only a packed order can be shipped.",
                "ship_order.requires[0]",
            )
        self._require_not_blocked(self.customers[order["customer_id"]])
        for l_ in self._order_lines(order):
            if not (carrier != "Kestrel Air" or not self._product_hazardous(self.products[l_["sku"]])):
                raise Refused(
                    "refused",
                    f"Kestrel Air carries no hazardous parts, and {self.products[l_['sku']]['name']} is {self.products[l_['sku']]['hazard']}.",
                    "ship_order.requires[2]",
                )
        self._update_order(order, {"carrier": carrier, "status": "shipped", "shipped_at": self.clock})
        return self._show_order(order)

    @command
    def cancel_order(self, order_id: str) -> OrderView:
        """Cancel a draft or released order; reserved parts become available again."""
        order = self._find_order(order_id)
        if order["status"] in ["shipped", "cancelled"]:
            raise Refused(
                "refused",
                f"Order {order['order_id']} is already {order['status']}.",
                "cancel_order.requires[0]",
            )
        if order["status"] == "packed":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is packed; unpack it before cancelling.",
                "cancel_order.requires[1]",
            )
        self._update_order(order, {"status": "cancelled"})
        return self._show_order(order)

    @command
    def record_payment(self, order_id: str, amount: float | None = None) -> OrderView:
        """Record that a customer has paid for a shipped order."""
        order = self._find_order(order_id)
        if order["status"] != "shipped":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is {order['status']}; payments can be recorded only for shipped orders.",
                "record_payment.requires[0]",
            )
        if not self._order_due(order) > 0:
            raise Refused(
                "refused", f"Order {order['order_id']} is already paid in full.", "record_payment.requires[1]"
            )
        if not (amount is None or amount <= self._order_due(order)):
            raise Refused(
                "refused",
                f"Only {self._order_due(order):.2f} euros are due for order {order['order_id']}.",
                "record_payment.requires[2]",
            )
        self._update_order(
            order, {"paid": order["paid"] + (amount if amount is not None else self._order_due(order))}
        )
        return self._show_order(order)

    @command
    def block_customer(self, customer_id: str, reason: str) -> CustomerView:
        """Block a customer; their orders can then be neither released nor shipped."""
        customer = self._find_customer(customer_id)
        if customer["status"] != "active":
            raise Refused("refused", f"{customer['name']} is already blocked.", "block_customer.requires[0]")
        self._update_customer(customer, {"status": "blocked", "block_reason": reason})
        return self._show_customer(customer)

    @command
    def unblock_customer(self, customer_id: str) -> CustomerView:
        """Lift the block of a customer."""
        customer = self._find_customer(customer_id)
        if customer["status"] != "blocked":
            raise Refused("refused", f"{customer['name']} is not blocked.", "unblock_customer.requires[0]")
        self._update_customer(customer, {"status": "active", "block_reason": None})
        return self._show_customer(customer)

    @command
    def move_stock(self, sku: str, source_id: str, target_id: str, quantity: int) -> ProductView:
        """Move pieces of a product from one bin to another."""
        product = self._find_product(sku)
        source = self._find_bin(source_id)
        target = self._find_bin(target_id)
        if source["bin_id"] == target["bin_id"]:
            raise Refused(
                "refused", f"The parts already lie in bin {target['code']}.", "move_stock.requires[0]"
            )
        origin: StockItem | None = self._place(product, source)
        if not (origin is not None and origin["quantity"] >= quantity):
            raise Refused(
                "refused",
                f"Bin {source['code']} does not hold {quantity} of {product['name']}.",
                "move_stock.requires[1]",
            )
        self._require_has_room(target, quantity)
        there: StockItem | None = self._place(product, target)
        filled: int = quantity + (there["quantity"] if there is not None else 0)
        self._update_stock_item(origin, {"quantity": origin["quantity"] - quantity})
        if there is not None:
            self._update_stock_item(there, {"quantity": filled})
        if there is None:
            self._create_stock_item({"sku": product["sku"], "bin_id": target["bin_id"], "quantity": quantity})
        return self._show_product(product)

    @command
    def reorder_product(self, sku: str, quantity: int) -> Delivery:
        """Order more of a product from its supplier."""
        product = self._find_product(sku)
        if any(d["sku"] == product["sku"] and d["status"] == "awaited" for d in self.deliveries.values()):
            raise Refused(
                "refused",
                f"A delivery of {product['name']} is already awaited; receive it before ordering more.",
                "reorder_product.requires[0]",
            )
        delivery = self._create_delivery(
            {
                "delivery_id": self._next_delivery_id(),
                "sku": product["sku"],
                "quantity": quantity,
                "status": "awaited",
                "ordered_at": self.clock,
                "expected_on": shift(self.clock[:10], duration_days(product["lead_days"])),
                "bin_id": None,
                "received_at": None,
            }
        )
        return self._show_delivery(delivery)

    @command
    def receive_delivery(self, delivery_id: str, bin_id: str) -> Delivery:
        """Receive an awaited delivery and put all of it into one bin."""
        delivery = self._find_delivery(delivery_id)
        bin_ = self._find_bin(bin_id)
        if delivery["status"] != "awaited":
            raise Refused(
                "refused",
                f"Delivery {delivery['delivery_id']} has already been received.",
                "receive_delivery.requires[0]",
            )
        self._require_has_room(bin_, delivery["quantity"])
        there: StockItem | None = self._place(self.products[delivery["sku"]], bin_)
        if there is not None:
            self._update_stock_item(there, {"quantity": there["quantity"] + delivery["quantity"]})
        if there is None:
            self._create_stock_item(
                {"sku": delivery["sku"], "bin_id": bin_["bin_id"], "quantity": delivery["quantity"]}
            )
        self._update_delivery(
            delivery, {"bin_id": bin_["bin_id"], "status": "received", "received_at": self.clock}
        )
        return self._show_delivery(delivery)

    # What must hold before a command does anything.

    def _require_no_draft_yet(self, customer: Customer) -> None:
        if self._has_draft(customer):
            raise Refused(
                "refused",
                f"{customer['name']} already has a draft order, and a customer can have only one at a time.",
                "no_draft_yet",
            )

    def _require_editable(self, order: Order) -> None:
        if order["status"] != "draft":
            raise Refused(
                "refused",
                f"Order {order['order_id']} is {order['status']}; lines can be changed only while it is a draft.",
                "editable",
            )

    def _require_not_blocked(self, customer: Customer) -> None:
        if customer["status"] != "active":
            raise Refused(
                "refused",
                f"{customer['name']} is blocked; no order of theirs can be released or shipped.",
                "not_blocked",
            )

    def _require_has_room(self, bin_: Bin, quantity: int) -> None:
        if not self._bin_room(bin_) >= quantity:
            raise Refused(
                "refused",
                f"Bin {bin_['code']} has room for only {self._bin_room(bin_)} more, not for {quantity}.",
                "has_room",
            )

    # Definitions and derived fields.

    def _line_of(self, order: Order, product: Product) -> OrderLine | None:
        return self.order_lines.get("|".join((order["order_id"], product["sku"])))

    def _pick_place(self, line: OrderLine) -> StockItem | None:
        return first(
            s for s in self._product_stock(self.products[line["sku"]]) if s["quantity"] >= line["quantity"]
        )

    def _place(self, product: Product, bin_: Bin) -> StockItem | None:
        return self.stock_items.get("|".join((product["sku"], bin_["bin_id"])))

    def _has_draft(self, customer: Customer) -> bool:
        return any(
            o["customer_id"] == customer["customer_id"] and o["status"] == "draft"
            for o in self.orders.values()
        )

    def _customer_owed(self, customer: Customer) -> float:
        """Not yet paid for shipped orders."""
        return cents(
            sum(
                self._order_due(o)
                for o in self.orders.values()
                if o["customer_id"] == customer["customer_id"]
            )
        )

    def _customer_overdue(self, customer: Customer) -> float:
        """The part of what is owed whose time for payment has passed."""
        return cents(
            sum(
                self._order_due(o)
                for o in self.orders.values()
                if o["customer_id"] == customer["customer_id"] and self._order_is_overdue(o)
            )
        )

    def _customer_credit_left(self, customer: Customer) -> float:
        """The credit limit less unpaid shipped orders and less released and packed orders."""
        return cents(
            customer["credit_limit"]
            - sum(
                self._order_total(o) - o["paid"]
                for o in self.orders.values()
                if o["customer_id"] == customer["customer_id"]
                and o["status"] in ["released", "packed", "shipped"]
            )
        )

    def _product_hazardous(self, product: Product) -> bool:
        """Flammable or corrosive."""
        return product["hazard"] != "harmless"

    def _product_on_hand(self, product: Product) -> int:
        """Pieces in all bins together."""
        return sum(s["quantity"] for s in self._product_stock(product))

    def _product_reserved(self, product: Product) -> int:
        """Pieces on hand that released orders are waiting for."""
        return sum(
            l_["quantity"]
            for l_ in self.order_lines.values()
            if l_["sku"] == product["sku"] and self.orders[l_["order_id"]]["status"] == "released"
        )

    def _product_available(self, product: Product) -> int:
        """On hand and not reserved."""
        return self._product_on_hand(product) - self._product_reserved(product)

    def _bin_content(self, bin_: Bin) -> int:
        """Pieces in the bin now."""
        return sum(s["quantity"] for s in self.stock_items.values() if s["bin_id"] == bin_["bin_id"])

    def _bin_room(self, bin_: Bin) -> int:
        """Pieces that can still be put in."""
        return bin_["capacity"] - self._bin_content(bin_)

    def _order_total(self, order: Order) -> float:
        """Goods less discount, plus 15 euros for express."""
        return cents(
            sum(self._order_line_amount(l_) for l_ in self._order_lines(order))
            * (100 - order["discount"])
            / 100
            + (15 if order["service"] == "express" else 0)
        )

    def _order_due(self, order: Order) -> float:
        """Still to be paid; nothing is due before shipping."""
        return cents(self._order_total(order) - order["paid"] if order["status"] == "shipped" else 0)

    def _order_pay_by(self, order: Order) -> str | None:
        """Last day for payment of a shipped order."""
        return (
            shift(
                order["shipped_at"][:10], duration_days(self.customers[order["customer_id"]]["payment_days"])
            )
            if order["shipped_at"] is not None
            else None
        )

    def _order_is_overdue(self, order: Order) -> bool:
        return (
            self._order_due(order) > 0
            and self._order_pay_by(order) is not None
            and present(self._order_pay_by(order)) < self.clock[:10]
        )

    def _order_line_amount(self, order_line: OrderLine) -> float:
        return cents(order_line["quantity"] * order_line["unit_price"])

    # Rows: finding, showing, writing.

    def _find_customer(self, customer_id: str) -> Customer:
        row = self.customers.get(customer_id)
        if row is None:
            raise Refused("not_found", f"There is no customer '{customer_id}'.", "customer")
        return row

    def _show_customer(self, customer: Customer) -> CustomerView:
        return {
            **customer,
            "owed": self._customer_owed(customer),
            "overdue": self._customer_overdue(customer),
            "credit_left": self._customer_credit_left(customer),
        }

    def _update_customer(self, customer: Customer, changes: CustomerChanges) -> None:
        if "status" in changes:
            move(
                "the status of the customer",
                customer["status"],
                changes["status"],
                {"active": ["blocked"], "blocked": ["active"]},
            )
        row = customer.copy()
        row.update(changes)
        self._check_customer(row, customer)
        before = customer.copy()
        self._undo.append(lambda: customer.update(before))
        customer.update(row)

    def _check_customer(self, row: Customer, old: Customer | None) -> None:
        if not row["name"].strip():
            raise Refused("invalid_value", "The name of a customer must not be blank.", "customer.name")
        if any(x["name"] == row["name"] and x is not old for x in self.customers.values()):
            raise Refused(
                "conflict", f"There is already a customer with the name {row['name']}.", "customer.name"
            )
        if (row["block_reason"] is not None) != (row["status"] == "blocked"):
            raise Refused(
                "invalid_value",
                "The block reason of a customer is given for status blocked, and only then.",
                "customer.block_reason",
            )
        if row["block_reason"] is not None and not row["block_reason"].strip():
            raise Refused(
                "invalid_value", "The block reason of a customer must not be blank.", "customer.block_reason"
            )
        row["credit_limit"] = cents(row["credit_limit"])
        if row["credit_limit"] < 0.0:
            raise Refused(
                "invalid_value",
                f"The credit limit of a customer must be at least 0, not {row['credit_limit']}.",
                "customer.credit_limit",
            )
        if row["payment_days"] < 1:
            raise Refused(
                "invalid_value",
                f"The payment days of a customer must be at least 1, not {row['payment_days']}.",
                "customer.payment_days",
            )

    def _find_product(self, sku: str) -> Product:
        row = self.products.get(sku)
        if row is None:
            raise Refused("not_found", f"There is no product '{sku}'.", "product")
        return row

    def _show_product(self, product: Product) -> ProductView:
        return {
            **product,
            "hazardous": self._product_hazardous(product),
            "on_hand": self._product_on_hand(product),
            "reserved": self._product_reserved(product),
            "available": self._product_available(product),
            "stock": [self._show_stock_item(x) for x in self._product_stock(product)],
        }

    def _product_stock(self, product: Product) -> list[StockItem]:
        key = product["sku"]
        return [x for x in self.stock_items.values() if x["sku"] == key]

    def _find_bin(self, bin_id: str) -> Bin:
        row = self.bins.get(bin_id)
        if row is None:
            raise Refused("not_found", f"There is no bin '{bin_id}'.", "bin")
        return row

    def _show_bin(self, bin_: Bin) -> BinView:
        return {**bin_, "content": self._bin_content(bin_), "room": self._bin_room(bin_)}

    def _show_stock_item(self, stock_item: StockItem) -> StockItem:
        return stock_item.copy()

    def _create_stock_item(self, row: StockItem) -> StockItem:
        self._check_stock_item(row)
        key = stock_item_key(row)
        if key in self.stock_items:
            raise Refused("conflict", f"There is already a stock item '{key}'.", "stock_item.key")
        self._insert(self.stock_items, key, row)
        return row

    def _update_stock_item(self, stock_item: StockItem, changes: StockItemChanges) -> None:
        row = stock_item.copy()
        row.update(changes)
        self._check_stock_item(row)
        before = stock_item.copy()
        self._undo.append(lambda: stock_item.update(before))
        stock_item.update(row)

    def _check_stock_item(self, row: StockItem) -> None:
        if row["quantity"] < 0:
            raise Refused(
                "invalid_value",
                f"The quantity of a stock item must be at least 0, not {row['quantity']}.",
                "stock_item.quantity",
            )

    def _find_order(self, order_id: str) -> Order:
        row = self.orders.get(order_id)
        if row is None:
            raise Refused("not_found", f"There is no order '{order_id}'.", "order")
        return row

    def _show_order(self, order: Order) -> OrderView:
        return {
            **order,
            "total": self._order_total(order),
            "due": self._order_due(order),
            "pay_by": self._order_pay_by(order),
            "is_overdue": self._order_is_overdue(order),
            "lines": [self._show_order_line(x) for x in self._order_lines(order)],
        }

    def _order_lines(self, order: Order) -> list[OrderLine]:
        key = order["order_id"]
        return [x for x in self.order_lines.values() if x["order_id"] == key]

    def _next_order_id(self) -> str:
        return self._next_id("order", self.orders, "SO-{:04}")

    def _create_order(self, row: Order) -> Order:
        self._check_order(row)
        key = row["order_id"]
        self._insert(self.orders, key, row)
        return row

    def _update_order(self, order: Order, changes: OrderChanges) -> None:
        if "status" in changes:
            move(
                "the status of the order",
                order["status"],
                changes["status"],
                {
                    "draft": ["released", "cancelled"],
                    "released": ["draft", "packed", "cancelled"],
                    "packed": ["released", "shipped"],
                    "shipped": [],
                    "cancelled": [],
                },
            )
        row = order.copy()
        row.update(changes)
        self._check_order(row)
        before = order.copy()
        self._undo.append(lambda: order.update(before))
        order.update(row)

    def _check_order(self, row: Order) -> None:
        if not 0 <= row["discount"] <= 30:
            raise Refused(
                "invalid_value",
                f"The discount of an order must be between 0 and 30, not {row['discount']}.",
                "order.discount",
            )
        if (row["carrier"] is not None) != (row["status"] == "shipped"):
            raise Refused(
                "invalid_value",
                "The carrier of an order is given for status shipped, and only then.",
                "order.carrier",
            )
        if (row["shipped_at"] is not None) != (row["status"] == "shipped"):
            raise Refused(
                "invalid_value",
                "The shipped at of an order is given for status shipped, and only then.",
                "order.shipped_at",
            )
        row["paid"] = cents(row["paid"])
        if row["paid"] < 0.0:
            raise Refused(
                "invalid_value", f"The paid of an order must be at least 0, not {row['paid']}.", "order.paid"
            )

    def _show_order_line(self, order_line: OrderLine) -> OrderLineView:
        return {**order_line, "amount": self._order_line_amount(order_line)}

    def _create_order_line(self, row: OrderLine) -> OrderLine:
        self._check_order_line(row)
        key = order_line_key(row)
        if key in self.order_lines:
            raise Refused("conflict", f"There is already an order line '{key}'.", "order_line.key")
        self._insert(self.order_lines, key, row)
        return row

    def _delete_order_line(self, order_line: OrderLine) -> None:
        key = order_line_key(order_line)
        if key not in self.order_lines:
            return  # gone already, with what owned it
        self._remove(self.order_lines, key)

    def _check_order_line(self, row: OrderLine) -> None:
        if not 1 <= row["quantity"] <= 50:
            raise Refused(
                "invalid_value",
                f"The quantity of an order line must be between 1 and 50, not {row['quantity']}.",
                "order_line.quantity",
            )
        row["unit_price"] = cents(row["unit_price"])
        if row["unit_price"] < 0.0:
            raise Refused(
                "invalid_value",
                f"The unit price of an order line must be at least 0, not {row['unit_price']}.",
                "order_line.unit_price",
            )

    def _find_delivery(self, delivery_id: str) -> Delivery:
        row = self.deliveries.get(delivery_id)
        if row is None:
            raise Refused("not_found", f"There is no delivery '{delivery_id}'.", "delivery")
        return row

    def _show_delivery(self, delivery: Delivery) -> Delivery:
        return delivery.copy()

    def _next_delivery_id(self) -> str:
        return self._next_id("delivery", self.deliveries, "D-{:04}")

    def _create_delivery(self, row: Delivery) -> Delivery:
        self._check_delivery(row)
        key = row["delivery_id"]
        self._insert(self.deliveries, key, row)
        return row

    def _update_delivery(self, delivery: Delivery, changes: DeliveryChanges) -> None:
        if "status" in changes:
            move(
                "the status of the delivery",
                delivery["status"],
                changes["status"],
                {"awaited": ["received"], "received": []},
            )
        row = delivery.copy()
        row.update(changes)
        self._check_delivery(row)
        before = delivery.copy()
        self._undo.append(lambda: delivery.update(before))
        delivery.update(row)

    def _check_delivery(self, row: Delivery) -> None:
        if not 1 <= row["quantity"] <= 60:
            raise Refused(
                "invalid_value",
                f"The quantity of a delivery must be between 1 and 60, not {row['quantity']}.",
                "delivery.quantity",
            )
        if (row["bin_id"] is not None) != (row["status"] == "received"):
            raise Refused(
                "invalid_value",
                "The bin of a delivery is given for status received, and only then.",
                "delivery.bin",
            )
        if (row["received_at"] is not None) != (row["status"] == "received"):
            raise Refused(
                "invalid_value",
                "The received at of a delivery is given for status received, and only then.",
                "delivery.received_at",
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


def first(items: Iterable[T]) -> T | None:
    return next(iter(items), None)


def shift(moment: str, by: timedelta) -> str:
    """A date or datetime, moved."""
    try:
        if len(moment) == 10:
            return (date.fromisoformat(moment) + by).isoformat()
        return (datetime.fromisoformat(moment) + by).isoformat(timespec="seconds")
    except OverflowError:
        raise Refused("invalid_value", "This date is out of range.") from None


def duration_days(number: int) -> timedelta:
    try:
        return timedelta(days=number)
    except OverflowError:
        raise Refused("invalid_value", "These are too many days.") from None


def move(what: str, old: str, new: str, moves: dict[str, list[str]]) -> None:
    """A step of a state machine; any other is refused."""
    if new not in moves[old]:
        if new == old:
            raise Refused("bad_transition", f"{what[0].upper()}{what[1:]} is {old} already.", what)
        allowed = f"only {' or '.join(moves[old])}" if moves[old] else "nothing else"
        raise Refused(
            "bad_transition", f"{what[0].upper()}{what[1:]} is {old}; it can become {allowed}.", what
        )


def stock_item_key(row: StockItem) -> str:
    return f"{row['sku']}|{row['bin_id']}"


def order_line_key(row: OrderLine) -> str:
    return f"{row['order_id']}|{row['sku']}"


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


CUSTOMER_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "customer_id": {"type": "string", "description": "Id of the customer."},
        "name": {"type": "string"},
        "contact": {"type": "string", "description": "Whom to call there."},
        "city": {"type": "string"},
        "status": {
            "type": "string",
            "enum": ["active", "blocked"],
            "description": "Orders of a blocked customer are neither released nor shipped.",
        },
        "block_reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "credit_limit": {"type": "number", "description": "Most that may be owed or on order at a time."},
        "payment_days": {
            "type": "integer",
            "description": "Days after shipping within which an order is to be paid.",
        },
        "owed": {"type": "number", "description": "Not yet paid for shipped orders."},
        "overdue": {
            "type": "number",
            "description": "The part of what is owed whose time for payment has passed.",
        },
        "credit_left": {
            "type": "number",
            "description": "The credit limit less unpaid shipped orders and less released and packed orders.",
        },
    },
    "required": [
        "customer_id",
        "name",
        "contact",
        "city",
        "status",
        "block_reason",
        "credit_limit",
        "payment_days",
        "owed",
        "overdue",
        "credit_left",
    ],
    "additionalProperties": False,
}
STOCK_ITEM_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "sku": {"type": "string"},
        "bin_id": {"type": "string"},
        "quantity": {"type": "integer", "description": "Pieces."},
    },
    "required": ["sku", "bin_id", "quantity"],
    "additionalProperties": False,
}
PRODUCT_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "description": "Stock keeping unit."},
        "name": {"type": "string"},
        "supplier": {"type": "string", "description": "The company that delivers this part."},
        "unit_price": {"type": "number"},
        "hazard": {"type": "string", "enum": ["harmless", "flammable", "corrosive"]},
        "lead_days": {"type": "integer", "description": "Days from reordering to delivery."},
        "hazardous": {"type": "boolean", "description": "Flammable or corrosive."},
        "on_hand": {"type": "integer", "description": "Pieces in all bins together."},
        "reserved": {
            "type": "integer",
            "description": "Pieces on hand that released orders are waiting for.",
        },
        "available": {"type": "integer", "description": "On hand and not reserved."},
        "stock": {"type": "array", "items": STOCK_ITEM_SCHEMA},
    },
    "required": [
        "sku",
        "name",
        "supplier",
        "unit_price",
        "hazard",
        "lead_days",
        "hazardous",
        "on_hand",
        "reserved",
        "available",
        "stock",
    ],
    "additionalProperties": False,
}
BIN_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "bin_id": {"type": "string", "description": "Id of the bin."},
        "code": {"type": "string", "description": "Aisle, rack and level, such as A-03-2."},
        "kind": {"type": "string", "enum": ["shelf", "safety cabinet"]},
        "capacity": {"type": "integer", "description": "Most pieces that the bin can hold."},
        "content": {"type": "integer", "description": "Pieces in the bin now."},
        "room": {"type": "integer", "description": "Pieces that can still be put in."},
    },
    "required": ["bin_id", "code", "kind", "capacity", "content", "room"],
    "additionalProperties": False,
}
ORDER_LINE_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string"},
        "sku": {"type": "string"},
        "quantity": {"type": "integer", "description": "Pieces."},
        "unit_price": {"type": "number", "description": "Price of a piece when the line was added."},
        "amount": {"type": "number"},
    },
    "required": ["order_id", "sku", "quantity", "unit_price", "amount"],
    "additionalProperties": False,
}
ORDER_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string", "description": "Id of the order."},
        "customer_id": {"type": "string"},
        "service": {
            "type": "string",
            "enum": ["standard", "express"],
            "description": "How fast the parts are to arrive; express costs 15 euros more.",
        },
        "discount": {"type": "integer", "description": "Percent off the goods."},
        "status": {"type": "string", "enum": ["draft", "released", "packed", "shipped", "cancelled"]},
        "opened_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "carrier": {
            "anyOf": [
                {"type": "string", "enum": ["Nordfracht", "Kestrel Air", "Van Houten Parcels"]},
                {"type": "null"},
            ]
        },
        "shipped_at": {
            "anyOf": [
                {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
                {"type": "null"},
            ]
        },
        "paid": {"type": "number", "description": "Payments recorded so far."},
        "total": {"type": "number", "description": "Goods less discount, plus 15 euros for express."},
        "due": {"type": "number", "description": "Still to be paid; nothing is due before shipping."},
        "pay_by": {
            "anyOf": [{"type": "string", "format": "date"}, {"type": "null"}],
            "description": "Last day for payment of a shipped order.",
        },
        "is_overdue": {"type": "boolean"},
        "lines": {"type": "array", "items": ORDER_LINE_SCHEMA},
    },
    "required": [
        "order_id",
        "customer_id",
        "service",
        "discount",
        "status",
        "opened_at",
        "carrier",
        "shipped_at",
        "paid",
        "total",
        "due",
        "pay_by",
        "is_overdue",
        "lines",
    ],
    "additionalProperties": False,
}
DELIVERY_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "delivery_id": {"type": "string", "description": "Id of the delivery."},
        "sku": {"type": "string"},
        "quantity": {"type": "integer", "description": "Pieces."},
        "status": {"type": "string", "enum": ["awaited", "received"]},
        "ordered_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "expected_on": {"type": "string", "format": "date"},
        "bin_id": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "Where the parts were put.",
        },
        "received_at": {
            "anyOf": [
                {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
                {"type": "null"},
            ]
        },
    },
    "required": [
        "delivery_id",
        "sku",
        "quantity",
        "status",
        "ordered_at",
        "expected_on",
        "bin_id",
        "received_at",
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
                "customers": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "customer_id": {"type": "string", "description": "Id of the customer."},
                            "name": {"type": "string"},
                            "contact": {"type": "string", "description": "Whom to call there."},
                            "city": {"type": "string"},
                            "status": {
                                "type": "string",
                                "enum": ["active", "blocked"],
                                "description": "Orders of a blocked customer are neither released nor shipped.",
                            },
                            "block_reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                            "credit_limit": {
                                "type": "number",
                                "description": "Most that may be owed or on order at a time.",
                            },
                            "payment_days": {
                                "type": "integer",
                                "description": "Days after shipping within which an order is to be paid.",
                            },
                        },
                        "required": [
                            "customer_id",
                            "name",
                            "contact",
                            "city",
                            "status",
                            "block_reason",
                            "credit_limit",
                            "payment_days",
                        ],
                        "additionalProperties": False,
                    },
                },
                "products": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "sku": {"type": "string", "description": "Stock keeping unit."},
                            "name": {"type": "string"},
                            "supplier": {
                                "type": "string",
                                "description": "The company that delivers this part.",
                            },
                            "unit_price": {"type": "number"},
                            "hazard": {"type": "string", "enum": ["harmless", "flammable", "corrosive"]},
                            "lead_days": {
                                "type": "integer",
                                "description": "Days from reordering to delivery.",
                            },
                        },
                        "required": ["sku", "name", "supplier", "unit_price", "hazard", "lead_days"],
                        "additionalProperties": False,
                    },
                },
                "bins": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "bin_id": {"type": "string", "description": "Id of the bin."},
                            "code": {
                                "type": "string",
                                "description": "Aisle, rack and level, such as A-03-2.",
                            },
                            "kind": {"type": "string", "enum": ["shelf", "safety cabinet"]},
                            "capacity": {
                                "type": "integer",
                                "description": "Most pieces that the bin can hold.",
                            },
                        },
                        "required": ["bin_id", "code", "kind", "capacity"],
                        "additionalProperties": False,
                    },
                },
                "stock_items": {"type": "object", "additionalProperties": STOCK_ITEM_SCHEMA},
                "orders": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "order_id": {"type": "string", "description": "Id of the order."},
                            "customer_id": {"type": "string"},
                            "service": {
                                "type": "string",
                                "enum": ["standard", "express"],
                                "description": "How fast the parts are to arrive; express costs 15 euros more.",
                            },
                            "discount": {"type": "integer", "description": "Percent off the goods."},
                            "status": {
                                "type": "string",
                                "enum": ["draft", "released", "packed", "shipped", "cancelled"],
                            },
                            "opened_at": {
                                "type": "string",
                                "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$",
                            },
                            "carrier": {
                                "anyOf": [
                                    {
                                        "type": "string",
                                        "enum": ["Nordfracht", "Kestrel Air", "Van Houten Parcels"],
                                    },
                                    {"type": "null"},
                                ]
                            },
                            "shipped_at": {
                                "anyOf": [
                                    {
                                        "type": "string",
                                        "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$",
                                    },
                                    {"type": "null"},
                                ]
                            },
                            "paid": {"type": "number", "description": "Payments recorded so far."},
                        },
                        "required": [
                            "order_id",
                            "customer_id",
                            "service",
                            "discount",
                            "status",
                            "opened_at",
                            "carrier",
                            "shipped_at",
                            "paid",
                        ],
                        "additionalProperties": False,
                    },
                },
                "order_lines": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "order_id": {"type": "string"},
                            "sku": {"type": "string"},
                            "quantity": {"type": "integer", "description": "Pieces."},
                            "unit_price": {
                                "type": "number",
                                "description": "Price of a piece when the line was added.",
                            },
                        },
                        "required": ["order_id", "sku", "quantity", "unit_price"],
                        "additionalProperties": False,
                    },
                },
                "deliveries": {"type": "object", "additionalProperties": DELIVERY_SCHEMA},
            },
            "required": [
                "customers",
                "products",
                "bins",
                "stock_items",
                "orders",
                "order_lines",
                "deliveries",
            ],
            "additionalProperties": False,
        },
    },
    "required": ["clock", "counters", "tables"],
    "additionalProperties": False,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": "find_customer",
        "title": "Find customer",
        "description": "Find a customer by name.",
        "inputSchema": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
        "outputSchema": CUSTOMER_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_customers",
        "title": "List customers",
        "description": "List all customers with what they owe.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("customers", CUSTOMER_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "find_product",
        "title": "Find product",
        "description": "Find a product by name.",
        "inputSchema": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
        "outputSchema": PRODUCT_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_products",
        "title": "List products",
        "description": "List all products with their stock, bin by bin.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("products", PRODUCT_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_bins",
        "title": "List bins",
        "description": "List all bins with their room.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("bins", BIN_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_stock_in_bin",
        "title": "List stock in bin",
        "description": "List what lies in a bin.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "bin_id": {"type": "string", "description": "Id of the bin, such as BIN-01."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["bin_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("stock_items", STOCK_ITEM_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_order",
        "title": "Get order",
        "description": "Read one order with its lines.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."}
            },
            "required": ["order_id"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_orders_of_customer",
        "title": "List orders of customer",
        "description": "List the orders of a customer, oldest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "customer_id": {"type": "string", "description": "Id of the customer, such as C-001."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["customer_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("orders", ORDER_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_orders_by_status",
        "title": "List orders by status",
        "description": "List the orders with a status, oldest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": ["draft", "released", "packed", "shipped", "cancelled"]},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["status"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("orders", ORDER_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_deliveries_by_status",
        "title": "List deliveries by status",
        "description": "List awaited or received deliveries, oldest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": ["awaited", "received"]},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["status"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("deliveries", DELIVERY_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "open_order",
        "title": "Open order",
        "description": "Open a draft order for a customer, with its first line at the product's present price.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "customer_id": {"type": "string", "description": "Id of the customer, such as C-001."},
                "sku": {"type": "string", "description": "Sku of the product."},
                "quantity": {"type": "integer", "minimum": 1, "maximum": 50, "description": "Pieces."},
                "service": {
                    "type": "string",
                    "enum": ["standard", "express"],
                    "description": "How fast the parts are to arrive; express costs 15 euros more.",
                },
                "discount": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 30,
                    "description": "Percent off the goods.",
                },
            },
            "required": ["customer_id", "sku", "quantity", "service"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_order_line",
        "title": "Add order line",
        "description": "Put a product on a draft order, at its present price.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."},
                "sku": {"type": "string", "description": "Sku of the product."},
                "quantity": {"type": "integer", "minimum": 1, "maximum": 50, "description": "Pieces."},
            },
            "required": ["order_id", "sku", "quantity"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "remove_order_line",
        "title": "Remove order line",
        "description": "Take a product off a draft order.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."},
                "sku": {"type": "string", "description": "Sku of the product."},
            },
            "required": ["order_id", "sku"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "release_order",
        "title": "Release order",
        "description": "Release a draft order for packing; its parts are reserved from now on.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."}
            },
            "required": ["order_id"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "withdraw_order",
        "title": "Withdraw order",
        "description": "Turn a released order back into a draft; its parts are no longer reserved.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."}
            },
            "required": ["order_id"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "pack_order",
        "title": "Pack order",
        "description": "Pack a released order. Each line is taken whole from one bin, the first in the product's stock that holds enough.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."}
            },
            "required": ["order_id"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "unpack_order",
        "title": "Unpack order",
        "description": "Unpack a packed order and put all its parts into one bin. The order is then released again, with its parts reserved.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."},
                "bin_id": {"type": "string", "description": "The bin to put the parts into."},
            },
            "required": ["order_id", "bin_id"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "ship_order",
        "title": "Ship order",
        "description": "Hand a packed order to a carrier. Payment is due from now on.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."},
                "carrier": {
                    "type": "string",
                    "enum": ["Nordfracht", "Kestrel Air", "Van Houten Parcels"],
                    "description": "Kestrel Air carries no hazardous parts.",
                },
            },
            "required": ["order_id", "carrier"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "cancel_order",
        "title": "Cancel order",
        "description": "Cancel a draft or released order; reserved parts become available again.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."}
            },
            "required": ["order_id"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "record_payment",
        "title": "Record payment",
        "description": "Record that a customer has paid for a shipped order.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "Id of the order, such as SO-0001."},
                "amount": {
                    "type": "number",
                    "minimum": 1.0,
                    "description": "Euros; left out when all that is due was paid.",
                },
            },
            "required": ["order_id"],
            "additionalProperties": False,
        },
        "outputSchema": ORDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "block_customer",
        "title": "Block customer",
        "description": "Block a customer; their orders can then be neither released nor shipped.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "customer_id": {"type": "string", "description": "Id of the customer, such as C-001."},
                "reason": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "Why the customer is blocked. Not blank.",
                },
            },
            "required": ["customer_id", "reason"],
            "additionalProperties": False,
        },
        "outputSchema": CUSTOMER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "unblock_customer",
        "title": "Unblock customer",
        "description": "Lift the block of a customer.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "customer_id": {"type": "string", "description": "Id of the customer, such as C-001."}
            },
            "required": ["customer_id"],
            "additionalProperties": False,
        },
        "outputSchema": CUSTOMER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "move_stock",
        "title": "Move stock",
        "description": "Move pieces of a product from one bin to another.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "sku": {"type": "string", "description": "Sku of the product."},
                "source_id": {"type": "string", "description": "The bin to take from."},
                "target_id": {"type": "string", "description": "The bin to put into."},
                "quantity": {"type": "integer", "minimum": 1, "description": "Pieces to move."},
            },
            "required": ["sku", "source_id", "target_id", "quantity"],
            "additionalProperties": False,
        },
        "outputSchema": PRODUCT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "reorder_product",
        "title": "Reorder product",
        "description": "Order more of a product from its supplier.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "sku": {"type": "string", "description": "Sku of the product."},
                "quantity": {"type": "integer", "minimum": 1, "maximum": 60, "description": "Pieces."},
            },
            "required": ["sku", "quantity"],
            "additionalProperties": False,
        },
        "outputSchema": DELIVERY_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "receive_delivery",
        "title": "Receive delivery",
        "description": "Receive an awaited delivery and put all of it into one bin.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "delivery_id": {"type": "string", "description": "Id of the delivery, such as D-0001."},
                "bin_id": {"type": "string", "description": "The bin to put the parts into."},
            },
            "required": ["delivery_id", "bin_id"],
            "additionalProperties": False,
        },
        "outputSchema": DELIVERY_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "transfer_to_supervisor",
        "title": "Transfer to supervisor",
        "description": "Hand a request that the policies or the tools do not allow to the shift supervisor.",
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
    "customers": ["customer_id"],
    "products": ["sku"],
    "bins": ["bin_id"],
    "stock_items": ["sku", "bin_id"],
    "orders": ["order_id"],
    "order_lines": ["order_id", "sku"],
    "deliveries": ["delivery_id"],
}
REFERENCES: dict[str, dict[str, str]] = {
    "stock_items": {"sku": "products", "bin_id": "bins"},
    "orders": {"customer_id": "customers"},
    "order_lines": {"order_id": "orders", "sku": "products"},
    "deliveries": {"sku": "products", "bin_id": "bins"},
}

ARGUMENT_CHECKS = {tool["name"]: checker(tool["inputSchema"], limited=True) for tool in TOOLS}
STATE_CHECK = checker(SCHEMA, limited=False)
