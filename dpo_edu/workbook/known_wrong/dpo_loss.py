"""Known wrong answers of chapter 06: name = id, docstring = what the learner reads."""

import math

import torch
import torch.nn.functional as F

from . import same_as, wrong

LOSS = "dpo_loss"
ACCURACY = "find_the_bug_accuracy"
FIRST = "predict_the_first_loss"
RISE = "predict_when_both_rise"


def gap(chosen, rejected, ref_chosen, ref_rejected):
    return (chosen - ref_chosen.detach()) - (rejected - ref_rejected.detach())


@wrong(LOSS, "chosen and rejected exchanged")
def chosen_and_rejected_exchanged(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """Chosen and rejected are exchanged: this loss falls when the rejected response
    wins."""
    margin = -beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin).mean()


@wrong(LOSS, "reference added")
def reference_added(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The reference's log-ratio is added instead of subtracted, or the two
    references are exchanged, which is the same. Each reward is beta * (log pi - log
    ref)."""
    ref = ref_logp_chosen.detach() - ref_logp_rejected.detach()
    return -F.logsigmoid(beta * (logp_chosen - logp_rejected + ref)).mean()


@wrong(LOSS, "reference left out")
def no_reference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The reference never enters: you compare the policy's own log-probabilities.
    DPO compares how far each moved from the reference."""
    return -F.logsigmoid(beta * (logp_chosen - logp_rejected)).mean()


@wrong(LOSS, "policy left out")
def policy_left_out(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """Only the reference enters, so there is nothing to train: the reward is beta *
    (log pi - log ref)."""
    margin = beta * (ref_logp_chosen.detach() - ref_logp_rejected.detach())
    return -F.logsigmoid(margin + 0 * (logp_chosen + logp_rejected)).mean()


@wrong(LOSS, "beta forgotten")
def beta_forgotten(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """beta never enters. The margin is beta * gap."""
    return -F.logsigmoid(
        gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "beta hard-coded at 0.1")
def beta_hard_coded(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You use 0.1 whatever beta is. Take it from the argument."""
    return -F.logsigmoid(
        0.1 * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "divides by beta")
def beta_divides(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You divided by beta. The reward is beta * (log pi - log ref); dividing by
    beta belongs to the optimal policy, e^(r / beta)."""
    return -F.logsigmoid(
        gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected) / beta
    ).mean()


@wrong(LOSS, "beta applied twice")
def beta_applied_twice(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """beta is applied twice: once in the rewards and once more in the margin."""
    return -F.logsigmoid(
        beta
        * beta
        * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "beta outside the log-sigmoid")
def beta_outside(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """beta multiplies the loss instead of the gap. It belongs inside the
    sigmoid."""
    return (
        -beta
        * F.logsigmoid(
            gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        ).mean()
    )


@wrong(LOSS, "beta on one side only")
def beta_on_the_chosen_side_only(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """beta multiplies only the chosen log-ratio: a pair of brackets is missing."""
    g = beta * (logp_chosen - ref_logp_chosen.detach())
    return -F.logsigmoid(g - (logp_rejected - ref_logp_rejected.detach())).mean()


@wrong(LOSS, "beta on the policy only")
def beta_on_the_policy_only(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """beta multiplies only the policy's log-probabilities: a pair of brackets is
    missing."""
    ref = ref_logp_chosen.detach() - ref_logp_rejected.detach()
    return -F.logsigmoid(beta * (logp_chosen - logp_rejected) - ref).mean()


@wrong(LOSS, "loss divided by beta")
def loss_divided_by_beta(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You divide the loss by beta at the end. beta stays inside the sigmoid
    only."""
    return (
        -F.logsigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        ).mean()
        / beta
    )


@wrong(LOSS, "no log")
def log_forgotten(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """This is 1 - sigmoid(margin), the probability of being wrong. The loss is -log
    sigmoid(margin)."""
    return (
        1
        - torch.sigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
    ).mean()


@wrong(LOSS, "a probability, not a loss")
def probability_itself(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """This is sigmoid(margin), a probability that training should raise. The loss
    is minus its logarithm."""
    return torch.sigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "mean inside")
def mean_before_the_log_sigmoid(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You averaged the margins before the log-sigmoid. The loss is the mean of the
    pairs' losses; average last."""
    return -F.logsigmoid(
        (
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        ).mean()
    )


@wrong(LOSS, "log of the mean")
def log_of_mean_probability(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You averaged the probabilities and took the log at the end. Take the log of
    each pair first, then the mean."""
    return -torch.log(
        torch.sigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        ).mean()
    )


@wrong(LOSS, "ratios without logs")
def probability_ratios(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You subtracted probability ratios, e^(log pi - log ref). The reward is beta
    times the *logarithm* of the ratio."""
    a = torch.exp(logp_chosen - ref_logp_chosen.detach())
    b = torch.exp(logp_rejected - ref_logp_rejected.detach())
    return -F.logsigmoid(beta * (a - b)).mean()


@wrong(LOSS, "exponentials where logs came in")
def logs_of_logs(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You turned log-probabilities into probabilities and subtracted those. The
    arguments are logarithms already; subtract them."""
    p = [x.exp() for x in (logp_chosen, ref_logp_chosen.detach(), logp_rejected)]
    margin = beta * (p[0] - p[1] - p[2] + ref_logp_rejected.detach().exp())
    return -F.logsigmoid(margin).mean()


@same_as(reference_added)
def references_crossed(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    g = (logp_chosen - ref_logp_rejected.detach()) - (
        logp_rejected - ref_logp_chosen.detach()
    )
    return -F.logsigmoid(beta * g).mean()


@same_as(no_reference)
def one_reference_for_both(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    ref = ref_logp_chosen.detach()
    return -F.logsigmoid(
        beta * ((logp_chosen - ref) - (logp_rejected - ref) + 0)
    ).mean()


@wrong(LOSS, "margin clamped at 0")
def margin_clamped(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You cut negative margins off at 0. Just the pairs that are ordered wrong
    would then teach nothing."""
    return -F.logsigmoid(
        torch.relu(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
    ).mean()


@wrong(LOSS, "absolute margin")
def margin_absolute(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You took the absolute value of the margin: a pair ordered wrong must cost
    more than one ordered right."""
    return -F.logsigmoid(
        (
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        ).abs()
    ).mean()


@wrong(LOSS, "hinge loss")
def hinge(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """This is the hinge loss max(0, 1 - margin) of another method. DPO is logistic:
    -log sigmoid(margin)."""
    return torch.relu(
        1 - beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "IPO's squared loss")
def squared_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """This is the squared loss (gap - 1 / (2 beta))^2 of IPO. DPO is logistic: -log
    sigmoid(beta * gap)."""
    return (
        (
            gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
            - 1 / (2 * beta)
        )
        ** 2
    ).mean()


@wrong(LOSS, "exponential loss")
def exponential_loss(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You used e^-margin. DPO is logistic: log(1 + e^-margin)."""
    return torch.exp(
        -beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "minus forgotten")
def minus_forgotten(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """This is the log-likelihood, which training should raise. The loss is its
    negative."""
    return F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@same_as(chosen_and_rejected_exchanged)
def minus_twice(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    return F.softplus(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "rejected response left out")
def chosen_only(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Only the chosen response enters. The loss compares two log-ratios."""
    return -F.logsigmoid(beta * (logp_chosen - ref_logp_chosen.detach())).mean()


@wrong(LOSS, "chosen response left out")
def rejected_only(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Only the rejected response enters. The loss compares two log-ratios."""
    return -F.logsigmoid(-beta * (logp_rejected - ref_logp_rejected.detach())).mean()


@wrong(LOSS, "a sigmoid for each response")
def each_side_separately(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You took a log-sigmoid of each log-ratio and added them. There is one
    comparison per pair: subtract first, then one log-sigmoid."""
    a = F.logsigmoid(beta * (logp_chosen - ref_logp_chosen.detach()))
    b = F.logsigmoid(-beta * (logp_rejected - ref_logp_rejected.detach()))
    return -(a + b).mean()


@wrong(LOSS, "log-ratios added")
def ratios_added(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You added the two log-ratios. The chosen one counts for, the rejected one
    against: subtract."""
    a = logp_chosen - ref_logp_chosen.detach()
    b = logp_rejected - ref_logp_rejected.detach()
    return -F.logsigmoid(beta * (a + b)).mean()


@wrong(LOSS, "sum over pairs")
def summed(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You added the losses up. The task asks for their mean, so that the size of
    the batch does not set the step."""
    return -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).sum()


@wrong(LOSS, "one loss per pair")
def not_reduced(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You return one loss per pair. The task asks for their mean, one number."""
    return -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    )


@wrong(LOSS, "averaged over responses")
def halved(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You divided by the number of responses, twice the number of pairs. The mean
    is over pairs."""
    return -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).sum() / (2 * len(logp_chosen))


@wrong(LOSS, "bits")
def in_bits(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You used log2; the task asks for nats, the natural logarithm."""
    return -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean() / math.log(2)


@wrong(LOSS, "log-probabilities averaged")
def length_normalized(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You divided the gap by 2, as if averaging the two responses. It is their
    difference, undivided."""
    return -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected) / 2
    ).mean()


@wrong(LOSS, "label smoothing")
def labels_smoothed(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You smooth the labels (0.9 and 0.1). This exercise takes every label as
    certain."""
    m = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return (-0.9 * F.logsigmoid(m) - 0.1 * F.logsigmoid(-m)).mean()


@wrong(LOSS, "both labels counted")
def both_labels(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You counted each pair twice, once for each label. Only the label that was
    observed enters."""
    m = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -(F.logsigmoid(m) + F.logsigmoid(-m)).mean()


@wrong(LOSS, "tanh for the sigmoid")
def tanh_for_sigmoid(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You used tanh, which runs from -1 to 1. The sigmoid runs from 0 to 1."""
    return (
        1
        - torch.tanh(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
    ).mean()


@wrong(LOSS, "batch cut short")
def last_pair_forgotten(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """One pair of the batch is missing from your mean: the last one."""
    losses = -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    )
    return losses[: max(1, len(losses) - 1)].mean()


@wrong(LOSS, "first pair only")
def first_pair_only(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You return the loss of one pair; the task asks for the mean over all pairs."""
    return -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    )[0]


@same_as(first_pair_only)
def last_pair_only(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin)[-1]


@wrong(LOSS, "one pair stands for all")
def worst_pair_only(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You return the largest loss of the batch; the task asks for the mean over all
    pairs."""
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin).max()


@wrong(LOSS, "median for mean")
def median_of_the_losses(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You take the median of the pairs' losses. The task asks for their mean, in which
    every pair counts."""
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin).median()


@wrong(LOSS, "each chosen with each rejected")
def each_with_each(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You compare every chosen response with every rejected one: one of the two has a
    second axis. A pair's chosen response meets its own rejected one only."""
    chosen = logp_chosen - ref_logp_chosen.detach()
    rejected = logp_rejected - ref_logp_rejected.detach()
    return -F.logsigmoid(beta * (chosen[:, None] - rejected)).mean()


@wrong(LOSS, "log(sigmoid) underflows")
def log_of_sigmoid(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The formula is right, but in floating point sigmoid(-800) is 0 and e^800 is
    infinite, and so is the loss then. F.logsigmoid computes log and sigmoid at
    once."""
    return -torch.log(
        torch.sigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
    ).mean()


@wrong(LOSS, "probabilities underflow")
def probabilities_divided(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """Right at ordinary inputs, but e^-800 is 0 in floating point, so ratios of
    probabilities are 0 / 0. Subtract log-probabilities instead."""
    a = logp_chosen.exp() / ref_logp_chosen.detach().exp()
    b = logp_rejected.exp() / ref_logp_rejected.detach().exp()
    return -F.logsigmoid(beta * torch.log(a / b)).mean()


@wrong(LOSS, "epsilon in the log")
def epsilon_inside_the_log(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The small number inside your log hides the underflow: it puts a ceiling on
    the loss. F.logsigmoid needs none."""
    return -torch.log(
        torch.sigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
        + 1e-8
    ).mean()


@same_as(epsilon_inside_the_log)
def tiny_number_inside_the_log(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -torch.log(torch.sigmoid(margin) + 1e-12).mean()


@same_as(epsilon_inside_the_log)
def small_number_inside_the_log(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -torch.log(torch.sigmoid(margin) + 1e-10).mean()


@same_as(epsilon_inside_the_log)
def sigmoid_kept_from_zero(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -torch.log(torch.sigmoid(margin).clamp(min=1e-12)).mean()


@wrong(LOSS, "cross-entropy of a sigmoid")
def cross_entropy_of_the_sigmoid(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """Your loss never exceeds 100. binary_cross_entropy of a sigmoid has that ceiling,
    and so has a margin that is cut off. F.logsigmoid has none."""
    probability = torch.sigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    )
    return F.binary_cross_entropy(probability, torch.ones_like(probability))


@same_as(log_of_sigmoid)
def exponential_overflows(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    return torch.log(
        1
        + torch.exp(
            -beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
    ).mean()


@wrong(LOSS, "margin cut off")
def margin_cut_off(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You cut large margins off. That changes the loss of badly ordered pairs and
    stops their gradient."""
    return -F.logsigmoid(
        (
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        ).clamp(-30, 30)
    ).mean()


@same_as(margin_cut_off)
def margin_cut_off_at_20(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin.clamp(-20, 20)).mean()


@same_as(margin_cut_off)
def margin_cut_off_at_50(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin.clamp(-50, 50)).mean()


@same_as(cross_entropy_of_the_sigmoid)
def margin_cut_off_at_100(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin.clamp(-100, 100)).mean()


@same_as(margin_cut_off)
def margin_cut_off_at_500(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin.clamp(-500, 500)).mean()


@same_as(margin_cut_off)
def margin_cut_off_at_700(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(margin.clamp(-700, 700)).mean()


@wrong(LOSS, "policy detached")
def policy_detached(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The value is right, but no gradient reaches the policy: something detached it
    (.detach(), .item(), .data, numpy or no_grad). Detach the reference only."""
    g = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    return -F.logsigmoid(beta * g.detach()).mean()


@same_as(policy_detached)
def under_no_grad(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    with torch.no_grad():
        return -F.logsigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        ).mean()


@same_as(policy_detached)
def rebuilt_with_torch_tensor(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    return torch.tensor(
        -F.logsigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
        .mean()
        .item(),
        dtype=torch.float64,
    )


@same_as(policy_detached)
def returns_item(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    return (
        -F.logsigmoid(
            beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
        )
        .mean()
        .item()
    )


@wrong(LOSS, "rejected branch under no_grad")
def rejected_detached(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The value is right, but the rejected response gets no gradient: only the
    chosen one would be trained. Both log-probabilities of the policy need one."""
    return -F.logsigmoid(
        beta
        * gap(logp_chosen, logp_rejected.detach(), ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "chosen branch under no_grad")
def chosen_detached(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The value is right, but the chosen response gets no gradient: only the
    rejected one would be trained. Both log-probabilities of the policy need one."""
    return -F.logsigmoid(
        beta
        * gap(logp_chosen.detach(), logp_rejected, ref_logp_chosen, ref_logp_rejected)
    ).mean()


@wrong(LOSS, "reference not detached")
def reference_trained(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The value and the policy's gradient are right, but gradient flows into the
    reference too: it would be trained along and stop being a reference. Detach
    it."""
    g = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    return -F.logsigmoid(beta * g).mean()


@wrong(LOSS, "one reference not detached")
def chosen_reference_trained(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You detached ref_logp_rejected but not ref_logp_chosen: gradient still flows
    into the reference."""
    g = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected.detach())
    return -F.logsigmoid(beta * g).mean()


@wrong(LOSS, "one reference not detached")
def rejected_reference_trained(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You detached ref_logp_chosen but not ref_logp_rejected: gradient still flows
    into the reference."""
    g = (logp_chosen - ref_logp_chosen.detach()) - (logp_rejected - ref_logp_rejected)
    return -F.logsigmoid(beta * g).mean()


@wrong(LOSS, "the wrong side detached")
def policy_detached_reference_trained(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The value is right, but you detached the policy instead of the reference:
    training would move the reference and leave the policy alone."""
    g = (logp_chosen.detach() - ref_logp_chosen) - (
        logp_rejected.detach() - ref_logp_rejected
    )
    return -F.logsigmoid(beta * g).mean()


@wrong(LOSS, "loss reweighted in the gradient")
def weight_in_the_gradient(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The value is right, but the gradient is not the loss's own: a detached factor
    changes it."""
    losses = -F.logsigmoid(
        beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    )
    return (
        losses * (losses / losses.detach()).detach() + losses - losses.detach()
    ).mean()


@wrong(LOSS, "gradient without beta")
def beta_missing_in_the_gradient(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The value is right, but the gradient lacks the factor beta: a detached part
    of the margin carries it."""
    g = gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    margin = g + (beta * g - g).detach()
    return -F.logsigmoid(margin).mean()


@wrong(LOSS, "softplus straight too early")
def softplus_straight_too_early(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """For pairs that are wrong by a few nats you return -margin. The loss is a little
    more, by e^margin: only far out does that vanish."""
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return F.softplus(-margin, threshold=5).mean()


@wrong(ACCURACY, "as given")
def as_given(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """As in the code as given, one and the same reference is subtracted on both sides,
    so it cancels. Each response has its own."""
    return (logp_chosen > logp_rejected).double().mean()


@same_as(as_given)
def the_other_reference_twice(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    chosen, rejected = (
        logp_chosen - ref_logp_rejected,
        logp_rejected - ref_logp_rejected,
    )
    return (chosen > rejected).double().mean()


@wrong(ACCURACY, "as given, comparison turned round")
def comparison_turned_round_only(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """You turned the comparison round, which was right. The bug is in the rewards: one
    and the same reference is subtracted on both sides, so it cancels."""
    return (logp_chosen < logp_rejected).double().mean()


@wrong(ACCURACY, "references crossed")
def accuracy_with_references_crossed(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """The references are exchanged or added, which is the same: the reward is log pi
    minus log ref of one response."""
    chosen, rejected = logp_chosen - ref_logp_rejected, logp_rejected - ref_logp_chosen
    return (chosen > rejected).double().mean()


@wrong(ACCURACY, "comparison turned round")
def comparison_turned_round(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """The rewards are right now, but the comparison is turned round: this counts the
    pairs that are wrong."""
    chosen, rejected = logp_chosen - ref_logp_chosen, logp_rejected - ref_logp_rejected
    return (chosen < rejected).double().mean()


@same_as(accuracy_with_references_crossed)
def reference_added_on_both_sides(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    chosen, rejected = logp_chosen + ref_logp_chosen, logp_rejected + ref_logp_rejected
    return (chosen > rejected).double().mean()


@wrong(ACCURACY, "chosen reward positive")
def chosen_reward_positive(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """You ask whether the chosen reward is positive. The question is whether it is
    larger than the rejected one."""
    return (logp_chosen > ref_logp_chosen).double().mean()


@wrong(ACCURACY, "count instead of share")
def number_of_right_pairs(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """You return how many pairs are right; the task asks for their share."""
    chosen, rejected = logp_chosen - ref_logp_chosen, logp_rejected - ref_logp_rejected
    return (chosen > rejected).double().sum()


@wrong(ACCURACY, "mean first")
def compares_means(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """You compare the mean rewards. Compare pair by pair, then take the share."""
    chosen, rejected = logp_chosen - ref_logp_chosen, logp_rejected - ref_logp_rejected
    return (chosen.mean() > rejected.mean()).double()


@wrong(ACCURACY, "probability instead of a comparison")
def mean_probability(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """You average sigmoid(gap), the modelled probability. The task asks in how many
    pairs the chosen reward is larger."""
    chosen, rejected = logp_chosen - ref_logp_chosen, logp_rejected - ref_logp_rejected
    return torch.sigmoid(chosen - rejected).mean()


@wrong(ACCURACY, "ratios of probabilities")
def ratios_of_probabilities(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """e^-900 is 0 for a computer, and 0 / 0 is nothing at all. Stay in logarithms:
    their difference is the log of the ratio."""
    ratio_chosen = logp_chosen.exp() / ref_logp_chosen.exp()
    ratio_rejected = logp_rejected.exp() / ref_logp_rejected.exp()
    return (ratio_chosen > ratio_rejected).double().mean()


@wrong(ACCURACY, "compared with a tolerance")
def right_by_a_thousandth(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """You ask for a lead of a certain size. A pair is right as soon as the chosen
    reward is larger, by however little."""
    gaps = gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return (gaps > 1e-3).double().mean()


@wrong(ACCURACY, "logs divided")
def logs_divided(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """You divide log-probabilities. The log of a ratio is a difference: log pi minus
    log ref."""
    relative_chosen = logp_chosen / ref_logp_chosen
    return (relative_chosen < logp_rejected / ref_logp_rejected).double().mean()


@wrong(FIRST, "zero at the start")
def zero_because_nothing_differs():
    """Nothing differs yet, so the margin is 0; but sigmoid(0) is one half, and -log
    of that is not 0."""
    return 0.0


@wrong(FIRST, "probability instead of loss")
def one_half():
    """This is sigmoid(0), the probability. The loss is minus its logarithm."""
    return 0.5


@wrong(FIRST, "beta outside")
def times_beta():
    """You multiplied by beta. It multiplies the gap, which is 0."""
    return 0.3 * math.log(2)


@wrong(FIRST, "beta as the margin")
def beta_as_margin():
    """This is -log sigmoid(beta). The margin is beta times a gap, and the gap is
    0."""
    return -math.log(1 / (1 + math.exp(-0.3)))


@wrong(FIRST, "sum over the batch")
def summed_over_the_batch():
    """This is the sum over 64 pairs; the loss is their mean."""
    return 64 * math.log(2)


@wrong(FIRST, "base 10")
def bits_or_base_ten():
    """This is the base-10 logarithm; nats need the natural one."""
    return math.log10(2)


@wrong(FIRST, "bits")
def one_bit():
    """This is one bit. In nats, -log(1/2) is another number."""
    return 1.0


@wrong(FIRST, "sign")
def sign_lost():
    """A loss is not negative: -log(1/2) = +log 2."""
    return -math.log(2)


@wrong(FIRST, "worked example remembered")
def smoothed_start():
    """0.6444 is the worked example, whose gap is 1. At the start the gap is 0."""
    return 0.6444


@wrong(RISE, "rejected response forgotten")
def only_the_chosen_counts():
    """This counts the chosen response only. The rejected one rose as well, and it
    counts against."""
    return math.log1p(math.exp(-0.2))


@wrong(RISE, "changes added")
def both_counted_in_favor():
    """This adds the two changes. The rejected one counts against: subtract."""
    return math.log1p(math.exp(-0.4))


@wrong(RISE, "chosen response forgotten")
def only_the_rejected_counts():
    """This counts the rejected response only. The chosen one rose as well."""
    return math.log1p(math.exp(0.2))


@wrong(RISE, "cancels to zero")
def zero_because_it_cancels():
    """The gap cancels to 0, but -log sigmoid(0) is not 0."""
    return 0.0


@wrong(RISE, "probability instead of loss")
def rise_one_half():
    """This is sigmoid(0), the probability. The loss is minus its logarithm."""
    return 0.5


@wrong(RISE, "beta forgotten")
def rise_without_beta():
    """This is -log sigmoid(2): the chosen response only, and without beta."""
    return math.log1p(math.exp(-2))


@wrong(RISE, "beta outside")
def rise_times_beta():
    """You multiplied by beta. It multiplies the gap, which is 0."""
    return 0.1 * math.log(2)


@wrong(RISE, "base 10")
def rise_in_base_ten():
    """This is the base-10 logarithm; nats need the natural one."""
    return math.log10(2)


@wrong(RISE, "the gain subtracted from the loss")
def rise_subtracted_from_the_loss():
    """You subtract beta * 2 from the first loss. What counts is the gap, and both
    responses rose alike: it is still 0."""
    return math.log(2) - 0.1 * 2


@wrong(RISE, "sign")
def rise_minus():
    """A loss is not negative: -log(1/2) = +log 2."""
    return -math.log(2)


@wrong(RISE, "margin instead of loss")
def rise_margin():
    """This is beta times 2, a reward. The loss is -log sigmoid of the difference of
    rewards."""
    return 0.2
