"""Wrong answers to the exercises of chapter 09, a tiny transformer."""

import math

import numpy as np
import torch
import torch.nn.functional as F

_GENERATOR = torch.Generator().manual_seed(0)


def _future(T):
    return torch.ones(T, T, dtype=torch.bool).triu(1)


def _scores(q, k):
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])


def causal_attention__not_causal(q, k, v):
    """Has no mask, so every position reads the future too."""
    return torch.softmax(_scores(q, k), -1) @ v


def causal_attention__no_scaling(q, k, v):
    """Forgets the division of the scores by sqrt(D)."""
    s = (q @ k.transpose(-2, -1)).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__divided_by_d(q, k, v):
    """Divides by D instead of sqrt(D)."""
    s = (q @ k.transpose(-2, -1) / q.shape[-1]).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__scaled_by_time(q, k, v):
    """Takes the wrong axis for D: it divides by the root of the number of positions."""
    s = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-2])).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__mask_excludes_itself(q, k, v):
    """Off by one: triu(0) hides the position itself, and position 0, with nothing to read, becomes nan."""
    T = q.shape[2]
    s = _scores(q, k).masked_fill(torch.ones(T, T, dtype=torch.bool).triu(0), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__one_step_ahead(q, k, v):
    """Off by one the other way: triu(2) lets every position read the next one."""
    T = q.shape[2]
    s = _scores(q, k).masked_fill(torch.ones(T, T, dtype=torch.bool).triu(2), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__mask_turned(q, k, v):
    """The triangle is the wrong one: every position reads itself and the future."""
    T = q.shape[2]
    s = _scores(q, k).masked_fill(torch.ones(T, T, dtype=torch.bool).tril(-1), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__mask_minus_1e4(q, k, v):
    """Masks by -1e4, which is not low for scores down to -10^6: the future then gets all the weight."""
    s = _scores(q, k).masked_fill(_future(q.shape[2]), -1e4)
    return torch.softmax(s, -1) @ v


def causal_attention__mask_added_1e5(q, k, v):
    """Adds -1e5 to future scores, but a future score may be a million above the present ones."""
    s = _scores(q, k) - 1e5 * _future(q.shape[2]).double()
    return torch.softmax(s, -1) @ v


def causal_attention__zero_scores(q, k, v):
    """Sets future scores to 0, which still gives them weight e^0 in the softmax."""
    s = _scores(q, k).masked_fill(_future(q.shape[2]), 0.0)
    return torch.softmax(s, -1) @ v


def causal_attention__tril_of_scores(q, k, v):
    """Takes tril of the scores and replaces all zeros by -inf, so that a true score of exactly 0 in the past is lost too."""
    s = torch.tril(_scores(q, k))
    s = s.masked_fill(s == 0, -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__weights_zeroed_after(q, k, v):
    """Zeroes the future after the softmax without normalising again, so the weights do not sum to 1."""
    w = torch.tril(torch.softmax(_scores(q, k), -1))
    return w @ v


def causal_attention__renormalised_after(q, k, v):
    """Normalises after zeroing, but if the future held all the weight the past underflows to 0/0 = nan."""
    w = torch.tril(torch.softmax(_scores(q, k), -1))
    return w / w.sum(-1, keepdim=True) @ v


def causal_attention__renormalised_with_eps(q, k, v):
    """Normalises with + 1e-9 in the denominator; when the future took the weight the output shrinks towards 0."""
    w = torch.tril(torch.softmax(_scores(q, k), -1))
    return w / (w.sum(-1, keepdim=True) + 1e-9) @ v


def causal_attention__naive_exp(q, k, v):
    """exp of the scores overflows above 709, but scores up to 10^6 are promised."""
    e = torch.tril(torch.exp(_scores(q, k)))
    return e / e.sum(-1, keepdim=True) @ v


def causal_attention__clamped_scores(q, k, v):
    """Clamps scores to +-50 against overflow, so large scores that differ get equal weights."""
    s = _scores(q, k).clamp(-50, 50).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__softmax_over_queries(q, k, v):
    """The softmax runs over the queries (dim -2) instead of over the positions read."""
    s = _scores(q, k).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -2) @ v


def causal_attention__scores_transposed(q, k, v):
    """Computes k . q instead of q . k, so rows and columns of the scores are exchanged."""
    s = (k @ q.transpose(-2, -1) / math.sqrt(q.shape[-1])).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__global_max(q, k, v):
    """Subtracts one maximum of the whole tensor, so rows far below it underflow to 0/0 = nan."""
    s = _scores(q, k)
    e = torch.tril(torch.exp(s - s.max()))
    return e / e.sum(-1, keepdim=True) @ v


def causal_attention__row_max_with_future(q, k, v):
    """Subtracts the row maximum taken over the future too; a large future score then erases the past (nan)."""
    s = _scores(q, k)
    e = torch.tril(torch.exp(s - s.amax(-1, keepdim=True)))
    return e / e.sum(-1, keepdim=True) @ v


def causal_attention__heads_mixed(q, k, v):
    """Joins all heads into one big head, but each head is on its own."""
    B, H, T, D = q.shape
    join = lambda x: x.transpose(1, 2).reshape(B, T, H * D)
    s = join(q) @ join(k).transpose(-2, -1) / math.sqrt(D)
    w = torch.softmax(s.masked_fill(_future(T), -math.inf), -1)
    return (w @ join(v)).reshape(B, T, H, D).transpose(1, 2)


def causal_attention__detached_weights(q, k, v):
    """Detaches the weights, so the gradient reaches only v and not q and k."""
    s = _scores(q, k).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1).detach() @ v


def causal_attention__float32(q, k, v):
    """Casts to float32 for the softmax, which is off in the 8th digit and returns weights as coarse as that for float64 inputs."""
    s = _scores(q, k).float().masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1).double() @ v


def causal_attention__scales_q_in_place(q, k, v):
    """q /= sqrt(D) changes the caller's q (and fails for a leaf that requires grad)."""
    q /= math.sqrt(q.shape[-1])
    s = (q @ k.transpose(-2, -1)).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__scale_of_four_hard_coded(q, k, v):
    """Divides by 2, the root of the hand example's D = 4, whatever D is."""
    s = (q @ k.transpose(-2, -1) / 2).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) @ v


def causal_attention__scaled_after_softmax(q, k, v):
    """Divides the weights instead of the scores by sqrt(D)."""
    s = (q @ k.transpose(-2, -1)).masked_fill(_future(q.shape[2]), -math.inf)
    return torch.softmax(s, -1) / math.sqrt(q.shape[-1]) @ v


def sample_token__greedy(logits, temperature, generator):
    """Returns the most likely token each time instead of a random draw."""
    return (logits / temperature).argmax(-1)


def sample_token__times_temperature(logits, temperature, generator):
    """Multiplies by the temperature instead of dividing by it."""
    return torch.multinomial(torch.softmax(logits * temperature, -1), 1, generator=generator).squeeze(1)


def sample_token__generator_ignored(logits, temperature, generator):
    """Draws from torch's global random state and leaves the generator alone."""
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1).squeeze(1)


def sample_token__reseeds_globally(logits, temperature, generator):
    """Seeds the global random state from the generator's seed: it changes other state and always draws the same."""
    torch.manual_seed(generator.initial_seed())
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1).squeeze(1)


def sample_token__copy_of_the_generator(logits, temperature, generator):
    """Draws from a copy of the generator, which therefore does not move on: the next call draws the same tokens."""
    copy = torch.Generator()
    copy.set_state(generator.get_state())
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=copy).squeeze(1)


def sample_token__own_generator(logits, temperature, generator):
    """Uses a generator of its own in a global variable, so the same state of `generator` gives different tokens."""
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=_GENERATOR).squeeze(1)


def sample_token__global_seed_drawn(logits, temperature, generator):
    """Draws a seed from the generator, which is fine, but then seeds the global random state, which must stay unchanged."""
    seed = int(torch.randint(0, 2**31, (1,), generator=generator))
    torch.manual_seed(seed)
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1).squeeze(1)


def sample_token__numpy_noise(logits, temperature, generator):
    """Takes its Gumbel noise from numpy's global random state instead of from the generator."""
    u = torch.from_numpy(np.random.rand(*logits.shape))
    return (logits / temperature - torch.log(-torch.log(u))).argmax(-1)


def sample_token__same_number_for_all_rows(logits, temperature, generator):
    """Draws one uniform number for all rows, so rows are not independent of each other."""
    cdf = torch.softmax(logits / temperature, -1).cumsum(-1)
    u = torch.rand((), generator=generator, dtype=torch.float64)
    return (cdf < u).sum(-1).clamp(max=logits.shape[-1] - 1)


def sample_token__same_noise_for_all_rows(logits, temperature, generator):
    """The Gumbel noise has shape (V,), the same for all rows, so rows are not independent."""
    u = torch.rand(logits.shape[-1], generator=generator, dtype=torch.float64)
    return (logits / temperature - torch.log(-torch.log(u))).argmax(-1)


def sample_token__noise_scaled_as_well(logits, temperature, generator):
    """Divides logits plus noise by the temperature, which cancels in argmax: the temperature has no effect."""
    u = torch.rand(logits.shape, generator=generator, dtype=torch.float64)
    return ((logits - torch.log(-torch.log(u))) / temperature).argmax(-1)


def sample_token__gaussian_noise(logits, temperature, generator):
    """Adds normal instead of Gumbel noise, so argmax does not follow the softmax."""
    z = torch.randn(logits.shape, generator=generator, dtype=torch.float64)
    return (logits / temperature + z).argmax(-1)


def sample_token__gumbel_sign(logits, temperature, generator):
    """Has the sign of the Gumbel noise wrong (a minimum's law), which misses the softmax probabilities."""
    u = torch.rand(logits.shape, generator=generator, dtype=torch.float64)
    return (logits / temperature + torch.log(-torch.log(u))).argmax(-1)


def sample_token__naive_exp(logits, temperature, generator):
    """exp(logits / temperature) overflows, though logits of 1000 and temperatures of 0.001 are promised."""
    e = torch.exp(logits / temperature)
    return torch.multinomial(e / e.sum(-1, keepdim=True), 1, generator=generator).squeeze(1)


def sample_token__power_of_the_softmax(logits, temperature, generator):
    """softmax(logits) ** (1 / T) is right on paper, but at low or high temperatures underflowed entries are lost (0/0 or 0)."""
    p = torch.softmax(logits, -1) ** (1 / temperature)
    p = p / p.sum(-1, keepdim=True)
    return torch.multinomial(p, 1, generator=generator).squeeze(1)


def sample_token__in_place(logits, temperature, generator):
    """logits /= temperature changes the caller's logits."""
    logits /= temperature
    return torch.multinomial(torch.softmax(logits, -1), 1, generator=generator).squeeze(1)


def sample_token__column(logits, temperature, generator):
    """Forgets to drop the last axis of multinomial: shape (B, 1) instead of (B,)."""
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=generator)


def sample_token__squeeze_all(logits, temperature, generator):
    """squeeze() without a dimension returns shape () when there is one row, not (1,)."""
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=generator).squeeze()


def sample_token__softmax_over_batch(logits, temperature, generator):
    """The softmax runs over the rows (dim 0) instead of over the vocabulary."""
    return torch.multinomial(torch.softmax(logits / temperature, 0), 1, generator=generator).squeeze(1)


def sample_token__greedy_when_cold(logits, temperature, generator):
    """Treats temperatures below 0.1 as greedy, but near-equal logits still share the probability there."""
    if temperature < 0.1:
        return logits.argmax(-1)
    return torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=generator).squeeze(1)


def sample_token__minus_inf_replaced(logits, temperature, generator):
    """Replaces -inf by -1000, which at temperature 1000 has a good chance; such a token must never come."""
    safe = logits.clamp(min=-1000.0)
    return torch.multinomial(torch.softmax(safe / temperature, -1), 1, generator=generator).squeeze(1)


def sample_token__temperature_floor(logits, temperature, generator):
    """Raises low temperatures to 0.1 for safety, but temperatures down to 0.001 are promised."""
    t = max(temperature, 0.1)
    return torch.multinomial(torch.softmax(logits / t, -1), 1, generator=generator).squeeze(1)


def sample_token__floats(logits, temperature, generator):
    """Returns the tokens as float64, but an integer tensor is asked for."""
    t = torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=generator).squeeze(1)
    return t.to(logits.dtype)


def sample_token__top_two_only(logits, temperature, generator):
    """Draws from the two most likely tokens only (top-k), so the others never come."""
    top = logits.topk(min(2, logits.shape[-1]), -1)
    pick = torch.multinomial(torch.softmax(top.values / temperature, -1), 1, generator=generator)
    return top.indices.gather(1, pick).squeeze(1)


def find_the_bug_split_heads__unmended(x, heads):
    """Only the raise is deleted: the reshape still cuts across positions."""
    batch, time, width = x.shape
    return x.reshape(batch, heads, time, width // heads)


def find_the_bug_split_heads__not_transposed(x, heads):
    """Cuts the channels rightly but forgets the transpose, so the shape is (B, T, H, D)."""
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads)


def find_the_bug_split_heads__interleaved(x, heads):
    """Deals the channels out in turn: head 0 gets every H-th channel instead of the first D."""
    batch, time, width = x.shape
    return x.reshape(batch, time, width // heads, heads).permute(0, 3, 1, 2)


def find_the_bug_split_heads__transposed_first(x, heads):
    """Transposes x before the reshape, which cuts channels but leaves D and T exchanged."""
    batch, time, width = x.shape
    return x.transpose(1, 2).reshape(batch, heads, time, width // heads)


def find_the_bug_split_heads__d_before_t(x, heads):
    """Has the last two axes exchanged: (B, H, D, T)."""
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads).permute(0, 2, 3, 1)


def find_the_bug_split_heads__heads_first(x, heads):
    """Puts the heads before the batch, shape (H, B, T, D)."""
    return torch.stack(x.chunk(heads, dim=-1), dim=0)


def find_the_bug_split_heads__double_reshape(x, heads):
    """Makes the right axes but then reshapes instead of transposing, so positions remain mixed."""
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads).reshape(batch, heads, time, width // heads)


def find_the_bug_split_heads__split_by_h(x, heads):
    """split(heads) makes chunks of H channels instead of H chunks: right only where H = D."""
    return torch.stack(x.split(heads, dim=-1), dim=1)


def find_the_bug_split_heads__heads_reversed(x, heads):
    """Gives the last channels to head 0; head 0 has the first D."""
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads).transpose(1, 2).flip(1)


def find_the_bug_split_heads__float32(x, heads):
    """Goes through numpy into float32, which loses the float64 result the task promises."""
    batch, time, width = x.shape
    a = x.detach().numpy().astype(np.float32).reshape(batch, time, heads, -1).transpose(0, 2, 1, 3)
    return torch.from_numpy(a.copy())


def predict_the_layer_weights__gpt2_medium_all():
    """Gives the well-known total of GPT-2 medium, which includes the embeddings."""
    return 355_000_000


def predict_the_layer_weights__one_layer():
    """Counts one layer only, 12 * 1024^2, and not all 24."""
    return 12 * 1024**2


def predict_the_layer_weights__no_output_projection():
    """Forgets the projection of attention's result back: 11 instead of 12 width^2."""
    return 24 * 11 * 1024**2


def predict_the_layer_weights__one_mlp_matrix():
    """Counts one of the two matrices of the network only: 4 + 4 instead of 4 + 8."""
    return 24 * 8 * 1024**2


def predict_the_layer_weights__times_heads():
    """Multiplies queries, keys and values by the heads, although the heads share the width."""
    return 24 * (3 * 16 * 1024**2 + 1024**2 + 8 * 1024**2)


def predict_the_layer_weights__gated_mlp():
    """Counts three matrices in the network as in Llama; the task says two layers."""
    return 24 * (4 + 12) * 1024**2


def predict_the_layer_weights__with_embeddings():
    """Adds the token and position embeddings, which the task leaves out."""
    return 24 * 12 * 1024**2 + 50257 * 1024 + 1024 * 1024


def predict_the_layer_weights__qkv_once():
    """Counts queries, keys and values as a single matrix: 1 + 1 + 8."""
    return 24 * 10 * 1024**2


def predict_the_layer_weights__in_millions():
    """Returns the number in millions, but how many there are is asked for."""
    return 302.0


def predict_the_layer_weights__twelve_times_width():
    """Forgets the square of the width."""
    return 24 * 12 * 1024


def predict_the_cold_probability__square_not_normalised():
    """Squares 0.6 but forgets to normalise."""
    return 0.36


def predict_the_cold_probability__root():
    """Takes square roots: that is temperature 2, not 0.5."""
    r = [math.sqrt(p) for p in (0.6, 0.3, 0.1)]
    return r[0] / sum(r)


def predict_the_cold_probability__unchanged():
    """Says the temperature changes nothing."""
    return 0.6


def predict_the_cold_probability__softmax_of_probabilities():
    """Divides the probabilities by the temperature and takes the softmax of them instead of their logs."""
    e = [math.exp(p / 0.5) for p in (0.6, 0.3, 0.1)]
    return e[0] / sum(e)


def predict_the_cold_probability__doubled():
    """Doubles the probability, which exceeds 1."""
    return 1.2


def predict_the_cold_probability__greedy():
    """Takes a low temperature for greedy: 1."""
    return 1.0


def predict_the_cold_probability__without_cold():
    """Forgets the third token: 0.36 / (0.36 + 0.09)."""
    return 0.8


def predict_the_cold_probability__percent():
    """Gives a percentage instead of a probability."""
    return 78.3


def predict_the_cold_probability__cubed():
    """Takes the exponent 3 rather than 1 / 0.5 = 2."""
    return 0.6**3 / (0.6**3 + 0.3**3 + 0.1**3)
