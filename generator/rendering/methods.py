"""What the writers of methods share."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.skeleton.model import Entity, Field

INDENT = "    "


@dataclass
class Method:
    """A method's source in parts; the template puts them together."""

    name: str
    parameters: list[str]
    returns: str
    description: str = ""
    body: list[str] = field(default_factory=list)
    command: bool = False


def indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


def when_present(value: str, lines: list[str]) -> list[str]:
    """The statements for an optional value."""
    if len(lines) == 2 and lines[0].startswith("if ") and lines[1].startswith(INDENT):
        return [f"if {value} is not None and {lines[0].removeprefix('if ')}", lines[1]]
    return [f"if {value} is not None:", *indented(lines)]


def refusal(code: str, text: str, origin: str) -> str:
    """The statement that refuses; `text` is Python source, `origin` plain."""
    return f'{INDENT}raise Refused("{code}", {text}, "{origin}")'


def single_quoted(code: str) -> str:
    """Code inside an f-string, which cannot hold its own quotes before Python 3.12."""
    return code.replace('"', "'")


def value_of(entity: Entity, item: Field, row: str) -> str:
    """The value of a field of a row."""
    return f'{row}["{item.column}"]' if item.stored else f"self._{entity.name}_{item.name}({row})"


def article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def listed(words: list[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
