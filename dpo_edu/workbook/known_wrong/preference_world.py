"""Known wrong answers of chapter 10: name = id, docstring = what the learner reads."""

import math

import numpy as np

from . import same_as, wrong

LABEL = "label_pair"
KL = "exact_kl"
TREE = "tree_logp"
PAIRS = "find_the_bug_pairs"
COUNT = "predict_the_number_of_responses"
CONTRARY = "predict_the_contrary_labels"
UNSEEN = "predict_the_unseen_response"


def sigmoid(x):
    """Stable on both sides."""
    return np.exp(-np.logaddexp(0, -np.asarray(x, dtype=float)))


# label_pair


@wrong(LABEL, "the better response always wins")
def the_better_wins(reward_a, reward_b, uniform):
    """The response with the larger reward always wins here. Annotators follow
    Bradley-Terry: the better one wins more often, and `uniform` decides."""
    return reward_a > reward_b


@same_as(the_better_wins)
def probability_above_a_half(reward_a, reward_b, uniform):
    return sigmoid(reward_a - reward_b) > 0.5


@same_as(the_better_wins)
def probability_rounded(reward_a, reward_b, uniform):
    return np.round(sigmoid(reward_a - reward_b)) == 1


@wrong(LABEL, "a and b exchanged")
def a_and_b_exchanged(reward_a, reward_b, uniform):
    """a and b are exchanged: this is True where b is preferred with the chance that
    a should have, sigmoid(reward_b - reward_a)."""
    return uniform < sigmoid(reward_b - reward_a)


@wrong(LABEL, "comparison turned around")
def comparison_turned_around(reward_a, reward_b, uniform):
    """The comparison is turned around: a chance above P happens with probability
    1 - P."""
    return uniform > sigmoid(reward_a - reward_b)


@same_as(comparison_turned_around)
def comparison_turned_around_and_equal(reward_a, reward_b, uniform):
    return uniform >= sigmoid(reward_a - reward_b)


@wrong(LABEL, "chance counted from the other end")
def chance_from_the_other_end(reward_a, reward_b, uniform):
    """The frequencies are right, but the chance is read from the other end: the task
    says that a wins where `uniform` is below P, not where it is above 1 - P."""
    return uniform > 1 - sigmoid(reward_a - reward_b)


@same_as(chance_from_the_other_end)
def one_minus_chance(reward_a, reward_b, uniform):
    return 1 - uniform < sigmoid(reward_a - reward_b)


@same_as(chance_from_the_other_end)
def noise_added_to_the_reward(reward_a, reward_b, uniform):
    with np.errstate(divide="ignore"):
        return reward_a + np.log(uniform) - np.log1p(-uniform) > reward_b


@wrong(LABEL, "at equal rewards never a")
def never_at_equal_rewards(reward_a, reward_b, uniform):
    """At equal rewards a never wins here. P is 1/2 then, and `uniform` decides as
    always."""
    wins = uniform < sigmoid(reward_a - reward_b)
    return wins & (reward_a != reward_b)


@wrong(LABEL, "a tie with chance counts as a win")
def at_most(reward_a, reward_b, uniform):
    """`<=` where `<` belongs: a chance of exactly P already lets b win."""
    return uniform <= sigmoid(reward_a - reward_b)


@wrong(LABEL, "draws its own chance")
def draws_its_own(reward_a, reward_b, uniform):
    """You draw a chance of your own. Use `uniform`, or nobody can repeat the data
    set."""
    own = np.random.default_rng(0).random(len(uniform))
    return own < sigmoid(reward_a - reward_b)


@wrong(LABEL, "one chance for the whole batch")
def one_chance_for_all(reward_a, reward_b, uniform):
    """One chance decides for the whole batch. Every pair has its own entry of
    `uniform`."""
    return uniform[0] < sigmoid(reward_a - reward_b)


@wrong(LABEL, "share of the rewards")
def share_of_the_rewards(reward_a, reward_b, uniform):
    """reward_a / (reward_a + reward_b) is Bradley-Terry for strengths. Rewards may be
    negative: take the sigmoid of their difference."""
    with np.errstate(all="ignore"):
        return uniform < reward_a / (reward_a + reward_b)


@wrong(LABEL, "exponentials that overflow")
def overflowing_softmax(reward_a, reward_b, uniform):
    """e^a / (e^a + e^b) overflows at large rewards, becomes NaN, and no chance is
    below NaN. Subtract first: sigmoid(reward_a - reward_b)."""
    with np.errstate(all="ignore"):
        strength_a, strength_b = np.exp(reward_a), np.exp(reward_b)
        return uniform < strength_a / (strength_a + strength_b)


@wrong(LABEL, "odds that overflow")
def overflowing_odds(reward_a, reward_b, uniform):
    """e^(a - b) overflows at a large gap, and inf / (1 + inf) is NaN: no chance is
    below NaN. Use 1 / (1 + e^-(a - b)), whose overflow gives 0."""
    with np.errstate(all="ignore"):
        odds = np.exp(reward_a - reward_b)
        return uniform < odds / (1 + odds)


@wrong(LABEL, "base 10")
def base_ten(reward_a, reward_b, uniform):
    """You use powers of 10, as Elo does. Rewards are in natural units: the sigmoid has
    e^(b - a)."""
    with np.errstate(over="ignore"):
        return uniform < 1 / (1 + 10.0 ** (reward_b - reward_a))


@wrong(LABEL, "normal noise")
def normal_noise(reward_a, reward_b, uniform):
    """This is the normal distribution function, Thurstone's model. Bradley-Terry has
    the logistic sigmoid."""
    gaps = (reward_a - reward_b).tolist()
    return uniform < np.array([(1 + math.erf(gap / math.sqrt(2))) / 2 for gap in gaps])


@wrong(LABEL, "the Elo scale")
def elo_scale(reward_a, reward_b, uniform):
    """This is Elo's scale, 400 points to a factor of 10 in the odds. Rewards are in
    natural units: sigmoid(reward_a - reward_b)."""
    return uniform < 1 / (1 + 10 ** ((reward_b - reward_a) / 400))


@wrong(LABEL, "reward of a alone")
def reward_of_a_alone(reward_a, reward_b, uniform):
    """Only reward_a decides. Preference is a comparison: the difference of both
    rewards goes into the sigmoid."""
    return uniform < sigmoid(reward_a)


@wrong(LABEL, "sigmoid of each reward")
def sigmoid_of_each(reward_a, reward_b, uniform):
    """The sigmoid is taken of each reward, and then the two are compared. Take the
    difference of the rewards first."""
    return uniform < sigmoid(reward_a) / (sigmoid(reward_a) + sigmoid(reward_b))


@wrong(LABEL, "gap compared with the chance")
def gap_without_sigmoid(reward_a, reward_b, uniform):
    """The gap itself is compared with the chance. It is not a probability until it
    went through the sigmoid."""
    return uniform < reward_a - reward_b


@wrong(LABEL, "tanh for sigmoid")
def tanh_of_the_gap(reward_a, reward_b, uniform):
    """(1 + tanh(gap)) / 2 is sigmoid(2 * gap): the annotators are twice as sure as
    they should be."""
    return uniform < (1 + np.tanh(reward_a - reward_b)) / 2


@wrong(LABEL, "a factor of 0.1")
def beta_of_a_tenth(reward_a, reward_b, uniform):
    """A factor of 0.1 is before the gap. beta belongs to the policy; the annotators
    judge the rewards as they are."""
    return uniform < sigmoid(0.1 * (reward_a - reward_b))


@wrong(LABEL, "sign of the gap lost")
def size_of_the_gap(reward_a, reward_b, uniform):
    """The sign of the gap is lost: a wins most of the time even where b is better."""
    return uniform < sigmoid(np.abs(reward_a - reward_b))


@wrong(LABEL, "probability instead of the verdict")
def returns_the_probability(reward_a, reward_b, uniform):
    """This is the probability that a is preferred. The verdict is one True or False a
    pair: is the chance below it?"""
    return sigmoid(reward_a - reward_b)


@wrong(LABEL, "number of the winner")
def number_of_the_winner(reward_a, reward_b, uniform):
    """You return the winner's number, 0 for a and 1 for b. The task asks for True where
    a is preferred and for False elsewhere."""
    return np.where(uniform < sigmoid(reward_a - reward_b), 0, 1)


@wrong(LABEL, "ones and zeros")
def ones_and_zeros(reward_a, reward_b, uniform):
    """The verdicts are right, but they come as 1 and 0. The comparison itself gives
    True and False."""
    return np.where(uniform < sigmoid(reward_a - reward_b), 1, 0)


@wrong(LABEL, "numbers instead of True and False")
def plus_and_minus_one(reward_a, reward_b, uniform):
    """The verdicts are +1 and -1 here; the task asks for True and False."""
    return np.where(uniform < sigmoid(reward_a - reward_b), 1, -1)


# exact_kl


def terms(logp, ref_logp):
    """p (log p - log q), 0 where p is 0, and inf where q alone is 0."""
    with np.errstate(invalid="ignore"):
        each = np.exp(logp) * (logp - ref_logp)
    each = np.where(np.isneginf(ref_logp), np.inf, each)
    return np.where(np.isneginf(logp), 0.0, each)


@wrong(KL, "the other KL")
def the_other_kl(logp, ref_logp):
    """This is KL(reference || policy). The policy's own responses are weighted by the
    policy: KL(policy || reference)."""
    return terms(ref_logp, logp).sum(-1)


@wrong(KL, "weighted by the reference")
def weighted_by_the_reference(logp, ref_logp):
    """The log-ratio is right, but it is weighted by the reference. KL(policy ||
    reference) is the policy's expectation."""
    with np.errstate(invalid="ignore"):
        each = np.exp(ref_logp) * (logp - ref_logp)
    return np.where(np.isneginf(ref_logp), 0.0, each).sum(-1)


@wrong(KL, "not weighted at all")
def not_weighted(logp, ref_logp):
    """The log-ratios are summed without weights. Each counts as often as the policy
    gives the response: times exp(logp)."""
    with np.errstate(invalid="ignore"):
        return (logp - ref_logp).sum(-1)


@wrong(KL, "mean over the list of responses")
def mean_over_responses(logp, ref_logp):
    """You take the mean over the list of responses. The probabilities are the
    weights already, so their terms are summed."""
    return terms(logp, ref_logp).mean(-1)


@wrong(KL, "mean of the log-ratio over the list")
def mean_log_ratio(logp, ref_logp):
    """This is the mean log-ratio over the list, every response counted once. Weight
    it by exp(logp) and sum."""
    with np.errstate(invalid="ignore"):
        return (logp - ref_logp).mean(-1)


@wrong(KL, "one number for all prompts")
def mean_over_prompts(logp, ref_logp):
    """The prompts are averaged into one number. Each has a KL of its own: sum over
    the last axis only."""
    return terms(logp, ref_logp).sum(-1).mean()


@wrong(KL, "sum over all prompts")
def sum_over_prompts(logp, ref_logp):
    """The prompts are summed into one number. Each has a KL of its own: sum over the
    last axis only."""
    return terms(logp, ref_logp).sum()


@wrong(KL, "wrong axis")
def over_the_prompts(logp, ref_logp):
    """You sum over prompts and keep the responses. The responses are on the last
    axis."""
    return terms(logp, ref_logp).sum(0)


@same_as(mean_log_ratio)
def mean_of_the_finite_log_ratios(logp, ref_logp):
    with np.errstate(invalid="ignore"):
        ratio = logp - ref_logp
    return np.where(np.isfinite(ratio), ratio, 0.0).mean(-1)


@wrong(KL, "sign turned around")
def negative_kl(logp, ref_logp):
    """The sign is turned around: the log-ratio is log pi - log ref."""
    return -terms(logp, ref_logp).sum(-1)


@wrong(KL, "bits instead of nats")
def in_bits(logp, ref_logp):
    """This is in bits. The task asks for nats, so nothing is divided by log 2."""
    return terms(logp, ref_logp).sum(-1) / math.log(2)


@wrong(KL, "ratio instead of its logarithm")
def ratio_without_log(logp, ref_logp):
    """The ratio pi / ref is averaged, not its logarithm: log-probabilities are
    already given, so subtract them and leave it."""
    with np.errstate(invalid="ignore", over="ignore"):
        each = np.exp(logp) * np.exp(logp - ref_logp)
    return np.where(np.isneginf(logp), 0.0, each).sum(-1)


@wrong(KL, "log-probabilities as weights")
def log_probabilities_as_weights(logp, ref_logp):
    """The weight is logp itself. A weight is a probability: exp(logp)."""
    with np.errstate(invalid="ignore"):
        return (logp * (logp - ref_logp)).sum(-1)


@wrong(KL, "cross-entropy")
def cross_entropy(logp, ref_logp):
    """This is the cross-entropy, -sum pi log ref. The KL is that minus the policy's
    own entropy."""
    with np.errstate(invalid="ignore"):
        each = np.exp(logp) * ref_logp
    return -np.where(np.isneginf(logp), 0.0, each).sum(-1)


@wrong(KL, "absolute values")
def absolute_values(logp, ref_logp):
    """You sum absolute values. Some terms of a KL are negative, and they must be;
    only the sum is never below 0."""
    return np.abs(terms(logp, ref_logp)).sum(-1)


@wrong(KL, "negative terms cut off")
def negative_terms_cut_off(logp, ref_logp):
    """You cut negative terms off at 0. Some terms of a KL are negative, and they must
    be; only the sum is never below 0."""
    return np.maximum(terms(logp, ref_logp), 0.0).sum(-1)


@wrong(KL, "against the uniform distribution")
def against_the_uniform(logp, ref_logp):
    """The reference never enters: this is the KL to the uniform distribution, log of
    the number of responses minus the policy's entropy."""
    return terms(logp, np.full_like(logp, -np.log(logp.shape[-1]))).sum(-1)


@wrong(KL, "half the mean square")
def half_the_square(logp, ref_logp):
    """This is the mean of half the squared log-ratio, the estimator k2. It is close
    to the KL for close policies, but not equal to it."""
    with np.errstate(invalid="ignore"):
        each = np.exp(logp) * (logp - ref_logp) ** 2 / 2
    return np.where(np.isneginf(logp), 0.0, each).sum(-1)


@wrong(KL, "both directions added")
def both_directions(logp, ref_logp):
    """Both directions are in it. KL(policy || reference) is one of them; it is not
    symmetric."""
    return (terms(logp, ref_logp) + terms(ref_logp, logp)).sum(-1)


@wrong(KL, "total variation")
def total_variation(logp, ref_logp):
    """This is the total variation, half the sum of |pi - ref|. A KL is made of
    log-ratios."""
    return np.abs(np.exp(logp) - np.exp(ref_logp)).sum(-1) / 2


@wrong(KL, "NaN at probability 0")
def nan_at_zero(logp, ref_logp):
    """Right, except where the policy gives a response with probability 0: 0 times
    infinity is NaN. Such a response adds 0, so it has to be left out."""
    with np.errstate(invalid="ignore"):
        return (np.exp(logp) * (logp - ref_logp)).sum(-1)


@wrong(KL, "infinity passed over")
def infinity_passed_over(logp, ref_logp):
    """A response that the policy gives and the reference never does makes the KL
    infinite. Here it adds nothing, or a large finite number."""
    both = ~np.isneginf(logp) & ~np.isneginf(ref_logp)
    return np.where(both, terms(logp, ref_logp), 0.0).sum(-1)


@same_as(infinity_passed_over)
def reference_kept_above_minus_1e9(logp, ref_logp):
    return terms(logp, np.maximum(ref_logp, -1e9)).sum(-1)


@same_as(infinity_passed_over)
def reference_kept_above_minus_1e30(logp, ref_logp):
    return terms(logp, np.maximum(ref_logp, -1e30)).sum(-1)


@wrong(KL, "infinity wherever the reference is 0")
def infinity_at_every_zero(logp, ref_logp):
    """You return inf as soon as the reference gives some response probability 0. If the
    policy never gives it either, it adds 0."""
    total = terms(logp, ref_logp).sum(-1)
    return np.where(np.isneginf(ref_logp).any(-1), np.inf, total)


@wrong(KL, "reference cut off")
def reference_cut_off(logp, ref_logp):
    """You cut the reference's log-probabilities off at -100. They may be as low as
    -1000, and what is rarer counts more."""
    finite = np.maximum(ref_logp, -100)
    return terms(logp, np.where(np.isneginf(ref_logp), ref_logp, finite)).sum(-1)


@wrong(KL, "probability tested for 0")
def underflow_passed_over(logp, ref_logp):
    """You pass over a response that the policy gives and the reference never does: its
    probability, e^-1000, is 0 in a float. Ask whether logp is -inf."""
    with np.errstate(invalid="ignore"):
        each = np.exp(logp) * (logp - ref_logp)
    return np.where(np.exp(logp) > 0, each, 0.0).sum(-1)


@wrong(KL, "infinity times an underflow")
def underflow_times_infinity(logp, ref_logp):
    """Where the reference never gives a response, the KL is inf, even if the policy
    gives it with e^-1000: a float holds 0 there, and 0 * inf is NaN."""
    with np.errstate(invalid="ignore"):
        each = np.exp(logp) * (logp - ref_logp)
    return np.where(np.isneginf(logp), 0.0, each).sum(-1)


@same_as(infinity_passed_over)
def nan_to_num(logp, ref_logp):
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.exp(logp) * (logp - ref_logp)).sum(-1)


@wrong(KL, "a small number added to probabilities")
def small_number_added(logp, ref_logp):
    """A small number is added to the probabilities before the logarithm. It changes
    rare responses, and log-probabilities were given: no logarithm is needed."""
    p, q = np.exp(logp), np.exp(ref_logp)
    return (p * np.log((p + 1e-8) / (q + 1e-8))).sum(-1)


@same_as(small_number_added)
def tiny_number_added(logp, ref_logp):
    p, q = np.exp(logp), np.exp(ref_logp)
    return (p * np.log((p + 1e-12) / (q + 1e-12))).sum(-1)


@wrong(KL, "log of exp")
def log_of_exp(logp, ref_logp):
    """Right, until a probability underflows: exp(-1000) is 0 and its logarithm is
    -inf. The log-probabilities were given; subtract them as they are."""
    with np.errstate(all="ignore"):
        p, q = np.exp(logp), np.exp(ref_logp)
        return np.where(p > 0, p * np.log(p / q), 0.0).sum(-1)


@wrong(KL, "estimated from samples")
def from_samples(logp, ref_logp):
    """You estimate it from samples. All responses are listed, so the sum is exact
    and needs no chance."""
    generator, found = np.random.default_rng(0), []
    for row, ref_row in zip(logp, ref_logp, strict=True):
        p = np.exp(row) / np.exp(row).sum()
        drawn = generator.choice(len(row), size=2000, p=p)
        found.append((row - ref_row)[drawn].mean())
    return np.array(found)


# tree_logp


def parts(first, second):
    """(empty, one word, two words), as they should be."""
    two = first[:-1, None] + second[:, :-1]
    return first[-1:], first[:-1] + second[:, -1], two


def parts_multiplied(first, second):
    """The same three, from probabilities."""
    two = first[:-1, None] * second[:, :-1]
    return first[-1:], first[:-1] * second[:, -1], two


def joined(*pieces):
    return np.concatenate([np.ravel(piece) for piece in pieces])


@wrong(TREE, "no <eos> after one word")
def one_word_without_eos(first, second):
    """Responses of one word lack their `<eos>`: the step second[v, -1] belongs to
    them, or 'and then it stops' is not counted."""
    empty, _, two = parts(first, second)
    return joined(empty, first[:-1], two)


@wrong(TREE, "<eos> of the first step after one word")
def eos_of_the_first_step(first, second):
    """The `<eos>` of a one-word response is taken from the first step. What follows
    the word v is in second[v]."""
    empty, _, two = parts(first, second)
    return joined(empty, first[:-1] + first[-1], two)


@wrong(TREE, "<eos> counted after two words")
def forced_end_counted(first, second):
    """Two-word responses pay for an `<eos>` here. After two words the end is forced:
    probability 1, cost 0."""
    empty, one, two = parts(first, second)
    return joined(empty, one, two + second[:, -1])


@wrong(TREE, "<eos> counted after two words")
def forced_end_counted_first(first, second):
    """Two-word responses pay for the `<eos>` of the first step. After two words the
    end is forced: probability 1, cost 0."""
    empty, one, two = parts(first, second)
    return joined(empty, one, two + first[-1])


@wrong(TREE, "first word left out")
def second_word_alone(first, second):
    """Two-word responses have only their second step. The first word has its price
    too: first[v] + second[v, w]."""
    empty, one, _ = parts(first, second)
    return joined(empty, one, second[:, :-1])


@wrong(TREE, "first word left out everywhere")
def steps_not_paths(first, second):
    """These are the steps of the second row, not paths: each response begins with a
    first word, and its log-probability has to be added."""
    return joined(first[-1:], second[:, -1], second[:, :-1])


@wrong(TREE, "word order exchanged")
def words_exchanged(first, second):
    """The two-word responses are listed as (0, 0), (1, 0), ...: the second word must
    change fastest."""
    empty, one, two = parts(first, second)
    return joined(empty, one, two.T)


@wrong(TREE, "given the second word")
def conditional_turned_around(first, second):
    """second is read with its axes exchanged: row v holds what follows the word v."""
    words = len(second)
    empty, one, _ = parts(first, second)
    return joined(empty, one, first[:words, None] + second[:, :words].T)


@wrong(TREE, "first word's price by column")
def first_added_along_the_columns(first, second):
    """`first` is added along the wrong axis: the price of the first word v belongs to
    the whole row v, first[:V, None] + second."""
    words = len(second)
    empty, one, _ = parts(first, second)
    return joined(empty, one, first[:words] + second[:, :words])


@wrong(TREE, "words taken as independent")
def words_independent(first, second):
    """The second word is drawn as if it were the first. What follows the word v is
    in second[v]."""
    empty, one, _ = parts(first, second)
    return joined(empty, one, first[:-1, None] + first[None, :-1])


@wrong(TREE, "<eos> taken for the first entry")
def eos_first(first, second):
    """`<eos>` is the last entry, number V, not the first."""
    return joined(first[:1], first[1:] + second[:, 0], first[1:, None] + second[:, 1:])


@wrong(TREE, "logs multiplied")
def logs_multiplied(first, second):
    """The log-probabilities are multiplied. Probabilities multiply, so their
    logarithms add."""
    return joined(
        first[-1:], first[:-1] * second[:, -1], first[:-1, None] * second[:, :-1]
    )


@wrong(TREE, "probabilities returned")
def probabilities(first, second):
    """These are probabilities. The task asks for their logarithms."""
    return np.exp(joined(*parts(first, second)))


@wrong(TREE, "products of probabilities")
def products_of_probabilities(first, second):
    """You multiply probabilities and take the log at the end. A product below 1e-323 is
    0 in a float, and its log -inf: add the logarithms."""
    with np.errstate(divide="ignore"):
        return np.log(joined(*parts_multiplied(np.exp(first), np.exp(second))))


@wrong(TREE, "-inf replaced")
def minus_infinity_replaced(first, second):
    """You replace -inf by a finite number. A response that cannot come has probability
    0, and the log of 0 is -inf."""
    return np.maximum(joined(*parts(first, second)), -1e9)


@same_as(minus_infinity_replaced)
def minus_infinity_to_num(first, second):
    return np.nan_to_num(joined(*parts(first, second)))


@wrong(TREE, "two words written into the code")
def always_two_words(first, second):
    """You take V for 2, as in the example by hand. V is the number of rows of
    `second`."""
    two = first[:2, None] + second[:2, :2]
    return joined(first[2:3], first[:2] + second[:2, 2], two)


@wrong(TREE, "mean over tokens")
def mean_over_tokens(first, second):
    """You take the mean over the tokens. The chain rule is a sum, and only with the
    sum do the probabilities add up to 1."""
    empty, one, two = parts(first, second)
    return joined(empty, one / 2, two / 2)


@wrong(TREE, "the empty response left out")
def without_the_empty(first, second):
    """The empty response is missing: `<eos>` may come first."""
    _, one, two = parts(first, second)
    return joined(one, two)


@wrong(TREE, "longest first")
def longest_first(first, second):
    """The longest responses come first here. The order is: empty, one word, two
    words."""
    empty, one, two = parts(first, second)
    return joined(two, one, empty)


@wrong(TREE, "empty response last")
def empty_last(first, second):
    """The empty response is listed last. It comes first: shortest first."""
    empty, one, two = parts(first, second)
    return joined(one, two, empty)


@wrong(TREE, "tree order")
def in_tree_order(first, second):
    """Each word is followed by its own continuations here, as one walks the tree. The
    list is by length: all words first, then all pairs."""
    empty, one, two = parts(first, second)
    return joined(empty, *(part for v in range(len(one)) for part in (one[v], two[v])))


@wrong(TREE, "normalized again")
def normalized_without_eos(first, second):
    """The words are normalized again after `<eos>` was taken out. `<eos>` is an
    option like the others; what it gets, the words do not get."""
    empty, one, _ = parts(first, second)
    with np.errstate(divide="ignore", invalid="ignore"):
        words = second[:, :-1] - np.log(np.exp(second[:, :-1]).sum(-1, keepdims=True))
    return joined(empty, one, first[:-1, None] + words)


@wrong(TREE, "two words only")
def longest_only(first, second):
    """Only two-word responses are here. `<eos>` can come earlier: the empty response
    and those of one word are responses as well."""
    return joined(parts(first, second)[2])


# find_the_bug_pairs


@wrong(PAIRS, "rejected by reward")
def rejected_by_reward(first, second, reward_first, reward_second, uniform):
    """The bug is still there: `rejected` is whichever has the lower reward. Where the
    annotator prefers that one, the pair compares a response with itself."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    chosen = np.where(first_wins, first, second)
    return chosen, np.where(reward_first > reward_second, second, first)


@wrong(PAIRS, "both by reward")
def both_by_reward(first, second, reward_first, reward_second, uniform):
    """Now the reward decides on both sides, and the annotator has no say. It is her
    verdict that makes the label, even where it contradicts the reward."""
    better = reward_first > reward_second
    return np.where(better, first, second), np.where(better, second, first)


@wrong(PAIRS, "probability turned round")
def probability_turned_round(first, second, reward_first, reward_second, uniform):
    """`rejected` is mended, but the probability is turned round now: it was right, the
    first wins with sigmoid(reward_first - reward_second)."""
    first_wins = uniform < sigmoid(reward_second - reward_first)
    return np.where(first_wins, first, second), np.where(first_wins, second, first)


@wrong(PAIRS, "comparison of the rewards turned round")
def comparison_of_the_rewards_turned_round(
    first, second, reward_first, reward_second, uniform
):
    """`rejected` still follows the rewards, the other way round now. It is the response
    that the annotator did not prefer, whatever its reward."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    chosen = np.where(first_wins, first, second)
    return chosen, np.where(reward_first < reward_second, second, first)


@wrong(PAIRS, "tie with chance counts as a win")
def pairs_at_most(first, second, reward_first, reward_second, uniform):
    """`<=` where `<` belongs: a chance of exactly the probability already lets the
    second response win."""
    first_wins = uniform <= sigmoid(reward_first - reward_second)
    return np.where(first_wins, first, second), np.where(first_wins, second, first)


@wrong(PAIRS, "coin in place of the sigmoid")
def pairs_by_a_coin(first, second, reward_first, reward_second, uniform):
    """The rewards have no influence here: uniform is compared with 1/2. Compare it with
    sigmoid(reward_first - reward_second)."""
    first_wins = uniform < 0.5
    return np.where(first_wins, first, second), np.where(first_wins, second, first)


@wrong(PAIRS, "smaller number rejected")
def smaller_number_rejected(first, second, reward_first, reward_second, uniform):
    """`rejected` is the smaller of the two numbers. A response's number says nothing
    about its worth: take the one that was not chosen."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    return np.where(first_wins, first, second), np.minimum(first, second)


@wrong(PAIRS, "contrary labels dropped")
def contrary_labels_dropped(first, second, reward_first, reward_second, uniform):
    """Pairs whose label contradicts the reward are dropped. They are no mistakes: how
    often they come says how far apart the rewards are."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    keep = first_wins == (reward_first > reward_second)
    chosen, rejected = np.where(first_wins, (first, second), (second, first))
    return chosen[keep], rejected[keep]


@wrong(PAIRS, "chosen by reward")
def chosen_by_reward(first, second, reward_first, reward_second, uniform):
    """`chosen` follows the reward and `rejected` the verdict: the same bug on the
    other side."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    chosen = np.where(reward_first > reward_second, first, second)
    return chosen, np.where(first_wins, second, first)


@wrong(PAIRS, "chosen and rejected exchanged")
def pairs_exchanged(first, second, reward_first, reward_second, uniform):
    """Chosen and rejected are exchanged: the winner is chosen."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    return np.where(first_wins, second, first), np.where(first_wins, first, second)


@wrong(PAIRS, "rejected is the winner too")
def winner_twice(first, second, reward_first, reward_second, uniform):
    """Both are the winner now. The rejected response is the other one."""
    chosen = np.where(uniform < sigmoid(reward_first - reward_second), first, second)
    return chosen, chosen.copy()


@wrong(PAIRS, "always in the order given")
def order_given(first, second, reward_first, reward_second, uniform):
    """The first is always chosen. The verdict decides which of the two it is."""
    return first.copy(), second.copy()


@wrong(PAIRS, "equal responses dropped")
def equal_responses_dropped(first, second, reward_first, reward_second, uniform):
    """Pairs of a response with itself are dropped. They teach nothing, but N pairs are
    asked for: which data to leave out is decided elsewhere."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    keep = first != second
    chosen, rejected = np.where(first_wins, (first, second), (second, first))
    return chosen[keep], rejected[keep]


@wrong(PAIRS, "verdict turned around in one place")
def verdict_on_one_side(first, second, reward_first, reward_second, uniform):
    """Only `chosen` depends on the verdict; the rejected response is always the
    second. It is the one that was not chosen."""
    first_wins = uniform < sigmoid(reward_first - reward_second)
    return np.where(first_wins, first, second), second.copy()


# Numbers to predict


@wrong(COUNT, "longest responses only")
def of_three_words():
    """4^3 counts the responses of exactly three words. Shorter ones are responses
    too."""
    return 64


@wrong(COUNT, "the empty response left out")
def no_empty_response():
    """4 + 16 + 64: the empty response is missing."""
    return 84


@wrong(COUNT, "<eos> as a fifth word")
def eos_as_a_word():
    """Powers of 5 take `<eos>` for a word that may come anywhere. After `<eos>` nothing
    follows, so each place has 4 choices."""
    return 125


@wrong(COUNT, "lengths and words exchanged")
def base_and_exponent_exchanged():
    """3^4: words and length are exchanged. Each place has 4 choices."""
    return 81


@wrong(COUNT, "one length too many")
def one_word_too_many():
    """This counts responses of up to four words. The longest have three."""
    return 341


@same_as(eos_as_a_word)
def eos_as_a_word_of_all_lengths():
    return 156


@wrong(COUNT, "one length too few")
def one_word_too_few():
    """This counts responses of up to two words. The longest have three."""
    return 21


@wrong(COUNT, "no word twice")
def no_word_twice():
    """Here no word comes twice: 1 + 4 + 12 + 24. Nothing forbids it, so each place has
    4 choices."""
    return 41


@wrong(COUNT, "order ignored")
def order_of_the_words_ignored():
    """Here the order of the words does not count: 1 + 4 + 10 + 20. Two orders are two
    responses."""
    return 35


@wrong(CONTRARY, "percent")
def contrary_in_percent():
    """This is in percent. A share lies between 0 and 1."""
    return 100 / (1 + math.exp(1.5))


@wrong(CONTRARY, "base 10")
def contrary_in_base_ten():
    """This has powers of 10, as Elo does. The sigmoid has e^-1.5."""
    return 1 / (1 + 10**1.5)


@wrong(CONTRARY, "share of the better one")
def share_of_the_better():
    """This is the share that prefers the better response. The question is about the
    other one."""
    return 1 / (1 + math.exp(-1.5))


@wrong(CONTRARY, "no noise")
def nobody_errs():
    """Nobody would then contradict the reward. Annotators follow Bradley-Terry, and a
    gap of 1.5 is not infinite."""
    return 0.0


@wrong(CONTRARY, "share of the rewards")
def ratio_of_rewards():
    """1.5 / (1.5 + 3) is Bradley-Terry for strengths. Rewards are their logarithms:
    sigmoid of the difference."""
    return 1 / 3


@wrong(CONTRARY, "odds for probability")
def odds_of_the_worse():
    """e^-1.5 is the odds of the worse response. A probability is odds / (1 + odds)."""
    return math.exp(-1.5)


@wrong(CONTRARY, "normal noise")
def contrary_by_the_normal():
    """This is the normal distribution function at -1.5. Bradley-Terry has the
    logistic sigmoid."""
    return (1 + math.erf(-1.5 / math.sqrt(2))) / 2


@wrong(CONTRARY, "sigmoid of one reward")
def sigmoid_of_the_other():
    """This is sigmoid(-3), as if the other response had reward 0. The gap is 1.5."""
    return 1 / (1 + math.exp(3))


@wrong(UNSEEN, "one draw per pair")
def one_draw_a_pair():
    """This is 0.999^500. Every pair is two draws, so 1000 have to miss."""
    return 0.999**500


@wrong(UNSEEN, "seen instead of unseen")
def seen_at_least_once():
    """This is the probability that it is seen at least once. The question is about
    the opposite."""
    return 1 - 0.999**1000


@wrong(UNSEEN, "expected number of appearances")
def certainly_seen():
    """This is as good as 0. One appearance in 1000 draws is expected, but not certain:
    each draw misses with 0.999, and all 1000 have to."""
    return 0.0


@wrong(UNSEEN, "in both responses of a pair")
def in_both_of_a_pair():
    """Here a pair counts only if both of its responses are the one. One of them is
    enough to show it: 1000 draws have to miss."""
    return (1 - 0.001**2) ** 500


@wrong(UNSEEN, "percent")
def unseen_in_percent():
    """This is in percent. A probability lies between 0 and 1."""
    return 100 * 0.999**1000


@wrong(UNSEEN, "one draw")
def a_single_draw():
    """This is the probability that one draw misses. All 1000 of them have to."""
    return 0.999


@wrong(UNSEEN, "in every pair one of two")
def linear_in_the_draws():
    """Probabilities of separate draws do not add up like this: all 1000 have to miss,
    so 0.999 is multiplied 1000 times."""
    return 1 - 500 * 0.001
