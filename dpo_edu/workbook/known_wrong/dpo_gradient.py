"""Known wrong answers of chapter 07: name = id, docstring = what the learner reads."""

import math

import torch
import torch.nn.functional as F

from . import same_as, wrong

WEIGHT = "gradient_weight"
GRADIENT = "dpo_gradient"
STEP = "find_the_bug_table_step"
FIRST = "predict_the_first_gradient"
STRONGEST = "predict_the_strongest_pull"


@wrong(WEIGHT, "weight of being right")
def weight_of_being_right(log_ratio_gap, beta):
    """This is the probability of the given label. The weight is that of the reversed
    one: a pair that is right already has little left to say."""
    return torch.sigmoid(beta * log_ratio_gap)


@wrong(WEIGHT, "derivative of the sigmoid")
def slope_of_the_sigmoid(log_ratio_gap, beta):
    """This is the derivative of the sigmoid. The loss is -log of it, and the log
    divides by the sigmoid once more."""
    p = torch.sigmoid(beta * log_ratio_gap)
    return p * (1 - p)


@wrong(WEIGHT, "the loss")
def loss_for_weight(log_ratio_gap, beta):
    """This is the loss itself, not its slope."""
    return -F.logsigmoid(beta * log_ratio_gap)


@wrong(WEIGHT, "signed")
def signed_weight(log_ratio_gap, beta):
    """This is the derivative in the margin, with its minus sign. The weight is a
    probability."""
    return -torch.sigmoid(-beta * log_ratio_gap)


@wrong(WEIGHT, "beta forgotten")
def weight_without_beta(log_ratio_gap, beta):
    """beta never enters: the weight depends on the margin beta * gap."""
    return torch.sigmoid(-log_ratio_gap)


@wrong(WEIGHT, "divided by beta")
def weight_over_beta(log_ratio_gap, beta):
    """You divided by beta. The margin is beta * gap."""
    return torch.sigmoid(-log_ratio_gap / beta)


@wrong(WEIGHT, "beta included")
def weight_times_beta(log_ratio_gap, beta):
    """This is beta times the weight, the slope in the gap. The weight alone is a
    probability."""
    return beta * torch.sigmoid(-beta * log_ratio_gap)


@wrong(WEIGHT, "beta applied outside only")
def beta_outside_only(log_ratio_gap, beta):
    """beta multiplies the sigmoid. It belongs inside: the margin is beta * gap."""
    return beta * torch.sigmoid(-log_ratio_gap)


@wrong(WEIGHT, "odds for a probability")
def odds_of_the_reversed_label(log_ratio_gap, beta):
    """These are the odds e^-margin of the reversed label. Odds o are the probability
    o / (1 + o)."""
    return torch.exp(-beta * log_ratio_gap)


@wrong(WEIGHT, "hard decision")
def wrong_or_not(log_ratio_gap, beta):
    """You answer whether the pair is wrong. The weight fades gradually, and at gap 0 it
    is one half."""
    return (log_ratio_gap < 0).double()


@wrong(WEIGHT, "hinge")
def hinge_slope(log_ratio_gap, beta):
    """This is the slope of a hinge loss: 1 up to margin 1, then 0. The logistic loss
    has no corner."""
    return (beta * log_ratio_gap < 1).double()


@wrong(WEIGHT, "absolute gap")
def weight_of_the_absolute_gap(log_ratio_gap, beta):
    """You take the absolute value of the gap. Its sign is what says whether the pair is
    right or wrong."""
    return torch.sigmoid(-beta * log_ratio_gap.abs())


@wrong(WEIGHT, "the constant of the start")
def always_one_half(log_ratio_gap, beta):
    """You return the weight of the start whatever the gap is. It changes with the
    margin; a constant one would never stop pulling."""
    return torch.full_like(log_ratio_gap, 0.5)


@wrong(WEIGHT, "tanh")
def tanh_weight(log_ratio_gap, beta):
    """The argument is twice too large: sigmoid(m) is (1 + tanh(m / 2)) / 2, with m /
    2."""
    return (1 - torch.tanh(beta * log_ratio_gap)) / 2


@wrong(WEIGHT, "Gaussian link")
def probit_weight(log_ratio_gap, beta):
    """You use the normal distribution in place of the sigmoid: that is Thurstone's
    model, not Bradley-Terry."""
    return torch.special.ndtr(-beta * log_ratio_gap)


@wrong(WEIGHT, "normalized over the batch")
def normalized_weights(log_ratio_gap, beta):
    """You normalize over the batch. Each pair has its own probability of the reversed
    label; they need not add up to 1."""
    return torch.softmax(-beta * log_ratio_gap, dim=0)


@wrong(WEIGHT, "mean")
def mean_weight(log_ratio_gap, beta):
    """You average over the pairs. The task asks for one weight for each."""
    return torch.sigmoid(-beta * log_ratio_gap).mean()


@wrong(WEIGHT, "one minus the sigmoid")
def one_minus_sigmoid(log_ratio_gap, beta):
    """The same on paper, but at a large margin 1 - sigmoid, 1 - tanh or 1 - e^-loss
    subtracts nearly equal numbers and rounds to 0. sigmoid(-margin) keeps its
    digits."""
    return 1 - torch.sigmoid(beta * log_ratio_gap)


@same_as(one_minus_sigmoid)
def one_minus_tanh(log_ratio_gap, beta):
    return (1 - torch.tanh(beta * log_ratio_gap / 2)) / 2


@same_as(one_minus_sigmoid)
def one_minus_the_probability(log_ratio_gap, beta):
    return 1 - torch.exp(F.logsigmoid(beta * log_ratio_gap))


@wrong(WEIGHT, "small weights set to 0")
def small_weights_set_to_zero(log_ratio_gap, beta):
    """You set the weights of large margins to 0. They are small, but the task asks for
    their leading digits: sigmoid(-margin) has them."""
    margin = beta * log_ratio_gap
    return torch.sigmoid(-margin).masked_fill(margin > 50, 0.0)


@same_as(small_weights_set_to_zero)
def weights_set_to_zero_beyond_30(log_ratio_gap, beta):
    margin = beta * log_ratio_gap
    return torch.sigmoid(-margin).masked_fill(margin > 30, 0.0)


@wrong(WEIGHT, "small number added")
def small_number_added(log_ratio_gap, beta):
    """You add a small number, which covers every weight that is smaller still. None is
    needed here."""
    return torch.sigmoid(-beta * log_ratio_gap) + 1e-12


@same_as(small_number_added)
def rather_small_number_added(log_ratio_gap, beta):
    return torch.sigmoid(-beta * log_ratio_gap) + 1e-8


@wrong(WEIGHT, "exp overflows")
def exp_overflows(log_ratio_gap, beta):
    """Right at ordinary margins, but e^2000 is too large for a float, and inf / inf is
    not a number. torch.sigmoid takes care of that."""
    power = torch.exp(-beta * log_ratio_gap)
    return power / (1 + power)


@wrong(WEIGHT, "clamped")
def clamped_margin(log_ratio_gap, beta):
    """You clamp the margin. Large margins are legitimate, and torch.sigmoid can take
    them."""
    return torch.sigmoid(-(beta * log_ratio_gap).clamp(-20, 20))


@same_as(clamped_margin)
def margin_clamped_at_30(log_ratio_gap, beta):
    return torch.sigmoid(-(beta * log_ratio_gap).clamp(-30, 30))


@same_as(clamped_margin)
def margin_clamped_at_50(log_ratio_gap, beta):
    return torch.sigmoid(-(beta * log_ratio_gap).clamp(-50, 50))


@wrong(WEIGHT, "changes its argument")
def scales_in_place(log_ratio_gap, beta):
    """The value is right, but the caller's tensor changed: by an operation ending in _,
    by `*=`, or by backward(), which leaves a .grad. Compute with a new one."""
    return log_ratio_gap.mul_(-beta).sigmoid()


def gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    return (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)


def pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return beta * torch.sigmoid(-beta * gap) / len(gap)


@wrong(GRADIENT, "sign")
def ascent(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Both signs are reversed, or the two results are exchanged. More probability for
    chosen lowers the loss, so its derivative comes first and is negative."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return pull, -pull


@wrong(GRADIENT, "sum for mean")
def sum_over_pairs(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """This is the gradient of the sum: it is not divided by the number of pairs in this
    batch. The loss is a mean over the pairs."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull * len(pull), pull * len(pull)


@wrong(GRADIENT, "beta forgotten outside")
def no_beta_in_front(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """beta is missing in front: the margin is beta * gap, and the chain rule brings
    beta out."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull / beta, pull / beta


@wrong(GRADIENT, "beta forgotten inside")
def no_beta_in_the_weight(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """beta is missing in the weight: it is the sigmoid of minus beta * gap."""
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    pull = beta * torch.sigmoid(-gap) / len(gap)
    return -pull, pull


@wrong(GRADIENT, "beta forgotten twice")
def no_beta(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """beta never enters. It is in the weight, and the chain rule brings it out in
    front once more."""
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    pull = torch.sigmoid(-gap) / len(gap)
    return -pull, pull


@wrong(GRADIENT, "weight of being right")
def rich_get_richer(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """Your weight is the probability of the given label: settled pairs would pull
    hardest. The weight is that of the reversed label."""
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    pull = beta * torch.sigmoid(beta * gap) / len(gap)
    return -pull, pull


@wrong(GRADIENT, "same sign for both")
def same_sign(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Both derivatives have the same sign. logp_rejected enters the gap with a
    minus."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull, -pull


@wrong(GRADIENT, "rejected branch not trained")
def chosen_only(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You leave the rejected response out. It is pushed down exactly as hard as the
    chosen one is pulled up."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull, torch.zeros_like(pull)


@wrong(GRADIENT, "order of the results")
def results_exchanged(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The two results are exchanged: logp_chosen's derivative comes first, and it is
    negative."""
    gap = gap_of(logp_rejected, logp_chosen, ref_logp_rejected, ref_logp_chosen)
    pull = beta * torch.sigmoid(-beta * gap) / len(gap)
    return pull, -pull


@wrong(GRADIENT, "weights shared by the batch")
def mean_gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You average the gap first, so all pairs pull alike. Each pair has its own
    weight."""
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    pull = beta * torch.sigmoid(-beta * gap.mean()) / len(gap) * torch.ones_like(gap)
    return -pull, pull


@wrong(GRADIENT, "reference left out")
def weight_without_reference(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The reference never enters. It has no gradient, but it is part of the gap in the
    weight."""
    pull = beta * torch.sigmoid(-beta * (logp_chosen - logp_rejected))
    return -pull / len(pull), pull / len(pull)


@wrong(GRADIENT, "reference added")
def reference_added(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The reference's part of the gap has the wrong sign: it is subtracted."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_rejected, ref_logp_chosen, beta)
    return -pull, pull


@wrong(GRADIENT, "brackets missing")
def brackets_missing(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """A pair of brackets is missing in the gap: minus (log pi - log ref) is minus log
    pi plus log ref."""
    gap = logp_chosen - ref_logp_chosen - logp_rejected - ref_logp_rejected
    pull = beta * torch.sigmoid(-beta * gap) / len(gap)
    return -pull, pull


@wrong(GRADIENT, "constant pull")
def constant_pull(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You use the weight 1/2 of the start for every pair. It follows the margin: what
    is settled stops pulling."""
    pull = torch.full_like(logp_chosen, beta / 2 / len(logp_chosen))
    return -pull, pull


@wrong(GRADIENT, "weight forgotten")
def linear_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The weight is missing: this is the gradient of minus the margin, which pulls for
    ever with the same force."""
    pull = torch.full_like(logp_chosen, beta / len(logp_chosen))
    return -pull, pull


@wrong(GRADIENT, "log forgotten")
def gradient_without_log(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """This is the gradient of -sigmoid(margin): the log of the loss is missing. It
    gives up on hopeless pairs, where the DPO loss pulls most."""
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    p = torch.sigmoid(beta * gap)
    pull = beta * p * (1 - p) / len(gap)
    return -pull, pull


@wrong(GRADIENT, "derivative in probabilities")
def in_probabilities(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You differentiate in the probabilities, which divides by them. The task asks for
    derivatives in the log-probabilities."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull / logp_chosen.exp(), pull / logp_rejected.exp()


@wrong(GRADIENT, "score of a two-way softmax")
def softmax_of_the_pair(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """Your weight compares the two probabilities of the policy. It compares the
    implicit rewards: log-ratios to the reference, times beta."""
    pull = beta * torch.sigmoid(logp_rejected - logp_chosen) / len(logp_chosen)
    return -pull, pull


@wrong(GRADIENT, "divided by pairs twice")
def mean_twice(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You divide by the number of pairs twice. The mean does it once."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull / len(pull), pull / len(pull)


@wrong(GRADIENT, "divided by the number of responses")
def mean_over_responses(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You divide by the number of responses, two per pair. The loss is a mean over the
    pairs."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull / 2, pull / 2


@wrong(GRADIENT, "one number for the batch")
def mean_pull(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """You return one number for the whole batch. Each pair has its own derivative."""
    pull = pull_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull.sum(), pull.sum()


@wrong(GRADIENT, "exp overflows")
def gradient_overflows(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """Right at ordinary margins, but e^2000 is too large for a float, and inf / inf is
    not a number. torch.sigmoid takes care of that."""
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    power = torch.exp(-beta * gap)
    pull = beta * power / (1 + power) / len(gap)
    return -pull, pull


@same_as(gradient_overflows)
def gradient_of_a_naive_loss(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    leaves = [x.clone().requires_grad_() for x in (logp_chosen, logp_rejected)]
    gap = gap_of(*leaves, ref_logp_chosen, ref_logp_rejected)
    power = torch.exp(-beta * gap)
    pull = beta * power / (1 + power) / len(gap)
    return -pull.detach(), pull.detach()


@wrong(GRADIENT, "one minus the sigmoid")
def small_derivatives_lost(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The same on paper, but at a large margin 1 - sigmoid subtracts nearly equal
    numbers and rounds to 0. beta * sigmoid(-margin) keeps its digits."""
    gap = gap_of(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    pull = beta * (1 - torch.sigmoid(beta * gap)) / len(gap)
    return -pull, pull


@wrong(GRADIENT, "log of a rounded sigmoid")
def gradient_of_a_rounded_sigmoid(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """You differentiate log(sigmoid(margin)). Far out the sigmoid rounds to 0, which
    makes NaN, or to 1, which makes 0. F.logsigmoid keeps the digits on both sides."""
    leaves = [x.clone().requires_grad_() for x in (logp_chosen, logp_rejected)]
    gap = gap_of(*leaves, ref_logp_chosen, ref_logp_rejected)
    return torch.autograd.grad(-torch.sigmoid(beta * gap).log().mean(), leaves)


@wrong(GRADIENT, "the caller's tensors changed")
def arguments_changed(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    """The values are right, but the caller's tensors changed: by an operation in place,
    such as -=, or by backward(), which leaves a .grad. Compute on copies."""
    policy = logp_chosen.requires_grad_(), logp_rejected.requires_grad_()
    gap = (policy[0] - ref_logp_chosen) - (policy[1] - ref_logp_rejected)
    (-F.logsigmoid(beta * gap)).mean().backward()
    return tuple(logp.grad for logp in policy)


def table_step(
    logits, gap_at_ref, chosen, rejected, beta, learning_rate, weight, up=1, down=1
):
    """One step whose weight is ``weight(margin)``, scaled at both ends."""
    margin = beta * (logits[chosen] - logits[rejected] - gap_at_ref)
    pull = learning_rate * beta * weight(margin)
    moved = logits.clone()
    moved[chosen] += up * pull
    moved[rejected] -= down * pull
    return moved


def settled(margin):
    return torch.sigmoid(-margin)


@wrong(STEP, "as given")
def step_as_given(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """This still is the code as given. Which probability should become small as the
    gap grows?"""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    return table_step(*args, torch.sigmoid)


@wrong(STEP, "signs of the update reversed")
def step_uphill(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """The weight is right now, but the update goes uphill: the signs of the last two
    lines were right."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    return table_step(*args, settled, -1, -1)


@wrong(STEP, "update reversed, weight as it was")
def update_reversed(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """You reversed the update. Its direction was right; how long the step is, is
    not."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    return table_step(*args, torch.sigmoid, -1, -1)


@wrong(STEP, "reference added")
def step_reference_added(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """The reference's part of the gap has the wrong sign now. It was right: change the
    sign of the whole margin, inside the sigmoid."""
    args = logits, -gap_at_ref, chosen, rejected, beta, learning_rate
    return table_step(*args, settled)


@same_as(step_reference_added)
def gap_reversed(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    gap = logits[rejected] - logits[chosen] - gap_at_ref
    pull = learning_rate * beta * torch.sigmoid(beta * gap)
    moved = logits.clone()
    moved[chosen] += pull
    moved[rejected] -= pull
    return moved


@wrong(STEP, "reference left out")
def step_without_reference(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """The weight is right now, but gap_at_ref is gone. It was right: the gap is
    measured from the reference's own."""
    args = logits, 0.0, chosen, rejected, beta, learning_rate
    return table_step(*args, settled)


@wrong(STEP, "log-probabilities for logits")
def step_from_log_probabilities(
    logits, gap_at_ref, chosen, rejected, beta, learning_rate
):
    """You step from log-softmax of the logits. The softmax is the same, but the task
    asks for logits: logits - learning_rate * gradient."""
    args = torch.log_softmax(logits, 0), gap_at_ref, chosen, rejected, beta
    return table_step(*args, learning_rate, settled)


@wrong(STEP, "gap measured again")
def gap_measured_again(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """The second logit moves by a weight that was computed after the first had moved.
    One step has one gradient: compute the pull once."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    moved = table_step(*args, settled, 1, 0)
    args = moved, gap_at_ref, chosen, rejected, beta, learning_rate
    return table_step(*args, settled, 0, 1)


@wrong(STEP, "beta removed")
def step_without_beta(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """The weight is right now, but beta in front of it was no bug: the chain rule
    brings it."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate / beta
    return table_step(*args, settled)


@wrong(STEP, "only the chosen logit moves")
def chosen_logit_only(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Only the chosen logit moves. Both are in the gap, with opposite signs."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    return table_step(*args, settled, 1, 0)


@wrong(STEP, "derivative of the sigmoid")
def step_by_sigmoid_slope(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """This is the slope of the sigmoid; the loss is -log of it. The weight is one
    sigmoid, of minus the margin."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    return table_step(*args, lambda m: torch.sigmoid(m) * torch.sigmoid(-m))


@wrong(STEP, "score of a softmax")
def step_of_a_softmax(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """You moved the other logits as well, as the gradient of log pi does. In the
    difference of two log-probabilities that part cancels."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    moved = table_step(*args, settled, 1, 1)
    margin = beta * (logits[chosen] - logits[rejected] - gap_at_ref)
    pull = learning_rate * beta * settled(margin)
    return moved - pull * torch.softmax(logits, dim=0)


@same_as(step_of_a_softmax)
def step_of_log_pi_chosen(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    margin = beta * (logits[chosen] - logits[rejected] - gap_at_ref)
    moved = logits - learning_rate * beta * settled(margin) * logits.softmax(0)
    moved[chosen] += learning_rate * beta * settled(margin)
    return moved


@wrong(STEP, "changes its argument")
def step_in_place(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """The value is right, but the caller's logits changed: .clone() was there on
    purpose."""
    args = logits, gap_at_ref, chosen, rejected, beta, learning_rate
    logits += table_step(*args, settled) - logits
    return logits


@wrong(FIRST, "zero")
def no_gradient():
    """The policy equals the reference, but the loss is not at its minimum: log 2 can
    still fall, and its slope is not 0."""
    return 0.0


@wrong(FIRST, "sign")
def positive_gradient():
    """The size is right. More probability for the chosen response lowers the loss, so
    the derivative is negative."""
    return 0.15


@wrong(FIRST, "weight alone")
def weight_alone():
    """This is minus the weight. The chain rule brings beta out in front."""
    return -0.5


@wrong(FIRST, "beta alone")
def beta_alone():
    """This is minus beta. It is multiplied by the weight, the probability of the
    reversed label."""
    return -0.3


@wrong(FIRST, "slope of the sigmoid")
def quarter_for_half():
    """You used the slope of the sigmoid, 1/4. The loss is -log of it, with slope
    -1/2 at margin 0."""
    return -0.3 / 4


@wrong(FIRST, "beta taken for the margin")
def weight_at_margin_beta():
    """This has the weight at margin beta. The policy equals the reference, so gap and
    margin are 0, and the weight is one half."""
    return -0.3 / (1 + math.exp(0.3))


@wrong(FIRST, "the loss")
def loss_at_the_start():
    """This is log 2, the loss; the task asks for its derivative."""
    return math.log(2)


@wrong(FIRST, "beta times the loss")
def beta_times_the_loss():
    """This is beta times log 2. The weight is one half, a probability."""
    return -0.3 * math.log(2)


@wrong(STRONGEST, "unbounded")
def a_thousand_times():
    """You let the pull grow with the margin. It is beta times a probability, and that
    never exceeds 1."""
    return 1000.0


@same_as(a_thousand_times)
def without_bound():
    return math.inf


@wrong(STRONGEST, "linear in the gap")
def ten_thousand_times():
    """You let the pull grow with the gap. It is beta times a probability,
    and that never exceeds 1."""
    return 10000.0


@wrong(STRONGEST, "beta times the margin")
def a_hundred_times():
    """This is beta times 1000. The pull is beta times a probability, and that never
    exceeds 1, however large the margin."""
    return 100.0


@wrong(STRONGEST, "sign")
def minus_twice():
    """Both derivatives are negative, so their quotient is positive."""
    return -2.0


@wrong(STRONGEST, "slope of the sigmoid at the start")
def four_times():
    """You took the weight at the start for 1/4, the slope of the sigmoid. The weight is
    sigmoid(0) = 1/2."""
    return 4.0


@wrong(STRONGEST, "nothing")
def no_pull():
    """You took the weight for the probability of the given label. It is the reversed
    label's: close to 1 here."""
    return 0.0


@wrong(STRONGEST, "the same")
def same_as_at_the_start():
    """The weight at the start is 1/2, and here it is larger."""
    return 1.0


@wrong(STRONGEST, "beta")
def pull_itself():
    """This is the size of the pull, beta times 1. The task asks how many times as large
    that is as at the start."""
    return 0.1


@wrong(STRONGEST, "upside down")
def half_as_strong():
    """The quotient is upside down: wrong pairs pull harder than undecided ones."""
    return 0.5


@wrong(STRONGEST, "ratio of losses")
def ratio_of_losses():
    """This is the ratio of the losses, 1000 / log 2. The task asks about their
    slopes."""
    return 1000 / math.log(2)
