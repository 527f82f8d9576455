"""The stored results of chapter 11, and the command that makes them again.

    python -m dpo_edu.experiments.training     # rewrites training.json in ten minutes

Which runs there are is decided here; what a run is, in ``training_runs``,
``sure_table`` and ``broken_runs``. The notebook draws the stored rows and runs some of
them again, live.
"""

import json
from pathlib import Path

STORED = Path(__file__).with_name("training.json")
COUNTS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)  # pairs
SEEDS = (0, 1)
BETAS = (0.5, 1.0, 2.0)


def stored() -> dict:
    """Read the results of the last full run: every run is a list of rows."""
    return json.loads(STORED.read_text(encoding="utf-8"), object_hook=_rows)


def everything() -> dict:
    """All runs of the chapter, one after the other, on one reference."""
    from .broken_runs import TRAINERS, run  # torch: readers of rows do without
    from .nudge import nudge
    from .sure_table import sure_table
    from .training_runs import hard_run, set_up, soft_run, steps_for, sure_run

    bench = set_up()
    counts = {
        str(n): [hard_run(bench, n, s, steps_for(n)) for s in SEEDS] for n in COUNTS
    }
    return {
        "soft": {
            "0.5": soft_run(bench, 0.5, steps=900, group=16),
            "1.0": soft_run(bench, 1.0),
            "2.0": soft_run(bench, 2.0, steps=900, group=16),
        },
        "hard": counts | {"long": hard_run(bench, 5_000, 0, steps=3_000)},
        "sure": {str(beta): sure_run(bench, beta) for beta in BETAS},
        "sure, table": {str(beta): sure_table(bench, beta) for beta in BETAS},
        "broken": {
            name: {"log": run(bench, trainer), "nudge": nudge(bench, trainer)}
            for name, trainer in TRAINERS.items()
        },
    }


def compact(value):
    """Rows as columns, which repeat no names, and six digits after the point."""
    if isinstance(value, dict):
        return {key: compact(each) for key, each in value.items()}
    if isinstance(value, list) and "step" in value[0]:
        names = sorted(set().union(*value))
        return {name: [compact(row.get(name)) for row in value] for name in names}
    if isinstance(value, list):
        return [compact(each) for each in value]
    return value if value is None or isinstance(value, int) else round(float(value), 6)


def _rows(record: dict):
    """Undo ``compact``: columns, one of them the steps, become rows."""
    if "step" not in record:
        return record
    rows = zip(*record.values(), strict=True)
    pairs = [zip(record, row, strict=True) for row in rows]
    return [{name: x for name, x in pair if x is not None} for pair in pairs]


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)  # fastest for matrices this small
    results = json.dumps(compact(everything()), separators=(",", ":"))
    STORED.write_text(results, encoding="utf-8")
