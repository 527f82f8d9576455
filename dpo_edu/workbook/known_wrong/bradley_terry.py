"""Known wrong answers of chapter 01: name = id, docstring = what the learner reads."""

import math
from statistics import NormalDist

import numpy as np

from . import same_as, wrong

PROBABILITY = "preference_probability"
COMPOSE = "compose_preferences"
RANKING = "plackett_luce_nll"
WINS = "find_the_bug_expected_wins"
CYCLE = "predict_the_cycle"


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def logit(p):
    return math.log(p / (1 - p))


def log_sum_exp(x):
    return np.max(x) + np.log(np.sum(np.exp(x - np.max(x))))


@wrong(PROBABILITY, "order of the difference")
def swapped_difference(reward_i, reward_j):
    """This is P(j beats i): the difference is taken in the wrong order."""
    return sigmoid(reward_j - reward_i)


@wrong(PROBABILITY, "odds taken for a probability")
def odds(reward_i, reward_j):
    """These are the odds e^(reward_i - reward_j), which can exceed 1. Odds o are the
    probability o / (1 + o)."""
    return float(np.exp(np.float64(reward_i - reward_j)))


@wrong(PROBABILITY, "each reward squashed before comparing")
def squashed_first(reward_i, reward_j):
    """You put each reward through a sigmoid and compared afterwards. Subtract first,
    then one sigmoid: a reward alone has no probability."""
    return sigmoid(reward_i) / (sigmoid(reward_i) + sigmoid(reward_j))


@wrong(PROBABILITY, "sigmoids subtracted")
def difference_of_sigmoids(reward_i, reward_j):
    """You subtracted two sigmoids. Subtract the rewards, then take one sigmoid."""
    return sigmoid(reward_i) - sigmoid(reward_j)


@wrong(PROBABILITY, "a preference as a hard comparison")
def hard_comparison(reward_i, reward_j):
    """You answer whether i is better. The model says how often i wins: the better one
    loses sometimes."""
    return float(reward_i > reward_j)


@same_as(hard_comparison)
def hard_comparison_as_bool(reward_i, reward_j):
    return reward_i > reward_j


@wrong(PROBABILITY, "a hard comparison with ties at one half")
def hard_comparison_with_ties(reward_i, reward_j):
    """You answer whether i is better, with one half for ties. The model says how often
    i wins, and that depends on how large the difference is."""
    return 0.5 * (1 + float(np.sign(reward_i - reward_j)))


@wrong(PROBABILITY, "rewards used as strengths")
def share_of_raw_rewards(reward_i, reward_j):
    """You divided reward_i by the sum of the rewards. Rewards can be negative; the
    strengths that are compared are e^reward."""
    return reward_i / (reward_i + reward_j)


@same_as(share_of_raw_rewards)
def share_of_raw_rewards_or_a_half(reward_i, reward_j):
    total = reward_i + reward_j
    return reward_i / total if total else 0.5


@wrong(PROBABILITY, "the difference itself")
def the_gap_itself(reward_i, reward_j):
    """This is the difference of the rewards. It still has to become a probability."""
    return reward_i - reward_j


@wrong(PROBABILITY, "a straight line instead of the sigmoid")
def straight_line(reward_i, reward_j):
    """You cut a straight line off at 0 and 1. The log-odds are linear in the gap, the
    probability is not."""
    return min(1.0, max(0.0, 0.5 + (reward_i - reward_j) / 2))


@wrong(PROBABILITY, "log-probability returned")
def log_probability(reward_i, reward_j):
    """This is the logarithm of the probability; the task asks for the probability."""
    return -float(np.logaddexp(0, reward_j - reward_i))


@wrong(PROBABILITY, "negative log-probability returned")
def loss_instead(reward_i, reward_j):
    """This is -log P, the loss of chapter 02; here the probability itself is due."""
    return float(np.logaddexp(0, reward_j - reward_i))


@wrong(PROBABILITY, "base 10")
def base_ten(reward_i, reward_j):
    """You used powers of 10. Rewards are in nats: powers of e."""
    return sigmoid((reward_i - reward_j) * math.log(10))


@wrong(PROBABILITY, "base 2")
def base_two(reward_i, reward_j):
    """You used powers of 2. Rewards are in nats: powers of e."""
    return sigmoid((reward_i - reward_j) * math.log(2))


@wrong(PROBABILITY, "Elo's scale")
def elo_scale(reward_i, reward_j):
    """This is Elo's formula, with 400 points to a factor of 10. Rewards are in nats: no
    factor at all."""
    return sigmoid((reward_i - reward_j) * math.log(10) / 400)


@wrong(PROBABILITY, "sum instead of difference")
def sigmoid_of_sum(reward_i, reward_j):
    """You added the rewards. A strong opponent makes winning harder: subtract."""
    return sigmoid(reward_i + reward_j)


@wrong(PROBABILITY, "ratio of rewards")
def sigmoid_of_ratio(reward_i, reward_j):
    """You divided the rewards. The ratio of the *strengths* e^reward counts, which is
    the difference of the rewards."""
    return sigmoid(reward_i / reward_j)


@wrong(PROBABILITY, "the opponent is ignored")
def ignores_the_opponent(reward_i, reward_j):
    """You never look at reward_j: this is the probability of beating a reward of 0."""
    return sigmoid(reward_i)


@wrong(PROBABILITY, "absolute difference")
def absolute_gap(reward_i, reward_j):
    """You took the absolute difference, so the worse one is favored as well."""
    return sigmoid(abs(reward_i - reward_j))


@wrong(PROBABILITY, "Gaussian noise (Thurstone)", "Noise behind the model")
def thurstone(reward_i, reward_j):
    """This is Thurstone's model, with Gaussian noise on both rewards. Bradley-Terry
    is what Gumbel noise gives: the logistic function."""
    return NormalDist().cdf((reward_i - reward_j) / math.sqrt(2))


@wrong(PROBABILITY, "probit of the gap", "Noise behind the model")
def probit(reward_i, reward_j):
    """This is the normal distribution function of the gap; Bradley-Terry has the
    logistic one, 1 / (1 + e^-gap)."""
    return NormalDist().cdf(reward_i - reward_j)


@wrong(PROBABILITY, "tanh for the sigmoid")
def tanh_of_gap(reward_i, reward_j):
    """tanh runs from -1 to 1; the sigmoid of x is (1 + tanh(x / 2)) / 2."""
    return math.tanh(reward_i - reward_j)


@wrong(PROBABILITY, "half the gap missing in tanh")
def tanh_without_half(reward_i, reward_j):
    """Your result is the sigmoid of twice the gap: sigmoid(x) = (1 + tanh(x / 2)) / 2
    has a half inside."""
    return (1 + math.tanh(reward_i - reward_j)) / 2


@wrong(PROBABILITY, "squared powers")
def gumbel_of_gap(reward_i, reward_j):
    """You used e^-(e^-gap), the distribution of one Gumbel noise. The difference of
    two of them is what decides, and that is logistic."""
    return float(np.exp(-np.exp(np.float64(reward_j - reward_i))))


@wrong(PROBABILITY, "both probabilities returned")
def both_probabilities(reward_i, reward_j):
    """You return both probabilities. The task asks for one number, P(i beats j)."""
    p = sigmoid(reward_i - reward_j)
    return np.array([p, 1 - p])


@wrong(PROBABILITY, "powers overflow")
def powers_overflow(reward_i, reward_j):
    """The formula is right, but e^1000 is too large for a float. Divide top and bottom
    by the larger power, so that only the gap remains."""
    with np.errstate(all="ignore"):
        power_i, power_j = np.exp(np.float64(reward_i)), np.exp(np.float64(reward_j))
        return float(power_i / (power_i + power_j))


@same_as(powers_overflow)
def powers_overflow_with_an_error(reward_i, reward_j):
    return math.exp(reward_i) / (math.exp(reward_i) + math.exp(reward_j))


@same_as(powers_overflow)
def gap_overflows_with_an_error(reward_i, reward_j):
    return 1 / (1 + math.exp(reward_j - reward_i))


@wrong(PROBABILITY, "gap cut off")
def clipped_gap(reward_i, reward_j):
    """You cut the gap off to avoid overflow. That changes the result beyond the cut;
    rewrite the formula so that nothing overflows."""
    return sigmoid(min(10.0, max(-10.0, reward_i - reward_j)))


@wrong(PROBABILITY, "each reward cut off")
def clipped_rewards(reward_i, reward_j):
    """You cut each reward off before comparing, so two rewards beyond the cut become
    equal. Only the gap counts: subtract first, and let nothing large be exponentiated.
    """
    power_i, power_j = np.exp(np.clip([reward_i, reward_j], -500, 500))
    return float(power_i / (power_i + power_j))


@same_as(clipped_rewards)
def clipped_rewards_at_700(reward_i, reward_j):
    power_i, power_j = np.exp(np.clip([reward_i, reward_j], -700, 700))
    return float(power_i / (power_i + power_j))


@wrong(PROBABILITY, "rounded")
def rounded(reward_i, reward_j):
    """You rounded the result. Return all the digits."""
    return round(sigmoid(reward_i - reward_j), 4)


@wrong(COMPOSE, "probabilities multiplied")
def product(p_ab, p_bc):
    """You multiplied the probabilities, as if a had to win both of two games. a and c
    play one game: multiply the odds instead."""
    return p_ab * p_bc


@wrong(COMPOSE, "noisy or")
def at_least_one(p_ab, p_bc):
    """This is the probability that at least one of the two comparisons comes true. a
    and c play one game: multiply the odds instead."""
    return 1 - (1 - p_ab) * (1 - p_bc)


@wrong(COMPOSE, "average")
def average(p_ab, p_bc):
    """You averaged the two. Two advantages in a row add up: with 0.7 and 0.6 the
    result exceeds both."""
    return (p_ab + p_bc) / 2


@wrong(COMPOSE, "odds returned")
def combined_odds(p_ab, p_bc):
    """These are the right odds. Odds o are the probability o / (1 + o)."""
    return p_ab / (1 - p_ab) * p_bc / (1 - p_bc)


@wrong(COMPOSE, "log-odds returned")
def combined_log_odds(p_ab, p_bc):
    """These are the right log-odds. Turn them into a probability with the sigmoid."""
    return logit(p_ab) + logit(p_bc)


@wrong(COMPOSE, "the weaker link")
def minimum(p_ab, p_bc):
    """A chain of preferences is not as weak as its weakest link: advantages add up."""
    return min(p_ab, p_bc)


@wrong(COMPOSE, "the stronger link")
def maximum(p_ab, p_bc):
    """You kept the larger of the two; the other comparison counts as well."""
    return max(p_ab, p_bc)


@wrong(COMPOSE, "both or neither, not normalized")
def both_or_neither(p_ab, p_bc):
    """You added the cases 'both hold' and 'neither holds'. Only 'both' favors a: divide
    it by that sum."""
    return p_ab * p_bc + (1 - p_ab) * (1 - p_bc)


@wrong(COMPOSE, "geometric mean")
def geometric_mean(p_ab, p_bc):
    """The geometric mean lies between the two; but two advantages in a row add up."""
    return math.sqrt(p_ab * p_bc)


@wrong(COMPOSE, "log-odds averaged")
def averaged_log_odds(p_ab, p_bc):
    """You averaged the log-odds; along a chain they add up."""
    return sigmoid((logit(p_ab) + logit(p_bc)) / 2)


@wrong(COMPOSE, "odds divided")
def divided_odds(p_ab, p_bc):
    """You divided the odds. That would be right for c over b; here b is over c."""
    return sigmoid(logit(p_ab) - logit(p_bc))


@wrong(COMPOSE, "log-odds multiplied")
def multiplied_log_odds(p_ab, p_bc):
    """You multiplied the log-odds. Odds multiply, so their logarithms add up."""
    return sigmoid(logit(p_ab) * logit(p_bc))


@wrong(COMPOSE, "probabilities taken for rewards")
def sigmoid_of_probabilities(p_ab, p_bc):
    """You took the sigmoid of the probabilities themselves. What adds up is the
    log-odds log(p / (1 - p))."""
    return sigmoid(p_ab + p_bc)


@wrong(COMPOSE, "probability difference taken for a reward gap")
def sigmoid_of_difference(p_ab, p_bc):
    """You took the sigmoid of p_ab - p_bc. What adds up is the log-odds
    log(p / (1 - p))."""
    return sigmoid(p_ab - p_bc)


@wrong(COMPOSE, "the other direction")
def c_over_a(p_ab, p_bc):
    """This is P(c beats a); the task asks for P(a beats c)."""
    return 1 - sigmoid(logit(p_ab) + logit(p_bc))


@wrong(COMPOSE, "sum cut at 1")
def capped_sum(p_ab, p_bc):
    """You added the probabilities and cut at 1. Log-odds add up, probabilities do
    not."""
    return min(1.0, p_ab + p_bc)


@wrong(COMPOSE, "excess over one half added")
def added_excess(p_ab, p_bc):
    """You added what each exceeds 0.5 by. That is nearly right close to 0.5, but it
    leaves the interval from 0 to 1: log-odds add up, not probabilities."""
    return p_ab + p_bc - 0.5


@wrong(COMPOSE, "one comparison ignored")
def second_link_only(p_ab, p_bc):
    """You return p_bc and never use p_ab: both comparisons count."""
    return p_bc


@wrong(COMPOSE, "one comparison ignored")
def first_link_only(p_ab, p_bc):
    """You return p_ab and never use p_bc: both comparisons count."""
    return p_ab


@wrong(COMPOSE, "strengths added")
def added_odds(p_ab, p_bc):
    """You added the odds; along a chain they multiply."""
    odds = p_ab / (1 - p_ab) + p_bc / (1 - p_bc)
    return odds / (1 + odds)


@wrong(COMPOSE, "base 10 forth, e back")
def two_bases(p_ab, p_bc):
    """You took the log-odds to base 10 and went back with powers of e. One base for
    both: natural logarithms, math.log."""
    return sigmoid((logit(p_ab) + logit(p_bc)) / math.log(10))


@wrong(COMPOSE, "underdogs turned round")
def favorites_only(p_ab, p_bc):
    """You turned probabilities below one half round, p into 1 - p. An underdog stays
    one: a may well lose to b."""
    p, q = max(p_ab, 1 - p_ab), max(p_bc, 1 - p_bc)
    return p * q / (p * q + (1 - p) * (1 - q))


@wrong(COMPOSE, "divides by odds that underflow")
def divided_by_vanished_odds(p_ab, p_bc):
    """The formula is right, but odds of 1e-400 are 0 for a float, and you divide by
    them. With o / (1 + o) nothing is divided by 0."""
    return 1 / (1 + 1 / (p_ab / (1 - p_ab) * p_bc / (1 - p_bc)))


@wrong(COMPOSE, "log-odds too large for the exponential")
def log_odds_overflow(p_ab, p_bc):
    """The formula is right, but the log-odds of two probabilities of 1e-200 add up to
    -921, and e^921 is too large for a float. Multiply the odds instead."""
    return 1 / (1 + math.exp(-logit(p_ab) - logit(p_bc)))


@wrong(COMPOSE, "clipped")
def clipped_probability(p_ab, p_bc):
    """You cut probabilities near 0 or 1 off. Inputs are strictly inside already, and
    1e-6 is a legitimate probability."""
    low, high = 1e-3, 1 - 1e-3
    return sigmoid(logit(min(high, max(low, p_ab))) + logit(min(high, max(low, p_bc))))


@wrong(COMPOSE, "result clipped")
def clipped_result(p_ab, p_bc):
    """You cut the result off near 0 or 1. Two long odds in a row make longer ones:
    1e-6 and 1e-3 make 1e-9."""
    return kept_inside(p_ab, p_bc, 1e-6)


@same_as(clipped_result)
def clipped_result_at_less(p_ab, p_bc):
    return kept_inside(p_ab, p_bc, 1e-7)


@same_as(clipped_result)
def clipped_result_at_much_less(p_ab, p_bc):
    return kept_inside(p_ab, p_bc, 1e-9)


def kept_inside(p_ab, p_bc, margin):
    """The right probability, but no nearer to 0 and 1 than ``margin``."""
    both, neither = p_ab * p_bc, (1 - p_ab) * (1 - p_bc)
    return min(1 - margin, max(margin, both / (both + neither)))


@wrong(RANKING, "denominator never shrinks")
def everybody_stays(rewards):
    """Your denominator runs over all items in every round. Once an item is placed it
    is out: later rounds choose among the rest."""
    return sum(log_sum_exp(rewards) - r for r in rewards)


@wrong(RANKING, "product of pairs")
def product_of_pairs(rewards):
    """You multiplied Bradley-Terry probabilities over all pairs. That is not the
    probability of a ranking: over all rankings it does not add up to 1."""
    pairs = [(i, j) for i in range(len(rewards)) for j in range(i + 1, len(rewards))]
    return sum(np.logaddexp(0, rewards[j] - rewards[i]) for i, j in pairs)


@wrong(RANKING, "neighbors only")
def neighbors_only(rewards):
    """You compared each item with the next one only. Each choice is among all items
    still left."""
    return float(sum(np.logaddexp(0, np.diff(rewards))))


@wrong(RANKING, "worst first")
def worst_first(rewards):
    """You read the ranking from the end: the best item comes first."""
    return sum(log_sum_exp(rewards[: k + 1]) - rewards[k] for k in range(len(rewards)))


@wrong(RANKING, "chosen item left out")
def chosen_left_out(rewards):
    """Your denominator lacks the item that is being chosen: it is still among those
    left when the choice is made."""
    return sum(
        log_sum_exp(rewards[k + 1 :]) - rewards[k] for k in range(len(rewards) - 1)
    )


@wrong(RANKING, "log-likelihood returned")
def no_minus(rewards):
    """This is the log-likelihood; the task asks for its negative."""
    return -sum(log_sum_exp(rewards[k:]) - rewards[k] for k in range(len(rewards)))


@wrong(RANKING, "mean over rounds")
def mean_over_rounds(rewards):
    """You averaged over the rounds. Their probabilities multiply, so their logarithms
    add up."""
    rounds = [log_sum_exp(rewards[k:]) - rewards[k] for k in range(len(rewards))]
    return sum(rounds) / len(rounds)


@wrong(RANKING, "probability returned")
def probability_of_ranking(rewards):
    """This is the probability of the ranking; the task asks for -log of it."""
    rounds = [log_sum_exp(rewards[k:]) - rewards[k] for k in range(len(rewards))]
    return math.exp(-sum(rounds))


@wrong(RANKING, "first choice only")
def first_choice_only(rewards):
    """You counted the first choice only; second, third, ... place are choices too."""
    return log_sum_exp(rewards) - rewards[0]


@wrong(RANKING, "order ignored")
def sorted_first(rewards):
    """You sorted the rewards. Their order is the ranking: a lower reward may well have
    won."""
    rewards = np.sort(rewards)[::-1]
    return sum(log_sum_exp(rewards[k:]) - rewards[k] for k in range(len(rewards)))


@wrong(RANKING, "one value per round")
def one_value_per_round(rewards):
    """You return one value for each round; the task asks for their sum."""
    return np.array(
        [log_sum_exp(rewards[k:]) - rewards[k] for k in range(len(rewards))]
    )


@wrong(RANKING, "log of the sum")
def log_of_summed_chances(rewards):
    """You added the probabilities of the rounds and took the log at the end. They
    multiply: take logs first, then add."""
    return -math.log(
        sum(
            math.exp(rewards[k] - log_sum_exp(rewards[k:])) for k in range(len(rewards))
        )
    )


@wrong(RANKING, "bits")
def bits(rewards):
    """Your unit is bits (log2); the task asks for nats, the natural logarithm."""
    return sum(
        log_sum_exp(rewards[k:]) - rewards[k] for k in range(len(rewards))
    ) / math.log(2)


@wrong(RANKING, "numerator forgotten")
def numerator_forgotten(rewards):
    """You added the log-sums of the rounds but never subtracted the rewards of the
    items that were chosen."""
    return sum(log_sum_exp(rewards[k:]) for k in range(len(rewards)))


@wrong(RANKING, "powers overflow")
def ranking_overflows(rewards):
    """Right at ordinary rewards, but e^1000 is too large for a float (and e^-1000 too
    small). Take the largest reward of those left out of the sum."""
    with np.errstate(all="ignore"):
        powers = np.exp(rewards)
        return float(
            sum(np.log(powers[k:].sum()) - rewards[k] for k in range(len(rewards)))
        )


@same_as(ranking_overflows)
def ranking_overflows_with_an_error(rewards):
    return sum(
        math.log(sum(math.exp(r) for r in rewards[k:])) - rewards[k]
        for k in range(len(rewards))
    )


@same_as(ranking_overflows)
def ranking_probability_underflows(rewards):
    with np.errstate(all="ignore"):
        powers = np.exp(rewards)
        return float(
            -np.log(
                np.prod([powers[k] / powers[k:].sum() for k in range(len(rewards))])
            )
        )


@wrong(RANKING, "one shift for all rounds")
def one_shift_for_all(rewards):
    """You subtract the largest of all rewards in every round. Once that item is out,
    the rest may underflow to 0: take the largest of those still left."""
    with np.errstate(all="ignore"):
        powers = np.exp(rewards - rewards.max())
        rounds = [
            np.log(powers[k:].sum()) - rewards[k] + rewards.max()
            for k in range(len(rewards))
        ]
        return float(sum(rounds))


@wrong(RANKING, "small number inside the logarithm")
def padded_sum(rewards):
    """You add a small number inside the logarithm. Items far below the best get lost
    in it: take the largest reward of those left out of the sum instead."""
    powers = np.exp(rewards - rewards.max())
    left = np.cumsum(powers[::-1])[::-1]
    return float(np.sum(np.log(left + 1e-12) - rewards + rewards.max()))


@same_as(padded_sum)
def padded_sum_by_more(rewards):
    powers = np.exp(rewards - rewards.max())
    left = np.cumsum(powers[::-1])[::-1]
    return float(np.sum(np.log(left + 1e-10) - rewards + rewards.max()))


@same_as(padded_sum)
def padded_sum_by_still_more(rewards):
    powers = np.exp(rewards - rewards.max())
    left = np.cumsum(powers[::-1])[::-1]
    return float(np.sum(np.log(left + 1e-8) - rewards + rewards.max()))


@wrong(RANKING, "changes its argument")
def shifts_in_place(rewards):
    """The value is right, but `rewards -= ...` changed the caller's array. Write
    `rewards = rewards - ...`, which makes a new one."""
    rewards -= rewards.max()
    return sum(log_sum_exp(rewards[k:]) - rewards[k] for k in range(len(rewards)))


@wrong(WINS, "as given")
def as_given(rewards):
    """This still is the code as given. Try three equal teams: each wins 1.5 of 2
    games."""
    return np.array([sum(sigmoid(i - j) for j in rewards) for i in rewards])


@wrong(WINS, "later opponents only")
def later_opponents_only(rewards):
    """Now each team meets only the teams after it in the list; everybody plays
    everybody else."""
    n = len(rewards)
    return np.array(
        [
            sum(sigmoid(rewards[i] - rewards[j]) for j in range(i + 1, n))
            for i in range(n)
        ],
        dtype=float,
    )


@wrong(WINS, "earlier opponents only")
def earlier_opponents_only(rewards):
    """Now each team meets only the teams before it in the list, as `break` makes it.
    Everybody plays everybody else: leave out one game and go on, with `continue`."""
    return np.array(
        [sum((sigmoid(r - other) for other in rewards[:i]), 0.0)
         for i, r in enumerate(rewards)]
    )  # fmt: skip


@wrong(WINS, "half a win taken off the last team only")
def last_team_mended(rewards):
    """You took the half win off the last team only. Every team played against itself:
    the line belongs into the loop over i."""
    wins = np.array([sum(sigmoid(i - j) for j in rewards) for i in rewards])
    wins[-1] -= 0.5
    return wins


@wrong(WINS, "expected losses")
def expected_losses(rewards):
    """These are the expected losses: the difference was the right way round."""
    return np.array([sum(sigmoid(j - i) for j in rewards) - 0.5 for i in rewards])


@wrong(WINS, "losses, and a game against itself")
def reversed_as_given(rewards):
    """The difference was the right way round; reversing it counts losses, and the bug
    is still there."""
    return np.array([sum(sigmoid(j - i) for j in rewards) for i in rewards])


@wrong(WINS, "share instead of number")
def share_of_wins(rewards):
    """You return the share of games won; the task asks for the number of wins."""
    wins = np.array([sum(sigmoid(i - j) for j in rewards) - 0.5 for i in rewards])
    return wins / (len(rewards) - 1)


@wrong(WINS, "one game too many taken off")
def minus_one(rewards):
    """You took one win off each team. The game against itself counted one half."""
    return np.array([sum(sigmoid(i - j) for j in rewards) - 1 for i in rewards])


@wrong(WINS, "hard comparison")
def league_without_luck(rewards):
    """You let the better team win every game. P(i beats j) is not 0 or 1."""
    return np.array([sum(float(i > j) for j in rewards) for i in rewards])


@wrong(WINS, "equal rewards skipped")
def skips_equal_rewards(rewards):
    """You skip opponents with an equal reward. Two different teams may be equally
    good, and they do play: compare positions, not rewards."""
    return np.array(
        [sum(sigmoid(i - j) for j in rewards if i != j) for i in rewards], dtype=float
    )


@wrong(CYCLE, "the cycle goes on by symmetry")
def cycle_goes_on():
    """You expect the cycle to close with 0.9 again. Under Bradley-Terry a beats c more
    often still: odds multiply."""
    return 0.9


@wrong(CYCLE, "the cycle goes on by symmetry")
def cycle_goes_on_weakly():
    """You expect the cycle to close with 0.8 again. Under Bradley-Terry a beats c more
    often than b does: odds multiply."""
    return 0.8


@wrong(CYCLE, "one link reversed")
def one_link_reversed():
    """0.1 would be c against a if a were only as far above c as above b. There are two
    steps between a and c: odds multiply."""
    return 0.1


@wrong(CYCLE, "one link reversed")
def other_link_reversed():
    """0.2 is c against b. Between a and c there is one more step: odds multiply."""
    return 0.2


@wrong(CYCLE, "both links fail")
def both_links_fail():
    """You multiplied 0.1 by 0.2. Odds multiply, probabilities do not."""
    return 0.02


@wrong(CYCLE, "complement of the product")
def complement_of_product():
    """This is 1 - 0.9 * 0.8. Odds multiply, probabilities do not."""
    return 0.28


@wrong(CYCLE, "the product")
def product_of_links():
    """This is 0.9 * 0.8. Odds multiply, probabilities do not; and c is against a."""
    return 0.72


@wrong(CYCLE, "the other direction")
def a_over_c():
    """This is P(a beats c). The question is about c against a."""
    return 36 / 37


@wrong(CYCLE, "odds for a probability")
def odds_of_c_over_a():
    """These are the odds 1 : 36. Odds o are the probability o / (1 + o)."""
    return 1 / 36


@wrong(CYCLE, "impossible")
def cycle_is_impossible():
    """You say never. Bradley-Terry excludes that all three are favorites in a circle;
    but an underdog wins a single vote now and then."""
    return 0.0


@wrong(CYCLE, "cannot know")
def cannot_know():
    """One half would mean that nothing is known. Two comparisons are known, and under
    Bradley-Terry they fix the third."""
    return 0.5
