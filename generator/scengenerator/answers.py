"""What an answer in words states: the function `states(answer, value)` of checks.

`stated(answer, value, kind)` is true when the value stands in the answer as a whole token and no other value of its
kind does. `kind` is the name of a scalar type, or the words of an enum. Markdown emphasis, case, and kinds of
spaces, quotes and dashes do not matter.

- **integer, decimal, money**: `1,234.50`, `1234.5`, `$1,234.50`, `1,234.50 USD` are one number; `-5`, `−5`, `minus 5`
  another. The words two to twenty are numbers; `one` is 1 only where no other number stands. A number is a whole
  token: 12 is not in `120`, `HAT12`, `A-12`, `#12`, `12th`, a date or a time; nor in the numbering `1.`, `2.` of
  lines. A decimal may be rounded to two or more digits. What else counts as a number *of its kind*: for an integer
  every number that is no money; for money and decimals every number that is no count (a whole number before a noun:
  `2 invoices`). So `3 loans, $45.20 in all` states the integer 3 and the money 45.20, and `3 or 4` states nothing.
- **date, time, datetime**: `2026-03-04`, `4 March 2026`, `March 4th, 2026`, `4 Mar`, `03/04/2026` (either reading);
  `09:00`, `9 am`, `9:00:00`, `noon`. Without a year, any year fits. A datetime is stated when its date and time are.
- **boolean**: yes or true, no or false; `no` counts only where it stands alone (`No.`, `No, …`), not in `no loans`.
- **an enum**: its words, with spaces, underscores and hyphens alike; the longest word wins, so `basic economy` does
  not state `economy`; a word after not, never, no longer … states nothing.
- **text**: the text itself, not after not; a full stop at its end may be left out. Texts have no kind: others may
  stand beside it.

Limits: negation further away than a word, hedging in sentences (`I am not sure it is open`), counts above twenty in
words, numbers with a comma for decimals, and pronouns are not understood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from generator.scengenerator.answer_moments import dates_in, dates_match, times_in, times_match
from generator.scengenerator.answer_numbers import Number, competes, equals, numbers_in

_NOT = r"(?:not|n't|never|no longer|neither|nor|isn't|wasn't|cannot be|instead of|rather than)"
_NEGATED = re.compile(rf"(?:{_NOT})\s+(?:yet\s+|currently\s+|the\s+|a\s+|an\s+|any\s*more\s+|be\s+|in\s+)?$")
_YES = re.compile(r"(?<![\w-])(?:yes|true)(?![\w-])")
_NO = re.compile(r"(?<![\w-])(?:false(?![\w-])|no(?=\s*(?:$|[.,;:!)\n]|-\s|\u2014)))")


def stated(answer: str, value: object, kind: str | Sequence[str]) -> bool:
    """Whether the answer states the value, and no other of its kind; see the module's text for what that means."""
    if value is None:
        return False
    text = plain(answer)
    if not isinstance(kind, str):
        return _enum(text, str(value), kind)
    if isinstance(value, bool):
        return _boolean(text, value)
    if isinstance(value, int | float):
        return _number(text, value, kind)
    if kind == "date":
        return _date(text, str(value))
    if kind == "time":
        return _time(text, str(value))
    if kind == "datetime":
        day, _, clock = str(value).partition("T")
        return _date(text, day) and _time(text, clock)
    return _text(text, str(value))


def plain(text: str) -> str:
    """The text in lower case, without emphasis, with one kind of spaces, quotes and dashes."""
    text = re.sub(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))", ",", text)  # 1 234 with a thin space
    text = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    text = re.sub(r"\*+|`+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)", "", text)
    return re.sub(r"[^\S\n]+", " ", text).casefold()


_ALIKE = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u2012": "-"}
    | {"\u2013": "-", "\u2212": "-"}
)


def _number(text: str, value: float, kind: str) -> bool:
    found = numbers_in(text)
    matching = [number for number in found if equals(number, value, kind)]
    if not matching and value == 1 and not [number for number in found if competes(number, kind)]:
        return re.search(r"(?<![\w-])one(?![\w-])", text) is not None
    others: list[Number] = [number for number in found if number not in matching and competes(number, kind)]
    return bool(matching) and not others


def _date(text: str, value: str) -> bool:
    found = dates_in(text)
    return bool(found) and all(dates_match(date, value) for date in found)


def _time(text: str, value: str) -> bool:
    found = times_in(text)
    return bool(found) and all(times_match(time, value) for time in found)


def _boolean(text: str, value: bool) -> bool:
    yes = any(not _is_negated(text, match) for match in _YES.finditer(text))
    no = _NO.search(text) is not None
    return yes != no and yes == value


def _text(text: str, value: str) -> bool:
    value = plain(value).strip().rstrip(".!?") or plain(value).strip()
    return bool(value) and any(not _is_negated(text, match) for match in _pattern(value).finditer(text))


def _enum(text: str, value: str, words: Sequence[str]) -> bool:
    if {plain(word) for word in words} <= {"yes", "no", "true", "false"} and len(words) == 2:
        return _boolean(text, plain(value) in ("yes", "true"))
    said: set[str] = set()
    for word in sorted(words, key=len, reverse=True):
        pattern = _pattern(plain(word).strip())
        said |= {word for match in pattern.finditer(text) if not _is_negated(text, match)}
        text = pattern.sub(lambda match: "\0" * len(match[0]), text)
    return said == {value}


def _pattern(value: str) -> re.Pattern[str]:
    """A plain value as a whole token; spaces, underscores and hyphens within it are alike."""
    parts = re.split(r"(?<=\w)[\s_-]+(?=\w)", value)
    before = r"(?<!\w)(?<!\w[-_])" if value[:1].isalnum() else ""
    after = r"(?!\w)(?![-_]\w)" if value[-1:].isalnum() else ""
    return re.compile(before + r"[\s_-]+".join(map(re.escape, parts)) + after)


def _is_negated(text: str, match: re.Match[str]) -> bool:
    return _NEGATED.search(text[max(0, match.start() - 40) : match.start()]) is not None


_WAYS_TO_DECLINE = (
    r"(?:can|could|will|do|does|did|is|are|was|were|has|have|must|may|should)(?:n?[’']t| not)|cannot|won[’']t|unable",
    r"impossible|not (?:able|possible|allowed|permitted|eligible|done|been)|ineligible|nothing (?:was|has|is|to|can)",
    r"refus\w+|declin\w+|denied|prohibit\w+|forbid\w*|violates?|against (?:the|our|a) (?:policy|policies|rules?)",
)
_DECLINES = re.compile(rf"\b(?:{'|'.join(_WAYS_TO_DECLINE)})\b", re.IGNORECASE)
_IDIOMS = re.compile(
    r"\b(?:could|can)(?:n?[’']t| ?not) (?:be happier|complain|wait|find any problem|see any problem)", re.IGNORECASE
)
_LOOKED = (
    "looked|checked|searched|tried|verified|reviewed|noticed|attempted|asked"
    "|handed|escalated|transferred|forwarded|passed"
)
_DONE = r"(?:\w+ed|done|made|put|sent|set|took|taken)"
_CLAIMS = re.compile(
    rf"\b(?:i|we)(?:[’']ve| have)? (?:now |just |successfully )*(?!{_LOOKED}){_DONE} "
    r"|\b(?:is|are|has been|have been|was|were) (?:now|successfully)\b|\bsuccessfully\b"
    r"|^\W*(?:all )?done\b|\bit was done\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[.!?;\n]+(?:\s|$)")


def declined(answer: str) -> bool:
    """Whether an answer says that something was not done.

    A matter of words, sentence by sentence: one says that it cannot be, is not allowed or was not done, and none that
    says no such thing claims that something was done. What else is said is not judged; that nothing was changed is
    checked over the state. Agents are told to say plainly that they cannot do it.
    """
    sentences = [_IDIOMS.sub("", sentence) for sentence in _SENTENCES.split(answer)]
    denying = [sentence for sentence in sentences if _DECLINES.search(sentence)]
    return bool(denying) and not any(_CLAIMS.search(part) for part in sentences if part not in denying)
