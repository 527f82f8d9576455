"""Known wrong answers of chapter 16: name = id, docstring = what the learner reads."""

import math

import numpy as np
import torch

from . import same_as, wrong

FLOPS = "training_flops"
MEMORY = "training_memory_bytes"
REDUCE = "find_the_bug_all_reduce"
PADDING = "find_the_bug_left_padding"
HOURS = "predict_the_hours"
ADAPTER = "predict_the_adapter_memory"
BETA = "predict_the_beta"
FALLING = "diagnose_the_falling_rewards"


# training_flops


@wrong(FLOPS, "forward only")
def forward_only(parameters, tokens):
    """This is the forward pass alone, which is all that writing text needs. Training
    goes backward too, at twice the cost."""
    return 2 * parameters * tokens


@wrong(FLOPS, "backward as costly as forward")
def backward_like_forward(parameters, tokens):
    """Backward counts as much as forward here, or forward is missing. Backward costs
    twice as much: a gradient for the inputs, and one for the weights."""
    return 4 * parameters * tokens


@wrong(FLOPS, "multiply and add as one")
def multiply_adds(parameters, tokens):
    """You count a multiplication with its addition as one operation. Here they are
    two."""
    return 3 * parameters * tokens


@wrong(FLOPS, "one operation per parameter")
def one_operation(parameters, tokens):
    """One operation for each parameter and token is half of a forward pass. Work the
    hand example: 30 forward, 60 backward."""
    return parameters * tokens


@wrong(FLOPS, "the reference counted")
def reference_counted(parameters, tokens):
    """You added the forward pass of a frozen reference. That is DPO; the task asks for
    one model that trains."""
    return 8 * parameters * tokens


@wrong(FLOPS, "two responses per pair")
def two_responses(parameters, tokens):
    """You doubled for the two responses of a pair. `tokens` are all tokens that are
    read, whatever they belong to."""
    return 12 * parameters * tokens


@wrong(FLOPS, "added instead of multiplied")
def parameters_plus_tokens(parameters, tokens):
    """Parameters and tokens are added. Every parameter meets every token: the product
    counts."""
    return 6 * (parameters + tokens)


@wrong(FLOPS, "tokens forgotten")
def a_single_token(parameters, tokens):
    """This is the cost of a single token."""
    return 6 * parameters


@wrong(FLOPS, "parameters forgotten")
def a_single_parameter(parameters, tokens):
    """This is the cost of a single parameter."""
    return 6 * tokens


@wrong(FLOPS, "tokens squared")
def tokens_squared(parameters, tokens):
    """The tokens enter squared. Only attention's scores grow so, and they are left
    out."""
    return 6 * parameters * tokens**2


@wrong(FLOPS, "parameters squared")
def parameters_squared(parameters, tokens):
    """The parameters enter squared. Each is used once for a token in a forward
    pass."""
    return 6 * parameters**2 * tokens


@wrong(FLOPS, "backward as the square of forward")
def forward_times_backward(parameters, tokens):
    """Forward and backward are multiplied. One comes after the other: add."""
    return 2 * parameters * tokens * 4 * parameters * tokens


@wrong(FLOPS, "one addition less")
def one_addition_less(parameters, tokens):
    """You count one addition less than multiplications. The rule here counts two for
    every parameter and token."""
    return 3 * (2 * parameters - 1) * tokens


@wrong(FLOPS, "the optimizer counted")
def optimizer_counted(parameters, tokens):
    """You added the optimizer's work, once for each parameter. It is left out: beside
    thousands of tokens per step it is nothing."""
    return 6 * parameters * tokens + 10 * parameters


@wrong(FLOPS, "in units of 10^12")
def in_tera(parameters, tokens):
    """These are 10^12 operations each. The task asks for operations."""
    return 6 * parameters * tokens / 1e12


@wrong(FLOPS, "logarithm")
def power_of_ten(parameters, tokens):
    """This is the power of ten. The task asks for the number itself; Python's integers
    and floats can hold it."""
    return math.log10(6 * parameters * tokens) if tokens else 0.0


@wrong(FLOPS, "64 bits")
def in_64_bits(parameters, tokens):
    """An integer of 64 bits ends near 9 * 10^18, and neither numpy nor torch says so.
    Python's own integers have no end."""
    bits = 6 * parameters * tokens % 2**64
    return bits - 2**64 if bits >= 2**63 else bits


@wrong(FLOPS, "32 bits")
def in_32_bits(parameters, tokens):
    """An integer of 32 bits ends near 2 * 10^9, and neither numpy nor torch says so.
    Python's own integers have no end."""
    bits = 6 * parameters * tokens % 2**32
    return bits - 2**32 if bits >= 2**31 else bits


@wrong(FLOPS, "another rule: 20 tokens per parameter")
def twenty_tokens_each(parameters, tokens):
    """You took 20 tokens for each parameter, a rule for how much text a model should
    see. The task says how much it sees."""
    return 6 * parameters * 20 * parameters


# training_memory_bytes


@wrong(MEMORY, "all weights trainable")
def all_trainable(parameters, trainable, bytes_per_value):
    """Every weight has a gradient and moments here. Frozen weights have neither."""
    return 4 * parameters * bytes_per_value


@wrong(MEMORY, "frozen weights forgotten")
def frozen_forgotten(parameters, trainable, bytes_per_value):
    """The frozen weights are missing. They do not learn, but they are in memory."""
    return 4 * trainable * bytes_per_value


@wrong(MEMORY, "weights only")
def weights_only(parameters, trainable, bytes_per_value):
    """These are the weights alone: enough to write text, not to train."""
    return parameters * bytes_per_value


@wrong(MEMORY, "no weights")
def without_weights(parameters, trainable, bytes_per_value):
    """These are gradients and moments alone. The weights have to be in memory as
    well."""
    return 3 * trainable * bytes_per_value


@wrong(MEMORY, "two values instead of three")
def one_of_three_missing(parameters, trainable, bytes_per_value):
    """A trainable weight has two more values here; it has three: its gradient, Adam's
    mean of gradients, Adam's mean of their squares."""
    return (parameters + 2 * trainable) * bytes_per_value


@wrong(MEMORY, "no moments")
def without_moments(parameters, trainable, bytes_per_value):
    """This is plain gradient descent: weights and gradients. Adam remembers two
    moments for each trainable weight."""
    return (parameters + trainable) * bytes_per_value


@wrong(MEMORY, "trainable weights twice")
def trainable_twice(parameters, trainable, bytes_per_value):
    """The trainable weights are counted twice: they are among `parameters` already.
    (A float32 copy of them, as in mixed precision, is not part of this task.)"""
    return (parameters + 4 * trainable) * bytes_per_value


@wrong(MEMORY, "gradients for all")
def gradients_for_all(parameters, trainable, bytes_per_value):
    """Frozen weights have gradients here. What is frozen needs none."""
    return (2 * parameters + 2 * trainable) * bytes_per_value


@wrong(MEMORY, "moments for all")
def moments_for_all(parameters, trainable, bytes_per_value):
    """Frozen weights have moments here. Adam is told only of what learns."""
    return (3 * parameters + trainable) * bytes_per_value


@wrong(MEMORY, "another reference")
def second_reference(parameters, trainable, bytes_per_value):
    """You added a reference. If one is in memory it is among `parameters`
    already."""
    return (2 * parameters + 3 * trainable) * bytes_per_value


@wrong(MEMORY, "moments always in float32")
def moments_in_float32(parameters, trainable, bytes_per_value):
    """Your moments take 4 bytes whatever the rest takes. Real trainers often do so; in
    this task all values take the same space."""
    return (parameters + trainable) * bytes_per_value + 2 * trainable * 4


@wrong(MEMORY, "only the weights in bytes")
def values_for_bytes(parameters, trainable, bytes_per_value):
    """Only the weights are multiplied by bytes_per_value. Gradients and moments are
    values of that size too."""
    return parameters * bytes_per_value + 3 * trainable


@wrong(MEMORY, "number of values")
def number_of_values(parameters, trainable, bytes_per_value):
    """This is the number of values. Each takes bytes_per_value bytes."""
    return parameters + 3 * trainable


@wrong(MEMORY, "bits")
def in_bits(parameters, trainable, bytes_per_value):
    """These are bits, 8 times too many. The task asks for bytes."""
    return (parameters + 3 * trainable) * bytes_per_value * 8


@wrong(MEMORY, "gigabytes")
def in_gigabytes(parameters, trainable, bytes_per_value):
    """These are gigabytes. The task asks for bytes."""
    return (parameters + 3 * trainable) * bytes_per_value / 1e9


@wrong(MEMORY, "gibibytes")
def in_gibibytes(parameters, trainable, bytes_per_value):
    """These are gibibytes, 2^30 bytes each. The task asks for bytes."""
    return (parameters + 3 * trainable) * bytes_per_value / 2**30


@wrong(MEMORY, "whole bytes per value")
def whole_bytes(parameters, trainable, bytes_per_value):
    """bytes_per_value is rounded to a whole number: a value of four bits takes half a
    byte, not none."""
    return (parameters + 3 * trainable) * int(bytes_per_value)


@wrong(MEMORY, "weights not in bytes")
def weights_not_in_bytes(parameters, trainable, bytes_per_value):
    """Only gradients and moments are multiplied by bytes_per_value: a pair of brackets
    is missing. Weights take space, too."""
    return parameters + 3 * trainable * bytes_per_value


@wrong(MEMORY, "32 bits")
def values_in_32_bits(parameters, trainable, bytes_per_value):
    """An integer of 32 bits ends near 2 * 10^9, and neither numpy nor torch says so.
    Python's own integers have no end."""
    values = (parameters + 3 * trainable + 2**31) % 2**32 - 2**31
    return values * bytes_per_value


@wrong(MEMORY, "trainable as a share")
def trainable_as_share(parameters, trainable, bytes_per_value):
    """You multiplied by `trainable` as if it were a share. It is a number of
    weights."""
    return parameters * (1 + 3 * trainable) * bytes_per_value


# find_the_bug_all_reduce


def busy(gradients, pairs):
    """Gradients and numbers of pairs of the processes that have some."""
    return gradients[pairs > 0], pairs[pairs > 0]


@wrong(REDUCE, "as given: mean of means")
def mean_of_means(gradients, pairs):
    """As in the code as given, every process has the same say, and so a pair counts for
    more where there are few."""
    return busy(gradients, pairs)[0].mean(0)


@same_as(mean_of_means)
def nanmean_of_means(gradients, pairs):
    return np.nanmean(gradients, axis=0)


@wrong(REDUCE, "every nan as 0")
def nan_as_zero(gradients, pairs):
    """Here every nan becomes 0, also that of a process which has pairs. Such a nan is a
    run that broke, and now nobody sees it. Leave out the processes without pairs."""
    return np.nan_to_num(gradients).T @ pairs / pairs.sum()


@same_as(nan_as_zero)
def nansum_over_pairs(gradients, pairs):
    return np.nansum(gradients * pairs[:, None], axis=0) / pairs.sum()


@wrong(REDUCE, "idle processes as 0")
def idle_as_zero(gradients, pairs):
    """Processes without pairs count as a gradient of 0, and all others alike. Each
    counts as often as it has pairs: those not at all."""
    return np.nan_to_num(gradients).mean(0)


@wrong(REDUCE, "sum over pairs")
def sum_over_pairs(gradients, pairs):
    """This is the gradient of the sum of the losses. For the mean, divide by the
    number of all pairs."""
    gradients, pairs = busy(gradients, pairs)
    return pairs @ gradients


@wrong(REDUCE, "sum over processes")
def sum_over_processes(gradients, pairs):
    """You added the processes' gradients: with more processes the step grows. Weight
    each by its pairs and divide by all pairs."""
    return busy(gradients, pairs)[0].sum(0)


@wrong(REDUCE, "means over all pairs")
def means_over_all_pairs(gradients, pairs):
    """You divide by the number of all pairs, but the gradients are means: multiply
    each by its number of pairs first."""
    return busy(gradients, pairs)[0].sum(0) / pairs.sum()


@wrong(REDUCE, "divided by processes")
def divided_by_processes(gradients, pairs):
    """The weights are right, but you divide by the number of processes. Divide by the
    number of all pairs."""
    gradients, pairs = busy(gradients, pairs)
    return pairs @ gradients / len(pairs)


@wrong(REDUCE, "weights upside down")
def weights_upside_down(gradients, pairs):
    """The weights are upside down: a process with many pairs counts less."""
    gradients, pairs = busy(gradients, pairs)
    return (1 / pairs) @ gradients / (1 / pairs).sum()


@wrong(REDUCE, "the largest process")
def largest_process(gradients, pairs):
    """Only the process with the most pairs is heard. All pairs count."""
    return gradients[pairs.argmax()]


@wrong(REDUCE, "small processes left out")
def full_processes_only(gradients, pairs):
    """Processes with fewer pairs than the largest are left out. Their pairs count
    too."""
    return gradients[pairs == pairs.max()].mean(0)


@wrong(REDUCE, "weights in whole numbers")
def whole_number_weights(gradients, pairs):
    """The weights are divided with //, which makes them 0: a share is a fraction. Use
    /."""
    gradients, pairs = busy(gradients, pairs)
    return (pairs // pairs.sum()) @ gradients


@wrong(REDUCE, "gradients of 0 left out")
def zero_gradients_left_out(gradients, pairs):
    """A process whose gradient is 0 is left out, as if it had no pairs. It has some,
    and they count: `pairs` says who has none."""
    keep = (np.nan_to_num(gradients) != 0).any(1)
    return pairs[keep] @ gradients[keep] / max(pairs[keep].sum(), 1)


@wrong(REDUCE, "nan spreads")
def nan_spreads(gradients, pairs):
    """A process without pairs has a gradient of nan, and nan times 0 is nan. Leave it
    out before you multiply."""
    return pairs @ gradients / pairs.sum()


@wrong(REDUCE, "mean over all processes")
def idle_in_the_mean(gradients, pairs):
    """Idle processes are in one of the two means and not in the other. Divide the sum
    over pairs by the number of pairs."""
    weighted, many = busy(gradients, pairs)
    return (weighted * many[:, None]).mean(0) / pairs.mean()


# find_the_bug_left_padding


def laid_out(prompts, responses, pad):
    """Tokens padded on the left, positions (T,), and lengths as columns (B, 1)."""
    rows = [x + y for x, y in zip(prompts, responses, strict=True)]
    width = max(map(len, rows))
    tokens = torch.tensor([[pad] * (width - len(row)) + row for row in rows])
    lengths = (
        torch.tensor([len(part) for part in parts])[:, None]
        for parts in (prompts, responses)
    )
    return tokens, torch.arange(width), *lengths


@wrong(PADDING, "as given: counted from the left")
def counted_from_the_left(prompts, responses, pad):
    """As in the code as given, the mask marks what it would mark without padding. Print
    the tokens that it marks in the first row of the hand example."""
    tokens, position, prompt, response = laid_out(prompts, responses, pad)
    return tokens, (position >= prompt) & (position < prompt + response)


@wrong(PADDING, "everything after the prompt's length")
def no_stop(prompts, responses, pad):
    """The response now ends where the row does, but it still starts where it would
    without padding: the prompt's end is marked too."""
    tokens, position, prompt, _ = laid_out(prompts, responses, pad)
    return tokens, position >= prompt


@wrong(PADDING, "padded on the right")
def padded_on_the_right(prompts, responses, pad):
    """You padded on the right, and mask and tokens fit. But to generate, all prompts
    must end at one place: the tokens were right, mend the mask."""
    _, position, prompt, response = laid_out(prompts, responses, pad)
    rows = [x + y for x, y in zip(prompts, responses, strict=True)]
    tokens = [row + [pad] * (len(position) - len(row)) for row in rows]
    mask = (position >= prompt) & (position < prompt + response)
    return torch.tensor(tokens), mask


@wrong(PADDING, "all real tokens")
def all_real_tokens(prompts, responses, pad):
    """You mark prompts too: this mask says what is not padding. The loss is for the
    response."""
    tokens, position, prompt, response = laid_out(prompts, responses, pad)
    return tokens, position >= len(position) - prompt - response


@wrong(PADDING, "whatever is not the padding number")
def not_the_padding_number(prompts, responses, pad):
    """You mark every token that differs from `pad`, prompts included. And that number
    may occur in a response."""
    tokens, *_ = laid_out(prompts, responses, pad)
    return tokens, tokens != pad


@wrong(PADDING, "padding number inside the response")
def padding_number_dropped(prompts, responses, pad):
    """A token of the response that equals `pad` is left out. Often that is `<eos>`: a
    model trained so never stops."""
    tokens, position, _, response = laid_out(prompts, responses, pad)
    return tokens, (position >= len(position) - response) & (tokens != pad)


@wrong(PADDING, "padding found by its number")
def padding_found_by_number(prompts, responses, pad):
    """You find out how much padding a row has by counting `pad`, which may occur in
    prompt and response as well. The lengths are known."""
    tokens, position, prompt, _ = laid_out(prompts, responses, pad)
    padding = (tokens == pad).sum(-1, keepdim=True)
    return tokens, position >= padding + prompt


@wrong(PADDING, "one token late")
def one_token_late(prompts, responses, pad):
    """The mask begins one token late, so the response's first token is not
    scored."""
    tokens, position, _, response = laid_out(prompts, responses, pad)
    return tokens, position > len(position) - response


@wrong(PADDING, "one token early")
def one_token_early(prompts, responses, pad):
    """The mask begins one token early: the prompt's last token is scored. The shift of
    the logits is another function's job."""
    tokens, position, _, response = laid_out(prompts, responses, pad)
    return tokens, position >= len(position) - response - 1


@wrong(PADDING, "one start for all rows")
def one_start_for_all(prompts, responses, pad):
    """All rows have the same start. Responses differ in length, and so do their
    starts."""
    tokens, position, _, response = laid_out(prompts, responses, pad)
    start = len(position) - response.max()
    return tokens, (position >= start).expand(tokens.shape)


@wrong(PADDING, "start shifted, stop not")
def stop_not_shifted(prompts, responses, pad):
    """The start is shifted by the padding now, but the stop is not: short rows lose the
    end of their response. Both lie behind the padding."""
    tokens, position, prompt, response = laid_out(prompts, responses, pad)
    start = len(position) - response
    return tokens, (position >= start) & (position < prompt + response)


@wrong(PADDING, "from the longest prompt on")
def from_the_longest_prompt(prompts, responses, pad):
    """All rows are marked from the length of the longest prompt on. Rows end together,
    but a response begins where it has room for its own length."""
    tokens, position, prompt, _ = laid_out(prompts, responses, pad)
    return tokens, (position >= prompt.max()).expand(tokens.shape)


@wrong(PADDING, "padded in the middle")
def padded_in_the_middle(prompts, responses, pad):
    """Prompts are padded on the left and responses on the right. The task pads whole
    rows on the left, and T is the length of the longest row."""
    before, after = max(map(len, prompts)), max(map(len, responses))
    pairs = [*zip(prompts, responses, strict=True)]
    tokens = [
        [pad] * (before - len(x)) + x + y + [pad] * (after - len(y)) for x, y in pairs
    ]
    mask = [[0] * before + [1] * len(y) + [0] * (after - len(y)) for y in responses]
    return torch.tensor(tokens), torch.tensor(mask) > 0


@wrong(PADDING, "another padding number")
def padded_with_zero(prompts, responses, pad):
    """The mask is right, but you pad with 0 whatever `pad` is."""
    tokens, position, _, response = laid_out(prompts, responses, 0)
    return tokens, position >= len(position) - response


@same_as(padding_found_by_number)
def leading_padding_counted(prompts, responses, pad):
    tokens, position, prompt, _ = laid_out(prompts, responses, pad)
    padding = (tokens == pad).int().cumprod(-1).sum(-1, keepdim=True)
    return tokens, position >= padding + prompt


@wrong(PADDING, "prompts changed")
def prompts_extended(prompts, responses, pad):
    """Tokens and mask are right, but += lengthens the caller's own prompts. prompt +
    response makes a new list."""
    lengths = [len(response) for response in responses]
    for prompt, response in zip(prompts, responses, strict=True):
        prompt += response
    width = max(map(len, prompts))
    tokens = torch.tensor([[pad] * (width - len(row)) + row for row in prompts])
    return tokens, torch.arange(width) >= width - torch.tensor(lengths)[:, None]


@wrong(PADDING, "turned around")
def mask_of_the_rest(prompts, responses, pad):
    """The mask is turned around: it marks prompt and padding."""
    tokens, position, _, response = laid_out(prompts, responses, pad)
    return tokens, position < len(position) - response


# Numbers to predict


def hours(operations):
    """Hours at 4e14 operations per second, for so many per parameter and token."""
    return 7e9 * 60_000 * 2 * 500 * operations / 4e14 / 3600


@wrong(HOURS, "no reference")
def hours_without_reference():
    """The reference is missing: its forward pass costs 2 operations, once."""
    return hours(18)


@wrong(HOURS, "the reference in every epoch")
def hours_with_reference_each_time():
    """The reference runs in every epoch here. Its answers are stored: once is
    enough."""
    return hours(24)


@wrong(HOURS, "the reference trained")
def hours_with_trained_reference():
    """The reference goes backward as well here. It is frozen: one forward pass."""
    return hours(24 + 12)


@wrong(HOURS, "one epoch, or forward only")
def hours_of_one_epoch():
    """This is one epoch, or three without their backward passes. The policy goes
    through the data three times, forward and backward."""
    return hours(8)


@wrong(HOURS, "one response per pair")
def hours_of_one_response():
    """This counts one response per pair. A pair has two, each with its prompt."""
    return hours(10)


@wrong(HOURS, "one response, no reference")
def hours_of_one_response_alone():
    """This counts one response per pair and no reference. A pair has two responses; the
    reference reads both once."""
    return hours(9)


@wrong(HOURS, "seconds")
def in_seconds():
    """These are seconds."""
    return hours(20) * 3600


@wrong(HOURS, "minutes")
def in_minutes():
    """These are minutes."""
    return 60 * hours(20)


@wrong(ADAPTER, "a second model as reference")
def reference_as_second_model():
    """You loaded a second model for the reference, or gave frozen weights 4 bytes. The
    reference is the same model, adapter off; frozen weights take 2 bytes."""
    return (2 * 14e9 + 16 * 40e6) / 1e9


@wrong(ADAPTER, "everything trained")
def everything_trained():
    """This is for training all weights. The 7 billion are frozen: no gradients, no
    moments."""
    return 16 * (7e9 + 40e6) / 1e9


@same_as(everything_trained)
def frozen_model_trained():
    return 16 * 7e9 / 1e9


@wrong(ADAPTER, "weights only")
def weights_of_both():
    """These are the weights alone. Those of the adapter have a gradient, a float32 copy
    and two moments each."""
    return 2 * (7e9 + 40e6) / 1e9


@wrong(ADAPTER, "the frozen model alone")
def frozen_model_alone():
    """This is the frozen model alone. The adapter is small, but it shows in the third
    digit."""
    return 7e9 * 2 / 1e9


@wrong(ADAPTER, "moments in bfloat16")
def moments_in_bfloat16():
    """This has every value in bfloat16, moments too, and no float32 copy. A learning
    weight takes 2 + 2 + 4 + 4 + 4 bytes."""
    return 2 * (7e9 + 4 * 40e6) / 1e9


@wrong(ADAPTER, "one float32 value forgotten")
def float32_value_forgotten():
    """The float32 copy of the adapter's weights is missing, or one of its two moments:
    each takes 4 bytes per weight."""
    return (2 * 7e9 + 12 * 40e6) / 1e9


@wrong(ADAPTER, "the adapter alone")
def adapter_alone():
    """This is the adapter alone. The frozen model has to be in memory: text runs
    through it."""
    return 16 * 40e6 / 1e9


@wrong(ADAPTER, "bytes")
def adapter_in_bytes():
    """These are bytes. A gigabyte has 10^9 of them."""
    return 2 * 7e9 + 16 * 40e6


@wrong(ADAPTER, "2^30 bytes")
def adapter_in_gibibytes():
    """You divided by 2^30. A gigabyte has 10^9 bytes here."""
    return (2 * 7e9 + 16 * 40e6) / 2**30


@wrong(BETA, "upside down")
def one_over_beta():
    """The ratio is upside down: a reward is beta times a log-ratio."""
    return 12.8 / 3.84


@wrong(BETA, "reward over log pi")
def reward_over_logp():
    """You divided by log pi itself. The reward is beta times log pi minus log ref, and
    log ref is log pi at step 0."""
    return 3.84 / 74


@wrong(BETA, "margin over the gap of log pi")
def margin_over_gap():
    """You divided the margin by the difference of the two log pi. The references of
    the two responses differ too: subtract the first row."""
    return (7.5 - 3.84) / (83.5 - 74)


@wrong(BETA, "margin over the sum of both falls")
def margin_over_both_falls():
    """You divided the margin by the sum of both falls. The margin is the difference of
    the rewards, so it belongs to the difference of the falls."""
    return 3.66 / (12.8 + 25.0)


@wrong(BETA, "a usual value")
def usual_value():
    """0.1 is what many runs use. This one's log says something else."""
    return 0.1


@wrong(BETA, "sign turned around")
def negative_beta():
    """beta is above 0: log pi fell, and the reward fell with it."""
    return -0.3


@wrong(BETA, "the margin")
def margin_itself():
    """This is the margin at step 500, beta times the log-ratio gap."""
    return 3.66


@wrong(FALLING, "a moving reference")
def moving_reference():
    """Then both rewards would be 0 in every row, and the loss log 2. They are 0 in the
    first row alone."""
    return "the reference moves with the policy"


@wrong(FALLING, "another reference")
def another_reference():
    """Then the rewards at step 0 would not be 0, nor the loss log 2: policy and
    reference were the same."""
    return "the reference is not what the policy began as"


@wrong(FALLING, "sign of the loss")
def sign_of_the_loss():
    """Then the margin would fall below 0, and the accuracy below a half. Both grow:
    the rejected responses fell further."""
    return "the sign of the loss is wrong"


@wrong(FALLING, "learning rate")
def learning_rate_too_large():
    """Then the loss would jump, and on these pairs stay above log 2. It falls from row
    to row."""
    return "the learning rate is far too large"


@wrong(FALLING, "too many epochs")
def too_many_epochs():
    """Then the loss of pairs kept out of training would turn and rise. It still
    falls."""
    return "too few pairs, too many epochs"
