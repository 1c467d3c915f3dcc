"""A skeleton is read as it was meant; what cannot be read is told in sentences, all at once, each with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import Problem, SkeletonError
from generator.skeleton.document import Skeleton
from generator.skeleton.reading import parse_skeleton, parse_source, read_skeleton, read_source
from generator.skeleton.writing import write_skeleton

FORUM = next(path for path in EXAMPLES if path.name.startswith("forum")).read_text(encoding="utf-8")
AIRLINE = next(path for path in EXAMPLES if path.name.startswith("airline"))


def forum_with(*changes: tuple[str, str]) -> str:
    text = FORUM
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def read(*changes: tuple[str, str]) -> Skeleton:
    return parse_skeleton(forum_with(*changes), "forum.yaml")


def problems(text: str) -> list[Problem]:
    with pytest.raises(SkeletonError) as caught:
        parse_skeleton(text, "forum.yaml")
    assert "Traceback" not in str(caught.value)
    return list(caught.value.problems)


def told(*changes: tuple[str, str]) -> str:
    """The one sentence that is told of the forum with these changes, with its place."""
    (problem,) = problems(forum_with(*changes))
    return str(problem)


class TestWhatIsRead:
    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
    def test_the_examples_load(self, path: Path) -> None:
        assert read_skeleton(path).operations

    def test_every_scalar_is_text(self) -> None:
        corpora = "  devices: [yes, 16:00, 02134, 1.10, on, ~, 0x1F]\n"
        document = read(("  devices: [laptop, tablet, headset, router, printer, camera, monitor, keyboard]\n", corpora))
        assert document.corpora["devices"] == ["yes", "16:00", "02134", "1.10", "on", "~", "0x1F"]

    def test_short_spellings_are_expanded(self) -> None:
        document = read()
        thread = document.entities["thread"]
        assert thread.id is not None and (thread.id.kind, thread.id.pattern) == ("counted", "TH-{n:04}")
        assert isinstance(thread.fields, dict) and thread.fields["author"].type == "user"
        assert thread.queries["search_threads_by_tag"].field == "tags"
        assert document.guards["moderator"].params == ("user",)
        assert document.operations["close_thread"].requires[0].check == "author_or_moderator(user, thread.author)"
        assert document.operations["close_thread"].effects[0].values == {"status": "closed"}

    def test_an_enum_may_be_written_in_place(self) -> None:
        document = read(("author: user, content", "mood: [glad, on time], author: user, content"))
        assert document.operations["create_new_post"].params["mood"].type == "[glad, on time]"

    def test_an_empty_list_is_an_expression_where_one_is_expected(self) -> None:
        assert read().operations["create_new_thread"].params["tags"].default == "[]"

    def test_an_empty_part_is_absent(self) -> None:
        document = read(("    params: {thread: thread}\n    effects:\n", "    params:\n    let:\n    effects:\n"))
        assert document.operations["reopen_thread"].params == {}

    def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(self, tmp_path: Path) -> None:
        path = tmp_path / "skeleton.yaml"
        path.write_bytes(b"\xef\xbb\xbf" + FORUM.replace("\n", "\r\n").encode())
        assert read_skeleton(path) == read()


class TestProseThatACommaSplits:
    def test_the_airline_has_one(self) -> None:
        flights = read_skeleton(AIRLINE).operations["update_reservation_flights"].params["flights"]
        assert flights.description == "All segments, the kept ones included."

    @pytest.mark.parametrize("prose", ["Red, green and blue.", "Red, green, blue, and the rest.", "Red, green"])
    def test_it_is_put_together_again(self, prose: str) -> None:
        fields = read(("Public handle.", prose)).entities["user"].fields
        assert isinstance(fields, dict) and fields["username"].description == prose

    def test_so_is_an_expression(self) -> None:
        effects = (
            read(("last_activity_at: now()", "last_activity_at: f(a, b, c)")).operations["create_new_post"].effects
        )
        assert effects[1].values == {"last_activity_at": "f(a, b, c)"}

    def test_an_attribute_without_its_value_is_not_taken_for_prose(self) -> None:
        assert told(("Public handle.", "Public handle., min")) == (
            "line 67, entities.user.fields.username.min: 'min' has no value here; "
            "if it belongs to the text before it, quote that text"
        )
        assert "'uniqu' has no value" in told(("unique: true, sample", "uniqu, sample"))

    def test_a_colon_in_it_must_be_quoted(self) -> None:
        assert "if it belongs to the text before it, quote that text" in told(("handle.", "handle, see also: below"))


MISTAKES = [
    ("    label: username", "    lable: username", "line 64, entities.user.lable", "did you mean 'label'?"),
    ("    plural: threads\n", "", "line 101, entities.thread", "'plural' is missing"),
    ("on_delete: cascade", "on_delete: casade", "line 125, ", "did you mean 'cascade'?"),
    ("weights: [5, 1]", "weights: [5, x]", "fields.role.weights[1]", "expected a whole number, found 'x'"),
    ("unique: true", "unique: yes", "fields.username.unique", "expected true or false"),
    ("get_user_by_id: get", "get_user_by_id: gett", "line 72, ", "did you mean 'get'?"),
    ("get_user_by_id: get", "get_user_by_id: {get: role}", "line 72, ", "is written {get: [field, …]}"),
    ("get_user_by_id: get", "get_user_by_id: {bye: role}", "line 72, ", "did you mean 'by' for 'bye'?"),
    ("id: TH-{n:04}", "id: thread", "line 103, entities.thread.id", "write a pattern such as U-{n:03}"),
    ("id: TH-{n:04}", "id: {gven: x}", "line 103, entities.thread.id.gven", "did you mean 'given'?"),
    ("plural: threads", "plural: Threads", "line 102, entities.thread.plural", "'Threads' is not a name"),
    ("- {delete: thread}", "- {delte: thread}", "delete_thread.effects[0]", "did you mean 'delete' for 'delte'?"),
    ("- {delete: thread}", "- {delete: a, update: b}", "delete_thread.effects[0]", "exactly one of create, update"),
    ("returns: post", "returns: [post, 1]", "create_new_post.returns", "quote this expression"),
    ("    that: user.role == 'moderator'", "    that: {a: b}", "moderator.clauses[0].that", "quote this expression"),
    ("say: bump {thread}", "say: {thread}", "line 288, operations.bump_thread.say", "quote this text"),
    ("  moderator(user):", "  moderator(user:", "line 137, ", "is not a name with parameters, such as at(path)"),
    ("  author_or_moderator(user, author):", "  moderator(a):", "guards.moderator", "a second time, first in line 137"),
    ("schema_version: 1", "schema_version: 2", "line 1, schema_version", "expected 1, found '2'"),
    ("params: {thread: thread, user: user}", "params: [thread]", "close_thread.params", "expected a mapping"),
    ("  thread_status: [open, closed]", "  thread_status: []", "types.thread_status", "the list is empty"),
    ("not tag.is_approved", "a" + "+a" * 5_000, "line 248, ", "an expression of 10,001 characters"),
    ("title: Online", 'title: "\\ud800"\nx: ', "line 3, title", "U+D800 is no text"),
]


class TestMistakes:
    @pytest.mark.parametrize(("old", "new", "place", "sentence"), MISTAKES, ids=[each[1][:40] for each in MISTAKES])
    def test_the_place_and_the_remedy_are_told(self, old: str, new: str, place: str, sentence: str) -> None:
        message = told((old, new))
        assert place in message
        assert sentence in message

    def test_all_are_told_at_once_in_the_order_of_the_document(self) -> None:
        found = problems(
            forum_with(
                ("say: bump {thread}", "sya: bump"),
                ("    label: username", "    label: username\n    label: title"),
                ("id: TH-{n:04}", "id: []\n    ident: x"),
                ("  moderator(user):", "  moderator(user:"),
            )
        )
        assert [problem.line for problem in found] == sorted(problem.line or 0 for problem in found)
        assert len({problem.line for problem in found}) == 4

    def test_a_key_that_stands_twice_is_told_with_both_lines(self) -> None:
        changed = ("    label: username", "    label: username\n    label: title")
        assert told(changed) == "line 65, entities.user.label: 'label' stands here a second time, first in line 64"

    def test_the_error_names_the_file_and_counts(self) -> None:
        with pytest.raises(SkeletonError, match=re.escape("forum.yaml: 1 problem\n  line 64")):
            read(("    label: username", "    lable: username"))


class TestWhatIsNoSkeleton:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "the file is empty"),
            (" \n\n", "the file is empty"),
            ("# nothing\n", "nothing but comments"),
            ("- a\n", "expected a mapping with schema_version"),
            ("hello", "found 'hello'"),
            ("a: b\n---\na: c\n", "line 2: this is not YAML in column 1: another document"),
            ("a: b\nc: {d} e\n", "line 2: this is not YAML in column 8"),
            ("a: b\n\tc: d\n", "line 2: this is not YAML in column 1: .* indent with spaces"),
            ("a: 'b\n", "this is not YAML"),
            ("a: b\nc: \x00\n", r"line 2: the character U\+0000 is not allowed"),
            ("a: &b c\nd: e", "'&b' is an anchor"),
            ("a: b\nd: *b", "line 2: '\\*b' is an alias"),
            ("a: !!python/object:os.system x", "'!!python/object:os.system' is a tag"),
            ("? {a: b}\n: c", "a key must be text"),
            ("a: " + "[" * 1_000, "nested more than 24 levels"),
            ("a: " + "{a: " * 1_000 + "}" * 1_000, "nested more than 24 levels"),
            ("\n".join(" " * depth + "a:" for depth in range(1_000)), "line 24: this is nested more than 24 levels"),
            ("a: " + "b" * 1_000_000, "at most 1,000,000 are read"),
        ],
        ids=lambda text: repr(text[:24]),
    )
    def test_text(self, text: str, sentence: str) -> None:
        (problem,) = problems(text)
        assert re.search(sentence, str(problem)), str(problem)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(SkeletonError, match="there is no such file"):
            read_skeleton(tmp_path / "absent.yaml")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(SkeletonError, match="this is a directory"):
            read_skeleton(tmp_path)

    def test_a_file_that_is_no_text(self, tmp_path: Path) -> None:
        path = tmp_path / "skeleton.yaml"
        path.write_bytes(b"id: caf\xe9\n")
        with pytest.raises(SkeletonError, match=r"not UTF-8 text \(byte 8"):
            read_skeleton(path)


class TestDamage:
    @given(
        at=st.integers(0, len(FORUM)),
        cut=st.integers(0, 40),
        put=st.text(st.sampled_from("[]{}:,-?#&*!|>'\"%@` \n\tab0(\\\u2028\x85"), max_size=6),
    )
    @settings(max_examples=40, deadline=None, derandomize=True)
    def test_a_damaged_file_is_read_or_refused_with_lines(self, at: int, cut: int, put: str) -> None:
        try:
            source = parse_source(FORUM[:at] + put + FORUM[at + cut :], "forum.yaml")
        except SkeletonError as error:
            assert error.problems and all(problem.line for problem in error.problems)
        else:
            text = write_skeleton(source.document)
            assert parse_skeleton(text, "again") == source.document


class TestLines:
    """Document paths, as the checker knows them, lead back to lines, through the short spellings."""

    @pytest.mark.parametrize(
        ("path", "wanted"),
        [
            (("title",), "title: Online discussion forum"),
            (("entities", "user", "fields", "role", "weights"), "      role:       {type: role"),
            (("entities", "thread", "fields", "author", "type"), "      author:           user"),
            (("entities", "thread", "queries", "search_threads_by_tag", "field"), "      search_threads_by_tag"),
            (("guards", "moderator"), "  moderator(user):"),
            (("guards", "author_or_moderator", "clauses", 0, "that"), "    that: user == author or"),
            (("operations", "close_thread", "requires", 0, "check"), '    requires: ["author_or_moderator(user, thr'),
            (("operations", "delete_post", "effects", 1, "target"), "      - {delete: post, when: not"),
            (("operations", "create_new_post", "effects", 1, "values", "last_activity_at"), "      - {update: thread"),
            (("operations", "create_new_thread", "requires", 0, "else_"), "        else: Tag {g.tag_name} is not"),
            (("operations", "bump_thread", "requires"), "  bump_thread:"),
        ],
    )
    def test_a_path_leads_to_its_line(self, path: tuple[str | int, ...], wanted: str) -> None:
        line = parse_source(FORUM, "forum.yaml").line(path)
        assert FORUM.splitlines()[line - 1].startswith(wanted)

    def test_definitions_are_found_by_name_and_lists_of_clauses_by_number(self) -> None:
        source = read_source(AIRLINE)
        lines = AIRLINE.read_text(encoding="utf-8").splitlines()
        assert lines[source.line(("definitions", "spendable", "body")) - 1].startswith("  spendable(m, amount)")
        assert "is not enough for {amount}" in lines[source.line(("guards", "can_settle", "clauses", 2, "else")) - 1]
        let = ("operations", "update_reservation_flights", "let", "kept", "body")
        assert lines[source.line(let) - 1].strip() == "kept(l): >-"

    def test_later_findings_are_sorted_into_the_document(self) -> None:
        source = parse_source(FORUM, "forum.yaml")
        late, early = Problem(("operations", "bump_thread"), "later"), Problem(("title",), "earlier")
        assert [problem.line for problem in source.located([late, early])] == [3, 282]
        assert str(source.error([early])) == "forum.yaml: 1 problem\n  line 3, title: earlier"
