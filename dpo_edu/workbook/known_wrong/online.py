"""Known wrong answers of chapter 15: name = id, docstring = what the learner reads."""

import math

import numpy as np

from . import same_as, wrong

BETA = "effective_beta"
ITERATE = "iterate"
SLIPS = "find_the_bug_slips"
THREE = "predict_three_betas"
JUDGE = "diagnose_the_happy_judge"


# Which beta


@wrong(BETA, "multiplied")
def beta_multiplied(beta, rounds):
    """You multiply by the number of rounds, which would hold the policy back more
    with every round. Each round moves on from where the last one arrived."""
    return beta * rounds if rounds else math.inf


@wrong(BETA, "fixed reference")
def beta_of_a_fixed_reference(beta, rounds):
    """This is right for a fixed reference, where every round arrives at the same
    policy. Here the reference moves to the policy after each round."""
    return beta if rounds else math.inf


@wrong(BETA, "halved in every round")
def beta_halved(beta, rounds):
    """You halve beta in every round. Each round adds the same reward / beta to the
    exponent, so the third one adds as much as the second."""
    return beta / 2 ** (rounds - 1) if rounds else math.inf


@wrong(BETA, "betas multiplied")
def beta_to_the_power(beta, rounds):
    """A power of beta: the betas of the rounds are multiplied. What is multiplied is
    e^(reward / beta), so what adds up is reward / beta."""
    return beta**rounds if rounds else math.inf


@wrong(BETA, "one round too many")
def one_round_too_many(beta, rounds):
    """Here one round already changes beta. One round is one round at its own
    beta."""
    return beta / (rounds + 1) if rounds else math.inf


@wrong(BETA, "first round not counted")
def first_round_not_counted(beta, rounds):
    """The first round is not counted. It tilts the reference like every other."""
    return beta / max(rounds - 1, 1) if rounds else math.inf


@wrong(BETA, "square root of the rounds")
def square_root_of_rounds(beta, rounds):
    """A square root is for errors that average out. Rounds with the same reward all
    push in the same direction, and their exponents add in full."""
    return beta / math.sqrt(rounds) if rounds else math.inf


@wrong(BETA, "square of the rounds")
def square_of_rounds(beta, rounds):
    """You divide by the square of the rounds: each round adds one reward / beta, the
    second one not three."""
    return beta / rounds**2 if rounds else math.inf


@wrong(BETA, "the inverse")
def inverse_of_the_beta(beta, rounds):
    """This is the factor of the reward in the exponent, rounds / beta. The task asks
    for the beta, its inverse."""
    return rounds / beta


@wrong(BETA, "zero rounds without care")
def zero_rounds_crash(beta, rounds):
    """With 0 rounds you divide by zero. No round leaves the reference as it is, which
    one round does only at an infinite beta."""
    return beta / rounds


@wrong(BETA, "zero rounds taken for one")
def zero_rounds_as_one(beta, rounds):
    """With 0 rounds you answer beta: that is one round. No round leaves the reference
    as it is, which one round does only at an infinite beta."""
    return beta / max(rounds, 1)


@wrong(BETA, "zero rounds, beta zero")
def zero_rounds_zero(beta, rounds):
    """With 0 rounds you answer 0. A beta near 0 keeps nothing of the reference; no
    round keeps it whole."""
    return beta / rounds if rounds else 0.0


@wrong(BETA, "whole numbers only")
def floor_division(beta, rounds):
    """`//` cuts off the digits after the point. Divide by `/`."""
    return beta // rounds if rounds else math.inf


@wrong(BETA, "later rounds count less")
def later_rounds_count_less(beta, rounds):
    """Later rounds count less here: 1/2, 1/3, ... Nothing fades: the reward and beta
    are the same in every round, and so is the tilt."""
    return beta / sum(1 / k for k in range(1, rounds + 1)) if rounds else math.inf


@wrong(BETA, "e-function instead of its exponent")
def decays_like_e(beta, rounds):
    """You let beta shrink exponentially. The policies are multiplied by an
    e-function; beta stands in its exponent, where rounds add."""
    return beta * math.exp(1 - rounds) if rounds else math.inf


@wrong(BETA, "subtracted")
def subtracted(beta, rounds):
    """You take a share of beta away in every round. Beta itself does not add up, its
    inverse does: reward / beta."""
    return beta * (1 - (rounds - 1) / (rounds + 1)) if rounds else math.inf


# Rounds


@wrong(ITERATE, "first policy missing")
def first_policy_missing(policy, reference, round_fn, rounds):
    """The first policy is missing. The task asks for rounds + 1 policies, the first
    one as it was given."""
    policies = []
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        policies.append(policy)
    return policies


@wrong(ITERATE, "last policy missing")
def last_policy_missing(policy, reference, round_fn, rounds):
    """The policy of the last round is missing: you note it before the round instead
    of after it."""
    policies = []
    for _ in range(rounds):
        policies.append(policy)
        policy, reference = round_fn(policy, reference)
    return policies


@wrong(ITERATE, "the last policy alone")
def last_policy_alone(policy, reference, round_fn, rounds):
    """You return the last policy alone. The task asks for the list of all of
    them."""
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
    return [policy]


@wrong(ITERATE, "first reference in every round")
def first_reference_for_ever(policy, reference, round_fn, rounds):
    """Every round gets the first reference, so it can never move. The next round gets
    the one that round_fn returned."""
    policies = [policy]
    for _ in range(rounds):
        policy, _ = round_fn(policy, reference)
        policies.append(policy)
    return policies


@wrong(ITERATE, "reference moved to the policy")
def reference_always_moved(policy, reference, round_fn, rounds):
    """You make the new policy the reference in every round. That is one way; which
    reference comes next is what round_fn returns beside the policy."""
    policies = [policy]
    for _ in range(rounds):
        policy, _ = round_fn(policy, reference)
        reference = policy
        policies.append(policy)
    return policies


@wrong(ITERATE, "old policy as reference")
def old_policy_as_reference(policy, reference, round_fn, rounds):
    """The next reference is the policy from before the round. Which reference comes
    next is what round_fn returns beside the policy."""
    policies = [policy]
    for _ in range(rounds):
        learned, _ = round_fn(policy, reference)
        policy, reference = learned, policy
        policies.append(policy)
    return policies


@wrong(ITERATE, "every round begins at the first policy")
def first_policy_for_ever(policy, reference, round_fn, rounds):
    """Every round begins at the first policy again, and samples from it. That is
    offline training done several times: a round goes on from the last policy."""
    policies = [policy]
    for _ in range(rounds):
        learned, reference = round_fn(policy, reference)
        policies.append(learned)
    return policies


@wrong(ITERATE, "the same round again and again")
def same_round_again(policy, reference, round_fn, rounds):
    """Every round gets the first policy and the first reference: it is the same round
    again and again. Replace both by what round_fn returns."""
    return [policy] + [round_fn(policy, reference)[0] for _ in range(rounds)]


@wrong(ITERATE, "arguments exchanged")
def arguments_exchanged(policy, reference, round_fn, rounds):
    """round_fn gets reference and policy in the wrong order: the policy comes
    first."""
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(reference, policy)
        policies.append(policy)
    return policies


@wrong(ITERATE, "results exchanged")
def results_exchanged(policy, reference, round_fn, rounds):
    """You take the reference that round_fn returns for the policy. The policy comes
    first."""
    policies = [policy]
    for _ in range(rounds):
        reference, policy = round_fn(policy, reference)
        policies.append(policy)
    return policies


@wrong(ITERATE, "references collected")
def references_collected(policy, reference, round_fn, rounds):
    """You collect the references. The task asks for the policies."""
    references = [reference]
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        references.append(reference)
    return references


@wrong(ITERATE, "one round too many")
def one_more_round(policy, reference, round_fn, rounds):
    """You do one round too many: rounds + 1 policies come from that many rounds less
    one, since the first is given."""
    policies = [policy]
    for _ in range(rounds + 1):
        policy, reference = round_fn(policy, reference)
        policies.append(policy)
    return policies


@wrong(ITERATE, "a round for the last policy")
def round_for_nobody(policy, reference, round_fn, rounds):
    """The list is right, but round_fn is called once too often: the last round is done
    and its policy thrown away."""
    policies = []
    for _ in range(rounds + 1):
        policies.append(policy)
        policy, reference = round_fn(policy, reference)
    return policies


@wrong(ITERATE, "round_fn called twice a round")
def called_twice(policy, reference, round_fn, rounds):
    """You call round_fn twice a round, once for the policy and once for the
    reference. A round is training: do it once and keep both results."""
    policies = [policy]
    for _ in range(rounds):
        next_policy = round_fn(policy, reference)[0]
        reference = round_fn(policy, reference)[1]
        policy = next_policy
        policies.append(policy)
    return policies


@wrong(ITERATE, "second call after the update")
def called_again_after_the_update(policy, reference, round_fn, rounds):
    """You replace the policy first and call round_fn again for the reference: the
    second call gets the new policy. Take both results from one call."""
    policies = [policy]
    for _ in range(rounds):
        policy = round_fn(policy, reference)[0]
        reference = round_fn(policy, reference)[1]
        policies.append(policy)
    return policies


@wrong(ITERATE, "newest first")
def newest_first(policy, reference, round_fn, rounds):
    """The list runs backwards: the first policy comes first."""
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        policies.insert(0, policy)
    return policies


@wrong(ITERATE, "pairs instead of policies")
def pairs_collected(policy, reference, round_fn, rounds):
    """Each entry is a tuple of policy and reference. The task asks for the policies
    alone."""
    pairs = [(policy, reference)]
    for _ in range(rounds):
        pairs.append(round_fn(*pairs[-1]))
    return pairs


@wrong(ITERATE, "stops when nothing changes")
def stops_when_nothing_changes(policy, reference, round_fn, rounds):
    """You stop where a round changes nothing. The task asks for all the rounds: the
    next one might move, because its reference is another."""
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        if np.allclose(policy, policies[-1]):
            break
        policies.append(policy)
    return policies


@same_as(stops_when_nothing_changes)
def stops_when_nothing_changes_at_all(policy, reference, round_fn, rounds):
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        if np.array_equal(policy, policies[-1]):
            break
        policies.append(policy)
    return policies


# Find the bug


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


@wrong(SLIPS, "the difference shrunk")
def difference_shrunk(reward_a, reward_b, rate):
    """The bug is still there: it shrinks the difference of the rewards. A slip comes
    after the verdict, and hits a clear case as often as a close one."""
    return sigmoid((1 - 2 * rate) * (reward_a - reward_b))


@wrong(SLIPS, "slips taken for coins")
def slips_taken_for_coins(reward_a, reward_b, rate):
    """With probability rate you toss a coin, which is right half the time. Her
    verdict is turned around."""
    return (1 - rate) * sigmoid(reward_a - reward_b) + rate / 2


@wrong(SLIPS, "only the right verdicts lost")
def only_losses(reward_a, reward_b, rate):
    """You take away the cases in which she slips from "a". When she slips from "b",
    "a" gains."""
    return (1 - rate) * sigmoid(reward_a - reward_b)


@wrong(SLIPS, "the rate for not slipping")
def rate_exchanged(reward_a, reward_b, rate):
    """Slipping and not slipping are exchanged: with rate 0 this judge is always
    wrong."""
    p = sigmoid(reward_a - reward_b)
    return rate * p + (1 - rate) * (1 - p)


@wrong(SLIPS, "the difference shrunk by 1 - rate")
def difference_times_one_minus_rate(reward_a, reward_b, rate):
    """The difference of the rewards still shrinks, by 1 - rate now. The slip changes
    P, not the difference."""
    return sigmoid((1 - rate) * (reward_a - reward_b))


@wrong(SLIPS, "only the wrong verdicts won")
def only_gains(reward_a, reward_b, rate):
    """You add the cases in which she slips from "b". When she slips from "a", "a"
    loses."""
    p = sigmoid(reward_a - reward_b)
    return p + rate * (1 - p)


@wrong(SLIPS, "the rate taken off")
def rate_taken_off(reward_a, reward_b, rate):
    """You take the rate off P. She can slip from "a" only if she thinks "a", and a slip
    from "b" adds to it."""
    return np.clip(sigmoid(reward_a - reward_b) - rate, 0, 1)


@wrong(SLIPS, "the rate kept below 1/2")
def rate_up_to_one_half(reward_a, reward_b, rate):
    """You keep the rate below 1/2. A judge may slip more often than not."""
    p, rate = sigmoid(reward_a - reward_b), min(rate, 0.5)
    return p + rate * (1 - 2 * p)


@wrong(SLIPS, "a sure verdict")
def sure_verdict(reward_a, reward_b, rate):
    """She thinks "a" for sure where a has the larger reward. Under Bradley-Terry she
    does so with probability sigmoid(reward_a - reward_b)."""
    p = (1 + np.sign(reward_a - reward_b)) / 2
    return p + rate * (1 - 2 * p)


@wrong(SLIPS, "ratio of exponentials")
def ratio_of_exponentials(reward_a, reward_b, rate):
    """The bug is mended, but e^1000 is infinite in floating point, and inf / inf is
    NaN. Subtract the rewards first."""
    p = np.exp(reward_a) / (np.exp(reward_a) + np.exp(reward_b))
    return p + rate * (1 - 2 * p)


@wrong(SLIPS, "without slips")
def without_slips(reward_a, reward_b, rate):
    """The slips are gone, or cancel: a verdict that is turned around from "a" takes
    from P, one from "b", which has 1 - P, adds to it."""
    return sigmoid(reward_a - reward_b)


@same_as(without_slips)
def gains_from_the_same_side(reward_a, reward_b, rate):
    p = sigmoid(reward_a - reward_b)
    return (1 - rate) * p + rate * p


# The number


@wrong(THREE, "mean")
def mean_of_betas():
    """This is the mean of the three betas. What adds up from round to round is
    reward / beta."""
    return 5.5 / 3


@wrong(THREE, "sum")
def sum_of_betas():
    """You add the betas. What adds up from round to round is reward / beta."""
    return 5.5


@wrong(THREE, "inverse forgotten")
def sum_of_inverses():
    """This is 1 / beta, the sum of the three inverses. The task asks for the
    beta."""
    return 3.25


@wrong(THREE, "harmonic mean")
def harmonic_mean():
    """This is the harmonic mean, the beta of a typical round. There are three of
    them, and each one tilts."""
    return 3 / 3.25


@wrong(THREE, "the last beta")
def the_last_beta():
    """This is the beta of the last round: right for a fixed reference. Here the last
    round starts from what the others have done."""
    return 4.0


@wrong(THREE, "the smallest beta")
def the_smallest_beta():
    """The first round alone does that; the other two add to it."""
    return 0.5


@wrong(THREE, "product")
def product_of_betas():
    """You multiply the betas. What is multiplied is e^(reward / beta): exponents
    add."""
    return 2.0


@wrong(THREE, "mean beta over three")
def mean_over_rounds():
    """You divide the mean beta by 3, as if all rounds had it. Inverse betas add."""
    return 5.5 / 9


# The judge


@wrong(JUDGE, "nothing wrong")
def all_is_well():
    """One column rises and another, which should say the same, does not. The judge's
    column is the one that was trained on."""
    return "nothing is wrong"


@wrong(JUDGE, "chance")
def errors_by_chance():
    """Verdicts turned around by chance would hold the judge's own column down too,
    and people would still come to prefer the policy."""
    return "the judge turns many verdicts around by chance"


@wrong(JUDGE, "self-labels")
def its_own_labels():
    """The log says one and the same judge in all rounds, the first included; an
    untrained policy has no opinion to label with."""
    return "the policy labels itself"


@wrong(JUDGE, "moving reference")
def moved_too_far():
    """The reference was fixed in this run, and there were four rounds only."""
    return "too many rounds with a moving reference"


@wrong(JUDGE, "one answer only")
def one_answer_only():
    """Then nearly all pairs would hold the same answer twice. The last column says
    how many do."""
    return "the policy says one thing only"
