"""The DPO loss as people write it by mistake, piece by piece, to recognize a mistake.

A loss takes a gap from four log-probabilities, multiplies it by beta, and puts a link
on the margin. As with scores, a name is given when the numbers are those of exactly
that mistake on every pair and at every beta. This module runs no trainer.
"""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F

from .naming import fewest_parts

CLOSE = 1e-5  # relative, or in nats below 1

GAPS = {
    "": lambda lc, lr, rc, rr: (lc - rc) - (lr - rr),
    "reference ignored": lambda lc, lr, rc, rr: lc - lr,
    "reference added": lambda lc, lr, rc, rr: (lc + rc) - (lr + rr),
    "exchanged": lambda lc, lr, rc, rr: (lr - rr) - (lc - rc),
    "exchanged, reference ignored": lambda lc, lr, rc, rr: lr - lc,
    "rejected ignored": lambda lc, lr, rc, rr: lc - rc,
    "chosen ignored": lambda lc, lr, rc, rr: rr - lr,
    "sides added": lambda lc, lr, rc, rr: (lc - rc) + (lr - rr),
    "ratio of log-probabilities": lambda lc, lr, rc, rr: lc / rc - lr / rr,
    "absolute gap": lambda lc, lr, rc, rr: ((lc - rc) - (lr - rr)).abs(),
}
BETAS = {
    "": lambda beta: beta,
    "beta ignored": lambda beta: 1.0,
    "divided by beta": lambda beta: 1 / beta,
    "beta twice": lambda beta: beta**2,
    "beta halved": lambda beta: beta / 2,
    "beta is 0": lambda beta: 0.0,
}
LINKS = {
    "": lambda m, gap, beta: -F.logsigmoid(m),
    "no logarithm": lambda m, gap, beta: -torch.sigmoid(m),
    "1 - sigmoid": lambda m, gap, beta: 1 - torch.sigmoid(m),
    "sign": lambda m, gap, beta: F.logsigmoid(m),
    "no sigmoid": lambda m, gap, beta: -m,
    "hinge loss": lambda m, gap, beta: torch.relu(1 - m),
    "IPO's loss": lambda m, gap, beta: (gap - 1 / (2 * beta)) ** 2,
    "beta times the loss": lambda m, gap, beta: -beta * F.logsigmoid(m),
    "loss over beta": lambda m, gap, beta: -F.logsigmoid(m) / beta,
    "base 2": lambda m, gap, beta: -F.logsigmoid(m) / torch.log(torch.tensor(2.0)),
    "squared error": lambda m, gap, beta: (1 - torch.sigmoid(m)) ** 2,
}
SENTENCES = {
    "reference ignored": "the reference's log-probabilities do not enter",
    "reference added": "the reference's two log-probabilities are added where they are "
    "to be subtracted, or they are exchanged",
    "exchanged": "chosen and rejected are exchanged, or policy and reference",
    "exchanged, reference ignored": "chosen and rejected are exchanged, and the "
    "reference's log-probabilities do not enter",
    "rejected ignored": "only the chosen response's log-ratio enters",
    "chosen ignored": "only the rejected response's log-ratio enters",
    "sides added": "the log-ratios are added; the margin is their difference",
    "ratio of log-probabilities": "log-probabilities are divided; a log-ratio is their "
    "difference",
    "absolute gap": "the sign of the gap is lost, so a wrong order costs nothing",
    "beta ignored": "beta does not enter",
    "divided by beta": "the gap is divided by beta; it is to be multiplied",
    "beta twice": "the gap is multiplied by beta twice",
    "beta halved": "the gap is multiplied by half of beta",
    "beta is 0": "the gap is multiplied by 0",
    "no logarithm": "this is -sigmoid(margin); the loss is -log sigmoid(margin)",
    "1 - sigmoid": "this is 1 - sigmoid(margin); the loss is -log sigmoid(margin)",
    "sign": "this is log sigmoid(margin), the loss without its minus",
    "no sigmoid": "this is -margin, without the sigmoid and the logarithm",
    "hinge loss": "this is max(0, 1 - margin), another loss",
    "IPO's loss": "this is (gap - 1/(2 beta))^2, another loss",
    "beta times the loss": "the loss itself is multiplied by beta",
    "loss over beta": "the loss itself is divided by beta",
    "base 2": "the logarithm is to base 2; the loss is in nats",
    "squared error": "this is (1 - sigmoid(margin))^2",
}


def names(four, betas, found) -> list[str]:
    """The mistakes whose numbers these are, with the fewest parts.

    four: (B,) each. found: for each beta the trainer's losses, (B,).
    """

    def matches(loss) -> bool:
        each = zip(betas, found, strict=True)
        return all(alike(row, loss(beta)) for beta, row in each)

    return fewest_parts(wrong_losses(four), matches)


def alike(found, loss) -> bool:
    """All pairs agree to ``CLOSE``."""
    found = found.detach().double().cpu()
    return bool(((found - loss).abs() <= CLOSE * (1 + loss.abs())).all())


def wrong_losses(four) -> Iterator[tuple[list[str], Callable]]:
    """Every combination of right and wrong steps, as a function of beta."""
    for gap_name, gap_of in GAPS.items():
        gap = gap_of(*four)
        for beta_name, strength in BETAS.items():
            for link_name, link in LINKS.items():
                parts = [part for part in (gap_name, beta_name, link_name) if part]

                def loss(beta, gap=gap, strength=strength, link=link):
                    return link(strength(beta) * gap, gap, strength(beta) or 1.0)

                yield parts, loss
