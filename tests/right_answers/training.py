"""Right answers of chapter 11 that are written in unusual ways."""

import copy
import io
import math

import numpy as np
import torch
import torch.nn.functional as F

from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.sequence_logprob import sequence_logprob
from dpo_edu.workbook.known_wrong.training import (
    CHEERFUL,
    FREEZE,
    GAP,
    PERFECT,
    SHARE,
    SHARE_BUG,
    SILENT,
    STEP,
    four,
    tilted,
    values,
)

from . import right


@right(FREEZE)
def in_one_line(model):
    return copy.deepcopy(model).requires_grad_(False).train(False)


@right(FREEZE)
def through_a_file(model):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    reference = torch.load(file, weights_only=False)
    for weight in reference.parameters():
        weight.requires_grad_(False)
    reference.eval()
    return reference


@right(FREEZE)
def loaded_into_a_new_model(model):
    was = model.training
    reference = copy.deepcopy(model)
    reference.load_state_dict({k: v.clone() for k, v in model.state_dict().items()})
    model.train(was)
    return reference.eval().requires_grad_(False)


@right(STEP)
def both_sides_in_one_pass(policy, reference, optimizer, batch, beta):
    tokens = torch.cat([batch["chosen"], batch["rejected"]])
    mask = torch.cat([batch["chosen_mask"], batch["rejected_mask"]])
    chosen, rejected = sequence_logprob(policy(tokens), tokens, mask).chunk(2)
    ref = sequence_logprob(reference(tokens), tokens, mask).detach().chunk(2)
    policy.zero_grad()
    loss = -F.logsigmoid(beta * ((chosen - ref[0]) - (rejected - ref[1]))).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


@right(STEP)
def with_a_closure(policy, reference, optimizer, batch, beta):
    def closure():
        optimizer.zero_grad(set_to_none=False)
        loss = dpo_loss(*four(policy, reference, batch), beta)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


@right(STEP)
def with_autograd(policy, reference, optimizer, batch, beta):
    loss = dpo_loss(*four(policy, reference, batch), beta)
    weights = [*policy.parameters()]
    for weight, gradient in zip(
        weights, torch.autograd.grad(loss, weights), strict=True
    ):
        weight.grad = gradient
    optimizer.step()
    return float(loss)


@right(SILENT)
def silent_option_by_its_words():
    return " ".join(["the", "reference", "moves", "with", "the", "policy"])


@right(SILENT)
def silent_option_in_two_parts():
    return "the reference moves " + "with the policy"


@right(PERFECT)
def perfect_option_by_its_words():
    return ", ".join(["too few pairs", "too many epochs"])


@right(PERFECT)
def perfect_option_in_two_parts():
    return "too few pairs, " + "too many epochs"


@right(CHEERFUL)
def cheerful_option_by_its_words():
    return " and ".join(["chosen", "rejected are exchanged"])


@right(CHEERFUL)
def cheerful_option_in_two_parts():
    return "chosen and rejected " + "are exchanged"


@right(SHARE_BUG)
def through_divergences(logp, ref_logp, reward, beta):
    best = tilted(ref_logp, reward / beta)
    away = [(np.exp(p) * (p - best)).sum(-1).mean() for p in (logp, ref_logp)]
    return float(1 - away[0] / away[1])


@right(SHARE_BUG)
def through_log_z(logp, ref_logp, reward, beta):
    log_z = np.logaddexp.reduce(ref_logp + reward / beta, axis=-1)
    start = values(ref_logp, ref_logp, reward, beta).mean()
    gained = values(logp, ref_logp, reward, beta).mean() - start
    return gained / ((beta * log_z).mean() - start)


@right(SHARE)
def as_a_fraction():
    return 19 / 20


@right(SHARE)
def from_two_objectives():
    return np.float64((1.26 - 0.063) / 1.26)


@right(GAP)
def gap_by_search():
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        below = 1 / (1 + math.exp(-0.5 * middle)) < 0.8
        low, high = (middle, high) if below else (low, middle)
    return low


@right(GAP)
def gap_to_three_digits():
    return 2.77
