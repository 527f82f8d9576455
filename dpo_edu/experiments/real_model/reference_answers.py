"""What the reference's own answers tell, before any training: best of n, and the pairs.

Every seed holds other prompts out, so five seeds together have many answers to the same
prompt by the same reference. They say what the best of two, four or eight would gain in
a rule, and from how many prompts the pairs of a run come. No model is loaded here.
"""

from collections.abc import Mapping, Sequence

from ...boltzmann.best_of_n import best_of_n_kl_bound
from ...real_model.evaluation import best_of_n, estimate
from ...real_model.pairs import best_beside_worst
from ...real_model.prompts import split_by_prompt
from ...real_model.rules import rule
from ...real_model.whole_run import FirstAnswers
from . import runs

DRAWN = (1, 2, 4, 8)  # answers among which the rule picks


def told_by_answers(written: Mapping[int, FirstAnswers], rules: Sequence[str]) -> dict:
    """Best of n over all prompts, and the prompts of the pairs by rule and seed.

    written: {seed: what its reference has written}. Of ``DRAWN`` only what the prompt
    with the fewest answers allows.
    """
    pooled = by_prompt(written)
    drawn = [n for n in DRAWN if n <= min(map(len, pooled.values()))]
    return {
        "prompts": len(pooled),
        "answers": sum(map(len, pooled.values())),
        "kl_bound": {n: best_of_n_kl_bound(n) for n in drawn},
        "gained": {name: {n: gained(name, pooled, n) for n in drawn} for name in rules},
        "prompts of the pairs": {
            name: [prompts_of_pairs(name, *each) for each in written.items()]
            for name in rules
        },
    }


def by_prompt(written: Mapping[int, FirstAnswers]) -> dict[str, list[str]]:
    """{prompt: all that was answered to it, over the seeds and both sides}."""
    pooled: dict[str, list[str]] = {}
    for seed, first in written.items():
        held_out = runs.settings_of(runs.RULE_OF_ANSWERS, seed).held_out
        sides = split_by_prompt(runs.PROMPTS, held_out, seed)
        for prompts, answered in zip(sides, first, strict=True):
            for prompt, answers in zip(prompts, answered, strict=True):
                pooled.setdefault(prompt, []).extend(each.text for each in answers)
    return pooled


def gained(name: str, pooled: Mapping[str, list[str]], n: int) -> dict[str, float]:
    """What the best of ``n`` gains in a rule over one answer, interval over prompts."""
    score = rule(name).score
    gains = []
    for texts in pooled.values():
        scores = [score(text) for text in texts]
        gains.append(best_of_n(scores, n) - best_of_n(scores, 1))
    return estimate(gains)._asdict()


def prompts_of_pairs(name: str, seed: int, first: FirstAnswers) -> int:
    """From how many prompts the pairs of a run come: it takes the first pairs alone."""
    settings, score = runs.settings_of(name, seed), rule(name).score
    asked: list[int] = []
    for number, answers in enumerate(first.training):
        scores = [score(answer.text) for answer in answers]
        pairs = best_beside_worst(scores, settings.pairs_per_prompt)
        asked += [number] * len(pairs)
    return len({*asked[: settings.most_pairs]})
