"""Wrong answers to chapter 04, Boltzmann."""

import math

import numpy as np


def _lse(a, axis=-1):
    m = a.max(axis=axis, keepdims=True)
    return np.squeeze(m, axis) + np.log(np.exp(a - m).sum(axis=axis))


def _logs(ref):
    with np.errstate(divide="ignore"):
        return np.log(ref)


def log_partition__naive(ref, reward, beta):
    """Wrong: e^(reward / beta) overflows or underflows for rewards of +-1000."""
    with np.errstate(all="ignore"):
        return np.log((ref * np.exp(reward / beta)).sum(axis=-1))


def log_partition__times_beta(ref, reward, beta):
    """Wrong: multiplies by beta instead of dividing."""
    return _lse(_logs(ref) + reward * beta)


def log_partition__no_ref(ref, reward, beta):
    """Wrong: the sum of the multipliers, without the reference's weights."""
    return _lse(reward / beta)


def log_partition__mean_of_multipliers(ref, reward, beta):
    """Wrong: a plain mean over responses; the average is the reference's."""
    return _lse(reward / beta) - np.log(ref.shape[-1])


def log_partition__sums_all_prompts(ref, reward, beta):
    """Wrong: one sum over all prompts, where each prompt has its own Z."""
    a = _logs(ref) + reward / beta
    m = a.max()
    return m + np.log(np.exp(a - m).sum())


def log_partition__first_axis(ref, reward, beta):
    """Wrong: sums over the prompts (axis 0) instead of the responses."""
    return _lse(_logs(ref) + reward / beta, axis=0)


def log_partition__global_shift(ref, reward, beta):
    """Wrong: one shift for all prompts; a prompt with low rewards underflows to -inf."""
    a = _logs(ref) + reward / beta
    m = a.max()
    with np.errstate(divide="ignore"):
        return m + np.log(np.exp(a - m).sum(axis=-1))


def log_partition__shift_by_impossible(ref, reward, beta):
    """Wrong: shifts by the best reward even where ref = 0, so the possible ones underflow."""
    best = reward.max(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        s = (ref * np.exp((reward - best) / beta)).sum(axis=-1)
        return best[..., 0] / beta + np.log(s)


def log_partition__best_not_divided(ref, reward, beta):
    """Wrong: adds the shift back without dividing it by beta, right at beta 1 only."""
    best = reward.max(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        s = (ref * np.exp((reward - best) / beta)).sum(axis=-1)
        return best[..., 0] + np.log(s)


def log_partition__epsilon_ref(ref, reward, beta):
    """Wrong: ref + 1e-8 gives weight to responses that the reference never gives."""
    return _lse(np.log(ref + 1e-8) + reward / beta)


def log_partition__beta_logz(ref, reward, beta):
    """Wrong: returns beta * log Z, the value in units of reward, not log Z."""
    return beta * _lse(_logs(ref) + reward / beta)


def log_partition__keepdims(ref, reward, beta):
    """Wrong: shape (prompts, 1) where (prompts,) is asked."""
    a = _logs(ref) + reward / beta
    m = a.max(axis=-1, keepdims=True)
    return m + np.log(np.exp(a - m).sum(axis=-1, keepdims=True))


def log_partition__jensen(ref, reward, beta):
    """Wrong: the average of reward / beta, i.e. the mean of logs, not the log of the mean."""
    return (ref * reward).sum(axis=-1) / beta


def log_partition__in_place(ref, reward, beta):
    """Wrong: right value, but `/=` divides the caller's rewards by beta."""
    reward /= beta
    return _lse(_logs(ref) + reward)


def log_partition__drops_common_zero(ref, reward, beta):
    """Wrong: drops a response wherever any prompt's reference is 0 there."""
    keep = (np.atleast_2d(ref) > 0).all(axis=0)
    if not keep.any():
        keep[:] = True
    return _lse(_logs(ref[..., keep]) + reward[..., keep] / beta)


def optimal_policy__naive(ref, reward, beta):
    """Wrong: e^(reward / beta) overflows, inf / inf = nan for rewards near 1000."""
    with np.errstate(all="ignore"):
        t = ref * np.exp(reward / beta)
        return t / t.sum(axis=-1, keepdims=True)


def optimal_policy__no_ref(ref, reward, beta):
    """Wrong: a softmax of the rewards, which forgets the reference."""
    a = reward / beta
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def optimal_policy__unnormalised(ref, reward, beta):
    """Wrong: the tilted reference without division by Z."""
    with np.errstate(all="ignore"):
        return ref * np.exp(reward / beta)


def optimal_policy__normalised_over_all(ref, reward, beta):
    """Wrong: all prompts together sum to 1, instead of each."""
    a = _logs(ref) + reward / beta
    e = np.exp(a - a.max())
    return e / e.sum()


def optimal_policy__first_axis(ref, reward, beta):
    """Wrong: normalises over axis 0, across prompts."""
    a = _logs(ref) + reward / beta
    e = np.exp(a - a.max(axis=0))
    return e / e.sum(axis=0)


def optimal_policy__global_shift(ref, reward, beta):
    """Wrong: one maximum for all prompts; the weak prompt becomes 0 / 0."""
    a = _logs(ref) + reward / beta
    e = np.exp(a - a.max())
    with np.errstate(all="ignore"):
        return e / e.sum(axis=-1, keepdims=True)


def optimal_policy__shift_by_impossible(ref, reward, beta):
    """Wrong: shifts by the reward of a response with ref = 0, so all others underflow."""
    with np.errstate(all="ignore"):
        t = ref * np.exp((reward - reward.max(axis=-1, keepdims=True)) / beta)
        return t / t.sum(axis=-1, keepdims=True)


def optimal_policy__times_beta(ref, reward, beta):
    """Wrong: reward * beta, so a strong leash gives a strong tilt."""
    a = _logs(ref) + reward * beta
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def optimal_policy__ref_power(ref, reward, beta):
    """Wrong: divides log ref by beta too, as if ref were part of the reward."""
    a = (_logs(ref) + reward) / beta
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def optimal_policy__greedy(ref, reward, beta):
    """Wrong: all probability on the best response; the KL term forbids that at beta > 0."""
    best = np.where(ref > 0, reward, -np.inf).argmax(axis=-1)
    return np.eye(ref.shape[-1])[best]


def optimal_policy__clipped_exponent(ref, reward, beta):
    """Wrong: clips exponents at +-50, so larger rewards become indistinguishable."""
    t = ref * np.exp(np.clip(reward / beta, -50, 50))
    return t / t.sum(axis=-1, keepdims=True)


def optimal_policy__epsilon(ref, reward, beta):
    """Wrong: log(ref + 1e-10) lets impossible responses win by their reward."""
    a = np.log(ref + 1e-10) + reward / beta
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def optimal_policy__log_probabilities(ref, reward, beta):
    """Wrong: returns log-probabilities, where probabilities are asked."""
    a = _logs(ref) + reward / beta
    return a - np.logaddexp.reduce(a, axis=-1, keepdims=True)


def optimal_policy__in_place(ref, reward, beta):
    """Wrong: right policy, but it subtracts the maximum from the caller's rewards."""
    reward -= np.where(ref > 0, reward, -np.inf).max(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        t = np.where(ref > 0, ref * np.exp(reward / beta), 0.0)
    return t / t.sum(axis=-1, keepdims=True)


def _kl(p, q):
    with np.errstate(all="ignore"):
        return np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0).sum(axis=-1)


def _gain(policy, reward):
    with np.errstate(all="ignore"):
        return np.where(policy > 0, policy * reward, 0.0).sum(axis=-1)


def objective__plus_kl(policy, ref, reward, beta):
    """Wrong: adds the KL, rewarding the distance from the reference."""
    return _gain(policy, reward) + beta * _kl(policy, ref)


def objective__no_beta(policy, ref, reward, beta):
    """Wrong: forgets beta, right at beta 1 only."""
    return _gain(policy, reward) - _kl(policy, ref)


def objective__reversed_kl(policy, ref, reward, beta):
    """Wrong: KL(ref || policy), the arguments exchanged."""
    return _gain(policy, reward) - beta * _kl(ref, policy)


def objective__zero_log_zero(policy, ref, reward, beta):
    """Wrong: a response the policy never gives makes 0 * log 0 = nan."""
    with np.errstate(all="ignore"):
        return (policy * reward - beta * policy * np.log(policy / ref)).sum(axis=-1)


def objective__epsilon(policy, ref, reward, beta):
    """Wrong: 1e-10 under the logs gives a finite J where it should be -inf."""
    kl = (policy * np.log((policy + 1e-10) / (ref + 1e-10))).sum(axis=-1)
    return (policy * reward).sum(axis=-1) - beta * kl


def objective__nansum(policy, ref, reward, beta):
    """Wrong: masks where ref is 0, so giving an impossible response costs nothing."""
    both = (policy > 0) & (ref > 0)
    with np.errstate(all="ignore"):
        kl = np.where(both, policy * np.log(policy / ref), 0.0).sum(axis=-1)
    return (policy * reward).sum(axis=-1) - beta * kl


def objective__inf_for_any_zero_ref(policy, ref, reward, beta):
    """Wrong: -inf wherever ref has a zero, even if the policy never goes there."""
    kl = _kl(policy, np.where(ref > 0, ref, 1.0))
    return np.where((ref == 0).any(axis=-1), -np.inf, _gain(policy, reward) - beta * kl)


def objective__one_bad_prompt_spoils_all(policy, ref, reward, beta):
    """Wrong: one prompt with an impossible response returns -inf for all prompts."""
    if np.any((policy > 0) & (ref == 0)):
        return -np.inf if policy.ndim == 1 else np.full(len(policy), -np.inf)
    return _gain(policy, reward) - beta * _kl(policy, ref)


def objective__sum_over_prompts(policy, ref, reward, beta):
    """Wrong: adds the prompts up to one number."""
    return np.sum(_gain(policy, reward) - beta * _kl(policy, ref))


def objective__mean_reward(policy, ref, reward, beta):
    """Wrong: the plain mean of the rewards, not the policy's expectation."""
    return reward.mean(axis=-1) - beta * _kl(policy, ref)


def objective__bits(policy, ref, reward, beta):
    """Wrong: the KL in bits, where the task says nats."""
    return _gain(policy, reward) - beta * _kl(policy, ref) / np.log(2)


def objective__reference_reward(policy, ref, reward, beta):
    """Wrong: the expectation of the reward is taken under the reference."""
    return (ref * reward).sum(axis=-1) - beta * _kl(policy, ref)


def objective__plus_inf(policy, ref, reward, beta):
    """Wrong: an impossible response gives +inf; the infinite KL is subtracted."""
    bad = ((policy > 0) & (ref == 0)).any(axis=-1)
    kl = _kl(policy, np.where(ref > 0, ref, 1.0))
    return np.where(bad, np.inf, _gain(policy, reward) - beta * kl)


def objective__nan_to_num_minus_huge(policy, ref, reward, beta):
    """Wrong: nan_to_num also turns the -inf of an impossible response into a finite number."""
    with np.errstate(all="ignore"):
        t = np.nan_to_num(policy * (np.log(policy) - np.log(ref)), posinf=1e6)
    return (policy * reward).sum(axis=-1) - beta * t.sum(axis=-1)


def find_the_bug_regret__unmended(policy, ref, reward, beta):
    """Wrong: still KL(optimal || policy); the Gibbs principle has the policy in front."""
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return beta * np.sum(optimal * np.log(optimal / policy))


def find_the_bug_regret__no_beta(policy, ref, reward, beta):
    """Wrong: the KL turned round, but without beta it is not in units of reward."""
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return np.sum(policy * np.log(policy / optimal))


def find_the_bug_regret__over_beta(policy, ref, reward, beta):
    """Wrong: divides the KL by beta instead of multiplying."""
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return np.sum(policy * np.log(policy / optimal)) / beta


def find_the_bug_regret__sign(policy, ref, reward, beta):
    """Wrong: the weight mended but not the ratio, so the regret is negative."""
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return beta * np.sum(policy * np.log(optimal / policy))


def find_the_bug_regret__weight_only_half(policy, ref, reward, beta):
    """Wrong: the weight stays optimal and only the ratio is turned, never positive."""
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return beta * np.sum(optimal * np.log(policy / optimal))


def find_the_bug_regret__symmetric(policy, ref, reward, beta):
    """Wrong: the mean of both directions; only KL(policy || optimal) is the regret."""
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return beta * np.sum((policy - optimal) * np.log(policy / optimal)) / 2


def find_the_bug_regret__to_reference(policy, ref, reward, beta):
    """Wrong: the distance to the reference, which has nothing to do with the optimum."""
    return beta * np.sum(policy * np.log(policy / ref))


def find_the_bug_regret__reward_only(policy, ref, reward, beta):
    """Wrong: the difference of expected rewards; J has the KL term as well."""
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return np.sum((optimal - policy) * reward)


def find_the_bug_regret__to_best_reward(policy, ref, reward, beta):
    """Wrong: compares with the highest reward, which no policy reaches for free."""
    j = np.sum(policy * reward) - beta * np.sum(policy * np.log(policy / ref))
    return reward.max() - j


def find_the_bug_regret__unnormalised(policy, ref, reward, beta):
    """Wrong: compares with the product before its division by the sum."""
    product = ref * np.exp((reward - reward.max()) / beta)
    return beta * np.sum(policy * np.log(policy / product))


def predict_half_the_beta__odds_doubled():
    """Wrong: doubles the tilt 6 to 12, odds 3 : 1; half the beta squares it."""
    return 0.75


def predict_half_the_beta__odds_squared():
    """Wrong: squares the odds 1.5 of the policy and forgets the reference's."""
    return 2.25 / 3.25


def predict_half_the_beta__multiplier_as_odds():
    """Wrong: 36 / 37 takes the squared multiplier for the odds."""
    return 36 / 37


def predict_half_the_beta__root():
    """Wrong: takes the root of the multiplier, which is what twice the beta does."""
    odds = 0.25 * math.sqrt(6)
    return odds / (1 + odds)


def predict_half_the_beta__linear():
    """Wrong: moves twice as far from 0.2, to 1.0."""
    return 1.0


def predict_half_the_beta__ratio_of_probabilities():
    """Wrong: squares 0.6 / 0.2 = 3 as if Z were 1; 0.2 * 9 = 1.8 is no probability."""
    return 1.8


def predict_the_shift__just_three():
    """Wrong: the points are divided by beta before they reach the exponent."""
    return 3.0


def predict_the_shift__times_beta():
    """Wrong: multiplies by beta, 1.5."""
    return 1.5


def predict_the_shift__nothing():
    """Wrong: 0 holds for the optimal policy, not for log Z."""
    return 0.0


def predict_the_shift__factor_of_z():
    """Wrong: e^6 is the factor of Z; asked is the difference of log Z."""
    return math.exp(6)


def predict_the_shift__negative():
    """Wrong: the sign; higher rewards make Z larger."""
    return -6.0
