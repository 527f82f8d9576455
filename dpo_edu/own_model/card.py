"""The model card of an export: what it is, how to load it, on what it was trained.

Numbers are those of the run's report, with their intervals; what is not known, such as
what the model is fit for, is not said.
"""

from ..own_data.data_report import doubts, summary
from ..validation import counted
from .report import table

LOAD = {
    "weights": """    model = AutoModelForCausalLM.from_pretrained(FOLDER)""",
    "adapter": """    base = AutoModelForCausalLM.from_pretrained({base!r})
    model = PeftModel.from_pretrained(base, FOLDER)""",
}
TEXT = """---
{head}
---

# A model trained with DPO by dpo_edu

{what} The model it began with, `{base}`, is the reference.

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
        head=_head(base.where, kind),
        what=f"This folder holds {holds}.",
        base=base.where,
        load=LOAD[kind].format(base=base.where),
        scored=CHAT if settings.plain_prompts == "chat" else f"{CHAT} {PLAIN}",
        settings="\n".join(_settings(settings, found)),
        pairs="\n".join(f"- {line.strip()}" for line in lines),
        sides=_sides(found),
        table="\n".join(table(found)),
    )


def _sides(found: dict) -> str:
    """How many pairs were trained on and held out."""
    data = found["data"]
    trained, prompts = counted(data["training"], "pair"), found["held_out_prompts"]
    seen = "stood" if data["prompts_on_both_sides"] else "did not stand"
    return (
        f"{trained} to train on, {data['held_out']:,} held out, on "
        f"{counted(prompts, 'prompt')} that {seen} in training."
    )


def _head(name: str, kind: str) -> str:
    """What a hub reads of a card."""
    lines = [
        f"base_model: {name}",
        "tags: [dpo, dpo-edu]",
        "pipeline_tag: text-generation",
    ]
    lines.append(f"library_name: {'peft' if kind == 'adapter' else 'transformers'}")
    return "\n".join(lines)


def _settings(settings, found: dict) -> list[str]:
    what = f"LoRA of rank {settings.lora}" if settings.lora else "all weights"
    return [
        f"- what learned: {what}",
        f"- β {settings.beta}, {settings.epochs} epochs of steps of "
        f"{settings.batch_size} pairs, on {found['processes']} processes",
        f"- AdamW, learning rate {settings.learning_rate:g} at most, rising over "
        f"{settings.warmup:.0%} of the steps, then falling linearly to 0; gradients of "
        f"a norm above {settings.clip:g} are shortened to it",
        f"- products in {settings.precision}, seed {settings.seed}",
    ]
