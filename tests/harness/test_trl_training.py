"""Exports and environments in TRL's own trainers: what is learnt is what the agent said, and what is earned is real.

TRL and torch are no part of the project's dependencies: `pip install torch trl`.
"""

from __future__ import annotations

import inspect
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from shelf import lend_emma, render_shelf
from tiny_models import tiny_model, tiny_tokenizer

from generator.scengenerator.files import scenario_text
from harness.exporting import Filter, export
from harness.run import carry_out, create_run, plan_run
from harness.store import Run
from harness.trl import environment_factory, reward, rows

trl = pytest.importorskip("trl", reason="TRL is not installed (pip install torch trl)")
datasets = pytest.importorskip("datasets", reason="datasets is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

pytestmark = pytest.mark.slow

TEMPLATE = Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja"
if not TEMPLATE.is_file():
    pytest.skip("this TRL is older than its chat templates", allow_module_level=True)


@dataclass(frozen=True)
class Shelf:
    """A rendered environment with one scenario, and a run in which it was solved."""

    folder: Path
    run: Run
    root: Path

    def exported(self, *, per_turn: bool = False) -> Any:
        path = self.root / ("turns.jsonl" if per_turn else "whole.jsonl")
        export(self.run, "openai", path, Filter(), per_turn)
        return datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=str(self.root / "cache"))

    def tokenizer(self) -> Any:
        export(self.run, "openai", self.root / "words.jsonl", Filter())
        tokenizer = tiny_tokenizer((self.root / "words.jsonl").read_text())
        tokenizer.chat_template = TEMPLATE.read_text()
        return tokenizer


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    root = tmp_path_factory.mktemp("training")
    environment = render_shelf(root / "servers" / "shelf")
    scenario = lend_emma(environment)
    (root / "scenarios" / "shelf").mkdir(parents=True)
    (root / "scenarios" / "shelf" / "lend-emma.json").write_text(scenario_text(scenario))
    plan = plan_run([(environment, [scenario])], ["reference"])
    run = create_run(plan, root / "runs", "r")
    carry_out(plan, run)
    return Shelf(root / "servers" / "shelf", run, root)


def sft(shelf: Shelf, dataset: Any, model: Any, tokenizer: Any, steps: int, **settings: Any) -> Any:
    arguments = trl.SFTConfig(
        output_dir=str(shelf.root / "sft"),
        max_steps=steps,
        per_device_train_batch_size=2,
        max_length=None,
        learning_rate=1e-2,
        lr_scheduler_type="constant",
        logging_steps=5,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
        gradient_checkpointing=False,
        **settings,
    )

    class Learnt(transformers.TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            control.should_training_stop = (logs or {}).get("loss", 1.0) < 0.01

    return trl.SFTTrainer(
        model=model, args=arguments, train_dataset=dataset, processing_class=tokenizer, callbacks=[Learnt()]
    )


def learnt(trainer: Any, tokenizer: Any) -> list[str]:
    """What each example teaches, without the empty thoughts that Qwen's template puts in."""
    kept = [[one for one in example["labels"] if one != -100] for example in trainer.train_dataset]
    return [tokenizer.decode(one).replace("<think>\n\n</think>\n\n", "") for one in kept]


CALL = '<tool_call>\n{"name": "lend_book", "arguments": {"book_id": "B-002"}}\n</tool_call><|im_end|>\n'


def test_datasets_reads_an_export_as_it_was_written(shelf: Shelf) -> None:
    for per_turn, name in ((False, "whole.jsonl"), (True, "turns.jsonl")):
        read = [dict(example) for example in shelf.exported(per_turn=per_turn)]
        assert read == [json.loads(line) for line in (shelf.root / name).read_text().splitlines()]


def test_sft_learns_what_the_agent_said_and_nothing_else(shelf: Shelf) -> None:
    tokenizer = shelf.tokenizer()
    trainer = sft(shelf, shelf.exported(), tiny_model(tokenizer), tokenizer, 2, assistant_only_loss=True)
    assert learnt(trainer, tokenizer) == [CALL + "Emma is lent.<|im_end|>\n"]
    prompt = tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    assert "You look after a shelf of books." in prompt and '"name": "remove_book"' in prompt
    assert '<tool_response>\n{"book_id": "B-002", "title": "Emma", "status": "lent"}' in prompt
    trainer.train()
    assert math.isfinite(trainer.state.log_history[-1]["train_loss"])


def test_a_turn_an_example_learns_that_turn(shelf: Shelf) -> None:
    tokenizer = shelf.tokenizer()
    trainer = sft(shelf, shelf.exported(per_turn=True), tiny_model(tokenizer), tokenizer, 1)
    assert learnt(trainer, tokenizer) == [CALL, "Emma is lent.<|im_end|>\n"]


def test_what_was_exported_is_learnt_and_then_earns_its_reward_in_grpo(shelf: Shelf) -> None:
    """The whole circle: a run, its export, SFT on it, and the environment in GRPO, with real calls of the model."""
    if "environment_factory" not in inspect.signature(trl.GRPOTrainer).parameters:
        pytest.skip(f"TRL {trl.__version__} has no environments")
    factory = environment_factory(shelf.folder)
    tools = [
        transformers.utils.get_json_schema(method)
        for name, method in inspect.getmembers(factory, inspect.isfunction)
        if name != "reset" and not name.startswith("_")
    ]
    told = [{**example, "tools": json.dumps(tools)} for example in shelf.exported(per_turn=True)]  # as GRPO tells them
    tokenizer = shelf.tokenizer()
    model = tiny_model(tokenizer)
    sft(shelf, datasets.Dataset.from_list(told), model, tokenizer, 300).train()
    said: list[Any] = []

    def noted(environments: Any, completions: Any, **rest: Any) -> list[float]:
        said.extend(completions)
        return reward(environments, completions, **rest)

    trainer = trl.GRPOTrainer(
        model=model,
        train_dataset=datasets.Dataset.from_list(rows(shelf.folder)),
        processing_class=tokenizer,
        environment_factory=factory,
        reward_funcs=noted,
        args=trl.GRPOConfig(
            output_dir=str(shelf.root / "grpo"),
            max_steps=1,
            per_device_train_batch_size=2,
            num_generations=2,
            temperature=0.1,
            max_completion_length=512,
            learning_rate=1e-6,
            logging_steps=1,
            report_to=[],
            save_strategy="no",
            use_cpu=True,
            bf16=False,
            disable_tqdm=True,
            gradient_checkpointing=False,
        ),
    )
    trainer.train()
    call, result, answer = said[0]
    assert call["tool_calls"][0]["function"] == {"name": "lend_book", "arguments": {"book_id": "B-002"}}
    assert json.loads(result["content"]) == {"book_id": "B-002", "title": "Emma", "status": "lent"}
    assert answer["content"] == "Emma is lent."
    (logged,) = [line for line in trainer.state.log_history if "reward" in line]
    assert logged["reward"] == 1.0 and logged["tools/call_frequency"] == 1.0
