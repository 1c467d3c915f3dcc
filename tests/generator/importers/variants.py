"""Classes as a release may hold them, each with tools and what a call of the first one gives."""

from __future__ import annotations

from typing import Any

from tests.generator.importers.releases import JsonObject, of_code, schema, tool

ADD = tool("add", schema(n="integer"))
PEEK = tool("peek")

CLASSES: dict[str, str] = {
    "optional_config": """\
class Env:
    def __init__(self, init_config=None):
        self.items = dict((init_config or {}).get('items', {}))
""",
    "config": """\
class Env:
    def __init__(self, config):
        self.items = config.get('items', {})
""",
    "no_constructor": """\
class Env:
    items = None
""",
    "no_argument": """\
class Env:
    def __init__(self):
        self.items = {}
""",
    "keyword_only": """\
class Env:
    def __init__(self, *, init_config=None):
        self.items = {}
""",
    "any_arguments": """\
class Env:
    def __init__(self, *args, **kwargs):
        self.items = {}
""",
    "class_attributes": """\
class Env:
    kind = 'x'
    limit: int = 3
    def __init__(self, init_config={}):
        self.items = {}
""",
    "property": """\
class Env:
    def __init__(self, c):
        self._items = {}
    @property
    def items(self):
        return self._items
    @items.setter
    def items(self, value):
        self._items = value
""",
    "dataclass": """\
from dataclasses import dataclass, field
@dataclass
class Env:
    items: dict = field(default_factory=dict)
""",
    "named_not_imported": """\
from __future__ import annotations
class Env:
    def __init__(self, init_config: Dict[str, Thing]) -> Nothing:
        self.items: Missing = {}
""",
    "imports_inside": """\
class Env:
    import math
    def __init__(self, c):
        from collections import OrderedDict as O
        self.items = O()
""",
    "helpers": """\
LIMIT = 10
def clamp(n):
    return min(n, LIMIT)
class Env:
    def __init__(self, c):
        self.items = {'clamped': clamp(99)}
""",
    "nested_class": """\
class Env:
    class Item:
        def __init__(self):
            self.a = 1
    def __init__(self, c):
        self.items = {}
        self.item = Env.Item()
""",
    "inherits": """\
from abc import ABC, abstractmethod
class Base(ABC):
    def __init__(self, c=None):
        self.items = {}
    @abstractmethod
    def name(self): ...
class Env(Base):
    def name(self):
        return 'x'
""",
    "main_block": """\
class Env:
    def __init__(self, c):
        self.items = {}
if __name__ == '__main__':
    raise SystemExit(Env({}).missing)
""",
    "counter": """\
import itertools
class Env:
    def __init__(self, c):
        self.items = {}
        self._ids = itertools.count(1)
""",
    "wide_state": """\
import datetime, decimal, collections, threading
class Env:
    def __init__(self, c):
        self.items = {}
        self.tags = {'b', 'a'}
        self.pair = (1, 2)
        self.when = datetime.date(2025, 1, 2)
        self.by_number = {1: 'a', (1, 2): 'b'}
        self.many = collections.defaultdict(list)
        self.price = decimal.Decimal('1.10')
        self.lock = threading.Lock()
""",
    "slots": """\
class Env:
    def __init__(self, c):
        self.items = {}
    __module__ = 'released'
""",
    "umlauts": '''\
class Env:
    """Bücher – “gut” 📚"""
    def __init__(self, c):
        self.größe = 1
        self.items = {'ä': '📚'}
''',
    "typed": """\
from typing import TypedDict, Literal, Union
class Row(TypedDict):
    a: str
class Env:
    def __init__(self, init_config: dict):
        self.items: dict[str, Row] = {}
""",
    "prints": """\
print('hello')
class Env:
    def __init__(self, c):
        print('made', flush=True)
        self.items = {}
""",
    "logs": """\
import logging, sys
logging.basicConfig(level=logging.INFO)
log = logging.getLogger(__name__)
class Env:
    def __init__(self, c):
        log.info('made')
        self.items = {}
""",
}
METHODS = """
    def add(self, n: int) -> dict:
        \"\"\"Adds.\"\"\"
        self.total = getattr(self, 'total', 0) + n
        return {"success": True, "total": self.total}

    def peek(self) -> dict:
        return {"success": True, "total": getattr(self, 'total', 0)}
"""
DECORATOR = """
import functools
def logged(f):
    @functools.wraps(f)
    def inner(*a, **k):
        return f(*a, **k)
    return inner
"""


def _with_methods(code: str) -> str:
    """The class with the two methods at its end, before what follows it."""
    head, mark, tail = code.partition("if __name__")
    return head.rstrip("\n") + "\n" + METHODS + mark + tail


def records() -> dict[str, JsonObject]:
    """By name, environments whose tool `add` gives a total."""
    found = {name: of_code(_with_methods(code), ADD, PEEK, env_id=f"env_{name}") for name, code in CLASSES.items()}
    plain = _with_methods(CLASSES["config"])
    spelled: dict[str, Any] = {
        "tabs": plain.replace("    ", "\t"),
        "windows": plain.replace("\n", "\r\n"),
        "fenced": f"```python\n{plain}```",
        "quoted": repr(plain),
        "begins_with_a_mark": "\ufeff" + plain,
    }
    found |= {name: of_code(code, ADD, PEEK, env_id=f"env_{name}") for name, code in spelled.items()}
    asynchronous = plain.replace("def add", "async def add").replace("def peek", "async def peek")
    found["asynchronous"] = of_code(asynchronous, ADD, PEEK, env_id="env_asynchronous")
    found["decorated"] = of_code(
        DECORATOR + plain.replace("    def add", "    @logged\n    def add"), ADD, PEEK, env_id="env_decorated"
    )
    keywords = plain.replace("def add(self, n: int)", "def add(self, *args, n: int = 1, **kwargs)")
    found["keywords"] = of_code(keywords, ADD, PEEK, env_id="env_keywords")
    calling = plain.replace("self.total = getattr", "self.peek()\n        self.total = getattr")
    found["calling"] = of_code(calling, ADD, PEEK, env_id="env_calling")
    return found
