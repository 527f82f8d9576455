"""GRPO: a group of responses is its own baseline; there is no critic.

    sum over tokens of  w [min(ratio A, clip(ratio) A) - beta k3],   w = 1 / |y| or 1
    A = (r - mean) / deviation of the group, or r - mean;   k3 = e^d - 1 - d,
    d = log(pi_ref / pi) of the token

Shao et al. 2024. Every token of a response has the response's advantage, and the KL is
a term of the loss, not of the reward. ``FORMS`` are the four ways to divide or not to
divide; Liu et al. 2025 (Dr. GRPO) divide by neither.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch

from ..tiny_transformer import TinyTransformer
from ..training import learner, minimize
from ..validation import require, require_callable, require_type
from .gradients import (
    clipped_objective,
    group_centered_advantages,
    group_normalized_advantages,
)
from .rollout import (
    Responses,
    RLSettings,
    Task,
    generate,
    require_training,
    reused,
    token_scores,
)


@dataclass(frozen=True)
class Form:
    """The two divisions in which programs differ."""

    by_deviation: bool = True  # advantages by the group's standard deviation
    by_length: bool = True  # a response's sum over tokens by their number

    def __post_init__(self):
        require_type(bool, by_deviation=self.by_deviation, by_length=self.by_length)


FORMS = {
    "GRPO": Form(),
    "GRPO, summed": Form(by_length=False),  # nearly DAPO's mean over all tokens
    "GRPO, not scaled": Form(by_deviation=False),
    "Dr. GRPO": Form(by_deviation=False, by_length=False),
}


class Groups(NamedTuple):
    """Groups of responses and what they teach; no gradient flows into it."""

    responses: Responses
    advantage: torch.Tensor  # (B,) one for all tokens of a response
    logp: torch.Tensor | None  # (B, T) of the policy that said it; None: of the learner


@torch.no_grad()
def appraise_groups(
    policy, responses: Responses, settings: RLSettings, form: Form
) -> Groups:
    """Advantages within each group; the old log-probabilities if they are used again.

    At the first step the policy that learns is the one that spoke: every ratio is 1.
    """
    require_callable(policy=policy)
    require_type(Responses, responses=responses)
    require_type(RLSettings, settings=settings)
    require_type(Form, form=form)
    whole = len(responses.reward) % settings.group_size == 0
    require(whole, "responses must come in groups of settings.group_size")
    groups = responses.reward.view(-1, settings.group_size)  # (P, K)
    centered, scaled = group_centered_advantages, group_normalized_advantages
    advantage = (scaled if form.by_deviation else centered)(groups).flatten()
    old = _token_logp(policy, responses) if settings.reuse > 1 else None
    return Groups(responses, advantage, old)


def grpo_loss(policy, groups: Groups, settings: RLSettings, form: Form) -> torch.Tensor:
    """Minus the mean over responses of what their tokens gain, less their KL."""
    require_callable(policy=policy)
    require_type(Groups, groups=groups)
    require_type(RLSettings, settings=settings)
    require_type(Form, form=form)
    responses, advantage, old = groups
    logp = _token_logp(policy, responses)  # (B, T), 0 off the response
    ratio = (logp - (logp.detach() if old is None else old)).exp()
    each = advantage[:, None].expand_as(ratio)  # (B, T)
    gain = clipped_objective(ratio, each, settings.epsilon, reduction="none")
    off = responses.ref_logp - logp
    kept = (gain - settings.beta * (off.expm1() - off)).where(responses.mask, 0.0)
    sums = kept.sum(-1)  # (B,)
    return -(sums / responses.mask.sum(-1) if form.by_length else sums).mean()


def train_grpo(
    start: TinyTransformer,
    task: Task,
    settings: RLSettings,
    after_step=None,
    form: Form = FORMS["GRPO"],
) -> TinyTransformer:
    """A copy of ``start`` that learns from new groups every ``reuse`` steps."""
    require_training(start, task, settings, after_step)
    require_type(Form, form=form)
    policy = learner(start)
    generator = torch.Generator().manual_seed(settings.seed)

    def draw():
        responses = generate(policy, task, settings.group_size, generator)
        return appraise_groups(policy, responses, settings, form)

    batches = reused(draw, settings.reuse)

    def loss_at(_step):
        groups = next(batches)
        record = {"reward": groups.responses.reward.mean().item()}
        return grpo_loss(policy, groups, settings, form), record

    minimize(policy, loss_at, settings.schedule, after_step)
    return policy


def _token_logp(policy, responses: Responses) -> torch.Tensor:
    """The policy's log-probability of each token of the responses: (B, T)."""
    return token_scores(
        policy(responses.tokens[:, :-1]), responses.tokens, responses.mask
    )
