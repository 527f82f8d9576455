"""Known wrong answers of chapter 05: name = id, docstring = what the learner reads."""

import math

import numpy as np
import sympy as sp

from . import same_as, wrong

REWARD = "implicit_reward"
COUNT = "log10_responses"
STEP_1 = "derive_reward"
STEP_2 = "derive_reward_gap"
STEP_3 = "derive_preference"
STEP_4 = "derive_loss"
STEP_5 = "derive_leftover"
ESTIMATE = "find_the_bug_partition_estimate"
AVERAGE = "predict_the_average_multiplier"
LEVEL = "predict_the_level"


@wrong(REWARD, "beta forgotten")
def reward_without_beta(logp, ref_logp, beta):
    """beta never enters: this is the log-ratio. Each nat of it is worth beta."""
    return logp - ref_logp


@wrong(REWARD, "ratio upside down")
def ratio_upside_down(logp, ref_logp, beta):
    """The ratio is upside down: a response that became more likely must have a
    positive reward."""
    return beta * (ref_logp - logp)


@wrong(REWARD, "ratio without the log")
def ratio_for_log_ratio(logp, ref_logp, beta):
    """This is beta times the ratio itself. The reward has its logarithm, and at
    policy = reference it is 0."""
    return beta * np.exp(logp - ref_logp)


@wrong(REWARD, "divided by beta")
def reward_over_beta(logp, ref_logp, beta):
    """You divided by beta. In the optimal policy the reward is divided by beta, so
    reading it backwards multiplies."""
    return (logp - ref_logp) / beta


@wrong(REWARD, "reference left out")
def reward_without_reference(logp, ref_logp, beta):
    """The reference never enters. The reward is what changed since the reference, not
    how likely the response is now."""
    return beta * logp


@wrong(REWARD, "policy left out")
def reward_of_the_reference(logp, ref_logp, beta):
    """The policy never enters: you use the reference's log-probability alone."""
    return beta * ref_logp


@wrong(REWARD, "brackets missing, reference not scaled")
def beta_on_the_policy_only(logp, ref_logp, beta):
    """beta multiplies the policy's log-probability only: a pair of brackets is
    missing."""
    return beta * logp - ref_logp


@wrong(REWARD, "brackets missing, policy not scaled")
def beta_on_the_reference_only(logp, ref_logp, beta):
    """beta multiplies the reference's log-probability only: a pair of brackets is
    missing."""
    return logp - beta * ref_logp


@wrong(REWARD, "logs added")
def logs_added(logp, ref_logp, beta):
    """You add the logarithms, which multiplies the probabilities. A ratio is a
    difference of logarithms."""
    return beta * (logp + ref_logp)


@wrong(REWARD, "ratio of logarithms")
def ratio_of_logs(logp, ref_logp, beta):
    """You divide one logarithm by the other. The logarithm of a ratio is their
    difference."""
    with np.errstate(all="ignore"):
        return beta * (logp / ref_logp)


@wrong(REWARD, "log of the ratio of logarithms")
def log_of_ratio_of_logs(logp, ref_logp, beta):
    """You take the log of logp / ref_logp, but both are logarithms already: subtract
    them."""
    with np.errstate(all="ignore"):
        return beta * np.log(logp / ref_logp)


@wrong(REWARD, "difference of probabilities")
def difference_of_probabilities(logp, ref_logp, beta):
    """You subtract probabilities. The reward is a difference of log-probabilities:
    what counts is by which factor a probability changed."""
    return beta * (np.exp(logp) - np.exp(ref_logp))


@wrong(REWARD, "probabilities underflow")
def through_probabilities(logp, ref_logp, beta):
    """Right at ordinary inputs, but e^-1000 is 0 for a computer, and 0 / 0 not a
    number. Never leave log space: subtract."""
    with np.errstate(all="ignore"):
        return beta * np.log(np.exp(logp) / np.exp(ref_logp))


@wrong(REWARD, "a small number added")
def padded_probabilities(logp, ref_logp, beta):
    """You add a small number to the probabilities, which changes the reward of rare
    responses; and whole responses are rare. Subtract the logarithms."""
    return beta * (np.log(np.exp(logp) + 1e-10) - np.log(np.exp(ref_logp) + 1e-10))


@same_as(padded_probabilities)
def less_padded_probabilities(logp, ref_logp, beta):
    return beta * (np.log(np.exp(logp) + 1e-12) - np.log(np.exp(ref_logp) + 1e-12))


@same_as(padded_probabilities)
def more_padded_probabilities(logp, ref_logp, beta):
    return beta * (np.log(np.exp(logp) + 1e-8) - np.log(np.exp(ref_logp) + 1e-8))


@wrong(REWARD, "ratio clipped")
def clipped_log_ratio(logp, ref_logp, beta):
    """You clip large log-ratios. They are legitimate: nothing overflows here."""
    return beta * np.clip(logp - ref_logp, -20, 20)


@wrong(REWARD, "log-probabilities cut off")
def clipped_logs(logp, ref_logp, beta):
    """You cut low log-probabilities off. A long response may well have -9000: nothing
    overflows here, subtract them as they are."""
    return beta * (np.maximum(logp, -1000.0) - np.maximum(ref_logp, -1000.0))


@wrong(REWARD, "minus infinity replaced by a large number")
def infinity_made_finite(logp, ref_logp, beta):
    """np.nan_to_num turns -inf into -1.8e308. A response that the policy never gives
    has the reward -inf: return it as it comes."""
    return np.nan_to_num(beta * (np.asarray(logp) - ref_logp))


@wrong(REWARD, "no negative rewards")
def positive_part(logp, ref_logp, beta):
    """You cut negative rewards off. Rewards of responses that became less likely are
    negative, and nothing is wrong with that."""
    return beta * np.maximum(logp - ref_logp, 0.0)


@wrong(REWARD, "absolute value")
def absolute_change(logp, ref_logp, beta):
    """You take the absolute value. The sign says whether the response became more or
    less likely."""
    return beta * np.abs(logp - ref_logp)


@wrong(REWARD, "weighed by the policy")
def weighed_by_the_policy(logp, ref_logp, beta):
    """You weigh the log-ratio with the policy's probability: these are the terms of a
    KL. The reward of one response is not weighed."""
    return beta * np.exp(logp) * (logp - ref_logp)


@wrong(REWARD, "centered")
def centered_reward(logp, ref_logp, beta):
    """You subtract the mean. The level of the implicit reward is fixed already: its
    average multiplier is 1."""
    return beta * (logp - ref_logp - np.mean(logp - ref_logp))


@same_as(centered_reward)
def centered_arrays(logp, ref_logp, beta):
    reward = beta * (np.asarray(logp) - ref_logp)
    return reward - reward.mean() if reward.ndim else reward


@wrong(REWARD, "summed up")
def summed_reward(logp, ref_logp, beta):
    """You add up over the responses. The task asks for one reward each."""
    return beta * np.sum(logp - ref_logp)


@wrong(REWARD, "softmax")
def normalized_reward(logp, ref_logp, beta):
    """You apply a softmax. Rewards are not probabilities and need not sum to 1."""
    x = beta * (np.asarray(logp) - ref_logp)
    return np.exp(
        x - np.logaddexp.reduce(np.atleast_1d(x), axis=-1, keepdims=x.ndim > 0)
    )


@wrong(REWARD, "a preference")
def sigmoid_of_reward(logp, ref_logp, beta):
    """You apply a sigmoid. That makes a probability out of the difference of two
    rewards; here the reward of each response is asked for."""
    return 1 / (1 + np.exp(-beta * (logp - ref_logp)))


@wrong(REWARD, "bits")
def reward_in_bits(logp, ref_logp, beta):
    """Your log-ratio is in bits; the task asks for nats."""
    return beta * (logp - ref_logp) / math.log(2)


@wrong(REWARD, "changes its argument")
def subtracts_in_place(logp, ref_logp, beta):
    """The value is right, but `logp -= ...` changed the caller's array. Write
    `logp - ref_logp`, which makes a new one."""
    logp -= ref_logp
    return beta * logp


@wrong(COUNT, "the number itself")
def number_of_responses(vocabulary_size, length):
    """This is the number V^L itself; the task asks for its base-10 logarithm."""
    return vocabulary_size**length


@wrong(COUNT, "natural logarithm")
def natural_log(vocabulary_size, length):
    """This is the natural logarithm; the task asks for base 10."""
    return length * math.log(vocabulary_size)


@wrong(COUNT, "bits")
def count_in_bits(vocabulary_size, length):
    """This is the base-2 logarithm; the task asks for base 10."""
    return length * math.log2(vocabulary_size)


@wrong(COUNT, "base and exponent exchanged")
def exchanged(vocabulary_size, length):
    """You count L^V. Each of the L places has V choices: V^L."""
    with np.errstate(divide="ignore"):
        return float(vocabulary_size * np.log10(length))


@wrong(COUNT, "choices added")
def choices_added(vocabulary_size, length):
    """You count V * L. The choices of the places multiply: V for the first, V for the
    second, and so on."""
    with np.errstate(divide="ignore"):
        return float(np.log10(vocabulary_size * length))


@wrong(COUNT, "no token twice")
def no_token_twice(vocabulary_size, length):
    """You let each token occur once only. A response may repeat its tokens."""
    if length > vocabulary_size:
        return -math.inf
    return (
        math.lgamma(vocabulary_size + 1) - math.lgamma(vocabulary_size - length + 1)
    ) / math.log(10)


@same_as(no_token_twice)
def no_token_twice_with_an_error(vocabulary_size, length):
    return math.log10(math.perm(vocabulary_size, length))


@wrong(COUNT, "order ignored, no token twice")
def subsets(vocabulary_size, length):
    """You count sets of tokens, V over L. The order matters, and a token may come
    again: each of the L places has V choices."""
    count = math.comb(vocabulary_size, length)
    return math.log10(count) if count else -math.inf


@same_as(subsets)
def subsets_with_an_error(vocabulary_size, length):
    return math.log10(math.comb(vocabulary_size, length))


@wrong(COUNT, "order ignored")
def order_ignored(vocabulary_size, length):
    """You count bags of tokens. The order matters: other order, other response."""
    v, n = vocabulary_size, length
    return (math.lgamma(v + n) - math.lgamma(n + 1) - math.lgamma(v)) / math.log(10)


@wrong(COUNT, "all lengths up to L")
def all_lengths(vocabulary_size, length):
    """You count shorter responses as well. The task asks for exactly L tokens."""
    shorter = sum(1 / vocabulary_size**n for n in range(length + 1))
    return length * math.log10(vocabulary_size) + math.log10(shorter)


@wrong(COUNT, "one position too many")
def one_place_too_many(vocabulary_size, length):
    """You count one place too many: a response has L tokens, not L + 1."""
    return (length + 1) * math.log10(vocabulary_size)


@wrong(COUNT, "one position too few")
def one_place_too_few(vocabulary_size, length):
    """You count one place too few: all L tokens are free, the first as well."""
    return (length - 1) * math.log10(vocabulary_size)


@wrong(COUNT, "a token reserved")
def a_token_reserved(vocabulary_size, length):
    """You take one token away from the vocabulary. The task lets every place be any of
    the V tokens."""
    if vocabulary_size == 1:
        return -math.inf if length else 0.0
    return length * math.log10(vocabulary_size - 1)


@wrong(COUNT, "number of digits")
def number_of_digits(vocabulary_size, length):
    """This is how many digits the number has. Its logarithm is not rounded."""
    return math.floor(length * math.log10(vocabulary_size)) + 1


@wrong(COUNT, "rounded down")
def exponent_only(vocabulary_size, length):
    """You rounded down to the exponent. The logarithm has digits after the point."""
    return math.floor(length * math.log10(vocabulary_size) + 1e-9)


@wrong(COUNT, "log to a power")
def log_to_a_power(vocabulary_size, length):
    """You raise the logarithm to the power L. The log of a power is L times the
    log."""
    try:
        return math.log10(vocabulary_size) ** length
    except OverflowError:
        return math.inf


@wrong(COUNT, "logs added")
def logs_of_both(vocabulary_size, length):
    """You add log10 V and L. The log of V^L is their product."""
    return math.log10(vocabulary_size) + length


@wrong(COUNT, "float overflow")
def power_overflows(vocabulary_size, length):
    """Right for short responses, but no float holds 32000^100. L log10 V needs no large
    number at all."""
    with np.errstate(over="ignore"):
        return float(np.log10(np.float64(vocabulary_size) ** length))


@same_as(power_overflows)
def power_overflows_with_an_error(vocabulary_size, length):
    return math.log10(float(vocabulary_size) ** length)


@same_as(power_overflows)
def product_overflows(vocabulary_size, length):
    with np.errstate(all="ignore"):
        return float(np.log10(np.prod(np.full(length, float(vocabulary_size)))))


@wrong(COUNT, "64 bits overflow")
def wraps_around(vocabulary_size, length):
    """Right for short responses, but numpy's integers have 64 bits and wrap around
    beyond 9e18. L log10 V needs no large number at all."""
    with np.errstate(all="ignore"):
        return float(np.log10(np.int64(vocabulary_size) ** np.int64(length)))


@same_as(wraps_around)
def wraps_around_without_a_sign(vocabulary_size, length):
    with np.errstate(all="ignore"):
        power = np.int64(vocabulary_size) ** np.int64(length)
        return float(np.log10(np.abs(power)))


@wrong(STEP_1, "z forgotten")
def z_forgotten(policy, ref, beta, z):
    """Your reward lacks beta log z: this is the implicit reward. Put back into the
    formula it gives z times the policy."""
    return beta * sp.log(policy / ref)


@wrong(STEP_1, "z on the wrong side")
def z_on_the_wrong_side(policy, ref, beta, z):
    """z is on the wrong side: policy * z = ref * e^(reward / beta)."""
    return beta * sp.log(policy / ref) - beta * sp.log(z)


@wrong(STEP_1, "log z without beta")
def log_z_without_beta(policy, ref, beta, z):
    """log z must be multiplied by beta too: the logarithm of the whole quotient is
    reward / beta."""
    return beta * sp.log(policy / ref) + sp.log(z)


@wrong(STEP_1, "divided by beta")
def solved_over_beta(policy, ref, beta, z):
    """The logarithm gives reward / beta, so multiply by beta to get the reward."""
    return sp.log(policy * z / ref) / beta


@wrong(STEP_1, "beta left")
def beta_left(policy, ref, beta, z):
    """This is reward / beta. One operation is still to be undone."""
    return sp.log(policy * z / ref)


@wrong(STEP_1, "ratio upside down")
def solved_upside_down(policy, ref, beta, z):
    """The ratio is upside down: multiply both sides by z, then divide by ref."""
    return beta * sp.log(ref / policy) + beta * sp.log(z)


@wrong(STEP_1, "log forgotten")
def no_logarithm(policy, ref, beta, z):
    """You never undid the exponential: its inverse is the logarithm, sp.log."""
    return beta * policy * z / ref


@wrong(STEP_1, "not solved")
def exponential_left(policy, ref, beta, z):
    """This is e^(reward / beta). Take the logarithm, then multiply by beta."""
    return policy * z / ref


@wrong(STEP_1, "z itself")
def z_without_log(policy, ref, beta, z):
    """You add beta * z; what belongs there is beta * log z."""
    return beta * sp.log(policy / ref) + beta * z


@wrong(STEP_1, "sign")
def negative_reward(policy, ref, beta, z):
    """The sign is wrong: the reward that was tilted by is e^(+reward / beta)."""
    return -beta * sp.log(policy * z / ref)


@wrong(STEP_1, "an equation returned")
def returns_an_equation(policy, ref, beta, z):
    """You return an equation. Return its right-hand side, the expression that the
    reward is equal to."""
    return sp.Eq(sp.Symbol("reward"), beta * sp.log(policy * z / ref))


@wrong(STEP_1, "own symbols")
def own_symbols(policy, ref, beta, z):
    """You made symbols of your own. They are other ones, even with the same names:
    compute with the arguments."""
    own_policy, own_ref, own_beta, own_z = sp.symbols("policy ref beta z")
    return own_beta * sp.log(own_policy * own_z / own_ref)


@wrong(STEP_2, "z still there")
def z_still_there(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    """You added beta log z to one reward only, so it stays. Both responses have it:
    same prompt, same z."""
    gap = sp.log(policy_chosen / ref_chosen) - sp.log(policy_rejected / ref_rejected)
    return beta * (gap + sp.log(z))


@wrong(STEP_2, "rewards added")
def rewards_added(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    """You add the two rewards. Bradley-Terry asks for their difference, and only there
    does z cancel."""
    both = sp.log(policy_chosen / ref_chosen) + sp.log(policy_rejected / ref_rejected)
    return beta * both + 2 * beta * sp.log(z)


@same_as(rewards_added)
def rewards_added_without_z(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    both = sp.log(policy_chosen / ref_chosen) + sp.log(policy_rejected / ref_rejected)
    return beta * both


@wrong(STEP_2, "log z added twice")
def both_z_added(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    """You subtract the log-ratios but add both beta log z. The second reward is
    subtracted as a whole, its beta log z too: they cancel."""
    gap = sp.log(policy_chosen / ref_chosen) - sp.log(policy_rejected / ref_rejected)
    return beta * (gap + 2 * sp.log(z))


@wrong(STEP_2, "rejected minus chosen")
def rejected_first(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    """This is rejected minus chosen."""
    gap = sp.log(policy_chosen / ref_chosen) - sp.log(policy_rejected / ref_rejected)
    return -beta * gap


@wrong(STEP_2, "beta forgotten")
def gap_without_beta(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    """beta is lost: it multiplies both log-ratios."""
    return sp.log(policy_chosen / ref_chosen) - sp.log(policy_rejected / ref_rejected)


@wrong(STEP_2, "reference cancelled too")
def reference_cancelled(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """You let the reference cancel as well. It has different values for the two
    responses; only z is the same."""
    return beta * sp.log(policy_chosen / policy_rejected)


@wrong(STEP_2, "reference's ratio upside down")
def reference_upside_down(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """The reference's part has the wrong sign: the policy's odds are divided by the
    reference's."""
    return beta * sp.log(policy_chosen / policy_rejected * ref_chosen / ref_rejected)


@wrong(STEP_2, "ratio of rewards")
def ratio_of_rewards(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    """You divide one reward by the other: then beta cancels, not z. Subtract."""
    return sp.log(policy_chosen / ref_chosen) / sp.log(policy_rejected / ref_rejected)


@wrong(STEP_2, "quotient of the logarithms")
def quotient_of_logs(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    """You divide one logarithm by the other. A gap is a difference: log a - log b is
    log(a / b), not log a / log b."""
    return beta * (
        sp.log(policy_chosen / ref_chosen) / sp.log(policy_rejected / ref_rejected)
    )


@wrong(STEP_2, "ratios subtracted")
def ratios_subtracted(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """You subtract the ratios themselves. The rewards are their logarithms, times
    beta."""
    return beta * (policy_chosen / ref_chosen - policy_rejected / ref_rejected)


@wrong(STEP_2, "z inside a product")
def z_hides_in_a_product(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """This is right on paper, but z is still written in it, inside logarithms or
    brackets. sp.expand(sp.expand_log(...)) opens both, and then z cancels."""
    reward_chosen = beta * sp.log(policy_chosen * z / ref_chosen)
    return reward_chosen - beta * sp.log(policy_rejected * z / ref_rejected)


@same_as(z_hides_in_a_product)
def z_hides_in_brackets(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    reward_chosen = beta * (sp.log(policy_chosen / ref_chosen) + sp.log(z))
    return reward_chosen - beta * (sp.log(policy_rejected / ref_rejected) + sp.log(z))


def ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected):
    return policy_chosen / policy_rejected * ref_rejected / ref_chosen


@wrong(STEP_3, "the other direction")
def rejected_wins(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """This is the probability that rejected beats chosen."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return 1 / (1 + r**beta)


@wrong(STEP_3, "odds for a probability")
def odds_of_chosen(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """These are the odds e^gap. Odds o are the probability o / (1 + o)."""
    return ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected) ** beta


@wrong(STEP_3, "the reference left out")
def preference_of_the_policy(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """This is how the policy itself ranks the two. The rewards are log-ratios to the
    reference."""
    return 1 / (1 + (policy_rejected / policy_chosen) ** beta)


@wrong(STEP_3, "beta forgotten")
def preference_without_beta(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """beta is lost: the rewards are beta times the log-ratios."""
    return 1 / (1 + 1 / ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected))


@wrong(STEP_3, "beta outside the exponent")
def beta_outside(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """beta multiplies e^(log-ratio). It belongs into the exponent."""
    one, other = beta * policy_chosen / ref_chosen, policy_rejected / ref_rejected
    return one / (one + other)


@wrong(STEP_3, "divided by beta")
def gap_over_beta(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """You divide the log-ratios by beta. The rewards of step 1 are beta times the
    log-ratios, so beta multiplies the exponent."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return 1 / (1 + r ** (-1 / beta))


@wrong(STEP_3, "beta = 2")
def beta_of_the_example(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """You square the ratio. beta is 2 in the hand example only: use the symbol."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return 1 / (1 + r**-2)


@wrong(STEP_3, "beta outside the sigmoid")
def probability_times_beta(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """beta multiplies the probability. It belongs to the rewards, in the exponent."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return beta / (1 + 1 / r)


@wrong(STEP_3, "ratio of the rewards")
def share_of_rewards(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """You divide reward by reward. The odds are e^reward : e^reward."""
    one = sp.log(policy_chosen / ref_chosen)
    return one / (one + sp.log(policy_rejected / ref_rejected))


@wrong(STEP_3, "the gap itself")
def gap_for_probability(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """This is the reward gap of step 2. Bradley-Terry makes a probability of it."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return beta * sp.log(r)


@wrong(STEP_3, "reference added")
def preference_with_reference_added(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """The reference's part has the wrong sign: the policy's odds are divided by the
    reference's."""
    r = ratio(policy_chosen, policy_rejected, ref_rejected, ref_chosen)
    return 1 / (1 + r**-beta)


@wrong(STEP_4, "the sign")
def log_likelihood(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """This is the log-likelihood; the loss is its negative."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return -sp.log(1 + r**-beta)


@wrong(STEP_4, "no log")
def probability_of_error(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """This is 1 - p, the probability of the other label. The loss is -log p."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return 1 / (1 + r**beta)


@wrong(STEP_4, "the probability")
def the_probability(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """This is the probability of step 3. The loss is -log of it."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return 1 / (1 + r**-beta)


@wrong(STEP_4, "the other label")
def loss_of_the_other_label(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """This is the loss if rejected had won: chosen and rejected are exchanged."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return sp.log(1 + r**beta)


@wrong(STEP_4, "linear loss")
def minus_the_gap(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """This is minus the gap: its minimum is nowhere, and at policy = reference it is 0
    where log 2 is due. The sigmoid is missing."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return -beta * sp.log(r)


@wrong(STEP_4, "beta outside")
def loss_times_beta(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """beta multiplies the loss. It belongs to the rewards, inside the sigmoid."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return beta * sp.log(1 + 1 / r)


@wrong(STEP_4, "reference left out")
def loss_without_reference(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """The reference never enters. The rewards are log-ratios to the reference."""
    return sp.log(1 + (policy_rejected / policy_chosen) ** beta)


@wrong(STEP_4, "entropy")
def cross_entropy_of_both(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """You average over both labels. One label was given: chosen won."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    p = 1 / (1 + r**-beta)
    return -p * sp.log(p) - (1 - p) * sp.log(1 - p)


@wrong(STEP_4, "both labels")
def losses_of_both_labels(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """You add the losses of both labels. One label was given: chosen won."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return sp.log(1 + r**-beta) + sp.log(1 + r**beta)


@wrong(STEP_4, "divided by beta")
def loss_over_beta(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """You divide the log-ratios by beta. The rewards of step 1 are beta times the
    log-ratios."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return sp.log(1 + r ** (-1 / beta))


@wrong(STEP_4, "beta forgotten")
def loss_without_beta(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """beta is lost: the rewards are beta times the log-ratios."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return sp.log(1 + 1 / r)


@wrong(STEP_4, "base 10")
def loss_in_base_ten(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """You took the logarithm to base 10. In sympy, sp.log(x) is the natural one."""
    r = ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected)
    return sp.log(1 + r**-beta, 10)


@wrong(STEP_5, "nothing left")
def nothing_left(beta, z_chosen, z_rejected):
    """The result is 0, whatever the two numbers z are, as if they cancelled. But these
    are two prompts, and z differs between them."""
    return sp.Integer(0)


@wrong(STEP_5, "sign")
def leftover_reversed(beta, z_chosen, z_rejected):
    """The sign is wrong: the chosen response's reward brings + beta log z_chosen."""
    return beta * sp.log(z_rejected / z_chosen)


@wrong(STEP_5, "added")
def leftovers_added(beta, z_chosen, z_rejected):
    """You add both. In a difference of rewards the second one is subtracted."""
    return beta * sp.log(z_chosen * z_rejected)


@wrong(STEP_5, "beta forgotten")
def leftover_without_beta(beta, z_chosen, z_rejected):
    """beta is lost: each reward contains beta log z."""
    return sp.log(z_chosen / z_rejected)


@wrong(STEP_5, "divided by beta")
def leftover_over_beta(beta, z_chosen, z_rejected):
    """You divide by beta. Each reward contains beta times log z."""
    return sp.log(z_chosen / z_rejected) / beta


@wrong(STEP_5, "no log")
def difference_of_z(beta, z_chosen, z_rejected):
    """You subtract the z themselves: the rewards contain beta times their
    logarithms."""
    return beta * (z_chosen - z_rejected)


@wrong(STEP_5, "one only")
def one_z_only(beta, z_chosen, z_rejected):
    """You keep one of the two: the rejected response's prompt has a z as well."""
    return beta * sp.log(z_chosen)


@wrong(STEP_5, "log of the difference")
def log_of_the_difference(beta, z_chosen, z_rejected):
    """A difference of logarithms is the logarithm of the quotient, not of the
    difference."""
    return beta * sp.log(sp.Abs(z_chosen - z_rejected))


def log_sum_exp(x):
    return np.logaddexp.reduce(x)


@wrong(ESTIMATE, "as given")
def estimate_as_given(ref_logp, reward, beta):
    """This still is the code as given. In the hand example one probable response was
    drawn twice: what does its weight do to it once more?"""
    weight = ref_logp - log_sum_exp(ref_logp)
    return log_sum_exp(weight + reward / beta)


@wrong(ESTIMATE, "weights not normalized")
def not_normalized(ref_logp, reward, beta):
    """You removed the division but kept the weights: this adds up ref * e^(r / beta)
    over the draws. Each draw counts 1/N."""
    return log_sum_exp(ref_logp + reward / beta)


@wrong(ESTIMATE, "inverse weights")
def inverse_weights(ref_logp, reward, beta):
    """You divide by the probabilities. That estimates a sum over all responses without
    the reference; Z is an average under the reference."""
    return log_sum_exp(reward / beta - ref_logp) - np.log(len(reward))


@wrong(ESTIMATE, "normalized inverse weights")
def normalized_inverse_weights(ref_logp, reward, beta):
    """You weigh the draws with one over their probability. They were drawn from the
    reference, so rare ones are rare already: each counts 1/N."""
    weight = -ref_logp - log_sum_exp(-ref_logp)
    return log_sum_exp(weight + reward / beta)


@wrong(ESTIMATE, "N - 1")
def one_draw_less(ref_logp, reward, beta):
    """You divide by N - 1. That is for a variance; an average over N draws divides by
    N."""
    with np.errstate(divide="ignore"):
        return log_sum_exp(reward / beta) - np.log(len(reward) - 1.0)


@same_as(one_draw_less)
def one_draw_less_but_one(ref_logp, reward, beta):
    return log_sum_exp(reward / beta) - np.log(max(len(reward) - 1, 1))


@wrong(ESTIMATE, "logarithm divided by N")
def log_divided_by_draws(ref_logp, reward, beta):
    """You divide the logarithm by N. The sum inside it is what is divided: the average
    first, then one logarithm."""
    best = reward.max()
    total = np.sum(np.exp((reward - best) / beta))
    return best / beta + np.log(total) / len(reward)


@wrong(ESTIMATE, "best reward put back without beta")
def best_without_beta(ref_logp, reward, beta):
    """The weights are right now, but the best reward comes back without its beta: it
    was taken out as best / beta."""
    best = reward.max()
    return best + log_sum_exp((reward - best) / beta) - np.log(len(reward))


@wrong(ESTIMATE, "sum for mean")
def sum_of_draws(ref_logp, reward, beta):
    """You add up the draws. Each counts 1/N, so that more draws do not make a larger
    Z."""
    return log_sum_exp(reward / beta)


@wrong(ESTIMATE, "mean of the logs")
def mean_of_logs(ref_logp, reward, beta):
    """You average reward / beta, the logs of the multipliers. Average the multipliers,
    then take one logarithm."""
    return np.mean(reward) / beta


@wrong(ESTIMATE, "each response once")
def each_response_once(ref_logp, reward, beta):
    """You drop repeated draws. That a response came up twice is information: it is
    probable."""
    kept = np.unique(np.stack([ref_logp, reward]), axis=1)[1]
    return log_sum_exp(kept / beta) - np.log(len(kept))


@wrong(ESTIMATE, "Z for log Z")
def estimate_of_z(ref_logp, reward, beta):
    """This is the estimate of Z; the task asks for its logarithm."""
    with np.errstate(over="ignore"):
        return np.mean(np.exp(reward / beta))


@wrong(ESTIMATE, "best reward forgotten")
def best_forgotten(ref_logp, reward, beta):
    """The weights are right now, but the best reward that was taken out must come back
    in: best / beta."""
    return log_sum_exp((reward - reward.max()) / beta) - np.log(len(reward))


@wrong(ESTIMATE, "overflow")
def estimate_overflows(ref_logp, reward, beta):
    """Right at ordinary rewards; but taking the best reward out was no bug, it keeps
    the powers from overflowing."""
    with np.errstate(over="ignore"):
        return np.log(np.mean(np.exp(reward / beta)))


@wrong(AVERAGE, "zero")
def average_zero():
    """0 would be its logarithm. At policy = reference each multiplier is e^0 = 1."""
    return 0.0


@wrong(AVERAGE, "averaged over the policy")
def averaged_over_the_policy():
    """You averaged over the policy. The task averages over the reference, and there
    the terms simplify."""
    return 0.1 * 0.1 / 0.5 + 0.2 * 0.2 / 0.3 + 0.7 * 0.7 / 0.2


@wrong(AVERAGE, "plain mean")
def plain_mean():
    """You took the plain mean of the three ratios. Weigh each with the reference's
    probability."""
    return (0.1 / 0.5 + 0.2 / 0.3 + 0.7 / 0.2) / 3


@wrong(AVERAGE, "ratio upside down")
def ratios_upside_down():
    """The ratio is upside down: e^(implicit reward / beta) is policy / reference."""
    return 0.5 * 0.5 / 0.1 + 0.3 * 0.3 / 0.2 + 0.2 * 0.2 / 0.7


@wrong(AVERAGE, "not divided by beta")
def not_divided_by_beta():
    """You exponentiated the implicit reward without dividing it by beta."""
    return 0.5 * 0.2**0.1 + 0.3 * (2 / 3) ** 0.1 + 0.2 * 3.5**0.1


@wrong(AVERAGE, "average of the logs")
def average_of_the_logs():
    """You averaged the log-ratios, which gives minus a KL. Exponentiate first."""
    return 0.5 * math.log(0.2) + 0.3 * math.log(2 / 3) + 0.2 * math.log(3.5)


@wrong(AVERAGE, "exponential of the average")
def exponential_of_the_average():
    """You averaged the log-ratios and exponentiated the average. Exponentiate each of
    them first, then average."""
    return 0.2**0.5 * (2 / 3) ** 0.3 * 3.5**0.2


@wrong(AVERAGE, "beta")
def average_is_beta():
    """This is beta. It is divided out before the exponential."""
    return 0.1


@wrong(LEVEL, "sign")
def level_sign():
    """You added the implicit reward. It is reward = implicit reward + beta log Z, so
    subtract."""
    return 2 + 0.5 * math.log(2)


@wrong(LEVEL, "log Z")
def level_log_z():
    """This is log Z. The task asks for beta * log Z."""
    return 4 - math.log(2)


@wrong(LEVEL, "beta forgotten")
def level_without_beta():
    """You forgot beta: the implicit reward is 0.5 times the log-ratio."""
    return 2 - math.log(2)


@wrong(LEVEL, "bits")
def level_in_bits():
    """You took the logarithm to base 2. The implicit reward has the natural one."""
    return 1.5


@wrong(LEVEL, "divided by beta")
def level_over_beta():
    """You divided the log-ratio by beta. The implicit reward is beta times it."""
    return 2 - math.log(2) / 0.5


@wrong(LEVEL, "no log")
def level_without_log():
    """You used the ratio 2 in place of its logarithm."""
    return 2 - 0.5 * 2


@wrong(LEVEL, "the implicit reward")
def implicit_for_level():
    """This is the implicit reward, 0.5 log 2. beta log Z is what the true reward has
    on top of it."""
    return 0.5 * math.log(2)


@wrong(LEVEL, "the whole reward")
def whole_reward():
    """This is the true reward. It would equal beta log Z if the response had not become
    more likely."""
    return 2.0


@wrong(LEVEL, "other way round")
def level_reversed():
    """The sign is wrong: beta log Z is the reward minus the implicit reward, not the
    reverse."""
    return 0.5 * math.log(2) - 2
