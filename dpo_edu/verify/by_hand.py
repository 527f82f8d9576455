"""The second road to the quoted numbers: exact decimals and nothing from the chapters.

Every function takes and returns ``decimal.Decimal`` and is the slow, obvious view of
its formula: probabilities where the chapters use logarithms, loops where they use
arrays. ``worked_examples`` runs it at 50 digits. Log-probabilities and losses in nats.
"""

from decimal import Decimal
from itertools import combinations

PI = Decimal("3.14159265358979323846264338327950288419716939937511")


def sigmoid(x):
    """1 / (1 + e^-x)."""
    return 1 / (1 + (-x).exp())


def compose_preferences(p_ab, p_bc):
    """P(a beats c) from odds that multiply."""
    for_a, for_c = p_ab * p_bc, (1 - p_ab) * (1 - p_bc)
    return for_a / (for_a + for_c)


def thurstone_probability(gap):
    """Phi(gap / sqrt 2) by the power series of the error function at gap / 2."""
    term = total = gap / 2
    for k in range(1, 60):
        term = -term * (gap / 2) ** 2 / k
        total += term / (2 * k + 1)
    return (1 + 2 / PI.sqrt() * total) / 2


def plackett_luce_nll(rewards):
    """Choose the best of all, the best of the rest, ...; rewards best first."""
    weights = [reward.exp() for reward in rewards]
    return -sum((w / sum(weights[k:])).ln() for k, w in enumerate(weights))


def pair_product_nll(rewards):
    """The same ranking as if each pair had been compared on its own."""
    return -sum(sigmoid(a - b).ln() for a, b in combinations(rewards, 2))


def mean_entropy(rewards):
    """Mean entropy of a Bradley-Terry label over all pairs."""
    chances = [sigmoid(a - b) for a, b in combinations(rewards, 2)]
    return -sum(p * p.ln() + (1 - p) * (1 - p).ln() for p in chances) / len(chances)


def bayes_accuracy(rewards):
    """Mean chance of the likelier label over all pairs."""
    chances = [sigmoid(abs(a - b)) for a, b in combinations(rewards, 2)]
    return sum(chances) / len(chances)


def kl(p, q):
    """Sum of p log(p / q), for probabilities above 0."""
    return sum(a * (a / b).ln() for a, b in zip(p, q, strict=True))


def mean_k2(p, q):
    """Mean under p of half the squared log-ratio."""
    return mean(p, [(a / b).ln() ** 2 / 2 for a, b in zip(p, q, strict=True)])


def mean(p, values):
    """Sum of p times value."""
    return sum(a * value for a, value in zip(p, values, strict=True))


def partition(ref, reward, beta):
    """Z, the reference's mean of e^(r / beta)."""
    return mean(ref, [(r / beta).exp() for r in reward])


def optimal_policy(ref, reward, beta):
    """pi*, response by response."""
    z = partition(ref, reward, beta)
    return [p * (r / beta).exp() / z for p, r in zip(ref, reward, strict=True)]


def best_of_n(ref, reward, n):
    """P(best of n draws) when no two responses have the same reward."""
    chances = dict(zip(reward, ref, strict=True))
    at_most = [sum(chances[s] for s in chances if s <= r) for r in reward]
    return [f**n - (f - p) ** n for f, p in zip(at_most, ref, strict=True)]


def log_ratio_gap(pi_chosen, pi_rejected, ref_chosen, ref_rejected):
    """One logarithm of one ratio, so nothing is rounded on the way."""
    return (pi_chosen * ref_rejected / (ref_chosen * pi_rejected)).ln()


def loss(margin):
    """log(1 + e^-margin)."""
    return (1 + (-margin).exp()).ln()


def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The loss of one pair from its four log-probabilities."""
    ratio_chosen = logp_chosen - ref_logp_chosen
    return loss(beta * (ratio_chosen - (logp_rejected - ref_logp_rejected)))


def loss_of_probabilities(beta, **probabilities):
    """The same from probabilities, named as in ``log_ratio_gap``."""
    return loss(beta * log_ratio_gap(**probabilities))


def population_loss_of_uniform(ref, reward, beta):
    """Mean over all pairs of both losses of the uniform policy, each by its chance."""
    losses = []
    for (ref_i, r_i), (ref_j, r_j) in combinations(zip(ref, reward, strict=True), 2):
        p, margin = sigmoid(r_i - r_j), beta * (ref_j / ref_i).ln()
        losses.append(p * loss(margin) + (1 - p) * loss(-margin))
    return sum(losses) / len(losses)


def log_ratio_after_one_step(response, features, ref, beta, learning_rate):
    """log(pi / ref) of one response after the step below."""
    after = policy_after_one_step(features, ref, beta, learning_rate)
    return (after[int(response)] / ref[int(response)]).ln()


def policy_after_one_step(features, ref, beta, learning_rate):
    """pi after one step from the reference on the pair (response 0, response 1)."""
    theta = learning_rate * beta / 2 * (features[0] - features[1])
    return optimal_policy(ref, [theta * phi for phi in features], Decimal(1))


def gradient_flow(beta, time):
    """The gap whose margin m = log(1 + k - m), k = 2 beta^2 time, by repetition."""
    k, margin = 2 * beta**2 * time, Decimal(0)
    for _ in range(200):
        margin = (1 + k - margin).ln()
    return margin / beta
