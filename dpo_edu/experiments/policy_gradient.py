"""The runs of chapter 12, stored: ``python -m dpo_edu.experiments policy_gradient``.

``stored("policy_gradient")`` is a dict of lists; ``figures.reward_kl`` draws it.

    "runs"    method: "DPO"; "PPO" or "REINFORCE" on a reward model of the same pairs;
              or "exact", that reward model's own optimum, which perfect RL would reach
              pairs, beta, seed; passes (see dpo_edu.passes): ten epochs over the
              pairs and ``extra`` ones, for RL or for more epochs of DPO
              reward, kl_from_reference, objective, share, kl_to_optimum, win_rate: as
              in evaluation.Verdict; nats_off_frontier: KL beyond the frontier's at the
              same reward; kl_to_own_optimum: KL(policy || "exact"), not for DPO
    "errors"  of the reward models: pairs, seed, under_reference, under_optimum (root
              mean square, each prompt's constant removed)
    "best"    best-of-N: n, passes_an_answer, judge ("reward model" of 5,000 pairs, or
              "truth"), seed (None for the truth), and the exact columns above
    "truth"   RL with the true reward given: method, seed, rows (step = gradient step,
              responses, kl, gold, proxy, share), last (the exact columns above)
    "wrong"   a reward model of pairs of praise only: seed, errors, and three lists of
              rows (the same columns): "PPO" and "REINFORCE" over a run at
              beta 0.1; "exact": its optima from beta 10 to 0.05 (the column beta)
"""

from .grid import in_parallel

SEEDS = (0, 1, 2, 3, 4)


def everything() -> dict:
    """All runs of the chapter, a part and a seed at a time, in two processes."""
    from .best_answers import best_answers  # torch: readers of rows do without
    from .rlhf_grid import PARTS, part
    from .rlhf_runs import bench

    names = [name for name in PARTS for _ in SEEDS]
    truth = best_answers(bench().data.world.reward)
    results = {"best": [{"judge": "truth", "seed": None} | row for row in truth]}
    for found in in_parallel(part, names, SEEDS * len(PARTS)):
        for name, rows in found.items():
            results[name] = results.get(name, []) + rows
    return results
