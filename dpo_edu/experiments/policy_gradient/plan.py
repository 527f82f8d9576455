"""The runs of chapter 12, stored: ``python -m dpo_edu.experiments policy_gradient``.

``stored("policy_gradient")`` is a dict of lists, which two modules of ``figures`` draw.

    "runs"    method: "DPO"; "PPO" or "REINFORCE" on a reward model of the same pairs;
              or "exact", that reward model's own optimum, which perfect RL would reach
              pairs, beta, seed; passes (see policy_gradient.cost): ten epochs over the
              pairs and ``extra`` ones, for RL or for more epochs
              reward, kl_from_reference, objective, share, kl_to_optimum, win_rate: as
              in evaluation.Verdict; nats_off_frontier: KL beyond the frontier's at the
              same reward; kl_to_own_optimum: KL(policy || "exact"), not for DPO;
              held_out_loss: of the reward, implicit or learned, not for RL;
              under_reference, under_optimum: as in "errors", of DPO's implicit reward
    "rest"    kind ("exact", "GRPO", "Dr. GRPO": where it ends on the reward model of
              5,000 pairs, by enumeration), beta (its own), seed, and the exact columns
              of "runs" at beta 1
    "tuned"   a row per method of ``tuned.METHODS``: setting (its own beta and learning
              rate), unsettled, tried (settings and "score", the share on the tuning
              draw), and runs: per judged seed the exact columns of "runs" at beta 1,
              and, but for DPO, kl_to_own_optimum, to where it would come to rest
    "errors"  of the reward models: pairs, seed, under_reference, under_optimum (root
              mean square, each prompt's constant removed)
    "best"    best-of-N: n, passes_an_answer, judge ("reward model" of 5,000 pairs, or
              "truth"), seed (None for the truth), and the exact columns above
    "truth"   RL with the true reward given: method, seed, rows (step = gradient step,
              responses, kl, gold, proxy, share, nats_off_frontier), last (the exact
              columns above)
    "wrong"   reward models of 1,000 pairs each (see ``wrong_reward``): seen ("praise"
              or "all"), seed, errors (on_praise, off_praise), and "exact", rows of the
              optima from beta 10 to 0.03 (columns beta, kl, gold, proxy ...)
    "lengths" how long to train: pairs, length (1: as in "runs"), seed, and the held-out
              losses of DPO and RM, the reward model
    "roads"   the same pairs step by step: seen, seed, and lists of such rows:
              "REINFORCE" and, on praise, "PPO" at beta 0.05; "DPO" at beta 0.1, its
              proxy being its implicit reward

What it costs, in CPU minutes of one busy core (half on a quiet one):

    runs, errors, best   per seed three DPO runs at 9 s, a reward model at 12, PPO and
              REINFORCE at 14 each: 6; more epochs 4; other numbers of pairs 5
    rest      a reward model per seed, and enumeration: 1.5
    truth 4, wrong and roads 3, lengths 2

    tuned     seven methods, each at most 8 places and 5 runs: DPO at 9 s, PPO at 7,
              the others at 6: 10
"""

from ..grid import in_parallel
from ..unfinished import kept

SEEDS, TUNING = (0, 1, 2, 3, 4), 5


def everything() -> dict:
    """All runs of the chapter, a part and a seed at a time, in two processes."""
    from . import runs  # torch: readers of rows do without
    from .rest import rest
    from .tuned import METHODS, tuned
    from .wrong_reward import wrong_reward

    tasks: dict[tuple, tuple] = {("tuned", name): (tuned, name) for name in METHODS}
    for part in (
        runs.equal_pairs,
        wrong_reward,
        rest,
        runs.true_reward,
        runs.other_counts,
        runs.more_epochs,
    ):
        named = {(part.__name__, seed): (part, seed) for seed in SEEDS}
        tasks |= {key: (kept, "policy_gradient", *task) for key, task in named.items()}
    tasks["lengths", TUNING] = (kept, "policy_gradient", runs.lengths, TUNING)
    results = {"best": runs.best_with_truth()}
    for found in in_parallel(tasks).values():
        for name, rows in found.items():
            results[name] = results.get(name, []) + rows
    return results
