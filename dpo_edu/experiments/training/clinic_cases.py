"""The waiting room of chapter 11: broken runs under letters, and their logs as text.

This module does not train; ``broken_runs`` made the logs.
"""

PATIENTS = {  # under these letters the notebook shows them
    "A": "aliased reference, no gradient",
    "B": "empty mask",
    "C": "beta = 0",
    "D": "aliased reference, with gradient",
    "E": "padding counted",
    "F": "reference in bfloat16",
    "G": "dropout in the policy",
    "H": "learning rate x 100",
    "I": "chosen and rejected swapped",
}
COLUMNS = {  # of the printed log: heading, digits
    "loss": ("loss", 4),
    "gradient": ("gradient", 4),
    "margin": ("margin", 4),
    "accuracy": ("acc.", 3),
    "reward_chosen": ("r_chosen", 4),
    "reward_rejected": ("r_rej.", 4),
    "logp_chosen": ("logp_ch.", 2),
    "logp_rejected": ("logp_rej.", 2),
    "win_rate": ("wins", 3),
}


def log_table(rows, steps=(0, 10, 50, 190)) -> str:
    """Some rows of a run's log, as a trainer prints them."""
    lines = ["step" + "".join(f"{head:>10}" for head, _ in COLUMNS.values())]
    for row in (row for row in rows if row["step"] in steps):
        cells = (f"{row[name]:10.{places}f}" for name, (_, places) in COLUMNS.items())
        lines.append(f"{row['step']:>4}" + "".join(cells))
    return "\n".join(lines)
