"""Known wrong answers of chapter 11: name = id, docstring = what the learner reads."""

import copy
import math

import numpy as np
import torch
import torch.nn.functional as F

from . import same_as, wrong

FREEZE = "freeze"
STEP = "dpo_step"
SILENT = "diagnose_the_silent_log"
PERFECT = "diagnose_the_perfect_log"
CHEERFUL = "diagnose_the_cheerful_log"
SHARE_BUG = "find_the_bug_share"
SHARE = "predict_the_share"
GAP = "predict_the_final_gap"


# freeze


@wrong(FREEZE, "the same object")
def same_object(model):
    """This is the model itself under a second name: it will follow every step of the
    policy, and the loss stays at log 2. A reference is a copy."""
    return model


@wrong(FREEZE, "the model itself frozen")
def model_itself_frozen(model):
    """You froze the model itself, so nothing is left that can learn. Freeze a
    copy."""
    return model.eval().requires_grad_(False)


@wrong(FREEZE, "the model itself frozen, dropout still on")
def model_itself_frozen_in_training_mode(model):
    """You switched the gradients of the model itself off, so nothing is left that can
    learn. Freeze a copy."""
    return model.requires_grad_(False)


@wrong(FREEZE, "the model itself in evaluation mode")
def model_itself_in_evaluation_mode(model):
    """eval() switches dropout off and nothing else, and this is still the model
    itself. A reference is a copy without gradients."""
    return model.eval()


@wrong(FREEZE, "shallow copy")
def shallow_copy(model):
    """copy.copy makes a new shell around the same weights: they move when the model
    is trained. deepcopy copies the numbers too."""
    return copy.copy(model)


@wrong(FREEZE, "shallow copy, frozen")
def shallow_copy_frozen(model):
    """copy.copy shares its weights with the model, so switching their gradients off
    froze both. deepcopy copies the numbers too."""
    return copy.copy(model).eval().requires_grad_(False)


@wrong(FREEZE, "a copy that can learn")
def copy_that_can_learn(model):
    """A copy, with dropout off, but its weights still ask for gradients: eval() and
    no_grad do not change that. requires_grad_(False) does."""
    return copy.deepcopy(model).eval()


@same_as(copy_that_can_learn)
def copied_under_no_grad(model):
    with torch.no_grad():
        return copy.deepcopy(model).eval()


@same_as(copy_that_can_learn)
def switch_without_underscore(model):
    reference = copy.deepcopy(model).eval()
    reference.requires_grad = False  # sets an attribute that nobody reads
    return reference


@wrong(FREEZE, "dropout left on")
def dropout_left_on(model):
    """A copy without gradients, but dropout is as it was: its log-probabilities are
    random, and the first loss is not log 2. Call eval() on it."""
    return copy.deepcopy(model).requires_grad_(False)


@wrong(FREEZE, "a copy and nothing else")
def copy_and_nothing_else(model):
    """A copy, but an ordinary one: its weights can learn and its dropout is as it
    was. Two switches are missing."""
    return copy.deepcopy(model)


@wrong(FREEZE, "dropout off, still in training mode")
def dropout_rate_zero(model):
    """Dropout is off because its rate is 0, but the copy is still in training mode, in
    which other layers, such as batch norm, behave differently. Call eval() on it."""
    reference = copy.deepcopy(model).requires_grad_(False)
    for module in reference.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return reference


@wrong(FREEZE, "evaluation mode for the outermost module alone")
def outermost_flag_only(model):
    """Only the outermost module is in evaluation mode: `training = False` does not
    reach the layers inside, dropout among them. eval() does."""
    reference = copy.deepcopy(model).requires_grad_(False)
    reference.training = False
    return reference


@wrong(FREEZE, "made anew by its class")
def made_anew_by_its_class(model):
    """You make a new model by calling the class of the old one. A model whose class
    needs arguments cannot be made like this; deepcopy copies any."""
    reference = type(model)()
    reference.double().load_state_dict(model.state_dict())
    return reference.eval().requires_grad_(False)


@same_as(made_anew_by_its_class)
def made_anew_without_double(model):
    reference = type(model)()
    reference.load_state_dict(model.state_dict())
    return reference.eval().requires_grad_(False)


@wrong(FREEZE, "copied after freezing the model")
def frozen_then_copied(model):
    """You froze the model and then copied it: now both are frozen, and nothing can
    learn. Copy first."""
    return copy.deepcopy(model.eval().requires_grad_(False))


@wrong(FREEZE, "the wrong one of the two frozen")
def wrong_one_frozen(model):
    """A copy was made, but the switches were thrown on the model: the policy cannot
    learn, and the reference can."""
    reference = copy.deepcopy(model)
    model.eval().requires_grad_(False)
    return reference


@wrong(FREEZE, "the model left in evaluation mode")
def model_left_in_evaluation_mode(model):
    """The reference is right, but the model was switched to evaluation mode on the
    way: call eval() on the copy."""
    return copy.deepcopy(model.eval()).requires_grad_(False)


@wrong(FREEZE, "the model always put into training mode")
def model_put_into_training_mode(model):
    """The reference is right, but the model ends in training mode even if it was in
    evaluation mode before. Call eval() on the copy and leave the model alone."""
    reference = copy.deepcopy(model.eval()).requires_grad_(False)
    model.train()
    return reference


@wrong(FREEZE, "all weights of the model made trainable")
def all_weights_made_trainable(model):
    """The reference is right, but afterwards all weights of the model are trainable,
    also those that were not. Switch the copy's weights and leave the model's alone."""
    reference = copy.deepcopy(model).eval().requires_grad_(False)
    model.requires_grad_(True)
    return reference


@wrong(FREEZE, "weights shared through detach")
def weights_shared(model):
    """detach(), .data and load_state_dict(assign=True) share the memory: no gradient
    flows, but the numbers move with the model. clone() or deepcopy copies them."""
    reference = copy.deepcopy(model).eval().requires_grad_(False)
    for mine, theirs in zip(reference.parameters(), model.parameters(), strict=True):
        mine.data = theirs.detach()
    return reference


@same_as(weights_shared)
def weights_assigned(model):
    reference = copy.deepcopy(model)
    reference.load_state_dict(model.state_dict(), assign=True)
    return reference.eval().requires_grad_(False)


@wrong(FREEZE, "weights initialized anew")
def weights_initialized_anew(model):
    """The weights are not the model's. The reference is the model as it is now, not a
    new model of the same shape."""
    reference = copy.deepcopy(model).eval().requires_grad_(False)
    for weight in reference.parameters():
        weight.zero_()
    return reference


@wrong(FREEZE, "buffers lost")
def buffers_lost(model):
    """The weights are the model's, but its buffers are not. A model may hold numbers
    that are not trained, and deepcopy copies them too."""
    reference = copy.deepcopy(model).eval().requires_grad_(False)
    for buffer in reference.buffers():
        buffer.zero_()
    return reference


@wrong(FREEZE, "in float32")
def in_single_precision(model):
    """The copy has fewer digits than the model: policy and reference then differ
    before the first step."""
    reference = copy.deepcopy(model).eval().requires_grad_(False)
    return reference.to(torch.bfloat16).double()


@wrong(FREEZE, "another type of numbers")
def in_another_type(model):
    """The reference computes in float32 and the model in float64: they no longer fit
    together, and log-probabilities differ before the first step."""
    return copy.deepcopy(model).eval().requires_grad_(False).float()


@wrong(FREEZE, "dropout taken out of the model")
def dropout_taken_out(model):
    """You took dropout out of the model itself, for good. eval() on the copy switches
    it off there and nowhere else."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return copy.deepcopy(model).eval().requires_grad_(False)


@wrong(FREEZE, "only the first layer frozen")
def first_weight_only(model):
    """Only one weight is frozen. All of reference.parameters() have to be."""
    reference = copy.deepcopy(model).eval()
    next(reference.parameters()).requires_grad_(False)
    return reference


@wrong(FREEZE, "biases left free")
def biases_left_free(model):
    """Only the matrices are frozen; the biases are weights as well."""
    reference = copy.deepcopy(model).eval()
    for weight in reference.parameters():
        weight.requires_grad = weight.dim() < 2
    return reference


@wrong(FREEZE, "only the outer layers frozen")
def outer_layers_only(model):
    """Only weights that lie directly in the outer layers are frozen. What lies deeper,
    or in the model itself, still asks for a gradient: parameters() finds all."""
    reference = copy.deepcopy(model).eval()
    for layer in reference.children():
        for weight in layer.parameters(recurse=False):
            weight.requires_grad_(False)
    return reference


@same_as(outer_layers_only)
def layers_but_not_the_model(model):
    reference = copy.deepcopy(model).eval()
    for layer in reference.children():
        layer.requires_grad_(False)
    return reference


@wrong(FREEZE, "no return")
def nothing_returned(model):
    """Nothing is returned. The reference is a second model that the caller needs."""
    copy.deepcopy(model).eval().requires_grad_(False)


@wrong(FREEZE, "weights instead of a model")
def state_dict_returned(model):
    """These are the weights. A reference has to answer questions, so the task asks
    for a model that holds them."""
    return copy.deepcopy(model.state_dict())


@wrong(FREEZE, "a function that asks the model")
def function_without_gradient(model):
    """This function asks the model itself, without a gradient: it changes when the
    model does. Copy the model."""

    def reference(x):
        with torch.no_grad():
            return model(x)

    return reference


@wrong(FREEZE, "a function that asks a copy")
def function_over_a_copy(model):
    """The copy is right, but you return a function that asks it. The task asks for the
    module itself: return the copy."""
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    return lambda x: frozen(x)


@same_as(function_over_a_copy)
def function_over_a_copy_without_gradient(model):
    frozen = copy.deepcopy(model)
    return torch.no_grad()(lambda x: frozen(x))


# dpo_step


def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The loss of chapter 06, as the task imports it: a scalar mean."""
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    return -F.logsigmoid(beta * gap).mean()


def token_logprobs(logits, tokens):
    """Log-probability of each token given those before it: (B, T), 0 for the first."""
    predicted = logits[:, :-1].log_softmax(-1)
    return F.pad(predicted.gather(-1, tokens[:, 1:, None]).squeeze(-1), (1, 0))


def sequence_logprob(logits, tokens, response_mask):
    """The sum of chapter 08, as the task imports it: (B,)."""
    return token_logprobs(logits, tokens).where(response_mask.bool(), 0.0).sum(-1)


def logp(model, batch, side):
    """log pi of one side of the batch: (B,)."""
    tokens, mask = batch[side], batch[f"{side}_mask"]
    return sequence_logprob(model(tokens), tokens, mask)


def four(policy, reference, batch):
    """The four log-probabilities, as they should be."""
    with torch.no_grad():
        ref = [logp(reference, batch, side) for side in ("chosen", "rejected")]
    return [logp(policy, batch, side) for side in ("chosen", "rejected")] + ref


def update(optimizer, loss):
    """zero_grad, backward, step; returns the loss."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong(STEP, "gradients never cleared")
def gradients_never_cleared(policy, reference, optimizer, batch, beta):
    """zero_grad is missing: backward adds to what is there, so every earlier batch is
    stepped along again."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong(STEP, "gradients cleared at the end")
def gradients_cleared_at_the_end(policy, reference, optimizer, batch, beta):
    """zero_grad comes after the step, so gradients that somebody else left are in the
    first step. Clear them before backward."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong(STEP, "gradients cleared before they are used")
def gradients_cleared_too_late(policy, reference, optimizer, batch, beta):
    """The step finds no gradient, so no weight moves: zero_grad stands between
    backward and step, or backward is missing, or no_grad keeps it from the policy. The
    order is zero_grad, backward, step."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@same_as(gradients_cleared_too_late)
def cleared_and_no_backward(policy, reference, optimizer, batch, beta):
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@same_as(gradients_cleared_too_late)
@torch.no_grad()
def policy_without_gradient(policy, reference, optimizer, batch, beta):
    loss = dpo_loss(*four(policy, reference, batch), beta)
    with torch.enable_grad():
        update(optimizer, loss.clone().requires_grad_())
    return loss.item()


@wrong(STEP, "backward without a step")
def backward_without_a_step(policy, reference, optimizer, batch, beta):
    """The optimizer's step() is never called: backward computes the gradient, and only
    step() moves the weights."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@same_as(backward_without_a_step)
def cleared_without_a_step(policy, reference, optimizer, batch, beta):
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.zero_grad()
    return loss.item()


@same_as(backward_without_a_step)
def loss_alone(policy, reference, optimizer, batch, beta):
    return dpo_loss(*four(policy, reference, batch), beta).item()


@wrong(STEP, "the step before backward")
def step_before_backward(policy, reference, optimizer, batch, beta):
    """step() comes before backward(), when there is no gradient yet, and the gradient
    that backward leaves is cleared before the next step. The order is zero_grad,
    backward, step."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    optimizer.step()
    loss.backward()
    return loss.item()


@wrong(STEP, "no backward")
def no_backward(policy, reference, optimizer, batch, beta):
    """backward is missing: the optimizer steps along whatever gradient was left from
    earlier, if any."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.step()
    return loss.item()


@wrong(STEP, "uphill")
def uphill(policy, reference, optimizer, batch, beta):
    """This step goes uphill: the sign of what backward starts from is turned
    around. The optimizer minimizes."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    update(optimizer, -loss)
    return loss.item()


@wrong(STEP, "chosen and rejected exchanged")
def sides_exchanged(policy, reference, optimizer, batch, beta):
    """Chosen and rejected are exchanged, or policy and reference, which turns the
    margin around as well: this policy learns what annotators rejected."""
    chosen, rejected, ref_chosen, ref_rejected = four(policy, reference, batch)
    loss = dpo_loss(rejected, chosen, ref_rejected, ref_chosen, beta)
    return update(optimizer, loss)


@wrong(STEP, "references exchanged")
def references_exchanged(policy, reference, optimizer, batch, beta):
    """The two reference values are exchanged. The arguments of dpo_loss are chosen,
    rejected, reference of chosen, reference of rejected."""
    chosen, rejected, ref_chosen, ref_rejected = four(policy, reference, batch)
    loss = dpo_loss(chosen, rejected, ref_rejected, ref_chosen, beta)
    return update(optimizer, loss)


@same_as(sides_exchanged)
def models_exchanged(policy, reference, optimizer, batch, beta):
    chosen, rejected, ref_chosen, ref_rejected = four(policy, reference, batch)
    loss = dpo_loss(ref_chosen, ref_rejected, chosen, rejected, beta)
    return update(optimizer, loss)


@wrong(STEP, "the policy as its own reference")
def policy_as_reference(policy, reference, optimizer, batch, beta):
    """The reference values come from the policy: every margin is 0 and the loss stays
    at log 2, though the policy keeps moving."""
    return update(optimizer, dpo_loss(*four(policy, policy, batch), beta))


@wrong(STEP, "the policy as its own reference, with gradient")
def policy_as_reference_with_gradient(policy, reference, optimizer, batch, beta):
    """The policy is its own reference, gradient included: the loss is log 2, its
    gradient 0, and nothing moves."""
    both = [logp(policy, batch, side) for side in ("chosen", "rejected")]
    return update(optimizer, dpo_loss(*both, *both, beta))


@wrong(STEP, "no reference")
def no_reference(policy, reference, optimizer, batch, beta):
    """The reference never enters. DPO compares how far the two responses moved from
    it."""
    chosen, rejected, *_ = four(policy, reference, batch)
    zero = torch.zeros_like(chosen)
    return update(optimizer, dpo_loss(chosen, rejected, zero, zero, beta))


@wrong(STEP, "a gradient for the reference")
def reference_with_gradient(policy, reference, optimizer, batch, beta):
    """The reference's values carry a gradient. Today no optimizer holds its weights;
    compute them under torch.no_grad()."""
    sides = [
        logp(model, batch, side)
        for model in (policy, reference)
        for side in ("chosen", "rejected")
    ]
    return update(optimizer, dpo_loss(*sides, beta))


@wrong(STEP, "the reference follows the policy")
def reference_refreshed(policy, reference, optimizer, batch, beta):
    """The reference is set to the policy after the step. It must stay where training
    began, or there is no anchor."""
    loss = update(optimizer, dpo_loss(*four(policy, reference, batch), beta))
    reference.load_state_dict(policy.state_dict())
    return loss


@wrong(STEP, "the reference refreshed first")
def reference_refreshed_first(policy, reference, optimizer, batch, beta):
    """The reference is set to the policy before the step: the loss is always log 2.
    It must stay where training began."""
    reference.load_state_dict(policy.state_dict())
    return update(optimizer, dpo_loss(*four(policy, reference, batch), beta))


@wrong(STEP, "the reference frozen in passing")
def reference_frozen_in_passing(policy, reference, optimizer, batch, beta):
    """You changed the reference's switches. Computing its values under torch.no_grad()
    leaves the caller's model as it is."""
    reference.weight.grad = torch.zeros_like(reference.weight)
    return update(optimizer, dpo_loss(*four(policy, reference, batch), beta))


@wrong(STEP, "rejected without gradient")
def rejected_without_gradient(policy, reference, optimizer, batch, beta):
    """The rejected side carries no gradient: half of the update is missing. Only the
    reference is a constant."""
    chosen, rejected, *ref = four(policy, reference, batch)
    return update(optimizer, dpo_loss(chosen, rejected.detach(), *ref, beta))


@wrong(STEP, "chosen without gradient")
def chosen_without_gradient(policy, reference, optimizer, batch, beta):
    """The chosen side carries no gradient: half of the update is missing. Only the
    reference is a constant."""
    chosen, rejected, *ref = four(policy, reference, batch)
    return update(optimizer, dpo_loss(chosen.detach(), rejected, *ref, beta))


@wrong(STEP, "mask forgotten")
def mask_forgotten(policy, reference, optimizer, batch, beta):
    """Tokens that are not the response are scored too, padding at least. The masks say
    which tokens are the response."""

    def everything(model, side):
        return token_logprobs(model(batch[side]), batch[side]).sum(-1)

    sides = ("chosen", "rejected")
    with torch.no_grad():
        ref = [everything(reference, side) for side in sides]
    ours = [everything(policy, side) for side in sides]
    return update(optimizer, dpo_loss(*ours, *ref, beta))


@wrong(STEP, "one mask for both sides")
def one_mask_for_both(policy, reference, optimizer, batch, beta):
    """Both sides are scored with the mask of the chosen response. Responses differ in
    length: each side has its own."""
    both = batch | {"rejected_mask": batch["chosen_mask"]}
    return update(optimizer, dpo_loss(*four(policy, reference, both), beta))


@wrong(STEP, "mean over tokens")
def mean_over_tokens(policy, reference, optimizer, batch, beta):
    """The log-probabilities are divided by the number of tokens. log pi of a response
    is a sum."""
    counts = [batch[f"{side}_mask"].sum(-1) for side in ("chosen", "rejected")]
    sides = zip(four(policy, reference, batch), counts * 2, strict=True)
    return update(optimizer, dpo_loss(*(x / n for x, n in sides), beta))


@wrong(STEP, "logits not shifted")
def logits_not_shifted(policy, reference, optimizer, batch, beta):
    """The logits at a position are read as a forecast of the token at that position.
    They forecast the next one; sequence_logprob shifts for you."""

    def unshifted(model, side):
        tokens, mask = batch[side], batch[f"{side}_mask"]
        each = model(tokens).log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
        return (each * mask).sum(-1)

    sides = ("chosen", "rejected")
    with torch.no_grad():
        ref = [unshifted(reference, side) for side in sides]
    ours = [unshifted(policy, side) for side in sides]
    return update(optimizer, dpo_loss(*ours, *ref, beta))


@wrong(STEP, "beta forgotten")
def beta_forgotten(policy, reference, optimizer, batch, beta):
    """beta never enters, or is 1 whatever it is. Hand it on to dpo_loss."""
    return update(optimizer, dpo_loss(*four(policy, reference, batch), 1.0))


@wrong(STEP, "beta hard-coded at 0.1")
def beta_hard_coded(policy, reference, optimizer, batch, beta):
    """You use 0.1 whatever beta is. Take it from the argument."""
    return update(optimizer, dpo_loss(*four(policy, reference, batch), 0.1))


@wrong(STEP, "beta outside")
def beta_outside(policy, reference, optimizer, batch, beta):
    """beta multiplies the loss instead of the gap. Hand it on to dpo_loss."""
    return update(optimizer, beta * dpo_loss(*four(policy, reference, batch), 1.0))


@wrong(STEP, "sum over the batch")
def sum_over_the_batch(policy, reference, optimizer, batch, beta):
    """The losses are summed. With the mean the step does not depend on the size of
    the batch."""
    logps = four(policy, reference, batch)
    return update(optimizer, dpo_loss(*logps, beta) * len(logps[0]))


@wrong(STEP, "first pair only")
def first_pair_only(policy, reference, optimizer, batch, beta):
    """Only the first pair of the batch is used."""
    logps = [each[:1] for each in four(policy, reference, batch)]
    return update(optimizer, dpo_loss(*logps, beta))


@wrong(STEP, "loss after the update")
def loss_after_the_update(policy, reference, optimizer, batch, beta):
    """This is the loss after the update. The log shows the loss that the step was
    computed from."""
    update(optimizer, dpo_loss(*four(policy, reference, batch), beta))
    return dpo_loss(*four(policy, reference, batch), beta).item()


@wrong(STEP, "two updates")
def two_updates(policy, reference, optimizer, batch, beta):
    """The optimizer steps twice. One call is one update."""
    loss = update(optimizer, dpo_loss(*four(policy, reference, batch), beta))
    optimizer.step()
    return loss


@wrong(STEP, "an optimizer of its own")
def optimizer_of_its_own(policy, reference, optimizer, batch, beta):
    """A new optimizer is made at every step, so it forgets its momentum and averages.
    Use the one that was given."""
    fresh = type(optimizer)(policy.parameters(), lr=optimizer.defaults["lr"])
    if "momentum" in optimizer.defaults:
        fresh.param_groups[0]["momentum"] = optimizer.defaults["momentum"]
    return update(fresh, dpo_loss(*four(policy, reference, batch), beta))


@wrong(STEP, "plain gradient descent")
def plain_gradient_descent(policy, reference, optimizer, batch, beta):
    """The weights are moved by hand, along the gradient. Momentum and Adam do
    something else: let the optimizer step."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for weight in policy.parameters():
            weight -= optimizer.param_groups[0]["lr"] * weight.grad
    return loss.item()


@wrong(STEP, "gradient clipped")
def gradient_clipped(policy, reference, optimizer, batch, beta):
    """The gradient is clipped before the step. That is a choice some trainers make;
    this task asks for the gradient as it is."""
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.05)
    optimizer.step()
    return loss.item()


@same_as(gradient_clipped)
def gradient_clipped_at_one(policy, reference, optimizer, batch, beta):
    loss = dpo_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
    optimizer.step()
    return loss.item()


@wrong(STEP, "SFT on the chosen response")
def sft_on_chosen(policy, reference, optimizer, batch, beta):
    """This is supervised fine-tuning on the chosen response. It never says that the
    rejected one is worse."""
    return update(optimizer, -logp(policy, batch, "chosen").mean())


@wrong(STEP, "SFT added to the loss")
def sft_added(policy, reference, optimizer, batch, beta):
    """A likelihood term of the chosen response is added. Some variants do that; DPO's
    loss has no such term."""
    chosen, *others = four(policy, reference, batch)
    return update(optimizer, dpo_loss(chosen, *others, beta) - chosen.mean())


@wrong(STEP, "squared loss")
def squared_loss(policy, reference, optimizer, batch, beta):
    """This is IPO's square. DPO's loss is -log sigmoid of the margin."""
    chosen, rejected, ref_chosen, ref_rejected = four(policy, reference, batch)
    gap = (chosen - ref_chosen) - (rejected - ref_rejected)
    return update(optimizer, ((gap - 1 / (2 * beta)) ** 2).mean())


@wrong(STEP, "hinge loss")
def hinge_loss(policy, reference, optimizer, batch, beta):
    """This is a hinge: max(0, 1 - margin). DPO's loss is -log sigmoid of the
    margin."""
    chosen, rejected, ref_chosen, ref_rejected = four(policy, reference, batch)
    gap = (chosen - ref_chosen) - (rejected - ref_rejected)
    return update(optimizer, F.relu(1 - beta * gap).mean())


@wrong(STEP, "loss of the mean margin")
def loss_of_the_mean_margin(policy, reference, optimizer, batch, beta):
    """The pairs are averaged before the loss. Each pair has its own loss; the mean
    comes last."""
    logps = [each.mean()[None] for each in four(policy, reference, batch)]
    return update(optimizer, dpo_loss(*logps, beta))


@wrong(STEP, "log of the sigmoid")
def log_of_the_sigmoid(policy, reference, optimizer, batch, beta):
    """Right, until the margin is so negative that the sigmoid underflows to 0 and its
    logarithm is -inf. dpo_loss never computes the sigmoid."""
    chosen, rejected, ref_chosen, ref_rejected = four(policy, reference, batch)
    gap = (chosen - ref_chosen) - (rejected - ref_rejected)
    return update(optimizer, -torch.log(torch.sigmoid(beta * gap)).mean())


@wrong(STEP, "batch changed")
def batch_changed(policy, reference, optimizer, batch, beta):
    """The step is right, but the batch is not what it was: the next epoch will train
    on something else. Compute on a copy."""
    loss = update(optimizer, dpo_loss(*four(policy, reference, batch), beta))
    batch["chosen"].masked_fill_(~batch["chosen_mask"], 0)
    return loss


@wrong(STEP, "margin returned")
def margin_returned(policy, reference, optimizer, batch, beta):
    """The update is right, but this is the mean margin. Return the loss."""
    chosen, rejected, ref_chosen, ref_rejected = four(policy, reference, batch)
    gap = (chosen - ref_chosen) - (rejected - ref_rejected)
    update(optimizer, dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta))
    return beta * gap.mean().item()


@wrong(STEP, "no return")
def step_without_return(policy, reference, optimizer, batch, beta):
    """The update is right, but the loss is not returned, and nothing can be
    logged."""
    update(optimizer, dpo_loss(*four(policy, reference, batch), beta))


# Three runs to diagnose


@wrong(SILENT, "nothing is wrong")
def silent_is_fine():
    """A loss of log 2 at step 0 is right. At step 190 it says that the margin is
    still exactly 0, and that is impossible for a policy that moved."""
    return "nothing is wrong"


@wrong(SILENT, "the policy is never updated")
def silent_never_updated():
    """The policy is updated: its log-probabilities change by tens of nats. Look for
    what changes with them."""
    return "the policy is never updated"


@wrong(SILENT, "dropout")
def silent_dropout():
    """With dropout the loss would differ from log 2 by chance, a little and in every
    row, the first one too. Here it is exact."""
    return "dropout is on in the policy"


@wrong(SILENT, "labels exchanged")
def silent_exchanged():
    """Exchanged labels are learned like any others: the loss would fall."""
    return "chosen and rejected are exchanged"


@wrong(SILENT, "learning rate")
def silent_rate():
    """With a learning rate that is far too large the loss jumps up and down. Here it
    does not move at all."""
    return "the learning rate is far too large"


@wrong(SILENT, "memorized")
def silent_memorized():
    """Pairs learned by heart would bring the loss to 0. Here it does not move at
    all."""
    return "too few pairs, too many epochs"


@wrong(PERFECT, "nothing is wrong")
def perfect_is_fine():
    """On pairs that it was not trained on the policy is now worse than a coin: their
    loss rose from 0.69 to 2.16."""
    return "nothing is wrong"


@wrong(PERFECT, "the reference moves")
def perfect_reference_moves():
    """With a reference that moves along the margin would stay at 0. Here it grows."""
    return "the reference moves with the policy"


@wrong(PERFECT, "the policy is never updated")
def perfect_never_updated():
    """A policy that is never updated keeps the loss of log 2. Here it falls to 0.006
    on the training pairs."""
    return "the policy is never updated"


@wrong(PERFECT, "dropout")
def perfect_dropout():
    """With dropout the first loss would not be exactly log 2, and a loss of 0.006
    would be hard to reach."""
    return "dropout is on in the policy"


@wrong(PERFECT, "labels exchanged")
def perfect_exchanged():
    """Exchanged labels would be exchanged in the held-out pairs of the same data too,
    and their loss would fall as well at first. Compare the two losses again."""
    return "chosen and rejected are exchanged"


@wrong(PERFECT, "learning rate")
def perfect_rate():
    """With a learning rate that is far too large the training loss would not come
    down to 0.006. It is only the held-out loss that rises."""
    return "the learning rate is far too large"


@wrong(CHEERFUL, "nothing is wrong")
def cheerful_is_fine():
    """The judges prefer the reference more and more often: 0.31 is worse than
    untrained. Something is very wrong."""
    return "nothing is wrong"


@wrong(CHEERFUL, "the reference moves")
def cheerful_reference_moves():
    """With a reference that moves along the margin would stay at 0. Here it grows."""
    return "the reference moves with the policy"


@wrong(CHEERFUL, "the policy is never updated")
def cheerful_never_updated():
    """The loss falls and the margin grows, so the policy is updated. The question is
    where to."""
    return "the policy is never updated"


@wrong(CHEERFUL, "dropout")
def cheerful_dropout():
    """With dropout the first loss would not be exactly log 2. It also would not turn
    the judges against the policy."""
    return "dropout is on in the policy"


@wrong(CHEERFUL, "learning rate")
def cheerful_rate():
    """With a learning rate that is far too large the loss would not fall this
    steadily, on held-out pairs too."""
    return "the learning rate is far too large"


@wrong(CHEERFUL, "memorized")
def cheerful_memorized():
    """Pairs learned by heart would raise the held-out loss. It falls: what was
    learned holds for new pairs of this file."""
    return "too few pairs, too many epochs"


# find_the_bug_share


def values(logp, ref_logp, reward, beta):
    """J of each prompt."""
    p = np.exp(logp)
    return (p * reward).sum(-1) - beta * (p * (logp - ref_logp)).sum(-1)


def tilted(ref_logp, reward):
    """The reference times e^reward, normalized."""
    weights = np.exp(ref_logp + reward)
    return np.log(weights / weights.sum(-1, keepdims=True))


def share_of(value, logp, ref_logp, best):
    """(J - J_ref) / (J* - J_ref) with this J."""
    start = value(ref_logp)
    return (value(logp) - start) / (value(best) - start)


@wrong(SHARE_BUG, "beta missing in the best policy")
def beta_missing_in_the_best(logp, ref_logp, reward, beta):
    """The bug is still there: `best` is the best policy for beta = 1. With another
    beta a good policy can have a share above 1."""
    return share_of(
        lambda p: values(p, ref_logp, reward, beta).mean(),
        *(logp, ref_logp, tilted(ref_logp, reward)),
    )


@wrong(SHARE_BUG, "multiplied by beta")
def multiplied_by_beta(logp, ref_logp, reward, beta):
    """The reward is multiplied by beta where it has to be divided: a small beta
    trusts the reward more."""
    return share_of(
        lambda p: values(p, ref_logp, reward, beta).mean(),
        *(logp, ref_logp, tilted(ref_logp, reward * beta)),
    )


@wrong(SHARE_BUG, "beta taken out of the value")
def beta_taken_out(logp, ref_logp, reward, beta):
    """Now beta is missing everywhere, and this is the share for beta = 1. The value
    was right: it is `best` that needs beta."""
    return share_of(
        lambda p: values(p, ref_logp, reward, 1.0).mean(),
        *(logp, ref_logp, tilted(ref_logp, reward)),
    )


@wrong(SHARE_BUG, "the greedy policy as the best")
def greedy_as_best(logp, ref_logp, reward, beta):
    """The best of J is not the policy with the highest reward: the KL has its price.
    It is reference * e^(reward / beta), normalized."""
    top = np.take_along_axis(ref_logp, reward.argmax(-1)[:, None], -1)[:, 0]
    best = (reward.max(-1) + beta * top).mean()
    start = values(ref_logp, ref_logp, reward, beta).mean()
    return (values(logp, ref_logp, reward, beta).mean() - start) / (best - start)


@wrong(SHARE_BUG, "the greatest reward as the best value")
def greatest_reward_as_best(logp, ref_logp, reward, beta):
    """The best J is not the greatest reward: who always writes the best response pays
    for it with beta times a KL. The best policy is reference * e^(reward / beta),
    normalized."""
    start = values(ref_logp, ref_logp, reward, beta).mean()
    best = reward.max(-1).mean()
    return (values(logp, ref_logp, reward, beta).mean() - start) / (best - start)


@wrong(SHARE_BUG, "reference divided by beta too")
def reference_divided_too(logp, ref_logp, reward, beta):
    """Reference and reward are both divided by beta. Only the reward is: the best
    policy is reference * e^(reward / beta), normalized."""
    return share_of(
        lambda p: values(p, ref_logp, reward, beta).mean(),
        *(logp, ref_logp, tilted(ref_logp / beta, reward / beta)),
    )


@wrong(SHARE_BUG, "normalized over all prompts together")
def normalized_over_all_prompts(logp, ref_logp, reward, beta):
    """`best` is normalized over all prompts together. Every prompt has probabilities
    of its own that sum to 1: sum over the last axis."""
    weights = np.exp(ref_logp + reward / beta)
    return share_of(
        lambda p: values(p, ref_logp, reward, beta).mean(),
        *(logp, ref_logp, np.log(weights / weights.sum())),
    )


@wrong(SHARE_BUG, "KL turned around")
def kl_turned_around(logp, ref_logp, reward, beta):
    """The KL is turned around: J holds KL(policy || reference), the mean over what the
    policy writes. It was right as it stood."""

    def value(policy):
        kl = (np.exp(ref_logp) * (ref_logp - policy)).sum(-1)
        return ((np.exp(policy) * reward).sum(-1) - beta * kl).mean()

    return share_of(value, logp, ref_logp, tilted(ref_logp, reward / beta))


@wrong(SHARE_BUG, "share clipped at 0")
def share_clipped(logp, ref_logp, reward, beta):
    """Right for policies better than the reference. A worse one has a negative share:
    do not cut it off at 0."""
    share = share_of(
        lambda p: values(p, ref_logp, reward, beta).mean(),
        *(logp, ref_logp, tilted(ref_logp, reward / beta)),
    )
    return max(share, 0.0)


@wrong(SHARE_BUG, "reward divided in place")
def reward_divided_in_place(logp, ref_logp, reward, beta):
    """`reward /= beta` changes the array itself: J is then computed with the divided
    reward, and the caller's data is spoiled. Divide inside the exponential."""
    reward /= beta
    return share_of(
        lambda p: values(p, ref_logp, reward, beta).mean(),
        *(logp, ref_logp, tilted(ref_logp, reward)),
    )


@wrong(SHARE_BUG, "mean of the prompts' shares")
def mean_of_shares(logp, ref_logp, reward, beta):
    """The shares of the prompts are averaged. The task averages J over prompts first
    and divides then."""
    return share_of(
        lambda p: values(p, ref_logp, reward, beta),
        *(logp, ref_logp, tilted(ref_logp, reward / beta)),
    ).mean()


@wrong(SHARE_BUG, "share of the reward")
def share_of_the_reward(logp, ref_logp, reward, beta):
    """This is the share of the reward alone. J is the reward minus beta times the
    KL."""
    return share_of(
        lambda p: (np.exp(p) * reward).sum(-1).mean(),
        *(logp, ref_logp, tilted(ref_logp, reward / beta)),
    )


@wrong(SHARE_BUG, "not normalized")
def not_normalized(logp, ref_logp, reward, beta):
    """`best` is not normalized any more: its probabilities must sum to 1."""
    return share_of(
        lambda p: values(p, ref_logp, reward, beta).mean(),
        *(logp, ref_logp, ref_logp + reward / beta),
    )


@wrong(SHARE_BUG, "what is missing instead of what is reached")
def share_that_is_missing(logp, ref_logp, reward, beta):
    """This is the share that is still missing. The task asks for what was
    reached."""
    best = tilted(ref_logp, reward / beta)
    away = [(np.exp(p) * (p - best)).sum(-1).mean() for p in (logp, ref_logp)]
    return away[0] / away[1]


# Numbers to predict


@wrong(SHARE, "share that is missing")
def still_missing():
    """This is the share that is still missing: 0.063 / 1.26. What was reached is the
    rest."""
    return 0.063 / 1.26


@wrong(SHARE, "difference in nats")
def difference_in_nats():
    """This is the difference of the two KLs, in nats. A share is divided by the whole
    way."""
    return 1.26 - 0.063


@wrong(SHARE, "ratio upside down")
def ratio_upside_down():
    """The ratio is upside down. A share cannot be above 1."""
    return 1.26 / 0.063


@wrong(SHARE, "final KL taken from 1")
def kl_taken_from_one():
    """1 - 0.063 would be right if the whole way were 1 nat. It is 1.26."""
    return 1 - 0.063


@wrong(SHARE, "exponential of the KL")
def exponential_of_the_kl():
    """This is e^-0.063. J is linear in the KL: J of the best policy minus J is beta
    times the KL, so the share is a ratio of KLs."""
    return math.exp(-0.063)


@wrong(SHARE, "square root of the ratio")
def root_of_the_ratio():
    """There is a square root too many. J is linear in the KL, so the share that is
    missing is the ratio of the KLs itself."""
    return 1 - math.sqrt(0.063 / 1.26)


@wrong(GAP, "margin instead of the gap")
def margin_for_gap():
    """This is the margin, log 4. The gap is the margin divided by beta."""
    return math.log(4)


@wrong(GAP, "multiplied by beta")
def gap_multiplied():
    """The margin is beta * gap = log 4, so the gap is log 4 divided by beta, not
    multiplied."""
    return math.log(4) * 0.5


@wrong(GAP, "hard label")
def gap_of_a_hard_label():
    """This is for the label 1. The label 0.8 also counts the annotators who disagree,
    and they stop the gap."""
    return math.inf


@wrong(GAP, "label divided by beta")
def label_over_beta():
    """0.8 / 0.5 takes the probability for the margin. sigmoid(margin) = 0.8."""
    return 1.6


@wrong(GAP, "loss for margin")
def loss_over_beta():
    """log 0.8 is the log of a probability, and its negative a loss. The margin is where
    the sigmoid is 0.8: log(0.8 / 0.2)."""
    return -math.log(0.8) / 0.5


@same_as(loss_over_beta)
def log_probability_over_beta():
    return math.log(0.8) / 0.5


@wrong(GAP, "difference of the probabilities")
def difference_over_beta():
    """0.8 - 0.2 is the difference of the probabilities. The margin is the log of their
    ratio: sigmoid(margin) = 0.8."""
    return (0.8 - 0.2) / 0.5


@wrong(GAP, "sign turned around")
def gap_below_zero():
    """The sign is turned around: y_w is preferred, so it gains."""
    return -math.log(4) / 0.5
