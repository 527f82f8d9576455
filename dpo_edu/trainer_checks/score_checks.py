"""Is log pi(y|x) right? All 255 responses of the language, in three layouts.

Each check returns None, or what is wrong in words. This module does not know losses.
"""

import torch

from .adapter import MEAN, Trainer
from .language import Batch, all_rows
from .naming import named, nats
from .truth import all_logp, tree_logp
from .words import EOS, PAD, PROMPTS, text
from .wrong_scores import SENTENCES, alike, names


def probabilities_sum_to_1(trainer: Trainer) -> str | None:
    """Sum over y of pi(y|x) = 1, which sees shift, mask, padding, <eos> and mean."""
    return _examined(trainer, all_rows())


def padding_with_eos(trainer: Trainer) -> str | None:
    """Padded with <eos>, a response's own <eos> counts and the others do not."""
    return _examined(trainer, all_rows(pad=EOS))


def padding_on_the_left(trainer: Trainer) -> str | None:
    """Padding on the left changes no score."""
    return _examined(trainer, all_rows(pad=PAD, side="left"))


def rows_alone(trainer: Trainer) -> str | None:
    """A row alone, without padding, has the score that it has in a batch."""
    model, batch = trainer.model(), all_rows()
    right = all_logp(model, trainer.conventions)
    for row in range(0, len(right), 17):
        width = int(batch.real[row].sum())
        alone = type(batch.rows)(*(each[row : row + 1, :width] for each in batch.rows))
        with torch.no_grad():
            found = trainer.logprob(model, alone)
        if not alike(found, right[row : row + 1]):
            return f"In a batch of one, {_row(batch, row, found[0], right[row])}"
    return None


def _examined(trainer: Trainer, batch: Batch) -> str | None:
    """What is wrong with the scores of this batch."""
    model = trainer.model()
    right = all_logp(model, trainer.conventions)
    with torch.no_grad():
        found = trainer.logprob(model, batch.rows).detach().double().cpu()
    if alike(found, right):
        return None
    cause = names(batch, model, found, trainer.conventions)
    worst = int((found - right).abs().nan_to_num(torch.inf, torch.inf).argmax())
    said = [named(cause, SENTENCES), _sum(trainer, model, found)]
    said.append(
        f"The largest difference: {_row(batch, worst, found[worst], right[worst])}"
    )
    if cause == [MEAN]:
        said.append(f"If that is meant, declare CONVENTIONS = [{MEAN!r}].")
    return " ".join(sentence for sentence in said if sentence)


def _sum(trainer: Trainer, model, found) -> str:
    """The sum over the responses to each prompt, where it is not what it must be."""
    if trainer.conventions:
        return ""  # of means, no sum is known
    right = tree_logp(model).exp().sum(-1)  # 1, less what padding is worth
    sums = found.view(len(PROMPTS), -1).exp().sum(-1)
    worst = int((sums - right).abs().nan_to_num(torch.inf, torch.inf).argmax())
    prompt = text(PROMPTS[worst])
    return (
        f'Sum of pi(y | "{prompt}") over all responses: {nats(sums[worst].item())}, '
        f"where {nats(right[worst].item())} is right."
    )


def _row(batch: Batch, row: int, found, right) -> str:
    prompt, response = text(batch.prompts[row]), text(batch.responses[row])
    return (
        f'log pi("{response}" | "{prompt}") = {nats(float(found))}, where '
        f"{nats(float(right))} is right."
    )
