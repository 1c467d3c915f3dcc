"""What is wrong with other words for a task, as far as code can tell: facts lost, facts added, and what tells too much.

That the words still mean the same is not seen here: a reader reads them back (`reading_back`), and the certificate is
made again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.scengenerator.english import word_set
from generator.scengenerator.findings import Finding
from generator.scengenerator.playing import is_command
from generator.scengenerator.scenario import Scenario
from generator.skeleton.model import Model
from generator.skeleton.types import TEXT, Enum, ListOf, MapOf, Maybe, Record, Type, bare

_NUMERAL = re.compile(r"[\w$€£#@.,:/+'%-]*\d[\w$€£.,:/%-]*")
_AROUND = ".,:;'$€£%-/#@+"
_COUNTS = word_set(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty hundred thousand dozen half twice"
)
_OF_REQUESTS = (
    r"(?! (?:\w+ )?(?:things?|requests?|favou?rs?|jobs?|bits|points|ones|questions?|tasks?|steps?|minutes?|seconds?"
    r"|more|to do))"
)
_MONTHS = "January|February|March|April|June|July|August|September|October|November|December"  # May: a verb too
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_DATE = re.compile(rf"\b\d{{1,2}} (?:{_MONTHS}|May)(?: \d{{4}})?\b")
_MOMENT = re.compile(
    rf"\b(?:{_MONTHS}|{_DAYS}|yesterday|tomorrow|tonight"
    r"|(?:last|next) (?:week|month|year|night|quarter)|(?:an?|few|some) (?:days?|weeks?|months?|years?|hours?) ago)\b"
)
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”')
_STARTS = re.compile(r"(?:^|[.!?:;…\n—–(]\s*|[-\"“]\s)\W*$")
_CAPITAL = re.compile(r"(?<![\w'’-])[A-Z][\w'’-]*")
_INITIALS = word_set("ASAP FYI PS OK TBD I ID IDs API")
_BOTH = word_set("Will May Mark Grace Hope Joy Art Bill Rich Dean Drew Sue Pat Rob Chase Summer Can Miles")
_ADVICE = re.compile(
    r"\b(?:look(?:ing)? (?:\w+ ){0,4}up|search (?:for|the|through|by)|query|queries|list (?:all|every)|tools?|ids?"
    r"|identifiers?|API)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\b(?:only|just|nothing (?:else|more|but|beyond)|alone|all (?:I|we) (?:need|want|am after)|no more than|simply"
    r"|that(?: is|['’]s) (?:all|it)|and no more|nothing besides|no explanations?)\b",
    re.IGNORECASE,
)
_TELLS = "tells how to go about it"


class Wordings:
    """Judges other words for the tasks of one environment."""

    def __init__(self, model: Model, instructions: str) -> None:
        self.model = model
        self._known = set(_CAPITAL.findall(instructions)) | _INITIALS
        self._words = [word for enum in _enums(model) for word in enum.words]

    def faults(self, scenario: Scenario, new: str) -> list[Finding]:
        """Everything that is wrong with `new` beside the scenario's own words; nothing where it may stand."""
        old = scenario.task
        if not new.strip():
            return [Finding("there are no words", "there are no words")]
        room = 3 * len(old) + 300
        long = Finding("too long", "it is far longer than it needs to be; say it in a few sentences")
        if len(new) > 2 * room:
            return [long]  # nobody reads on, and looking for facts takes the square of the length
        found = [*self._lost(scenario, old, new), *self._new(scenario, old, new), *_telling(old, new)]
        if scenario.kind == "question":
            found += _asking(scenario, old, new)
        if scenario.kind == "decline":
            found += self._reason(scenario, old, new)
        if len(new) > room:
            found.append(long)
        return list(dict.fromkeys(found))

    # -- facts --------------------------------------------------------------------------------------------------------

    def must_stand(self, scenario: Scenario) -> list[str]:
        """The facts of a task, as they must stand in any words for it: values, figures, and names."""
        old = scenario.task
        facts = [one or other for one, other in _QUOTED.findall(old)]
        facts += [value for value in self._given(scenario) if _stands(value, old)]
        facts += [name for name in self._names(scenario) if _stands(name, old)]
        facts += [match[0] for match in _DATE.finditer(old)]
        facts += [match[0] for match in _MOMENT.finditer(old)]
        facts = [fact for fact in dict.fromkeys(facts) if not any(fact != other and fact in other for other in facts)]
        return [*facts, *(numeral for numeral in _numerals(_without(old, facts)) if numeral not in facts)]

    def _lost(self, scenario: Scenario, old: str, new: str) -> Iterator[Finding]:
        facts = self.must_stand(scenario)
        figures = [fact for fact in facts if re.fullmatch(r"[\d.,]+", fact)]
        others = [fact for fact in facts if fact not in figures]
        numerals = _numerals(_without(new, others))  # the 4 of "bin F-12-4" is no quantity
        for fact in facts:
            if fact not in numerals if fact in figures else not _stands(fact, new):
                words = f'"{fact}" of the original is missing, or written in another way; write it exactly like that'
                yield Finding("a fact is lost", words)

    def _new(self, scenario: Scenario, old: str, new: str) -> Iterator[Finding]:
        for numeral in _numerals(new):
            if numeral not in _numerals(old):
                yield _added(f'"{numeral}" does not stand in the original: add no figures, dates, codes or ids')
        for word in sorted(_COUNTS):
            if re.search(rf"\b{word}\b{_OF_REQUESTS}", new, re.I) and not re.search(rf"\b{word}\b", old, re.I):
                yield _added(f'"{word}" does not stand in the original: add no quantities')
        for match in _MOMENT.finditer(new):
            if match[0] not in old:
                yield _added(f'"{match[0]}" does not stand in the original: add no dates or times')
        names = [name for name in self._names(scenario) if _stands(name, new) and not _stands(name, old)]
        for name in names:
            if name not in _BOTH:
                yield _added(f'"{name}" is a name that does not stand in the original: name nobody and nothing else')
        for word in self._strange(old, new):
            if not any(word in name for name in names):
                yield _added(
                    f'"{word}" looks like a name that does not stand in the original: name nobody and nothing else'
                )

    def _strange(self, old: str, new: str) -> Iterator[str]:
        """Capitalised words within sentences that neither the original nor the environment's own words know."""
        text = _QUOTED.sub(lambda match: " " * len(match[0]), new)
        known = self._known | set(_CAPITAL.findall(old))
        for match in _CAPITAL.finditer(text):
            word = re.sub(r"['’].*", "", match[0])
            if _STARTS.search(text[: match.start()]) or word in known or re.sub(r"['’].*", "", word) in _INITIALS:
                continue
            if word not in {re.sub(r"['’].*", "", other) for other in known}:
                yield word

    def _given(self, scenario: Scenario) -> Iterator[str]:
        """Texts that the solution's commands write."""
        for call in scenario.solution.calls:
            if is_command(self.model, call):
                for param in self.model.operations[call.name].params:
                    if param.argument in call.arguments:
                        yield from _texts(self.model, param.type, call.arguments[param.argument])

    def _names(self, scenario: Scenario) -> Iterator[str]:
        """What rows are called: labels, natural keys and other texts with a capital or a figure; capitalised words."""
        tables = scenario.initial_state["tables"]
        for entity in self.model.entities.values():
            label = {entity.doc.label, entity.key_column if entity.key == "given" else None}
            columns = [(item.column, item.name in label) for item in entity.stored if bare(item.type) == TEXT]
            for row in tables.get(entity.plural, {}).values():
                for column, named in columns:
                    value = row.get(column)
                    if isinstance(value, str) and 2 < len(value) <= 80 and (named or value != value.lower()):
                        yield value
        yield from (word for word in self._words if word != word.lower())

    def _reason(self, scenario: Scenario, old: str, new: str) -> Iterator[Finding]:
        """A request that has to be declined must not say why: "ship the cancelled order"."""
        for word in self._words:
            if _stands(word, scenario.solution.answer) and _stands(word, new) and not _stands(word, old):
                words = f'"{word}" tells why this cannot be done; the person does not know that, so leave it out'
                yield Finding("tells why it cannot be done", words)


def _added(words: str) -> Finding:
    return Finding("a fact is added", words)


def _numerals(text: str) -> list[str]:
    """What holds a figure, without currency signs and commas of thousands."""
    found = (match.strip(_AROUND) for match in _NUMERAL.findall(text))
    return list(dict.fromkeys(re.sub(r"(?<=\d),(?=\d{3})", "", re.sub(r"['’]s$", "", token)) for token in found))


def _without(text: str, facts: list[str]) -> str:
    for fact in sorted(facts, key=len, reverse=True):
        text = text.replace(fact, " ")
    return text


def _stands(value: str, text: str) -> bool:
    """Whether a value stands in a text as it is, as words of its own."""
    value = value.strip()
    return bool(value) and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _telling(old: str, new: str) -> Iterator[Finding]:
    """How to go about it: names of tools and fields, and advice."""
    for word in re.findall(r"\b\w+_\w+\b|\$\d", new):
        if word not in old:
            yield Finding(_TELLS, f'"{word}" is the name of a tool or a field: a person would not say it')
    for match in _ADVICE.finditer(new):
        if match[0].casefold() not in old.casefold():
            words = f'"{match[0]}" tells how to go about it or speaks of ids and tools: say only what is wanted'
            yield Finding(_TELLS, words)


def _asking(scenario: Scenario, old: str, new: str) -> Iterator[Finding]:
    answer = scenario.solution.answer
    if _stands(answer.casefold(), new.casefold()) and not _stands(answer.casefold(), old.casefold()):
        yield Finding("gives the answer away", f'"{answer}" is the answer: a question must not give it away')
    if not _ALONE.search(new):
        words = "the question must ask for the value alone, as the original does (only the figure, just the date, …)"
        yield Finding("does not ask for the value alone", words)


def _texts(model: Model, type_: Type, value: object) -> Iterator[str]:
    """The texts within an argument."""
    type_ = bare(type_)
    if type_ == TEXT and isinstance(value, str):
        yield value
    elif isinstance(type_, ListOf) and isinstance(value, list):
        for item in value:
            yield from _texts(model, type_.item, item)
    elif isinstance(type_, Record) and isinstance(value, dict):
        for name, member in type_.fields:
            yield from _texts(model, member, value.get(model.column(name, member)))


def _enums(model: Model) -> Iterator[Enum]:
    types = [item.type for entity in model.entities.values() for item in entity.fields.values()]
    types += [param.type for operation in model.operations.values() for param in operation.params]
    seen: list[Enum] = []
    for written in types:
        type_ = written
        while isinstance(type_, Maybe | ListOf):
            type_ = type_.item
        for one in (type_.key, type_.value) if isinstance(type_, MapOf) else (type_,):
            if isinstance(one, Enum) and one not in seen:
                seen.append(one)
                yield one
