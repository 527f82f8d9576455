"""Wrong answers to the exercises of chapter 10, a world small enough to list."""

import math

import numpy as np


def _p(a, b):
    return 1 / (1 + np.exp(-np.clip(a - b, -700, 700)))


def label_pair__deterministic(reward_a, reward_b, uniform):
    """Prefers the better response always and ignores `uniform`; annotators follow Bradley-Terry."""
    return reward_a > reward_b


def label_pair__sign(reward_a, reward_b, uniform):
    """Has the difference the wrong way round, so it gives the probability of b."""
    return uniform < _p(reward_b, reward_a)


def label_pair__above_instead_of_below(reward_a, reward_b, uniform):
    """Prefers a where uniform is above P; it must be below."""
    return uniform > _p(reward_a, reward_b)


def label_pair__half(reward_a, reward_b, uniform):
    """Compares P with 1/2 instead of with `uniform`."""
    return _p(reward_a, reward_b) > 0.5


def label_pair__draws_itself(reward_a, reward_b, uniform):
    """Draws its own chance, though the task says to draw nothing."""
    return np.random.default_rng(0).random(len(reward_a)) < _p(reward_a, reward_b)


def label_pair__exp_ratio(reward_a, reward_b, uniform):
    """exp(a) / (exp(a) + exp(b)) is inf / inf or 0 / 0 = nan for rewards near +-1000."""
    ea, eb = np.exp(reward_a), np.exp(reward_b)
    return uniform < ea / (ea + eb)


def label_pair__exp_of_difference_ratio(reward_a, reward_b, uniform):
    """exp(d) / (1 + exp(d)) is inf / inf = nan for differences above 709, so a is never preferred there."""
    e = np.exp(reward_a - reward_b)
    return uniform < e / (1 + e)


def label_pair__reward_ratio(reward_a, reward_b, uniform):
    """Uses a / (a + b), the Bradley-Terry form for strengths, not for rewards."""
    return uniform < reward_a / (reward_a + reward_b)


def label_pair__no_sigmoid(reward_a, reward_b, uniform):
    """Compares uniform with the bare difference and forgets the sigmoid."""
    return uniform < reward_a - reward_b


def label_pair__integers_of_the_winner(reward_a, reward_b, uniform):
    """Returns 0 for a and 1 for b as integers, but a boolean array, True for a, is asked for."""
    return np.where(uniform < _p(reward_a, reward_b), 0, 1)


def label_pair__list(reward_a, reward_b, uniform):
    """Returns a list with math.exp that overflows for differences below -709."""
    return [u < 1 / (1 + math.exp(b - a)) for a, b, u in zip(reward_a, reward_b, uniform)]


def label_pair__first_uniform_for_all(reward_a, reward_b, uniform):
    """Uses one chance, the first, for all pairs instead of one for each."""
    return uniform[0] < _p(reward_a, reward_b)


def label_pair__clipped_difference(reward_a, reward_b, uniform):
    """Clips the difference to +-2, so that P is never beyond 0.12 and 0.88."""
    return uniform < 1 / (1 + np.exp(-np.clip(reward_a - reward_b, -2, 2)))


def label_pair__base_ten(reward_a, reward_b, uniform):
    """Uses Elo's base 10 instead of e."""
    return uniform < 1 / (1 + 10.0 ** np.clip(reward_b - reward_a, -300, 300))


def label_pair__normal_cdf(reward_a, reward_b, uniform):
    """Uses the normal distribution (Thurstone) instead of Bradley-Terry's sigmoid."""
    cdf = np.array([0.5 * (1 + math.erf(d / math.sqrt(2))) for d in reward_a - reward_b])
    return uniform < cdf


def label_pair__in_place(reward_a, reward_b, uniform):
    """reward_a -= reward_b overwrites the caller's rewards."""
    reward_a -= reward_b
    return uniform < 1 / (1 + np.exp(np.minimum(-reward_a, 700)))


def label_pair__any(reward_a, reward_b, uniform):
    """Returns one boolean for the whole batch instead of one for each pair."""
    return bool(np.all(uniform < _p(reward_a, reward_b)))


def label_pair__hard_sigmoid(reward_a, reward_b, uniform):
    """Uses the piecewise linear 'hard sigmoid' d / 4 + 1/2, which is the sigmoid only near 0."""
    return uniform < np.clip(0.5 + (reward_a - reward_b) / 4, 0, 1)


def label_pair__at_most(reward_a, reward_b, uniform):
    """Prefers a also where uniform equals P (0.5 at equal rewards), but a is preferred only below P."""
    return uniform <= _p(reward_a, reward_b)


def label_pair__tie_is_never_a(reward_a, reward_b, uniform):
    """Says that at equal rewards nobody prefers a, but there P is 1/2 and uniform decides."""
    return (uniform < _p(reward_a, reward_b)) & (reward_a != reward_b)


def exact_kl__reversed(logp, ref_logp):
    """Computes KL(reference || policy), the arguments exchanged."""
    q = np.exp(ref_logp)
    with np.errstate(all="ignore"):
        return np.where(q > 0, q * (ref_logp - logp), 0.0).sum(-1)


def exact_kl__zero_times_inf(logp, ref_logp):
    """0 * -inf = nan for a response the policy never gives; it should add 0."""
    with np.errstate(all="ignore"):
        return (np.exp(logp) * (logp - ref_logp)).sum(-1)


def exact_kl__nansum(logp, ref_logp):
    """nansum skips 0 * -inf, but also the nan of an underflowed exp(-1000) * inf, which must make the KL inf."""
    with np.errstate(all="ignore"):
        return np.nansum(np.exp(logp) * (logp - ref_logp), axis=-1)


def exact_kl__mask_by_probability(logp, ref_logp):
    """Asks for exp(logp) > 0, but exp(-1000) underflows: a response with logp -1000 that the reference never gives must make it inf."""
    p = np.exp(logp)
    with np.errstate(all="ignore"):
        return np.where(p > 0, p * (logp - ref_logp), 0.0).sum(-1)


def exact_kl__inf_made_finite(logp, ref_logp):
    """nan_to_num turns the infinite KL into a huge finite number."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.exp(logp) * (logp - ref_logp)).sum(-1)


def exact_kl__skips_ref_zero(logp, ref_logp):
    """Leaves out responses the reference never gives even if the policy does; that must make the KL inf."""
    ok = np.isfinite(logp) & np.isfinite(ref_logp)
    a, b = np.where(ok, logp, 0.0), np.where(ok, ref_logp, 0.0)
    return np.where(ok, np.exp(a) * (a - b), 0.0).sum(-1)


def exact_kl__epsilon(logp, ref_logp):
    """Adds 1e-12 to the probabilities, so an infinite KL comes out finite and ref of e^-1000 is falsified."""
    p, q = np.exp(logp), np.exp(ref_logp)
    return (p * (np.log(p + 1e-12) - np.log(q + 1e-12))).sum(-1)


def exact_kl__through_probabilities(logp, ref_logp):
    """Takes log(p / q) of exponentials: with ref_logp of -1000 q underflows to 0 and the KL becomes inf instead of finite."""
    p, q = np.exp(logp), np.exp(ref_logp)
    with np.errstate(all="ignore"):
        return np.where(p > 0, p * np.log(p / q), 0.0).sum(-1)


def exact_kl__mean_over_responses(logp, ref_logp):
    """Takes the mean over the responses instead of the sum."""
    ok = np.isfinite(logp)
    with np.errstate(all="ignore"):
        return np.where(ok, np.exp(logp) * (logp - ref_logp), 0.0).mean(-1)


def exact_kl__total(logp, ref_logp):
    """Sums over the prompts as well and returns one number."""
    ok = np.isfinite(logp)
    with np.errstate(all="ignore"):
        return np.where(ok, np.exp(logp) * (logp - ref_logp), 0.0).sum()


def exact_kl__over_prompts(logp, ref_logp):
    """Sums over axis 0, the prompts, instead of over the responses."""
    ok = np.isfinite(logp)
    with np.errstate(all="ignore"):
        return np.where(ok, np.exp(logp) * (logp - ref_logp), 0.0).sum(0)


def exact_kl__unweighted(logp, ref_logp):
    """Averages the log-ratio without weighting it by pi(y)."""
    with np.errstate(all="ignore"):
        d = logp - ref_logp
    return np.where(np.isfinite(d), d, 0.0).mean(-1)


def exact_kl__bits(logp, ref_logp):
    """Returns bits (log base 2), but nats are asked for."""
    ok = np.isfinite(logp)
    with np.errstate(all="ignore"):
        return np.where(ok, np.exp(logp) * (logp - ref_logp), 0.0).sum(-1) / math.log(2)


def exact_kl__terms_clipped_at_zero(logp, ref_logp):
    """Cuts negative terms off since 'KL is never negative', but single terms may well be."""
    ok = np.isfinite(logp)
    with np.errstate(all="ignore"):
        return np.maximum(np.where(ok, np.exp(logp) * (logp - ref_logp), 0.0), 0.0).sum(-1)


def exact_kl__writes_minus_inf(logp, ref_logp):
    """Replaces -inf by -1e30 in the caller's arrays, which changes the arguments (and makes inf finite)."""
    logp[np.isneginf(logp)] = -1e30
    ref_logp[np.isneginf(ref_logp)] = -1e30
    return (np.exp(logp) * (logp - ref_logp)).sum(-1)


def exact_kl__clamped_reference(logp, ref_logp):
    """Clamps the reference at -100, but log-probabilities may be as low as -1000."""
    ok = np.isfinite(logp)
    a = np.where(ok, logp, 0.0)
    b = np.where(np.isneginf(ref_logp), ref_logp, np.maximum(ref_logp, -100))
    with np.errstate(all="ignore"):
        return np.where(ok, np.exp(a) * (a - b), 0.0).sum(-1)


def exact_kl__inf_whenever_the_reference_is_zero(logp, ref_logp):
    """Says inf as soon as the reference is 0 anywhere, although a response that the policy never gives adds 0."""
    ok = np.isfinite(logp)
    with np.errstate(all="ignore"):
        kl = np.where(ok, np.exp(logp) * (logp - ref_logp), 0.0).sum(-1)
    return np.where(np.isneginf(ref_logp).any(-1), np.inf, kl)


def exact_kl__entropy_only(logp, ref_logp):
    """Gives the policy's negative entropy against the uniform distribution and not against the reference."""
    p = np.exp(logp)
    a = np.where(p > 0, logp, 0.0)
    return (p * a).sum(-1) + np.log(logp.shape[-1])


def exact_kl__sampled(logp, ref_logp):
    """Estimates from 1000 samples, but nothing is to be sampled."""
    rng = np.random.default_rng(0)
    out = []
    for a, b in zip(logp, ref_logp):
        y = rng.choice(len(a), size=1000, p=np.exp(a) / np.exp(a).sum())
        out.append((a[y] - b[y]).mean())
    return np.array(out)


def tree_logp__no_eos(first, second):
    """Leaves <eos> out of the one-word responses, which end with it."""
    V = len(second)
    one = first[:V]
    two = first[:V, None] + second[:, :V]
    return np.concatenate([first[V:], one, two.ravel()])


def tree_logp__eos_of_first_for_one_word(first, second):
    """Ends one-word responses by the first token's <eos> instead of by row v of `second`."""
    V = len(second)
    one = first[:V] + first[V]
    two = first[:V, None] + second[:, :V]
    return np.concatenate([first[V:], one, two.ravel()])


def tree_logp__eos_after_two(first, second):
    """Adds a further <eos> after two words, where the end is forced and costs nothing."""
    V = len(second)
    one = first[:V] + second[:, V]
    two = first[:V, None] + second[:, :V] + second[:, V][None, :]
    return np.concatenate([first[V:], one, two.ravel()])


def tree_logp__second_word_major(first, second):
    """Orders the two-word responses by the second word first: (0, 0), (1, 0), ... ."""
    V = len(second)
    one = first[:V] + second[:, V]
    two = first[:V, None] + second[:, :V]
    return np.concatenate([first[V:], one, two.T.ravel()])


def tree_logp__empty_last(first, second):
    """Puts the empty response at the end, but it comes first."""
    V = len(second)
    one = first[:V] + second[:, V]
    two = first[:V, None] + second[:, :V]
    return np.concatenate([one, two.ravel(), first[V:]])


def tree_logp__interleaved(first, second):
    """Orders like a depth-first walk, (0), (0, 0), (0, 1), (1), ..., not by length as asked."""
    V = len(second)
    out = [first[V]]
    for v in range(V):
        out.append(first[v] + second[v, V])
        out.extend(first[v] + second[v, :V])
    return np.array(out)


def tree_logp__eos_number_zero(first, second):
    """Takes <eos> for token 0, but it is number V, the last column."""
    V = len(second)
    one = first[1:] + second[:, 0]
    two = first[1:, None] + second[:, 1:]
    return np.concatenate([first[:1], one, two.ravel()])


def tree_logp__probabilities(first, second):
    """Returns probabilities, but log-probabilities are asked for."""
    V = len(second)
    one = first[:V] + second[:, V]
    two = first[:V, None] + second[:, :V]
    return np.exp(np.concatenate([first[V:], one, two.ravel()]))


def tree_logp__logs_multiplied(first, second):
    """Multiplies log-probabilities; logs are added where probabilities are multiplied."""
    V = len(second)
    with np.errstate(all="ignore"):
        one = first[:V] * second[:, V]
        two = first[:V, None] * second[:, :V]
    return np.concatenate([first[V:], one, two.ravel()])


def tree_logp__first_broadcast_along_columns(first, second):
    """Broadcasts `first` along the wrong axis, so the first word's log goes with the second word's column."""
    V = len(second)
    one = first[:V] + second[:, V]
    two = first[:V] + second[:, :V]
    return np.concatenate([first[V:], one, two.ravel()])


def tree_logp__product_of_probabilities(first, second):
    """Goes through exp and back, which turns very unlikely responses (below -745) into -inf."""
    V = len(second)
    f, s = np.exp(first), np.exp(second)
    with np.errstate(all="ignore"):
        return np.log(np.concatenate([f[V:], f[:V] * s[:, V], (f[:V, None] * s[:, :V]).ravel()]))


def tree_logp__two_words_hard_coded(first, second):
    """Writes V = 2 of the hand example into the code."""
    one = first[:2] + second[:2, 2]
    two = first[:2, None] + second[:2, :2]
    return np.concatenate([[first[2]], one, two.ravel()])


def tree_logp__minus_inf_clipped(first, second):
    """Clips at -1e9 to avoid infinities, so impossible responses no longer have -inf."""
    V = len(second)
    one = first[:V] + second[:, V]
    two = first[:V, None] + second[:, :V]
    return np.maximum(np.concatenate([first[V:], one, two.ravel()]), -1e9)


def tree_logp__no_empty_response(first, second):
    """Leaves out the empty response, shape (V + V * V,), as if it were no response."""
    V = len(second)
    one = first[:V] + second[:, V]
    return np.concatenate([one, (first[:V, None] + second[:, :V]).ravel()])


def tree_logp__fills_second(first, second):
    """Adds `first` into the caller's `second` by +=, which changes the argument."""
    V = len(second)
    second += first[:V, None]
    return np.concatenate([first[V:], second[:, V], second[:, :V].ravel()])


def find_the_bug_pairs__unmended(first, second, reward_first, reward_second, uniform):
    """Only the raise is deleted: rejected still follows the rewards instead of the verdict."""
    with np.errstate(over="ignore"):
        probability = 1 / (1 + np.exp(reward_second - reward_first))
    first_wins = uniform < probability
    chosen = np.where(first_wins, first, second)
    rejected = np.where(reward_first > reward_second, second, first)
    return chosen, rejected


def find_the_bug_pairs__chosen_by_reward(first, second, reward_first, reward_second, uniform):
    """Makes both consistent the wrong way: chosen now follows the rewards too and the verdict is ignored."""
    better = reward_first > reward_second
    return np.where(better, first, second), np.where(better, second, first)


def find_the_bug_pairs__rejected_like_chosen(first, second, reward_first, reward_second, uniform):
    """Uses first_wins but in the wrong order, so rejected is the same as chosen."""
    first_wins = uniform < _p(reward_first, reward_second)
    chosen = np.where(first_wins, first, second)
    rejected = np.where(first_wins, first, second)
    return chosen, rejected


def find_the_bug_pairs__probability_turned(first, second, reward_first, reward_second, uniform):
    """Mends rejected but also turns the probability, which was right."""
    first_wins = uniform < _p(reward_second, reward_first)
    return np.where(first_wins, first, second), np.where(first_wins, second, first)


def find_the_bug_pairs__rewards_turned_in_rejected(first, second, reward_first, reward_second, uniform):
    """Turns the comparison of the rewards in the last line instead of using the verdict."""
    first_wins = uniform < _p(reward_first, reward_second)
    chosen = np.where(first_wins, first, second)
    rejected = np.where(reward_first < reward_second, second, first)
    return chosen, rejected


def find_the_bug_pairs__rejected_chosen(first, second, reward_first, reward_second, uniform):
    """Returns (rejected, chosen) instead of (chosen, rejected)."""
    first_wins = uniform < _p(reward_first, reward_second)
    return np.where(first_wins, second, first), np.where(first_wins, first, second)


def find_the_bug_pairs__array_of_pairs(first, second, reward_first, reward_second, uniform):
    """Returns one array (N, 2), whose unpacking into two fails or mixes pairs; two arrays (N,) are asked for."""
    first_wins = uniform < _p(reward_first, reward_second)
    return np.stack([np.where(first_wins, first, second), np.where(first_wins, second, first)], axis=1)


def find_the_bug_pairs__min_and_max(first, second, reward_first, reward_second, uniform):
    """Finds the rejected one as the smaller number of the two, which is right only for the hand example's first case."""
    first_wins = uniform < _p(reward_first, reward_second)
    return np.where(first_wins, first, second), np.minimum(first, second)


def find_the_bug_pairs__contrary_labels_dropped(first, second, reward_first, reward_second, uniform):
    """Drops pairs whose label contradicts the reward as 'noise', so the arrays are shorter than N."""
    first_wins = uniform < _p(reward_first, reward_second)
    keep = first_wins == (reward_first > reward_second)
    return np.where(first_wins, first, second)[keep], np.where(first_wins, second, first)[keep]


def find_the_bug_pairs__swaps_in_place(first, second, reward_first, reward_second, uniform):
    """Swaps within the caller's arrays and returns those, which changes the arguments."""
    swap = ~(uniform < _p(reward_first, reward_second))
    first[swap], second[swap] = second[swap], first[swap]
    return first, second


def find_the_bug_pairs__at_most(first, second, reward_first, reward_second, uniform):
    """Prefers the first also where uniform equals the probability, e.g. 0.5 at equal rewards; it must be below."""
    first_wins = uniform <= _p(reward_first, reward_second)
    return np.where(first_wins, first, second), np.where(first_wins, second, first)


def find_the_bug_pairs__equal_rewards_go_to_second(first, second, reward_first, reward_second, uniform):
    """Mends contradicted labels by a swap where the reward disagrees, but keeps rejected wrong at equal rewards."""
    first_wins = uniform < _p(reward_first, reward_second)
    chosen = np.where(first_wins, first, second)
    rejected = np.where(reward_first > reward_second, second, first)
    contrary = (first_wins & (reward_first < reward_second)) | (~first_wins & (reward_first > reward_second))
    rejected = np.where(contrary, np.where(first_wins, second, first), rejected)
    return chosen, rejected


def find_the_bug_pairs__half(first, second, reward_first, reward_second, uniform):
    """Compares uniform with 1/2 instead of with the sigmoid, so rewards have no influence."""
    first_wins = uniform < 0.5
    return np.where(first_wins, first, second), np.where(first_wins, second, first)


def predict_the_number_of_responses__only_three_words():
    """Counts the responses of exactly three words, 4^3, and not the shorter ones."""
    return 64


def predict_the_number_of_responses__without_empty():
    """Forgets the empty response: 4 + 16 + 64."""
    return 84


def predict_the_number_of_responses__eos_as_word():
    """Counts <eos> as a fifth word: 5^3."""
    return 125


def predict_the_number_of_responses__five_and_shorter():
    """Adds up powers of five instead of four: 1 + 5 + 25 + 125."""
    return sum(5**n for n in range(4))


def predict_the_number_of_responses__up_to_two():
    """Off by one in the range: stops at two words."""
    return sum(4**n for n in range(3))


def predict_the_number_of_responses__up_to_four():
    """Counts one word too many."""
    return sum(4**n for n in range(5))


def predict_the_number_of_responses__no_repetition():
    """Lets no word occur twice: 1 + 4 + 12 + 24; the task does not forbid repetition."""
    return 1 + 4 + 4 * 3 + 4 * 3 * 2


def predict_the_number_of_responses__unordered():
    """Counts multisets, but the order of the words matters: 1 + 4 + 10 + 20."""
    return sum(math.comb(4 + n - 1, n) for n in range(4))


def predict_the_number_of_responses__base_exchanged():
    """Exchanges base and exponent: 3^4."""
    return 3**4


def predict_the_contrary_labels__agreeing():
    """Gives the share that prefers the better one, sigmoid(1.5)."""
    return 0.8176


def predict_the_contrary_labels__zero():
    """Thinks nobody contradicts the reward."""
    return 0.0


def predict_the_contrary_labels__ratio():
    """Uses the ratio of the rewards, 1.5 / 4.5, instead of the sigmoid of their difference."""
    return 1.5 / 4.5


def predict_the_contrary_labels__exp_only():
    """Returns e^-1.5, the odds, not the probability."""
    return math.exp(-1.5)


def predict_the_contrary_labels__sigmoid_of_reward():
    """Takes the sigmoid of one reward alone, 1 - sigmoid(3)."""
    return 1 / (1 + math.exp(3))


def predict_the_contrary_labels__percent():
    """Gives per cent, but a share is asked for."""
    return 18.24


def predict_the_contrary_labels__rounded():
    """Rounds to 0.18, which is not three digits (0.182)."""
    return 0.18


def predict_the_contrary_labels__base_ten():
    """Uses 10 as the base like Elo."""
    return 1 / (1 + 10**1.5)


def predict_the_contrary_labels__normal():
    """Uses the normal distribution instead of the logistic one."""
    return 0.5 * math.erfc(1.5 / math.sqrt(2))


def predict_the_unseen_response__one_draw_a_pair():
    """Counts one draw for each pair, 0.999^500, but each has two."""
    return 0.999**500


def predict_the_unseen_response__seen():
    """Gives the probability that it is seen, the complement."""
    return 1 - 0.999**1000


def predict_the_unseen_response__linear():
    """Subtracts the expected count: 1 - 1000 * 0.001 = 0."""
    return 0.0


def predict_the_unseen_response__linear_500():
    """Subtracts 500 * 0.001 linearly."""
    return 0.5


def predict_the_unseen_response__both_in_a_pair():
    """Requires both responses of a pair to be the one: (1 - 0.001^2)^500."""
    return (1 - 0.001**2) ** 500


def predict_the_unseen_response__chosen_only():
    """Counts one draw in a pair and takes the exponential as well: e^-0.5."""
    return math.exp(-0.5)


def predict_the_unseen_response__squared_count():
    """Multiplies the pairs by 500 more: 0.999^(500 * 499)."""
    return 0.999 ** (500 * 499)


def predict_the_unseen_response__percent():
    """Gives per cent instead of a probability."""
    return 36.77


def predict_the_unseen_response__hundredth():
    """Slips by a decimal point: 0.99^1000."""
    return 0.99**1000
