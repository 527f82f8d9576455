"""A run's record as text: one table, what it cost, and the answers before and after."""

from .rules import RULES, UNTRAINED

COLUMNS = {"reference": "reference", "dpo": "DPO", "sft": "SFT on winners"}


def report(record: dict) -> str:
    """The whole record, for a terminal of 88 columns."""
    return "\n".join([*_head(record), "", *table(record), "", *answers(record)])


def _head(record: dict) -> list[str]:
    settings, counts = record["settings"], record["counts"]
    rule = RULES[settings["rule"]]
    minutes = sum(record["seconds"].values()) / 60
    return [
        f"Rule: {rule.asks_for} ({rule.unit}; more is better), seed {settings['seed']}",
        f"{counts['pairs']} pairs from {counts['prompts']} prompts, judged on "
        f"{settings['held_out']} other prompts with {settings['judged']} answers each",
        f"{minutes:.1f} minutes from the first answer to the verdict",
    ]


def table(record: dict) -> list[str]:
    """A line per measure, a column per policy; intervals are of 95 %, over prompts."""
    policies = record["policies"]
    trained = [policies[name] for name in COLUMNS]
    lines = [_row("", COLUMNS.values())]
    for name, rule in (RULES | UNTRAINED).items():
        means = [_interval(each["rules"][name]) for each in trained]
        mark = "* " if name == record["settings"]["rule"] else "  "
        lines.append(_row(f"{mark}{rule.asks_for}", means))
    for title, key in (("tokens", "tokens"), ("ended by itself", "ended")):
        lines.append(_row(f"  {title}", [f"{each[key]:.2f}" for each in trained]))
    shares = [f"{each['distinct']:.2f}" for each in trained]
    lines.append(_row("  distinct answers", shares))
    logp = [_interval(each["ref_logp"]) for each in trained]
    lines.append(_row("  log-probability by the reference", logp))
    lines.append(
        _row("  KL from the reference, nats", [_interval(e["kl"]) for e in trained])
    )
    return [*lines, "", *_gains(record)]


def _gains(record: dict) -> list[str]:
    """What the rule gained, prompt by prompt, and where the log-ratios went."""
    policies, rule = record["policies"], record["settings"]["rule"]
    best = policies["best of n"]
    named = {"DPO": "dpo", "SFT on winners": "sft", f"best of {best['n']}": "best of n"}
    gains = [
        f"  {title:<16} {_interval(policies[name]['differences'][rule])}"
        for title, name in named.items()
    ]
    ratios = policies["dpo"]["log_ratios"]
    return [
        "* is the rule of the training. Its gain over the reference, paired by prompt:",
        *gains[:-1],
        f"{gains[-1]}  (of KL at most {best['kl_bound']:.2f} nats)",
        "DPO's mean log-ratio on the first of its pairs: chosen "
        f"{ratios['chosen']:+.2f}, rejected {ratios['rejected']:+.2f} nats",
    ]


def answers(record: dict) -> list[str]:
    """The first answers, unselected, before and after DPO."""
    lines = ["The first held-out prompts and their first answers, unselected:"]
    for example in record["examples"]:
        lines += [f"> {example['prompt']}"]
        lines += [
            f"  {when + ':':<7} {_line(example[when])}" for when in ("before", "after")
        ]
    return lines


def _row(title: str, cells) -> str:
    return f"{title:<38}" + "".join(f"{cell:>18}" for cell in cells)


def _interval(found: dict) -> str:
    return f"{found['mean']:.3f} ± {found['half']:.3f}"


def _line(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())
