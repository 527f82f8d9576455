"""Wrong answers to chapter 01, Bradley-Terry."""

import math

import numpy as np


def preference_probability__exchanged(reward_i, reward_j):
    """Wrong: the gap is j minus i, so this is the probability that j beats i."""
    return float(np.exp(-np.logaddexp(0, reward_i - reward_j)))


def preference_probability__share_of_rewards(reward_i, reward_j):
    """Wrong: shares out the rewards themselves; the odds are e^reward, not reward."""
    if reward_i + reward_j == 0:
        return 0.5
    return reward_i / (reward_i + reward_j)


def preference_probability__plain_exp(reward_i, reward_j):
    """Wrong: math.exp(1000) raises OverflowError, though rewards go up to 1000."""
    a = math.exp(reward_i)
    b = math.exp(reward_j)
    return a / (a + b)


def preference_probability__numpy_exp_nan(reward_i, reward_j):
    """Wrong: for rewards above 709 this is inf / inf = nan, and below -745 it is 0 / 0."""
    odds = np.exp(np.array([reward_i, reward_j]))
    return odds[0] / odds.sum()


def preference_probability__one_sided_sigmoid(reward_i, reward_j):
    """Wrong: math.exp overflows when j is better by more than 709 nats."""
    return 1 / (1 + math.exp(-(reward_i - reward_j)))


def preference_probability__clipped_gap(reward_i, reward_j):
    """Wrong: clips the gap to +-10 to be safe, so no probability falls below 4.5e-5."""
    gap = max(-10.0, min(10.0, reward_i - reward_j))
    return 1 / (1 + math.exp(-gap))


def preference_probability__clipped_rewards(reward_i, reward_j):
    """Wrong: clips each reward at +-500, so 1000 against 900 comes out as a tie."""
    a, b = np.clip([reward_i, reward_j], -500, 500)
    return float(np.exp(a) / (np.exp(a) + np.exp(b)))


def preference_probability__elo(reward_i, reward_j):
    """Wrong: base 10 and scale 400 as in chess, while the rewards are in nats."""
    return 1 / (1 + 10 ** ((reward_j - reward_i) / 400))


def preference_probability__thurstone(reward_i, reward_j):
    """Wrong: the normal distribution function (Thurstone), not the logistic one."""
    return 0.5 * (1 + math.erf((reward_i - reward_j) / math.sqrt(2)))


def preference_probability__tanh_without_half(reward_i, reward_j):
    """Wrong: sigmoid(x) is (1 + tanh(x/2)) / 2, and here the inner half is missing."""
    return 0.5 * (1 + math.tanh(reward_i - reward_j))


def preference_probability__float16(reward_i, reward_j):
    """Wrong: half precision rounds rewards near 1000 to halves before the difference."""
    gap = np.float64(np.float16(reward_i)) - np.float64(np.float16(reward_j))
    return float(np.exp(-np.logaddexp(0, -gap)))


def preference_probability__abs_gap(reward_i, reward_j):
    """Wrong: stabilised with the absolute gap, so the worse one also wins with P > 1/2."""
    return 1 / (1 + math.exp(-abs(reward_i - reward_j)))


def compose_preferences__product(p_ab, p_bc):
    """Wrong: multiplies the probabilities; it is the odds that multiply."""
    return p_ab * p_bc


def compose_preferences__returns_odds(p_ab, p_bc):
    """Wrong: returns the odds 7 / 2, not the probability 7 / 9."""
    return p_ab / (1 - p_ab) * p_bc / (1 - p_bc)


def compose_preferences__total_probability(p_ab, p_bc):
    """Wrong: adds "both or neither" without normalising to the two possible orders."""
    return p_ab * p_bc + (1 - p_ab) * (1 - p_bc)


def compose_preferences__mean_logit(p_ab, p_bc):
    """Wrong: averages the log-odds along the chain, but they add up."""
    z = (math.log(p_ab / (1 - p_ab)) + math.log(p_bc / (1 - p_bc))) / 2
    return 1 / (1 + math.exp(-z))


def compose_preferences__added_odds(p_ab, p_bc):
    """Wrong: adds the odds; they multiply along the chain."""
    odds = p_ab / (1 - p_ab) + p_bc / (1 - p_bc)
    return odds / (1 + odds)


def compose_preferences__c_beats_a(p_ab, p_bc):
    """Wrong: uses the odds of the losers, so this is the probability that c beats a."""
    odds = (1 - p_ab) / p_ab * (1 - p_bc) / p_bc
    return odds / (1 + odds)


def compose_preferences__bounded_below_by_links(p_ab, p_bc):
    """Wrong: takes the stronger link (stochastic transitivity gives only a bound)."""
    return max(p_ab, p_bc)


def compose_preferences__log10_logit(p_ab, p_bc):
    """Wrong: takes the log-odds in base 10 but goes back with e."""
    z = math.log10(p_ab / (1 - p_ab)) + math.log10(p_bc / (1 - p_bc))
    return 1 / (1 + math.exp(-z))


def compose_preferences__clipped(p_ab, p_bc):
    """Wrong: clips to [0.001, 0.999], although any p strictly between 0 and 1 may come."""
    p = np.clip(p_ab, 1e-3, 1 - 1e-3)
    q = np.clip(p_bc, 1e-3, 1 - 1e-3)
    return float(p * q / (p * q + (1 - p) * (1 - q)))


def compose_preferences__divides_by_zero_odds(p_ab, p_bc):
    """Wrong: for two tiny probabilities the odds underflow to 0 and 1 / 0 raises."""
    odds = (p_ab / (1 - p_ab)) * (p_bc / (1 - p_bc))
    return 1 / (1 + 1 / odds)


def compose_preferences__only_favourites(p_ab, p_bc):
    """Wrong: a link below 1/2 is turned round, so a against c is never the underdog."""
    p, q = max(p_ab, 1 - p_ab), max(p_bc, 1 - p_bc)
    return p * q / (p * q + (1 - p) * (1 - q))


def plackett_luce_nll__no_removal(rewards):
    """Wrong: every choice is made among all items, though chosen ones are gone."""
    m = rewards.max()
    return float(len(rewards) * (m + np.log(np.exp(rewards - m).sum())) - rewards.sum())


def plackett_luce_nll__adjacent_pairs(rewards):
    """Wrong: adds Bradley-Terry costs of neighbours; each choice is among all left."""
    return float(np.logaddexp(0, rewards[1:] - rewards[:-1]).sum())


def plackett_luce_nll__all_pairs(rewards):
    """Wrong: adds the Bradley-Terry costs of all pairs, which is not the ranking's P."""
    total = 0.0
    for i in range(len(rewards)):
        for j in range(i + 1, len(rewards)):
            total += np.logaddexp(0, rewards[j] - rewards[i])
    return float(total)


def plackett_luce_nll__worst_first(rewards):
    """Wrong: accumulates from the front, so it ranks the last item as the best."""
    return float((np.logaddexp.accumulate(rewards) - rewards).sum())


def plackett_luce_nll__mean(rewards):
    """Wrong: the mean over the choices; the log of a product is the sum."""
    return float((np.logaddexp.accumulate(rewards[::-1])[::-1] - rewards).mean())


def plackett_luce_nll__naive(rewards):
    """Wrong: exp overflows or underflows for rewards of +-1000, which are allowed."""
    total = 0.0
    for k in range(len(rewards)):
        e = np.exp(rewards[k:])
        total -= np.log(e[0] / e.sum())
    return float(total)


def plackett_luce_nll__one_shift(rewards):
    """Wrong: one shift by the overall maximum; items left 800 nats below it underflow."""
    shifted = rewards - rewards.max()
    left = np.cumsum(np.exp(shifted)[::-1])[::-1]
    return float(np.sum(np.log(left) - shifted))


def plackett_luce_nll__tiny_added(rewards):
    """Wrong: a 1e-12 inside the log swallows all items 28 nats below the best."""
    shifted = rewards - rewards.max()
    left = np.cumsum(np.exp(shifted)[::-1])[::-1]
    return float(np.sum(np.log(left + 1e-12) - shifted))


def plackett_luce_nll__first_choice_only(rewards):
    """Wrong: only the first choice counts, a top-1 likelihood instead of a ranking."""
    return float(np.logaddexp.reduce(rewards) - rewards[0])


def plackett_luce_nll__sorted_first(rewards):
    """Wrong: sorts the rewards, so every ranking gets the cost of the likeliest one."""
    r = np.sort(rewards)
    return float((np.logaddexp.accumulate(r) - r).sum())


def plackett_luce_nll__without_chosen(rewards):
    """Wrong: the chosen item is left out of its own denominator ("k included")."""
    total = 0.0
    for k in range(len(rewards) - 1):
        total += np.logaddexp.reduce(rewards[k + 1:]) - rewards[k]
    return float(total)


def plackett_luce_nll__sign(rewards):
    """Wrong: this is log P, without the minus."""
    return float((rewards - np.logaddexp.accumulate(rewards[::-1])[::-1]).sum())


def plackett_luce_nll__in_place_shift(rewards):
    """Wrong: right number, but `-=` on a view shifts the caller's array."""
    total = 0.0
    for k in range(len(rewards)):
        left = rewards[k:]
        left -= left.max()
        total += np.log(np.exp(left).sum()) - left[0]
    return float(total)


def plackett_luce_nll__bits(rewards):
    """Wrong: logarithms to base 2, so the value is in bits rather than nats."""
    nats = (np.logaddexp.accumulate(rewards[::-1])[::-1] - rewards).sum()
    return float(nats / np.log(2))


def find_the_bug_expected_wins__unmended(rewards):
    """Wrong: the bug is still there, every team also plays (and half wins) against itself."""
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(len(rewards)):
            wins[i] += 1 / (1 + np.exp(rewards[j] - rewards[i]))
    return wins


def find_the_bug_expected_wins__turned_gap(rewards):
    """Wrong: "mends" the gap, which was right, and leaves the game against oneself."""
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(len(rewards)):
            wins[i] += 1 / (1 + np.exp(rewards[i] - rewards[j]))
    return wins


def find_the_bug_expected_wins__minus_one(rewards):
    """Wrong: takes off a whole game against oneself, but it counted as half a win."""
    p = 1 / (1 + np.exp(rewards[None, :] - rewards[:, None]))
    return p.sum(axis=1) - 1


def find_the_bug_expected_wins__each_pair_once(rewards):
    """Wrong: counts only games against later teams, so the last team never wins."""
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(i + 1, len(rewards)):
            wins[i] += 1 / (1 + np.exp(rewards[j] - rewards[i]))
    return wins


def find_the_bug_expected_wins__skips_equals(rewards):
    """Wrong: skips by equal reward instead of equal index, so tied teams never meet."""
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(len(rewards)):
            if rewards[i] != rewards[j]:
                wins[i] += 1 / (1 + np.exp(rewards[j] - rewards[i]))
    return wins


def find_the_bug_expected_wins__break(rewards):
    """Wrong: break instead of continue ends the season of team i at its own row."""
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(len(rewards)):
            if i == j:
                break
            wins[i] += 1 / (1 + np.exp(rewards[j] - rewards[i]))
    return wins


def find_the_bug_expected_wins__rate(rewards):
    """Wrong: divides by the number of games, a win rate rather than a number of wins."""
    p = 1 / (1 + np.exp(rewards[None, :] - rewards[:, None]))
    return (p.sum(axis=1) - 0.5) / max(len(rewards) - 1, 1)


def find_the_bug_expected_wins__half_taken_once(rewards):
    """Wrong: the half is subtracted after the loops, from the last team only."""
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(len(rewards)):
            wins[i] += 1 / (1 + np.exp(rewards[j] - rewards[i]))
    wins[-1] -= 0.5
    return wins


def find_the_bug_expected_wins__column_sums(rewards):
    """Wrong: sums the table over the wrong axis, which counts the defeats."""
    p = 1 / (1 + np.exp(rewards[None, :] - rewards[:, None]))
    np.fill_diagonal(p, 0)
    return p.sum(axis=0)


def find_the_bug_expected_wins__scaled(rewards):
    """Wrong: scales all wins to the right total; the surplus is 1/2 each, not a factor."""
    k = len(rewards)
    p = 1 / (1 + np.exp(rewards[None, :] - rewards[:, None]))
    return p.sum(axis=1) * (k - 1) / k


def predict_the_cycle__a_beats_c():
    """Wrong: 36/37 is the probability that a beats c; asked is c over a."""
    return 36 / 37


def predict_the_cycle__one_over_odds():
    """Wrong: 1/36 are the odds, not the probability 1/37 (0.0278 against 0.0270)."""
    return 1 / 36


def predict_the_cycle__product():
    """Wrong: 0.1 * 0.2 multiplies probabilities; the odds multiply."""
    return 0.02


def predict_the_cycle__complement_of_product():
    """Wrong: 1 - 0.9 * 0.8 treats the two votes as independent events."""
    return 1 - 0.9 * 0.8


def predict_the_cycle__same_as_links():
    """Wrong: 0.1, as if a against c were as close as its neighbours."""
    return 0.1


def predict_the_cycle__impossible():
    """Wrong: 0, but Bradley-Terry only makes a cycle of single votes unlikely."""
    return 0.0
