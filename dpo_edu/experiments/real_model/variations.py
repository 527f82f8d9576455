"""DPO on the real model, done otherwise: what each change leaves in the log.

A variation changes the settings, the pairs or the reference, and nothing else; all of
them start from the same answers. This module does not keep what it finds.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from ...dpo_loss import dpo_loss
from ...real_model.learning import as_groups, learn, train_dpo
from ...real_model.pairs import AnswerPair
from ...real_model.whole_run import FirstAnswers, Run, Settings, examples
from ...training.scoring import log_record

VARIED = "speaks_to_you"  # the rule of the variations, but for one
SWAPPED = "chosen and rejected swapped"
BOTH_WAYS = "swapped, short first sentence"  # a rule with room below as well as above
Judged = tuple[list[AnswerPair], torch.Tensor]  # pairs, and their (pairs, 2) under ref


def rule_of(name: str) -> str:
    """The rule by which a variation's pairs are judged."""
    return "short_first_sentence" if name == BOTH_WAYS else VARIED


def varied(settings: Settings, name: str) -> Settings:
    """The settings of the variation called ``name``."""
    plan = settings.plan
    changes = {
        "two epochs": {"epochs": 2 * plan.epochs},
        "labels by a coin": {"epochs": 3 * plan.epochs},
        "learning rate x 10": {"learning_rate": 10 * plan.learning_rate},
    }
    return replace(settings, plan=replace(plan, **changes.get(name, {})))


def spoiled(name: str, pairs: Sequence[AnswerPair], ref_logp, seed: int) -> Judged:
    """The pairs as the variation reads them: all, half by chance, or none reversed."""
    reverse = np.zeros(len(pairs), dtype=bool)
    if name in (SWAPPED, BOTH_WAYS):
        reverse[:] = True
    if name == "labels by a coin":
        reverse = np.random.default_rng(seed).random(len(pairs)) < 0.5
    turned = [
        AnswerPair(pair.prompt, pair.rejected, pair.chosen) if back else pair
        for pair, back in zip(pairs, reverse, strict=True)
    ]
    back = torch.as_tensor(reverse)[:, None]
    return turned, torch.where(back, ref_logp.flip(-1), ref_logp)


def train_aliased(scorer, pairs, ref_logp, beta, plan, **watched) -> None:
    """``train_dpo`` by a trainer that forgot to switch off the adapter.

    Its reference is the policy itself, without gradient, whatever ``ref_logp`` says.
    """
    groups = as_groups(pairs)

    def loss_of(numbers):
        logp = scorer.logp([groups[n] for n in numbers]).view(-1, 2)  # (part, 2)
        four = (*logp.unbind(-1), *logp.detach().unbind(-1))
        loss = dpo_loss(*four, beta)
        return loss, log_record(loss, *four, beta=beta)

    learn(scorer.model, groups, loss_of, plan, **watched)


def varied_record(
    name: str, settings: Settings, pretrained, prompts, first: FirstAnswers
) -> dict:
    """Train and judge one variation of DPO, from what the reference has written.

    Its log-ratios and rewards are those of the pairs as it reads them, against the true
    reference; the rule is the true one.
    """
    here = Run(settings, pretrained, prompts, say=lambda text: None)
    judged = spoiled(name, *here.judge(first.training), settings.seed)
    aliased = name == "adapter left on in the reference"
    here.learn("dpo", *judged, train=train_aliased if aliased else train_dpo)
    verdict, after = here.judge_policy(*judged, first.held_out, part=2)
    return {
        "policies": {"dpo": verdict},
        "counts": {"prompts": len(here.training), "pairs": len(judged[0])},
        "log": here.log,
        "examples": examples(here.held_out, first.held_out, after),
        "seconds": here.seconds,
    }
