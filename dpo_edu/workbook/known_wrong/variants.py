"""Known wrong answers of chapter 14: name = id, docstring = what the learner reads."""

import math

import torch
import torch.nn.functional as F

from . import same_as, wrong

IPO = "ipo_loss"
CDPO = "cdpo_loss"
SIMPO = "simpo_loss"
NORMALIZED = "length_normalized_loss"
RPO = "rpo_loss"
KTO = "kto_loss"
ROBUST = "find_the_bug_robust_loss"
POSITIVE = "find_the_bug_positive_loss"
IPO_GAP = "predict_the_ipo_gap"
CDPO_GAP = "predict_the_cdpo_gap"
KTO_PULL = "predict_the_kto_pull"


def cost(margin):
    return -F.logsigmoid(margin)


# IPO


@wrong(IPO, "target 1 / beta")
def target_one_over_beta(log_ratio_gap, beta):
    """Your target is 1 / beta, twice too far: it is 1 / (2 beta)."""
    return ((log_ratio_gap - 1 / beta) ** 2).mean()


@wrong(IPO, "target beta / 2")
def target_half_beta(log_ratio_gap, beta):
    """Your target is beta / 2: brackets are missing. A larger beta keeps the policy
    closer, so it has to make the target 1 / (2 beta) smaller."""
    return ((log_ratio_gap - 1 / 2 * beta) ** 2).mean()


@wrong(IPO, "target 2 / beta")
def target_two_over_beta(log_ratio_gap, beta):
    """Your target is 2 / beta. It is one half of 1 / beta."""
    return ((log_ratio_gap - 2 / beta) ** 2).mean()


@wrong(IPO, "target 1 / 2")
def target_without_beta(log_ratio_gap, beta):
    """Your target is 1/2 whatever beta is. It is 1 / (2 beta)."""
    return ((log_ratio_gap - 0.5) ** 2).mean()


@wrong(IPO, "no target")
def no_target(log_ratio_gap, beta):
    """You pull every gap to 0: the policy would stay at the reference. The target is
    1 / (2 beta)."""
    return (log_ratio_gap**2).mean()


@wrong(IPO, "margin against one half")
def margin_against_one_half(log_ratio_gap, beta):
    """This is (beta * gap - 1/2)^2: the same bottom, but beta^2 times the loss. The
    square is taken of the gap's distance, in nats."""
    return ((beta * log_ratio_gap - 0.5) ** 2).mean()


@wrong(IPO, "margin against 1")
def margin_against_one(log_ratio_gap, beta):
    """This is (beta * gap - 1)^2. The gap itself is compared, and with 1 / (2 beta)."""
    return ((beta * log_ratio_gap - 1) ** 2).mean()


@wrong(IPO, "beta on the gap as well")
def margin_against_the_target(log_ratio_gap, beta):
    """You compare beta * gap with the target. beta is in the target already: the gap
    itself is compared."""
    return ((beta * log_ratio_gap - 1 / (2 * beta)) ** 2).mean()


@wrong(IPO, "target added")
def target_added(log_ratio_gap, beta):
    """You added the target. The distance is gap minus target; this loss pulls the
    rejected response up."""
    return ((log_ratio_gap + 1 / (2 * beta)) ** 2).mean()


@wrong(IPO, "absolute distance")
def absolute_distance(log_ratio_gap, beta):
    """This is the distance; the loss is its square."""
    return (log_ratio_gap - 1 / (2 * beta)).abs().mean()


@wrong(IPO, "difference of squares")
def difference_of_squares(log_ratio_gap, beta):
    """You squared gap and target apart and subtracted. Subtract first, then square."""
    return (log_ratio_gap**2 - (1 / (2 * beta)) ** 2).mean()


@wrong(IPO, "half the square")
def half_the_square(log_ratio_gap, beta):
    """You halved the square. There is no factor in front of it."""
    return ((log_ratio_gap - 1 / (2 * beta)) ** 2).mean() / 2


@wrong(IPO, "loss times beta")
def loss_times_beta(log_ratio_gap, beta):
    """You multiply the loss by beta. beta sets the target, nothing else."""
    return beta * ((log_ratio_gap - 1 / (2 * beta)) ** 2).mean()


@wrong(IPO, "square of the mean")
def square_of_the_mean(log_ratio_gap, beta):
    """You averaged the gaps first, so that pairs on both sides of the target make up
    for each other. Square each distance, then average."""
    return (log_ratio_gap.mean() - 1 / (2 * beta)) ** 2


@wrong(IPO, "sum instead of mean")
def sum_of_squares(log_ratio_gap, beta):
    """You return the sum over the batch; the task asks for the mean."""
    return ((log_ratio_gap - 1 / (2 * beta)) ** 2).sum()


@wrong(IPO, "root of the mean square")
def root_of_the_mean_square(log_ratio_gap, beta):
    """You took a square root at the end. The loss is the mean square itself."""
    return ((log_ratio_gap - 1 / (2 * beta)) ** 2).mean().sqrt()


@wrong(IPO, "hinge")
def nothing_beyond_the_target(log_ratio_gap, beta):
    """Beyond the target nothing costs anything here. IPO pulls back: too large a gap
    costs as much as one that is too small."""
    return (torch.relu(1 / (2 * beta) - log_ratio_gap) ** 2).mean()


@wrong(IPO, "the DPO loss")
def dpo_instead(log_ratio_gap, beta):
    """This is the DPO loss, which has no bottom where all labels agree. IPO is a
    squared distance from a target."""
    return cost(beta * log_ratio_gap).mean()


@wrong(IPO, "far gaps cut off")
def far_gaps_cut_off(log_ratio_gap, beta):
    """You cut large gaps off, so just the pairs farthest from the target stop
    learning."""
    return ((log_ratio_gap.clamp(-100, 100) - 1 / (2 * beta)) ** 2).mean()


@wrong(IPO, "gap detached")
def ipo_gap_detached(log_ratio_gap, beta):
    """The value is right, but no gradient reaches the gap: something detached it
    (.detach(), .item(), .data, numpy or no_grad)."""
    return ((log_ratio_gap.detach() - 1 / (2 * beta)) ** 2).mean()


@wrong(IPO, "one factor detached")
def half_of_the_gradient(log_ratio_gap, beta):
    """The value is right, but its gradient is half of what it must be: one factor of
    the square is detached."""
    distance = log_ratio_gap - 1 / (2 * beta)
    return (distance * distance.detach()).mean()


# cDPO


def smoothed(margin, epsilon):
    return (1 - epsilon) * cost(margin) + epsilon * cost(-margin)


@wrong(CDPO, "weights exchanged")
def weights_exchanged(log_ratio_gap, beta, epsilon):
    """The two weights are exchanged: the label as given is right with probability
    1 - epsilon."""
    return smoothed(-beta * log_ratio_gap, epsilon).mean()


@wrong(CDPO, "only scaled")
def only_scaled(log_ratio_gap, beta, epsilon):
    """This is 1 - epsilon times the DPO loss: the second cost, of the exchanged label,
    is missing. A factor alone moves no minimum."""
    return (1 - epsilon) * cost(beta * log_ratio_gap).mean()


@wrong(CDPO, "exchanged label alone")
def exchanged_label_alone(log_ratio_gap, beta, epsilon):
    """Only the second cost, of the exchanged label, is in your loss."""
    return epsilon * cost(-beta * log_ratio_gap).mean()


@wrong(CDPO, "epsilon ignored")
def epsilon_ignored(log_ratio_gap, beta, epsilon):
    """This is the DPO loss; epsilon never enters."""
    return cost(beta * log_ratio_gap).mean()


@wrong(CDPO, "robust DPO")
def robust_instead(log_ratio_gap, beta, epsilon):
    """This is robust DPO (rDPO), which takes the second cost off and divides by
    1 - 2 epsilon. cDPO is the plain expected cost."""
    margin = beta * log_ratio_gap
    robust = (1 - epsilon) * cost(margin) - epsilon * cost(-margin)
    return (robust / max(1 - 2 * epsilon, 1e-12)).mean()


@wrong(CDPO, "second cost subtracted")
def second_cost_subtracted(log_ratio_gap, beta, epsilon):
    """You subtract the second cost. An expected cost adds: both labels are possible."""
    margin = beta * log_ratio_gap
    return ((1 - epsilon) * cost(margin) - epsilon * cost(-margin)).mean()


@wrong(CDPO, "divided as in robust DPO")
def divided_as_in_robust(log_ratio_gap, beta, epsilon):
    """The two costs are right, but you divide by 1 - 2 epsilon, as robust DPO does.
    Here the weights sum to 1 already."""
    return smoothed(beta * log_ratio_gap, epsilon).mean() / max(1 - 2 * epsilon, 1e-12)


@wrong(CDPO, "label smoothing with epsilon / 2")
def smoothed_by_half(log_ratio_gap, beta, epsilon):
    """You smooth by epsilon / 2, as label smoothing over two classes does. Here epsilon
    is the probability of the exchanged label itself."""
    return smoothed(beta * log_ratio_gap, epsilon / 2).mean()


@wrong(CDPO, "full weight on the first cost")
def full_weight_on_the_first(log_ratio_gap, beta, epsilon):
    """The first cost has weight 1 in your loss. It is 1 - epsilon: the two weights are
    probabilities and sum to 1."""
    margin = beta * log_ratio_gap
    return (cost(margin) + epsilon * cost(-margin)).mean()


@wrong(CDPO, "mixture inside the log")
def mixture_inside_the_log(log_ratio_gap, beta, epsilon):
    """You mix the two probabilities and take the log at the end. cDPO mixes the two
    costs: log first, then the mean over the label."""
    p = torch.sigmoid(beta * log_ratio_gap)
    return -torch.log((1 - epsilon) * p + epsilon * (1 - p)).mean()


@wrong(CDPO, "smaller margin")
def smaller_margin(log_ratio_gap, beta, epsilon):
    """You shrink the margin and keep one cost. That moves no minimum to a finite gap:
    two costs, weighted, do."""
    return cost((1 - 2 * epsilon) * beta * log_ratio_gap).mean()


@wrong(CDPO, "mixed with log 2")
def mixed_with_log_two(log_ratio_gap, beta, epsilon):
    """Your second cost is log 2, that of a coin toss, whatever the margin. It is the
    cost of the exchanged label, -log sigmoid(-margin)."""
    return ((1 - epsilon) * cost(beta * log_ratio_gap) + epsilon * math.log(2)).mean()


@wrong(CDPO, "one minus the cost")
def one_minus_the_cost(log_ratio_gap, beta, epsilon):
    """Your second cost is 1 minus the first. A probability has a complement, a cost has
    none: change the sign of the margin."""
    first = cost(beta * log_ratio_gap)
    return ((1 - epsilon) * first + epsilon * (1 - first)).mean()


@wrong(CDPO, "one minus the margin")
def one_minus_the_margin(log_ratio_gap, beta, epsilon):
    """Your second cost is that of 1 - margin. Exchanging the label changes the sign of
    the margin: -margin."""
    margin = beta * log_ratio_gap
    return ((1 - epsilon) * cost(margin) + epsilon * cost(1 - margin)).mean()


@wrong(CDPO, "first cost negated")
def first_cost_negated(log_ratio_gap, beta, epsilon):
    """Your second cost is minus the first one. The sign changes inside: -log sigmoid of
    minus the margin."""
    return ((1 - 2 * epsilon) * cost(beta * log_ratio_gap)).mean()


@wrong(CDPO, "beta on one cost only")
def beta_on_one_cost(log_ratio_gap, beta, epsilon):
    """beta is missing in the second cost: both are costs of the margin beta * gap."""
    right_label = (1 - epsilon) * cost(beta * log_ratio_gap)
    return (right_label + epsilon * cost(-log_ratio_gap)).mean()


@wrong(CDPO, "beta forgotten")
def cdpo_without_beta(log_ratio_gap, beta, epsilon):
    """beta never enters. The margin is beta * gap."""
    return smoothed(log_ratio_gap, epsilon).mean()


@wrong(CDPO, "epsilon hard-coded at 0.1")
def epsilon_hard_coded(log_ratio_gap, beta, epsilon):
    """You use 0.1 whatever epsilon is. Take it from the argument."""
    return smoothed(beta * log_ratio_gap, 0.1).mean()


@wrong(CDPO, "sum instead of mean")
def cdpo_sum(log_ratio_gap, beta, epsilon):
    """You return the sum over the batch; the task asks for the mean."""
    return smoothed(beta * log_ratio_gap, epsilon).sum()


@wrong(CDPO, "mean inside")
def cdpo_of_the_mean_margin(log_ratio_gap, beta, epsilon):
    """You averaged the margins first. The loss is the mean of the pairs' losses;
    average last."""
    return smoothed((beta * log_ratio_gap).mean(), epsilon)


@wrong(CDPO, "entropy taken off")
def entropy_taken_off(log_ratio_gap, beta, epsilon):
    """You took the label's entropy off, which leaves the KL divergence: its bottom is 0
    and its gradient the same. The task asks for the cross-entropy."""
    terms = [p * math.log(p) for p in (epsilon, 1 - epsilon) if p > 0]
    return smoothed(beta * log_ratio_gap, epsilon).mean() + sum(terms)


@wrong(CDPO, "squared distance of probabilities")
def brier(log_ratio_gap, beta, epsilon):
    """You square the distance of probability and label. The cost is -log sigmoid, one
    for each label."""
    return ((torch.sigmoid(beta * log_ratio_gap) - (1 - epsilon)) ** 2).mean()


@wrong(CDPO, "log(sigmoid) underflows")
def cdpo_underflows(log_ratio_gap, beta, epsilon):
    """The formula is right, but sigmoid(-2000) is 0 in floating point, and its log is
    infinite. F.logsigmoid computes log and sigmoid at once."""
    p = torch.sigmoid(beta * log_ratio_gap)
    return -((1 - epsilon) * p.log() + epsilon * (1 - p).log()).mean()


@wrong(CDPO, "cross entropy of a probability")
def cdpo_cross_entropy_of_the_probability(log_ratio_gap, beta, epsilon):
    """binary_cross_entropy of a sigmoid cuts each cost off at 100 nats. F.logsigmoid,
    or the cross entropy that takes logits, computes log and sigmoid at once."""
    p = torch.sigmoid(beta * log_ratio_gap)
    return F.binary_cross_entropy(p, torch.full_like(p, 1 - epsilon))


@wrong(CDPO, "the margin for the second cost")
def margin_for_the_second_cost(log_ratio_gap, beta, epsilon):
    """epsilon multiplies the bare margin here. It multiplies the second cost, which is
    -log sigmoid(-margin) = -log sigmoid(margin) + margin."""
    margin = beta * log_ratio_gap
    return ((1 - epsilon) * cost(margin) + epsilon * margin).mean()


@wrong(CDPO, "margin cut off")
def cdpo_margin_cut_off(log_ratio_gap, beta, epsilon):
    """You cut large margins off. Far out the second cost has to grow: that is what
    brings the gap back."""
    return smoothed((beta * log_ratio_gap).clamp(-30, 30), epsilon).mean()


@wrong(CDPO, "second cost detached")
def second_cost_detached(log_ratio_gap, beta, epsilon):
    """The value is right, but the second cost gets no gradient: it could not stop the
    gap."""
    margin = beta * log_ratio_gap
    second = epsilon * cost(-margin).detach()
    return ((1 - epsilon) * cost(margin) + second).mean()


# SimPO


def scores(logp_chosen, logp_rejected, length_chosen, length_rejected):
    return logp_chosen / length_chosen - logp_rejected / length_rejected


@wrong(SIMPO, "not per token")
def sums_instead_of_averages(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """The lengths never enter: you compare sums. SimPO's score is the log-probability
    per token."""
    return cost(beta * (logp_chosen - logp_rejected) - gamma).mean()


@wrong(SIMPO, "gamma scaled by beta")
def gamma_scaled_by_beta(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """gamma is inside the bracket that beta multiplies. It is taken off after that."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(beta * (lead - gamma)).mean()


@wrong(SIMPO, "gamma added")
def gamma_added(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You add gamma, a head start for the chosen response. It is a lead to be won:
    subtract it."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(beta * lead + gamma).mean()


@wrong(SIMPO, "gamma forgotten")
def gamma_forgotten(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """gamma never enters. The margin is beta * (difference of scores) - gamma."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(beta * lead).mean()


@wrong(SIMPO, "gamma outside the loss")
def gamma_outside(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You add gamma to the loss, where it changes no gradient. It belongs inside the
    sigmoid."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(beta * lead).mean() + gamma


@wrong(SIMPO, "gamma divided by beta")
def gamma_over_beta(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You take gamma / beta off. Papers quote that ratio; the margin takes gamma
    itself."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(beta * lead - gamma / beta).mean()


@wrong(SIMPO, "beta forgotten")
def simpo_without_beta(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """beta never enters. The margin is beta * (difference of scores) - gamma."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(lead - gamma).mean()


@wrong(SIMPO, "beta outside")
def beta_outside(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """beta multiplies the loss. It belongs inside the sigmoid, on the difference of
    scores."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return beta * cost(lead - gamma).mean()


@wrong(SIMPO, "divided by beta")
def divided_by_beta(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You divide by beta. The margin is beta times the difference of scores."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(lead / beta - gamma).mean()


@wrong(SIMPO, "lengths exchanged")
def lengths_exchanged(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """The lengths are exchanged: each response is divided by its own."""
    lead = scores(logp_chosen, logp_rejected, length_rejected, length_chosen)
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "one length for both")
def one_length_for_both(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You divide both by the length of the chosen response. Each has its own."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_chosen)
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "divided by the mean length")
def mean_length_of_the_pair(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You divide the difference by the mean length of the two. Divide each response by
    its own length first, then subtract."""
    mean_length = (length_chosen + length_rejected) / 2
    return cost(beta * (logp_chosen - logp_rejected) / mean_length - gamma).mean()


@wrong(SIMPO, "length of the batch")
def mean_length_of_the_batch(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You divide by the mean length of the batch. Each response has its own length."""
    long, short = length_chosen.double().mean(), length_rejected.double().mean()
    lead = scores(logp_chosen, logp_rejected, long, short)
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "lengths multiplied")
def lengths_multiplied(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You multiply by the lengths. Per token means divided by the number of tokens."""
    lead = logp_chosen * length_chosen - logp_rejected * length_rejected
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "one token too many")
def one_token_too_many(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You added 1 to the lengths. They count all tokens already, the end included."""
    lead = scores(logp_chosen, logp_rejected, length_chosen + 1, length_rejected + 1)
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "whole-number division")
def whole_number_division(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You divide with //, which rounds the scores down to whole numbers (and has no
    gradient). Use /."""
    lead = logp_chosen // length_chosen - logp_rejected // length_rejected
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "probabilities per token")
def probabilities_per_token(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You compare probabilities per token, e^score. The scores themselves, logarithms,
    are compared."""
    chosen = (logp_chosen / length_chosen).exp()
    rejected = (logp_rejected / length_rejected).exp()
    return cost(beta * (chosen - rejected) - gamma).mean()


@wrong(SIMPO, "chosen and rejected exchanged")
def responses_exchanged(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """Chosen and rejected are exchanged: this loss falls when the rejected response
    wins."""
    lead = scores(logp_rejected, logp_chosen, length_rejected, length_chosen)
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "minus forgotten")
def simpo_log_likelihood(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """This is log sigmoid(margin), which training should raise. The loss is its
    negative."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return -cost(beta * lead - gamma).mean()


@wrong(SIMPO, "no log")
def simpo_probability(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """This is 1 - sigmoid(margin). The loss is -log sigmoid(margin)."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return torch.sigmoid(gamma - beta * lead).mean()


@wrong(SIMPO, "hinge")
def simpo_hinge(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """This is a hinge: nothing to learn once the lead is gamma. SimPO is logistic:
    -log sigmoid(margin)."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return torch.relu(gamma - beta * lead).mean()


@wrong(SIMPO, "nothing beyond the lead")
def nothing_beyond_the_lead(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """A pair that has won its lead costs nothing here. In SimPO every pair costs
    -log sigmoid(margin), less and less, but never 0."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    margin = beta * lead - gamma
    return torch.where(margin > 0, 0.0, cost(margin)).mean()


@wrong(SIMPO, "sum instead of mean")
def simpo_sum(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """You return the sum over the batch; the task asks for the mean."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(beta * lead - gamma).sum()


@wrong(SIMPO, "long pairs count more")
def long_pairs_count_more(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You weigh pairs by their numbers of tokens. The mean is over pairs, each counts
    once."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    tokens = (length_chosen + length_rejected).double()
    return (cost(beta * lead - gamma) * tokens).sum() / tokens.sum()


@wrong(SIMPO, "mean inside")
def simpo_of_the_mean_margin(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """You averaged the margins first. The loss is the mean of the pairs' losses;
    average last."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost((beta * lead - gamma).mean())


@wrong(SIMPO, "log(sigmoid) underflows")
def simpo_underflows(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """The formula is right, but sigmoid(-2000) is 0 in floating point and e^2000 is
    infinite. F.logsigmoid computes log and sigmoid at once."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return -torch.log(torch.sigmoid(beta * lead - gamma)).mean()


@wrong(SIMPO, "rejected response detached")
def simpo_rejected_detached(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """The value is right, but the rejected response gets no gradient: only the chosen
    one would be trained. There is no reference here; nothing is detached."""
    rejected = logp_rejected.detach()
    lead = scores(logp_chosen, rejected, length_chosen, length_rejected)
    return cost(beta * lead - gamma).mean()


@wrong(SIMPO, "everything detached")
def simpo_detached(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    """The value is right, but no gradient reaches the policy: something detached it
    (.detach(), .item(), .data, numpy or no_grad)."""
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return cost(beta * lead - gamma).mean().detach()


# Length-normalized DPO


def moved(ratio_chosen, ratio_rejected, length_chosen, length_rejected):
    return ratio_chosen / length_chosen - ratio_rejected / length_rejected


@wrong(NORMALIZED, "sums")
def log_ratios_not_per_token(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """The lengths never enter: this is the DPO loss. Each log-ratio is divided by its
    own number of tokens."""
    return cost(
        beta * (logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected)
    ).mean()


@wrong(NORMALIZED, "no reference")
def scores_without_reference(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """The reference never enters: this is SimPO's score. Divide log pi - log ref by the
    length."""
    return cost(
        beta * moved(logp_chosen, logp_rejected, length_chosen, length_rejected)
    ).mean()


@wrong(NORMALIZED, "reference not per token")
def reference_as_a_sum(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You divide log pi by the length, but not log ref. The whole log-ratio is
    divided."""
    gap = moved(logp_chosen, logp_rejected, length_chosen, length_rejected) - (
        ref_logp_chosen - ref_logp_rejected
    )
    return cost(beta * gap).mean()


@wrong(NORMALIZED, "lengths exchanged")
def normalized_lengths_exchanged(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """The lengths are exchanged: each log-ratio is divided by its own."""
    lead = moved(
        logp_chosen - ref_logp_chosen,
        logp_rejected - ref_logp_rejected,
        length_rejected,
        length_chosen,
    )
    return cost(beta * lead).mean()


@wrong(NORMALIZED, "one length for both")
def chosen_length_for_both(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You divide both by the length of the chosen response. Each has its own."""
    return cost(
        beta
        * (logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected)
        / length_chosen
    ).mean()


@wrong(NORMALIZED, "divided by the mean length")
def normalized_mean_length(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You divide the gap by the mean length of the two. Divide each log-ratio by its
    own length first, then subtract."""
    gap = logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected
    return cost(beta * gap / ((length_chosen + length_rejected) / 2)).mean()


@wrong(NORMALIZED, "divided by all tokens")
def gap_over_all_tokens(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You divide the gap by the tokens of both together. Divide each log-ratio by its
    own length first, then subtract."""
    gap = logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected
    return cost(beta * gap / (length_chosen + length_rejected)).mean()


@wrong(NORMALIZED, "length of the batch")
def normalized_batch_length(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You divide by the mean length of the batch. Each response has its own length."""
    gap = moved(
        logp_chosen - ref_logp_chosen,
        logp_rejected - ref_logp_rejected,
        length_chosen.double().mean(),
        length_rejected.double().mean(),
    )
    return cost(beta * gap).mean()


@wrong(NORMALIZED, "lengths multiplied")
def log_ratios_times_lengths(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You multiply by the lengths. Per token means divided by the number of tokens."""
    gap = (logp_chosen - ref_logp_chosen) * length_chosen - (
        logp_rejected - ref_logp_rejected
    ) * length_rejected
    return cost(beta * gap).mean()


@wrong(NORMALIZED, "one token too many")
def normalized_one_token_too_many(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You added 1 to the lengths. They count all tokens already, the end included."""
    lead = moved(
        logp_chosen - ref_logp_chosen,
        logp_rejected - ref_logp_rejected,
        length_chosen + 1,
        length_rejected + 1,
    )
    return cost(beta * lead).mean()


@wrong(NORMALIZED, "loss divided by length")
def loss_over_length(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You divide the loss by the length of the chosen response. The lengths belong to
    the log-ratios, inside the sigmoid."""
    gap = logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected
    return (cost(beta * gap) / length_chosen).mean()


@wrong(NORMALIZED, "beta forgotten")
def normalized_without_beta(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """beta never enters. The margin is beta * (difference of scores)."""
    return cost(
        moved(
            logp_chosen - ref_logp_chosen,
            logp_rejected - ref_logp_rejected,
            length_chosen,
            length_rejected,
        )
    ).mean()


@wrong(NORMALIZED, "beta outside")
def normalized_beta_outside(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """beta multiplies the loss. It belongs inside the sigmoid, on the difference of
    scores."""
    return (
        beta
        * cost(
            moved(
                logp_chosen - ref_logp_chosen,
                logp_rejected - ref_logp_rejected,
                length_chosen,
                length_rejected,
            )
        ).mean()
    )


@wrong(NORMALIZED, "divided by beta")
def normalized_divided_by_beta(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You divide by beta. The margin is beta times the difference of scores."""
    return cost(
        moved(
            logp_chosen - ref_logp_chosen,
            logp_rejected - ref_logp_rejected,
            length_chosen,
            length_rejected,
        )
        / beta
    ).mean()


@wrong(NORMALIZED, "chosen and rejected exchanged")
def normalized_exchanged(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """Chosen and rejected are exchanged: this loss falls when the rejected response
    wins."""
    return cost(
        -beta
        * moved(
            logp_chosen - ref_logp_chosen,
            logp_rejected - ref_logp_rejected,
            length_chosen,
            length_rejected,
        )
    ).mean()


@wrong(NORMALIZED, "reference added")
def reference_added(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You add log ref. The score is how far the policy has moved: log pi - log ref."""
    lead = moved(
        logp_chosen + ref_logp_chosen,
        logp_rejected + ref_logp_rejected,
        length_chosen,
        length_rejected,
    )
    return cost(beta * lead).mean()


@wrong(NORMALIZED, "minus forgotten")
def normalized_log_likelihood(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """This is log sigmoid(margin), which training should raise. The loss is its
    negative."""
    return -cost(
        beta
        * moved(
            logp_chosen - ref_logp_chosen,
            logp_rejected - ref_logp_rejected,
            length_chosen,
            length_rejected,
        )
    ).mean()


@wrong(NORMALIZED, "no log")
def normalized_probability(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """This is 1 - sigmoid(margin). The loss is -log sigmoid(margin)."""
    return torch.sigmoid(
        -beta
        * moved(
            logp_chosen - ref_logp_chosen,
            logp_rejected - ref_logp_rejected,
            length_chosen,
            length_rejected,
        )
    ).mean()


@wrong(NORMALIZED, "sum instead of mean")
def normalized_sum(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You return the sum over the batch; the task asks for the mean."""
    return cost(
        beta
        * moved(
            logp_chosen - ref_logp_chosen,
            logp_rejected - ref_logp_rejected,
            length_chosen,
            length_rejected,
        )
    ).sum()


@wrong(NORMALIZED, "mean inside")
def normalized_mean_inside(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """You averaged the margins first. The loss is the mean of the pairs' losses;
    average last."""
    return cost(
        (
            beta
            * moved(
                logp_chosen - ref_logp_chosen,
                logp_rejected - ref_logp_rejected,
                length_chosen,
                length_rejected,
            )
        ).mean()
    )


@wrong(NORMALIZED, "log(sigmoid) underflows")
def normalized_underflows(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """The formula is right, but sigmoid(-2000) is 0 in floating point and e^2000 is
    infinite. F.logsigmoid computes log and sigmoid at once."""
    return -torch.log(
        torch.sigmoid(
            beta
            * moved(
                logp_chosen - ref_logp_chosen,
                logp_rejected - ref_logp_rejected,
                length_chosen,
                length_rejected,
            )
        )
    ).mean()


@wrong(NORMALIZED, "rejected response detached")
def normalized_rejected_detached(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """The value is right, but the rejected response gets no gradient: only the chosen
    one would be trained."""
    logp_rejected = logp_rejected.detach()
    return cost(
        beta
        * moved(
            logp_chosen - ref_logp_chosen,
            logp_rejected - ref_logp_rejected,
            length_chosen,
            length_rejected,
        )
    ).mean()


# RPO


def preference(chosen, rejected, ref_chosen, ref_rejected, beta):
    return cost(beta * (chosen - ref_chosen - rejected + ref_rejected))


@wrong(RPO, "no likelihood")
def rpo_is_dpo(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """This is the DPO loss. Add weight times the chosen response's negative
    log-likelihood per token."""
    return preference(
        logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
    ).mean()


@wrong(RPO, "weight forgotten")
def rpo_without_weight(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """weight never enters. It multiplies the likelihood term."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - logp_chosen / length_chosen
    ).mean()


@wrong(RPO, "weight on DPO")
def weight_on_the_preference(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """weight multiplies the DPO loss. It multiplies the likelihood term, as in the
    third version of the paper; the first had it the other way round."""
    return (
        weight
        * preference(
            logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
        )
        - logp_chosen / length_chosen
    ).mean()


@wrong(RPO, "weight on both")
def weight_on_both_terms(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """weight multiplies both terms. It belongs to the likelihood term alone."""
    return (
        weight
        * (
            preference(
                logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
            )
            - logp_chosen / length_chosen
        ).mean()
    )


@wrong(RPO, "convex mixture")
def weight_shared_out(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You take 1 - weight times the DPO loss. The DPO loss counts in full."""
    return (
        (1 - weight)
        * preference(
            logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
        )
        - weight * logp_chosen / length_chosen
    ).mean()


@wrong(RPO, "not per token")
def likelihood_as_a_sum(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """The likelihood term is a sum over tokens here. Divide it by the length of the
    chosen response."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * logp_chosen
    ).mean()


@wrong(RPO, "tokens of the batch")
def likelihood_over_all_tokens(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You divide by the tokens of the whole batch, so that long responses count more
    (TRL does). Divide each response's log-likelihood by its own length."""
    return (
        preference(
            logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
        ).mean()
        - weight * logp_chosen.sum() / length_chosen.sum()
    )


@wrong(RPO, "sign")
def likelihood_pushed_down(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """The likelihood term has the wrong sign: this loss pushes the chosen response
    down."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        + weight * logp_chosen / length_chosen
    ).mean()


@wrong(RPO, "rejected response's likelihood")
def likelihood_of_the_rejected(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You hold up the rejected response. The likelihood term is about the chosen
    one."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * logp_rejected / length_chosen
    ).mean()


@wrong(RPO, "both likelihoods")
def likelihood_of_both(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You hold up both responses. The likelihood term is about the chosen one alone."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * (logp_chosen + logp_rejected) / length_chosen
    ).mean()


@wrong(RPO, "log-ratio instead of likelihood")
def log_ratio_for_likelihood(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You subtract the reference in the likelihood term. It is -log pi per token; the
    reference is in the DPO loss alone."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * (logp_chosen - ref_logp_chosen) / length_chosen
    ).mean()


@wrong(RPO, "reference's likelihood")
def likelihood_of_the_reference(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You take the reference's likelihood, which training cannot change. Take the
    policy's."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * ref_logp_chosen / length_chosen
    ).mean()


@wrong(RPO, "beta on the likelihood")
def beta_on_the_likelihood(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """beta multiplies the likelihood term. It belongs to the margin."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - beta * weight * logp_chosen / length_chosen
    ).mean()


@wrong(RPO, "inside the sigmoid")
def likelihood_inside_the_sigmoid(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """The likelihood term is inside the sigmoid. Add it outside; inside it would be a
    fine like DPOP's."""
    gap = logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected
    return cost(beta * gap + weight * logp_chosen / length_chosen).mean()


@wrong(RPO, "fine below the reference only")
def rpo_as_dpop(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You count only what the chosen response has lost against the reference, as DPOP
    does. This term looks at log pi itself."""
    shortfall = (ref_logp_chosen - logp_chosen).clamp(min=0)
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        + weight * shortfall / length_chosen
    ).mean()


@wrong(RPO, "log-ratios per token too")
def rpo_with_normalized_ratios(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """The DPO loss is divided by the length, too. Its log-ratios are sums; only the
    likelihood term is per token."""
    gap = (
        logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected
    ) / length_chosen
    return (cost(beta * gap) - weight * logp_chosen / length_chosen).mean()


@wrong(RPO, "probability instead of logarithm")
def probability_for_likelihood(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You take the probability per token, e^(log pi / length). The term is the
    logarithm itself, negative."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * (logp_chosen / length_chosen).exp()
    ).mean()


@wrong(RPO, "no reference")
def rpo_without_reference(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """The reference never enters: this is CPO's loss. The gap is between log-ratios."""
    return (
        cost(beta * (logp_chosen - logp_rejected))
        - weight * logp_chosen / length_chosen
    ).mean()


@wrong(RPO, "sum instead of mean")
def rpo_sum(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """You return the sum over the batch; the task asks for the mean."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * logp_chosen / length_chosen
    ).sum()


@wrong(RPO, "log(sigmoid) underflows")
def rpo_underflows(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """The formula is right, but sigmoid(-2000) is 0 in floating point and e^2000 is
    infinite. F.logsigmoid computes log and sigmoid at once."""
    gap = logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected
    dpo = -torch.log(torch.sigmoid(beta * gap))
    return (dpo - weight * logp_chosen / length_chosen).mean()


@wrong(RPO, "likelihood detached")
def likelihood_detached(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """The value is right, but no gradient comes from the likelihood term: it would
    train nothing."""
    return (
        preference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
        - weight * logp_chosen.detach() / length_chosen
    ).mean()


# KTO


def at_least_zero(kl):
    return kl.detach().clamp(min=0)


def judged(lead, desirable):
    return torch.where(desirable, torch.sigmoid(-lead), torch.sigmoid(lead))


@wrong(KTO, "reference point ignored")
def no_reference_point(log_ratio, desirable, kl, beta):
    """kl never enters. Log-ratios are compared with the reference point, not with 0."""
    return judged(beta * log_ratio, desirable).mean()


@wrong(KTO, "kl not clamped")
def negative_reference_point(log_ratio, desirable, kl, beta):
    """You use a negative kl as it is. A KL divergence is never negative, only its
    estimate may be: the reference point is 0 then."""
    return judged(beta * (log_ratio - kl.detach()), desirable).mean()


@wrong(KTO, "absolute kl")
def absolute_kl(log_ratio, desirable, kl, beta):
    """You take the absolute value of kl. A negative estimate means 0, not its
    opposite."""
    return judged(beta * (log_ratio - kl.detach().abs()), desirable).mean()


@wrong(KTO, "clamped from above")
def clamped_from_above(log_ratio, desirable, kl, beta):
    """You keep kl below 0 (clamp(max=0)); it must be kept above 0 (clamp(min=0))."""
    return judged(beta * (log_ratio - kl.detach().clamp(max=0)), desirable).mean()


@wrong(KTO, "difference clamped")
def difference_clamped(log_ratio, desirable, kl, beta):
    """You keep the difference log_ratio - kl above 0, so losses are not felt. It is kl
    alone that is kept above 0."""
    return judged(beta * (log_ratio - kl.detach()).clamp(min=0), desirable).mean()


@wrong(KTO, "reference point added")
def reference_point_added(log_ratio, desirable, kl, beta):
    """You add the reference point. It is what log-ratios are compared with: subtract
    it."""
    return judged(beta * (log_ratio + at_least_zero(kl)), desirable).mean()


@wrong(KTO, "wrong sign for undesirable ones")
def added_where_undesirable(log_ratio, desirable, kl, beta):
    """For undesirable responses you add the reference point. Only the order changes
    there: z0 - log_ratio instead of log_ratio - z0."""
    point = at_least_zero(kl)
    point = torch.where(desirable, point, -point)
    return judged(beta * (log_ratio - point), desirable).mean()


@wrong(KTO, "reference point for one kind only")
def point_for_desirable_only(log_ratio, desirable, kl, beta):
    """Only desirable responses are compared with the reference point here. Both kinds
    are."""
    point = torch.where(desirable, at_least_zero(kl), 0.0)
    return judged(beta * (log_ratio - point), desirable).mean()


@wrong(KTO, "kl not scaled by beta")
def kl_not_scaled(log_ratio, desirable, kl, beta):
    """beta multiplies the log-ratio only: a pair of brackets is missing. It multiplies
    the difference log_ratio - z0."""
    return judged(beta * log_ratio - at_least_zero(kl), desirable).mean()


@wrong(KTO, "mean log-ratio for the reference point")
def mean_log_ratio(log_ratio, desirable, kl, beta):
    """You take the batch's own mean log-ratio for the reference point. It comes in as
    kl, estimated from other responses."""
    point = log_ratio.detach().mean().clamp(min=0)
    return judged(beta * (log_ratio - point), desirable).mean()


@wrong(KTO, "beta forgotten")
def kto_without_beta(log_ratio, desirable, kl, beta):
    """beta never enters. It multiplies the difference log_ratio - z0."""
    return judged(log_ratio - at_least_zero(kl), desirable).mean()


@wrong(KTO, "logistic loss")
def logistic_instead(log_ratio, desirable, kl, beta):
    """This is -log sigmoid, a classifier's loss. KTO's cost is 1 - sigmoid: bounded, so
    that a hopeless response stops pulling."""
    lead = beta * (log_ratio - at_least_zero(kl))
    return torch.where(desirable, cost(lead), cost(-lead)).mean()


@wrong(KTO, "value instead of cost")
def value_instead_of_cost(log_ratio, desirable, kl, beta):
    """This is sigmoid, the value that training should raise: the cost is 1 minus it. Or
    the two kinds are exchanged, which comes to the same."""
    lead = beta * (log_ratio - at_least_zero(kl))
    return judged(-lead, desirable).mean()


@same_as(value_instead_of_cost)
def kinds_exchanged(log_ratio, desirable, kl, beta):
    lead = beta * (log_ratio - at_least_zero(kl))
    return judged(lead, ~desirable).mean()


@wrong(KTO, "value with a minus")
def minus_the_value(log_ratio, desirable, kl, beta):
    """This is minus the value, without the 1. The gradient is right, but the task's
    cost lies between 0 and 1."""
    lead = beta * (log_ratio - at_least_zero(kl))
    return -judged(-lead, desirable).mean()


@wrong(KTO, "all taken for desirable")
def all_desirable(log_ratio, desirable, kl, beta):
    """desirable never enters: you push every response up."""
    return torch.sigmoid(-beta * (log_ratio - at_least_zero(kl))).mean()


@wrong(KTO, "undesirable ones count 0")
def undesirable_ones_ignored(log_ratio, desirable, kl, beta):
    """Undesirable responses cost nothing here. They cost 1 - sigmoid as well, with the
    order of the difference turned round."""
    lead = beta * (log_ratio - at_least_zero(kl))
    return torch.where(desirable, torch.sigmoid(-lead), 0.0).mean()


@wrong(KTO, "True and False as factors")
def flag_as_a_factor(log_ratio, desirable, kl, beta):
    """True and False as factors are 1 and 0. The difference of an undesirable response
    has the factor -1; with 0 it always costs 1/2 and is never pushed."""
    lead = beta * (log_ratio - at_least_zero(kl))
    return torch.sigmoid(-lead * desirable).mean()


@wrong(KTO, "sum instead of mean")
def kto_sum(log_ratio, desirable, kl, beta):
    """You return the sum over the batch; the task asks for the mean."""
    return judged(beta * (log_ratio - at_least_zero(kl)), desirable).sum()


def means_of_both_kinds(log_ratio, desirable, kl, beta):
    costs = judged(beta * (log_ratio - at_least_zero(kl)), desirable)
    return [costs[kind].mean() for kind in (desirable, ~desirable) if kind.any()]


@wrong(KTO, "mean of the two means")
def mean_of_two_means(log_ratio, desirable, kl, beta):
    """You average each kind first, so the rarer kind weighs more. Here every response
    weighs the same: one mean over all."""
    means = means_of_both_kinds(log_ratio, desirable, kl, beta)
    return sum(means) / len(means)


@wrong(KTO, "sum of the two means")
def sum_of_two_means(log_ratio, desirable, kl, beta):
    """You add the mean of the desirable responses and that of the others. It is one
    mean over all responses."""
    return sum(means_of_both_kinds(log_ratio, desirable, kl, beta))


@wrong(KTO, "mean of an empty kind")
def empty_kind(log_ratio, desirable, kl, beta):
    """You take a mean for each kind, which is NaN where a batch has none of it. It is
    one mean over all responses."""
    costs = judged(beta * (log_ratio - at_least_zero(kl)), desirable)
    return (costs[desirable].mean() + costs[~desirable].mean()) / 2


@same_as(empty_kind)
def empty_kind_in_a_sum(log_ratio, desirable, kl, beta):
    costs = judged(beta * (log_ratio - at_least_zero(kl)), desirable)
    return costs[desirable].mean() + costs[~desirable].mean()


@wrong(KTO, "kinds weighed differently")
def kinds_weighed_differently(log_ratio, desirable, kl, beta):
    """You weigh undesirable responses by 4/3, as papers do where they are rarer. Here
    both kinds weigh the same."""
    costs = judged(beta * (log_ratio - at_least_zero(kl)), desirable)
    return (costs * torch.where(desirable, 1.0, 4 / 3)).mean()


@wrong(KTO, "tanh instead of sigmoid")
def twice_the_slope(log_ratio, desirable, kl, beta):
    """Your curve is twice as steep: (1 - tanh(x)) / 2 is 1 - sigmoid(2x)."""
    return judged(2 * beta * (log_ratio - at_least_zero(kl)), desirable).mean()


@wrong(KTO, "squared distance from the label")
def squared_distance_from_the_label(log_ratio, desirable, kl, beta):
    """You square 1 - sigmoid. The cost is 1 - sigmoid itself."""
    lead = beta * (log_ratio - at_least_zero(kl))
    return (judged(lead, desirable) ** 2).mean()


@wrong(KTO, "exponentials overflow")
def exponentials_overflow(log_ratio, desirable, kl, beta):
    """The formula is right, but e^2000 is infinite in floating point, and so a value or
    a gradient becomes NaN. torch.sigmoid takes care of that."""
    odds = torch.exp(beta * (log_ratio - at_least_zero(kl)))
    return torch.where(desirable, 1 - odds / (1 + odds), odds / (1 + odds)).mean()


@wrong(KTO, "kl not detached")
def kl_trained(log_ratio, desirable, kl, beta):
    """The value is right, but a gradient flows through kl: the policy would also learn
    to move its own reference point. Detach it."""
    return judged(beta * (log_ratio - kl.clamp(min=0)), desirable).mean()


@same_as(kl_trained)
def kl_trained_through_relu(log_ratio, desirable, kl, beta):
    return judged(beta * (log_ratio - torch.relu(kl)), desirable).mean()


@wrong(KTO, "kl detached for one kind only")
def kl_trained_by_one_kind(log_ratio, desirable, kl, beta):
    """The value is right, and kl is detached for desirable responses; for the others a
    gradient still flows through it."""
    point = torch.where(desirable, at_least_zero(kl), kl.clamp(min=0))
    return judged(beta * (log_ratio - point), desirable).mean()


@wrong(KTO, "log-ratio detached")
def log_ratio_detached(log_ratio, desirable, kl, beta):
    """The value is right, but no gradient reaches log_ratio, the only thing that is to
    be trained. Detach kl, not the log-ratio."""
    lead = beta * (log_ratio.detach() - at_least_zero(kl))
    return judged(lead, desirable).mean()


@wrong(KTO, "undesirable ones detached")
def undesirable_ones_detached(log_ratio, desirable, kl, beta):
    """The value is right, but undesirable responses get no gradient: nothing would push
    them down."""
    costs = judged(beta * (log_ratio - at_least_zero(kl)), desirable)
    return torch.where(desirable, costs, costs.detach()).mean()


# Robust DPO


@wrong(ROBUST, "as given")
def robust_as_given(log_ratio_gap, beta, epsilon):
    """As in the code as given, the second cost is added: that is cDPO, divided by
    1 - 2 epsilon. Flips have added it to the average already."""
    return smoothed(beta * log_ratio_gap, epsilon).mean() / (1 - 2 * epsilon)


@wrong(ROBUST, "cDPO")
def cdpo_instead(log_ratio_gap, beta, epsilon):
    """This is cDPO, the expected cost if labels are wrong. Robust DPO takes the second
    cost off."""
    return smoothed(beta * log_ratio_gap, epsilon).mean()


@wrong(ROBUST, "not divided")
def not_divided(log_ratio_gap, beta, epsilon):
    """The sign is mended, but the division by 1 - 2 epsilon is lost: averaged over
    flips this is 1 - 2 epsilon times the clean cost."""
    margin = beta * log_ratio_gap
    return ((1 - epsilon) * cost(margin) - epsilon * cost(-margin)).mean()


@wrong(ROBUST, "divided by 1 + 2 epsilon")
def divided_by_one_plus(log_ratio_gap, beta, epsilon):
    """The sign of the divisor is wrong now: the weights 1 - epsilon and -epsilon sum to
    1 - 2 epsilon."""
    margin = beta * log_ratio_gap
    losses = (1 - epsilon) * cost(margin) - epsilon * cost(-margin)
    return losses.mean() / (1 + 2 * epsilon)


@wrong(ROBUST, "log(sigmoid) underflows")
def robust_underflows(log_ratio_gap, beta, epsilon):
    """The bug is mended, but sigmoid(-2000) is 0 in floating point, and its log is
    infinite. F.logsigmoid, which was there, computes log and sigmoid at once."""
    p = torch.sigmoid(beta * log_ratio_gap)
    losses = -(1 - epsilon) * p.log() + epsilon * (1 - p).log()
    return losses.mean() / (1 - 2 * epsilon)


@wrong(ROBUST, "divided by 1 - epsilon")
def divided_by_one_minus_epsilon(log_ratio_gap, beta, epsilon):
    """You divide by 1 - epsilon. The weights 1 - epsilon and -epsilon sum to
    1 - 2 epsilon."""
    margin = beta * log_ratio_gap
    robust = (1 - epsilon) * cost(margin) - epsilon * cost(-margin)
    return robust.mean() / (1 - epsilon)


@wrong(ROBUST, "weights exchanged")
def robust_weights_exchanged(log_ratio_gap, beta, epsilon):
    """The two weights are exchanged. The cost of the label as given weighs
    1 - epsilon."""
    margin = beta * log_ratio_gap
    robust = epsilon * cost(margin) - (1 - epsilon) * cost(-margin)
    return robust.mean() / (1 - 2 * epsilon)


@wrong(ROBUST, "kept above 0")
def kept_above_zero(log_ratio_gap, beta, epsilon):
    """You keep the loss above 0. It may be negative: cut off, it is not the clean cost
    on average any more."""
    margin = beta * log_ratio_gap
    robust = (1 - epsilon) * cost(margin) - epsilon * cost(-margin)
    return (robust / (1 - 2 * epsilon)).clamp(min=0).mean()


@wrong(ROBUST, "second cost of the same margin")
def same_margin_twice(log_ratio_gap, beta, epsilon):
    """Both costs are those of the margin now, and the whole collapses to DPO. The
    flipped label has -margin."""
    return cost(beta * log_ratio_gap).mean()


@wrong(ROBUST, "beta forgotten")
def robust_without_beta(log_ratio_gap, beta, epsilon):
    """beta is lost. The margin is beta * gap."""
    first, second = cost(log_ratio_gap), cost(-log_ratio_gap)
    robust = (1 - epsilon) * first - epsilon * second
    return robust.mean() / (1 - 2 * epsilon)


# DPO-positive


def fined(log_ratio_chosen, log_ratio_rejected, beta, fine):
    return cost(beta * (log_ratio_chosen - log_ratio_rejected - fine)).mean()


@wrong(POSITIVE, "as given")
def positive_as_given(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """As in the code as given, the fine is negative, and subtracting it raises the
    margin: a chosen response that falls is rewarded."""
    fine = penalty * log_ratio_chosen.clamp(max=0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "no fine")
def no_fine(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """The fine is gone: this is the DPO loss."""
    return fined(log_ratio_chosen, log_ratio_rejected, beta, 0.0)


@wrong(POSITIVE, "one fine, however far it fell")
def same_fine_for_every_fall(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Every chosen response that fell pays the same fine, however far it fell. The fine
    is penalty * shortfall, or nothing pulls it back up."""
    fine = penalty * (log_ratio_chosen < 0).double()
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "fine for rising")
def fine_for_rising(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """You fine a chosen response that became *more* likely. The fine is for one that
    fell below the reference."""
    fine = penalty * log_ratio_chosen.clamp(min=0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "fine for every move")
def fine_for_every_move(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """You take the absolute value, so a chosen response that became more likely is
    fined too."""
    fine = penalty * log_ratio_chosen.abs()
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "bonus for rising")
def bonus_for_rising(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Without the clamp a chosen response that became more likely earns a bonus. The
    shortfall is 0 there."""
    fine = -penalty * log_ratio_chosen
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "fine on the rejected response")
def fine_on_the_rejected(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """You fine the rejected response for falling, which is what it should do. The fine
    is on the chosen one."""
    fine = penalty * (-log_ratio_rejected).clamp(min=0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "fine outside the sigmoid")
def fine_outside(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """You add the fine to the loss. It belongs inside the sigmoid, next to the gap."""
    fine = penalty * (-log_ratio_chosen).clamp(min=0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, 0.0) + fine.mean()


@wrong(POSITIVE, "fine not scaled by beta")
def fine_not_scaled(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """beta multiplies the gap only. It multiplies gap and fine together."""
    fine = penalty * (-log_ratio_chosen).clamp(min=0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine / beta)


@wrong(POSITIVE, "penalty lost")
def penalty_lost(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """The sign is mended, but the factor penalty is lost."""
    fine = (-log_ratio_chosen).clamp(min=0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "fine of the batch")
def one_fine_for_the_batch(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """All pairs share one mean fine. Each pair is fined for its own chosen response."""
    fine = penalty * (-log_ratio_chosen).clamp(min=0).mean()
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


@wrong(POSITIVE, "fine detached")
def fine_detached(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """The value is right, but the fine gets no gradient: nothing would pull the chosen
    response back up."""
    fine = penalty * (-log_ratio_chosen.detach()).clamp(min=0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, fine)


# Predictions


@wrong(IPO_GAP, "target of unanimous labels")
def target_of_unanimous_labels():
    """This is 1 / (2 beta), where every label agrees. One in ten says the opposite and
    pulls toward the other side."""
    return 2.0


@wrong(IPO_GAP, "DPO's gap")
def gap_of_dpo():
    """This is log(0.9 / 0.1) / beta, where DPO comes to rest. IPO's loss is a square:
    its minimum is a mean, not a logit."""
    return math.log(9) / 0.25


@wrong(IPO_GAP, "share times target")
def share_times_target():
    """You took 0.9 of the target. The other 0.1 do not pull to 0: they pull to minus
    the target."""
    return 1.8


@wrong(IPO_GAP, "1 / beta")
def gap_twice_too_large():
    """Twice too large: the target of one comparison is 1 / (2 beta)."""
    return 3.2


@wrong(IPO_GAP, "beta forgotten")
def gap_without_beta():
    """This is 0.9 - 0.1, without the target 1 / (2 beta)."""
    return 0.8


@wrong(IPO_GAP, "beta / 2")
def gap_times_half_beta():
    """You multiplied by beta / 2. The target is 1 / (2 beta)."""
    return 0.8 * 0.125


@wrong(IPO_GAP, "margin instead of gap")
def ipo_margin():
    """This is beta times the gap. The question is the gap."""
    return 0.4


@wrong(CDPO_GAP, "margin instead of gap")
def margin_for_gap():
    """This is the margin, log(0.8 / 0.2). The gap is the margin divided by beta."""
    return math.log(4)


@wrong(CDPO_GAP, "no end")
def gap_without_end():
    """That is DPO. cDPO also counts the cost of the exchanged label, with the weight
    epsilon, and that grows with the gap."""
    return math.inf


@wrong(CDPO_GAP, "beta multiplied")
def gap_multiplied_by_beta():
    """You multiplied by beta. The margin is beta * gap, so the gap is the margin
    divided by beta."""
    return math.log(4) * 0.5


@wrong(CDPO_GAP, "sign")
def gap_turned_round():
    """The sign is turned round: the preferred response is ahead."""
    return -2 * math.log(4)


@wrong(CDPO_GAP, "log of 1 / epsilon")
def log_of_one_over_epsilon():
    """This is log(1 / epsilon) / beta. The odds are (1 - epsilon) to epsilon: 4, not
    5."""
    return 2 * math.log(5)


@wrong(CDPO_GAP, "IPO's gap")
def gap_of_ipo():
    """This is 1 / (2 beta), IPO's target. cDPO is logistic: a logit over beta."""
    return 1.0


@wrong(CDPO_GAP, "IPO's gap with noise")
def noisy_gap_of_ipo():
    """This is (1 - 2 epsilon) / (2 beta), IPO's answer to noisy labels. cDPO is
    logistic: a logit over beta."""
    return 0.6


@wrong(CDPO_GAP, "probability")
def probability_for_gap():
    """This is the modeled probability at the bottom. The gap is its logit over beta."""
    return 0.8


@wrong(KTO_PULL, "DPO's weight")
def weight_of_dpo():
    """This is DPO's weight, sigmoid(4) over 1/2: almost twice as hard. KTO's loss is
    1 - sigmoid, without a log, and flat on both sides."""
    return 2 / (1 + math.exp(-4))


@wrong(KTO_PULL, "as strong as at the start")
def constant_pull():
    """1 - sigmoid is no straight line: it is steepest in the middle."""
    return 1.0


@wrong(KTO_PULL, "upside down")
def pull_upside_down():
    """This is how many times as large the first is as the second. The question is the
    other way round."""
    return (1 + math.exp(4)) * (1 + math.exp(-4)) / 4


@wrong(KTO_PULL, "e^-4")
def pull_of_the_tail():
    """e^-4 is about the slope far out, but the question is how it compares with the
    slope at the start, which is 1/4."""
    return math.exp(-4)


@wrong(KTO_PULL, "not divided")
def slope_not_divided():
    """This is the slope at -4 itself. The question is how it compares with the slope at
    the start, 1/4."""
    return 1 / (1 + math.exp(4)) / (1 + math.exp(-4))


@wrong(KTO_PULL, "divided by 1/2")
def compared_with_one_half():
    """You compare with 1/2, which is DPO's weight at the start. KTO's slope there is
    sigmoid(0) * sigmoid(0)."""
    return 2 / (1 + math.exp(4)) / (1 + math.exp(-4))


@wrong(KTO_PULL, "sigmoid instead of its slope")
def sigmoid_for_its_slope():
    """You compare the values of the sigmoid, not its slopes. The slope at m is
    sigmoid(m) * sigmoid(-m)."""
    return 2 / (1 + math.exp(4))


@wrong(KTO_PULL, "nothing at all")
def no_pull_at_all():
    """Small, but not 0: the sigmoid never becomes quite flat."""
    return 0.0


@wrong(KTO_PULL, "sign")
def pull_turned_round():
    """The size is right. The pull has the same direction at both responses, so the
    factor is positive."""
    return -4 / (1 + math.exp(4)) / (1 + math.exp(-4))
