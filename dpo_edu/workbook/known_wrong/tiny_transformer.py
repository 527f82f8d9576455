"""Known wrong answers of chapter 09: name = id, docstring = what the learner reads."""

import math

import torch
import torch.nn.functional as F

from . import same_as, wrong

ATTENTION = "causal_attention"
SAMPLE = "sample_token"
HEADS = "find_the_bug_split_heads"
WEIGHTS = "predict_the_layer_weights"
COLD = "predict_the_cold_probability"
FUTURE = "Does a position see the future?"


def scaled(q, k):
    return q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])


def future(time, first=1):
    return torch.ones(time, time, dtype=torch.bool).triu(first)


def masked(scores, first=1):
    return scores.masked_fill(future(scores.shape[-1], first), -math.inf)


@wrong(ATTENTION, "no mask", FUTURE)
def no_causal_mask(q, k, v):
    """Every position reads the whole sequence, the future too. Then the model sees
    the token that it has to predict."""
    return scaled(q, k).softmax(-1) @ v


@wrong(ATTENTION, "one position of the future visible", FUTURE)
def one_position_of_the_future(q, k, v):
    """Each position still reads the one after it: your triangle starts one diagonal
    too far out."""
    return masked(scaled(q, k), first=2).softmax(-1) @ v


@wrong(ATTENTION, "cannot read itself")
def cannot_read_itself(q, k, v):
    """Each position reads only those before it, so the first one has nothing to
    read. The position itself belongs to the past."""
    return masked(scaled(q, k), first=0).softmax(-1) @ v


@wrong(ATTENTION, "past hidden", FUTURE)
def past_hidden(q, k, v):
    """Your mask hides the past and shows the future: the triangle is the wrong way
    round."""
    hidden = future(q.shape[2]).T
    return scaled(q, k).masked_fill(hidden, -math.inf).softmax(-1) @ v


@wrong(ATTENTION, "scores of the future set to 0", FUTURE)
def future_scores_set_to_zero(q, k, v):
    """You set scores of the future to 0. e^0 = 1, so the future still takes part;
    the score whose weight is 0 is -inf."""
    return scaled(q, k).tril().softmax(-1) @ v


@wrong(ATTENTION, "mask after the softmax")
def masked_after_the_softmax(q, k, v):
    """You hide the future after the softmax, so the weights that are left do not
    sum to 1. Hide the scores, before the softmax."""
    return scaled(q, k).softmax(-1).tril() @ v


@wrong(ATTENTION, "mask after the softmax, renormalized")
def renormalized_after_the_softmax(q, k, v):
    """You hide the future after the exponentials and renormalize. A large score of the
    future leaves 0 / 0: hide the scores, before the softmax and its maximum."""
    weights = scaled(q, k).softmax(-1).tril()
    return weights / weights.sum(-1, keepdim=True) @ v


@wrong(ATTENTION, "zeros taken for the mask")
def zeros_taken_for_the_mask(q, k, v):
    """You take every score of 0 for a hidden one. A score of the past may be 0 as well,
    and then it has the weight e^0. Hide by position."""
    scores = scaled(q, k).tril()
    return scores.masked_fill(scores == 0, -math.inf).softmax(-1) @ v


@wrong(ATTENTION, "one maximum for all rows")
def one_maximum_for_all_rows(q, k, v):
    """You subtract one maximum from all scores. In a row far below it every exponential
    is 0, and 0 / 0 is left: each row needs the maximum of its own past."""
    scores = scaled(q, k)
    weights = (scores - scores.max()).exp().tril()
    return weights / weights.sum(-1, keepdim=True) @ v


@wrong(ATTENTION, "heads joined into one")
def heads_joined_into_one(q, k, v):
    """You join all heads into one wide head, so they share their weights. Each head has
    scores of its own."""
    scores = scaled(q, k).sum(1, keepdim=True)
    return masked(scores).softmax(-1) @ v


@wrong(ATTENTION, "mask too small")
def mask_too_small(q, k, v):
    """You hide the future with a finite number that real scores can reach. -inf
    hides it whatever the scores are."""
    return scaled(q, k).masked_fill(future(q.shape[2]), -1e4).softmax(-1) @ v


@same_as(mask_too_small)
def mask_subtracted(q, k, v):
    return (scaled(q, k) - 1e4 * future(q.shape[2])).softmax(-1) @ v


@same_as(mask_too_small)
def mask_at_minus_a_million(q, k, v):
    return scaled(q, k).masked_fill(future(q.shape[2]), -1e6).softmax(-1) @ v


@same_as(mask_too_small)
def a_million_subtracted(q, k, v):
    return (scaled(q, k) - 1e6 * future(q.shape[2])).softmax(-1) @ v


@wrong(ATTENTION, "always divided by 2")
def always_divided_by_two(q, k, v):
    """You divide by 2 whatever D, the length of the last axis, is."""
    return masked(q @ k.transpose(-1, -2) / 2).softmax(-1) @ v


@wrong(ATTENTION, "not scaled")
def scale_forgotten(q, k, v):
    """The scores are not divided by sqrt(D). Sums over D channels grow with D, and
    large scores make the softmax all or nothing."""
    return masked(q @ k.transpose(-1, -2)).softmax(-1) @ v


@wrong(ATTENTION, "divided by D")
def divided_by_the_width(q, k, v):
    """You divide by D. A sum of D random products grows like sqrt(D), so the
    division is by sqrt(D)."""
    return masked(q @ k.transpose(-1, -2) / q.shape[-1]).softmax(-1) @ v


@wrong(ATTENTION, "multiplied by sqrt(D)")
def multiplied_by_the_root(q, k, v):
    """You multiply by sqrt(D). The scores are divided by it."""
    return masked(q @ k.transpose(-1, -2) * math.sqrt(q.shape[-1])).softmax(-1) @ v


@wrong(ATTENTION, "scaled with T")
def scaled_with_the_length(q, k, v):
    """You divide by sqrt(T), the number of positions. D, the channels of a head, is
    the last axis."""
    return masked(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-2])).softmax(-1) @ v


@wrong(ATTENTION, "scaled with all channels")
def scaled_with_all_channels(q, k, v):
    """You divide by the root of H * D, the channels of all heads. Each head sums
    over its own D only."""
    channels = q.shape[1] * q.shape[-1]
    return masked(q @ k.transpose(-1, -2) / math.sqrt(channels)).softmax(-1) @ v


@wrong(ATTENTION, "scaled after the softmax")
def scaled_after_the_softmax(q, k, v):
    """You divide the weights by sqrt(D). Divide the scores, before the softmax:
    weights sum to 1."""
    weights = masked(q @ k.transpose(-1, -2)).softmax(-1)
    return weights / math.sqrt(q.shape[-1]) @ v


@wrong(ATTENTION, "softmax over the queries")
def softmax_over_the_queries(q, k, v):
    """Your softmax runs over t, the positions that read. It has to run over s, the
    positions that are read: the last axis."""
    return masked(scaled(q, k)).softmax(-2) @ v


@wrong(ATTENTION, "softmax over the heads")
def softmax_over_the_heads(q, k, v):
    """Your softmax runs over the heads. Each head attends on its own, over the
    positions."""
    scores = scaled(q, k).softmax(1)
    return scores.tril() @ v


@wrong(ATTENTION, "q and k exchanged")
def queries_and_keys_exchanged(q, k, v):
    """Queries and keys are exchanged. Row t of the scores belongs to the query of
    position t."""
    return masked(scaled(k, q)).softmax(-1) @ v


@wrong(ATTENTION, "values left out")
def keys_for_values(q, k, v):
    """You average the keys. The scores come from q and k, what is averaged is v."""
    return masked(scaled(q, k)).softmax(-1) @ k


@wrong(ATTENTION, "no softmax")
def softmax_forgotten(q, k, v):
    """The scores themselves are your weights. A softmax makes them positive and
    lets them sum to 1."""
    return scaled(q, k).tril() @ v


@wrong(ATTENTION, "plain mean of the past")
def plain_mean_of_the_past(q, k, v):
    """You average the past evenly. The weights come from the scores of q and k."""
    counts = torch.arange(1, v.shape[2] + 1, dtype=v.dtype)[:, None]
    return v.cumsum(2) / counts + 0 * (q + k)


@wrong(ATTENTION, "best match only")
def best_match_only(q, k, v):
    """You take the v with the largest score alone. The softmax mixes, and through
    the mixture q and k are trained."""
    best = masked(scaled(q, k)).argmax(-1)
    return F.one_hot(best, v.shape[2]).to(v.dtype) @ v


@wrong(ATTENTION, "residual added")
def residual_added(q, k, v):
    """You add v to the output. Residual connections are the block's job, not that
    of attention."""
    return masked(scaled(q, k)).softmax(-1) @ v + v


@wrong(ATTENTION, "only nearby positions")
def only_two_positions_back(q, k, v):
    """You read at most two positions back. Causal attention reads the whole past."""
    far = ~future(q.shape[2], first=-1)
    return masked(scaled(q, k)).masked_fill(far, -math.inf).softmax(-1) @ v


@wrong(ATTENTION, "weights returned")
def weights_returned(q, k, v):
    """You return the attention weights. The output is their product with v."""
    return masked(scaled(q, k)).softmax(-1)


@wrong(ATTENTION, "heads merged")
def heads_merged(q, k, v):
    """You merge the heads into (B, T, H * D). The task's shape is (B, H, T, D), and
    the block does the merging."""
    out = masked(scaled(q, k)).softmax(-1) @ v
    return out.transpose(1, 2).flatten(2)


@wrong(ATTENTION, "heads and positions exchanged")
def heads_and_positions_exchanged(q, k, v):
    """You attend over the heads: axis 1 is the heads, axis 2 the positions. Only
    positions read each other."""
    q, k, v = (part.transpose(1, 2) for part in (q, k, v))
    return (masked(scaled(q, k)).softmax(-1) @ v).transpose(1, 2)


@wrong(ATTENTION, "exp without a shift")
def exponentials_overflow(q, k, v):
    """e^1000 overflows, and e^-1000 is 0. Let softmax do it: it subtracts the
    largest score of the row first."""
    weights = scaled(q, k).exp().tril()
    return weights / weights.sum(-1, keepdim=True) @ v


@wrong(ATTENTION, "scores cut off")
def scores_cut_off(q, k, v):
    """You cut the scores off at 50. Two large scores then look alike."""
    return masked(scaled(q, k).clamp(-50, 50)).softmax(-1) @ v


@wrong(ATTENTION, "weights detached")
def weights_detached(q, k, v):
    """The values are right, but no gradient reaches q and k: the model could never
    learn where to look."""
    return masked(scaled(q, k)).softmax(-1).detach() @ v


@wrong(ATTENTION, "values detached")
def values_detached(q, k, v):
    """The values are right, but no gradient reaches v: the model could never learn
    what to pass on."""
    return masked(scaled(q, k)).softmax(-1) @ v.detach()


@wrong(ATTENTION, "all detached")
def under_no_grad(q, k, v):
    """The values are right, but nothing receives a gradient: no_grad, detach or
    numpy cut it off."""
    with torch.no_grad():
        return masked(scaled(q, k)).softmax(-1) @ v


@wrong(ATTENTION, "keys detached")
def keys_detached(q, k, v):
    """The values are right, but no gradient reaches k: detach nothing here."""
    return masked(scaled(q, k.detach())).softmax(-1) @ v


@wrong(ATTENTION, "inputs overwritten")
def queries_scaled_in_place(q, k, v):
    """You scale the caller's q in place. Scale the product instead."""
    with torch.no_grad():
        q /= math.sqrt(q.shape[-1])
    return masked(q @ k.transpose(-1, -2)).softmax(-1) @ v


def tempered(logits, temperature):
    return (logits / temperature).softmax(-1)


def drawn(probabilities, generator):
    return torch.multinomial(probabilities, 1, generator=generator)[:, 0]


@wrong(SAMPLE, "temperature multiplies")
def temperature_multiplies(logits, temperature, generator):
    """You multiply by the temperature. Divide: a high temperature makes logits
    small and the draw even."""
    return drawn((logits * temperature).softmax(-1), generator)


@wrong(SAMPLE, "temperature ignored")
def temperature_ignored(logits, temperature, generator):
    """The temperature never counts. It divides the logits and nothing else: on
    probabilities, or on logits with their noise, a common factor cancels."""
    return drawn(logits.softmax(-1), generator)


@same_as(temperature_ignored)
def temperature_divides_probabilities(logits, temperature, generator):
    return drawn(logits.softmax(-1) / temperature, generator)


@wrong(SAMPLE, "power of the softmax")
def power_of_the_softmax(logits, temperature, generator):
    """On paper softmax(logits)^(1 / temperature) is the same, but probabilities
    underflow before they are divided by their sum. Divide the logits."""
    powers = logits.softmax(-1) ** (1 / temperature)
    return drawn(powers / powers.sum(-1, keepdim=True), generator)


@wrong(SAMPLE, "likeliest token when cold")
def likeliest_token_when_cold(logits, temperature, generator):
    """At a low temperature you take the likeliest token. Logits that differ by less
    than the temperature still share the probability."""
    if temperature < 0.1:
        return logits.argmax(-1)
    return drawn(tempered(logits, temperature), generator)


@wrong(SAMPLE, "temperature as an exponent")
def temperature_squared(logits, temperature, generator):
    """The temperature is applied twice. Divide the logits by it once."""
    return drawn(tempered(logits / temperature, temperature), generator)


@wrong(SAMPLE, "most likely token")
def most_likely_token(logits, temperature, generator):
    """You take the most likely token every time. The task is to draw: less likely
    tokens come too, less often."""
    return logits.argmax(-1)


@wrong(SAMPLE, "even draw")
def even_draw(logits, temperature, generator):
    """Every possible token comes equally often. The probabilities are
    softmax(logits / temperature)."""
    return drawn(logits.isfinite().double(), generator)


@wrong(SAMPLE, "softmax twice")
def softmax_twice(logits, temperature, generator):
    """You apply a softmax to probabilities. Divide the logits by the temperature
    and take one softmax."""
    return drawn(logits.softmax(-1).div(temperature).softmax(-1), generator)


@wrong(SAMPLE, "sign")
def logits_negated(logits, temperature, generator):
    """The least likely tokens come most often: the sign of the logits is wrong."""
    finite = logits.masked_fill(logits == -math.inf, math.inf)
    return drawn((-finite / temperature).softmax(-1), generator)


@wrong(SAMPLE, "only the ten best")
def only_the_ten_best(logits, temperature, generator):
    """Tokens beyond the best few never come. Many generators cut them off to play
    safe, but then responses no longer have the probability that DPO computes."""
    best = logits.topk(min(10, logits.shape[-1]))
    place = drawn(tempered(best.values, temperature), generator)
    return best.indices.gather(-1, place[:, None])[:, 0]


@wrong(SAMPLE, "normal noise, scaled")
def scaled_normal_noise(logits, temperature, generator):
    """Normal noise with the spread of Gumbel's is close for few tokens. For many it is
    not: its tail is too thin, and rare tokens come too rarely."""
    noise = torch.randn(logits.shape, generator=generator, dtype=logits.dtype)
    return (logits / temperature + 1.28 * noise).argmax(-1)


@wrong(SAMPLE, "only the two best")
def only_the_two_best(logits, temperature, generator):
    """You draw among the best two tokens only. Every token with a finite logit may
    come."""
    second = logits.topk(2).values[:, 1:]
    kept = logits.masked_fill(logits < second, -math.inf)
    return drawn(tempered(kept, temperature), generator)


@same_as(only_the_two_best)
def only_two_of_the_best(logits, temperature, generator):
    best = logits.topk(2)
    place = drawn(tempered(best.values, temperature), generator)
    return best.indices.gather(-1, place[:, None])[:, 0]


@wrong(SAMPLE, "normal noise")
def normal_noise(logits, temperature, generator):
    """Noise and argmax is a right idea, but the noise has to be Gumbel,
    -log(-log(u)), signs included. Other noise draws from another distribution."""
    noise = torch.randn(logits.shape, generator=generator, dtype=logits.dtype)
    return (logits / temperature + noise).argmax(-1)


@wrong(SAMPLE, "shape (B, 1)")
def column_of_tokens(logits, temperature, generator):
    """You return a column of shape (B, 1), as torch.multinomial does. The task asks
    for (B,)."""
    return torch.multinomial(tempered(logits, temperature), 1, generator=generator)


@wrong(SAMPLE, "squeezed too much")
def squeezed_too_much(logits, temperature, generator):
    """With one row your result has no axis left: squeeze() removes every axis of
    length 1. Name the one that has to go."""
    column = torch.multinomial(tempered(logits, temperature), 1, generator=generator)
    return column.squeeze()


@wrong(SAMPLE, "one token for all rows")
def one_token_for_all_rows(logits, temperature, generator):
    """You draw from the first row for all of them. Each row has logits of its own
    and a draw of its own."""
    token = torch.multinomial(tempered(logits[0], temperature), 1, generator=generator)
    return token.expand(len(logits)).clone()


@wrong(SAMPLE, "one random number for all rows")
def one_random_number_for_all_rows(logits, temperature, generator):
    """The same random numbers decide for all rows, so equal rows always agree. Draw new
    ones for each row."""
    u = torch.rand(1, generator=generator, dtype=logits.dtype)
    ends = tempered(logits, temperature).cumsum(-1)
    return (ends / ends[:, -1:] <= u).sum(-1)


@wrong(SAMPLE, "rows spread evenly")
def rows_spread_evenly(logits, temperature, generator):
    """The shares are right, but rows are not independent: your random numbers are
    spread evenly over them. Draw each one freely."""
    start = torch.rand(1, generator=generator, dtype=logits.dtype)
    u = (torch.arange(len(logits)) + start) / len(logits)
    ends = tempered(logits, temperature).cumsum(-1)
    return (ends / ends[:, -1:] <= u[:, None]).sum(-1)


@wrong(SAMPLE, "first row's logits")
def first_row_s_logits(logits, temperature, generator):
    """Every row is drawn from the first row's logits. Each row has its own."""
    first = tempered(logits, temperature)[:1].expand_as(logits)
    return drawn(first, generator)


@wrong(SAMPLE, "softmax over the batch")
def softmax_over_the_batch(logits, temperature, generator):
    """Your softmax runs over the rows of the batch. It has to run over the
    vocabulary, the last axis."""
    scores = logits.masked_fill(logits == -math.inf, -1e9) / temperature
    return drawn(scores.softmax(0), generator)


@wrong(SAMPLE, "tokens one too high")
def counted_from_one(logits, temperature, generator):
    """Your tokens are counted from 1. The first token has the number 0."""
    return drawn(tempered(logits, temperature), generator) + 1


@wrong(SAMPLE, "probabilities returned")
def probability_of_the_token(logits, temperature, generator):
    """You return the probability of the token. The task asks for its number."""
    probabilities = tempered(logits, temperature)
    tokens = drawn(probabilities, generator)
    return probabilities.gather(-1, tokens[:, None])[:, 0]


@wrong(SAMPLE, "floats")
def tokens_as_floats(logits, temperature, generator):
    """The tokens come as floating-point numbers. They are positions in the vocabulary,
    whole numbers, as multinomial and argmax return them."""
    return drawn(tempered(logits, temperature), generator).double()


@wrong(SAMPLE, "generator ignored")
def generator_ignored(logits, temperature, generator):
    """The generator is not used: the draw comes from the global random state or from a
    generator of your own, and no seed of the caller can repeat it."""
    return torch.multinomial(tempered(logits, temperature), 1)[:, 0]


@wrong(SAMPLE, "reseeded")
def reseeded_at_each_call(logits, temperature, generator):
    """Your function starts the generator again at each call, so every call draws
    the same tokens. Use it as it comes."""
    generator.manual_seed(generator.initial_seed())
    return drawn(tempered(logits, temperature), generator)


@same_as(reseeded_at_each_call)
def generator_copied(logits, temperature, generator):
    copy = torch.Generator()
    copy.set_state(generator.get_state())
    return drawn(tempered(logits, temperature), copy)


@wrong(SAMPLE, "a seed of its own")
def seed_of_its_own(logits, temperature, generator):
    """You always draw with a seed of your own. The caller's generator decides, and
    it moves on with each call."""
    return drawn(tempered(logits, temperature), torch.Generator().manual_seed(0))


@wrong(SAMPLE, "global state touched")
def global_state_touched(logits, temperature, generator):
    """You also touch the global random state: rand() or manual_seed() without the
    generator. Other parts of the program would draw differently."""
    torch.manual_seed(0)
    return drawn(tempered(logits, temperature), generator)


@wrong(SAMPLE, "global state seeded")
def global_state_seeded(logits, temperature, generator):
    """You seed the global random state from the generator and draw from that. Pass the
    generator to the draw: it moves on, and nothing else changes."""
    torch.manual_seed(generator.initial_seed())
    return torch.multinomial(tempered(logits, temperature), 1)[:, 0]


@wrong(SAMPLE, "exp without a shift")
def exponentials_of_large_logits(logits, temperature, generator):
    """e^(logit / temperature) overflows. softmax subtracts the largest logit first,
    which changes no probability."""
    weights = (logits / temperature).exp()
    weights = (weights / weights.sum(-1, keepdim=True)).nan_to_num(1.0)
    return drawn(weights, generator)


@same_as(exponentials_of_large_logits)
def exponentials_of_large_logits_refused(logits, temperature, generator):
    weights = (logits / temperature).exp()
    return drawn(weights / weights.sum(-1, keepdim=True), generator)


@wrong(SAMPLE, "-inf replaced, or a constant added")
def infinity_replaced(logits, temperature, generator):
    """A token with logit -inf comes now and then: you replace -inf by a number, or
    add a small constant to the probabilities. It must never come."""
    return drawn(tempered(logits.clamp(min=-1000), temperature), generator)


@same_as(infinity_replaced)
def small_constant_added(logits, temperature, generator):
    return drawn(tempered(logits, temperature) + 1e-3, generator)


@wrong(SAMPLE, "temperature cut off")
def temperature_cut_off(logits, temperature, generator):
    """You keep the temperature between bounds of your own. Everything from 0.001
    to 1000 has to work."""
    return drawn(tempered(logits, min(max(temperature, 0.1), 10.0)), generator)


@same_as(temperature_cut_off)
def temperature_at_least_a_tenth(logits, temperature, generator):
    return drawn(tempered(logits, max(temperature, 0.1)), generator)


@same_as(temperature_cut_off)
def temperature_at_least_a_hundredth(logits, temperature, generator):
    return drawn(tempered(logits, max(temperature, 0.01)), generator)


@same_as(softmax_over_the_batch)
def softmax_over_the_batch_refused(logits, temperature, generator):
    return drawn((logits / temperature).softmax(0), generator)


@wrong(HEADS, "as given")
def heads_as_given(x, heads):
    """The result is that of the code as given: reshape cuts the numbers in the order of
    memory, so head 0 gets all channels of the first positions."""
    batch, time, width = x.shape
    return x.reshape(batch, heads, time, width // heads)


@wrong(HEADS, "axes not exchanged")
def axes_not_exchanged(x, heads):
    """The cut is right, (B, T, H, D). Now positions and heads have to change
    places."""
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads)


@wrong(HEADS, "channels interleaved")
def channels_interleaved(x, heads):
    """Head 0 gets every H-th channel. It has to get the first D, in one piece."""
    batch, time, width = x.shape
    return x.reshape(batch, time, width // heads, heads).permute(0, 3, 1, 2)


@wrong(HEADS, "transposed before the cut")
def transposed_before_the_cut(x, heads):
    """You exchange positions and channels first and cut afterwards; the cut then
    runs through the positions. Cut first."""
    batch, time, width = x.shape
    return x.transpose(1, 2).reshape(batch, heads, time, width // heads)


@wrong(HEADS, "positions and channels exchanged")
def positions_and_channels_exchanged(x, heads):
    """Within each head positions and channels are exchanged: the last axis has to
    be the channels."""
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads).permute(0, 2, 3, 1)


@wrong(HEADS, "batch mixed in")
def batch_mixed_in(x, heads):
    """Numbers of different sequences end up in one row: the batch has to stay the
    first axis throughout."""
    batch, time, width = x.shape
    return x.reshape(heads, time, batch, width // heads).transpose(0, 2)


@wrong(HEADS, "same channels in every head")
def same_channels_in_every_head(x, heads):
    """Every head gets the first D channels. Each needs a piece of its own."""
    batch, time, width = x.shape
    first = x[..., : width // heads]
    return first[:, None].expand(batch, heads, time, width // heads)


@wrong(HEADS, "every head gets all channels")
def all_channels_in_every_head(x, heads):
    """Every head gets all C channels. They are divided among the heads, D = C / H
    each."""
    return x[:, None].repeat(1, heads, 1, 1)


@wrong(HEADS, "heads in reverse")
def heads_in_reverse(x, heads):
    """The heads come in reverse order. Head 0 has the first D channels."""
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads).transpose(1, 2).flip(1)


@wrong(HEADS, "heads before the batch")
def heads_before_the_batch(x, heads):
    """Heads and batch have changed places. The result is (B, H, T, D), the batch
    first."""
    return torch.stack(x.chunk(heads, dim=-1))


@wrong(HEADS, "pieces of H channels")
def pieces_of_h_channels(x, heads):
    """You cut pieces of H channels. There are H pieces, and each has D = C / H
    channels: chunk(H) makes them, split(H) does not."""
    return torch.stack(x.split(heads, dim=-1), dim=1)


@wrong(HEADS, "detached")
def heads_detached(x, heads):
    """The values are right, but no gradient reaches x: detach, numpy or no_grad cut it
    off. What makes x would never be trained."""
    return torch.stack(x.detach().chunk(heads, dim=-1), dim=1)


@wrong(WEIGHTS, "one layer")
def weights_of_one_layer():
    """This is one layer. The model has 24."""
    return 12 * 1024**2


@wrong(WEIGHTS, "projection back forgotten")
def projection_back_forgotten():
    """One C x C matrix per layer is missing: the one that projects attention's
    result back."""
    return 24 * 11 * 1024**2


@wrong(WEIGHTS, "attention only")
def attention_weights_only():
    """This is attention alone. The two-layer network holds twice as many."""
    return 24 * 4 * 1024**2


@wrong(WEIGHTS, "network only, or counted once")
def network_weights_only():
    """This is 8 C^2 per layer. Attention has four C x C matrices, and the network has
    two of 4 C^2, one up and one back down."""
    return 24 * 8 * 1024**2


@wrong(WEIGHTS, "heads counted")
def times_the_heads():
    """You multiplied by the heads. They share the C channels among them, so their
    number changes nothing."""
    return 24 * 12 * 1024**2 * 16


@wrong(WEIGHTS, "heads in attention only")
def attention_times_the_heads():
    """You counted full attention matrices for every head. The heads share the C
    channels among them."""
    return 24 * (16 * 4 + 8) * 1024**2


@same_as(attention_times_the_heads)
def queries_keys_and_values_times_the_heads():
    return 24 * (16 * 3 + 1 + 8) * 1024**2


@wrong(WEIGHTS, "gated network")
def gated_network():
    """You count three matrices in the network, as a gated one has. This one has two
    layers, one up and one back down."""
    return 24 * (4 + 12) * 1024**2


@wrong(WEIGHTS, "embeddings counted")
def embeddings_counted():
    """You count the embeddings too. The task asks for the matrices in the layers
    alone."""
    return 24 * 12 * 1024**2 + (50257 + 1024) * 1024


@same_as(embeddings_counted)
def all_of_gpt2_medium():
    return 355e6


@wrong(WEIGHTS, "queries, keys and values counted as one")
def one_matrix_for_queries_keys_and_values():
    """Queries, keys and values need a C x C matrix each, three together."""
    return 24 * 10 * 1024**2


@wrong(WEIGHTS, "in millions")
def weights_in_millions():
    """This is in millions. Return the number itself."""
    return 24 * 12 * 1024**2 / 1e6


@wrong(WEIGHTS, "width not squared")
def width_not_squared():
    """A matrix from C to C channels has C^2 entries. You counted C."""
    return 24 * 12 * 1024


@wrong(COLD, "unchanged")
def cold_unchanged():
    """This is the probability at temperature 1. A lower temperature favors the
    likely words."""
    return 0.6


@wrong(COLD, "not renormalized")
def cold_not_renormalized():
    """This is 0.6 squared. The three squares do not sum to 1 yet."""
    return 0.36


@wrong(COLD, "temperature 2")
def hot_for_cold():
    """This is temperature 2, the square roots. At 0.5 the logits are doubled and
    the probabilities squared."""
    roots = [math.sqrt(p) for p in (0.6, 0.3, 0.1)]
    return roots[0] / sum(roots)


@wrong(COLD, "softmax of probabilities")
def softmax_of_probabilities():
    """You put the probabilities themselves, divided by 0.5, into a softmax. Logits
    are their logarithms."""
    weights = [math.exp(p / 0.5) for p in (0.6, 0.3, 0.1)]
    return weights[0] / sum(weights)


@wrong(COLD, "always the best")
def cold_means_certain():
    """Only at temperature 0 the likeliest word always comes."""
    return 1.0


@wrong(COLD, "divided by the temperature")
def probability_divided():
    """0.6 / 0.5 is more than 1 and no probability. The temperature divides the
    logits."""
    return 1.2


@wrong(COLD, "two words only")
def third_word_forgotten():
    """The third word is missing from the sum: 0.36 / (0.36 + 0.09). It is rare, but
    it counts."""
    return 0.36 / 0.45


@wrong(COLD, "percent")
def cold_in_percent():
    """This is in percent. A probability lies between 0 and 1."""
    return 100 * 0.36 / 0.46


@wrong(COLD, "halved")
def probability_halved():
    """You halved the probability. The temperature divides the logits, and dividing
    by 0.5 doubles them."""
    return 0.3
