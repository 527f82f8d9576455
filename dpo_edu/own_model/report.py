"""What became of a run on a pretrained model: held-out pairs and answers.

Every number is a mean over prompts, with the half-width of its 95 % interval: pairs of
one prompt are not independent. The reference is the model before training. This module
does not train.
"""

from pathlib import Path

import torch

from ..dpo_loss import dpo_loss
from ..real_model.evaluation import estimate
from ..real_model.sampling import Sampling, answers_to
from ..validation import visible

PROMPTS, TOKENS = 3, 48  # samples: to how many held-out prompts, of how many tokens
TITLES = {
    "loss": "DPO loss",
    "margin": "margin",
    "accuracy": "margin above 0",
    "likelier": "chosen likelier than rejected",
    "logp_chosen": "log-probability of chosen",
    "logp_rejected": "log-probability of rejected",
}
COMPARED = ("likelier", "logp_chosen", "logp_rejected")  # as the reference has them too


def measure(settings, before, after, prompts: list[str], record: dict) -> dict:
    """What report.json holds. before, after: (held-out pairs, 2), log-probabilities."""
    found = {"reference": _means(settings, before, before, prompts)}
    found["learned"] = _means(settings, after, before, prompts)
    found["difference"] = {
        name: _estimate(after_ - before_, prompts)
        for name, before_, after_ in _both(settings, before, after)
    }
    return found | {"held_out_prompts": len({*prompts}), "data": record}


def _columns(settings, logp, ref_logp) -> dict[str, torch.Tensor]:
    """Of every pair, what is averaged: (pairs,) each."""
    chosen, rejected = logp.unbind(-1)
    ref_chosen, ref_rejected = ref_logp.unbind(-1)
    four = (chosen, rejected, ref_chosen, ref_rejected)
    margin = settings.beta * ((chosen - ref_chosen) - (rejected - ref_rejected))
    return {
        "loss": dpo_loss(*four, settings.beta, reduction="none"),
        "margin": margin,
        "accuracy": (margin > 0).double(),
        "likelier": (chosen > rejected).double(),
        "logp_chosen": chosen,
        "logp_rejected": rejected,
    }


def _means(settings, logp, ref_logp, prompts) -> dict[str, dict]:
    columns = _columns(settings, logp, ref_logp)
    return {name: _estimate(values, prompts) for name, values in columns.items()}


def _both(settings, before, after):
    """(name, before, after) of what both models have, pair by pair."""
    one = _columns(settings, before, before)
    other = _columns(settings, after, before)
    return [(name, one[name], other[name]) for name in COMPARED]


def _estimate(values: torch.Tensor, prompts: list[str]) -> dict:
    """Mean over prompts and half-width; no half-width where all share one prompt."""
    by_prompt: dict[str, list[float]] = {}
    for prompt, value in zip(prompts, values.tolist(), strict=True):
        by_prompt.setdefault(prompt, []).append(value)
    means = [sum(each) / len(each) for each in by_prompt.values()]
    if len(means) < 2:
        return {"mean": means[0], "half": None}
    return estimate(means)._asdict()


def asked_last(data, number: int) -> str:
    """What was said last before the held-out answers of this number."""
    prompt = data.taken.rows[data.held_out_rows[number]].pair.prompt
    return prompt if isinstance(prompt, str) else prompt[-1].content


def prompts_of(data) -> list[str]:
    """The prompts of the held-out pairs, in words."""
    texts = data.taken.texts
    return [texts[n].prompt for n in data.held_out_rows]


def samples(settings, base, data, team) -> list[dict[str, str]]:
    """One answer of the model as it is to each of the first held-out prompts."""
    prompts = prompts_of(data)
    first = [prompts.index(prompt) for prompt in [*dict.fromkeys(prompts)][:PROMPTS]]
    rows = [data.held_out[n].prompt for n in first]
    how, model = Sampling(1, TOKENS, 1.0), team.accelerator.unwrap_model(team.scores)
    with team.accelerator.autocast():
        written = answers_to(model.model, base.tokenizer, rows, how, settings.seed)
    pairs = zip(first, written, strict=True)
    return [{"prompt": asked_last(data, n), "answer": w[0].text} for n, w in pairs]


def beside(before: list[dict], settings, base, data, team) -> list[dict[str, str]]:
    """The same prompts answered again, beside what was answered before."""
    after = samples(settings, base, data, team)
    return [
        {"prompt": one["prompt"], "before": one["answer"], "after": other["answer"]}
        for one, other in zip(before, after, strict=True)
    ]


def show(found: dict, folder: Path) -> None:
    """Print the report: a line per number, then the samples."""
    for line in table(found):
        print(line)
    for each in found["samples"]:
        print(f"\nprompt  {visible(each['prompt'])}")
        for when in ("before", "after"):
            print(f"{when:<7} {visible(each[when])}")
    print(f"\n{folder}: weights that learned, policy.jsonl, settings.json, report.json")


def table(found: dict) -> list[str]:
    """Held-out numbers of both models, with intervals of 95 % over prompts."""
    number = found["held_out_prompts"]
    lines = [f"{'held out':<31}{'reference':>20}{'learned':>20}"]
    for name, title in TITLES.items():
        cells = [_cell(found[model][name]) for model in ("reference", "learned")]
        lines.append(f"{title:<31}{cells[0]:>20}{cells[1]:>20}")
    lines += [
        f"{TITLES[name]}: {_cell(each, sign='+')} by training"
        for name, each in found["difference"].items()
    ]
    last = "Intervals are of 95 %, over prompts, of this one run."
    alone = "All held-out pairs have one prompt, so there is no interval."
    return [*lines, last if number > 1 else alone]


def _cell(each: dict, sign: str = "") -> str:
    half = "" if each["half"] is None else f" ± {each['half']:.3f}"
    return f"{each['mean']:{sign}.3f}{half}"
