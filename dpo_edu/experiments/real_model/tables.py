"""The record of chapter 17 in words and tables, computed from whatever is finished.

On the left the toy, whose numbers are exact; on the right the real model, whose numbers
are estimates with intervals of 95 % over held-out prompts. This module computes no run.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from ...real_model.rules import RULES

LAST = 4  # steps over whose pairs a log is averaged at the end: a batch has few
POLICIES = {"dpo": "DPO", "sft": "SFT on winners", "best of n": "best of n"}


def interval(found: dict, places: int = 2, sign: str = "") -> str:
    """'+0.27 ± 0.10' of {"mean": ..., "half": ...}."""
    return f"{found['mean']:{sign}.{places}f} ± {found['half']:.{places}f}"


def excludes_zero(found: dict) -> bool:
    """True where the whole interval lies above 0."""
    return found["mean"] - found["half"] > 0


def first_runs(record: dict, *variations: str) -> dict[str, dict]:
    """{variation: the first of its runs}, of those that have a finished one."""
    found = record["variations"]
    return {name: found[name][0] for name in variations if found[name]}


def machines(record: dict) -> str:
    """On which machines, with which libraries, how many runs of what were made."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for name, runs in (record["rules"] | record["variations"]).items():
        for run in runs:
            processor, *libraries = run["circumstances"].items()
            versions = ", ".join(" ".join(each) for each in libraries)
            names = found.setdefault((processor[1], versions), {})
            names[name] = names.get(name, 0) + 1
    lines = []
    for (processor_, versions), names in found.items():
        runs_ = "; ".join(f"{name}: {count}" for name, count in names.items())
        lines += [f"recorded on: {processor_}", f"  with {versions}"]
        lines += [f"  {line}" for line in wrap(f"runs of {runs_}", 82)]
    return "\n".join(lines)


def late(run: dict, name: str) -> float:
    """A column's mean over the pairs of a run's last steps.

    run: of the record, or of the toy. Pairs count and not steps, since the last batch
    of an epoch holds what is left.
    """
    log, pairs, size = _log_of(run)
    rows = log[-LAST:]
    held = [batch_pairs(row["step"], pairs, size) for row in rows]
    return sum(n * row[name] for n, row in zip(held, rows, strict=True)) / sum(held)


def batch_pairs(step: int, pairs: int, size: int) -> int:
    """How many pairs the batch of a step holds.

    >>> [batch_pairs(step, pairs=41, size=4) for step in (9, 10, 11)]
    [4, 1, 4]
    """
    place = step % -(-pairs // size)
    return min(size, pairs - place * size)


def _log_of(run: dict) -> tuple[list[dict], int, int]:
    """(rows of DPO, pairs, pairs per step) of a run of the toy or of the record."""
    if "pairs" in run:
        return run["log"], run["pairs"], run["batch_size"]
    size = run["settings"]["plan"]["batch_size"]
    return run["log"]["dpo"], run["counts"]["pairs"], size


def gain(record: dict, policy: str = "dpo", rule: str = "") -> dict:
    """A policy's gain in a rule, paired by prompt: in the one of its training."""
    rule = rule or record["settings"]["rule"]
    return record["policies"][policy]["differences"][rule]


# One run beside the other


def side_by_side(before: dict, toy: dict, record: dict) -> str:
    """A run of each: pairs, log, log-ratios, distance, what answers are like.

    before: the toy reference's verdict; toy: a toy run; record: a run of the record.
    """
    rows: list[tuple[str, ...]] = [("", "toy, exact", "SmolLM2, estimated")]
    rows += [*_of_training(toy, record), *_of_answers(before, toy["verdict"], record)]
    return "\n".join(f"{title:<31}{one:>16}{other:>22}" for title, one, other in rows)


def _of_training(toy: dict, record: dict) -> Iterator[tuple[str, ...]]:
    one, other = toy["log"], record["log"]["dpo"]
    yield "pairs", str(toy["pairs"]), str(record["counts"]["pairs"])
    yield "steps", str(len(one)), str(len(other))
    yield "loss, first step", *(f"{log[0]['loss']:.4f}" for log in (one, other))
    for name in ("loss", "margin", "accuracy"):
        values = (f"{late(run, name):.2f}" for run in (toy, record))
        yield f"{name}, last {LAST} steps", *values
    ratios = toy["verdict"]["log_ratios"], record["policies"]["dpo"]["log_ratios"]
    for side in ("chosen", "rejected"):
        title = f"log-ratio afterwards, {side}"
        yield title, *(f"{each[side]:+.2f}" for each in ratios)


def _of_answers(before: dict, after: dict, record: dict):
    start, dpo = (record["policies"][name] for name in ("reference", "dpo"))
    rule, log_prob = record["settings"]["rule"], "ref_logp"
    yield "KL from the reference", f"{after['kl']:.2f}", interval(dpo["kl"])
    real = _change(*(each["rules"][rule]["mean"] for each in (start, dpo)))
    yield "reward; rule", _change(before["reward"], after["reward"]), real
    yield "  gained", f"{after['gain']:+.2f}", interval(gain(record), sign="+")
    yield (
        "share of new words",
        *(
            _change(before["new_words"], after["new_words"]),
            _change(*(each["rules"]["new_words"]["mean"] for each in (start, dpo))),
        ),
    )
    change = after["new_words"] - before["new_words"]
    real = interval(gain(record, rule="new_words"), sign="+")
    yield "  gained", f"{change:+.2f}", real
    for title, name in (
        ("tokens per answer", "tokens"),
        ("share of 96 that differ", "distinct"),
    ):
        toy = _change(before[name], after[name])
        yield title, toy, _change(start[name], dpo[name])
    real = _change(*(each[log_prob]["mean"] for each in (start, dpo)), places=1)
    yield (
        "log π_ref of its answers",
        _change(before[log_prob], after[log_prob], 1),
        real,
    )


def _change(before: float, after: float, places: int = 2) -> str:
    return f"{before:.{places}f} → {after:.{places}f}"


# All seeds


def over_seeds(records: Sequence[dict]) -> str:
    """A line per seed: what DPO, SFT and best-of-n gained, and what DPO moved."""
    n = records[0]["policies"]["best of n"]["n"]
    names = (
        *list(POLICIES.values())[:2],
        f"best of {n}",
        "KL of DPO",
        "chosen",
        "rej.",
    )
    lines = [f"{'seed':<5}" + "".join(f"{name:>15}" for name in names[:4])]
    lines[0] += "".join(f"{name:>9}" for name in names[4:])
    for record in records:
        dpo = record["policies"]["dpo"]
        cells = [interval(gain(record, policy), sign="+") for policy in POLICIES]
        cells.append(interval(dpo["kl"], places=1))
        line = f"{record['settings']['seed']:<5}" + "".join(f"{c:>15}" for c in cells)
        ratios = (f"{dpo['log_ratios'][side]:+9.2f}" for side in ("chosen", "rejected"))
        lines.append(line + "".join(ratios))
    return "\n".join(lines)


def verdict(rule: str, records: Sequence[dict]) -> str:
    """How many seeds are finished, and in how many the gain is resolved."""
    if not records:
        return f"{rule}: no seed is finished"
    seeds = [record["settings"]["seed"] for record in records]
    resolved = sum(excludes_zero(gain(record)) for record in records)
    unit = RULES[rule].unit
    means = [gain(record)["mean"] for record in records]
    return (
        f"{rule}: seeds {', '.join(map(str, seeds))}; the interval lies above 0 in "
        f"{resolved} of {len(seeds)};\n"
        f"  mean gain {sum(means) / len(means):+.2f} ({unit}), from {min(means):+.2f} "
        f"to {max(means):+.2f}"
    )


def both_fell(records: Sequence[dict]) -> tuple[int, int]:
    """(seeds in which both log-ratios ended below 0, seeds)."""
    ratios = [record["policies"]["dpo"]["log_ratios"] for record in records]
    return sum(max(each.values()) < 0 for each in ratios), len(ratios)


# What was done otherwise


def otherwise(toys: dict[str, dict], records: dict[str, dict]) -> str:
    """A line per way of training: what the log says, and what is true of the policy.

    toys, records: a run of each under the same names. The toy's lines come first.
    """
    head = f"{'loss':>7}{'acc.':>7}{'gained':>16}{'KL':>13}"
    lines = [f"{'the toy, exact':<33}{head}"]
    for name, toy in toys.items():
        found = toy["verdict"]
        exact = f"{found['gain']:+.2f}", f"{found['kl']:.2f}"
        lines.append(_line(name, toy, *exact))
    lines.append(f"{'SmolLM2, estimated':<33}{head}")
    for name in toys:
        if record := records.get(name):
            kl = record["policies"]["dpo"]["kl"]
            estimated = interval(gain(record), sign="+"), interval(kl, 1)
            lines.append(_line(name, record, *estimated))
        else:
            lines.append(f"{name:<33}{'not finished':>14}")
    return "\n".join(lines)


def _line(name: str, run: dict, gained: str, kl: str) -> str:
    cells = f"{late(run, 'loss'):7.2f}{late(run, 'accuracy'):7.2f}"
    return f"{name:<33}{cells}{gained:>16}{kl:>13}"


def trainer_log(log: Sequence[dict], steps: Sequence[int]) -> str:
    """Some rows of a log, in the columns that trainers print."""
    names = ("loss", "margin", "accuracy", "reward_chosen", "reward_rejected")
    lines = ["step" + "".join(f"{name:>17}" for name in names)]
    for each in (each for each in log if each["step"] in steps):
        cells = "".join(f"{each[name]:17.3f}" for name in names)
        lines.append(f"{each['step']:>4}{cells}")
    return "\n".join(lines)


# Answers


def answers(record: dict, first: int, last: int) -> str:
    """Prompts by their number, unselected, and the first answer before and after."""
    lines = []
    for number in range(first, last):
        example = record["examples"][number]
        lines.append(f"{number + 1:>2}. {example['prompt']}")
        for when in ("before", "after"):
            said = " ".join(" / ".join(example[when].split("\n")).split())
            start = f"    {when + ':':<8}"
            rest = " " * len(start)
            lines += wrap(
                said or "(nothing)", 84, initial_indent=start, subsequent_indent=rest
            )
    return "\n".join(lines)
