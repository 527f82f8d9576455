"""Four ways to choose a round from what a trainer sees, and what each one forgoes.

A rule takes the rows of a run and returns the number of the policy to keep. None of
them reads J; ``regret`` does.
"""

from math import log


def last_round(rows) -> int:
    """Go on until the labels are spent."""
    return len(rows) - 1


def best_on_old_pairs(rows) -> int:
    """Lowest held-out loss: the reference's responses, the annotators' verdicts."""
    seen = [k for k, row in enumerate(rows) if "held_out_loss" in row]
    return min(seen, key=lambda k: rows[k]["held_out_loss"])


def until_surprised(rows) -> int:
    """Last policy before one that forecasts its next verdicts worse than a coin."""
    for k in range(1, len(rows) - 1):
        if rows[k]["fresh_loss"] > log(2):
            return k - 1
    return len(rows) - 1


def most_applauded(rows) -> int:
    """The policy whose judge prefers it most often to the reference."""
    return max(range(len(rows)), key=lambda k: rows[k]["judge_wins"])


RULES = {
    "last round": last_round,
    "old pairs": best_on_old_pairs,
    "surprised": until_surprised,
    "applause": most_applauded,
}


def regret(rows, rule) -> float:
    """What the rule forgoes: J of the best round minus J of the chosen one."""
    values = [row["objective"] for row in rows]
    return max(values) - values[rule(rows)]
