"""The model card of an export: what it is, how to load it, on what it was trained.

Numbers are those of the run's report, with their intervals; what is not known, such as
what the model is fit for, is not said.
"""

import os

from ..own_data.data_report import doubts, summary
from ..real_model.cache import PACKAGES
from ..validation import counted
from .report import table

HUBS = {"smollm2": "HuggingFaceTB/SmolLM2-135M-Instruct"}  # what was rounded
LOAD = {
    "weights": """    model = AutoModelForCausalLM.from_pretrained(FOLDER)""",
    "adapter": """    base = AutoModelForCausalLM.from_pretrained({base!r})
    model = PeftModel.from_pretrained(base, FOLDER)""",
}
TEXT = """---
{head}
---

# A model trained with DPO by dpo_edu

{what} The model it began with is the reference: {base}.

{load}
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)

`pairs.jsonl` holds the pairs that it was trained on and those that were held out, one
{{"prompt", "chosen", "rejected"}} a line. {scored}

## Training

{settings}

## The pairs

{pairs}

## Held-out pairs

{sides}

```
{table}
```

Not measured: anything but these numbers. The margin says how far the policy has moved
on such pairs; it does not say whether its answers are better.
"""
CHAT = (
    "Conversations are written by the tokenizer's chat template; scored is what the "
    "template writes beyond the prompt, the end mark included."
)
PLAIN = (
    "A plain prompt is text as it stands; scored are the answer's tokens and the end "
    "mark after them."
)


def card(run, kind: str) -> str:
    """README.md of an export. kind: adapter or weights."""
    settings, base, found = run.settings, run.base, run.found
    holds = "an adapter (LoRA)" if kind == "adapter" else "whole weights"
    lines = [*summary(found["data"]), *doubts(found["data"])]
    return TEXT.format(
        head=_head(settings, kind),
        what=f"This folder holds {holds}.",
        base=_named(settings, base.where),
        load=LOAD[kind].format(base=base.where),
        scored=CHAT if settings.plain_prompts == "chat" else f"{CHAT} {PLAIN}",
        settings="\n".join(_settings(settings, found)),
        pairs="\n".join(f"- {line.strip()}" for line in lines),
        sides=_sides(found),
        table="\n".join(table(found)),
    )


def _named(settings, where: str) -> str:
    """What the run began with; a fetched model is not its hub's, but rounded."""
    fetched = settings.model in PACKAGES
    return f"{settings.model} (dpo-edu model {settings.model})" if fetched else where


def _sides(found: dict) -> str:
    """How many pairs were trained on and held out."""
    data = found["data"]
    trained, prompts = counted(data["training"], "pair"), found["held_out_prompts"]
    seen = "stood" if data["prompts_on_both_sides"] else "did not stand"
    return (
        f"{trained} to train on, {data['held_out']:,} held out, on "
        f"{counted(prompts, 'prompt')} that {seen} in training."
    )


def _head(settings, kind: str) -> str:
    """What a hub reads of a card; a folder of this machine has no name there."""
    lines = ["tags: [dpo, dpo-edu]", "pipeline_tag: text-generation"]
    lines.append(f"library_name: {'peft' if kind == 'adapter' else 'transformers'}")
    known = HUBS.get(settings.model, settings.model)
    if not os.path.isabs(known):
        lines.append(f"base_model: {known}")
    if settings.model in PACKAGES:
        lines.append(f"license: {PACKAGES[settings.model].license.lower()}")
    return "\n".join(lines)


def _settings(settings, found: dict) -> list[str]:
    what = f"LoRA of rank {settings.lora}" if settings.lora else "all weights"
    count = found["processes"]
    return [
        f"- what learned: {what}",
        f"- β {settings.beta}, {counted(settings.epochs, 'epoch')} of steps of "
        f"{counted(settings.batch_size, 'pair')}, on "
        f"{'one process' if count == 1 else f'{count} processes'}",
        f"- AdamW, learning rate {settings.learning_rate:g} at most, rising over "
        f"{settings.warmup:.0%} of the steps, then falling linearly to 0; gradients of "
        f"a norm above {settings.clip:g} are shortened to it",
        f"- products in {settings.precision}, seed {settings.seed}",
    ]
