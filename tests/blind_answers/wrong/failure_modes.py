"""Chapter 13: wrong answers of learners."""

import math

import numpy as np
import torch

from dpo_edu.bradley_terry import preference_matrix
from dpo_edu.dpo_loss import dpo_loss


def displacement__share_of_all_fallen(logp_before, logp_after):
    """Counts every fallen chosen response, also where the margin shrank."""
    change = logp_after[:, 0] - logp_before[:, 0]
    return change, float((change < 0).mean())


def displacement__or_instead_of_and(logp_before, logp_after):
    """Counts pairs with a larger margin OR a fallen chosen response; both are needed."""
    change = logp_after[:, 0] - logp_before[:, 0]
    wider = (logp_after[:, 0] - logp_after[:, 1]) > (logp_before[:, 0] - logp_before[:, 1])
    return change, float((wider | (change < 0)).mean())


def displacement__both_fell(logp_before, logp_after):
    """Asks whether both responses fell, but the rejected one may fall less, so the margin shrinks."""
    change = logp_after - logp_before
    return change[:, 0], float(((change[:, 0] < 0) & (change[:, 1] < 0)).mean())


def displacement__not_strict(logp_before, logp_after):
    """Uses <= and >=, so pairs that did not change at all count as displaced."""
    change = logp_after[:, 0] - logp_before[:, 0]
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    return change, float(((change <= 0) & (after >= before)).mean())


def displacement__margin_not_strict(logp_before, logp_after):
    """A pair whose margin did not change counts as displaced where its chosen response fell."""
    change = logp_after[:, 0] - logp_before[:, 0]
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    return change, np.mean((change < 0) & (after >= before))


def displacement__sign_turned(logp_before, logp_after):
    """The change is before minus after: positive where the response fell."""
    change = logp_before[:, 0] - logp_after[:, 0]
    wider = np.diff(logp_after)[:, 0] < np.diff(logp_before)[:, 0]
    return change, float(((change > 0) & wider).mean())


def displacement__in_probabilities(logp_before, logp_after):
    """Compares probabilities: at -2000 they are all 0, so no fall is seen."""
    change = logp_after[:, 0] - logp_before[:, 0]
    p, q = np.exp(logp_before), np.exp(logp_after)
    fell = q[:, 0] < p[:, 0]
    wider = (logp_after[:, 0] - logp_after[:, 1]) > (logp_before[:, 0] - logp_before[:, 1])
    return change, float((fell & wider).mean())


def displacement__margins_as_ratios(logp_before, logp_after):
    """Takes the margin as a ratio of probabilities, which is 0/0 = nan at -2000."""
    change = logp_after[:, 0] - logp_before[:, 0]
    with np.errstate(all="ignore"):
        before = np.exp(logp_before[:, 0]) / np.exp(logp_before[:, 1])
        after = np.exp(logp_after[:, 0]) / np.exp(logp_after[:, 1])
    return change, float(((change < 0) & (after > before)).mean())


def displacement__infinite_dropped(logp_before, logp_after):
    """Drops pairs whose rejected response ended at -inf, but they count."""
    change = logp_after[:, 0] - logp_before[:, 0]
    keep = np.isfinite(logp_after).all(axis=1)
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    hit = (change < 0) & (after > before) & keep
    return change, float(hit.mean())


def displacement__change_of_margin(logp_before, logp_after):
    """Returns the change of the margin instead of that of the chosen response."""
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    fell = logp_after[:, 0] < logp_before[:, 0]
    return after - before, float((fell & (after > before)).mean())


def displacement__share_among_widened(logp_before, logp_after):
    """Divides by the pairs whose margin grew, not by all pairs."""
    change = logp_after[:, 0] - logp_before[:, 0]
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    wider = after > before
    return change, float(((change < 0) & wider).sum() / max(wider.sum(), 1))


def displacement__percent(logp_before, logp_after):
    """Returns the share in percent, from 0 to 100."""
    change = logp_after[:, 0] - logp_before[:, 0]
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    return change, 100 * float(((change < 0) & (after > before)).mean())


def displacement__count(logp_before, logp_after):
    """Returns the number of displaced pairs, not their share."""
    change = logp_after[:, 0] - logp_before[:, 0]
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    return change, int(((change < 0) & (after > before)).sum())


def displacement__tolerance(logp_before, logp_after):
    """Needs a fall of more than 0.1 nats, but any fall counts."""
    change = logp_after[:, 0] - logp_before[:, 0]
    before = logp_before[:, 0] - logp_before[:, 1]
    after = logp_after[:, 0] - logp_after[:, 1]
    return change, float(((change < -0.1) & (after > before)).mean())


def displacement__columns_exchanged(logp_before, logp_after):
    """Takes column 1 for the chosen responses."""
    change = logp_after[:, 1] - logp_before[:, 1]
    before = logp_before[:, 1] - logp_before[:, 0]
    after = logp_after[:, 1] - logp_after[:, 0]
    return change, float(((change < 0) & (after > before)).mean())


def displacement__in_place(logp_before, logp_after):
    """`logp_after -= logp_before` overwrites the caller's array, which the exercises may not do."""
    logp_after -= logp_before
    change = logp_after[:, 0]
    return change, float(((change < 0) & (change > logp_after[:, 1])).mean())


def displacement__growing_margin_positive_only(logp_before, logp_after):
    """Asks whether the margin is positive after training instead of larger than before."""
    change = logp_after[:, 0] - logp_before[:, 0]
    return change, float(((change < 0) & (logp_after[:, 0] > logp_after[:, 1])).mean())


def find_the_bug_reference__as_given(logits, chosen, rejected, beta, rate, steps):
    """Only the raising line is deleted: detach shares its storage, so the reference moves."""
    policy = logits.clone().requires_grad_(True)
    reference = policy.detach()
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_reference__clone_inside_loop(logits, chosen, rejected, beta, rate, steps):
    """Clones the reference afresh in every step, so it still follows the policy."""
    policy = logits.clone().requires_grad_(True)
    losses = []
    for _ in range(steps):
        reference = policy.detach().clone()
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_reference__moves_the_argument(logits, chosen, rejected, beta, rate, steps):
    """The policy is a view of `logits`, which stays as it is by the task but is overwritten here."""
    reference = logits.detach().clone()
    policy = logits.detach().requires_grad_(True)
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_reference__data_alias(logits, chosen, rejected, beta, rate, steps):
    """`.data` shares its storage exactly as detach does, so nothing is mended."""
    policy = logits.clone().requires_grad_(True)
    reference = policy.data
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_reference__uniform_reference(logits, chosen, rejected, beta, rate, steps):
    """Takes a uniform reference, which is right for logits [0, 0] only."""
    policy = logits.clone().requires_grad_(True)
    reference = torch.zeros_like(logits)
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_reference__raw_logits_returned(logits, chosen, rejected, beta, rate, steps):
    """Returns the logits of the policy instead of its log-probabilities."""
    policy = logits.clone().requires_grad_(True)
    reference = logits.clone()
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach()


def find_the_bug_reference__stale_logp(logits, chosen, rejected, beta, rate, steps):
    """Returns the log-probabilities from before the last step."""
    policy = logits.clone().requires_grad_(True)
    reference = logits.clone()
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), logp.detach()


def find_the_bug_reference__loss_after_step(logits, chosen, rejected, beta, rate, steps):
    """Records the loss after each step instead of before it."""
    policy = logits.clone().requires_grad_(True)
    ref_logp = logits.clone().log_softmax(-1)

    def loss_now():
        logp = policy.log_softmax(-1)
        return dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)

    losses = []
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(loss_now(), policy)
        with torch.no_grad():
            policy -= rate * gradient
            losses.append(loss_now())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_reference__accumulates(logits, chosen, rejected, beta, rate, steps):
    """Switches to loss.backward() but never clears the gradient, so old gradients are added; right for one step."""
    policy = logits.clone().requires_grad_(True)
    reference = logits.clone()
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        loss.backward()
        with torch.no_grad():
            policy -= rate * policy.grad
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_reference__refreshed_after_two_steps(logits, chosen, rejected, beta, rate, steps):
    """Keeps the reference for two steps and then lets it follow the policy: from the third step on every loss is log 2."""
    policy = logits.clone().requires_grad_(True)
    reference = logits.clone()
    losses = []
    for step in range(steps):
        if step == 2:
            reference = policy.detach()
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_length__as_given(logp, ref_logp, mask):
    """Only the raising line is deleted: the mean over T divides by the width of the batch."""
    token_log_ratio = torch.where(mask, logp - ref_logp, 0.0)
    return token_log_ratio.mean(dim=-1)


def find_the_bug_length__mean_over_tokens(logp, ref_logp, mask):
    """Divides by the number of response tokens; a log-ratio is a sum."""
    token_log_ratio = torch.where(mask, logp - ref_logp, 0.0)
    return token_log_ratio.sum(dim=-1) / mask.sum(dim=-1)


def find_the_bug_length__multiplied_mask(logp, ref_logp, mask):
    """Multiplies by the mask: -inf or nan outside the response times 0 is nan."""
    return ((logp - ref_logp) * mask).sum(dim=-1)


def find_the_bug_length__mask_forgotten(logp, ref_logp, mask):
    """Sums over everything, also where the entries mean nothing."""
    return (logp - ref_logp).sum(dim=-1)


def find_the_bug_length__wrong_axis(logp, ref_logp, mask):
    """Sums over the batch instead of the tokens."""
    return torch.where(mask, logp - ref_logp, 0.0).sum(dim=0)


def find_the_bug_length__sign(logp, ref_logp, mask):
    """log ref minus log pi, the other way round."""
    return torch.where(mask, ref_logp - logp, 0.0).sum(dim=-1)


def find_the_bug_length__nan_to_num(logp, ref_logp, mask):
    """Cleans nan but ignores the mask: finite rubbish and infinities (made huge numbers) outside the response count."""
    ratio = torch.nan_to_num(logp - ref_logp, nan=0.0)
    return ratio.sum(dim=-1)


def find_the_bug_length__assumes_prefix(logp, ref_logp, mask):
    """Sums the first n columns as if the response began at column 0; the mask may begin later."""
    n = mask.sum(dim=-1).tolist()
    return torch.stack([(a[:k] - b[:k]).sum() for a, b, k in zip(logp, ref_logp, n)])


def find_the_bug_length__times_longest(logp, ref_logp, mask):
    """Multiplies the mean by the longest response in the batch, not by T: right only if the longest fills its row."""
    token_log_ratio = torch.where(mask, logp - ref_logp, 0.0)
    return token_log_ratio.mean(dim=-1) * mask.sum(dim=-1).max()


def find_the_bug_length__zeroed_in_place(logp, ref_logp, mask):
    """Overwrites the masked-out entries of both arguments with 0; the arguments must stay as they are."""
    logp[~mask] = 0.0
    ref_logp[~mask] = 0.0
    return (logp - ref_logp).sum(dim=-1)


def find_the_bug_length__flat(logp, ref_logp, mask):
    """Sums the response tokens of all rows together and returns one number; right for one row only."""
    return (logp[mask] - ref_logp[mask]).sum().reshape(1)


def find_the_bug_flips__as_given(chosen, rejected, uniform, rate):
    """Only the raising line is deleted: rows are views, so both sides end with the rejected response."""
    chosen, rejected = chosen.copy(), rejected.copy()
    for pair in np.flatnonzero(uniform < rate):
        chosen[pair], rejected[pair] = rejected[pair], chosen[pair]
    return chosen, rejected


def find_the_bug_flips__temporary_view(chosen, rejected, uniform, rate):
    """The temporary variable is a view too, so the chosen response is lost all the same."""
    chosen, rejected = chosen.copy(), rejected.copy()
    for pair in np.flatnonzero(uniform < rate):
        temporary = chosen[pair]
        chosen[pair] = rejected[pair]
        rejected[pair] = temporary
    return chosen, rejected


def find_the_bug_flips__in_place(chosen, rejected, uniform, rate):
    """Exchanges rightly, but in the caller's arrays, which stay as they are by the task."""
    flip = uniform < rate
    chosen[flip], rejected[flip] = rejected[flip].copy(), chosen[flip].copy()
    return chosen, rejected


def find_the_bug_flips__at_most_rate(chosen, rejected, uniform, rate):
    """Uses <= : a uniform of exactly the rate is exchanged too, at rate 0 even."""
    flip = (uniform <= rate)[:, None]
    return np.where(flip, rejected, chosen), np.where(flip, chosen, rejected)


def find_the_bug_flips__above_rate(chosen, rejected, uniform, rate):
    """Exchanges the pairs above the rate."""
    flip = (uniform > rate)[:, None]
    return np.where(flip, rejected, chosen), np.where(flip, chosen, rejected)


def find_the_bug_flips__mask_along_tokens(chosen, rejected, uniform, rate):
    """The mask lies along the tokens: an error, or exchanged columns where pairs = T."""
    flip = uniform < rate
    return np.where(flip, rejected, chosen), np.where(flip, chosen, rejected)


def find_the_bug_flips__fresh_random(chosen, rejected, uniform, rate):
    """Draws its own random numbers and ignores `uniform`."""
    flip = (np.random.default_rng(0).random(len(chosen)) < rate)[:, None]
    return np.where(flip, rejected, chosen), np.where(flip, chosen, rejected)


def find_the_bug_flips__first_ones(chosen, rejected, uniform, rate):
    """Exchanges the first rate * pairs pairs instead of those whose uniform is below the rate."""
    chosen, rejected = chosen.copy(), rejected.copy()
    n = int(round(rate * len(chosen)))
    chosen[:n], rejected[:n] = rejected[:n].copy(), chosen[:n].copy()
    return chosen, rejected


def find_the_bug_flips__sequential_where(chosen, rejected, uniform, rate):
    """The second `where` already sees the new chosen array, so exchanged pairs lose their chosen response."""
    flip = (uniform < rate)[:, None]
    chosen = np.where(flip, rejected, chosen)
    rejected = np.where(flip, chosen, rejected)
    return chosen, rejected


def find_the_bug_flips__only_chosen(chosen, rejected, uniform, rate):
    """Exchanges one side only: the rejected responses stay."""
    flip = (uniform < rate)[:, None]
    return np.where(flip, rejected, chosen), rejected.copy()


def find_the_bug_flips__no_copy_at_all(chosen, rejected, uniform, rate):
    """Forgot the copies: right result, but the inputs are exchanged as well."""
    for pair in np.flatnonzero(uniform < rate):
        chosen[pair], rejected[pair] = rejected[pair].copy(), chosen[pair].copy()
    return chosen, rejected


def find_the_bug_pooling__as_given(reward, share):
    """Only the raising line is deleted: averages rewards, not probabilities."""
    return preference_matrix(share @ reward)


def find_the_bug_pooling__unweighted(reward, share):
    """Averages the groups with equal weights; right for groups of equal size."""
    return np.mean([preference_matrix(r) for r in reward], axis=0)


def find_the_bug_pooling__largest_group(reward, share):
    """Lets the largest group decide alone."""
    return preference_matrix(reward[np.argmax(share)])


def find_the_bug_pooling__transposed(reward, share):
    """Entry [i, j] says how often j is preferred to i."""
    return sum(s * preference_matrix(r) for s, r in zip(share, reward)).T


def find_the_bug_pooling__majority_vote(reward, share):
    """Counts which groups prefer i to j, but within a group the labels differ too."""
    wins = (reward[:, :, None] > reward[:, None, :]) + 0.5 * (reward[:, :, None] == reward[:, None, :])
    return np.einsum("k,kij->ij", share, wins)


def find_the_bug_pooling__exp_ratio_overflows(reward, share):
    """e^r_i / (e^r_i + e^r_j) is inf / inf = nan for large rewards."""
    with np.errstate(all="ignore"):
        w = np.exp(reward)
        p = w[:, :, None] / (w[:, :, None] + w[:, None, :])
    return np.einsum("k,kij->ij", share, p)


def find_the_bug_pooling__mixed_strengths(reward, share):
    """Averages e^reward over the groups before comparing, which mixes strengths, not labels."""
    strength = share @ np.exp(reward - reward.max())
    return strength[:, None] / (strength[:, None] + strength[None, :])


def find_the_bug_pooling__two_groups(reward, share):
    """Adds up the first two groups only."""
    total = share[0] * preference_matrix(reward[0])
    if len(reward) > 1:
        total = total + share[1] * preference_matrix(reward[1])
    return total


def find_the_bug_pooling__diagonal_zero(reward, share):
    """Puts 0 on the diagonal, where the task wants 1/2."""
    p = sum(s * preference_matrix(r) for s, r in zip(share, reward))
    np.fill_diagonal(p, 0.0)
    return p


def find_the_bug_pooling__shares_scale_rewards(reward, share):
    """Weighs the rewards with the shares and averages the matrices."""
    return np.mean([preference_matrix(s * r) for s, r in zip(share, reward)], axis=0)


def find_the_bug_pooling__geometric_mean(reward, share):
    """Averages the logarithms of the probabilities and renormalizes: a geometric, not an arithmetic mean."""
    d = reward[:, :, None] - reward[:, None, :]
    logs = -np.logaddexp(0, -d)
    g = np.exp(np.einsum("k,kij->ij", share, logs))
    return g / (g + g.T)


def predict_the_lost_mass__chosen_only():
    """Counts the loss of the chosen response only."""
    return 0.2 * (1 - math.exp(-0.5))


def predict_the_lost_mass__what_remains():
    """Gives the probability that chosen and rejected keep together."""
    return 0.2 * math.exp(-0.5) + 0.3 * math.exp(-2)


def predict_the_lost_mass__all_others():
    """Gives the whole probability of all others, not what they gained."""
    return 1 - 0.2 * math.exp(-0.5) - 0.3 * math.exp(-2)


def predict_the_lost_mass__linear():
    """Multiplies the probabilities by the nats, which only holds for tiny changes."""
    return 0.2 * 0.5 + 0.3 * 2


def predict_the_lost_mass__negative():
    """The right size with the wrong sign: the others gained."""
    return -(0.2 * (1 - math.exp(-0.5)) + 0.3 * (1 - math.exp(-2)))


def predict_the_noisy_gap__forgot_noise():
    """The gap without flips, log 9 / 0.5."""
    return math.log(9) / 0.5


def predict_the_noisy_gap__forgot_flipped_wrong_ones():
    """Uses 0.9 * 0.8 = 0.72 and forgets wrong labels that a flip makes right."""
    return math.log(0.72 / 0.28) / 0.5


def predict_the_noisy_gap__scaled():
    """Shrinks the gap by 1 - 2 * 0.2, but it is the probability that shrinks."""
    return 0.6 * math.log(9) / 0.5


def predict_the_noisy_gap__margin():
    """The margin, not the gap: forgot to divide by beta."""
    return math.log(0.74 / 0.26)


def predict_the_noisy_gap__minus_twenty_percent():
    """Takes 0.9 - 0.2 = 0.7 as the share of right labels."""
    return math.log(0.7 / 0.3) / 0.5


def predict_the_runaway__one_logit():
    """Counts the rise of the chosen logit only and forgets the fall of the other."""
    return 1000 * 0.02 * 0.3 * 0.5


def predict_the_runaway__forgot_half():
    """Forgets the weight 1/2 = sigmoid(0) of the gradient."""
    return 1000 * 0.02 * 0.3 * 2


def predict_the_runaway__zero():
    """Thinks that a loss of log 2 has no gradient."""
    return 0.0


def predict_the_runaway__no_beta():
    """Forgets beta in the gradient."""
    return 1000 * 0.02 * 0.5 * 2


def predict_the_runaway__converges():
    """Thinks that the gap comes to rest at 1 / beta."""
    return 1 / 0.3
