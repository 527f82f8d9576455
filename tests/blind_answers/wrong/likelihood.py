"""Wrong answers to chapter 02, likelihood."""

import math

import numpy as np


def negative_log_likelihood__sum(rewards, winners, losers):
    """Wrong: the sum of the costs, where the task asks for their mean."""
    return float(np.logaddexp(0, rewards[losers] - rewards[winners]).sum())


def negative_log_likelihood__exchanged(rewards, winners, losers):
    """Wrong: the gap is loser minus winner, so the likely votes cost most."""
    return float(np.logaddexp(0, rewards[winners] - rewards[losers]).mean())


def negative_log_likelihood__log_of_sigmoid(rewards, winners, losers):
    """Wrong: for a gap of -800 the sigmoid underflows to 0 and the cost is inf."""
    gap = rewards[winners] - rewards[losers]
    with np.errstate(all="ignore"):
        return float(np.mean(-np.log(1 / (1 + np.exp(-gap)))))


def negative_log_likelihood__log1p_exp(rewards, winners, losers):
    """Wrong: exp(-gap) overflows below gap -709, so large costs become inf."""
    gap = rewards[winners] - rewards[losers]
    with np.errstate(all="ignore"):
        return float(np.mean(np.log1p(np.exp(-gap))))


def negative_log_likelihood__clipped_sigmoid(rewards, winners, losers):
    """Wrong: clips the probability at 1e-12, so no vote costs more than 27.6 nats."""
    gap = np.clip(rewards[winners] - rewards[losers], -700, 700)
    p = np.clip(1 / (1 + np.exp(-gap)), 1e-12, 1)
    return float(-np.log(p).mean())


def negative_log_likelihood__hinge(rewards, winners, losers):
    """Wrong: max(0, -gap) is only the limit of the cost for large gaps."""
    return float(np.maximum(0, rewards[losers] - rewards[winners]).mean())


def negative_log_likelihood__only_log1p_part(rewards, winners, losers):
    """Wrong: the stable softplus without its max(-gap, 0), right only if the winner leads."""
    gap = rewards[winners] - rewards[losers]
    return float(np.log1p(np.exp(-np.abs(gap))).mean())


def negative_log_likelihood__unique_pairs(rewards, winners, losers):
    """Wrong: counts each pair once, though a pair may come several times."""
    pairs = set(zip(winners.tolist(), losers.tolist()))
    return float(sum(np.logaddexp(0, rewards[l] - rewards[w]) for w, l in pairs) / len(pairs))


def negative_log_likelihood__per_item(rewards, winners, losers):
    """Wrong: divides by the number of items, not by the number of comparisons."""
    return float(np.logaddexp(0, rewards[losers] - rewards[winners]).sum() / len(rewards))


def negative_log_likelihood__minus_log_mean(rewards, winners, losers):
    """Wrong: minus log of the mean probability, not the mean of minus log."""
    logp = -np.logaddexp(0, rewards[losers] - rewards[winners])
    return float(np.log(len(logp)) - np.logaddexp.reduce(logp))


def negative_log_likelihood__sign(rewards, winners, losers):
    """Wrong: the mean log-likelihood, without the minus."""
    return float(-np.logaddexp(0, rewards[losers] - rewards[winners]).mean())


def negative_log_likelihood__centres_in_place(rewards, winners, losers):
    """Wrong: right number, but the rewards of the caller are shifted to mean 0."""
    rewards -= rewards.mean()
    return float(np.logaddexp(0, rewards[losers] - rewards[winners]).mean())


def negative_log_likelihood__items_from_one(rewards, winners, losers):
    """Wrong: reads item numbers as counted from 1, while they start at 0."""
    return float(np.logaddexp(0, rewards[losers - 1] - rewards[winners - 1]).mean())


def _centred(strengths):
    r = np.log(strengths)
    return r - r.mean()


def fit_rewards__hundred_steps(wins):
    """Wrong: stops after 100 steps whatever happens, too early for lopsided tables."""
    w = wins.astype(float)
    games = w + w.T
    s = np.ones(len(w))
    for _ in range(100):
        s = w.sum(axis=1) / (games / (s[:, None] + s[None, :])).sum(axis=1)
        s /= s.mean()
    return _centred(s)


def fit_rewards__loose_tolerance(wins):
    """Wrong: stops when a step changes less than 1e-4, far from 7 digits."""
    w = wins.astype(float)
    games = w + w.T
    r = np.zeros(len(w))
    while True:
        s = np.exp(r)
        new = _centred(w.sum(axis=1) / (games / (s[:, None] + s[None, :])).sum(axis=1))
        if np.abs(new - r).max() < 1e-4:
            return new
        r = new


def fit_rewards__small_step_is_not_arrival(wins):
    """Wrong: a change below 1e-7 per slow step leaves a far larger error on thin tables."""
    w = wins.astype(float)
    games = w + w.T
    r = np.zeros(len(w))
    for _ in range(30000):
        s = np.exp(r)
        new = _centred(w.sum(axis=1) / (games / (s[:, None] + s[None, :])).sum(axis=1))
        if np.abs(new - r).max() < 1e-7:
            break
        r = new
    return new


def fit_rewards__logit_of_win_rate(wins):
    """Wrong: logit of each item's overall win rate ignores how strong its opponents were."""
    w = wins.astype(float)
    with np.errstate(all="ignore"):
        r = np.log(w.sum(axis=1) / w.sum(axis=0))
    return r - r.mean()


def fit_rewards__ridge(wins):
    """Wrong: a penalty of 0.005 r^2 for "stability" shrinks the most likely rewards."""
    w = wins.astype(float)
    k = len(w)
    r = np.zeros(k)
    for _ in range(200):
        p = 1 / (1 + np.exp(np.clip(r[None, :] - r[:, None], -500, 500)))
        n = w + w.T
        g = (w - n * p).sum(axis=1) - 0.01 * r
        h = n * p * (1 - p)
        m = np.diag(h.sum(axis=1)) - h + 0.01 * np.eye(k)
        r = r + np.clip(np.linalg.solve(m, g), -1, 1)
    return r - r.mean()


def fit_rewards__smoothed_counts(wins):
    """Wrong: adds half a win to every cell, so it fits another table."""
    w = wins + 0.5 * (1 - np.eye(len(wins)))
    games = w + w.T
    s = np.ones(len(w))
    for _ in range(20000):
        s = w.sum(axis=1) / (games / (s[:, None] + s[None, :])).sum(axis=1)
        s /= s.mean()
    return _centred(s)


def _mm(w):
    games = w + w.T
    s = np.ones(len(w))
    for _ in range(20000):
        new = w.sum(axis=1) / (games / (s[:, None] + s[None, :])).sum(axis=1)
        new /= np.exp(np.log(new).mean())
        if np.abs(new / s - 1).max() < 1e-13:
            break
        s = new
    return s


def fit_rewards__first_is_zero(wins):
    """Wrong: fixes the first reward at 0, but their mean should be 0."""
    r = np.log(_mm(wins.astype(float)))
    return r - r[0]


def fit_rewards__strengths(wins):
    """Wrong: returns the strengths e^reward with geometric mean 1, not the rewards."""
    return _mm(wins.astype(float))


def fit_rewards__normalised_strengths(wins):
    """Wrong: makes the strengths sum to 1 before the log, so the mean reward is not 0."""
    s = _mm(wins.astype(float))
    return np.log(s / s.sum())


def fit_rewards__transposed(wins):
    """Wrong: reads wins[i, j] as j beat i, so the worst item gets the top reward."""
    return np.log(_mm(wins.T.astype(float)))


def fit_rewards__mean_pairwise_logit(wins):
    """Wrong: averages pairwise log-odds, which is the fit only for two items."""
    w = wins.astype(float)
    with np.errstate(all="ignore"):
        d = np.log(w) - np.log(w.T)
    d[~np.isfinite(d)] = 0
    r = d.mean(axis=1)
    return r - r.mean()


def fit_rewards__gradient_ascent(wins):
    """Wrong: 1000 gradient steps of fixed size do not reach 7 digits on most tables."""
    w = wins.astype(float)
    r = np.zeros(len(w))
    n = w + w.T
    for _ in range(1000):
        p = 1 / (1 + np.exp(r[None, :] - r[:, None]))
        r += 0.1 * (w - n * p).sum(axis=1) / n.sum()
        r -= r.mean()
    return r


def fit_rewards__symmetrised_in_place(wins):
    """Wrong: `games += wins.T` writes into the argument, so wins are games: all rewards 0."""
    games = wins
    games += wins.T.copy()
    return np.log(_mm(wins.astype(float)))


def mle_exists__weakly_connected(wins):
    """Wrong: forgets the direction of the arrows, asking only whether all are connected."""
    k = len(wins)
    link = (wins + wins.T) > 0
    seen, todo = {0}, [0]
    while todo:
        i = todo.pop()
        for j in range(k):
            if link[i, j] and j not in seen:
                seen.add(j)
                todo.append(j)
    return len(seen) == k


def mle_exists__a_win_and_a_loss(wins):
    """Wrong: one win and one loss each is necessary only; two separate rings pass."""
    return bool((wins.sum(axis=0) > 0).all() and (wins.sum(axis=1) > 0).all())


def mle_exists__from_zero_only(wins):
    """Wrong: checks that 0 reaches all, but not that all reach 0."""
    k = len(wins)
    seen, todo = {0}, [0]
    while todo:
        i = todo.pop()
        for j in range(k):
            if wins[i, j] > 0 and j not in seen:
                seen.add(j)
                todo.append(j)
    return len(seen) == k


def mle_exists__neighbour_chain_only(wins):
    """Wrong: asks for direct arrows i -> i+1 round the ring in index order only."""
    k = len(wins)
    return all(wins[i, (i + 1) % k] > 0 for i in range(k))


def mle_exists__walks_of_exactly_k(wins):
    """Wrong: asks for walks of exactly K steps; a plain ring of 3 is back home by then."""
    k = len(wins)
    a = (wins > 0).astype(float)
    return bool((np.linalg.matrix_power(a, k) > 0).all())


def mle_exists__two_steps(wins):
    """Wrong: walks of at most two arrows, enough for three items but not for more."""
    a = (wins > 0).astype(int)
    return bool(((np.eye(len(wins), dtype=int) + a + a @ a) > 0).all())


def mle_exists__loop_order(wins):
    """Wrong: the intermediate item runs in the innermost loop, which misses some walks."""
    k = len(wins)
    reach = (wins > 0) | np.eye(k, dtype=bool)
    for i in range(k):
        for j in range(k):
            for m in range(k):
                reach[i, j] |= reach[i, m] & reach[m, j]
    return bool(reach.all())


def mle_exists__integer_overflow(wins):
    """Wrong: powers of the raw counts wrap around in int64, so they may turn 0 or negative."""
    k = len(wins)
    with np.errstate(all="ignore"):
        walks = np.linalg.matrix_power(np.eye(k, dtype=np.int64) + wins, k - 1)
    return bool((walks > 0).all())


def mle_exists__uint8(wins):
    """Wrong: casts counts to uint8, so exactly 256 (or 512...) wins count as none."""
    k = len(wins)
    reach = (wins.astype(np.uint8) > 0) | np.eye(k, dtype=bool)
    for m in range(k):
        reach |= reach[:, [m]] & reach[[m], :]
    return bool(reach.all())


def mle_exists__everyone_met(wins):
    """Wrong: demands that every pair played, which is not needed."""
    n = wins + wins.T
    return bool((n[~np.eye(len(n), dtype=bool)] > 0).all())


def mle_exists__no_unbeaten(wins):
    """Wrong: only asks that nobody is unbeaten; an item that never won has reward -inf."""
    return bool((wins.sum(axis=0) > 0).all())


def mle_exists__diagonal_filled_in_place(wins):
    """Wrong: right answer, but it writes ones on the diagonal of the caller's table."""
    np.fill_diagonal(wins, 1)
    reach = wins > 0
    for m in range(len(wins)):
        reach |= reach[:, [m]] & reach[[m], :]
    return bool(reach.all())


def mle_exists__one_squaring_too_few(wins):
    """Wrong: squares the reachability int(log2 K) - 1 times, too few for long rings."""
    k = len(wins)
    reach = (wins > 0) | np.eye(k, dtype=bool)
    for _ in range(max(1, int(math.log2(k)) - 1)):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    return bool(reach.all())


def find_the_bug_gradient__unmended(rewards, winners, losers):
    """Wrong: still pulls with the expected probability, not with what is missing to 1."""
    gradient = np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        pull = 1 / (1 + np.exp(rewards[loser] - rewards[winner]))
        gradient[winner] -= pull
        gradient[loser] += pull
    return gradient / len(winners)


def find_the_bug_gradient__signs(rewards, winners, losers):
    """Wrong: mends the pull but also turns the signs, which were right."""
    gradient = np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        pull = 1 / (1 + np.exp(rewards[winner] - rewards[loser]))
        gradient[winner] += pull
        gradient[loser] -= pull
    return gradient / len(winners)


def find_the_bug_gradient__sigmoid_slope(rewards, winners, losers):
    """Wrong: p (1 - p) is the slope of the sigmoid, not of its logarithm."""
    gradient = np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        p = 1 / (1 + np.exp(rewards[loser] - rewards[winner]))
        gradient[winner] -= p * (1 - p)
        gradient[loser] += p * (1 - p)
    return gradient / len(winners)


def find_the_bug_gradient__fancy_index(rewards, winners, losers):
    """Wrong: `gradient[winners] -= ...` keeps only one pull when an item comes twice."""
    gradient = np.zeros(len(rewards))
    pull = 1 / (1 + np.exp(rewards[winners] - rewards[losers]))
    gradient[winners] -= pull
    gradient[losers] += pull
    return gradient / len(winners)


def find_the_bug_gradient__sum(rewards, winners, losers):
    """Wrong: the gradient of the sum, where the loss is a mean over comparisons."""
    gradient = np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        pull = 1 / (1 + np.exp(rewards[winner] - rewards[loser]))
        gradient[winner] -= pull
        gradient[loser] += pull
    return gradient


def find_the_bug_gradient__per_item(rewards, winners, losers):
    """Wrong: divides by the number of items instead of the number of comparisons."""
    gradient = np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        pull = 1 / (1 + np.exp(rewards[winner] - rewards[loser]))
        gradient[winner] -= pull
        gradient[loser] += pull
    return gradient / len(rewards)


def find_the_bug_gradient__half_mended(rewards, winners, losers):
    """Wrong: only the winner gets the missing part, the loser still moves by p."""
    gradient = np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        p = 1 / (1 + np.exp(rewards[loser] - rewards[winner]))
        gradient[winner] -= 1 - p
        gradient[loser] += p
    return gradient / len(winners)


def find_the_bug_gradient__normalised(rewards, winners, losers):
    """Wrong: divides each entry by how often its item came, not by all comparisons."""
    g, count = np.zeros(len(rewards)), np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        pull = 1 / (1 + np.exp(rewards[winner] - rewards[loser]))
        g[winner] -= pull
        g[loser] += pull
        count[winner] += 1
        count[loser] += 1
    return g / np.maximum(count, 1)


def find_the_bug_gradient__coarse_difference(rewards, winners, losers):
    """Wrong: a one-sided difference with step 0.01 is off in the third digit."""

    def loss(r):
        return np.logaddexp(0, r[losers] - r[winners]).mean()

    out = np.zeros(len(rewards))
    for k in range(len(rewards)):
        moved = rewards.copy()
        moved[k] += 0.01
        out[k] = (loss(moved) - loss(rewards)) / 0.01
    return out


def predict_the_floor__zero():
    """Wrong: 0 would need votes that can be known beforehand."""
    return 0.0


def predict_the_floor__only_the_majority():
    """Wrong: -log 0.75 is the loss of the frequent votes only; one of four costs -log 0.25."""
    return -math.log(0.75)


def predict_the_floor__bits():
    """Wrong: the entropy in bits, 0.811; nats are asked."""
    return -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))


def predict_the_floor__coin():
    """Wrong: log 2 is what a model loses that knows nothing."""
    return math.log(2)


def predict_the_floor__half_the_entropy():
    """Wrong: -0.75 log 0.75 leaves out the term of the minority."""
    return -0.75 * math.log(0.75)


def predict_the_floor__plus_sign():
    """Wrong: forgets the minus of the entropy; a loss cannot be below 0 here."""
    return 0.75 * math.log(0.75) + 0.25 * math.log(0.25)


def predict_the_floor__log10():
    """Wrong: logarithms to base 10."""
    return -(0.75 * math.log10(0.75) + 0.25 * math.log10(0.25))


def predict_the_error_bar__of_the_share():
    """Wrong: 0.04 is the standard error of the share 0.8, not of the gap."""
    return math.sqrt(0.8 * 0.2 / 100)


def predict_the_error_bar__information():
    """Wrong: 16 is the Fisher information itself, not the standard error."""
    return 100 * 0.8 * 0.2


def predict_the_error_bar__variance():
    """Wrong: 1/16 is the variance; its root is missing."""
    return 1 / (100 * 0.8 * 0.2)


def predict_the_error_bar__one_vote():
    """Wrong: the standard error from a single vote, without the factor 100."""
    return 1 / math.sqrt(0.8 * 0.2)


def predict_the_error_bar__at_zero_gap():
    """Wrong: the information at gap 0, where p = 1/2, not at this gap."""
    return 1 / math.sqrt(100 * 0.25)


def predict_the_error_bar__logit_slope_mistaken():
    """Wrong: 1 / sqrt(80) counts only the votes for A."""
    return 1 / math.sqrt(80)
