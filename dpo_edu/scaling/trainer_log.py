"""A trainer's log, column by column, from log-probabilities and logits.

    logps/*    log pi(y|x), a sum over the response's tokens
    rewards/*  beta * (log pi(y|x) - log pi_ref(y|x))
    logits/*   the network's raw outputs, averaged: no probability, no preference

The names and conventions are those of TRL's DPOTrainer 1.16. Three families with
similar names: only the rewards contain beta and the reference, and with them the loss.
Accuracies need the reference, but no beta: they only ask which reward is larger. This
module does not know how the model was trained.
"""

from ..dpo_loss import dpo_loss
from ..sequence_logprob import sequence_logprob
from ..validation.tensors import as_mask, as_tensor


def log_columns(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The columns that four log-probabilities per pair determine, averaged over pairs.

    Four tensors (pairs,), in nats; returns {name: mean}. ``rewards/accuracies`` counts
    a tie as wrong, so that it is 0 in the first row, where all pairs are ties.
    """
    nll = dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    logp_chosen, logp_rejected = as_tensor(logp_chosen), as_tensor(logp_rejected)
    chosen = beta * (logp_chosen - as_tensor(ref_logp_chosen))
    rejected = beta * (logp_rejected - as_tensor(ref_logp_rejected))
    columns = {
        "loss": nll,
        "logps/chosen": logp_chosen,
        "logps/rejected": logp_rejected,
        "rewards/chosen": chosen,
        "rewards/rejected": rejected,
        "rewards/margins": chosen - rejected,
        "rewards/accuracies": (chosen > rejected).double(),
    }
    return {name: value.mean().item() for name, value in columns.items()}


def token_columns(logits, tokens, response_mask) -> dict[str, float]:
    """The columns that need logits, averaged over all response tokens of the rows.

    logits: (B, T, V). tokens, response_mask: (B, T). A response's token at t is
    predicted by the logits at t - 1, and those are averaged.
    """
    sequence_logprob(logits, tokens, response_mask)  # raises what does not fit
    scored = as_mask(response_mask=response_mask)[:, 1:]
    predicting = logits[:, :-1][scored]  # (tokens, V)
    said = tokens[:, 1:][scored]  # (tokens,)
    logp = predicting.log_softmax(-1)
    columns = {
        "logits": predicting.mean(-1),
        "entropy": -(logp.exp() * logp).sum(-1),
        "mean_token_accuracy": (predicting.argmax(-1) == said).double(),
    }
    return {name: value.mean().item() for name, value in columns.items()}
