"""A tokenizer and a model that are made on the spot: real, small enough for a CPU, and with nothing to download."""

from __future__ import annotations

import importlib.machinery
import os
import sys
import types
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is to be asked of a network

MARKS = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")


def tiny_tokenizer(text: str, size: int = 1200) -> Any:
    """Byte-level BPE, learnt from the text, with Qwen's marks; it has no chat template yet."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator([text], trainer)
    made.add_tokens(list(MARKS))
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token=special[2], pad_token=special[0])


def tiny_model(tokenizer: Any, seed: int = 0) -> Any:
    """A Qwen3 of two layers that knows nothing."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(seed)
    configuration = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=32768,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    return Qwen3ForCausalLM(configuration)


def without_audio() -> None:
    """LlamaFactory imports torchaudio, which has no build for CPUs; text asks nothing of it."""
    import transformers  # noqa: F401  (it looks for torchaudio itself, and must not find what stands in for it)

    try:
        import torchaudio  # noqa: F401
    except (ImportError, OSError):
        empty = types.ModuleType("torchaudio")
        empty.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = empty
