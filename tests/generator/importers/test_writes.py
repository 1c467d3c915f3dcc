"""Whether a method can change the state, found in its source alone."""

from __future__ import annotations

import textwrap

import pytest

from generator.importers.signatures import read_source
from generator.importers.writes import Writes

CLASS = """
import copy
LIMIT = 3

def mark(row):
    row["seen"] = True

def count(rows):
    total = {}
    for row in rows:
        total[row["kind"]] = total.get(row["kind"], 0) + 1
    return total

class Base:
    def _touch(self, user):
        user["n"] += 1

class Desk(Base):
    def __init__(self, init_config=None):
        self.users, self.log, self.n = {}, [], 0

    def _user(self, user_id):
        return self.users.get(user_id)

    def _next(self):
        self.n += 1
        return self.n

    @staticmethod
    def _plain(row):
        return dict(row)

    def tool(self, user_id, other=None):
{body}
"""

READS = [
    "return self.users[user_id]",
    "found = []\nfor u in self.users.values():\n    found.append(u)\nreturn found",
    "u = dict(self.users[user_id])\nu['x'] = 1\nreturn u",
    "u = self._plain(self.users[user_id])\nu['x'] = 1\nreturn u",
    "u = copy.deepcopy(self.users[user_id])\nu['tags'].append(1)\nreturn u",
    "u = self.users[user_id].copy()\nu.pop('secret')\nreturn u",
    "rows = [{**u, 'x': 1} for u in self.users.values()]\nrows[0]['y'] = 2\nreturn sorted(rows, key=lambda r: r['x'])",
    "rows = sorted(self.users.values(), key=lambda u: u['name'])\nrows.reverse()\nreturn rows",
    "return count(self.users.values())",
    "total = 0\nfor u in self.users.values():\n    total += u['n']\nreturn total",
    "by = {}\nfor k, u in self.users.items():\n    by.setdefault(u['team'], []).append(k)\nreturn by",
    "other = other or {}\nother['x'] = 1\nreturn other",
    "def walk(n):\n    return walk(n - 1) if n else 0\nreturn walk(3)",
    "name = self.users[user_id]['name']\nname += '!'\nreturn name",
]
WRITES = [
    "self.users[user_id] = {}",
    "self.n = 1",
    "self.n += 1",
    "del self.users[user_id]",
    "self.log.append(user_id)",
    "u = self.users[user_id]\nu['x'] = 1",
    "u = self._user(user_id)\nif u:\n    u['x'] = 1",
    "for u in self.users.values():\n    u['x'] = 1",
    "for k, u in list(self.users.items()):\n    u['tags'].append(k)",
    "rows = [u for u in self.users.values() if u['x']]\nrows[0]['x'] = 2",
    "u = dict(self.users[user_id])\nu['tags'].append(1)\nreturn u",
    "u = next((u for u in self.users.values()), None)\nu.update(x=1)",
    "mark(self.users[user_id])",
    "return self._next()",
    "self._touch(self.users[user_id])",
    "super()._touch(self.users[user_id])",
    "setattr(self, 'n', 2)",
    "getattr(self, 'users').clear()",
    "def drop(k):\n    self.users.pop(k)\ndrop(user_id)",
    "u = self.users.setdefault(user_id, {})\nreturn u",
    "if (u := self.users.get(user_id)):\n    u['x'] = 1",
    "users = self.users\nusers |= {user_id: {}}",
    "a, b = self.users, self.log\nb.append(1)",
    "match self.users:\n    case {'a': row}:\n        row['x'] = 1",
    "exec('self.n = 1')",
]


def writes(body: str) -> list[str]:
    code = CLASS.replace("{body}", textwrap.indent(body, " " * 8))
    return [write.what for write in Writes(read_source(code, ["Desk"], {"tool"})).of("tool")]


@pytest.mark.parametrize("body", READS)
def test_a_method_that_only_reads_has_no_writes(body: str) -> None:
    assert writes(body) == []


@pytest.mark.parametrize("body", WRITES)
def test_a_method_that_writes_is_found_with_the_place(body: str) -> None:
    assert writes(body)


def test_methods_that_call_one_another_in_a_circle_are_each_judged_whole() -> None:
    code = """
class A:
    def ping(self, n):
        if n: return self.pong(n - 1)
    def pong(self, n):
        self.last = n
        return self.ping(n)
    def peep(self):
        return 1
"""
    found = Writes(read_source(code, ["A"], {"ping"}))
    assert [bool(found.of(name)) for name in ("ping", "pong", "peep", "ping")] == [True, True, False, True]


def test_a_tangle_is_taken_for_a_write() -> None:
    loops = "".join(f"{' ' * (4 * n + 8)}for x{n} in y:\n" for n in range(18)) + " " * 90 + "z = 1"
    code = f"class A:\n    def tool(self, y):\n{loops}\n"
    assert [write.what for write in Writes(read_source(code, ["A"], {"tool"})).of("tool")] == [
        "more than can be looked through"
    ]


def test_removals_are_told_apart() -> None:
    code = "class A:\n    def tool(self, k):\n        del self.rows[k]\n        self.n = 1\n"
    assert [write.removes for write in Writes(read_source(code, ["A"], {"tool"})).of("tool")] == [True, False]
