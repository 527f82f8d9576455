"""Chapter 15: wrong answers of learners."""

import math

import numpy as np


def effective_beta__times_rounds(beta, rounds):
    """Multiplies: several rounds would then hold the policy back."""
    return math.inf if rounds == 0 else beta * rounds


def effective_beta__division_by_zero(beta, rounds):
    """No round at all raises ZeroDivisionError instead of math.inf."""
    return beta / rounds


def effective_beta__halves_every_round(beta, rounds):
    """Halves beta each round: right for one and two rounds, wrong from three on."""
    if rounds == 0:
        return math.inf
    return beta / 2 ** (rounds - 1)


def effective_beta__power(beta, rounds):
    """Raises beta to the power of the rounds: right for one round only, since it is 1 / beta that adds up."""
    return math.inf if rounds == 0 else beta**rounds


def effective_beta__off_by_one(beta, rounds):
    """Counts one round too many."""
    return beta / (rounds + 1)


def effective_beta__zero_rounds_returns_beta(beta, rounds):
    """No round at all returns beta as if one had been run."""
    return beta / max(rounds, 1)


def effective_beta__zero_rounds_returns_zero(beta, rounds):
    """No round at all returns 0, at which the policy would leave the reference entirely."""
    if rounds == 0:
        return 0.0
    return beta / rounds


def effective_beta__floor(beta, rounds):
    """Floor division rounds the beta down, often to 0."""
    if rounds == 0:
        return math.inf
    return beta // rounds


def effective_beta__ignores_rounds(beta, rounds):
    """Thinks that exact rounds change nothing after the first."""
    return beta if rounds else math.inf


def effective_beta__none_for_no_rounds(beta, rounds):
    """Returns None for no rounds, not math.inf."""
    if rounds:
        return beta / rounds


def effective_beta__rounded(beta, rounds):
    """Rounds to two digits, which makes small betas 0."""
    return round(beta / rounds, 2) if rounds else math.inf


def iterate__fixed_reference(policy, reference, round_fn, rounds):
    """Throws the new reference away and always hands out the first one."""
    policies = [policy]
    for _ in range(rounds):
        policy, _unused = round_fn(policy, reference)
        policies.append(policy)
    return policies


def iterate__moving_reference(policy, reference, round_fn, rounds):
    """Makes the learned policy the next reference, but that is for round_fn to decide."""
    policies = [policy]
    for _ in range(rounds):
        policy, _unused = round_fn(policy, reference)
        reference = policy
        policies.append(policy)
    return policies


def iterate__old_policy_as_reference(policy, reference, round_fn, rounds):
    """Uses the previous policy as the next reference: right for the hand example only."""
    policies = [policy]
    for _ in range(rounds):
        new, _unused = round_fn(policy, reference)
        reference = policy
        policy = new
        policies.append(policy)
    return policies


def iterate__policy_never_moves(policy, reference, round_fn, rounds):
    """Starts every round from the first policy."""
    policies = [policy]
    for _ in range(rounds):
        learned, reference = round_fn(policy, reference)
        policies.append(learned)
    return policies


def iterate__first_missing(policy, reference, round_fn, rounds):
    """Leaves the first policy out, so the list is one short."""
    policies = []
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        policies.append(policy)
    return policies


def iterate__last_missing(policy, reference, round_fn, rounds):
    """Appends before the round, so the last policy is missing."""
    policies = []
    for _ in range(rounds):
        policies.append(policy)
        policy, reference = round_fn(policy, reference)
    return policies


def iterate__one_round_too_many(policy, reference, round_fn, rounds):
    """Runs rounds + 1 rounds and so calls round_fn even for rounds = 0."""
    policies = []
    for _ in range(rounds + 1):
        policies.append(policy)
        policy, reference = round_fn(policy, reference)
    return policies


def iterate__called_twice(policy, reference, round_fn, rounds):
    """Calls round_fn twice a round, which matters when it draws samples or counts."""
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)[0], round_fn(policy, reference)[1]
        policies.append(policy)
    return policies


def iterate__sequential_calls(policy, reference, round_fn, rounds):
    """Asks for the new reference after the policy has already been replaced."""
    policies = [policy]
    for _ in range(rounds):
        policy = round_fn(policy, reference)[0]
        reference = round_fn(policy, reference)[1]
        policies.append(policy)
    return policies


def iterate__tuple_order(policy, reference, round_fn, rounds):
    """Unpacks (reference, policy), the wrong way round."""
    policies = [policy]
    for _ in range(rounds):
        reference, policy = round_fn(policy, reference)
        policies.append(policy)
    return policies


def iterate__arguments_exchanged(policy, reference, round_fn, rounds):
    """Passes (reference, policy) to round_fn; unseen where round_fn is symmetric and both are equal."""
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(reference, policy)
        policies.append(policy)
    return policies


_history = []


def iterate__global_history(policy, reference, round_fn, rounds):
    """Keeps the list in a global variable, so the second call returns the first call's policies too."""
    _history.append(policy)
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        _history.append(policy)
    return _history


def iterate__generator(policy, reference, round_fn, rounds):
    """Yields the policies: the caller gets a generator, not a list."""
    yield policy
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        yield policy


def iterate__stacked_array(policy, reference, round_fn, rounds):
    """Returns an array instead of a list of the policies."""
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        policies.append(policy)
    return np.array(policies)


def iterate__stops_when_equal(policy, reference, round_fn, rounds):
    """Stops early when a round changes nothing, so the list is too short (and arrays have no truth value)."""
    policies = [policy]
    for _ in range(rounds):
        new, reference = round_fn(policy, reference)
        if np.array_equal(new, policy):
            break
        policy = new
        policies.append(policy)
    return policies


def iterate__decides_by_identity(policy, reference, round_fn, rounds):
    """Guesses fixed or moving from the first round and ignores references that are neither later."""
    policies = [policy]
    moving = None
    for _ in range(rounds):
        new, following = round_fn(policy, reference)
        if moving is None:
            moving = following is not reference
        if moving:
            reference = new
        policy = new
        policies.append(policy)
    return policies


def find_the_bug_slips__as_given(reward_a, reward_b, rate):
    """Only the raising line is deleted: the slips shrink the rewards, not the probability."""
    gap = (1 - 2 * rate) * (reward_a - reward_b)
    return 1 / (1 + np.exp(-np.clip(gap, -700, 700)))


def _sigmoid(x):
    """A stable sigmoid."""
    return np.exp(-np.logaddexp(0.0, -x))


def find_the_bug_slips__random_guess(reward_a, reward_b, rate):
    """A slip is taken for a coin toss, (1 - rate) p + rate / 2; the verdict is turned around instead."""
    return (1 - rate) * _sigmoid(reward_a - reward_b) + rate / 2


def find_the_bug_slips__turned_ones_missing(reward_a, reward_b, rate):
    """Forgets that a slip on "b" says "a"."""
    return (1 - rate) * _sigmoid(reward_a - reward_b)


def find_the_bug_slips__always_slips(reward_a, reward_b, rate):
    """rate and 1 - rate are exchanged."""
    p = _sigmoid(reward_a - reward_b)
    return rate * p + (1 - rate) * (1 - p)


def find_the_bug_slips__factor_one_minus_rate(reward_a, reward_b, rate):
    """Only changes the factor inside from 1 - 2 rate to 1 - rate."""
    gap = (1 - rate) * (reward_a - reward_b)
    return 1 / (1 + np.exp(-np.clip(gap, -700, 700)))


def find_the_bug_slips__strength_ratio(reward_a, reward_b, rate):
    """e^a / (e^a + e^b) is inf / inf = nan for large rewards."""
    with np.errstate(all="ignore"):
        p = np.exp(reward_a) / (np.exp(reward_a) + np.exp(reward_b))
    return (1 - rate) * p + rate * (1 - p)


def find_the_bug_slips__sum_of_two_slips(reward_a, reward_b, rate):
    """p + rate * (1 - p): slips on "b" count, but slips on "a" are forgotten; exceeds what she says."""
    p = _sigmoid(reward_a - reward_b)
    return p + rate * (1 - p)


def find_the_bug_slips__additive(reward_a, reward_b, rate):
    """Subtracts the rate from p and clips."""
    return np.clip(_sigmoid(reward_a - reward_b) - rate, 0.0, 1.0)


def find_the_bug_slips__rate_capped_at_half(reward_a, reward_b, rate):
    """Caps the rate at 1/2, but a judge may slip more often than not."""
    rate = min(rate, 0.5)
    p = _sigmoid(reward_a - reward_b)
    return (1 - rate) * p + rate * (1 - p)


def find_the_bug_slips__clipped_gap(reward_a, reward_b, rate):
    """Clips the gap to +-5, so certain judges seem to err by 0.7 percent."""
    p = _sigmoid(np.clip(reward_a - reward_b, -5, 5))
    return (1 - rate) * p + rate * (1 - p)


def find_the_bug_slips__simulated(reward_a, reward_b, rate):
    """Simulates verdicts, so the result is a random estimate, right to two digits only."""
    rng = np.random.default_rng(0)
    p = _sigmoid(reward_a - reward_b)
    says = (rng.random((2000, len(p))) < p) ^ (rng.random((2000, len(p))) < rate)
    return says.mean(axis=0)


def find_the_bug_slips__hard_verdict(reward_a, reward_b, rate):
    """Lets her think "a" for sure wherever a has the larger reward."""
    p = np.where(reward_a > reward_b, 1.0, np.where(reward_a < reward_b, 0.0, 0.5))
    return (1 - rate) * p + rate * (1 - p)


def predict_three_betas__mean():
    """The mean of the betas."""
    return (0.5 + 1 + 4) / 3


def predict_three_betas__harmonic_mean():
    """The harmonic mean; one round in place of three needs no factor 3."""
    return 3 / (1 / 0.5 + 1 / 1 + 1 / 4)


def predict_three_betas__inverse():
    """Gives the sum of 1 / beta and forgets to invert it."""
    return 1 / 0.5 + 1 / 1 + 1 / 4


def predict_three_betas__product():
    """The product of the betas."""
    return 0.5 * 1 * 4


def predict_three_betas__sum():
    """The sum of the betas."""
    return 0.5 + 1 + 4


def predict_three_betas__smallest():
    """Thinks that the smallest beta decides."""
    return 0.5


def diagnose_the_happy_judge__nothing():
    """People like the policy hardly more than the reference: the judge's joy is not theirs."""
    return "nothing is wrong"


def diagnose_the_happy_judge__slips():
    """A judge who slips by chance would not reach 0.88."""
    return "the judge turns many verdicts around by chance"


def diagnose_the_happy_judge__labels_itself():
    """The judge is one and the same and is not the policy."""
    return "the policy labels itself"


def diagnose_the_happy_judge__moving_reference():
    """The reference stays fixed, says the task."""
    return "too many rounds with a moving reference"


def diagnose_the_happy_judge__one_thing_only():
    """Only 9 to 11 percent of the pairs hold the same answer twice."""
    return "the policy says one thing only"
