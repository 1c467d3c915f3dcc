"""What the words of a check ask for: quoted values, numbers, and whether they ask for exactly that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_QUOTED = re.compile(r"“([^”]{1,400})”|\"([^\"]{1,400})\"|(?<!\w)'([^']{1,400})'(?!\w)|‘([^’]{1,400})’|`([^`]{1,400})`")
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:,\d{3})*(?:\.\d+)?(?![\w-]|\.\d)")
_CONTAINING = re.compile(
    r"\b(contain\w*|includ\w*|mention\w*|with the (?:word|text|phrase|note|keyword)\w*|append\w*|indicat\w*"
    r"|referenc\w*|stat(?:es|ing) that|such as|starts? with|starting with|begin\w*|ends? with|prefix\w*|suffix\w*"
    r"|keyword\w*|note\w*|describ\w*|at least one of|like)\b",
    re.IGNORECASE,
)
_RANGING = re.compile(
    r"[<>≥≤≈±~]|\b(at least|at most|more than|less than|fewer|greater|larger|smaller|higher|lower|above|below|over"
    r"|under|between|within|before|after|earlier|later|from|until|up to|exceed\w*|minimum|maximum|no more|or more"
    r"|or less|approximately|about|around|roughly|outside|covering|range|since)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(not|no longer|without|remov\w*|delet\w*|clear\w*|cancel\w*|unassign\w*|untag\w*|detach\w*|absent|never|none|"
    r"neither|except|other than|exclud\w*|purg\w*|drop\w*|withdraw\w*|revok\w*|releas\w*|moved? out|unlink\w*)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\b(or|either|any of|one of|e\.g\.|for example|valid|appropriate|some|any)\b", re.IGNORECASE)
_EXACT = re.compile(
    r"\b(?:set|changed|updated|renamed|retitled|corrected|modified|moved|switched|marked|assigned|transitioned|reverted"
    r"|restored|edited|adjusted|converted|recorded|flagged|labell?ed|titled|named|status(?:es)?|value)\b",
    re.IGNORECASE,
)
_OLD = re.compile(
    r"\b(?:from|instead of|previously|formerly|was|originally|currently)(?:\s+\w+){0,3}\W{1,3}$", re.IGNORECASE
)
_TARGET = re.compile(r"(?:\b(?:to|as|is|be|being|equals|equal to)|[=:])\s*$", re.IGNORECASE)
_BEEN = re.compile(r"\bbeen\s+(?:\w+ly\s+)?", re.IGNORECASE)
_MADE = re.compile(r"(?:created|added|registered|inserted|generated|opened|issued|logged|scheduled|booked)\b")
_PATHS = re.compile(r"\s[>/→›»]\s|[/>→›»]")


@dataclass(frozen=True)
class Asked:
    """The words of one check."""

    words: str

    @cached_property
    def quoted(self) -> list[str]:
        """The texts in quotes that are to be there at the end, as they are written; not those after `from`."""
        return [text for text, old in self._quotes if not old]

    @cached_property
    def targets(self) -> list[str]:
        """The quoted texts that must be there for it to be done, not those that only tell what it is done to.

        Those after “been”, or after `to`, `as`, `is` or `=`; those before it where something is made.
        """
        verb = _BEEN.search(self.words)
        made = verb is not None and _MADE.match(self.words, verb.end()) is not None
        found = []
        for match in _QUOTED.finditer(self.words):
            ahead = self.words[: match.start()]
            done = verb is not None and (made or match.start() > verb.start())
            if (done or _TARGET.search(ahead)) and not _OLD.search(ahead):
                found.append(next(group for group in match.groups() if group is not None).strip())
        return [text for text in found if text]

    @cached_property
    def _quotes(self) -> list[tuple[str, bool]]:
        found = []
        for match in _QUOTED.finditer(self.words):
            text = next(group for group in match.groups() if group is not None).strip()
            if text:
                found.append((text, bool(_OLD.search(self.words[: match.start()]))))
        return found

    @cached_property
    def numbers(self) -> list[float]:
        return [float(text.replace(",", "")) for text in _NUMBER.findall(self.words)]

    @cached_property
    def containing(self) -> bool:
        """Whether the words ask for a part of a text, not for a whole one."""
        return bool(_CONTAINING.search(self._unquoted))

    @cached_property
    def exact(self) -> bool:
        """Whether they ask that something be set to, or be, a value, and leave no choice."""
        return bool(_EXACT.search(self._unquoted)) and not self.containing and not self.choice

    @cached_property
    def choice(self) -> bool:
        return bool(_CHOICE.search(self._unquoted))

    @cached_property
    def ranging(self) -> bool:
        """Whether numbers in the words are bounds."""
        return bool(_RANGING.search(self._unquoted))

    @cached_property
    def negated(self) -> bool:
        """Whether they ask that something be gone."""
        return bool(_NEGATED.search(self._unquoted))

    @cached_property
    def _unquoted(self) -> str:
        return _QUOTED.sub(" ", self.words)

    def asks_for(self, value: str) -> bool:
        """Whether a text is one of the quoted ones that are to be there, or stands in the words outside of quotes."""
        text = plain(value)
        return bool(text) and (
            self.quotes(value) or re.search(rf"(?<!\w){re.escape(text)}(?!\w)", plain(self._unquoted)) is not None
        )

    def names(self, value: str) -> bool:
        """Whether a text stands in the words as a whole, in quotes or not."""
        text = plain(value)
        return bool(text) and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", plain(self.words)) is not None

    def quotes(self, value: str) -> bool:
        """Whether a text is one of those in quotes that are to be there."""
        return plain(value) in map(plain, self.quoted)

    def counts(self, value: float) -> bool:
        return any(abs(value - number) < 1e-9 for number in self.numbers)

    def speaks_of(self, field: str) -> bool:
        """Whether a field is named: `sleep_quality`, or its words."""
        parts = [part for part in re.split(r"[_\W]+", field.lower()) if part]
        said = plain(self.words)
        return bool(parts) and (field.lower() in said or " ".join(parts) in said)


def plain(text: str) -> str:
    """Without case, odd quotes and odd spaces."""
    text = re.sub(r"[‘’`]", "'", re.sub(r"[“”]", '"', text))
    return " ".join(re.sub(r"[‐‑–—]", "-", text).casefold().split())


def is_path(text: str) -> bool:
    """Whether a quoted text is a way through folders, of which no single field holds the whole."""
    return bool(_PATHS.search(text)) and not text.startswith(("http://", "https://"))
