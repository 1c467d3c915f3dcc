"""One check function over two states, as EnvScaler runs them, with what went wrong told apart."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import CodeType
from typing import Any

from .decoding import decode
from .encoding import described, encode

FUNCTION = "check_func"
FILE = "check.py"
NO_PYTHON = "its source is no Python"
BOTH_STATES = "it needs both states; EnvScaler, which gives one, has it raise"


def run_check(source: str, before: Any, after: Any) -> dict[str, Any]:
    """`before` and `after` are encoded states; the function gets copies of its own. See `box.Verdict`."""
    initial, final = as_released(decode(before)), as_released(decode(after))
    held = encode([initial, final])
    kind, detail = prepared(source, initial)(final)
    return {"kind": kind, "detail": detail, "mutated": encode([initial, final]) != held}


def as_released(state: Any) -> Any:
    """EnvScaler's `get_state_info` leaves these attributes out."""
    return {key: value for key, value in state.items() if not (key.startswith("__") and key.endswith("__"))}


def prepared(source: str, initial: Any) -> Callable[[Any], tuple[str, str]]:
    """Gives the verdict on a final state, and what is to be said about it; compiled once, executed for each state."""
    try:
        code = compile(source, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        sentence = f"{NO_PYTHON}: {_told(error)}"
        return lambda final: ("raised", sentence)
    return lambda final: _verdict(code, initial, final)


def _verdict(code: CodeType, initial: Any, final: Any) -> tuple[str, str]:
    names: dict[str, Any] = {"__builtins__": builtins, "initial_state": initial}
    try:
        exec(code, names)
        function = names.get(FUNCTION)
        if function is None:
            return "missing_name", f"it defines no function {FUNCTION}"
        both = _needs_both(function)
        result = function(initial_state=initial, final_state=final) if both else function(final)
    except (MemoryError, SystemExit, KeyboardInterrupt, GeneratorExit):
        raise
    except UnboundLocalError as error:
        return "raised", f"UnboundLocalError: {error}"
    except NameError as error:
        return "missing_name", f"{error}"
    except BaseException as error:  # noqa: BLE001  a stranger's code may raise whatever it likes
        return "raised", _told(error)
    if isinstance(result, bool):
        return ("true" if result else "false"), BOTH_STATES if both else ""
    return "not_boolean", f"it returned {described(result)[:200]} ({type(result).__name__})"


def _needs_both(function: Any) -> bool:
    """Whether it asks for both states by name and cannot be called with the final one alone, as EnvScaler does."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    needed = code.co_argcount - len(function.__defaults__ or ())
    return set(code.co_varnames[:needed]) == {"initial_state", "final_state"}


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {described_error(error)}".removesuffix(": ")


def described_error(error: BaseException) -> str:
    """An exception's own words, which a stranger wrote too."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  see above
        text = described(error)
    return text.encode(errors="replace").decode()[:2000]
