"""Chapter 14: wrong answers of learners."""

import math

import torch
import torch.nn.functional as F


def ipo_loss__precedence(log_ratio_gap, beta):
    """`1 / 2 * beta` is beta / 2 and not 1 / (2 beta)."""
    return ((log_ratio_gap - 1 / 2 * beta) ** 2).mean()


def ipo_loss__target_one_over_beta(log_ratio_gap, beta):
    """The target is 1 / beta, twice too far."""
    return ((log_ratio_gap - 1 / beta) ** 2).mean()


def ipo_loss__scaled_by_beta(log_ratio_gap, beta):
    """(beta * gap - 1/2)^2 has the same minimum but is beta^2 times too small."""
    return ((beta * log_ratio_gap - 0.5) ** 2).mean()


def ipo_loss__margin_against_target(log_ratio_gap, beta):
    """Compares beta * gap with the target, but the gap itself is to be compared."""
    return ((beta * log_ratio_gap - 1 / (2 * beta)) ** 2).mean()


def ipo_loss__one_sided(log_ratio_gap, beta):
    """A hinge: gaps beyond the target cost nothing, but IPO pulls them back."""
    return (F.relu(1 / (2 * beta) - log_ratio_gap) ** 2).mean()


def ipo_loss__mean_before_square(log_ratio_gap, beta):
    """Squares the distance of the mean gap; right for one pair only."""
    return (log_ratio_gap.mean() - 1 / (2 * beta)) ** 2


def ipo_loss__absolute(log_ratio_gap, beta):
    """The absolute distance instead of its square."""
    return (log_ratio_gap - 1 / (2 * beta)).abs().mean()


def ipo_loss__sum(log_ratio_gap, beta):
    """The sum over the pairs instead of the mean."""
    return ((log_ratio_gap - 1 / (2 * beta)) ** 2).sum()


def ipo_loss__half_squared(log_ratio_gap, beta):
    """Adds a factor 1/2 out of habit."""
    return 0.5 * ((log_ratio_gap - 1 / (2 * beta)) ** 2).mean()


def ipo_loss__in_place(log_ratio_gap, beta):
    """Subtracts the target in place (through .data), so the caller's gaps are changed."""
    log_ratio_gap.data.sub_(1 / (2 * beta))
    return log_ratio_gap.square().mean()


def ipo_loss__no_gradient(log_ratio_gap, beta):
    """Makes a new tensor by torch.tensor(...tolist()), so no gradient reaches the gap."""
    gap = torch.tensor(log_ratio_gap.tolist(), dtype=torch.float64)
    return ((gap - 1 / (2 * beta)) ** 2).mean()


def ipo_loss__smooth_l1(log_ratio_gap, beta):
    """mse near the target but linear far away (Huber), which is not the squared distance."""
    target = torch.full_like(log_ratio_gap, 1 / (2 * beta))
    return 2 * F.huber_loss(log_ratio_gap, target, delta=10.0)


def cdpo_loss__epsilon_exchanged(log_ratio_gap, beta, epsilon):
    """The weights are exchanged: epsilon goes with the label as given."""
    m = beta * log_ratio_gap
    return -(epsilon * F.logsigmoid(m) + (1 - epsilon) * F.logsigmoid(-m)).mean()


def cdpo_loss__log_of_mixture(log_ratio_gap, beta, epsilon):
    """The log of the mixed probability, not the expected cost."""
    m = beta * log_ratio_gap
    p = (1 - epsilon) * torch.sigmoid(m) + epsilon * torch.sigmoid(-m)
    return -torch.log(p).mean()


def cdpo_loss__robust_instead(log_ratio_gap, beta, epsilon):
    """This is robust DPO: minus and a division by 1 - 2 epsilon."""
    m = beta * log_ratio_gap
    cost = (1 - epsilon) * -F.logsigmoid(m) - epsilon * -F.logsigmoid(-m)
    return (cost / (1 - 2 * epsilon)).mean()


def cdpo_loss__second_cost_missing(log_ratio_gap, beta, epsilon):
    """Only the first cost, weighed with 1 - epsilon."""
    return (-(1 - epsilon) * F.logsigmoid(beta * log_ratio_gap)).mean()


def cdpo_loss__naive_logs(log_ratio_gap, beta, epsilon):
    """log(sigmoid) and log(1 - sigmoid) become -inf far out, although finite by the task (even 0 * inf = nan)."""
    p = torch.sigmoid(beta * log_ratio_gap)
    return -((1 - epsilon) * torch.log(p) + epsilon * torch.log(1 - p)).mean()


def cdpo_loss__bce_clamped(log_ratio_gap, beta, epsilon):
    """binary_cross_entropy clamps its logarithms at -100: wrong for margins beyond 100."""
    p = torch.sigmoid(beta * log_ratio_gap)
    return F.binary_cross_entropy(p, torch.full_like(p, 1 - epsilon))


def cdpo_loss__half_epsilon(log_ratio_gap, beta, epsilon):
    """Label smoothing over two classes, with the label 1 - epsilon / 2."""
    m = beta * log_ratio_gap
    e = epsilon / 2
    return -((1 - e) * F.logsigmoid(m) + e * F.logsigmoid(-m)).mean()


def cdpo_loss__beta_inside_once(log_ratio_gap, beta, epsilon):
    """Beta only multiplies the gap of the first cost."""
    return -(
        (1 - epsilon) * F.logsigmoid(beta * log_ratio_gap) + epsilon * F.logsigmoid(-log_ratio_gap)
    ).mean()


def cdpo_loss__identity_slip(log_ratio_gap, beta, epsilon):
    """cost(-m) = cost(m) + m, but then the sum is cost + epsilon * m and not (1 - epsilon) * cost + epsilon * m."""
    m = beta * log_ratio_gap
    return ((1 - epsilon) * F.softplus(-m) + epsilon * m).mean()


def cdpo_loss__sum(log_ratio_gap, beta, epsilon):
    """The sum over the pairs."""
    m = beta * log_ratio_gap
    return -((1 - epsilon) * F.logsigmoid(m) + epsilon * F.logsigmoid(-m)).sum()


def cdpo_loss__shrunk_margin(log_ratio_gap, beta, epsilon):
    """Shrinks the margin by 1 - 2 epsilon inside the sigmoid."""
    return -F.logsigmoid((1 - 2 * epsilon) * beta * log_ratio_gap).mean()


def cdpo_loss__sampled_flips(log_ratio_gap, beta, epsilon):
    """Draws the flips at random instead of taking the expected cost."""
    sign = torch.where(torch.rand_like(log_ratio_gap) < epsilon, -1.0, 1.0).double()
    return -F.logsigmoid(sign * beta * log_ratio_gap).mean()


def simpo_loss__gamma_inside_beta(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """beta multiplies gamma too, which the task rules out; right for beta 1."""
    margin = beta * (logp_chosen / length_chosen - logp_rejected / length_rejected - gamma)
    return -F.logsigmoid(margin).mean()


def simpo_loss__gamma_added(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Adds gamma: the lead is given away instead of asked for."""
    margin = beta * (logp_chosen / length_chosen - logp_rejected / length_rejected) + gamma
    return -F.logsigmoid(margin).mean()


def simpo_loss__not_per_token(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Compares whole log-probabilities, not those per token."""
    return -F.logsigmoid(beta * (logp_chosen - logp_rejected) - gamma).mean()


def simpo_loss__lengths_exchanged(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Divides each log-probability by the length of the other response."""
    margin = beta * (logp_chosen / length_rejected - logp_rejected / length_chosen) - gamma
    return -F.logsigmoid(margin).mean()


def simpo_loss__floor_division(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """`//` rounds the scores down to whole numbers."""
    margin = beta * (logp_chosen // length_chosen - logp_rejected // length_rejected) - gamma
    return -F.logsigmoid(margin).mean()


def simpo_loss__naive(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """log(1 + e^-margin) overflows to inf at a margin of -2000."""
    margin = beta * (logp_chosen / length_chosen - logp_rejected / length_rejected) - gamma
    return torch.log(1 + torch.exp(-margin)).mean()


def simpo_loss__common_length(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Divides the difference by the mean length; right where both are equally long."""
    n = (length_chosen + length_rejected) / 2
    return -F.logsigmoid(beta * (logp_chosen - logp_rejected) / n - gamma).mean()


def simpo_loss__batch_mean_length(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Divides by the mean length of the batch instead of each response's own; right for one pair."""
    margin = beta * (
        logp_chosen / length_chosen.double().mean() - logp_rejected / length_rejected.double().mean()
    ) - gamma
    return -F.logsigmoid(margin).mean()


def simpo_loss__in_place(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Divides the arguments in place, so the caller's log-probabilities change."""
    with torch.no_grad():
        logp_chosen /= length_chosen
        logp_rejected /= length_rejected
    return -F.logsigmoid(beta * (logp_chosen - logp_rejected) - gamma).mean()


def simpo_loss__rejected_detached(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Detaches the rejected log-probabilities; the gradient must reach both."""
    margin = beta * (logp_chosen / length_chosen - logp_rejected.detach() / length_rejected) - gamma
    return -F.logsigmoid(margin).mean()


def simpo_loss__rejected_minus_chosen(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Rejected minus chosen."""
    margin = beta * (logp_rejected / length_rejected - logp_chosen / length_chosen) - gamma
    return -F.logsigmoid(margin).mean()


def simpo_loss__gamma_hinge(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Charges nothing once the lead is won (a hinge), but the loss is -log sigmoid."""
    margin = beta * (logp_chosen / length_chosen - logp_rejected / length_rejected) - gamma
    return torch.where(margin > 0, torch.zeros_like(margin), -F.logsigmoid(margin)).mean()


def kto_loss__kl_not_clamped(log_ratio, desirable, kl, beta):
    """Uses a negative kl as it is; the reference point is 0 then."""
    z0 = kl.detach()
    s = torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return (1 - torch.sigmoid(beta * s)).mean()


def kto_loss__kl_absolute(log_ratio, desirable, kl, beta):
    """Takes |kl| where kl is negative, but 0 is wanted."""
    z0 = kl.detach().abs()
    s = torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return (1 - torch.sigmoid(beta * s)).mean()


def kto_loss__kl_not_detached(log_ratio, desirable, kl, beta):
    """A gradient reaches kl, which must be a constant."""
    z0 = kl.clamp(min=0)
    s = torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return (1 - torch.sigmoid(beta * s)).mean()


def kto_loss__group_means(log_ratio, desirable, kl, beta):
    """Averages each kind by itself: nan when one is missing, and other weights when they are unequal."""
    z0 = kl.detach().clamp(min=0)
    good = 1 - torch.sigmoid(beta * (log_ratio[desirable] - z0))
    bad = 1 - torch.sigmoid(beta * (z0 - log_ratio[~desirable]))
    return (good.mean() + bad.mean()) / 2


def kto_loss__log_sigmoid(log_ratio, desirable, kl, beta):
    """Charges -log sigmoid as DPO does; KTO charges 1 - sigmoid."""
    z0 = kl.detach().clamp(min=0)
    s = torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return -F.logsigmoid(beta * s).mean()


def kto_loss__kinds_exchanged(log_ratio, desirable, kl, beta):
    """Treats the desirable responses as undesirable ones."""
    z0 = kl.detach().clamp(min=0)
    s = torch.where(desirable, z0 - log_ratio, log_ratio - z0)
    return (1 - torch.sigmoid(beta * s)).mean()


def kto_loss__sign_of_ratio_only(log_ratio, desirable, kl, beta):
    """Turns the log-ratio but not z0 for undesirable responses: sigmoid(beta * (-log_ratio - z0))."""
    z0 = kl.detach().clamp(min=0)
    sign = torch.where(desirable, 1.0, -1.0)
    return (1 - torch.sigmoid(beta * (sign * log_ratio - z0))).mean()


def kto_loss__beta_not_on_kl(log_ratio, desirable, kl, beta):
    """beta multiplies the log-ratio only and not the reference point."""
    z0 = kl.detach().clamp(min=0)
    d = beta * log_ratio - z0
    return (1 - torch.sigmoid(torch.where(desirable, d, -d))).mean()


def kto_loss__utility_returned(log_ratio, desirable, kl, beta):
    """Returns the mean utility sigmoid(...) instead of the cost."""
    z0 = kl.detach().clamp(min=0)
    s = torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return torch.sigmoid(beta * s).mean()


def kto_loss__exp_gradient_nan(log_ratio, desirable, kl, beta):
    """Writes the sigmoid as 1 / (1 + exp(-x)): the value is right, but the gradient is nan once exp overflows."""
    z0 = kl.detach().clamp(min=0)
    x = beta * torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return (1 - 1 / (1 + torch.exp(-x))).mean()


def kto_loss__exp_ratio(log_ratio, desirable, kl, beta):
    """exp(x) / (1 + exp(x)) is inf / inf = nan for large x."""
    z0 = kl.detach().clamp(min=0)
    x = beta * torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return (1 - torch.exp(x) / (1 + torch.exp(x))).mean()


def kto_loss__kl_from_batch(log_ratio, desirable, kl, beta):
    """Ignores kl and takes the mean log-ratio of the batch as the reference point."""
    z0 = log_ratio.mean().detach().clamp(min=0)
    s = torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return (1 - torch.sigmoid(beta * s)).mean()


def kto_loss__clamped_in_place(log_ratio, desirable, kl, beta):
    """clamp_ on the detached kl writes into the caller's tensor."""
    z0 = kl.detach().clamp_(min=0)
    s = torch.where(desirable, log_ratio - z0, z0 - log_ratio)
    return (1 - torch.sigmoid(beta * s)).mean()


def kto_loss__integer_sign_of_bool(log_ratio, desirable, kl, beta):
    """Multiplies with the bool itself: an undesirable response gets the factor 0, not -1, and always costs 1/2."""
    z0 = kl.detach().clamp(min=0)
    return (1 - torch.sigmoid(beta * desirable * (log_ratio - z0))).mean()


def find_the_bug_robust_loss__as_given(log_ratio_gap, beta, epsilon):
    """Only the raising line is deleted: the second cost is added, not subtracted."""
    margin = beta * log_ratio_gap
    losses = (1 - epsilon) * -F.logsigmoid(margin) + epsilon * -F.logsigmoid(-margin)
    return (losses / (1 - 2 * epsilon)).mean()


def find_the_bug_robust_loss__no_division(log_ratio_gap, beta, epsilon):
    """Takes out the division, which was right."""
    margin = beta * log_ratio_gap
    return ((1 - epsilon) * -F.logsigmoid(margin) - epsilon * -F.logsigmoid(-margin)).mean()


def find_the_bug_robust_loss__one_plus(log_ratio_gap, beta, epsilon):
    """Divides by 1 + 2 epsilon."""
    margin = beta * log_ratio_gap
    losses = (1 - epsilon) * -F.logsigmoid(margin) - epsilon * -F.logsigmoid(-margin)
    return (losses / (1 + 2 * epsilon)).mean()


def find_the_bug_robust_loss__one_minus_epsilon(log_ratio_gap, beta, epsilon):
    """Divides by 1 - epsilon."""
    margin = beta * log_ratio_gap
    losses = (1 - epsilon) * -F.logsigmoid(margin) - epsilon * -F.logsigmoid(-margin)
    return (losses / (1 - epsilon)).mean()


def find_the_bug_robust_loss__clamped_at_zero(log_ratio_gap, beta, epsilon):
    """Clamps negative losses to 0, but the loss may be negative."""
    margin = beta * log_ratio_gap
    losses = (1 - epsilon) * -F.logsigmoid(margin) - epsilon * -F.logsigmoid(-margin)
    return (losses / (1 - 2 * epsilon)).clamp(min=0).mean()


def find_the_bug_robust_loss__weights_exchanged(log_ratio_gap, beta, epsilon):
    """Turns the minus but exchanges the weights of the two costs."""
    margin = beta * log_ratio_gap
    losses = epsilon * -F.logsigmoid(margin) - (1 - epsilon) * -F.logsigmoid(-margin)
    return (losses / (1 - 2 * epsilon)).mean()


def find_the_bug_robust_loss__cdpo(log_ratio_gap, beta, epsilon):
    """Turns it into cDPO: still a plus, and no division."""
    margin = beta * log_ratio_gap
    return ((1 - epsilon) * F.softplus(-margin) + epsilon * F.softplus(margin)).mean()


def find_the_bug_robust_loss__naive_log(log_ratio_gap, beta, epsilon):
    """Mended, but with log(sigmoid): inf or nan at margins of 2000."""
    p = torch.sigmoid(beta * log_ratio_gap)
    losses = -(1 - epsilon) * torch.log(p) + epsilon * torch.log(1 - p)
    return (losses / (1 - 2 * epsilon)).mean()


def find_the_bug_positive_loss__as_given(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Only the raising line is deleted: the fine is negative, so a fall is rewarded."""
    gap = log_ratio_chosen - log_ratio_rejected
    fine = penalty * log_ratio_chosen.clamp(max=0)
    return -F.logsigmoid(beta * (gap - fine)).mean()


def find_the_bug_positive_loss__wrong_clamp(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """clamp(min=0) of the log-ratio fines a rise, not a fall."""
    gap = log_ratio_chosen - log_ratio_rejected
    fine = penalty * log_ratio_chosen.clamp(min=0)
    return -F.logsigmoid(beta * (gap - fine)).mean()


def find_the_bug_positive_loss__absolute(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """The absolute value fines a rise of the chosen response too."""
    gap = log_ratio_chosen - log_ratio_rejected
    return -F.logsigmoid(beta * (gap - penalty * log_ratio_chosen.abs())).mean()


def find_the_bug_positive_loss__outside_beta(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """The fine stands outside beta; right for beta 1."""
    gap = log_ratio_chosen - log_ratio_rejected
    shortfall = (-log_ratio_chosen).clamp(min=0)
    return -F.logsigmoid(beta * gap - penalty * shortfall).mean()


def find_the_bug_positive_loss__outside_sigmoid(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Adds the fine to the loss instead of subtracting it inside the sigmoid."""
    gap = log_ratio_chosen - log_ratio_rejected
    shortfall = (-log_ratio_chosen).clamp(min=0)
    return (-F.logsigmoid(beta * gap) + penalty * shortfall).mean()


def find_the_bug_positive_loss__rejected_fined(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Fines the fall of the rejected response."""
    gap = log_ratio_chosen - log_ratio_rejected
    shortfall = (-log_ratio_rejected).clamp(min=0)
    return -F.logsigmoid(beta * (gap - penalty * shortfall)).mean()


def find_the_bug_positive_loss__mean_shortfall(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Every pair pays the mean shortfall of the batch instead of its own; right for one pair."""
    gap = log_ratio_chosen - log_ratio_rejected
    shortfall = (-log_ratio_chosen).clamp(min=0).mean()
    return -F.logsigmoid(beta * (gap - penalty * shortfall)).mean()


def find_the_bug_positive_loss__fine_detached(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """The value is right, but the shortfall is detached, so the fine has no gradient and changes nothing."""
    gap = log_ratio_chosen - log_ratio_rejected
    shortfall = (-log_ratio_chosen).clamp(min=0).detach()
    return -F.logsigmoid(beta * (gap - penalty * shortfall)).mean()


def find_the_bug_positive_loss__flag(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """A flat fine wherever the chosen response fell, however far."""
    gap = log_ratio_chosen - log_ratio_rejected
    return -F.logsigmoid(beta * (gap - penalty * (log_ratio_chosen < 0).double())).mean()


def predict_the_ipo_gap__target():
    """Forgets the 10 comparisons that went the other way."""
    return 2.0


def predict_the_ipo_gap__log_odds():
    """Gives DPO's answer, log 9 / beta."""
    return math.log(9) / 0.25


def predict_the_ipo_gap__weighted_once():
    """Takes 0.9 of the target and forgets the pull of the others to minus the target."""
    return 0.9 * 2


def predict_the_ipo_gap__wrong_target():
    """Takes 1 / beta as the target: 0.8 * 4."""
    return 0.8 * 4


def predict_the_ipo_gap__precedence():
    """Takes beta / 2 as the target."""
    return 0.8 * 0.125


def predict_the_cdpo_gap__infinite():
    """That is DPO; cDPO comes to rest."""
    return math.inf


def predict_the_cdpo_gap__margin():
    """Forgets to divide by beta."""
    return math.log(4)


def predict_the_cdpo_gap__one_over_epsilon():
    """Takes log(1 / epsilon) for the log odds."""
    return math.log(5) / 0.5


def predict_the_cdpo_gap__wrong_sign():
    """The sign is turned: log(0.2 / 0.8)."""
    return math.log(0.25) / 0.5


def predict_the_cdpo_gap__times_beta():
    """Multiplies by beta."""
    return 0.5 * math.log(4)


def predict_the_kto_pull__slope_alone():
    """Gives the slope sigmoid'(-4) and does not compare it with 1/4."""
    s = 1 / (1 + math.exp(4))
    return s * (1 - s)


def predict_the_kto_pull__dpo_weight():
    """DPO's weight sigmoid(4) over sigmoid(0), as if the loss were -log sigmoid."""
    return 2 / (1 + math.exp(-4))


def predict_the_kto_pull__ratio_of_sigmoids():
    """The ratio of the sigmoids, not of their slopes."""
    return 2 / (1 + math.exp(4))


def predict_the_kto_pull__inverse():
    """How many times as large the first is as the second."""
    s = 1 / (1 + math.exp(4))
    return 0.25 / (s * (1 - s))


def predict_the_kto_pull__exponential():
    """e^-4 is the far tail only and lacks the factor 4."""
    return math.exp(-4)
