"""Chapter 11: wrong answers of learners."""

import copy
import math

import numpy as np
import torch
import torch.nn.functional as F

from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.sequence_logprob import sequence_logprob


def freeze__same_object(model):
    """Returns the model itself in evaluation mode, so training it changes the reference."""
    model.eval()
    for p in model.parameters():
        p.requires_grad = False
    return model


def freeze__shallow_copy(model):
    """copy.copy shares the parameters: training moves the reference, and the model's weights are frozen too."""
    ref = copy.copy(model)
    ref.eval()
    for p in ref.parameters():
        p.requires_grad_(False)
    return ref


def freeze__forgot_eval(model):
    """The copy keeps the training mode, so its dropout stays on."""
    ref = copy.deepcopy(model)
    for p in ref.parameters():
        p.requires_grad_(False)
    return ref


def freeze__forgot_requires_grad(model):
    """The weights of the copy still ask for a gradient."""
    ref = copy.deepcopy(model)
    ref.eval()
    return ref


def freeze__attribute_on_the_module(model):
    """Sets a meaningless attribute `requires_grad` on the module: its weights still ask for gradients."""
    ref = copy.deepcopy(model).eval()
    ref.requires_grad = False
    return ref


def freeze__only_top_level_training_flag(model):
    """Only the outermost `training` flag is cleared, so a dropout layer inside is still on."""
    ref = copy.deepcopy(model)
    ref.training = False
    ref.requires_grad_(False)
    return ref


def freeze__model_left_in_eval(model):
    """Puts the model itself into evaluation mode and leaves it there; its mode must be as before."""
    model.eval()
    ref = copy.deepcopy(model)
    ref.requires_grad_(False)
    return ref


def freeze__model_always_back_to_train(model):
    """Switches the model to training mode afterwards even if it was in evaluation mode before."""
    model.eval()
    ref = copy.deepcopy(model)
    model.train()
    for p in ref.parameters():
        p.requires_grad = False
    return ref


def freeze__unfreezes_the_model(model):
    """Makes all weights of the model trainable afterwards, also those that were not before."""
    model.requires_grad_(False)
    ref = copy.deepcopy(model).eval()
    model.requires_grad_(True)
    return ref


def freeze__assign_shares_storage(model):
    """load_state_dict(assign=True) makes the copy share its storage with the model, so training moves it."""
    ref = copy.deepcopy(model)
    ref.load_state_dict(model.state_dict(), assign=True)
    for p in ref.parameters():
        p.requires_grad_(False)
    return ref.eval()


def freeze__rebuilt_by_type_call(model):
    """Rebuilds the model by type(model)(), which fails for every model whose constructor needs arguments."""
    ref = type(model)()
    ref.load_state_dict(model.state_dict())
    for p in ref.parameters():
        p.requires_grad_(False)
    return ref.eval()


def freeze__no_grad_forward(model):
    """Wraps forward in no_grad but leaves requires_grad of the weights on, which the task forbids."""
    ref = copy.deepcopy(model).eval()
    inner = ref.forward

    def _forward(*args, **kwargs):
        with torch.no_grad():
            return inner(*args, **kwargs)

    ref.forward = _forward
    return ref


def freeze__resets_buffers(model):
    """Zeroes the buffers of the copy, so with running statistics it no longer gives the model's outputs."""
    ref = copy.deepcopy(model)
    ref.requires_grad_(False)
    for b in ref.buffers():
        b.zero_()
    return ref.eval()


def freeze__dropout_p_zero(model):
    """Sets the rate of nn.Dropout to 0 but stays in training mode, so batch norm and the mode are wrong."""
    ref = copy.deepcopy(model)
    for m in ref.modules():
        if isinstance(m, torch.nn.Dropout):
            m.p = 0.0
    for p in ref.parameters():
        p.requires_grad_(False)
    return ref


def freeze__only_direct_children(model):
    """Freezes the weights of direct children only: the model's own and deeper parameters stay trainable."""
    ref = copy.deepcopy(model).eval()
    for child in ref.children():
        for p in child._parameters.values():
            if p is not None:
                p.requires_grad_(False)
    return ref


def _gap(policy, reference, batch):
    """The four log-probabilities."""
    c = sequence_logprob(policy(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
    r = sequence_logprob(policy(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    with torch.no_grad():
        rc = sequence_logprob(reference(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
        rr = sequence_logprob(reference(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    return c, r, rc, rr


def dpo_step__no_zero_grad(policy, reference, optimizer, batch, beta):
    """Never clears old gradients, so what was left over from earlier is added to this batch's."""
    c, r, rc, rr = _gap(policy, reference, batch)
    loss = dpo_loss(c, r, rc, rr, beta)
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__zero_grad_after_step(policy, reference, optimizer, batch, beta):
    """Clears gradients after the step only, so left-over gradients at the start still count."""
    c, r, rc, rr = _gap(policy, reference, batch)
    loss = dpo_loss(c, r, rc, rr, beta)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def dpo_step__zero_grad_before_step(policy, reference, optimizer, batch, beta):
    """Clears the gradients between backward and step, so the policy is never updated."""
    c, r, rc, rr = _gap(policy, reference, batch)
    loss = dpo_loss(c, r, rc, rr, beta)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def dpo_step__returns_loss_after(policy, reference, optimizer, batch, beta):
    """Returns the loss after the update; the task wants the one before."""
    c, r, rc, rr = _gap(policy, reference, batch)
    loss = dpo_loss(c, r, rc, rr, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        after = dpo_loss(*_gap(policy, reference, batch), beta)
    return after.item()


def dpo_step__exchanged_roles(policy, reference, optimizer, batch, beta):
    """Chosen and rejected are exchanged, so the policy learns the rejected responses."""
    c, r, rc, rr = _gap(policy, reference, batch)
    loss = dpo_loss(r, c, rr, rc, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__policy_and_reference_exchanged(policy, reference, optimizer, batch, beta):
    """Passes the reference terms first and the policy terms last, so the gap has the wrong sign."""
    c, r, rc, rr = _gap(policy, reference, batch)
    loss = dpo_loss(rc, rr, c, r, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__grad_into_reference(policy, reference, optimizer, batch, beta):
    """Writes the loss out without detaching the reference, so an unfrozen reference receives gradients."""

    def score(model, side):
        tokens = batch[side]
        return sequence_logprob(model(tokens), tokens, batch[side + "_mask"])

    gap = (score(policy, "chosen") - score(reference, "chosen")) - (
        score(policy, "rejected") - score(reference, "rejected")
    )
    loss = -F.logsigmoid(beta * gap).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss)


def dpo_step__naive_log_sigmoid(policy, reference, optimizer, batch, beta):
    """log(sigmoid(.)) is inf for margins of -2000, where the loss must be 2000, and the update becomes nan."""
    c, r, rc, rr = _gap(policy, reference, batch)
    margin = beta * ((c - rc) - (r - rr))
    loss = -torch.log(torch.sigmoid(margin)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__sum_over_pairs(policy, reference, optimizer, batch, beta):
    """Sums over the pairs; the loss is their mean, so the step is B times too large."""
    c, r, rc, rr = _gap(policy, reference, batch)
    loss = -F.logsigmoid(beta * ((c - rc) - (r - rr))).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__returns_tensor(policy, reference, optimizer, batch, beta):
    """Returns a tensor that still hangs on its graph, not a float."""
    optimizer.zero_grad()
    loss = dpo_loss(*_gap(policy, reference, batch), beta)
    loss.backward()
    optimizer.step()
    return loss


def dpo_step__clips_gradient(policy, reference, optimizer, batch, beta):
    """Clips the gradient to length 1 out of habit, so the step is too short wherever the gradient is longer."""
    optimizer.zero_grad()
    loss = dpo_loss(*_gap(policy, reference, batch), beta)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def dpo_step__manual_sgd(policy, reference, optimizer, batch, beta):
    """Moves the weights by -lr * gradient by hand, which ignores Adam, momentum and weight decay."""
    optimizer.zero_grad()
    loss = dpo_loss(*_gap(policy, reference, batch), beta)
    loss.backward()
    with torch.no_grad():
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p -= group["lr"] * p.grad
    return loss.item()


def dpo_step__reference_follows(policy, reference, optimizer, batch, beta):
    """Copies the policy into the reference after the step, but the reference keeps its weights."""
    optimizer.zero_grad()
    loss = dpo_loss(*_gap(policy, reference, batch), beta)
    loss.backward()
    optimizer.step()
    reference.load_state_dict(policy.state_dict())
    return loss.item()


def dpo_step__policy_as_reference(policy, reference, optimizer, batch, beta):
    """Scores the reference terms with the policy, so the loss is log 2 for ever."""
    optimizer.zero_grad()
    loss = dpo_loss(*_gap(policy, policy, batch), beta)
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__mean_per_token(policy, reference, optimizer, batch, beta):
    """Divides the log-probabilities by the numbers of tokens, but DPO sums over tokens."""
    c, r, rc, rr = _gap(policy, reference, batch)
    n, m = batch["chosen_mask"].sum(-1), batch["rejected_mask"].sum(-1)
    loss = dpo_loss(c / n, r / m, rc / n, rr / m, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__no_shift(policy, reference, optimizer, batch, beta):
    """Reads the log-probability of token t from the logits at t, but those forecast token t + 1."""

    def score(model, side):
        tokens = batch[side]
        lp = model(tokens).log_softmax(-1).gather(-1, tokens[..., None]).squeeze(-1)
        return torch.where(batch[side + "_mask"].bool(), lp, 0.0).sum(-1)

    optimizer.zero_grad()
    with torch.no_grad():
        rc, rr = score(reference, "chosen"), score(reference, "rejected")
    loss = dpo_loss(score(policy, "chosen"), score(policy, "rejected"), rc, rr, beta)
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__chosen_mask_twice(policy, reference, optimizer, batch, beta):
    """Uses chosen_mask for the rejected responses too; right only where both have the same layout."""
    mask = batch["chosen_mask"]

    def score(model, side):
        return sequence_logprob(model(batch[side]), batch[side], mask)

    with torch.no_grad():
        rc, rr = score(reference, "chosen"), score(reference, "rejected")
    optimizer.zero_grad()
    loss = dpo_loss(score(policy, "chosen"), score(policy, "rejected"), rc, rr, beta)
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__steps_twice(policy, reference, optimizer, batch, beta):
    """Calls optimizer.step() twice, but the policy is updated once."""
    optimizer.zero_grad()
    loss = dpo_loss(*_gap(policy, reference, batch), beta)
    loss.backward()
    optimizer.step()
    optimizer.step()
    return loss.item()


def dpo_step__padding_counted(policy, reference, optimizer, batch, beta):
    """Scores everything after the prompt, padding included, since it only looks where the mask begins."""

    def score(model, side):
        tokens = batch[side]
        mask = batch[side + "_mask"].int().cumsum(-1) > 0
        return sequence_logprob(model(tokens), tokens, mask)

    with torch.no_grad():
        rc, rr = score(reference, "chosen"), score(reference, "rejected")
    optimizer.zero_grad()
    loss = dpo_loss(score(policy, "chosen"), score(policy, "rejected"), rc, rr, beta)
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__beta_hard_coded(policy, reference, optimizer, batch, beta=0.1):
    """Ignores the argument beta and always uses 0.1."""
    optimizer.zero_grad()
    loss = dpo_loss(*_gap(policy, reference, batch), 0.1)
    loss.backward()
    optimizer.step()
    return loss.item()


def diagnose_the_silent_log__never_updated():
    """The log-probabilities move, so the policy is updated."""
    return "the policy is never updated"


def diagnose_the_silent_log__rate_too_large():
    """A rate too large would not leave loss and accuracy at exactly log 2 and 1/2."""
    return "the learning rate is far too large"


def diagnose_the_silent_log__exchanged():
    """Exchanged roles would still let the loss fall."""
    return "chosen and rejected are exchanged"


def diagnose_the_silent_log__nothing():
    """A loss at log 2 to four digits after 190 steps is a fault."""
    return "nothing is wrong"


def diagnose_the_silent_log__dropout():
    """Dropout would make the loss scatter around log 2, not stay at it."""
    return "dropout is on in the policy"


def diagnose_the_perfect_log__nothing():
    """The held-out loss triples, so this is overfitting and not health."""
    return "nothing is wrong"


def diagnose_the_perfect_log__rate():
    """The training loss falls smoothly; the rate is not the fault."""
    return "the learning rate is far too large"


def diagnose_the_perfect_log__moving_reference():
    """With a moving reference the loss would stay at log 2."""
    return "the reference moves with the policy"


def diagnose_the_perfect_log__exchanged():
    """Exchanged roles would let the held-out loss fall as well."""
    return "chosen and rejected are exchanged"


def diagnose_the_cheerful_log__nothing():
    """The judges like the policy less and less, so something is wrong."""
    return "nothing is wrong"


def diagnose_the_cheerful_log__overfit():
    """The held-out loss falls with the other, so it does not overfit."""
    return "too few pairs, too many epochs"


def diagnose_the_cheerful_log__rate():
    """A rate too large would blow the loss up; here it falls gently."""
    return "the learning rate is far too large"


def diagnose_the_cheerful_log__dropout():
    """Dropout does not turn the judges against the policy, and the first loss is exactly log 2."""
    return "dropout is on in the policy"


def diagnose_the_cheerful_log__moving_reference():
    """With a moving reference the margin would stay at 0."""
    return "the reference moves with the policy"


def find_the_bug_share__as_given(logp, ref_logp, reward, beta):
    """Only the raising line is deleted: the best policy still lacks the division by beta."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    weights = np.exp(ref_logp + reward)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def find_the_bug_share__reward_times_beta(logp, ref_logp, reward, beta):
    """Multiplies the reward by beta instead of dividing by it."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    weights = np.exp(ref_logp + beta * reward)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def find_the_bug_share__beta_removed_from_value(logp, ref_logp, reward, beta):
    """Mends the wrong place: takes beta out of J, so that J no longer is what the task defines."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - kl).mean()

    weights = np.exp(ref_logp + reward)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def find_the_bug_share__both_divided(logp, ref_logp, reward, beta):
    """Divides (ref_logp + reward) by beta, so the reference is sharpened too."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    weights = np.exp((ref_logp + reward) / beta)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def find_the_bug_share__clipped_to_zero_one(logp, ref_logp, reward, beta):
    """Clips the share to [0, 1], but it is negative for a policy worse than the reference."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    weights = np.exp(ref_logp + reward / beta)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    share = (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))
    return float(np.clip(share, 0.0, 1.0))


def find_the_bug_share__mean_of_shares(logp, ref_logp, reward, beta):
    """Averages the shares of the prompts; the task averages J first. Right for a single prompt."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return (p * reward).sum(axis=-1) - beta * kl

    z = ref_logp + reward / beta
    best = z - np.logaddexp.reduce(z, axis=-1, keepdims=True)
    return ((value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))).mean()


def find_the_bug_share__reverse_kl_slip(logp, ref_logp, reward, beta):
    """Mends beta but also turns the KL around, KL(reference || policy), which is not J of the task."""

    def value(policy):
        p = np.exp(policy)
        kl = (np.exp(ref_logp) * (ref_logp - policy)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    weights = np.exp(ref_logp + reward / beta)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def find_the_bug_share__normalizes_everything(logp, ref_logp, reward, beta):
    """Normalizes the best policy over all prompts together; right for one prompt only."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    weights = np.exp(ref_logp + reward / beta)
    best = np.log(weights / weights.sum())
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def find_the_bug_share__greedy_best(logp, ref_logp, reward, beta):
    """Takes the largest reward as the value of the best policy and forgets its KL."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    best = reward.max(axis=-1).mean()
    return (value(logp) - value(ref_logp)) / (best - value(ref_logp))


def find_the_bug_share__in_place_reward(logp, ref_logp, reward, beta):
    """`reward /= beta` changes the caller's array, and J is then computed with the scaled reward."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    reward /= beta
    weights = np.exp(ref_logp + reward)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def predict_the_share__what_is_left():
    """Returns the share that is still missing, not the one that was reached."""
    return 0.063 / 1.26


def predict_the_share__ratio_upside_down():
    """Divides the wrong way round."""
    return 1.26 / 0.063


def predict_the_share__difference():
    """Takes the difference of the KLs, which is not a share."""
    return 1.26 - 0.063


def predict_the_share__exponentials():
    """Compares e^-KL, but J is linear in the KL."""
    return math.exp(-0.063)


def predict_the_share__relative_to_final():
    """Uses the square root of the ratio, as if the KL were a squared distance."""
    return 1 - math.sqrt(0.063 / 1.26)


def predict_the_final_gap__forgot_beta():
    """Gives the margin log 4, not the gap, which is the margin divided by beta."""
    return math.log(4)


def predict_the_final_gap__times_beta():
    """Multiplies by beta instead of dividing."""
    return 0.5 * math.log(4)


def predict_the_final_gap__log_of_p():
    """Uses log 0.8 instead of the log odds."""
    return math.log(0.8) / 0.5


def predict_the_final_gap__infinite():
    """A soft label has its minimum at a finite gap."""
    return math.inf


def predict_the_final_gap__logit_of_difference():
    """Uses 0.8 - 0.2 in place of the odds."""
    return (0.8 - 0.2) / 0.5
