"""Known wrong answers of chapter 13: name = id, docstring = what the learner reads."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from . import same_as, wrong

DISPLACEMENT = "displacement"
REFERENCE = "find_the_bug_reference"
LENGTH = "find_the_bug_length"
FLIPS = "find_the_bug_flips"
POOLING = "find_the_bug_pooling"
MASS = "predict_the_lost_mass"
NOISY = "predict_the_noisy_gap"
RUNAWAY = "predict_the_runaway"


# displacement


def moved(logp_before, logp_after):
    """How far both sides of each pair moved: (chosen, rejected)."""
    return tuple((logp_after - logp_before).T)


@wrong(DISPLACEMENT, "every chosen response that fell")
def every_chosen_that_fell(logp_before, logp_after):
    """You count every chosen response that fell. Displaced are only those whose
    margin grew all the same: the loss must have liked it."""
    chosen, _ = moved(logp_before, logp_after)
    return chosen, (chosen < 0).mean()


@wrong(DISPLACEMENT, "every margin that grew")
def every_margin_that_grew(logp_before, logp_after):
    """You count every pair whose margin grew. That is what training is for; displaced
    are those among them whose chosen response fell."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, (chosen > rejected).mean()


@wrong(DISPLACEMENT, "or instead of and")
def either_of_the_two(logp_before, logp_after):
    """One of the two conditions is enough here. A displaced pair meets both: chosen
    fell, and the margin grew."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) | (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "both fell")
def both_fell(logp_before, logp_after):
    """You count pairs in which both fell. If the chosen response fell further than the
    rejected one, the margin shrank, and the loss would not have liked it."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (rejected < 0)).mean()


@wrong(DISPLACEMENT, "rejected rose")
def chosen_fell_rejected_rose(logp_before, logp_after):
    """You count pairs that moved the wrong way on both sides. In a displaced pair the
    rejected response fell as well, and further."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (rejected > 0)).mean()


@wrong(DISPLACEMENT, "margin shrank")
def margin_shrank(logp_before, logp_after):
    """You count pairs whose margin shrank: the comparison of before and after is the
    wrong way around."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (chosen < rejected)).mean()


@wrong(DISPLACEMENT, "margin above 0 instead of grown")
def margin_above_zero(logp_before, logp_after):
    """You ask whether the margin is above 0 after training. Whether it grew is a
    comparison with before: a margin may be negative and grow."""
    chosen, _ = moved(logp_before, logp_after)
    ranked = logp_after[:, 0] > logp_after[:, 1]
    return chosen, ((chosen < 0) & ranked).mean()


@wrong(DISPLACEMENT, "pairs that changed their order")
def order_changed(logp_before, logp_after):
    """You count pairs that the policy ranks rightly now and did not before. A margin
    can grow without passing 0."""
    chosen, _ = moved(logp_before, logp_after)
    now, then = (logp[:, 0] > logp[:, 1] for logp in (logp_after, logp_before))
    return chosen, ((chosen < 0) & now & ~then).mean()


@wrong(DISPLACEMENT, "margin in absolute value")
def margin_without_sign(logp_before, logp_after):
    """You compare margins without their signs. A margin that went from -1 to -3 did
    not grow."""
    chosen, _ = moved(logp_before, logp_after)
    after, before = (abs(logp[:, 0] - logp[:, 1]) for logp in (logp_after, logp_before))
    return chosen, ((chosen < 0) & (after > before)).mean()


@wrong(DISPLACEMENT, "changes compared in absolute value")
def smaller_move(logp_before, logp_after):
    """You ask which side moved less, whatever its direction. If the rejected response
    rose, the margin shrank however far it went."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (abs(chosen) < abs(rejected))).mean()


@wrong(DISPLACEMENT, "ratio of logs")
def ratio_of_logs(logp_before, logp_after):
    """Your margin is a ratio of log-probabilities. It is their difference, which is
    the log of a ratio of probabilities."""
    chosen, _ = moved(logp_before, logp_after)
    after, before = (logp[:, 0] / logp[:, 1] for logp in (logp_after, logp_before))
    return chosen, ((chosen < 0) & (after > before)).mean()


@wrong(DISPLACEMENT, "margin of probabilities")
def margin_of_probabilities(logp_before, logp_after):
    """Your margin is a difference of probabilities. Take the difference of their logs;
    long responses have probabilities that no float can hold."""
    chosen, _ = moved(logp_before, logp_after)
    after, before = (
        np.exp(p)[:, 0] - np.exp(p)[:, 1] for p in (logp_after, logp_before)
    )
    return chosen, ((chosen < 0) & (after > before)).mean()


@wrong(DISPLACEMENT, "unmoved chosen counted")
def unmoved_counted(logp_before, logp_after):
    """A chosen response that did not move is counted as fallen. Fell means: less
    likely than before, not equally likely."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen <= 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "unmoved margin counted")
def equal_margin_counted(logp_before, logp_after):
    """A pair whose two sides fell equally far is counted. Its margin did not grow."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (chosen >= rejected)).mean()


@wrong(DISPLACEMENT, "nothing has to change")
def unchanged_counted(logp_before, logp_after):
    """Pairs count of which the chosen response or the margin did not change. A pair is
    displaced only if one fell and the other grew: < and >, not <= and >=."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen <= 0) & (chosen >= rejected)).mean()


@wrong(DISPLACEMENT, "share in percent")
def share_in_percent(logp_before, logp_after):
    """This is the share in percent. The task asks for a number from 0 to 1."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, 100 * ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "small moves ignored")
def small_moves_ignored(logp_before, logp_after):
    """You ignore moves below some size. A pair is displaced however little it
    moved."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < -0.4) & (chosen - rejected > 0.4)).mean()


@wrong(DISPLACEMENT, "share of the fallen")
def share_of_the_fallen(logp_before, logp_after):
    """You divide by the number of chosen responses that fell. The share is of all
    pairs."""
    chosen, rejected = moved(logp_before, logp_after)
    fell = chosen < 0
    return chosen, (fell & (chosen > rejected)).sum() / max(fell.sum(), 1)


@wrong(DISPLACEMENT, "share of the grown margins")
def share_of_the_grown(logp_before, logp_after):
    """You divide by the number of margins that grew. The share is of all pairs."""
    chosen, rejected = moved(logp_before, logp_after)
    grew = chosen > rejected
    return chosen, (grew & (chosen < 0)).sum() / max(grew.sum(), 1)


@wrong(DISPLACEMENT, "count instead of share")
def count_of_pairs(logp_before, logp_after):
    """This is the number of displaced pairs. The share divides it by the number of
    all pairs."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, float(((chosen < 0) & (chosen > rejected)).sum())


@wrong(DISPLACEMENT, "divided by all responses")
def share_of_responses(logp_before, logp_after):
    """You divide by the number of responses, two per pair. The share is of pairs."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (chosen > rejected)).sum() / logp_before.size


@wrong(DISPLACEMENT, "margins averaged first")
def mean_margin(logp_before, logp_after):
    """You compare the mean margin with what it was. Each pair has a margin of its own,
    and one large gain hides many losses."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (chosen.mean() > rejected.mean())).mean()


@wrong(DISPLACEMENT, "before minus after")
def before_minus_after(logp_before, logp_after):
    """Your changes are before minus after. A response that became less likely has a
    negative change."""
    chosen, rejected = moved(logp_before, logp_after)
    return -chosen, ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "before and after exchanged")
def before_and_after_exchanged(logp_before, logp_after):
    """Before and after are exchanged throughout: this describes a training that
    undoes yours."""
    chosen, rejected = moved(logp_after, logp_before)
    return chosen, ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "columns exchanged")
def columns_exchanged(logp_before, logp_after):
    """You took column 1 for the chosen responses. Column 0 holds them, column 1 the
    rejected ones."""
    rejected, chosen = moved(logp_before, logp_after)
    return chosen, ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "change of the rejected")
def change_of_the_rejected(logp_before, logp_after):
    """The share is right, but these are the changes of the rejected responses."""
    chosen, rejected = moved(logp_before, logp_after)
    return rejected, ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "change of the margin")
def change_of_the_margin(logp_before, logp_after):
    """The share is right, but these are the changes of the margins. The task asks for
    those of log pi(chosen)."""
    chosen, rejected = moved(logp_before, logp_after)
    return chosen - rejected, ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "change of the probability")
def change_of_probability(logp_before, logp_after):
    """These are changes of probabilities. The task asks for changes of
    log-probabilities, in nats."""
    chosen, rejected = moved(logp_before, logp_after)
    change = np.exp(logp_after[:, 0]) - np.exp(logp_before[:, 0])
    return change, ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "ratio of the probabilities")
def ratio_of_probabilities(logp_before, logp_after):
    """These are factors, e^change: 1 where nothing moved. The change in nats is their
    log."""
    chosen, rejected = moved(logp_before, logp_after)
    return np.exp(chosen), ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "relative change")
def relative_change(logp_before, logp_after):
    """You divide the change by log pi before. A difference of logs is relative
    already: it is the log of a factor."""
    chosen, rejected = moved(logp_before, logp_after)
    share = ((chosen < 0) & (chosen > rejected)).mean()
    return chosen / abs(logp_before[:, 0]), share


@wrong(DISPLACEMENT, "through probabilities")
def through_probabilities(logp_before, logp_after):
    """The probabilities of long responses are 0 in floating point, and the log of 0/0
    is lost. Subtract logs and never leave them."""
    after, before = np.exp(logp_after), np.exp(logp_before)
    chosen, rejected = np.log(after / before).T
    return chosen, ((chosen < 0) & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "fall of the probability")
def fall_of_the_probability(logp_before, logp_after):
    """You ask whether the probability fell. That of a long response is 0 in floating
    point, before and after: compare the logs."""
    chosen, rejected = moved(logp_before, logp_after)
    fell = (np.exp(logp_after) < np.exp(logp_before))[:, 0]
    return chosen, (fell & (chosen > rejected)).mean()


@wrong(DISPLACEMENT, "margins as ratios of probabilities")
def margins_as_ratios(logp_before, logp_after):
    """You compare ratios of probabilities. They round, and for long responses they are
    0 / 0: compare differences of logs."""
    chosen, _ = moved(logp_before, logp_after)
    before, after = np.exp(logp_before), np.exp(logp_after)
    grew = after[:, 0] / after[:, 1] > before[:, 0] / before[:, 1]
    return chosen, ((chosen < 0) & grew).mean()


@wrong(DISPLACEMENT, "only the displaced pairs' changes")
def changes_of_the_displaced(logp_before, logp_after):
    """You set the changes of the other pairs to 0. The task asks for the change of
    every chosen response."""
    chosen, rejected = moved(logp_before, logp_after)
    displaced = (chosen < 0) & (chosen > rejected)
    return np.where(displaced, chosen, 0.0), displaced.mean()


@wrong(DISPLACEMENT, "rejected must stay finite")
def vanished_left_out(logp_before, logp_after):
    """A pair whose rejected response vanished is left out. Its margin became infinite:
    it grew."""
    chosen, rejected = moved(logp_before, logp_after)
    finite = np.isfinite(logp_after[:, 1])
    return chosen, ((chosen < 0) & (chosen > rejected) & finite).mean()


# find_the_bug_reference


def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The loss of chapter 06, as the task imports it: a scalar mean."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    return -F.logsigmoid(beta * gap).mean()


def descend(table, start, pairs, beta, rate, steps, refresh=None):
    """Losses and last log-probabilities; ``refresh(step, table, start)`` -> start."""
    losses, policy, reference = [], table.clone().requires_grad_(True), start
    for step in range(steps):
        if refresh:
            reference = refresh(step, policy, reference)
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        sides = [values[side] for values in (logp, ref_logp) for side in pairs]
        loss = dpo_loss(*sides, beta)
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def copy_of_the_policy(step, policy, reference):
    """The reference is whatever the policy is now."""
    return policy.detach().clone()


@wrong(REFERENCE, "as given: a view")
def still_a_view(logits, chosen, rejected, beta, rate, steps):
    """As in the code as given, the reference is whatever the policy is at each step.
    Print both tables after one step: which line changes the second?"""
    pairs = chosen, rejected
    return descend(logits, logits, pairs, beta, rate, steps, copy_of_the_policy)


@same_as(still_a_view)
def data_of_the_policy(logits, chosen, rejected, beta, rate, steps):
    pairs = chosen, rejected
    return descend(
        logits, logits, pairs, beta, rate, steps, lambda k, policy, _: policy.data
    )


@wrong(REFERENCE, "the policy itself, gradient included")
def alias_with_gradient(logits, chosen, rejected, beta, rate, steps):
    """Now the gradient flows through the reference too and cancels: nothing moves at
    all. The reference needs a copy of the numbers and no gradient."""
    pairs = chosen, rejected
    return descend(
        logits, logits, pairs, beta, rate, steps, lambda k, policy, _: policy
    )


@same_as(alias_with_gradient)
def copy_with_gradient(logits, chosen, rejected, beta, rate, steps):
    pairs = chosen, rejected
    return descend(
        logits, logits, pairs, beta, rate, steps, lambda k, policy, _: policy.clone()
    )


@wrong(REFERENCE, "no reference")
def uniform_reference(logits, chosen, rejected, beta, rate, steps):
    """The reference gives all responses the same probability, or does not enter. It
    is the table that training began with."""
    start = torch.zeros_like(logits)
    return descend(logits, start, (chosen, rejected), beta, rate, steps)


@wrong(REFERENCE, "the reference one step behind")
def one_step_behind(logits, chosen, rejected, beta, rate, steps):
    """The reference follows one step behind the policy. It has to stay at `logits`
    for the whole run."""
    seen = [logits]

    def previous(step, policy, reference):
        seen.append(policy.detach().clone())
        return seen[-2] if step else seen[-1]

    return descend(logits, logits, (chosen, rejected), beta, rate, steps, previous)


@wrong(REFERENCE, "copied after the first step")
def copied_after_the_first_step(logits, chosen, rejected, beta, rate, steps):
    """The reference is copied when the policy has made its first step already. It is
    what the policy was before."""

    def late(step, policy, reference):
        return policy.detach().clone() if step <= 1 else reference

    return descend(logits, logits, (chosen, rejected), beta, rate, steps, late)


@wrong(REFERENCE, "a moving average")
def moving_average(logits, chosen, rejected, beta, rate, steps):
    """The reference drifts towards the policy. That is a method of its own; here it
    stays where it began."""

    def drifting(step, policy, reference):
        return 0.5 * reference + 0.5 * policy.detach()

    return descend(logits, logits, (chosen, rejected), beta, rate, steps, drifting)


@wrong(REFERENCE, "the reference is trained")
def reference_trained(logits, chosen, rejected, beta, rate, steps):
    """The reference is trained as well: it moves away from the policy, and the loss
    falls twice as fast for nothing. It must not learn."""
    tables = [logits.clone().requires_grad_(True) for _ in range(2)]
    losses = []
    for _ in range(steps):
        logp, ref_logp = (table.log_softmax(-1) for table in tables)
        sides = [v[side] for v in (logp, ref_logp) for side in (chosen, rejected)]
        loss = dpo_loss(sides[0] - sides[2], sides[1] - sides[3], *_zeros(chosen), beta)
        gradients = torch.autograd.grad(loss, tables)
        with torch.no_grad():
            for table, gradient in zip(tables, gradients, strict=True):
                table -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), tables[0].detach().log_softmax(-1)


def _zeros(chosen):
    return [torch.zeros(len(chosen), dtype=torch.float64) for _ in range(2)]


@wrong(REFERENCE, "uphill")
def step_uphill(logits, chosen, rejected, beta, rate, steps):
    """The reference is right, but the step goes uphill now: the loss grows."""
    return descend(logits, logits, (chosen, rejected), beta, -rate, steps)


@wrong(REFERENCE, "losses after the step")
def losses_after_the_step(logits, chosen, rejected, beta, rate, steps):
    """The reference is right, but these are the losses after each step. The first
    one, before any step, is log 2."""
    pairs = chosen, rejected
    losses, _ = descend(logits, logits, pairs, beta, rate, steps + 1)
    return losses[1:], descend(logits, logits, pairs, beta, rate, steps)[1]


@wrong(REFERENCE, "logits instead of log-probabilities")
def logits_returned(logits, chosen, rejected, beta, rate, steps):
    """The reference is right, but you return the policy's logits. The task asks for
    log-probabilities: log_softmax is missing at the end."""
    losses, logp = descend(logits, logits, (chosen, rejected), beta, rate, steps)
    # A step moves logits in a way that keeps their sum.
    return losses, logp + (logits.sum() - logp.sum()) / len(logp)


@wrong(REFERENCE, "log-probabilities before the last step")
def before_the_last_step(logits, chosen, rejected, beta, rate, steps):
    """The reference is right, but these are the log-probabilities before the last step.
    Compute them again after the loop."""
    losses, _ = descend(logits, logits, (chosen, rejected), beta, rate, steps)
    if steps == 1:
        return losses, logits.log_softmax(-1)
    return losses, descend(logits, logits, (chosen, rejected), beta, rate, steps - 1)[1]


@wrong(REFERENCE, "gradients never cleared")
def gradients_never_cleared(logits, chosen, rejected, beta, rate, steps):
    """The reference is right, but gradients are never cleared: backward() adds to what
    is there, and every step goes along all earlier ones again."""
    policy = logits.clone().requires_grad_(True)
    losses, ref_logp = [], logits.log_softmax(-1)
    for _ in range(steps):
        logp = policy.log_softmax(-1)
        sides = [values[side] for values in (logp, ref_logp)
                 for side in (chosen, rejected)]  # fmt: skip
        loss = dpo_loss(*sides, beta)
        loss.backward()
        with torch.no_grad():
            policy -= rate * policy.grad
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


@wrong(REFERENCE, "the caller's table trained")
def callers_table_trained(logits, chosen, rejected, beta, rate, steps):
    """The reference is right, but the policy is now the caller's table, and training
    changes it. The policy needs a clone as well."""
    result = descend(logits, logits.clone(), (chosen, rejected), beta, rate, steps)
    with torch.no_grad():
        logits += result[1] - logits
    return result


# find_the_bug_length


def differences(logp, ref_logp, mask):
    """Token log-ratios, 0 outside the response."""
    return torch.where(mask, logp - ref_logp, 0.0)


@wrong(LENGTH, "as given: mean over the width")
def mean_over_the_width(logp, ref_logp, mask):
    """As in the code as given, the result changes when the batch is padded further.
    Nothing about a response should depend on the other rows of its batch."""
    return differences(logp, ref_logp, mask).mean(-1)


@wrong(LENGTH, "mean over the response")
def mean_over_the_response(logp, ref_logp, mask):
    """You divide by the number of the response's tokens. log pi of a response is the
    sum; with the mean you train another loss."""
    return differences(logp, ref_logp, mask).sum(-1) / mask.sum(-1)


@same_as(mean_over_the_response)
def mean_of_what_counts(logp, ref_logp, mask):
    ratio = torch.where(mask, logp - ref_logp, torch.nan)
    return torch.nanmean(ratio, -1)


@wrong(LENGTH, "divided by the longest response")
def over_the_longest(logp, ref_logp, mask):
    """You divide by the longest response of the batch. Nothing has to be divided:
    log pi is a sum."""
    return differences(logp, ref_logp, mask).sum(-1) / mask.sum(-1).max()


@wrong(LENGTH, "divided by the mean length")
def over_the_mean_length(logp, ref_logp, mask):
    """You divide by the mean length of the batch. Nothing has to be divided: log pi
    is a sum."""
    return differences(logp, ref_logp, mask).sum(-1) / mask.sum(-1).double().mean()


@wrong(LENGTH, "mask forgotten")
def mask_left_out(logp, ref_logp, mask):
    """Prompt and padding are summed too. The mask says which tokens are the
    response."""
    return (logp - ref_logp).sum(-1)


@wrong(LENGTH, "mask turned around")
def mask_turned_around(logp, ref_logp, mask):
    """You sum what is not the response. The mask is True on the tokens that count."""
    return differences(logp, ref_logp, ~mask).sum(-1)


@wrong(LENGTH, "response at the start of the row")
def first_positions(logp, ref_logp, mask):
    """You sum the first positions of each row, as many as the response has tokens. The
    response may begin later: the mask says where."""
    first = torch.arange(mask.shape[1]) < mask.sum(-1, keepdim=True)
    return differences(logp, ref_logp, first).sum(-1)


@wrong(LENGTH, "times the longest response")
def times_the_longest(logp, ref_logp, mask):
    """You multiply the mean by the length of the longest response. The mean was over
    all T positions; a sum needs no factor at all."""
    longest = mask.sum(-1).max()
    return differences(logp, ref_logp, mask).mean(-1) * longest


@wrong(LENGTH, "no reference")
def policy_alone(logp, ref_logp, mask):
    """This is log pi alone, which longer responses always lose. The log-ratio
    subtracts the reference over the same tokens."""
    return torch.where(mask, logp, 0.0).sum(-1)


@wrong(LENGTH, "only the reference averaged")
def reference_averaged(logp, ref_logp, mask):
    """The policy's side is a sum, the reference's a mean. Both are sums over the same
    tokens: then policy = reference gives 0."""
    ours, theirs = (torch.where(mask, x, 0.0).sum(-1) for x in (logp, ref_logp))
    return ours - theirs / mask.sum(-1)


@wrong(LENGTH, "sign turned around")
def reference_minus_policy(logp, ref_logp, mask):
    """This is reference minus policy. The log-ratio is positive where the policy
    makes a response more likely."""
    return -differences(logp, ref_logp, mask).sum(-1)


@wrong(LENGTH, "the sum of the batch")
def sum_of_the_batch(logp, ref_logp, mask):
    """This is one number, summed over all rows. The task asks for one number a
    row."""
    return differences(logp, ref_logp, mask).sum()


@wrong(LENGTH, "mask multiplied")
def mask_multiplied(logp, ref_logp, mask):
    """Multiplying by the mask makes NaN of -inf times 0 in the padding. Choose with
    torch.where, which never looks there."""
    return ((logp - ref_logp) * mask).sum(-1)


@wrong(LENGTH, "detached")
def policy_detached(logp, ref_logp, mask):
    """The values are right, but no gradient reaches logp: this policy would never
    learn."""
    return differences(logp, ref_logp, mask).sum(-1).detach()


# find_the_bug_flips


def exchanged(chosen, rejected, flip):
    """The two sides, exchanged where ``flip``."""
    flip = flip[:, None]
    return np.where(flip, rejected, chosen), np.where(flip, chosen, rejected)


@wrong(FLIPS, "as given: a view")
def row_overwritten(chosen, rejected, uniform, rate):
    """As in the code as given, a flipped pair holds one and the same response twice:
    its margin is 0 and it teaches nothing. Where did the other one go?"""
    flip = (uniform < rate)[:, None]
    return np.where(flip, rejected, chosen), rejected.copy()


@wrong(FLIPS, "the other row overwritten")
def other_row_overwritten(chosen, rejected, uniform, rate):
    """Now the other side is overwritten: both responses of a flipped pair are the
    chosen one. Keep a copy of the row before you write to it."""
    flip = (uniform < rate)[:, None]
    return chosen.copy(), np.where(flip, chosen, rejected)


@wrong(FLIPS, "nothing flipped")
def nothing_flipped(chosen, rejected, uniform, rate):
    """Nothing is exchanged: two exchanges of one pair undo each other."""
    return chosen.copy(), rejected.copy()


@wrong(FLIPS, "everything flipped")
def everything_flipped(chosen, rejected, uniform, rate):
    """All pairs are exchanged. Only those with `uniform` below `rate` are to be."""
    return rejected.copy(), chosen.copy()


@wrong(FLIPS, "the wrong ones flipped")
def others_flipped(chosen, rejected, uniform, rate):
    """The pairs that should stay are exchanged, and those to be exchanged stay."""
    return exchanged(chosen, rejected, uniform >= rate)


@same_as(others_flipped)
def those_above_flipped(chosen, rejected, uniform, rate):
    return exchanged(chosen, rejected, uniform > rate)


@wrong(FLIPS, "at most instead of below")
def up_to_the_rate(chosen, rejected, uniform, rate):
    """A pair whose `uniform` equals `rate` is exchanged. Below the rate is asked for,
    so that a rate of 0 never flips."""
    return exchanged(chosen, rejected, uniform <= rate)


@wrong(FLIPS, "only the first token")
def first_token_only(chosen, rejected, uniform, rate):
    """Only the first token of a response is exchanged. A pair is exchanged as a whole
    row."""
    chosen, rejected = chosen.copy(), rejected.copy()
    flip = uniform < rate
    first = chosen[flip, 0].copy()
    chosen[flip, 0], rejected[flip, 0] = rejected[flip, 0], first
    return chosen, rejected


@wrong(FLIPS, "the first pairs of the file")
def first_pairs(chosen, rejected, uniform, rate):
    """You exchange the first pairs of the file. Which ones is decided by `uniform`,
    or the noise would depend on the order of the file."""
    return exchanged(chosen, rejected, np.arange(len(chosen)) < rate * len(chosen))


@same_as(first_pairs)
def first_pairs_rounded(chosen, rejected, uniform, rate):
    many = round(rate * len(chosen))
    return exchanged(chosen, rejected, np.arange(len(chosen)) < many)


@wrong(FLIPS, "half the rate")
def half_the_rate(chosen, rejected, uniform, rate):
    """Only half of the pairs asked for are exchanged. Noise is a flip here, not a coin
    thrown anew, which would agree by chance half the time."""
    return exchanged(chosen, rejected, uniform < rate / 2)


@wrong(FLIPS, "flipped pairs dropped")
def flipped_dropped(chosen, rejected, uniform, rate):
    """The pairs to be flipped are missing. They stay in the file, the wrong way
    around."""
    keep = uniform >= rate
    return chosen[keep], rejected[keep]


@wrong(FLIPS, "the caller's arrays changed")
def callers_arrays(chosen, rejected, uniform, rate):
    """The exchange is right, but it was made in the caller's arrays. The next rate
    would start from a noisy file."""
    flip = uniform < rate
    chosen[flip], rejected[flip] = rejected[flip], chosen[flip]
    return chosen, rejected


# find_the_bug_pooling


def preference_matrix(rewards):
    """P(i beats j) for all pairs, as the task imports it: (..., K) to (..., K, K)."""
    gaps = rewards[..., :, None] - rewards[..., None, :]
    return (1 + np.tanh(gaps / 2)) / 2


@wrong(POOLING, "as given: rewards averaged")
def rewards_averaged(reward, share):
    """As in the code as given, one annotator of average taste gives all the labels.
    Nobody in the hand example has that taste: who does answer?"""
    return preference_matrix(share @ reward)


@same_as(rewards_averaged)
def log_odds_averaged(reward, share):
    gaps = reward[:, :, None] - reward[:, None]
    return preference_matrix(np.tensordot(share, gaps, 1)[:, 0])


@wrong(POOLING, "all groups alike")
def groups_alike(reward, share):
    """Every group counts the same. A group of twice the size gives twice the
    labels."""
    return preference_matrix(reward).mean(0)


@wrong(POOLING, "the largest group")
def largest_group(reward, share):
    """Only the largest group answers. The labels of the others are in the file as
    well."""
    return preference_matrix(reward[share.argmax()])


@wrong(POOLING, "a vote")
def a_vote(reward, share):
    """Each annotator picks what she likes better, every time. Under Bradley-Terry she
    does so only with probability sigmoid(r_i - r_j)."""
    gaps = reward[:, :, None] - reward[:, None]
    return np.tensordot(share, 0.5 + 0.5 * np.sign(gaps), 1)


@wrong(POOLING, "transposed")
def transposed(reward, share):
    """Entry [i, j] is the probability that j is preferred to i: the matrix is
    transposed."""
    return np.tensordot(share, preference_matrix(reward), 1).T


@wrong(POOLING, "multiplicities averaged")
def exponentials_averaged(reward, share):
    """You average e^reward, which is dominated by the group with the largest rewards,
    and their zero is arbitrary. Average the probabilities."""
    return preference_matrix(np.logaddexp.reduce(np.log(share + 1e-300) + reward.T, 1))


@wrong(POOLING, "geometric mean")
def geometric_mean(reward, share):
    """You multiply the groups' probabilities, as if all of them had to agree. One
    annotator gives the label: average."""
    p = preference_matrix(reward)
    return np.prod(p ** share[:, None, None], axis=0)


@wrong(POOLING, "share times reward")
def share_inside_the_sigmoid(reward, share):
    """The share multiplies the rewards: a small group would be an undecided one. It
    multiplies the group's answers."""
    return preference_matrix(share[:, None] * reward).mean(0)


@wrong(POOLING, "an annotator for each response")
def two_annotators(reward, share):
    """Two annotators are drawn, one to judge i and one to judge j. One and the same
    person compares both."""
    gaps = reward[:, None, :, None] - reward[None, :, None, :]
    weights = share[:, None] * share
    return np.einsum("kl,klij->ij", weights, 1 / (1 + np.exp(-gaps.clip(-700, 700))))


@wrong(POOLING, "0 on the diagonal")
def nothing_on_the_diagonal(reward, share):
    """The diagonal is 0. A response against itself wins half the time: the task asks
    for 1/2 there."""
    p = np.tensordot(share, preference_matrix(reward), 1)
    return p * (1 - np.eye(len(p)))


@wrong(POOLING, "overflow")
def naive_sigmoid(reward, share):
    """e^x / (1 + e^x) overflows for large rewards. preference_matrix is right at any
    size."""
    odds = np.exp(reward[:, :, None] - reward[:, None])
    return np.tensordot(share, odds / (1 + odds), 1)


@same_as(naive_sigmoid)
def ratio_of_exponentials(reward, share):
    weights = np.exp(reward)
    return np.tensordot(
        share, weights[:, :, None] / (weights[:, :, None] + weights[:, None]), 1
    )


# Numbers to predict


@wrong(MASS, "only what the chosen lost")
def mass_of_the_chosen():
    """This is what the chosen response lost. The rejected one lost something too, and
    all of it went elsewhere."""
    return 0.2 * (1 - math.exp(-0.5))


@wrong(MASS, "only what the rejected lost")
def mass_of_the_rejected():
    """This is what the rejected response lost. The chosen one lost something too."""
    return 0.3 * (1 - math.exp(-2))


@wrong(MASS, "sign turned around")
def mass_below_zero():
    """The size is right. The others gained, so the number is above 0."""
    return 0.2 * (math.exp(-0.5) - 1) + 0.3 * (math.exp(-2) - 1)


@wrong(MASS, "what is left")
def mass_that_is_left():
    """This is what the two still have. The others gained what they lost."""
    return 0.2 * math.exp(-0.5) + 0.3 * math.exp(-2)


@wrong(MASS, "what the others have")
def mass_of_the_others():
    """This is all that the others have now; half of it was theirs before. The task
    asks for what they gained."""
    return 1 - 0.2 * math.exp(-0.5) - 0.3 * math.exp(-2)


@wrong(MASS, "linear in nats")
def mass_linear():
    """A loss of x nats is no loss of the share x: it multiplies the probability by
    e^-x. (0.3 * 2 is more than there was.)"""
    return 0.2 * 0.5 + 0.3 * 2


@wrong(MASS, "one moved to the other")
def mass_difference():
    """Nothing went from one to the other: both lost. Add the two losses."""
    return 0.3 * (1 - math.exp(-2)) - 0.2 * (1 - math.exp(-0.5))


@wrong(MASS, "nats")
def mass_in_nats():
    """These are nats. Probability is what sums to 1, log-probabilities are not
    conserved."""
    return 2.5


def gap_at(p):
    """Where the gap rests if labels say y_w with probability p and beta is 0.5."""
    return math.log(p / (1 - p)) / 0.5


@wrong(NOISY, "no noise")
def gap_without_noise():
    """This is the gap without noise. The labels in the file say y_w less often than
    annotators do."""
    return gap_at(0.9)


@wrong(NOISY, "flips one way only")
def gap_with_one_way_flips():
    """0.9 * 0.8 forgets the labels that said y_l and were flipped to y_w: 0.1 * 0.2
    more."""
    return gap_at(0.72)


@wrong(NOISY, "noise subtracted")
def gap_with_noise_subtracted():
    """0.9 - 0.2 subtracts the noise. Only labels that said y_w can be lost, and some
    of the others are won."""
    return gap_at(0.7)


@wrong(NOISY, "only the noise")
def gap_of_the_noise():
    """This is for annotators who always prefer y_w: then 0.8 of the labels say so.
    They do it with probability 0.9."""
    return gap_at(0.8)


@wrong(NOISY, "margin")
def margin_of_the_noisy():
    """This is the margin, beta times the gap. Divide it by beta."""
    return math.log(0.74 / 0.26)


@wrong(NOISY, "multiplied by beta")
def noisy_gap_multiplied():
    """The margin is beta * gap, so the gap is the margin divided by beta, not
    multiplied."""
    return math.log(0.74 / 0.26) * 0.5


@wrong(NOISY, "gap shrunk linearly")
def gap_shrunk():
    """You shrank the clean gap by 1 - 2 * 0.2. It is the probabilities that shrink
    towards 1/2; the gap is their log-odds."""
    return 0.6 * gap_at(0.9)


@wrong(NOISY, "coins instead of flips")
def gap_of_coins():
    """You replaced 20 percent of the labels by coins, which are right half the time.
    A flipped label is never what it was."""
    return gap_at(0.9 * 0.8 + 0.5 * 0.2)


@wrong(RUNAWAY, "one logit")
def one_logit():
    """This is how far one logit moved. The other moved as far in the other
    direction."""
    return 3.0


@wrong(RUNAWAY, "weight without the sigmoid")
def full_weight():
    """The weight is beta * sigmoid(0) = beta / 2, not beta: this is twice as much."""
    return 12.0


@wrong(RUNAWAY, "beta left out")
def without_beta():
    """beta is missing: the weight of a pair is beta * sigmoid(-beta * gap)."""
    return 1000 * 2 * 0.02 / 2


@wrong(RUNAWAY, "a healthy run")
def healthy_run():
    """This is a run with a frozen reference, whose weight falls as the gap grows. Here
    the gap is 0 at every step."""
    gap = 0.0
    for _ in range(1000):
        gap += 2 * 0.02 * 0.3 / (1 + math.exp(0.3 * gap))
    return gap


@wrong(RUNAWAY, "at rest at 1 / beta")
def rest_at_one_over_beta():
    """Nothing comes to rest here: with a reference that follows, every step pulls as
    hard as the first. Count the 1000 steps."""
    return 1 / 0.3


@wrong(RUNAWAY, "nothing moves")
def nothing_moves():
    """Nothing would move if a gradient flowed through the reference as well. It has
    none: only the policy's half of the gap is felt."""
    return 0.0


@wrong(RUNAWAY, "beta times the growth")
def runaway_margin():
    """This is beta times the growth. The task asks for nats of log pi."""
    return 0.3 * 1000 * 0.02 * 0.3
