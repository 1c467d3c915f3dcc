"""There is one way to write a document, and reading it gives the document back."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import EXAMPLES, skeletons
from hypothesis import given, settings

from generator.skeleton.document import Skeleton
from generator.skeleton.reading import parse_skeleton, read_skeleton
from generator.skeleton.writing import write_skeleton

HEAD = """\
schema_version: 1
id: desk
title: Desk
domain: office
summary: A desk.
introduction: You keep a desk.
clock: 2026-03-02T09:00:00

entities:
"""


def rewritten(entities: str, operations: str = "operations: {}") -> str:
    """What becomes of the entities and operations of a small document, without its head."""
    text = write_skeleton(parse_skeleton(f"{HEAD}{entities}\n{operations}\n", "test"))
    return text.removeprefix(HEAD)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_keep_their_meaning(path: Path) -> None:
    document = read_skeleton(path)
    text = write_skeleton(document)
    assert parse_skeleton(text, "again") == document
    assert write_skeleton(parse_skeleton(text, "again")) == text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_line_of_the_examples_is_overlong(path: Path) -> None:
    assert max(map(len, write_skeleton(read_skeleton(path)).splitlines())) <= 110


@given(skeletons())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_every_document_is_read_back_as_it_was(document: Skeleton) -> None:
    text = write_skeleton(document)
    again = parse_skeleton(text, "again")
    assert again == document
    assert write_skeleton(again) == text


def test_short_spellings_are_used_where_they_say_everything() -> None:
    written = """\
  thread:
    plural: threads
    id: TH-{n:04}
    fields:
      title: {type: text, sample: titles}
      author: user
      status: {type: status, default: open}
    queries:
      get_thread: get
      get_title: {get: [title]}
      threads_of: {by: author, order: created_at}
"""
    spelt_out = """\
  thread:
    plural: threads
    id: {kind: counted, pattern: "TH-{n:04}"}
    fields:
      title:
        type: text
        sample: titles
      author: {type: user}
      status: {default: open, type: status, unique: false}
    queries:
      get_thread: {kind: get}
      get_title: {kind: get, fields: [title]}
      threads_of: {order: created_at, by: author}
"""
    assert rewritten(spelt_out).startswith(written)


def test_an_expression_keeps_its_mapping_in_a_block() -> None:
    written = rewritten("  tag: {plural: tags, fields: {uses: {type: integer, derived: count(t for t in threads)}}}")
    assert "      uses:\n        type: integer\n        derived: count(t for t in threads)\n" in written


def test_what_yaml_would_misread_is_quoted_and_the_rest_is_not() -> None:
    operations = """\
operations:
  close:
    description: "yes"
    requires: ["may(user, thread)", "[x for x in xs] == []"]
    say: "{user}: close"
"""
    written = rewritten("  tag: {plural: tags}", operations)
    assert "    description: yes\n" in written
    assert "      - may(user, thread)\n" in written
    assert '      - "[x for x in xs] == []"\n' in written
    assert '    say: "{user}: close"\n' in written


def test_long_text_is_folded_and_paragraphs_stay_paragraphs() -> None:
    long = " ".join(["many words"] * 20)
    entities = f"  tag:\n    plural: tags\n    description: {long}\n"
    assert "    description: >-\n      many words" in rewritten(entities)
    entities = "  tag:\n    plural: tags\n    description: |\n      One.\n\n      Two.\n"
    assert "    description: |-\n      One.\n\n      Two.\n" in rewritten(entities)
