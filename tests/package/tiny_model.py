"""A random Llama as a folder, as a hub would give it, and pairs that it can read."""

import json
import random

from dpo_edu.experiments.scaling import tiny_llama

WORDS = tiny_llama.WORDS.split()


def write_model(folder):
    """Weights in float32, tokenizer, chat template; returns the folder."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    tiny_llama.model().float().save_pretrained(folder)
    tiny_llama.tokenizer().save_pretrained(folder)
    return folder


def rows(count=20):
    """Pairs of ragged lengths; every third is a conversation, with a system message."""
    chance = random.Random(0)

    def text(most):
        return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, most)))

    for number in range(count):
        prompt, chosen, rejected = f"{text(6)} please ", f"close {text(5)}", text(12)
        if number % 3:
            yield {"prompt": prompt, "chosen": chosen, "rejected": f"buy {rejected}"}
        else:
            before = [{"role": "system", "content": "how"}]
            before += [{"role": "user", "content": prompt}]
            yield {
                "chosen": [*before, {"role": "assistant", "content": chosen}],
                "rejected": [*before, {"role": "assistant", "content": rejected}],
            }


def write_rows(path, found):
    """Rows as JSON Lines; returns the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in found))
    return path
