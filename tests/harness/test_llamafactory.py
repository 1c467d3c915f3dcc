"""The ShareGPT export in LlamaFactory's own loader and trainer.

LlamaFactory is no part of the project's dependencies: `pip install torch llamafactory`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shelf import lend_emma, render_shelf
from tiny_models import tiny_model, tiny_tokenizer, without_audio

from harness.agents.agent import Message, MessageCall
from harness.exporting import Filter, export, sharegpt
from harness.run import carry_out, create_run, plan_run
from harness.store import Run

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("llamafactory", reason="LlamaFactory is not installed (pip install torch llamafactory)")
without_audio()
pytest.importorskip("llamafactory.data", reason="LlamaFactory does not load here")

pytestmark = pytest.mark.slow

IGNORED = -100
CALL = '<tool_call>\n{"name": "lend_book", "arguments": {"book_id": "B-002"}}\n</tool_call><|im_end|>\n'
NO_THOUGHT = "<think>\n\n</think>\n\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("factory")
    environment = render_shelf(root / "servers" / "shelf")
    plan = plan_run([(environment, [lend_emma(environment)])], ["reference"])
    made = create_run(plan, root / "runs", "r")
    carry_out(plan, made)
    return made


def settings(folder: Path, exported: Path, **more: Any) -> dict[str, Any]:
    """What a person would put into LlamaFactory's YAML, with a model that is made here."""
    tokenizer = tiny_tokenizer(exported.read_text())
    tokenizer.chat_template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    tiny_model(tokenizer).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    columns = {"messages": "conversations", "system": "system", "tools": "tools"}
    known = {"envwright": {"file_name": exported.name, "formatting": "sharegpt", "columns": columns}}
    (folder / "dataset_info.json").write_text(json.dumps(known))
    return {
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "full",
        "model_name_or_path": str(folder / "model"),
        "dataset": "envwright",
        "dataset_dir": str(folder),
        "template": "qwen3",
        "output_dir": str(folder / "out"),
        "max_steps": 2,
        "per_device_train_batch_size": 1,
        "cutoff_len": 8192,
        "logging_steps": 1,
        "report_to": "none",
        "use_cpu": True,
        **more,
    }


def loaded(arguments: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The examples as LlamaFactory gives them to its trainer: the whole text of each, and what of it is learnt."""
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args
    from llamafactory.model import load_tokenizer

    model, data, training, _, _ = get_train_args(dict(arguments))
    module = load_tokenizer(model)
    tokenizer = module["tokenizer"]
    template = get_template_and_fix_tokenizer(tokenizer, data)
    examples = get_dataset(template, model, data, training, stage="sft", **module)["train_dataset"]
    learnt = [[one for one in example["labels"] if one != IGNORED] for example in examples]
    return [tokenizer.decode(one["input_ids"]) for one in examples], [tokenizer.decode(one) for one in learnt]


def test_a_conversation_is_learnt_as_it_was(run: Run, tmp_path: Path) -> None:
    export(run, "sharegpt", tmp_path / "x.json", Filter())
    (text,), (learnt,) = loaded(settings(tmp_path, tmp_path / "x.json"))
    assert learnt.replace(NO_THOUGHT, "") == CALL + "Emma is lent.<|im_end|>\n"
    assert "You look after a shelf of books." in text and '"name": "remove_book"' in text
    assert '<tool_response>\n{"book_id": "B-002", "title": "Emma", "status": "lent"}\n</tool_response>' in text


def test_a_turn_an_example_learns_its_last_turn(run: Run, tmp_path: Path) -> None:
    export(run, "sharegpt", tmp_path / "x.json", Filter(), per_turn=True)
    _, learnt = loaded(settings(tmp_path, tmp_path / "x.json", mask_history=True))
    assert [one.replace(NO_THOUGHT, "") for one in learnt] == [CALL, "Emma is lent.<|im_end|>\n"]


def test_thoughts_and_words_beside_calls_are_learnt_too(run: Run, tmp_path: Path) -> None:
    calls = [MessageCall(id=f"c{n}", name="get_book", arguments={"book_id": f"</tool_call> B-00{n}"}) for n in (1, 2)]
    messages = [
        Message(role="system", content="Rules."),
        Message(role="user", content="Which?"),
        Message(role="assistant", content="I look.", thinking="Two </think> books.", tool_calls=calls),
        Message(role="tool", content="Dune", tool_call_id="c1"),
        Message(role="tool", content="Emma", tool_call_id="c2"),
        Message(role="assistant", content="", thinking="Hm.", tool_calls=calls[:1]),
        Message(role="tool", content="Dune", tool_call_id="c1"),
        Message(role="assistant", content="Both.", thinking="Enough."),
    ]
    evidence = run.evidence(run.attempts()[0].key).model_copy(update={"messages": messages})
    lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in sharegpt.examples(evidence, [], False)]
    (tmp_path / "x.json").write_text("".join(lines))
    (text,), (learnt,) = loaded(settings(tmp_path, tmp_path / "x.json"))
    call = '<tool_call>\n{{"name": "get_book", "arguments": {{"book_id": "</tool_call> B-00{}"}}}}\n</tool_call>'
    assert '["Dune", "Emma"]' in text
    assert learnt == (
        f"<think>\nTwo  books.\n</think>\n\nI look.\n{call.format(1)}\n{call.format(2)}<|im_end|>\n"
        f"<think>\nHm.\n</think>\n\n{call.format(1)}<|im_end|>\n"
        "<think>\nEnough.\n</think>\n\nBoth.<|im_end|>\n"
    )


def test_its_trainer_takes_steps(run: Run, tmp_path: Path) -> None:
    from llamafactory.train.tuner import run_exp

    export(run, "sharegpt", tmp_path / "x.json", Filter())
    run_exp(settings(tmp_path, tmp_path / "x.json"))
    state = json.loads((tmp_path / "out" / "trainer_state.json").read_text())
    losses = [line["loss"] for line in state["log_history"] if "loss" in line]
    assert len(losses) == 2 and losses[0] != losses[1]
