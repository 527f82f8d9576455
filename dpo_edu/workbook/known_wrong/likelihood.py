"""Known wrong answers of chapter 02: name = id, docstring = what the learner reads."""

import math

import numpy as np

from . import same_as, wrong

NLL = "negative_log_likelihood"
FIT = "fit_rewards"
EXISTS = "mle_exists"
GRADIENT = "find_the_bug_gradient"
FLOOR = "predict_the_floor"
ERROR_BAR = "predict_the_error_bar"


def sigmoid(x):
    return (1 + np.tanh(np.asarray(x) / 2)) / 2


def softplus(x):
    """-log sigmoid(-x), stable."""
    return np.logaddexp(0.0, x)


def gaps(rewards, winners, losers):
    return rewards[winners] - rewards[losers]


@wrong(NLL, "winner and loser exchanged")
def exchanged(rewards, winners, losers):
    """You subtract the winner's reward from the loser's. A vote is likely if the
    winner has the larger reward: winner minus loser."""
    return softplus(gaps(rewards, winners, losers)).mean()


@wrong(NLL, "log-likelihood returned")
def log_likelihood(rewards, winners, losers):
    """This is the mean log-likelihood. The task asks for its negative: a loss, small
    where the rewards fit well."""
    return -softplus(-gaps(rewards, winners, losers)).mean()


@wrong(NLL, "sum for mean")
def total(rewards, winners, losers):
    """You added up the losses of the votes; the task asks for their mean, so that ten
    votes and a million can be compared."""
    return softplus(-gaps(rewards, winners, losers)).sum()


@wrong(NLL, "one loss per vote")
def one_loss_per_vote(rewards, winners, losers):
    """You return one loss for each vote; the task asks for their mean, one number."""
    return softplus(-gaps(rewards, winners, losers))


@wrong(NLL, "log of the mean")
def log_of_mean_probability(rewards, winners, losers):
    """You averaged the probabilities and took the logarithm last. Probabilities of
    votes multiply, so their logarithms are what is averaged."""
    with np.errstate(divide="ignore"):
        return -np.log(sigmoid(gaps(rewards, winners, losers)).mean())


@wrong(NLL, "loss of the mean gap")
def loss_of_mean_gap(rewards, winners, losers):
    """You averaged the gaps and took one loss of the average. Each vote has its own
    loss: a surprise costs more than a confirmation saves."""
    return softplus(-gaps(rewards, winners, losers).mean())


@wrong(NLL, "both outcomes counted")
def both_outcomes(rewards, winners, losers):
    """You added the loss of both outcomes. Only one of them happened: the winner's
    probability alone counts."""
    d = gaps(rewards, winners, losers)
    return (softplus(-d) + softplus(d)).mean()


@wrong(NLL, "logarithm forgotten")
def mean_probability(rewards, winners, losers):
    """This is the mean probability of the votes; a logarithm and a minus are missing
    on each of them."""
    return sigmoid(gaps(rewards, winners, losers)).mean()


@wrong(NLL, "probability of error")
def mean_error_probability(rewards, winners, losers):
    """This is the mean probability of the outcomes that did not happen. The task asks
    for -log of the probability of those that did."""
    return sigmoid(-gaps(rewards, winners, losers)).mean()


@wrong(NLL, "squared error")
def brier(rewards, winners, losers):
    """You squared the distance of the probability from 1 (the Brier score). The
    likelihood takes -log of the probability."""
    return (sigmoid(-gaps(rewards, winners, losers)) ** 2).mean()


@wrong(NLL, "accuracy loss")
def share_of_upsets(rewards, winners, losers):
    """You count the votes that the rewards order wrongly. The likelihood also asks by
    how much: -log sigmoid of each gap."""
    return (gaps(rewards, winners, losers) < 0).mean()


@wrong(NLL, "hinge loss")
def hinge(rewards, winners, losers):
    """This is the hinge loss max(0, 1 - gap). The likelihood gives the smooth
    -log sigmoid(gap), which never becomes exactly 0."""
    return np.maximum(0.0, 1 - gaps(rewards, winners, losers)).mean()


@wrong(NLL, "softplus cut to its asymptote")
def perceptron(rewards, winners, losers):
    """You take max(0, -gap), the limit for large gaps. Close votes cost something too:
    log 2 at gap 0."""
    return np.maximum(0.0, -gaps(rewards, winners, losers)).mean()


@wrong(NLL, "sigmoid forgotten")
def mean_of_minus_gaps(rewards, winners, losers):
    """This is the mean of minus the gaps: the sigmoid and its logarithm are missing."""
    return -gaps(rewards, winners, losers).mean()


@wrong(NLL, "winner's probability from its own reward")
def winner_alone(rewards, winners, losers):
    """You never look at the losers' rewards. A vote is about the gap between two."""
    return softplus(-rewards[winners]).mean()


@wrong(NLL, "each reward squashed by itself")
def separate_sigmoids(rewards, winners, losers):
    """You scored winner and loser separately, each with its own sigmoid. A vote is one
    event; its probability comes from the gap of the two rewards."""
    return (softplus(-rewards[winners]) + softplus(rewards[losers])).mean()


@wrong(NLL, "softmax over all items")
def softmax_over_all(rewards, winners, losers):
    """You made the winner compete with all items. In a vote only two took part: the
    winner and the loser."""
    log_sum = np.logaddexp.reduce(rewards)
    return (log_sum - rewards[winners]).mean()


@wrong(NLL, "divided by the number of items")
def mean_over_items(rewards, winners, losers):
    """You divided by the number of items. The mean is over the votes."""
    return softplus(-gaps(rewards, winners, losers)).sum() / len(rewards)


@wrong(NLL, "one too many in the denominator")
def sample_correction(rewards, winners, losers):
    """You divided by the number of votes plus one; a mean divides by their number."""
    return softplus(-gaps(rewards, winners, losers)).sum() / (len(winners) + 1)


@wrong(NLL, "repeated votes counted once")
def repeats_dropped(rewards, winners, losers):
    """You count each different vote once. Repeated votes are evidence: count every
    one."""
    pairs = sorted(set(zip(winners.tolist(), losers.tolist(), strict=True)))
    return np.mean([softplus(rewards[j] - rewards[i]) for i, j in pairs])


@wrong(NLL, "zip over rewards")
def rewards_taken_in_order(rewards, winners, losers):
    """You pair neighbors in the list of rewards and never use the item numbers.
    winners and losers say whose rewards to compare."""
    return softplus(rewards[1:] - rewards[:-1]).mean()


@wrong(NLL, "indices taken for rewards")
def indices_for_rewards(rewards, winners, losers):
    """You subtracted the item numbers. They are places in the list: compare
    rewards[winners] with rewards[losers]."""
    return softplus(-(winners - losers).astype(float)).mean()


@wrong(NLL, "item numbers from 1")
def numbered_from_one(rewards, winners, losers):
    """You took 1 off the item numbers. They count from 0, as numpy does: use them as
    they are."""
    return softplus(-gaps(rewards, winners - 1, losers - 1)).mean()


@wrong(NLL, "bits")
def bits(rewards, winners, losers):
    """Your unit is bits (log2). The task asks for nats, the natural logarithm."""
    return softplus(-gaps(rewards, winners, losers)).mean() / math.log(2)


@wrong(NLL, "soft labels from the model itself")
def own_entropy(rewards, winners, losers):
    """You weighted both outcomes with the model's own probabilities: that is its
    entropy, and it ignores who won. The votes decide which outcome counts."""
    d = gaps(rewards, winners, losers)
    return (sigmoid(d) * softplus(-d) + sigmoid(-d) * softplus(d)).mean()


@wrong(NLL, "absolute gap")
def absolute_gap(rewards, winners, losers):
    """You took the absolute gap, as if the better item always won. Where the worse one
    won, the loss is larger by the gap: log(1 + e^-|gap|) lacks its max(0, -gap)."""
    return softplus(-abs(gaps(rewards, winners, losers))).mean()


@wrong(NLL, "median")
def median_loss(rewards, winners, losers):
    """You took the median over the votes; the task asks for the mean, on which every
    surprise counts."""
    return np.median(softplus(-gaps(rewards, winners, losers)))


@wrong(NLL, "a wrong half")
def half(rewards, winners, losers):
    """You halved the gap. The Bradley-Terry log-odds are the whole gap."""
    return softplus(-gaps(rewards, winners, losers) / 2).mean()


@wrong(NLL, "log(sigmoid)")
def log_of_sigmoid(rewards, winners, losers):
    """Right at ordinary gaps. At gap -1000 the probability underflows to 0 and its
    logarithm is lost: write the loss as log(1 + e^-gap), and that with logaddexp."""
    with np.errstate(all="ignore"):
        d = gaps(rewards, winners, losers)
        return -np.log(1 / (1 + np.exp(-d))).mean()


@same_as(log_of_sigmoid)
def log_of_one_plus_power(rewards, winners, losers):
    with np.errstate(all="ignore"):
        return np.log(1 + np.exp(-gaps(rewards, winners, losers))).mean()


@same_as(log_of_sigmoid)
def log_of_sigmoid_with_an_error(rewards, winners, losers):
    costs = [math.log(1 + math.exp(-d)) for d in gaps(rewards, winners, losers)]
    return sum(costs) / len(costs)


@same_as(log_of_sigmoid)
def likelihood_underflows(rewards, winners, losers):
    with np.errstate(all="ignore"):
        likelihood = np.prod(1 / (1 + np.exp(-gaps(rewards, winners, losers))))
        return -np.log(likelihood) / len(winners)


@wrong(NLL, "epsilon inside the logarithm")
def epsilon_inside(rewards, winners, losers):
    """You added a small number inside the logarithm. That avoids log 0, but caps the
    loss at some 20 nats where 1000 are due: rewrite the formula instead."""
    return -np.log(sigmoid(gaps(rewards, winners, losers)) + 1e-8).mean()


@same_as(epsilon_inside)
def smaller_epsilon_inside(rewards, winners, losers):
    return -np.log(sigmoid(gaps(rewards, winners, losers)) + 1e-10).mean()


@same_as(epsilon_inside)
def smallest_epsilon_inside(rewards, winners, losers):
    return -np.log(sigmoid(gaps(rewards, winners, losers)) + 1e-12).mean()


@wrong(NLL, "probability kept away from 0")
def probability_clipped(rewards, winners, losers):
    """You keep the probability away from 0. That avoids log 0, but caps the loss far
    below the 1000 nats that are due: rewrite the formula instead."""
    p = sigmoid(gaps(rewards, winners, losers))
    return -np.log(np.clip(p, 1e-12, 1 - 1e-12)).mean()


@same_as(probability_clipped)
def probability_clipped_at_more(rewards, winners, losers):
    p = sigmoid(gaps(rewards, winners, losers))
    return -np.log(np.clip(p, 1e-7, 1 - 1e-7)).mean()


@same_as(probability_clipped)
def probability_clipped_from_below(rewards, winners, losers):
    return -np.log(np.maximum(sigmoid(gaps(rewards, winners, losers)), 1e-10)).mean()


@wrong(NLL, "gap clipped")
def gap_clipped(rewards, winners, losers):
    """You cut the gap off to avoid overflow. A vote at gap -1000 costs 1000 nats:
    rewrite the formula so that nothing overflows."""
    return softplus(-np.clip(gaps(rewards, winners, losers), -50, 50)).mean()


@same_as(gap_clipped)
def gap_clipped_at_20(rewards, winners, losers):
    return softplus(-np.clip(gaps(rewards, winners, losers), -20, 20)).mean()


@same_as(gap_clipped)
def gap_clipped_at_30(rewards, winners, losers):
    return softplus(-np.clip(gaps(rewards, winners, losers), -30, 30)).mean()


@same_as(gap_clipped)
def gap_clipped_at_100(rewards, winners, losers):
    return softplus(-np.clip(gaps(rewards, winners, losers), -100, 100)).mean()


@same_as(gap_clipped)
def gap_clipped_at_500(rewards, winners, losers):
    return softplus(-np.clip(gaps(rewards, winners, losers), -500, 500)).mean()


@same_as(gap_clipped)
def gap_clipped_at_700(rewards, winners, losers):
    return softplus(-np.clip(gaps(rewards, winners, losers), -700, 700)).mean()


@wrong(NLL, "centers in place")
def centers_in_place(rewards, winners, losers):
    """The value is right, but `rewards -= ...` changed the caller's array. Write
    `rewards = rewards - ...`, which makes a new one."""
    rewards -= rewards.max()
    return softplus(-gaps(rewards, winners, losers)).mean()


def newton(wins, steps=60, ridge=0.0):
    """The best fit of ``wins`` (floats allowed), mean 0; ridge/2 |r|^2 is added."""
    meetings, rewards = wins + wins.T, np.zeros(len(wins))
    for _ in range(steps):
        p = sigmoid(rewards[:, None] - rewards)
        slope = wins.sum(1) - (meetings * p).sum(1) - ridge * rewards
        weight = meetings * p * p.T
        curvature = np.diag(weight.sum(1)) - weight + ridge * np.eye(len(wins))
        step = np.linalg.solve(curvature + 1 / len(wins), slope)
        rewards = rewards + step / max(1.0, abs(step).max())
    return rewards - rewards.mean()


def zermelo(wins, steps):
    strengths = np.ones(len(wins))
    for _ in range(steps):
        expected = ((wins + wins.T) / (strengths[:, None] + strengths)).sum(1)
        strengths = wins.sum(1) / expected
        strengths = strengths / strengths.sum()
    return np.log(strengths) - np.log(strengths).mean()


def ascent(wins, steps, rate):
    rewards = np.zeros(len(wins))
    for _ in range(steps):
        p = sigmoid(rewards[:, None] - rewards)
        rewards = rewards + rate * (wins.sum(1) - ((wins + wins.T) * p).sum(1))
    return rewards


def centered(x):
    return x - x.mean()


@wrong(FIT, "logit of the win rate")
def logit_of_win_rate(wins):
    """You took the log-odds of each item's share of wins. That ignores whom it played:
    wins against strong opponents are worth more."""
    return centered(np.log(wins.sum(1) / wins.sum(0)))


@wrong(FIT, "logit of the win rate, not centered")
def logit_of_win_rate_as_it_is(wins):
    """You took the log-odds of each item's share of wins, which ignores whom it
    played; and the mean must be 0."""
    return np.log(wins.sum(1) / wins.sum(0))


@wrong(FIT, "share of wins")
def share_of_wins(wins):
    """This is each item's share of wins. Rewards live on the log-odds scale, and whom
    an item played matters."""
    return centered(wins.sum(1) / (wins + wins.T).sum(1))


@wrong(FIT, "wins minus losses")
def wins_minus_losses(wins):
    """You subtracted losses from wins. Ten times as many votes would make the rewards
    ten times as large; yet they only tell the same gap more surely."""
    return (wins.sum(1) - wins.sum(0)).astype(float)


@wrong(FIT, "log of wins")
def log_of_wins(wins):
    """You took the logarithm of the number of wins. An item that played more often won
    more often: compare with the wins that were to be expected."""
    return centered(np.log(wins.sum(1)))


@wrong(FIT, "mean of pair log-odds")
def mean_of_pair_log_odds(wins):
    """You averaged log(wins / losses) over opponents. A pair with one game then counts
    like a pair with a hundred; the likelihood weighs every game."""
    odds = np.log((wins + 1e-3) / (wins.T + 1e-3))
    return odds.mean(axis=1)


@same_as(mean_of_pair_log_odds)
def mean_of_finite_pair_log_odds(wins):
    odds = np.log(np.maximum(wins, 1e-9)) - np.log(np.maximum(wins.T, 1e-9))
    return centered(np.where((wins > 0) & (wins.T > 0), odds, 0.0).mean(axis=1))


@wrong(FIT, "add-one smoothing")
def one_imagined_win_each(wins):
    """You added an imagined win to every pair before fitting. The task asks for the
    fit to the wins as they are; they never need such help."""
    return newton(wins + 1.0 - np.eye(len(wins)))


@wrong(FIT, "half a win added")
def half_a_win_added(wins):
    """You added half a win to every pair before fitting. The task asks for the fit to
    the wins as they are; they never need such help."""
    return newton(wins + 0.5 * (1.0 - np.eye(len(wins))))


@wrong(FIT, "shares for counts")
def pair_shares_for_counts(wins):
    """You turned counts into shares for each pair before fitting. Then a pair with 5
    games weighs as much as one with 50; every game counts once."""
    meetings = wins + wins.T
    return newton(
        np.divide(wins, meetings, out=np.zeros(wins.shape), where=meetings > 0)
    )


@wrong(FIT, "who beat whom, not how often")
def counts_cut_to_one(wins):
    """You only used who beat whom, not how often. How often decides how far apart the
    rewards are."""
    return newton(np.sign(wins).astype(float))


@wrong(FIT, "strengths returned")
def strengths_returned(wins):
    """These are the strengths e^reward. The task asks for the rewards: take the
    logarithm, then the mean off."""
    return np.exp(newton(wins))


@wrong(FIT, "strengths that sum to 1")
def normalized_strengths(wins):
    """These are the strengths, normalized to sum 1. The task asks for the rewards:
    their logarithm, with mean 0."""
    strengths = np.exp(newton(wins))
    return strengths / strengths.sum()


@wrong(FIT, "gauge: strengths sum to 1")
def gauge_of_normalized_strengths(wins):
    """The gaps are right; the level is not. Your strengths sum to 1, but the rewards
    must have mean 0: subtract their mean."""
    rewards = newton(wins)
    return rewards - np.log(np.exp(rewards).sum())


@wrong(FIT, "gauge: first item at 0")
def first_item_at_zero(wins):
    """The gaps are right; the level is not. You hold the first item at 0; the task
    asks for mean 0."""
    rewards = newton(wins)
    return rewards - rewards[0]


@wrong(FIT, "gauge: last item at 0")
def last_item_at_zero(wins):
    """The gaps are right; the level is not. You hold the last item at 0; the task asks
    for mean 0."""
    rewards = newton(wins)
    return rewards - rewards[-1]


@wrong(FIT, "gauge: worst item at 0")
def worst_item_at_zero(wins):
    """The gaps are right; the level is not. Your smallest reward is 0; the task asks
    for mean 0."""
    rewards = newton(wins)
    return rewards - rewards.min()


@wrong(FIT, "scale set to 1")
def standardized(wins):
    """You divided by the standard deviation. Only the level of rewards is free; their
    scale says how often the better item wins."""
    rewards = newton(wins)
    return rewards / rewards.std()


@wrong(FIT, "table transposed")
def losses_for_wins(wins):
    """Your signs are reversed: wins[i, j] counts how often i beat j, so row i holds the
    wins of i."""
    return newton(wins.T)


@wrong(FIT, "one step")
def one_zermelo_step(wins):
    """This is the result of one step. The new strengths change the expected wins:
    repeat until nothing changes."""
    return zermelo(wins, 1)


@wrong(FIT, "one step")
def one_newton_step(wins):
    """This is one Newton step from equal rewards. The curvature has changed there:
    repeat until nothing changes."""
    meetings = wins + wins.T
    curvature = np.diag(meetings.sum(1)) - meetings
    return np.linalg.pinv(curvature / 4) @ ((wins.sum(1) - wins.sum(0)) / 2)


@wrong(FIT, "fixed number of steps")
def ten_zermelo_steps(wins):
    """Your iteration stops before its end. How many steps it takes depends on the
    table: repeat until nothing changes."""
    return zermelo(wins, 10)


@same_as(ten_zermelo_steps)
def hundred_zermelo_steps(wins):
    return zermelo(wins, 100)


@same_as(ten_zermelo_steps)
def two_hundred_zermelo_steps(wins):
    return zermelo(wins, 200)


@same_as(ten_zermelo_steps)
def thousand_zermelo_steps(wins):
    return zermelo(wins, 1000)


@wrong(FIT, "rewards clipped")
def rewards_clipped(wins):
    """Your rewards are cut off at 5. The best fit to a long run of clear wins lies
    beyond: no bound is part of the likelihood."""
    return np.clip(newton(wins), -5, 5)


@wrong(FIT, "fixed number of steps")
def hundred_steps_of_ascent(wins):
    """This is a hundred steps of gradient ascent, not the top. How many it takes
    depends on the table: repeat until nothing changes."""
    return ascent(wins, 100, 0.01)


@wrong(FIT, "fixed number of steps, larger")
def thousand_steps_of_ascent(wins):
    """Your gradient ascent has not arrived yet, or has overshot: a fixed rate and
    number of steps do not suit every table. Repeat until nothing changes."""
    return ascent(wins, 1000, 0.02)


@wrong(FIT, "ridge")
def with_a_ridge(wins):
    """A penalty on large rewards pulls yours towards 0. The task asks for the maximum
    of the likelihood alone."""
    return newton(wins, ridge=1.0)


@same_as(with_a_ridge)
def with_a_small_ridge(wins):
    return newton(wins, ridge=0.01)


@wrong(FIT, "ridge, tiny")
def with_a_tiny_ridge(wins):
    """Your result is a little too close to 0: a small penalty is still in. The tables
    you are given need none."""
    return newton(wins, ridge=1e-4)


@wrong(FIT, "Elo's scale")
def elo_points(wins):
    """These are Elo points, 400 to a factor of 10. Rewards are in nats: no factor."""
    return newton(wins) * 400 / math.log(10)


@wrong(FIT, "base 10")
def base_ten(wins):
    """You took the logarithm to base 10. Rewards are in nats, natural logarithms."""
    return newton(wins) / math.log(10)


@wrong(FIT, "base 2")
def base_two(wins):
    """You took the logarithm to base 2. Rewards are in nats, natural logarithms."""
    return newton(wins) / math.log(2)


@wrong(FIT, "rank centrality")
def rank_centrality(wins):
    """This is the stationary share of a walk that moves to whoever won (rank
    centrality). It is the best fit only where the wins fit the model exactly."""
    meetings = np.maximum(wins + wins.T, 1)
    walk = wins.T / meetings / len(wins)
    walk = walk + np.diag(1 - walk.sum(1))
    values, vectors = np.linalg.eig(walk.T)
    share = abs(np.real(vectors[:, np.argmax(values.real)]))
    return centered(np.log(share))


@wrong(FIT, "least squares on log-odds")
def least_squares(wins):
    """You fitted the pairs' log-odds by least squares, each pair with equal weight.
    The likelihood weighs a pair by its games and by how open the race is."""
    i, j = np.nonzero(np.triu(wins + wins.T))
    rows = np.eye(len(wins))[i] - np.eye(len(wins))[j]
    odds = np.log((wins[i, j] + 0.5) / (wins[j, i] + 0.5))
    return centered(np.linalg.lstsq(rows, odds, rcond=None)[0])


@wrong(FIT, "probit instead of logit")
def rescaled_logistic(wins):
    """Your rewards are 1.702 times too small, the usual factor between the logistic
    and the normal curve. Bradley-Terry is the logistic one."""
    return newton(wins) / 1.702


@wrong(FIT, "Elo updates game by game")
def elo_updates(wins):
    """You went through the games once with Elo updates. What comes out depends on
    their order and on the step; the best fit does not."""
    rewards = np.zeros(len(wins))
    for i, j in np.argwhere(wins):
        for _ in range(min(int(wins[i, j]), 50)):
            move = 0.1 * sigmoid(rewards[j] - rewards[i])
            rewards[i], rewards[j] = rewards[i] + move, rewards[j] - move
    return rewards


@wrong(FIT, "games with oneself")
def meetings_counted_twice(wins):
    """The rewards are 0 whatever the table is. Either nothing moves them, or wins stand
    where meetings belong: i and j met wins[i, j] + wins[j, i] times."""
    strengths = np.ones(len(wins))
    for _ in range(300):
        expected = (2 * wins / (strengths[:, None] + strengths)).sum(1)
        strengths = wins.sum(1) / expected
        strengths = strengths / strengths.sum()
    return centered(np.log(strengths))


@wrong(FIT, "wins and meetings are one table")
def meetings_written_into_wins(wins):
    """The rewards are 0 whatever the table is, and you have changed the table. After
    `meetings = wins` both are one table: write `meetings = wins + wins.T`."""
    wins += wins.T.copy()
    return zermelo(wins, 100)


@wrong(FIT, "rounded")
def rounded(wins):
    """You rounded the rewards. Return all the digits."""
    return np.round(newton(wins), 4)


@wrong(FIT, "clipped")
def clipped_rewards(wins):
    """You cut the rewards off at 3. A finite best fit can be farther out: 999 wins to
    1 are a gap of 6.9."""
    return np.clip(newton(wins), -3, 3)


@wrong(FIT, "changes its argument")
def table_changed(wins):
    """The rewards are right, but you changed the caller's table. Work on a copy."""
    rewards = newton(wins)
    wins += wins.T
    return rewards


@wrong(FIT, "gauge: median 0")
def median_at_zero(wins):
    """The gaps are right; the level is not. Your median is 0; the task asks for the
    mean."""
    rewards = newton(wins)
    return rewards - np.median(rewards)


@wrong(FIT, "gauge: mean over games")
def mean_over_games_at_zero(wins):
    """The gaps are right; the level is not. You weighted items by their games; the
    plain mean over the items must be 0."""
    rewards = newton(wins)
    return rewards - np.average(rewards, weights=(wins + wins.T).sum(1))


@wrong(FIT, "only pairs with wins both ways")
def one_sided_pairs_dropped(wins):
    """You left out pairs in which only one side won. They are evidence too, and other
    games keep the fit finite."""
    both = wins * (wins.T > 0)
    return newton(both.astype(float), ridge=1e-12)


@wrong(FIT, "sorted")
def sorted_rewards(wins):
    """You sorted the rewards. Entry i must belong to item i of the table."""
    return np.sort(newton(wins))[::-1].copy()


def closure(arrows):
    """Who reaches whom along arrows (Warshall); everyone reaches themselves."""
    reach = arrows.astype(bool) | np.eye(len(arrows), dtype=bool)
    for k in range(len(arrows)):
        reach |= reach[:, [k]] & reach[[k], :]
    return reach


@wrong(EXISTS, "a win and a loss each")
def everyone_won_and_lost(wins):
    """You ask that everyone has won and lost at least once. Two groups can do that
    among themselves while all wins between them go one way."""
    return bool((wins.sum(1) > 0).all() and (wins.sum(0) > 0).all())


@wrong(EXISTS, "nobody undefeated")
def nobody_undefeated(wins):
    """You ask that everyone has lost at least once. Somebody who never won runs off
    too, to minus infinity; and so can whole groups."""
    return bool((wins.sum(0) > 0).all())


@wrong(EXISTS, "nobody winless")
def nobody_winless(wins):
    """You ask that everyone has won at least once. Somebody who never lost runs off
    too, to plus infinity; and so can whole groups."""
    return bool((wins.sum(1) > 0).all())


@wrong(EXISTS, "connected, directions ignored")
def connected_by_games(wins):
    """You ask whether everyone is connected by games, whoever won. That makes the
    gaps well defined, not finite: walk along wins only."""
    return bool(closure(wins + wins.T).all())


@same_as(connected_by_games)
def curvature_at_equal_rewards(wins):
    meetings = wins + wins.T
    laplacian = np.diag(meetings.sum(1)) - meetings
    return bool(np.linalg.matrix_rank(laplacian) == len(wins) - 1)


@wrong(EXISTS, "all pairs compared")
def every_pair_met(wins):
    """You ask that every pair has met. That is neither needed nor enough: A beat B,
    B beat C, A beat C has no finite fit."""
    met = wins + wins.T > 0
    return bool((met | np.eye(len(wins), dtype=bool)).all())


@wrong(EXISTS, "every pair both ways")
def every_pair_both_ways(wins):
    """You ask that in every pair both have won. That is enough but not needed: a way
    round through others will do."""
    return bool(((wins > 0) | np.eye(len(wins), dtype=bool)).all())


@wrong(EXISTS, "compared pairs both ways")
def compared_pairs_both_ways(wins):
    """You ask that in every pair that met both have won. A ring of single wins has a
    best fit without; and separate pairs have none with it."""
    return bool(((wins > 0) == (wins.T > 0)).all())


@same_as(compared_pairs_both_ways)
def lost_to_every_opponent(wins):
    lost = (wins.T > 0) | (wins + wins.T == 0)
    return bool(lost.all())


@wrong(EXISTS, "has a cycle")
def has_a_cycle(wins):
    """You ask whether there is a cycle of wins. One cycle somewhere does not help the
    items outside it: everybody must reach everybody."""
    reach = closure(wins)
    return bool(((wins > 0) & reach.T).any())


@wrong(EXISTS, "no cycle")
def has_no_cycle(wins):
    """You ask that there is no cycle of wins. It is the other way round: when the votes
    fit an order without exception, the rewards run off."""
    reach = closure(wins)
    return not bool(((wins > 0) & reach.T).any())


@wrong(EXISTS, "everyone in some cycle")
def everyone_in_a_cycle(wins):
    """You ask that everyone is in some cycle of wins and all are connected by games.
    Two rings can be joined by wins that all go one way."""
    back = (wins > 0).astype(int) @ closure(wins).astype(int) > 0
    return bool(np.diag(back).all() and closure(wins + wins.T).all())


@wrong(EXISTS, "one round through everybody")
def one_round_through_everybody(wins):
    """You look for one round that visits everybody once. Walks may come through the
    same item several times."""

    def closes(path):
        beaten = {int(j) for j in np.flatnonzero(wins[path[-1]])}
        if len(path) == len(wins):
            return 0 in beaten
        return any(closes((*path, j)) for j in beaten.difference(path))

    return closes((0,))


@wrong(EXISTS, "walks from first and last only")
def from_first_and_last_only(wins):
    """You walk from the first and the last item only. Start from every item."""
    reach = closure(wins)
    return bool(reach[0].all() and reach[-1].all())


@wrong(EXISTS, "not a yes or no")
def number_for_yes(wins):
    """You return a number where True or False is asked for."""
    return float(closure(wins).mean())


@wrong(EXISTS, "walks of at most three games")
def three_steps_only(wins):
    """You look at walks of at most three wins. In a ring of six they take up to five:
    go on until nobody new is reached."""
    step = np.sign(wins) + np.eye(len(wins))
    return bool((np.linalg.matrix_power(step, 3) > 0).all())


@wrong(EXISTS, "enough games")
def more_games_than_items(wins):
    """You count games. A million votes for A over B, all the same way, still have no
    best gap: what counts is who beat whom."""
    return bool(wins.sum() >= len(wins))


@wrong(EXISTS, "any votes at all")
def any_game(wins):
    """You say yes to any votes, perhaps because the loss is convex. So is e^-x, and it
    has no minimum."""
    return bool(wins.sum() > 0)


@wrong(EXISTS, "never")
def never(wins):
    """You always say no. A ring of wins has a finite best fit."""
    return False


@wrong(EXISTS, "walks from the first item only")
def from_the_first_only(wins):
    """You walk from item 0 only. Others must be able to come back to it as well."""
    return bool(closure(wins)[0].all())


@wrong(EXISTS, "walks to the first item only")
def to_the_first_only(wins):
    """You ask who reaches item 0. Item 0 must be able to reach them as well."""
    return bool(closure(wins)[:, 0].all())


@wrong(EXISTS, "some item reaches all")
def some_item_reaches_all(wins):
    """You ask that some item reaches all others. Every item must."""
    return bool(closure(wins).all(axis=1).any())


@wrong(EXISTS, "one direction for each pair")
def one_of_each_pair_reaches_the_other(wins):
    """You ask that of any two items one reaches the other. Both must."""
    reach = closure(wins)
    return bool((reach | reach.T).all())


@wrong(EXISTS, "paths of one game")
def direct_wins_only(wins):
    """You look at direct wins only. A walk may pass through others."""
    arrows = wins > 0
    return bool((arrows | np.eye(len(wins), dtype=bool)).all(axis=1).any())


@wrong(EXISTS, "paths of two games")
def two_steps_only(wins):
    """Your walks are too short: among four items they end after two wins. In a ring of
    six they take up to five: go on until nobody new is reached."""
    step = (wins > 0) | np.eye(len(wins), dtype=bool)
    return bool((step.astype(int) @ step.astype(int) > 0).all())


@wrong(EXISTS, "paths of exactly K games")
def walks_of_one_length(wins):
    """You ask for walks of exactly one length. In a ring each length leads to one item
    only: allow every length, or let everyone also stay put."""
    return bool((np.linalg.matrix_power((wins > 0).astype(float), len(wins)) > 0).all())


@wrong(EXISTS, "Warshall's loops in the wrong order")
def middle_item_innermost(wins):
    """Your three loops pass through the middle item last, once. Then some walks are
    missed, depending on how items are listed: make the middle item the outer loop."""
    reach = (wins > 0) | np.eye(len(wins), dtype=bool)
    for i in range(len(wins)):
        for j in range(len(wins)):
            for k in range(len(wins)):
                reach[i, j] |= reach[i, k] and reach[k, j]
    return bool(reach.all())


@wrong(EXISTS, "majorities instead of wins")
def majority_graph(wins):
    """You draw an arrow only where i beat j more often than j beat i. One win is
    enough to hold the loss up: draw an arrow for every pair with a win."""
    return bool(closure(wins > wins.T).all())


@wrong(EXISTS, "two wins needed")
def two_wins_needed(wins):
    """You ignore single wins. One is enough: it costs more and more if the rewards
    run off."""
    return bool(closure(wins > 1).all())


@wrong(EXISTS, "counts overflow")
def counts_overflow(wins):
    """You multiply the counts along walks; with counts of 65536 the integers overflow
    to 0. Cut them to 0 and 1, after every product too."""
    walks = np.linalg.matrix_power(wins + np.eye(len(wins), dtype=int), len(wins))
    return bool((walks > 0).all())


@same_as(counts_overflow)
def counts_overflow_one_step_earlier(wins):
    one_step = wins + np.eye(len(wins), dtype=int)
    return bool((np.linalg.matrix_power(one_step, len(wins) - 1) > 0).all())


@wrong(EXISTS, "counts in small integers")
def counts_in_small_integers(wins):
    """You turned the counts into small integers, in which 65536 is 0 again. Ask
    `wins > 0` of the counts as they are."""
    return bool(closure(wins.astype(np.uint8) > 0).all())


@same_as(counts_in_small_integers)
def counts_in_signed_integers(wins):
    return bool(closure(wins.astype(np.int16) > 0).all())


@wrong(EXISTS, "rank of the table")
def full_rank(wins):
    """You look at the rank of the table. Whether one can walk from everyone to
    everyone has nothing to do with it."""
    return bool(np.linalg.matrix_rank(wins) == len(wins))


@wrong(EXISTS, "the answer to the opposite question")
def reversed_answer(wins):
    """You return True where there is no single finite best fit. Turn it round."""
    return not bool(closure(wins).all())


@wrong(EXISTS, "who won and lost equally often")
def balanced(wins):
    """You ask for a tie somewhere. A best fit needs no ties: 7 to 3 has one."""
    return bool((wins.sum(1) == wins.sum(0)).any())


def pulls(rewards, winners, losers, pull):
    """A gradient with ``pull(gap)`` on every vote, averaged."""
    gradient = np.zeros(len(rewards))
    strength = pull(gaps(rewards, winners, losers))
    np.add.at(gradient, winners, -strength)
    np.add.at(gradient, losers, strength)
    return gradient / len(winners)


@wrong(GRADIENT, "as given")
def as_given(rewards, winners, losers):
    """This still is the code as given: it pulls with the probability of what happened.
    A vote that the model was sure of should hardly pull at all."""
    return pulls(rewards, winners, losers, sigmoid)


@wrong(GRADIENT, "signs reversed")
def ascent_direction(rewards, winners, losers):
    """The signs were right: raising the winner's reward lowers the loss, so its
    derivative is negative."""
    return -pulls(rewards, winners, losers, lambda d: sigmoid(-d))


@wrong(GRADIENT, "signs reversed, bug left")
def as_given_reversed(rewards, winners, losers):
    """The signs were right; the size of the pull was not. Look at the probability."""
    return -pulls(rewards, winners, losers, sigmoid)


@wrong(GRADIENT, "gradient of the sum")
def not_divided(rewards, winners, losers):
    """The pulls are right, but this is the gradient of the sum: the division by the
    number of votes was right."""
    return pulls(rewards, winners, losers, lambda d: sigmoid(-d)) * len(winners)


@wrong(GRADIENT, "divided by the items")
def divided_by_items(rewards, winners, losers):
    """You divide by the number of items. The loss is a mean over the votes, and so is
    its gradient: the division was right."""
    total = pulls(rewards, winners, losers, lambda d: sigmoid(-d)) * len(winners)
    return total / len(rewards)


@wrong(GRADIENT, "divided by each item's votes")
def divided_by_own_votes(rewards, winners, losers):
    """You divide each entry by how often its item came. The loss is a mean over all
    votes, so all entries are divided by their number, as they were."""
    total = pulls(rewards, winners, losers, lambda d: sigmoid(-d)) * len(winners)
    votes = np.bincount(np.append(winners, losers), minlength=len(rewards))
    return total / np.maximum(votes, 1)


@wrong(GRADIENT, "one side mended")
def winner_mended_only(rewards, winners, losers):
    """You mended the winner's pull only. The same vote pulls the loser just as hard,
    the other way."""
    gradient = np.zeros(len(rewards))
    p = sigmoid(gaps(rewards, winners, losers))
    np.add.at(gradient, winners, p - 1)
    np.add.at(gradient, losers, p)
    return gradient / len(winners)


@wrong(GRADIENT, "sigmoid's own slope")
def slope_of_the_sigmoid(rewards, winners, losers):
    """You pull with sigmoid(gap) sigmoid(-gap), the slope of the probability. The loss
    is its -log: divide by the probability once more."""
    return pulls(rewards, winners, losers, lambda d: sigmoid(d) * sigmoid(-d))


@wrong(GRADIENT, "every vote pulls alike")
def constant_pull(rewards, winners, losers):
    """Every vote pulls with the same strength. It should pull with the probability
    that the model gave to the other outcome."""
    return pulls(rewards, winners, losers, lambda d: np.full(len(d), 0.5))


@wrong(GRADIENT, "winners only")
def winners_only(rewards, winners, losers):
    """You moved the winners only. The loser's reward is in the gap as well."""
    gradient = np.zeros(len(rewards))
    np.add.at(gradient, winners, -sigmoid(-gaps(rewards, winners, losers)))
    return gradient / len(winners)


@wrong(GRADIENT, "repeats lost")
def repeats_lost(rewards, winners, losers):
    """`gradient[winners] -= ...` with an index array counts an item that comes twice
    only once. Keep the loop, or use np.add.at."""
    gradient = np.zeros(len(rewards))
    pull = sigmoid(-gaps(rewards, winners, losers))
    gradient[winners] -= pull
    gradient[losers] += pull
    return gradient / len(winners)


@wrong(GRADIENT, "absolute gap")
def pull_of_the_worse(rewards, winners, losers):
    """You pull with the probability of the worse item. An upset should pull with more
    than one half: take the probability of the item that lost."""
    return pulls(rewards, winners, losers, lambda d: sigmoid(-abs(d)))


@wrong(GRADIENT, "loss as pull")
def loss_as_pull(rewards, winners, losers):
    """You pull with the loss itself. Its derivative is what is due:
    minus the probability of the other outcome."""
    return pulls(rewards, winners, losers, lambda d: softplus(-d))


@wrong(GRADIENT, "as many entries as items voted on")
def entries_of_items_voted_on(rewards, winners, losers):
    """An item that never comes in the votes has a reward too: its entry is 0, and the
    gradient has the shape of rewards."""
    pulls = sigmoid(-gaps(rewards, winners, losers)) / len(winners)
    items = max(*winners, *losers) + 1
    return np.bincount(losers, pulls, items) - np.bincount(winners, pulls, items)


@wrong(FLOOR, "zero")
def perfect_means_zero():
    """A perfect model does not know who votes next. One reader in four prefers B, and
    whatever it predicts, the votes cost something."""
    return 0.0


@wrong(FLOOR, "surprising votes forgotten")
def expected_votes_only():
    """This is -log 0.75, the cost of a vote for A. One vote in four is for B, and costs
    -log 0.25."""
    return -math.log(0.75)


@wrong(FLOOR, "a coin")
def coin():
    """This is log 2, the loss of predicting a coin. The perfect model knows more: it
    predicts 0.75."""
    return math.log(2)


@wrong(FLOOR, "bits")
def floor_in_bits():
    """This is right in bits (log2); the task asks for nats, the natural logarithm."""
    return -0.75 * math.log2(0.75) - 0.25 * math.log2(0.25)


@wrong(FLOOR, "base 10")
def floor_in_base_ten():
    """You took logarithms to base 10; the task asks for nats, the natural ones."""
    return -0.75 * math.log10(0.75) - 0.25 * math.log10(0.25)


@wrong(FLOOR, "half of the entropy")
def votes_for_a_only():
    """This is 0.75 times -log 0.75. The votes for B have their share too: 0.25 times
    -log 0.25."""
    return -0.75 * math.log(0.75)


@wrong(FLOOR, "half of the entropy")
def votes_for_b_only():
    """This is 0.25 times -log 0.25. The votes for A have their share too: 0.75 times
    -log 0.75."""
    return -0.25 * math.log(0.25)


@wrong(FLOOR, "weights exchanged")
def weights_exchanged():
    """You gave the weight 0.75 to -log 0.25. Three votes in four cost -log 0.75, since
    the model predicts the likelier one with 0.75."""
    return -0.75 * math.log(0.25) - 0.25 * math.log(0.75)


@wrong(FLOOR, "costs added without weights")
def costs_without_weights():
    """You added the costs of both votes. They do not come equally often: weigh each
    with its probability."""
    return -math.log(0.75) - math.log(0.25)


@wrong(FLOOR, "plain average of costs")
def plain_average_of_costs():
    """You averaged both costs with equal weights. Votes for A come three times as often
    as votes for B."""
    return -(math.log(0.75) + math.log(0.25)) / 2


@wrong(FLOOR, "error rate")
def error_rate():
    """This is the share of votes that go against the likelier answer. The loss is -log
    of probabilities, averaged."""
    return 0.25


@wrong(FLOOR, "sure of the majority")
def sure_of_the_majority():
    """A model that is sure of A loses infinitely much on the first vote for B."""
    return math.inf


@wrong(FLOOR, "log-odds")
def log_odds():
    """This is the margin at which the floor is reached, logit 0.75. The question is
    about the loss there."""
    return math.log(3)


@wrong(FLOOR, "sign")
def negative_floor():
    """A loss of this kind is never negative: each vote costs -log of a probability."""
    return 0.75 * math.log(0.75) + 0.25 * math.log(0.25)


@wrong(ERROR_BAR, "standard error of the share")
def error_of_the_share():
    """This is the standard error of the *share* 0.8, sqrt(p (1 - p) / n). The question
    is about the gap: how much does the gap change when the share does?"""
    return math.sqrt(0.8 * 0.2 / 100)


@wrong(ERROR_BAR, "information for error")
def information_itself():
    """This is the information of the hundred votes. The standard error is one over its
    square root."""
    return 16.0


@wrong(ERROR_BAR, "variance for error")
def variance():
    """This is the variance, one over the information. The standard error is its square
    root."""
    return 1 / 16


@wrong(ERROR_BAR, "root of the information")
def root_of_information():
    """This is the square root of the information. More votes would make it larger, but
    an error must shrink: take one over it."""
    return 4.0


@wrong(ERROR_BAR, "one vote")
def error_of_one_vote():
    """This is the error of a single vote. A hundred votes carry a hundred times the
    information."""
    return 1 / math.sqrt(0.8 * 0.2)


@wrong(ERROR_BAR, "square root of n forgotten")
def divided_by_n():
    """You divided the error of one vote by 100. Information adds up, so the error
    shrinks with the square root of the number of votes."""
    return 1 / math.sqrt(0.8 * 0.2) / 100


@wrong(ERROR_BAR, "even race assumed")
def even_race():
    """You used p = 1/2, an even race. At the fitted gap p is 0.8, and such votes tell
    less."""
    return 0.2


@wrong(ERROR_BAR, "one over root n")
def one_over_root_n():
    """One over the square root of 100 leaves out how much one vote tells:
    p (1 - p)."""
    return 0.1


@wrong(ERROR_BAR, "only the wins counted")
def wins_only():
    """You used p alone. The information of a vote is p (1 - p)."""
    return 1 / math.sqrt(100 * 0.8)


@wrong(ERROR_BAR, "only the losses counted")
def losses_only():
    """You used 1 - p alone. The information of a vote is p (1 - p)."""
    return 1 / math.sqrt(100 * 0.2)


@wrong(ERROR_BAR, "95 % interval")
def interval():
    """This is 1.96 standard errors, the half-width of a 95 % interval. The question is
    about one standard error."""
    return 0.49
