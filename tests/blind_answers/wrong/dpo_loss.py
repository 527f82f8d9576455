"""Wrong answers to the exercises of chapter 06, the DPO loss."""

import math

import torch
import torch.nn.functional as F


def _gap(lc, lr, rc, rr):
    return (lc - rc.detach()) - (lr - rr.detach())


def dpo_loss__no_detach(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The reference is not detached, so gradient reaches it although the task calls it a constant."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    return -F.logsigmoid(beta * gap).mean()


def dpo_loss__detach_only_chosen_reference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Only one of the two reference tensors is detached; the task wants no gradient in either."""
    chosen = logp_chosen - ref_logp_chosen.detach()
    rejected = logp_rejected - ref_logp_rejected
    return -F.logsigmoid(beta * (chosen - rejected)).mean()


def dpo_loss__detach_rejected_log_ratio(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Detaches the whole rejected log-ratio, so that no gradient reaches logp_rejected as the task demands."""
    chosen_ratio = logp_chosen - ref_logp_chosen.detach()
    rejected_ratio = (logp_rejected - ref_logp_rejected).detach()
    return F.softplus(-beta * (chosen_ratio - rejected_ratio)).mean()


def dpo_loss__detach_in_place(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Uses detach_(), which changes the caller's reference tensors in place (they lose requires_grad)."""
    ref_logp_chosen.detach_()
    ref_logp_rejected.detach_()
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    return -F.logsigmoid(beta * gap).mean()


def dpo_loss__log_of_sigmoid(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """log(sigmoid(x)) is -inf for margins near -1000 and 0 for margins above 40, not accurate from -2000 to 2000."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -torch.log(torch.sigmoid(beta * gap)).mean()


def dpo_loss__log_of_sigmoid_with_eps(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Adds 1e-12 inside the log, which caps the loss at 27.6 nats although it is 2000 at margin -2000."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -torch.log(torch.sigmoid(beta * gap) + 1e-12).mean()


def dpo_loss__clamped_margin(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Clamps the margin to +-500 against overflow, which falsifies loss and gradient for margins down to -2000."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    margin = torch.clamp(beta * gap, -500.0, 500.0)
    return torch.log1p(torch.exp(-margin)).mean()


def dpo_loss__log_instead_of_log1p(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Uses log(1 + exp(-|m|)) without log1p, so small losses at large positive margins are rounded to 0 or lose digits."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    m = beta * gap
    return (torch.relu(-m) + torch.log(1 + torch.exp(-m.abs()))).mean()


def dpo_loss__where_with_overflowing_branch(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The value is right, but the unused branch of where overflows and the gradient becomes nan at margin -2000."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    m = beta * gap
    loss = torch.where(m > 0, torch.log1p(torch.exp(-m)), -m + torch.log1p(torch.exp(m)))
    return loss.mean()


def dpo_loss__cross_entropy_of_two(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """A two-class cross-entropy rounds 1 + e^-m, so losses of margins above 37 come out as 0 and are not accurate."""
    rewards = torch.stack([logp_chosen - ref_logp_chosen.detach(), logp_rejected - ref_logp_rejected.detach()], -1)
    return F.cross_entropy(beta * rewards, torch.zeros(len(rewards), dtype=torch.long))


def dpo_loss__sum(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Sums over the pairs instead of taking the mean (the hand example has a single pair and cannot tell)."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(beta * gap).sum()


def dpo_loss__loss_of_the_mean_gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Averages the gaps first and takes the loss of the mean gap, but the task wants the mean of the losses."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected).mean()
    return -F.logsigmoid(beta * gap)


def dpo_loss__not_reduced(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Returns one loss per pair, shape (pairs,), instead of their mean of shape ()."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(beta * gap)


def dpo_loss__keepdim(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Returns shape (1,) because of keepdim, but the task asks for shape ()."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return F.softplus(-beta * gap).mean(dim=0, keepdim=True)


def dpo_loss__wrong_sign(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Wrong sign of the margin: rewards the model for preferring the rejected response."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return F.softplus(beta * gap).mean()


def dpo_loss__references_exchanged(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Subtracts the reference of the other response, so the reference difference has the wrong sign."""
    gap = (logp_chosen - ref_logp_rejected.detach()) - (logp_rejected - ref_logp_chosen.detach())
    return -F.logsigmoid(beta * gap).mean()


def dpo_loss__no_reference(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Leaves the reference out of the gap altogether, though the task subtracts it."""
    return -F.logsigmoid(beta * (logp_chosen - logp_rejected)).mean()


def dpo_loss__beta_outside(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """beta multiplies the loss instead of the gap inside the sigmoid."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -beta * F.logsigmoid(gap).mean()


def dpo_loss__beta_only_on_chosen(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """A bracket is missing: beta multiplies only the chosen log-ratio, not the whole gap."""
    chosen = logp_chosen - ref_logp_chosen.detach()
    rejected = logp_rejected - ref_logp_rejected.detach()
    return -F.logsigmoid(beta * chosen - rejected).mean()


def dpo_loss__beta_hard_coded(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Uses beta 0.1 of the hand example whatever beta is passed."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return -F.logsigmoid(0.1 * gap).mean()


def dpo_loss__bits(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Returns the loss in bits, but the task says nats."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return F.softplus(-beta * gap).mean() / math.log(2)


def dpo_loss__python_float(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Returns a Python float by .item(), so nothing can be differentiated; the task wants a tensor with gradient."""
    gap = _gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return F.softplus(-beta * gap).mean().item()


def dpo_loss__rewrapped_tensor(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Wraps the per-pair losses in a new torch.tensor, which cuts the gradient to the policy."""
    losses = []
    for a, b, c, d in zip(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
        losses.append(float(-F.logsigmoid(beta * ((a - c) - (b - d)))))
    return torch.tensor(losses, dtype=torch.float64).mean()


def dpo_loss__float32(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Casts to float32, which loses digits of float64 log-probabilities and flushes small losses to 0."""
    gap = _gap(logp_chosen.float(), logp_rejected.float(), ref_logp_chosen.float(), ref_logp_rejected.float())
    return -F.logsigmoid(beta * gap).mean()


def dpo_loss__ratios_of_probabilities(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Goes through exp(logp), which underflows to 0/0 = nan for long responses whose log-probability is below -745."""
    chosen = torch.exp(logp_chosen) / torch.exp(ref_logp_chosen.detach())
    rejected = torch.exp(logp_rejected) / torch.exp(ref_logp_rejected.detach())
    gap = torch.log(chosen) - torch.log(rejected)
    return -F.logsigmoid(beta * gap).mean()


def dpo_loss__subtract_in_place(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Computes the reference difference in place and so overwrites the caller's ref_logp_chosen."""
    reference = ref_logp_chosen.detach()
    reference -= ref_logp_rejected.detach()
    gap = (logp_chosen - logp_rejected) - reference
    return -F.logsigmoid(beta * gap).mean()


def find_the_bug_accuracy__unmended(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Only the raise is deleted: the rejected response still gets the reference of the chosen one."""
    reward_chosen = logp_chosen - ref_logp_chosen
    reward_rejected = logp_rejected - ref_logp_chosen
    right = reward_chosen > reward_rejected
    return right.double().mean()


def find_the_bug_accuracy__comparison_turned(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Mends the reference but also turns the comparison, so it counts the wrong pairs."""
    reward_chosen = logp_chosen - ref_logp_chosen
    reward_rejected = logp_rejected - ref_logp_rejected
    right = reward_chosen < reward_rejected
    return right.double().mean()


def find_the_bug_accuracy__only_comparison_turned(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Takes the > for the bug and leaves the wrong reference in place."""
    reward_chosen = logp_chosen - ref_logp_chosen
    reward_rejected = logp_rejected - ref_logp_chosen
    right = reward_chosen < reward_rejected
    return right.double().mean()


def find_the_bug_accuracy__wrong_reference_mended(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Changes the reference in the wrong line: now both rewards use the rejected reference, which cancels again."""
    reward_chosen = logp_chosen - ref_logp_rejected
    reward_rejected = logp_rejected - ref_logp_rejected
    right = reward_chosen > reward_rejected
    return right.double().mean()


def find_the_bug_accuracy__references_crossed(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Crosses the references: each response is measured against the reference of the other one."""
    reward_chosen = logp_chosen - ref_logp_rejected
    reward_rejected = logp_rejected - ref_logp_chosen
    return (reward_chosen > reward_rejected).double().mean()


def find_the_bug_accuracy__count(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Mended, but returns the number of right pairs instead of their share."""
    reward_chosen = logp_chosen - ref_logp_chosen
    reward_rejected = logp_rejected - ref_logp_rejected
    return (reward_chosen > reward_rejected).double().sum()


def find_the_bug_accuracy__sign_of_the_mean(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Compares the mean rewards of the batch, so the share is only ever 0 or 1."""
    reward_chosen = (logp_chosen - ref_logp_chosen).mean()
    reward_rejected = (logp_rejected - ref_logp_rejected).mean()
    return (reward_chosen > reward_rejected).double().mean()


def find_the_bug_accuracy__reward_above_zero(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Asks whether the chosen reward is positive instead of whether it is above the rejected one."""
    return (logp_chosen - ref_logp_chosen > 0).double().mean()


def find_the_bug_accuracy__ratio_of_log_probabilities(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Divides log-probabilities instead of subtracting them; log pi - log ref is not log pi / log ref."""
    right = logp_chosen / ref_logp_chosen < logp_rejected / ref_logp_rejected
    return right.double().mean()


def find_the_bug_accuracy__mean_probability(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Returns the mean sigmoid of the gap, a soft agreement, not the share of pairs that are right."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    return torch.sigmoid(gap).mean()


def find_the_bug_accuracy__compared_as_probabilities(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Compares exp of the rewards, which overflow to inf or underflow to 0 on both sides and then count as wrong."""
    chosen = torch.exp(logp_chosen) / torch.exp(ref_logp_chosen)
    rejected = torch.exp(logp_rejected) / torch.exp(ref_logp_rejected)
    return (chosen > rejected).double().mean()


def predict_the_first_loss__zero():
    """Thinks that no gap means no loss; but -log sigmoid(0) is log 2."""
    return 0.0


def predict_the_first_loss__half():
    """Returns the probability sigmoid(0) = 0.5 instead of its negative log."""
    return 0.5


def predict_the_first_loss__times_beta():
    """Multiplies log 2 by beta, but beta stands inside the sigmoid, where the gap is 0."""
    return 0.3 * math.log(2)


def predict_the_first_loss__sum_over_batch():
    """Sums over the 64 pairs, but the loss of a batch is the mean."""
    return 64 * math.log(2)


def predict_the_first_loss__gap_of_one():
    """Takes the margin for beta * 1 = 0.3 as in a gap of one nat; at step 0 the gap is 0."""
    return -math.log(1 / (1 + math.exp(-0.3)))


def predict_the_first_loss__bits():
    """Gives the loss as one bit, but the task asks for nats."""
    return 1.0


def predict_the_first_loss__two_digits():
    """Rounds log 2 to 0.69, which is not right to three digits (0.693)."""
    return 0.69


def predict_the_first_loss__negative():
    """Forgets the minus sign of the loss: log sigmoid(0) is -0.693."""
    return math.log(0.5)


def predict_the_first_loss__text():
    """Returns a text, not a number."""
    return "ln 2"


def predict_when_both_rise__both_gains_added():
    """Adds the two gains to a gap of 4, but the rejected gain is subtracted."""
    return math.log(1 + math.exp(-0.1 * 4))


def predict_when_both_rise__only_chosen():
    """Counts only the chosen gain, gap 2, and forgets that the rejected response rose as well."""
    return math.log(1 + math.exp(-0.2))


def predict_when_both_rise__only_rejected():
    """Counts only the rise of the rejected response, margin -0.2; the chosen one cancels it."""
    return math.log1p(math.exp(0.2))


def predict_when_both_rise__zero():
    """Concludes from a zero gap that the loss is zero, but -log sigmoid(0) = log 2."""
    return 0.0


def predict_when_both_rise__fell_by_beta_times_two():
    """Subtracts beta * 2 from log 2 as if more probability had to mean less loss."""
    return math.log(2) - 0.1 * 2


def predict_when_both_rise__scaled_by_beta():
    """Multiplies log 2 by beta; beta scales the gap, not the loss."""
    return 0.0693


def predict_when_both_rise__probability():
    """Returns sigmoid(0) = 0.5, the probability and not the loss."""
    return 0.5


def predict_when_both_rise__log10():
    """Uses the logarithm to base 10, but the loss is in nats."""
    return math.log10(2)
