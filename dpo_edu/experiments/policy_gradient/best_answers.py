"""Best-of-N on the preference world, for a judge that is a table of rewards.

    pi_N(y) = F(y)^N - F(y-)^N,  shared among equal rewards as in pi_ref

The same policy as ``best_of_n.best_of_n_logp``, by sorting: with thousands of responses
and a reward model in which hardly two agree, tables of all pairs take a minute.
"""

import numpy as np

from ...policy_gradient.cost import best_of
from .runs import bench, judge

NS = (1, 2, 4, 8, 16, 32, 64)


def best_of_n_by_sorting(ref_logp, reward, n: int) -> np.ndarray:
    """Log-probabilities of the best of ``n`` draws at one prompt: (R,)."""
    _, level = np.unique(reward, return_inverse=True)
    mass = np.bincount(level, np.exp(ref_logp))  # of each distinct reward, rising
    won = np.diff(mass.cumsum() ** n, prepend=0)
    with np.errstate(divide="ignore"):  # the worst of many draws is never kept
        return ref_logp + np.log(won / mass)[level]


def best_answers(reward) -> list[dict]:
    """Exact verdicts on best-of-N for every N, judged by a reward table (P, R)."""
    ref_logp, rows = bench().reference.logp, []
    for n in NS:
        both = zip(ref_logp, reward, strict=True)
        logp = np.stack([best_of_n_by_sorting(*prompt, n) for prompt in both])
        rows.append({"n": n, "passes_an_answer": best_of(n)} | judge(logp))
    return rows
