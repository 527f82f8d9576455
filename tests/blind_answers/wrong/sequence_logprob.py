"""Wrong answers to the exercises of chapter 08, from logits to the log-probability of a response."""

import math

import torch
import torch.nn.functional as F


def mask_from_lengths__last_token_forgotten(prompt_lengths, response_lengths, width):
    """Off by one: the last response token, its <eos>, is left out although it counts as response."""
    position = torch.arange(width)
    start = prompt_lengths[:, None]
    end = start + response_lengths[:, None]
    return (position >= start) & (position < end - 1)


def mask_from_lengths__one_too_many(prompt_lengths, response_lengths, width):
    """Off by one: <= includes the first padding position (invisible in rows without padding)."""
    position = torch.arange(width)
    start = prompt_lengths[:, None]
    end = start + response_lengths[:, None]
    return (position >= start) & (position <= end)


def mask_from_lengths__starts_one_late(prompt_lengths, response_lengths, width):
    """Starts one position late, as > instead of >= leaves out the first response token."""
    position = torch.arange(width)
    start = prompt_lengths[:, None]
    return (position > start) & (position < start + response_lengths[:, None])


def mask_from_lengths__starts_one_early(prompt_lengths, response_lengths, width):
    """Shifts the mask to the positions of the logits (t - 1), but the tokens' positions are asked for."""
    position = torch.arange(width) + 1
    start = prompt_lengths[:, None]
    return (position >= start) & (position < start + response_lengths[:, None])


def mask_from_lengths__response_length_as_end(prompt_lengths, response_lengths, width):
    """Takes the response's length for its end position and forgets to add the prompt."""
    position = torch.arange(width)
    return (position >= prompt_lengths[:, None]) & (position < response_lengths[:, None])


def mask_from_lengths__padding_included(prompt_lengths, response_lengths, width):
    """Masks only the prompt, so the padding behind the response is True."""
    return torch.arange(width)[None, :] >= prompt_lengths[:, None]


def mask_from_lengths__prompt_included(prompt_lengths, response_lengths, width):
    """Masks only the padding, so the prompt is True as well."""
    return torch.arange(width)[None, :] < (prompt_lengths + response_lengths)[:, None]


def mask_from_lengths__first_row_for_all(prompt_lengths, response_lengths, width):
    """Uses the first row's lengths for every row of the batch."""
    row = torch.zeros(width, dtype=torch.bool)
    start = int(prompt_lengths[0])
    row[start:start + int(response_lengths[0])] = True
    return row.expand(len(prompt_lengths), width)


def mask_from_lengths__left_padded(prompt_lengths, response_lengths, width):
    """Assumes padding on the left, but each row is prompt, response, padding."""
    position = torch.arange(width)
    return position >= (width - response_lengths)[:, None]


def mask_from_lengths__transposed(prompt_lengths, response_lengths, width):
    """Returns the mask with shape (T, B) instead of (B, T)."""
    position = torch.arange(width)[:, None]
    return (position >= prompt_lengths) & (position < prompt_lengths + response_lengths)


def mask_from_lengths__lengths_changed(prompt_lengths, response_lengths, width):
    """Makes the end by += and thereby overwrites the caller's response_lengths."""
    response_lengths += prompt_lengths
    position = torch.arange(width)
    return (position >= prompt_lengths[:, None]) & (position < response_lengths[:, None])


def mask_from_lengths__width_of_the_longest(prompt_lengths, response_lengths, width):
    """Makes the mask as wide as the longest row instead of `width`, wrong when all rows have padding."""
    end = prompt_lengths + response_lengths
    position = torch.arange(int(end.max()))
    return (position >= prompt_lengths[:, None]) & (position < end[:, None])


def mask_from_lengths__inverted(prompt_lengths, response_lengths, width):
    """True means 'masked out' here, the opposite of the task's True on response tokens."""
    position = torch.arange(width)
    end = prompt_lengths + response_lengths
    return (position < prompt_lengths[:, None]) | (position >= end[:, None])


def mask_from_lengths__marks_the_ends_only(prompt_lengths, response_lengths, width):
    """The cumulative sum of start and end marks forgets rows that fill the width: it wraps the end mark to the last column."""
    mask = torch.zeros(len(prompt_lengths), width, dtype=torch.int64)
    rows = torch.arange(len(prompt_lengths))
    mask[rows, prompt_lengths] += 1
    mask[rows, (prompt_lengths + response_lengths).clamp(max=width - 1)] -= 1
    return mask.cumsum(1)


def _picked(logits, tokens):
    return F.log_softmax(logits[:, :-1], -1).gather(-1, tokens[:, 1:, None]).squeeze(-1)


def sequence_logprob__no_shift(logits, tokens, response_mask):
    """Reads the token at t off the logits at t, but the logits at t forecast the token at t + 1."""
    logp = F.log_softmax(logits, -1).gather(-1, tokens[:, :, None]).squeeze(-1)
    return torch.where(response_mask, logp, 0.0).sum(-1)


def sequence_logprob__mask_not_shifted(logits, tokens, response_mask):
    """Shifts the tokens but not the mask, so it drops the last response token of each row and scores the wrong ones."""
    return torch.where(response_mask[:, :-1], _picked(logits, tokens), 0.0).sum(-1)


def sequence_logprob__shifted_the_wrong_way(logits, tokens, response_mask):
    """Shifts the other way round: the logits at t + 1 are paired with the token at t."""
    logp = F.log_softmax(logits[:, 1:], -1).gather(-1, tokens[:, :-1, None]).squeeze(-1)
    return torch.where(response_mask[:, 1:], logp, 0.0).sum(-1)


def sequence_logprob__mean(logits, tokens, response_mask):
    """Averages over the response's tokens; the chain rule gives a sum."""
    logp = torch.where(response_mask[:, 1:], _picked(logits, tokens), 0.0)
    return logp.sum(-1) / response_mask.sum(-1)


def sequence_logprob__mask_multiplied(logits, tokens, response_mask):
    """Multiplies by the mask, and 0 * -inf = nan when a prompt or padding token has logit -inf."""
    return (_picked(logits, tokens) * response_mask[:, 1:]).sum(-1)


def sequence_logprob__nan_to_num(logits, tokens, response_mask):
    """Hides the nan by nan_to_num, which also turns a response of log pi -inf into a finite number."""
    logp = torch.nan_to_num(_picked(logits, tokens))
    return (logp * response_mask[:, 1:]).sum(-1)


def sequence_logprob__raw_logits(logits, tokens, response_mask):
    """Sums raw logits and forgets the normalisation by softmax."""
    picked = logits[:, :-1].gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return torch.where(response_mask[:, 1:], picked, 0.0).sum(-1)


def sequence_logprob__softmax_over_time(logits, tokens, response_mask):
    """The softmax runs over the positions (dim 1) instead of over the vocabulary."""
    logp = F.log_softmax(logits[:, :-1], dim=1).gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return torch.where(response_mask[:, 1:], logp, 0.0).sum(-1)


def sequence_logprob__log_of_softmax(logits, tokens, response_mask):
    """log(softmax) underflows to -inf for logits hundreds below the top, but logits from -1000 to 1000 are promised."""
    probs = torch.softmax(logits[:, :-1], -1).gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return torch.where(response_mask[:, 1:], probs.log(), 0.0).sum(-1)


def sequence_logprob__naive_exp(logits, tokens, response_mask):
    """exp(logits) overflows above 709 and the log-probability becomes nan or -inf."""
    z = logits[:, :-1]
    logp = z - torch.log(torch.exp(z).sum(-1, keepdim=True))
    logp = logp.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return torch.where(response_mask[:, 1:], logp, 0.0).sum(-1)


def sequence_logprob__product_then_log(logits, tokens, response_mask):
    """Multiplies probabilities before taking the log, which underflows to -inf for long or unlikely responses."""
    probs = _picked(logits, tokens).exp()
    probs = torch.where(response_mask[:, 1:], probs, 1.0)
    return torch.log(probs.prod(-1))


def sequence_logprob__clamped(logits, tokens, response_mask):
    """Clamps each log-probability at -100, but a token may have -1000 or -inf."""
    logp = _picked(logits, tokens).clamp(min=-100.0)
    return torch.where(response_mask[:, 1:], logp, 0.0).sum(-1)


def sequence_logprob__inf_replaced_in_logits(logits, tokens, response_mask):
    """Replaces -inf logits by -1e4 so that an impossible response gets a finite log pi instead of -inf."""
    safe = torch.where(torch.isinf(logits), torch.full_like(logits, -1e4), logits)
    return torch.where(response_mask[:, 1:], _picked(safe, tokens), 0.0).sum(-1)


def sequence_logprob__detached(logits, tokens, response_mask):
    """Detaches the logits, but the gradient must reach them."""
    return torch.where(response_mask[:, 1:], _picked(logits.detach(), tokens), 0.0).sum(-1)


def sequence_logprob__batch_sum(logits, tokens, response_mask):
    """Sums over the whole batch and returns one number instead of one for each row."""
    return torch.where(response_mask[:, 1:], _picked(logits, tokens), 0.0).sum()


def sequence_logprob__squeezed_batch(logits, tokens, response_mask):
    """squeeze() without a dimension drops the batch axis when B is 1, so the shape is () and not (1,)."""
    logp = F.log_softmax(logits[:, :-1], -1).gather(-1, tokens[:, 1:, None])[..., 0]
    return torch.where(response_mask[:, 1:], logp, 0.0).sum(-1).squeeze()


def sequence_logprob__eos_dropped(logits, tokens, response_mask):
    """Drops the last response token, <eos>, from the sum although it belongs to the response."""
    mask = response_mask[:, 1:].clone()
    last = mask.long().cumsum(-1) == mask.long().sum(-1, keepdim=True)
    mask &= ~last
    return torch.where(mask, _picked(logits, tokens), 0.0).sum(-1)


def sequence_logprob__positive(logits, tokens, response_mask):
    """Returns the cross-entropy, minus log pi, so the sign is wrong."""
    nll = F.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:], reduction="none")
    return torch.where(response_mask[:, 1:], nll, 0.0).sum(-1)


def sequence_logprob__bits(logits, tokens, response_mask):
    """Converts to bits, but the result is wanted in nats."""
    return torch.where(response_mask[:, 1:], _picked(logits, tokens), 0.0).sum(-1) / math.log(2)


def sequence_logprob__prompt_too(logits, tokens, response_mask):
    """Ignores the mask and scores prompt and padding as well."""
    return _picked(logits, tokens).sum(-1)


def sequence_logprob__float32(logits, tokens, response_mask):
    """Computes in float32 like the trainers do, which keeps only 7 digits of a float64 task and returns float32."""
    return torch.where(response_mask[:, 1:], _picked(logits.float(), tokens), torch.tensor(0.0)).sum(-1)


def sequence_logprob__mask_in_place(logits, tokens, response_mask):
    """Uses the caller's tokens as scratch paper: masked_fill_ overwrites the tokens outside the response."""
    targets = tokens.masked_fill_(~response_mask, -100)[:, 1:]
    nll = F.cross_entropy(logits[:, :-1].transpose(1, 2), targets, reduction="none")
    return -nll.sum(-1)


def sequence_logprob__logits_masked_by_zero(logits, tokens, response_mask):
    """Zeroes the logits outside of the response instead of their log-probabilities, so each such position adds -log V."""
    z = logits[:, :-1].masked_fill(~response_mask[:, 1:, None], 0.0)
    return _picked(torch.cat([z, logits[:, -1:]], 1), tokens).sum(-1)


def sequence_logprob__padding_token_zero(logits, tokens, response_mask):
    """Recognises padding by token 0 and ignores such tokens in the response too; the mask alone decides."""
    targets = torch.where(response_mask, tokens, 0)[:, 1:]
    nll = F.cross_entropy(logits[:, :-1].transpose(1, 2), targets, reduction="none", ignore_index=0)
    return -nll.sum(-1)


def find_the_bug_padding__unmended(tokens, prompt_lengths, eos):
    """Only the raise is deleted: the response's own <eos> is still taken for padding."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    is_padding = tokens == eos
    return after_prompt & ~is_padding


def find_the_bug_padding__all_padding_in(tokens, prompt_lengths, eos):
    """Drops the padding test, so all the padding behind the first <eos> is response as well."""
    position = torch.arange(tokens.shape[1])
    return position >= prompt_lengths[:, None]


def find_the_bug_padding__eos_of_the_prompt_counts(tokens, prompt_lengths, eos):
    """Counts every <eos> of the row, so that one in the prompt ends the response before it begins."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    is_eos = (tokens == eos).long()
    before = is_eos.cumsum(1) - is_eos
    return after_prompt & (before == 0)


def find_the_bug_padding__cumsum_without_own(tokens, prompt_lengths, eos):
    """The cumulative sum counts the first <eos> itself, so this is still left out."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    seen = ((tokens == eos) & after_prompt).long().cumsum(1)
    return after_prompt & (seen == 0)


def find_the_bug_padding__second_eos_included(tokens, prompt_lengths, eos):
    """Lets two <eos> pass (seen <= 2), so the padding after the first <eos> is partly taken for response."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    seen = ((tokens == eos) & after_prompt).long().cumsum(1)
    return after_prompt & (seen <= 2)


def find_the_bug_padding__shift_of_the_token_test(tokens, prompt_lengths, eos):
    """A position is padding if the token before it is <eos>: an <eos> that ends the prompt removes the first response token."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    is_padding = torch.zeros_like(tokens, dtype=torch.bool)
    is_padding[:, 1:] = tokens[:, :-1] == eos
    return after_prompt & ~is_padding


def find_the_bug_padding__argmax_without_check(tokens, prompt_lengths, eos):
    """argmax is 0 when a cut-off response has no <eos>, so its mask comes out empty although it fills its row."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    first = ((tokens == eos) & after_prompt).long().argmax(1)
    return after_prompt & (position <= first[:, None])


def find_the_bug_padding__last_position_added(tokens, prompt_lengths, eos):
    """Adds one position behind the last word, but in a response that is just <eos> there is no word to add it to."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    words = after_prompt & (tokens != eos)
    mask = words.clone()
    mask[:, 1:] |= words[:, :-1]
    return mask


def find_the_bug_padding__eos_zero_hard_coded(tokens, prompt_lengths, eos):
    """Compares with 0, the <eos> of the hand example, instead of with `eos`."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    is_eos = ((tokens == 0) & after_prompt).long()
    return after_prompt & (is_eos.cumsum(1) - is_eos == 0)


def find_the_bug_padding__count_of_trailing_eos(tokens, prompt_lengths, eos):
    """Keeps the whole row but for all trailing <eos> save one; a prompt's closing <eos> is then counted for the empty response."""
    mask = torch.zeros(tokens.shape, dtype=torch.bool)
    for b, row in enumerate(tokens.tolist()):
        end = len(row)
        while end >= 2 and row[end - 1] == eos and row[end - 2] == eos:
            end -= 1
        mask[b, int(prompt_lengths[b]):end] = True
    return mask


def find_the_bug_padding__prompt_off_by_one(tokens, prompt_lengths, eos):
    """Mends the <eos> but starts one token late with > instead of >=."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position > prompt_lengths[:, None]
    is_eos = ((tokens == eos) & after_prompt).long()
    return after_prompt & (is_eos.cumsum(1) - is_eos == 0)


def find_the_bug_padding__writes_padding(tokens, prompt_lengths, eos):
    """Overwrites the prompt in the caller's tokens by -1 so that its <eos> does not disturb; arguments must stay as they are."""
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    tokens[~after_prompt] = -1
    is_eos = (tokens == eos).long()
    return after_prompt & (is_eos.cumsum(1) - is_eos == 0)


def predict_the_total_without_eos__one():
    """Says 1 as all probabilities should, but without <eos> nothing is a distribution any more."""
    return 1.0


def predict_the_total_without_eos__four():
    """Leaves the empty response out of the sum: 0.8 + 0.64 + ... = 4, but it counts with 1."""
    return 0.8 / (1 - 0.8)


def predict_the_total_without_eos__with_words_only():
    """Adds only the one-word responses, 0.5 + 0.3."""
    return 0.8


def predict_the_total_without_eos__one_word_and_empty():
    """Stops the series after one word: 1 + 0.8."""
    return 1.8


def predict_the_total_without_eos__eos_left_in():
    """Multiplies each response by the 0.2 of <eos>, which was to be left out, and stops after nine words."""
    return 0.2 * sum(0.8 ** n for n in range(10))


def predict_the_total_without_eos__wrong_ratio():
    """Takes <eos>'s 0.2 as the ratio of the series: 1 / (1 - 0.2)."""
    return 1.25


def predict_the_total_without_eos__infinite():
    """Thinks the infinitely many responses must add up to infinity, but the series converges."""
    return float("inf")


def predict_the_total_without_eos__truncated_series():
    """Adds the series up to ten words only, which misses more than three digits allow."""
    return sum(0.8 ** n for n in range(11))


def predict_the_total_without_eos__separate_series():
    """Adds one series per word, 1/(1-0.5) + 1/(1-0.3), but responses mix both words."""
    return 1 / 0.5 + 1 / 0.7


def predict_the_bfloat16_log_ratio__exact():
    """Ignores the rounding and returns the exact 2.3."""
    return 2.3


def predict_the_bfloat16_log_ratio__rounded_after():
    """Rounds the difference to bfloat16 instead of the two numbers before the subtraction."""
    return 2.296875


def predict_the_bfloat16_log_ratio__two():
    """Rounds the difference to an even number, 2, or truncates: -498 - -500."""
    return 2.0


def predict_the_bfloat16_log_ratio__both_to_500():
    """Rounds both to -500, but the nearest even numbers are -498 and -502."""
    return 0.0


def predict_the_bfloat16_log_ratio__whole_numbers():
    """Rounds to whole numbers, -499 and -501, but only even ones exist there; happens to give 2."""
    return round(-498.9) - round(-501.2)


def predict_the_bfloat16_log_ratio__sign():
    """Subtracts policy from reference, so the sign is wrong."""
    return -4.0


def predict_the_bfloat16_log_ratio__three():
    """Rounds one of them only to an even number and the other to a whole one: -498 - -501."""
    return 3.0


def predict_the_bfloat16_log_ratio__fours():
    """Thinks of a spacing of four: -500 and -500 or -496 and -504 make 8."""
    return 8.0
