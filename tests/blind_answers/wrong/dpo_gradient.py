"""Wrong answers to the exercises of chapter 07, the gradient of the DPO loss."""

import math

import torch
import torch.nn.functional as F

_CACHE = {}


def gradient_weight__sign(log_ratio_gap, beta):
    """Gives the probability of the right label, sigmoid(+margin), instead of the reversed one."""
    return torch.sigmoid(beta * log_ratio_gap)


def gradient_weight__one_minus_sigmoid(log_ratio_gap, beta):
    """1 - sigmoid(margin) is rounded to 0 above margin 37, but small weights must keep their leading digits."""
    return 1 - torch.sigmoid(beta * log_ratio_gap)


def gradient_weight__negative(log_ratio_gap, beta):
    """Returns the derivative, which is minus the weight, instead of the weight."""
    return -torch.sigmoid(-beta * log_ratio_gap)


def gradient_weight__times_beta(log_ratio_gap, beta):
    """Multiplies by beta, the derivative in the gap; the task asks for the derivative in the margin."""
    return beta * torch.sigmoid(-beta * log_ratio_gap)


def gradient_weight__exp_over_one_plus_exp(log_ratio_gap, beta):
    """exp(-m) / (1 + exp(-m)) is inf / inf = nan for margins below -709, though -2000 is promised."""
    e = torch.exp(-beta * log_ratio_gap)
    return e / (1 + e)


def gradient_weight__clamped(log_ratio_gap, beta):
    """Clamps the margin at 30 so that every smaller weight comes out as e^-30, wrong in its leading digits."""
    margin = torch.clamp(beta * log_ratio_gap, -30, 30)
    return 1 / (1 + torch.exp(margin))


def gradient_weight__float32(log_ratio_gap, beta):
    """Computes in float32 and casts back: weights below 1e-45 become 0 and seven digits remain of the rest."""
    return torch.sigmoid((-beta * log_ratio_gap).float()).double()


def gradient_weight__one_minus_exp_of_loss(log_ratio_gap, beta):
    """1 - exp(-loss) is the weight on paper, but cancels to 0 when the loss is small; expm1 would be needed."""
    loss = F.softplus(-beta * log_ratio_gap)
    return 1 - torch.exp(-loss)


def gradient_weight__tanh(log_ratio_gap, beta):
    """(1 - tanh(m/2)) / 2 is right on paper, but rounds small weights to 0 by cancellation."""
    return 0.5 * (1 - torch.tanh(beta * log_ratio_gap / 2))


def gradient_weight__softmax_over_pairs(log_ratio_gap, beta):
    """Normalises over the pairs of the batch, but each pair's weight is its own sigmoid."""
    return torch.softmax(-beta * log_ratio_gap, dim=0)


def gradient_weight__sigmoid_derivative(log_ratio_gap, beta):
    """Gives sigmoid' = s (1 - s), the derivative of the sigmoid and not of -log sigmoid."""
    s = torch.sigmoid(beta * log_ratio_gap)
    return s * (1 - s)


def gradient_weight__beta_forgotten(log_ratio_gap, beta):
    """Ignores beta, so the margin is the bare gap."""
    return torch.sigmoid(-log_ratio_gap)


def gradient_weight__beta_divides(log_ratio_gap, beta):
    """Divides the gap by beta like a temperature, but the margin is beta * gap."""
    return torch.sigmoid(-log_ratio_gap / beta)


def gradient_weight__in_place(log_ratio_gap, beta):
    """mul_ and sigmoid_ overwrite the caller's gaps with the result."""
    return log_ratio_gap.mul_(-beta).sigmoid_()


def gradient_weight__mean(log_ratio_gap, beta):
    """Returns the mean weight, shape (), but the task wants one weight for each pair."""
    return torch.sigmoid(-beta * log_ratio_gap).mean()


def gradient_weight__add_epsilon(log_ratio_gap, beta):
    """Adds 1e-12 for safety, which swamps every small weight's leading digits."""
    return torch.sigmoid(-beta * log_ratio_gap) + 1e-12


def gradient_weight__where_cut(log_ratio_gap, beta):
    """Sets weights of margins above 50 to 0 'as they are negligible', which the task forbids."""
    margin = beta * log_ratio_gap
    return torch.where(margin > 50, torch.zeros_like(margin), torch.sigmoid(-margin))


def gradient_weight__list(log_ratio_gap, beta):
    """Returns a Python list of floats, but the task wants a float64 tensor (and exp overflows for big margins)."""
    return [1 / (1 + math.exp(beta * float(g))) for g in log_ratio_gap]


def _weights(lc, lr, rc, rr, beta):
    return torch.sigmoid(-beta * ((lc - rc) - (lr - rr)))


def dpo_gradient__no_mean(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Forgets the division by the number of pairs; the loss is a mean (one pair in the hand example hides it)."""
    pull = beta * _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    return -pull, pull


def dpo_gradient__signs_exchanged(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Returns the step direction, minus the gradient: plus for chosen and minus for rejected."""
    w = _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    pull = beta * w / w.numel()
    return pull, -pull


def dpo_gradient__beta_forgotten(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Misses the factor beta of the chain rule from margin to gap."""
    w = _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    pull = w / len(w)
    return -pull, pull


def dpo_gradient__right_label_weight(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Weighs by sigmoid(+margin), so solved pairs pull hardest; the weight is sigmoid(-margin)."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    pull = beta * torch.sigmoid(beta * gap) / gap.shape[0]
    return -pull, pull


def dpo_gradient__one_minus_sigmoid(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """1 - sigmoid(margin) cancels to exactly 0 above margin 37, although the derivative is small and not 0."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    pull = beta * (1 - torch.sigmoid(beta * gap)) / gap.shape[0]
    return -pull, pull


def dpo_gradient__same_sign(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Gives both derivatives the same sign, but the rejected one is positive."""
    w = _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    pull = beta * w / w.numel()
    return -pull, -pull


def dpo_gradient__split_in_two(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Halves each derivative 'to share it between the two responses' by dividing by 2 N instead of N."""
    w = _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    both = torch.cat([-beta * w, beta * w])
    both = both / both.numel()
    return both[: len(w)], both[len(w):]


def dpo_gradient__exp_overflow(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """exp(-m) / (1 + exp(-m)) becomes nan for margins below -709; margins down to -2000 are promised."""
    m = beta * (logp_chosen - ref_logp_chosen - logp_rejected + ref_logp_rejected)
    w = torch.exp(-m) / (1 + torch.exp(-m))
    pull = beta * w / m.numel()
    return -pull, pull


def dpo_gradient__autograd_of_log_sigmoid(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Differentiates log(sigmoid(m)), whose sigmoid underflows to 0 at -1000 and gives nan gradients."""
    c = logp_chosen.detach().clone().requires_grad_()
    r = logp_rejected.detach().clone().requires_grad_()
    m = beta * ((c - ref_logp_chosen) - (r - ref_logp_rejected))
    loss = -torch.log(torch.sigmoid(m)).mean()
    return torch.autograd.grad(loss, (c, r))


def dpo_gradient__autograd_on_the_arguments(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Switches requires_grad on for the caller's tensors and fills their .grad, a change of the arguments."""
    logp_chosen.requires_grad_()
    logp_rejected.requires_grad_()
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    (-F.logsigmoid(beta * gap)).mean().backward()
    return logp_chosen.grad, logp_rejected.grad


def dpo_gradient__stacked(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Returns one stacked tensor of shape (pairs, 2), but the task wants a tuple of two tensors (pairs,)."""
    w = _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    pull = beta * w / w.numel()
    return torch.stack([-pull, pull], dim=1)


def dpo_gradient__weight_of_the_mean_gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Gives every pair the weight of the mean gap, but each pair has its own."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    pull = beta * torch.sigmoid(-beta * gap.mean()) / gap.numel()
    return -pull * torch.ones_like(gap), pull * torch.ones_like(gap)


def dpo_gradient__reference_forgotten(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Leaves the reference out of the gap: it has no gradient of its own but does shift the margin."""
    pull = beta * torch.sigmoid(-beta * (logp_chosen - logp_rejected)) / logp_chosen.numel()
    return -pull, pull


def dpo_gradient__beta_not_in_the_margin(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Has beta in front but not inside the sigmoid, where the margin is beta * gap."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    pull = beta * torch.sigmoid(-gap) / gap.numel()
    return -pull, pull


def dpo_gradient__finite_differences(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Central differences of the loss lose the digits of small derivatives: 0 where the loss is lost in rounding."""
    def loss(c, r):
        return F.softplus(-beta * ((c - ref_logp_chosen) - (r - ref_logp_rejected))).mean()

    h = 1e-5
    dc, dr = torch.zeros_like(logp_chosen), torch.zeros_like(logp_rejected)
    for i in range(len(logp_chosen)):
        e = torch.zeros_like(logp_chosen)
        e[i] = h
        dc[i] = (loss(logp_chosen + e, logp_rejected) - loss(logp_chosen - e, logp_rejected)) / (2 * h)
        dr[i] = (loss(logp_chosen, logp_rejected + e) - loss(logp_chosen, logp_rejected - e)) / (2 * h)
    return dc, dr


def dpo_gradient__overwrites_logp(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Subtracts the reference in place and so changes the caller's log-probabilities."""
    logp_chosen -= ref_logp_chosen
    logp_rejected -= ref_logp_rejected
    pull = beta * torch.sigmoid(-beta * (logp_chosen - logp_rejected)) / logp_chosen.numel()
    return -pull, pull


def dpo_gradient__chain_rule_through_log(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Divides by the probability, the derivative in pi instead of in log pi."""
    w = _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)
    pull = beta * w / w.numel()
    return -pull / logp_chosen.exp(), pull / logp_rejected.exp()


def dpo_gradient__cached_batch_size(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Remembers the batch size of the first call in a global and divides every later batch by it."""
    n = _CACHE.setdefault("pairs", logp_chosen.numel())
    pull = beta * _weights(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta) / n
    return -pull, pull


def find_the_bug_table_step__unmended(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Only the raise is deleted: the pull still grows with the gap, sigmoid(+margin)."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = beta * torch.sigmoid(beta * gap)
    moved = logits.clone()
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def find_the_bug_table_step__signs_turned(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Takes the step's signs for the bug and now climbs the loss, with the wrong weight besides."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = beta * torch.sigmoid(beta * gap)
    moved = logits.clone()
    moved[chosen] -= learning_rate * pull
    moved[rejected] += learning_rate * pull
    return moved


def find_the_bug_table_step__negative_beta(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Puts the minus on both betas, so that the weight is right but the step goes the wrong way."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = -beta * torch.sigmoid(-beta * gap)
    moved = logits.clone()
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def find_the_bug_table_step__gap_at_ref_added(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Mends the weight but adds the reference's gap instead of subtracting it; with gap_at_ref 0 none sees it."""
    gap = logits[chosen] - logits[rejected] + gap_at_ref
    pull = beta * torch.sigmoid(-beta * gap)
    moved = logits.clone()
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def find_the_bug_table_step__in_place(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Mends the weight but drops the clone and changes the caller's logits; a new tensor was asked for."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = beta * torch.sigmoid(-beta * gap)
    logits[chosen] += learning_rate * pull
    logits[rejected] -= learning_rate * pull
    return logits


def find_the_bug_table_step__log_softmax(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Steps the normalised log-probabilities and returns those, but the task wants the stepped logits."""
    logp = torch.log_softmax(logits, dim=0)
    gap = logp[chosen] - logp[rejected] - gap_at_ref
    pull = beta * torch.sigmoid(-beta * gap)
    moved = logp.clone()
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def find_the_bug_table_step__beta_dropped_in_front(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Mends the sign but drops beta of the chain rule in front of the sigmoid."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = torch.sigmoid(-beta * gap)
    moved = logits.clone()
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def find_the_bug_table_step__softmax_gradient(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Subtracts the mean pull of the softmax from all other logits, though the normalizer cancels in the gap."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = beta * torch.sigmoid(-beta * gap)
    onehot = torch.zeros_like(logits)
    onehot[chosen] = 1
    return logits + learning_rate * pull * (onehot - torch.softmax(logits, 0))


def find_the_bug_table_step__second_gap(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Recomputes the weight after moving the chosen logit; one gradient step uses one gradient for both."""
    moved = logits.clone()
    gap = moved[chosen] - moved[rejected] - gap_at_ref
    moved[chosen] += learning_rate * beta * torch.sigmoid(-beta * gap)
    gap = moved[chosen] - moved[rejected] - gap_at_ref
    moved[rejected] -= learning_rate * beta * torch.sigmoid(-beta * gap)
    return moved


def find_the_bug_table_step__view_aliasing(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """logits[:] is a view and not a copy, so the caller's logits are changed as well."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = beta * torch.sigmoid(-beta * gap)
    moved = logits[:]
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def find_the_bug_table_step__reference_gap_forgotten(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Forgets the reference's gap while mending, so a policy at the reference does not have weight 1/2."""
    gap = logits[chosen] - logits[rejected]
    pull = beta * (1 - torch.sigmoid(beta * gap))
    moved = logits.clone()
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def predict_the_first_gradient__positive():
    """The sign is wrong: the loss falls when logp_chosen rises, so the derivative is negative."""
    return 0.15


def predict_the_first_gradient__no_beta():
    """Forgets the factor beta: -0.5 is the derivative in the margin, not in logp_chosen."""
    return -0.5


def predict_the_first_gradient__no_weight():
    """Forgets the weight 1/2: only beta is left."""
    return -0.3


def predict_the_first_gradient__zero():
    """Takes a zero gap for a zero gradient, but the weight at gap 0 is one half."""
    return 0.0


def predict_the_first_gradient__log2():
    """Returns minus the first loss times beta instead of the derivative."""
    return -0.3 * math.log(2)


def predict_the_first_gradient__weight_at_beta():
    """Evaluates the weight at a margin of beta (gap 1), but the policy equals the reference, gap 0."""
    return -0.3 / (1 + math.exp(0.3))


def predict_the_first_gradient__sigmoid_derivative():
    """Uses sigmoid'(0) = 1/4 instead of the derivative of -log sigmoid, 1/2."""
    return -0.3 * 0.25


def predict_the_strongest_pull__thousand():
    """Thinks that the gradient is proportional to the margin, but it saturates at beta."""
    return 1000.0


def predict_the_strongest_pull__margin_times_beta():
    """Multiplies margin and beta, but the weight only grows from 1/2 to 1."""
    return 100


def predict_the_strongest_pull__one():
    """Gives the weight 1 of the hopeless pair and not its ratio to the weight 1/2 at the start."""
    return 1.0


def predict_the_strongest_pull__half():
    """Inverts the ratio: start over now instead of now over start."""
    return 0.5


def predict_the_strongest_pull__zero():
    """Thinks the sigmoid saturates and the gradient vanishes; that happens at margin +1000."""
    return 0.0


def predict_the_strongest_pull__loss_ratio():
    """Compares the losses, 1000 nats to log 2, instead of the derivatives."""
    return 1000 / math.log(2)


def predict_the_strongest_pull__infinite():
    """Lets exp overflow and calls the factor infinite; the weight is bounded by 1."""
    return math.inf


def predict_the_strongest_pull__negative():
    """Gives the factor a minus sign because the derivative is negative, but it was negative at the start as well."""
    return -2.0


def predict_the_strongest_pull__four():
    """Compares with sigmoid'(0) = 1/4 at the start and so gets 4 instead of 2."""
    return 4.0
