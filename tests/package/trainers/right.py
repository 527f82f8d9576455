"""Right DPO trainers in styles that differ: none of them may be told of a mistake.

Every class is an adapter of ``dpo_edu.trainer_checks``; what it does not define comes
from ``Right``, the plainest.
"""

from copy import deepcopy
from pathlib import Path
from types import MappingProxyType

import torch
import torch.nn.functional as F

from dpo_edu.trainer_checks import PAD, as_lists


class Right:
    """Labels of -100, logsigmoid, AdamW; every function that an adapter may have."""

    def logprob(self, model, tokens, mask):
        logits = model(input_ids=tokens, attention_mask=(tokens != PAD).long()).logits
        labels = tokens.masked_fill(~mask, -100)[:, 1:]
        picked = (
            logits[:, :-1].log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])
        )
        return (picked[..., 0] * (labels != -100)).sum(-1)

    def loss(
        self, logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
    ):
        gap = (logp_chosen - logp_rejected) - (ref_logp_chosen - ref_logp_rejected)
        return -F.logsigmoid(beta * gap).mean()

    def reference(self, policy):
        return deepcopy(policy).eval().requires_grad_(False)

    def pair_loss(self, policy, reference, chosen, rejected, beta):
        with torch.no_grad():
            ref = [self.logprob(reference, *side) for side in (chosen, rejected)]
        mine = [self.logprob(policy, *side) for side in (chosen, rejected)]
        return self.loss(*mine, *ref, beta)

    def accumulate(self, policy, reference, parts, beta):
        pairs = sum(len(chosen.tokens) for chosen, _ in parts)
        for chosen, rejected in parts:
            share = len(chosen.tokens) / pairs
            (
                share * self.pair_loss(policy, reference, chosen, rejected, beta)
            ).backward()

    def train(self, policy, reference, batches, beta, folder, stop):
        optimizer = torch.optim.AdamW(policy.parameters(), lr=0.01)
        file, step = Path(folder) / "state.pt", 0
        if file.exists():
            state = torch.load(file)
            policy.load_state_dict(state["policy"])
            optimizer.load_state_dict(state["optimizer"])
            step = state["step"]
        for pairs in batches[step:stop]:
            optimizer.zero_grad()
            self.pair_loss(policy, reference, *pairs, beta).backward()
            optimizer.step()
        state = {"policy": policy.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save(state | {"step": stop}, file)


class CrossEntropy(Right):
    """cross_entropy with ignore_index; softplus; pairs left apart; parts by a sum."""

    def logprob(self, model, tokens, mask):
        logits = model(tokens, attention_mask=tokens != PAD)
        labels = torch.where(mask, tokens, -100)
        each = F.cross_entropy(
            logits[:, :-1].transpose(1, 2), labels[:, 1:], reduction="none"
        )
        return -each.sum(1)

    def loss(
        self, logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
    ):
        rewards = beta * (logp_chosen - ref_logp_chosen)
        return F.softplus(beta * (logp_rejected - ref_logp_rejected) - rewards)

    def pair_loss(self, policy, reference, chosen, rejected, beta):
        return super().pair_loss(policy, reference, chosen, rejected, beta).mean()

    def accumulate(self, policy, reference, parts, beta):
        pairs = 0
        for chosen, rejected in parts:
            count = len(chosen.tokens)
            (
                count * self.pair_loss(policy, reference, chosen, rejected, beta)
            ).backward()
            pairs += count
        for weight in policy.parameters():
            weight.grad /= pairs


class OwnCollator(Right):
    """Lists, one row at a time, token by token; the loss as log(1 + e^-margin)."""

    def logprob(self, model, tokens, mask):
        rows = zip(*as_lists(tokens, mask), strict=True)
        return torch.stack([self._one(model, x, y) for x, y in rows])

    def _one(self, model, prompt, response):
        chance = torch.ones((), dtype=torch.float64)
        for token in response:
            logits = model(torch.tensor([prompt])).logits[0, -1]
            chance = chance * logits.softmax(-1)[token]
            prompt = [*prompt, token]
        return chance.log()

    def loss(
        self, logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
    ):
        gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
        return torch.logaddexp(torch.zeros_like(gap), -beta * gap).mean()


class LeftPadded(Right):
    """Rows are padded on the left, whatever came; both sides go through at once."""

    def logprob(self, model, tokens, mask):
        rows = list(zip(*as_lists(tokens, mask), strict=True))
        width = max(len(x) + len(y) for x, y in rows)
        fill = [width - len(x) - len(y) for x, y in rows]
        lines = [[0] * n + x + y for n, (x, y) in zip(fill, rows, strict=True)]
        place = torch.arange(width)
        seen = place >= torch.tensor(fill)[:, None]
        start = torch.tensor([width - len(y) for _, y in rows])[:, None]
        logits = model(torch.tensor(lines), attention_mask=seen)
        shifted = torch.cat([torch.zeros_like(logits[:, :1]), logits[:, :-1]], dim=1)
        logp = shifted - shifted.logsumexp(-1, keepdim=True)
        picked = logp.gather(2, torch.tensor(lines)[:, :, None]).squeeze(2)
        return torch.where(place >= start, picked, 0).sum(1)

    def loss(
        self, logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
    ):
        scores = torch.stack(
            [logp_chosen - ref_logp_chosen, logp_rejected - ref_logp_rejected], -1
        )
        target = torch.zeros(len(scores), dtype=torch.long)
        return F.cross_entropy(beta * scores, target)


class SinglePrecision(Right):
    """Everything in float32; momentum; a reference that is scored only once."""

    def logprob(self, model, tokens, mask):
        return super().logprob(model, tokens, mask).float()

    def train(self, policy, reference, batches, beta, folder, stop):
        optimizer = torch.optim.SGD(policy.parameters(), lr=0.01, momentum=0.9)
        done, state = sorted(Path(folder).glob("*.pt")), {}
        if done:
            state = torch.load(done[-1])
            policy.load_state_dict(state["policy"])
            optimizer.load_state_dict(state["optimizer"])
        for step in range(len(done), stop):
            optimizer.zero_grad()
            self.pair_loss(policy, reference, *batches[step], beta).backward()
            optimizer.step()
            state = {"policy": policy.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save(state, Path(folder) / f"{step:04d}.pt")


class Average(torch.nn.Module):
    """A slow copy of a policy, which knows the policy, too."""

    def __init__(self, policy):
        super().__init__()
        self.online, self.slow = policy, deepcopy(policy).requires_grad_(False)

    def forward(self, *args, **kwargs):
        return self.slow(*args, **kwargs)


class HeldByTheReference(Right):
    """The reference has the policy's weights among its own, and does not read them."""

    def reference(self, policy):
        return Average(policy)


class InPlace(Right):
    """Writes into the tensors that it was given, and pads on the right only."""

    NOT_APPLICABLE = MappingProxyType(
        {"padding on the left": "this trainer pads on the right"}
    )

    def logprob(self, model, tokens, mask):
        tokens.masked_fill_(tokens == PAD, 0)
        logits = model(tokens).logits
        mask[:, 0] = False
        each = logits.log_softmax(-1)[:, :-1].gather(2, tokens[:, 1:, None])[..., 0]
        each[~mask[:, 1:]] = 0
        return each.sum(1)


class LengthNormalized(Right):
    """Divides by the response's tokens, and says so."""

    CONVENTIONS = ("mean over tokens",)

    def logprob(self, model, tokens, mask):
        return super().logprob(model, tokens, mask) / mask.sum(-1)


class Alone:
    """Nothing but a loss, as a static method."""

    @staticmethod
    def loss(a, b, c, d, beta):
        return torch.log1p(torch.exp(-(beta * (a - b - c + d)).clamp(min=-30))).where(
            beta * (a - b - c + d) > -30, -beta * (a - b - c + d)
        )


RIGHT = (
    *(Right, CrossEntropy, OwnCollator, LeftPadded, SinglePrecision, InPlace),
    *(HeldByTheReference, LengthNormalized, Alone),
)
