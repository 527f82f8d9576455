"""Known wrong answers of chapter 08: name = id, docstring = what the learner reads."""

import math

import torch
import torch.nn.functional as F

from . import same_as, wrong

MASK = "mask_from_lengths"
LOGPROB = "sequence_logprob"
PADDING = "find_the_bug_padding"
TOTAL = "predict_the_total_without_eos"
BFLOAT = "predict_the_bfloat16_log_ratio"
BUGS = "Six classic bugs"
STEPS = "Logits look one step ahead"


def between(start, stop, width):
    position = torch.arange(width)
    return (position >= start[:, None]) & (position < stop[:, None])


@wrong(MASK, "prompt counted", BUGS)
def prompt_counted_in_the_mask(prompt_lengths, response_lengths, width):
    """The prompt is marked too. It is given, the policy does not choose it: only
    the response is scored."""
    end = prompt_lengths + response_lengths
    return between(torch.zeros_like(prompt_lengths), end, width)


@wrong(MASK, "padding counted", BUGS)
def padding_counted_in_the_mask(prompt_lengths, response_lengths, width):
    """Everything after the prompt is marked, the padding too. The response ends
    after its own number of tokens."""
    end = torch.full_like(prompt_lengths, width)
    return between(prompt_lengths, end, width)


@wrong(MASK, "<eos> left out", BUGS)
def eos_left_out_of_the_mask(prompt_lengths, response_lengths, width):
    """The last token of each response is missing: that is its <eos>, and stopping
    is a decision of the policy too."""
    end = prompt_lengths + response_lengths - 1
    return between(prompt_lengths, end, width)


@wrong(MASK, "one token of padding counted")
def one_padding_token(prompt_lengths, response_lengths, width):
    """One token too many at the end of each row: the first position after the
    response is padding."""
    end = prompt_lengths + response_lengths + 1
    return between(prompt_lengths, end, width)


@wrong(MASK, "starts one early")
def starts_one_early(prompt_lengths, response_lengths, width):
    """The last token of the prompt is marked too. Positions count from 0, so the
    response starts at position prompt length."""
    return between(prompt_lengths - 1, prompt_lengths + response_lengths, width)


@wrong(MASK, "starts one late")
def starts_one_late(prompt_lengths, response_lengths, width):
    """The first token of each response is missing. Positions count from 0, so the
    response starts at position prompt length."""
    return between(prompt_lengths + 1, prompt_lengths + response_lengths, width)


@wrong(MASK, "aligned with the logits")
def aligned_with_the_logits(prompt_lengths, response_lengths, width):
    """Your mask is one position early: it marks the logits that forecast the
    response. The task's mask marks the tokens themselves."""
    end = prompt_lengths + response_lengths - 1
    return between(prompt_lengths - 1, end, width)


@wrong(MASK, "one position late")
def one_position_late(prompt_lengths, response_lengths, width):
    """Your mask is one position late at both ends. Positions count from 0, so the
    response starts at position prompt length."""
    end = prompt_lengths + response_lengths + 1
    return between(prompt_lengths + 1, end, width)


@wrong(MASK, "response length taken for its end")
def length_taken_for_the_end(prompt_lengths, response_lengths, width):
    """You stop at position response length. That is how long the response is, not
    where it ends: it starts only after the prompt."""
    return between(prompt_lengths, response_lengths, width)


@wrong(MASK, "mask inverted")
def mask_inverted(prompt_lengths, response_lengths, width):
    """True and False are exchanged: you mark what is not scored, as masks of
    attention do. Here 1 means that the token counts."""
    return ~between(prompt_lengths, prompt_lengths + response_lengths, width)


@wrong(MASK, "left padding")
def left_padding(prompt_lengths, response_lengths, width):
    """You place each response at the end of its row. That is left padding; here
    the padding is on the right."""
    end = torch.full_like(prompt_lengths, width)
    return between(end - response_lengths, end, width)


@wrong(MASK, "lengths exchanged")
def lengths_exchanged(prompt_lengths, response_lengths, width):
    """Prompt and response are exchanged: you start after as many tokens as the
    response has."""
    return between(response_lengths, prompt_lengths + response_lengths, width)


@wrong(MASK, "prompts marked instead")
def prompts_marked(prompt_lengths, response_lengths, width):
    """You marked the prompts. The task asks for the responses."""
    return between(torch.zeros_like(prompt_lengths), prompt_lengths, width)


@wrong(MASK, "first row's prompt for all")
def prompt_length_of_the_first_row(prompt_lengths, response_lengths, width):
    """You use the first row's prompt length for every row. Each row has its own."""
    start = prompt_lengths[0].expand_as(prompt_lengths)
    return between(start, start + response_lengths, width)


@wrong(MASK, "first row's lengths for all")
def lengths_of_the_first_row(prompt_lengths, response_lengths, width):
    """You use the first row's two lengths for every row. Each row has its own."""
    start, length = prompt_lengths[0], response_lengths[0]
    ends = (start + length).expand_as(prompt_lengths)
    return between(start.expand_as(prompt_lengths), ends, width)


@wrong(MASK, "longest prompt for all")
def longest_prompt_for_all(prompt_lengths, response_lengths, width):
    """You start every response where the longest prompt ends. Each row has a prompt
    length of its own."""
    start = prompt_lengths.max().expand_as(prompt_lengths)
    return between(start, start + response_lengths, width)


@wrong(MASK, "longest response for all")
def longest_response_for_all(prompt_lengths, response_lengths, width):
    """You give every row the longest response. The shorter ones then count
    padding."""
    return between(prompt_lengths, prompt_lengths + response_lengths.max(), width)


@wrong(MASK, "width ignored")
def width_ignored(prompt_lengths, response_lengths, width):
    """Your mask is as wide as the longest row needs. It must have the width that is
    asked for, or it does not fit the tokens."""
    end = prompt_lengths + response_lengths
    return between(prompt_lengths, end, int(end.max()))


@wrong(MASK, "last column never marked")
def last_column_never_marked(prompt_lengths, response_lengths, width):
    """The last column is never marked. A row that is full has no padding: its
    last token is a response token."""
    end = (prompt_lengths + response_lengths).clamp(max=width - 1)
    return between(prompt_lengths, end, width)


@wrong(MASK, "positions in place of ones")
def counts_in_place_of_ones(prompt_lengths, response_lengths, width):
    """You number the response tokens 1, 2, 3. A mask holds only ones and zeros."""
    mask = between(prompt_lengths, prompt_lengths + response_lengths, width)
    return mask * mask.cumsum(-1)


@wrong(MASK, "minus one for zero")
def minus_one_for_zero(prompt_lengths, response_lengths, width):
    """Positions outside the response hold -1. They must hold 0, which leaves them
    out of a sum."""
    mask = between(prompt_lengths, prompt_lengths + response_lengths, width)
    return 2 * mask.long() - 1


@wrong(MASK, "-100 outside")
def labels_of_minus_100(prompt_lengths, response_lengths, width):
    """Positions outside hold -100. That is a convention for labels of a
    cross-entropy; a mask holds ones and zeros."""
    mask = between(prompt_lengths, prompt_lengths + response_lengths, width)
    return torch.where(mask, 1, -100)


@wrong(MASK, "transposed")
def mask_transposed(prompt_lengths, response_lengths, width):
    """Rows and columns are exchanged: the task asks for (B, T), one row for each
    sequence."""
    return between(prompt_lengths, prompt_lengths + response_lengths, width).T


def chosen(logits, tokens):
    forecasts = logits[:, :-1].log_softmax(-1)
    return forecasts.gather(-1, tokens[:, 1:, None])[..., 0]


def summed(each, mask):
    return each.masked_fill(~mask, 0).sum(-1)


@wrong(LOGPROB, "no shift", BUGS)
def no_shift(logits, tokens, response_mask):
    """Token t is scored with the logits of position t, which have already seen it.
    They forecast the token after it."""
    each = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    return summed(each, response_mask)


@wrong(LOGPROB, "shifted the wrong way", STEPS)
def shifted_the_wrong_way(logits, tokens, response_mask):
    """You shift the wrong way: the logits at t + 1 score the token at t. The logits
    forecast the future, not the past."""
    each = logits[:, 1:].log_softmax(-1).gather(-1, tokens[:, :-1, None])[..., 0]
    return summed(each, response_mask[:, :-1])


@same_as(shifted_the_wrong_way)
def shifted_the_wrong_way_but_for_the_mask(logits, tokens, response_mask):
    each = logits[:, 1:].log_softmax(-1).gather(-1, tokens[:, :-1, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "mask not shifted", BUGS)
def mask_not_shifted(logits, tokens, response_mask):
    """The tokens are shifted and the mask is not: you lose the first response
    token and score one after the last. Shift both."""
    return summed(chosen(logits, tokens), response_mask[:, :-1])


@wrong(LOGPROB, "shifted twice", STEPS)
def shifted_twice(logits, tokens, response_mask):
    """You shift by two positions. The logits at t forecast the very next token,
    t + 1."""
    each = logits[:, :-2].log_softmax(-1).gather(-1, tokens[:, 2:, None])[..., 0]
    return summed(each, response_mask[:, 2:])


@wrong(LOGPROB, "prompt counted", BUGS)
def prompt_counted(logits, tokens, response_mask):
    """The prompt's tokens are scored too. That is log pi of prompt and response;
    given the prompt, only the response counts."""
    marked = response_mask.flip(-1).cumsum(-1).flip(-1) > 0
    return summed(chosen(logits, tokens), marked[:, 1:])


@wrong(LOGPROB, "padding counted", BUGS)
def padding_counted(logits, tokens, response_mask):
    """Padding is scored too: everything after the prompt. The policy never wrote
    it."""
    marked = response_mask.cumsum(-1) > 0
    return summed(chosen(logits, tokens), marked[:, 1:])


@wrong(LOGPROB, "mask ignored")
def mask_ignored(logits, tokens, response_mask):
    """The mask never enters: prompt and padding are scored like the response."""
    return chosen(logits, tokens).sum(-1)


@wrong(LOGPROB, "prompt scored instead")
def mask_negated(logits, tokens, response_mask):
    """You score what the mask leaves out: prompt and padding. It is True where a
    token counts."""
    return summed(chosen(logits, tokens), ~response_mask[:, 1:])


@wrong(LOGPROB, "last token dropped", BUGS)
def last_token_dropped(logits, tokens, response_mask):
    """The last response token is not scored. That is the <eos>: without it the
    probabilities of all responses do not sum to 1."""
    is_last = response_mask.cumsum(-1) == response_mask.sum(-1, keepdim=True)
    return summed(chosen(logits, tokens), (response_mask & ~is_last)[:, 1:])


@wrong(LOGPROB, "token 0 dropped", BUGS)
def token_zero_dropped(logits, tokens, response_mask):
    """You leave out tokens with number 0, as if it were always padding. The mask
    says what counts, not the number."""
    marked = response_mask & (tokens != 0)
    return summed(chosen(logits, tokens), marked[:, 1:])


@wrong(LOGPROB, "stops at the first 0")
def stops_at_the_first_zero(logits, tokens, response_mask):
    """You stop at the first token with number 0. The mask says where the response
    ends; the prompt may hold a 0 too."""
    zeros = (tokens == 0).long()
    marked = response_mask & (zeros.cumsum(-1) - zeros == 0)
    return summed(chosen(logits, tokens), marked[:, 1:])


@wrong(LOGPROB, "first token dropped")
def first_response_token_dropped(logits, tokens, response_mask):
    """The first response token is not scored. The last logits of the prompt
    forecast it."""
    marked = response_mask & (response_mask.cumsum(-1) > 1)
    return summed(chosen(logits, tokens), marked[:, 1:])


@wrong(LOGPROB, "last column lost")
def last_column_lost(logits, tokens, response_mask):
    """The last column is never scored. Only the last *logits* have nothing to
    forecast; the last token is forecast by those before."""
    return summed(chosen(logits, tokens)[:, :-1], response_mask[:, 1:-1])


@wrong(LOGPROB, "mean over tokens", "Sum, not mean")
def mean_over_tokens(logits, tokens, response_mask):
    """You divided by the number of response tokens. That is the mean; log pi of the
    response is the sum."""
    return summed(chosen(logits, tokens), response_mask[:, 1:]) / response_mask.sum(-1)


@wrong(LOGPROB, "divided by the width", "Sum, not mean")
def divided_by_the_width(logits, tokens, response_mask):
    """You divided by the number of columns: a mean that even depends on the
    padding. log pi of the response is a sum."""
    return chosen(logits, tokens).masked_fill(~response_mask[:, 1:], 0).mean(-1)


@wrong(LOGPROB, "divided by the root of the length", "Sum, not mean")
def divided_by_the_root(logits, tokens, response_mask):
    """You divided by the square root of the length. log pi of the response is the
    sum, undivided."""
    total = summed(chosen(logits, tokens), response_mask[:, 1:])
    return total / response_mask.sum(-1).double().sqrt()


@wrong(LOGPROB, "raw logits")
def raw_logits(logits, tokens, response_mask):
    """You added up logits. They are not log-probabilities before the log-softmax:
    any constant may be added to them."""
    each = logits[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "largest logit as normalizer")
def largest_logit_subtracted(logits, tokens, response_mask):
    """You subtract the largest logit only. That keeps softmax from overflowing; the
    log of the sum of exponentials is what normalizes."""
    below = logits - logits.amax(-1, keepdim=True)
    each = below[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "normalizer of another position")
def normalizer_of_the_next_position(logits, tokens, response_mask):
    """Logit and normalizer come from different positions: one is shifted, the
    other is not. Normalize first, shift afterwards."""
    each = logits[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each - logits[:, 1:].logsumexp(-1), response_mask[:, 1:])


@wrong(LOGPROB, "softmax over time")
def softmax_over_time(logits, tokens, response_mask):
    """Your softmax runs over the positions. It has to run over the vocabulary, the
    last axis: at each position one token comes."""
    forecasts = logits[:, :-1].log_softmax(1)
    each = forecasts.gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "softmax over the batch")
def softmax_over_the_batch(logits, tokens, response_mask):
    """Your softmax runs over the batch. It has to run over the vocabulary, the last
    axis."""
    forecasts = logits[:, :-1].log_softmax(0)
    each = forecasts.gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "softmax over everything")
def softmax_over_everything(logits, tokens, response_mask):
    """Your softmax runs over positions and vocabulary together. Each position is a
    distribution of its own."""
    forecasts = logits.flatten(1).log_softmax(-1).view_as(logits)[:, :-1]
    each = forecasts.gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "<eos> left out of the vocabulary")
def eos_left_out_of_the_vocabulary(logits, tokens, response_mask):
    """You take token 0 out of the vocabulary before the softmax. <eos> competes
    with the words: it takes its share of the probability."""
    words = logits.clone()
    words[..., 0] = -1e9
    return summed(chosen(words, tokens), response_mask[:, 1:])


@wrong(LOGPROB, "probabilities added")
def probabilities_added(logits, tokens, response_mask):
    """You added probabilities. The chain rule multiplies them, so their logarithms
    are added."""
    return summed(chosen(logits, tokens).exp(), response_mask[:, 1:])


@wrong(LOGPROB, "a probability, not its log")
def probability_of_the_response(logits, tokens, response_mask):
    """This is pi(response), the probability. The task asks for its logarithm, which
    does not underflow."""
    return summed(chosen(logits, tokens), response_mask[:, 1:]).exp()


@wrong(LOGPROB, "log of the sum")
def log_of_the_summed_probabilities(logits, tokens, response_mask):
    """You add the tokens' probabilities and take the log at the end. They multiply:
    take the logs first, then add."""
    return summed(chosen(logits, tokens).exp(), response_mask[:, 1:]).log()


@wrong(LOGPROB, "sign")
def loss_in_place_of_logprob(logits, tokens, response_mask):
    """This is the cross-entropy, minus the log-probability. A log-probability is
    never above 0."""
    return -summed(chosen(logits, tokens), response_mask[:, 1:])


@wrong(LOGPROB, "bits")
def logprob_in_bits(logits, tokens, response_mask):
    """You used log2; the task asks for nats, the natural logarithm."""
    return summed(chosen(logits, tokens), response_mask[:, 1:]) / math.log(2)


@wrong(LOGPROB, "most likely tokens")
def most_likely_tokens(logits, tokens, response_mask):
    """You score the most likely token of each position. Score the token that the
    response has there."""
    best = logits[:, :-1].log_softmax(-1).amax(-1)
    return summed(best, response_mask[:, 1:])


@wrong(LOGPROB, "expected log-probability")
def minus_the_entropy(logits, tokens, response_mask):
    """You average over the vocabulary: that is minus the entropy, whatever the
    response says. Pick the entry of the token that came."""
    forecasts = logits[:, :-1].log_softmax(-1)
    each = (forecasts.exp() * forecasts).nan_to_num(0.0).sum(-1)
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "each token once")
def each_token_once(logits, tokens, response_mask):
    """A token that comes twice counts once in your sum. Each position counts,
    whatever came before."""
    each, rows = chosen(logits, tokens), []
    for row, (ids, scored) in enumerate(zip(tokens, response_mask, strict=True)):
        places = {int(ids[t]): t for t in range(1, len(ids)) if scored[t]}
        rows.append(sum(each[row, t - 1] for t in places.values()))
    return torch.stack(rows)


@wrong(LOGPROB, "first row's mask for all")
def mask_of_the_first_row(logits, tokens, response_mask):
    """You use the first row's mask for every row. Rows differ in length."""
    mask = response_mask[:1, 1:].expand(len(tokens), -1)
    return summed(chosen(logits, tokens), mask)


@wrong(LOGPROB, "sum over the batch")
def sum_over_the_batch(logits, tokens, response_mask):
    """You added up the rows too. Each row is one response with a value of its
    own: sum over the last axis only."""
    return summed(chosen(logits, tokens), response_mask[:, 1:]).sum()


@wrong(LOGPROB, "mean over the batch")
def mean_over_the_batch(logits, tokens, response_mask):
    """You averaged over the rows. Each row is one response with a value of its
    own."""
    return summed(chosen(logits, tokens), response_mask[:, 1:]).mean()


@wrong(LOGPROB, "not summed")
def one_value_per_token(logits, tokens, response_mask):
    """You return one value per token. The log-probability of the response is their
    sum, one value per row."""
    return chosen(logits, tokens).masked_fill(~response_mask[:, 1:], 0)


@wrong(LOGPROB, "column instead of a row of numbers")
def column_of_values(logits, tokens, response_mask):
    """You return a column of shape (B, 1). The task asks for (B,): a keepdim too
    many?"""
    return summed(chosen(logits, tokens), response_mask[:, 1:])[:, None]


@wrong(LOGPROB, "squeezed too much")
def squeezed_too_much(logits, tokens, response_mask):
    """With one row your result has no axis left: squeeze() removes every axis of
    length 1. Name the one that has to go."""
    return summed(chosen(logits, tokens), response_mask[:, 1:]).squeeze()


@wrong(LOGPROB, "first row alone")
def first_row_alone(logits, tokens, response_mask):
    """You score the first row alone. Every row is a response with a value of its
    own."""
    return summed(chosen(logits, tokens), response_mask[:, 1:])[:1]


@wrong(LOGPROB, "logits zeroed by the mask")
def logits_zeroed_by_the_mask(logits, tokens, response_mask):
    """You set logits outside the response to 0. Equal logits still give a token 1 / V,
    so each such position adds -log V. Leave their terms out of the sum."""
    kept = logits[:, :-1].masked_fill(~response_mask[:, 1:, None], 0.0)
    each = kept.log_softmax(-1).gather(-1, tokens[:, 1:, None])[..., 0]
    return each.sum(-1)


@wrong(LOGPROB, "0 times -inf")
def zero_times_infinity(logits, tokens, response_mask):
    """You multiply by the mask, and 0 * -inf is NaN: one impossible token of
    prompt or padding spoils the row. Select instead."""
    return (chosen(logits, tokens) * response_mask[:, 1:]).sum(-1)


@wrong(LOGPROB, "0 times -inf in the vocabulary")
def one_hot_times_infinity(logits, tokens, response_mask):
    """You multiply by a one-hot vector, and 0 * -inf is NaN: any token that cannot
    come spoils the sum. Pick the entry instead."""
    picked = F.one_hot(tokens[:, 1:], logits.shape[-1])
    each = (logits[:, :-1].log_softmax(-1) * picked).sum(-1)
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "softmax, then log")
def log_of_softmax(logits, tokens, response_mask):
    """Softmax first, log afterwards: a small probability underflows to 0 and its
    log to -inf. Stay in log space with log_softmax."""
    forecasts = logits[:, :-1].softmax(-1).log()
    each = forecasts.gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "product of probabilities")
def product_of_probabilities(logits, tokens, response_mask):
    """You multiply the tokens' probabilities and take the log at the end. The product
    of a long response underflows to 0. Add the logarithms instead."""
    each = chosen(logits, tokens).exp().masked_fill(~response_mask[:, 1:], 1)
    return each.prod(-1).log()


@wrong(LOGPROB, "exp without a shift")
def exponentials_overflow(logits, tokens, response_mask):
    """e^1000 overflows. Subtract the largest logit first, or let log_softmax do
    it."""
    each = logits[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    normalizer = logits[:, :-1].exp().sum(-1).log()
    return summed(each - normalizer, response_mask[:, 1:])


@wrong(LOGPROB, "small constant in the log")
def constant_in_the_log(logits, tokens, response_mask):
    """A small constant in log(p + 1e-8) hides every probability below it. With
    log_softmax none is needed."""
    forecasts = (logits[:, :-1].softmax(-1) + 1e-8).log()
    each = forecasts.gather(-1, tokens[:, 1:, None])[..., 0]
    return summed(each, response_mask[:, 1:])


@wrong(LOGPROB, "log-probabilities cut off")
def cut_off_at_minus_100(logits, tokens, response_mask):
    """You cut log-probabilities off at -100. Below that the policy would no longer
    feel a gradient."""
    return summed(chosen(logits, tokens).clamp(min=-100), response_mask[:, 1:])


@wrong(LOGPROB, "-inf replaced")
def infinity_replaced(logits, tokens, response_mask):
    """You replace -inf by a finite number. A response with a token that cannot come has
    probability 0, and its log is -inf."""
    return summed(chosen(logits, tokens).nan_to_num(), response_mask[:, 1:])


@same_as(infinity_replaced)
def logits_kept_above_minus_1e4(logits, tokens, response_mask):
    return summed(chosen(logits.clamp(min=-1e4), tokens), response_mask[:, 1:])


@same_as(infinity_replaced)
def logits_kept_above_minus_1e9(logits, tokens, response_mask):
    return summed(chosen(logits.clamp(min=-1e9), tokens), response_mask[:, 1:])


@same_as(infinity_replaced)
def kept_above_minus_1e9(logits, tokens, response_mask):
    return summed(chosen(logits, tokens).clamp(min=-1e9), response_mask[:, 1:])


@wrong(LOGPROB, "detached")
def logits_detached(logits, tokens, response_mask):
    """The values are right, but no gradient reaches the logits: detach, no_grad or
    numpy cut it off. Nothing would train."""
    return summed(chosen(logits.detach(), tokens), response_mask[:, 1:])


@same_as(logits_detached)
def logits_through_numpy(logits, tokens, response_mask):
    return torch.tensor(
        summed(chosen(logits.detach(), tokens), response_mask[:, 1:]).tolist(),
        dtype=torch.float64,
    )


@wrong(LOGPROB, "normalizer detached")
def normalizer_detached(logits, tokens, response_mask):
    """The values are right, but no gradient passes through the normalizer: every
    logit would only ever rise. Detach nothing here."""
    each = logits[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    normalizer = logits[:, :-1].logsumexp(-1).detach()
    return summed(each - normalizer, response_mask[:, 1:])


@wrong(LOGPROB, "only one token trains")
def only_the_last_token_trains(logits, tokens, response_mask):
    """The values are right, but the gradient comes from the last response token
    alone. Every token's log-probability has to stay attached."""
    each = chosen(logits, tokens)
    count = response_mask.cumsum(-1)
    is_last = response_mask & (count == response_mask.sum(-1, keepdim=True))
    return summed(
        torch.where(is_last[:, 1:], each, each.detach()), response_mask[:, 1:]
    )


@wrong(LOGPROB, "inputs overwritten")
def tensors_written_into(logits, tokens, response_mask):
    """The value is right, but one of the caller's tensors changed: an operation in
    place, such as masked_fill_ or -=, wrote into it. Compute on a copy."""
    with torch.no_grad():
        logits.sub_(logits.logsumexp(-1, keepdim=True))
    return summed(chosen(logits, tokens), response_mask[:, 1:])


def after(tokens, prompt_lengths):
    return torch.arange(tokens.shape[1]) >= prompt_lengths[:, None]


def earlier(ends):
    return ends.cumsum(1) - ends.long()


@wrong(PADDING, "as given")
def padding_as_given(tokens, prompt_lengths, eos):
    """The result is that of the code as given: no <eos> is marked, not even the
    response's own. Which of them does the model write itself?"""
    return after(tokens, prompt_lengths) & (tokens != eos)


@same_as(padding_as_given)
def eos_ends_before_itself(tokens, prompt_lengths, eos):
    ends = after(tokens, prompt_lengths) & (tokens == eos)
    return after(tokens, prompt_lengths) & (ends.cumsum(1) == 0)


@wrong(PADDING, "padding counted", BUGS)
def every_eos_counts(tokens, prompt_lengths, eos):
    """Now every <eos> counts, the padding too. Only the first one after the prompt
    is the model's decision."""
    return after(tokens, prompt_lengths)


@wrong(PADDING, "<eos> of the prompt ends the response")
def eos_of_the_prompt_ends(tokens, prompt_lengths, eos):
    """An <eos> inside the prompt ends your response before it starts. Look for the
    first one *after* the prompt."""
    return after(tokens, prompt_lengths) & (earlier(tokens == eos) == 0)


@wrong(PADDING, "two <eos>")
def two_ends(tokens, prompt_lengths, eos):
    """One <eos> too many: the second one after the prompt is padding already."""
    ends = after(tokens, prompt_lengths) & (tokens == eos)
    return after(tokens, prompt_lengths) & (earlier(ends) <= 1)


@wrong(PADDING, "prompt counted", BUGS)
def prompt_counted_up_to_eos(tokens, prompt_lengths, eos):
    """The prompt is marked too. Mending the end must not lose the beginning."""
    ends = after(tokens, prompt_lengths) & (tokens == eos)
    return earlier(ends) == 0


@wrong(PADDING, "cut-off responses lost")
def cut_off_responses_lost(tokens, prompt_lengths, eos):
    """A response that was cut off has no <eos>; you mark nothing in its row, or one
    token. It fills the row."""
    ends = after(tokens, prompt_lengths) & (tokens == eos)
    stop = ends.long().argmax(1)[:, None]
    return after(tokens, prompt_lengths) & (torch.arange(tokens.shape[1]) <= stop)


@wrong(PADDING, "cut-off responses lose a token")
def cut_off_responses_lose_a_token(tokens, prompt_lengths, eos):
    """You drop the last token of every row, as if it were padding. A response that
    was cut off fills its row."""
    ends = after(tokens, prompt_lengths) & (tokens == eos)
    marked = after(tokens, prompt_lengths) & (earlier(ends) == 0)
    marked[:, -1] = False
    return marked


@wrong(PADDING, "eos hard-coded")
def eos_is_always_zero(tokens, prompt_lengths, eos):
    """You compare with 0 whatever eos is. Take its number from the argument."""
    ends = after(tokens, prompt_lengths) & (tokens == 0)
    return after(tokens, prompt_lengths) & (earlier(ends) == 0)


@wrong(PADDING, "only <eos> marked")
def only_eos_marked(tokens, prompt_lengths, eos):
    """Only the <eos> is marked now. The words before it belong to the response as
    well."""
    ends = after(tokens, prompt_lengths) & (tokens == eos)
    return ends & (earlier(ends) == 0)


@wrong(PADDING, "looks at the token before")
def token_before_is_eos(tokens, prompt_lengths, eos):
    """You ask whether the token just before is <eos>, in the prompt as well. All
    that follows the response's own first <eos> is padding."""
    before = F.pad(tokens[:, :-1] == eos, (1, 0))
    return after(tokens, prompt_lengths) & ~before


@wrong(PADDING, "run at the end of the row")
def run_at_the_end_of_the_row(tokens, prompt_lengths, eos):
    """You keep the first <eos> of the run that ends the row. That run may begin in
    the prompt, when the response is <eos> alone."""
    run = (tokens == eos).flip(1).long().cumprod(1).flip(1)
    first = F.pad((run[:, 1:] == 1) & (run[:, :-1] == 0), (1, 0))
    return after(tokens, prompt_lengths) & ((run == 0) | first)


@wrong(PADDING, "one position after each word")
def one_position_after_each_word(tokens, prompt_lengths, eos):
    """You mark the words and one position behind them. A response may be <eos> alone:
    then there is no word that it could stand behind."""
    words = after(tokens, prompt_lengths) & (tokens != eos)
    return words | F.pad(words[:, :-1], (1, 0))


@wrong(PADDING, "starts one late")
def padding_starts_one_late(tokens, prompt_lengths, eos):
    """The first token of each response is missing now. Positions count from 0, so the
    response starts at position prompt length."""
    marked = after(tokens, prompt_lengths + 1)
    return marked & (earlier(marked & (tokens == eos)) == 0)


@wrong(PADDING, "first row's prompt for all")
def padding_with_the_first_prompt(tokens, prompt_lengths, eos):
    """You use the first row's prompt length for every row. Each row has its own."""
    start = after(tokens, prompt_lengths[:1].expand_as(prompt_lengths))
    return start & (earlier(start & (tokens == eos)) == 0)


@wrong(TOTAL, "always 1")
def total_is_one():
    """Probabilities of responses add up to 1 only with <eos>. Without it each
    response's product lacks a factor."""
    return 1.0


@wrong(TOTAL, "probability of a word")
def probability_of_any_word():
    """This is the probability that the next token is a word. Responses of every
    length count."""
    return 0.8


@wrong(TOTAL, "empty response forgotten")
def empty_response_forgotten():
    """The empty response is missing: without its <eos> it scores an empty product,
    which is 1."""
    return 4.0


@wrong(TOTAL, "probability of stopping")
def total_is_the_stopping_probability():
    """This is the probability of <eos>, the factor that is missing. Without it the
    sum is larger than 1."""
    return 0.2


@wrong(TOTAL, "stopped at one word")
def up_to_one_word():
    """This counts the responses of no word and of one word. The longer ones go on
    for ever, and their sum converges."""
    return 1.8


@wrong(TOTAL, "stopped at two words")
def up_to_two_words():
    """This counts responses of up to two words. The longer ones go on for ever, and
    their sum converges."""
    return 1 + 0.8 + 0.64


@wrong(TOTAL, "infinite")
def total_diverges():
    """There are infinitely many responses, but those of n words add up to 0.8^n,
    which falls fast enough."""
    return math.inf


@wrong(TOTAL, "one word only")
def one_word_only():
    """This is the series of the first word alone. Both words may come at every
    place."""
    return 2.0


@wrong(TOTAL, "a series for each word")
def a_series_for_each_word():
    """You add a series for the first word and one for the second. Most responses mix
    the two: at each place either may come, with probability 0.8 together."""
    return 1 / 0.5 + 1 / 0.7


@wrong(TOTAL, "1 / 0.8")
def one_over_the_words():
    """This is one over the probability of going on. The series 1 + x + x^2 + ...
    is 1 / (1 - x)."""
    return 1.25


@wrong(BFLOAT, "not rounded")
def nothing_rounded():
    """This is the log-ratio without rounding. Round both log-probabilities first."""
    return 2.3


@wrong(BFLOAT, "rounded after subtracting")
def rounded_after_subtracting():
    """Each number is rounded first, to an even one, and then they are subtracted. You
    rounded to any whole number, or after subtracting."""
    return 2.0


@wrong(BFLOAT, "difference rounded")
def difference_rounded():
    """You round the difference. Round both log-probabilities first, each to an even
    number, and subtract afterwards."""
    return float(torch.tensor(2.3, dtype=torch.bfloat16))


@wrong(BFLOAT, "one rounded to a whole number")
def one_rounded_to_a_whole_number():
    """One of the two is rounded to an even number and the other only to a whole one.
    Between 256 and 512 bfloat16 has even numbers only."""
    return 501.0 - 498.0


@wrong(BFLOAT, "sign")
def ratio_upside_down():
    """The log-ratio is policy minus reference, and the policy's log-probability is
    the higher one."""
    return -4.0


@wrong(BFLOAT, "only one rounded")
def only_the_reference_rounded():
    """You rounded the reference only. The policy's log-probability is rounded as
    well."""
    return 502.0 - 498.9


@wrong(BFLOAT, "only one rounded")
def only_the_policy_rounded():
    """You rounded the policy's log-probability only. The reference's is rounded as
    well."""
    return 501.2 - 498.0


@wrong(BFLOAT, "both become -500")
def both_rounded_to_500():
    """You rounded both to -500. Each goes to its nearest even number, one up and
    one down."""
    return 0.0


@wrong(BFLOAT, "the log-probability itself")
def the_rounded_policy():
    """This is the policy's log-probability after rounding. Subtract the
    reference's."""
    return -498.0
