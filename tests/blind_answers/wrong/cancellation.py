"""Wrong answers to chapter 05, cancellation."""

import math

import numpy as np
import sympy as sp


def implicit_reward__through_probabilities(logp, ref_logp, beta):
    """Wrong: exp(-10000) underflows to 0, so the ratio is 0 / 0 for long responses."""
    with np.errstate(all="ignore"):
        return beta * np.log(np.exp(logp) / np.exp(ref_logp))


def implicit_reward__reversed(logp, ref_logp, beta):
    """Wrong: reference over policy, the sign is turned."""
    return beta * (np.asarray(ref_logp) - logp)


def implicit_reward__ratio_of_logs(logp, ref_logp, beta):
    """Wrong: divides the log-probabilities; the log of a ratio is their difference."""
    return beta * logp / ref_logp


def implicit_reward__over_beta(logp, ref_logp, beta):
    """Wrong: divides by beta instead of multiplying."""
    return (logp - ref_logp) / beta


def implicit_reward__no_beta(logp, ref_logp, beta):
    """Wrong: the bare log-ratio, without beta."""
    return logp - ref_logp


def implicit_reward__beta_on_policy_only(logp, ref_logp, beta):
    """Wrong: a missing bracket, beta scales only the policy's term."""
    return beta * logp - ref_logp


def implicit_reward__finite_minus_inf(logp, ref_logp, beta):
    """Wrong: nan_to_num makes a huge finite number of the promised -inf."""
    return np.nan_to_num(beta * (np.asarray(logp) - ref_logp))


def implicit_reward__clipped(logp, ref_logp, beta):
    """Wrong: clips log-probabilities at -1000, though they go down to -10000 and -inf."""
    return beta * (np.maximum(logp, -1000.0) - np.maximum(ref_logp, -1000.0))


def implicit_reward__float32(logp, ref_logp, beta):
    """Wrong: single precision, whose steps near -10000 are 0.001 nats."""
    return beta * (np.float32(logp) - np.float32(ref_logp))


def implicit_reward__centred(logp, ref_logp, beta):
    """Wrong: subtracts the mean over the responses, which nobody asked for."""
    r = beta * (np.asarray(logp, dtype=float) - ref_logp)
    return r - r.mean() if r.ndim else r


def implicit_reward__summed(logp, ref_logp, beta):
    """Wrong: sums over the responses, where each has its own reward."""
    return beta * np.sum(np.asarray(logp) - ref_logp)


def implicit_reward__in_place(logp, ref_logp, beta):
    """Wrong: right values, but arrays are changed by `-=` and `*=`."""
    logp -= ref_logp
    logp *= beta
    return logp


def implicit_reward__epsilon(logp, ref_logp, beta):
    """Wrong: log(exp(.) + 1e-12) is a floor at -27.6 nats."""
    return beta * (np.log(np.exp(logp) + 1e-12) - np.log(np.exp(ref_logp) + 1e-12))


def log10_responses__exchanged(vocabulary_size, length):
    """Wrong: counts length^vocabulary_size, and fails for length 0."""
    return vocabulary_size * math.log10(length)


def log10_responses__natural(vocabulary_size, length):
    """Wrong: the natural logarithm."""
    return length * math.log(vocabulary_size)


def log10_responses__float_power(vocabulary_size, length):
    """Wrong: float(V) ** length overflows above 308 digits."""
    return math.log10(float(vocabulary_size) ** length)


def log10_responses__numpy_power(vocabulary_size, length):
    """Wrong: int64 wraps around above 9.2e18, so the number is nonsense."""
    with np.errstate(all="ignore"):
        return float(np.log10(np.abs(np.power(np.int64(vocabulary_size), np.int64(length)))))


def log10_responses__digit_count(vocabulary_size, length):
    """Wrong: digits minus 1 is only the whole part, and str fails above 4300 digits."""
    return len(str(vocabulary_size**length)) - 1


def log10_responses__up_to_length(vocabulary_size, length):
    """Wrong: counts all responses up to the length, not of exactly this length."""
    return math.log10(sum(vocabulary_size**n for n in range(length + 1)))


def log10_responses__without_repeats(vocabulary_size, length):
    """Wrong: each token used once only, but each may be any of the tokens."""
    if length > vocabulary_size:
        return -math.inf
    return math.log10(math.perm(vocabulary_size, length))


def log10_responses__unordered(vocabulary_size, length):
    """Wrong: counts multisets; responses are sequences, so order matters."""
    return math.log10(math.comb(vocabulary_size + length - 1, length))


def log10_responses__end_token(vocabulary_size, length):
    """Wrong: one step too many, as if an end token were chosen as well."""
    return (length + 1) * math.log10(vocabulary_size)


def log10_responses__empty_is_none(vocabulary_size, length):
    """Wrong: says there is no response of length 0, but there is exactly one, the empty."""
    if length == 0:
        return -math.inf
    return length * math.log10(vocabulary_size)


def log10_responses__truncated(vocabulary_size, length):
    """Wrong: rounds down to a whole number of powers of ten."""
    return int(length * math.log10(vocabulary_size))


def log10_responses__the_number(vocabulary_size, length):
    """Wrong: the number of responses itself, without the logarithm."""
    return vocabulary_size**length


def derive_reward__no_z(policy, ref, beta, z):
    """Wrong: forgets the partition function."""
    return beta * sp.log(policy / ref)


def derive_reward__z_below(policy, ref, beta, z):
    """Wrong: z on the wrong side of the fraction."""
    return beta * sp.log(policy / (ref * z))


def derive_reward__over_beta(policy, ref, beta, z):
    """Wrong: divides by beta; the exponent was reward / beta."""
    return sp.log(policy * z / ref) / beta


def derive_reward__log_z_outside_beta(policy, ref, beta, z):
    """Wrong: log z is added without its factor beta."""
    return beta * sp.log(policy / ref) + sp.log(z)


def derive_reward__upside_down(policy, ref, beta, z):
    """Wrong: the reference over the policy."""
    return beta * sp.log(ref * z / policy)


def derive_reward__no_beta(policy, ref, beta, z):
    """Wrong: beta is missing."""
    return sp.log(policy * z / ref)


def derive_reward__not_solved(policy, ref, beta, z):
    """Wrong: stops before the logarithm, at e^(reward / beta)."""
    return policy * z / ref


def derive_reward__hand_example(policy, ref, beta, z):
    """Wrong: the number of the hand example, not an expression in the symbols."""
    return 2 * sp.log(6)


def derive_reward__own_symbols(policy, ref, beta, z):
    """Wrong: new symbols without "positive", which are not the ones given."""
    p, r, b, zz = sp.symbols("policy ref beta z")
    return b * sp.log(p * zz / r)


def derive_reward__list_of_solutions(policy, ref, beta, z):
    """Wrong: returns sympy's list of solutions, not an expression."""
    reward = sp.symbols("reward", real=True)
    return sp.solve(sp.Eq(policy, ref * sp.exp(reward / beta) / z), reward)


def derive_reward__equation(policy, ref, beta, z):
    """Wrong: returns the equation, not the reward."""
    return sp.Eq(sp.Symbol("reward"), beta * sp.log(policy * z / ref))


def derive_reward_gap__z_still_there(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: right value, but z still occurs because nothing was cancelled."""
    chosen = beta * sp.log(policy_chosen * z / ref_chosen)
    rejected = beta * sp.log(policy_rejected * z / ref_rejected)
    return chosen - rejected


def derive_reward_gap__rejected_minus_chosen(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: subtracts in the wrong order."""
    return beta * (sp.log(policy_rejected / ref_rejected) - sp.log(policy_chosen / ref_chosen))


def derive_reward_gap__plus(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: adds the rewards, so it is not a gap."""
    return beta * sp.log(policy_chosen * policy_rejected / (ref_chosen * ref_rejected))


def derive_reward_gap__no_reference(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: cancels the reference together with z, but the two refs differ."""
    return beta * sp.log(policy_chosen / policy_rejected)


def derive_reward_gap__no_beta(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: beta does not cancel."""
    return sp.log(policy_chosen * ref_rejected / (policy_rejected * ref_chosen))


def derive_reward_gap__ref_upside_down(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: the references' ratio is upside down, a sign slip when subtracting logs."""
    return beta * sp.log(policy_chosen * ref_chosen / (policy_rejected * ref_rejected))


def derive_reward_gap__two_log_z(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: the log z add up instead of cancelling."""
    gap = sp.log(policy_chosen / ref_chosen) - sp.log(policy_rejected / ref_rejected)
    return beta * gap + 2 * beta * sp.log(z)


def derive_reward_gap__quotient_of_logs(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Wrong: log(a / b) is taken for log a / log b."""
    return beta * sp.log(policy_chosen / ref_chosen) / sp.log(policy_rejected / ref_rejected)


def derive_preference__odds(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: returns the odds 16, not the probability 16/17."""
    return (policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) ** beta


def derive_preference__rejected_wins(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: the sign in the exponent, so the probability that rejected wins."""
    gap = beta * sp.log(policy_chosen * ref_rejected / (policy_rejected * ref_chosen))
    return 1 / (1 + sp.exp(gap))


def derive_preference__no_beta(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: shares out the plain ratios; beta is missing from the exponent."""
    a = policy_chosen / ref_chosen
    b = policy_rejected / ref_rejected
    return a / (a + b)


def derive_preference__rewards_shared(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: shares out the rewards instead of their exponentials."""
    a = beta * sp.log(policy_chosen / ref_chosen)
    b = beta * sp.log(policy_rejected / ref_rejected)
    return a / (a + b)


def derive_preference__no_reference(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: compares the policies' probabilities without the reference."""
    return policy_chosen**beta / (policy_chosen**beta + policy_rejected**beta)


def derive_preference__beta_as_factor(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: e^(beta log x) is x^beta, not beta x."""
    odds = beta * policy_chosen * ref_rejected / (policy_rejected * ref_chosen)
    return odds / (1 + odds)


def derive_preference__beta_two(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: squares, since beta was 2 in the hand example."""
    odds = (policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) ** 2
    return odds / (1 + odds)


def derive_preference__over_beta(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: the gap is divided by beta."""
    gap = sp.log(policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) / beta
    return 1 / (1 + sp.exp(-gap))


def derive_loss__no_minus(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: log of the probability, without the minus."""
    odds = (policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) ** beta
    return sp.log(odds / (1 + odds))


def derive_loss__no_log(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: one minus the probability, without a logarithm."""
    odds = (policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) ** beta
    return 1 - odds / (1 + odds)


def derive_loss__minus_gap(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: minus the log-odds, not minus the log of the probability."""
    return -beta * sp.log(policy_chosen * ref_rejected / (policy_rejected * ref_chosen))


def derive_loss__wrong_label(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: the loss if the rejected one had won."""
    odds = (policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) ** beta
    return sp.log(1 + odds)


def derive_loss__bits(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: base 2."""
    odds = (policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) ** beta
    return sp.log(1 + 1 / odds, 2)


def derive_loss__no_reference(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: the reference is missing."""
    return sp.log(1 + (policy_rejected / policy_chosen) ** beta)


def derive_loss__cross_entropy_of_both(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Wrong: adds -log(1 - p) as well; there is only one label."""
    odds = (policy_chosen * ref_rejected / (policy_rejected * ref_chosen)) ** beta
    return sp.log(1 + 1 / odds) + sp.log(1 + odds)


def derive_loss__beta_outside(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Wrong: beta multiplies the loss instead of the log-ratio inside."""
    odds = policy_chosen * ref_rejected / (policy_rejected * ref_chosen)
    return beta * sp.log(1 + 1 / odds)


def derive_leftover__sign(beta, z_chosen, z_rejected):
    """Wrong: the sign; the chosen one's log z comes with plus."""
    return beta * sp.log(z_rejected / z_chosen)


def derive_leftover__no_beta(beta, z_chosen, z_rejected):
    """Wrong: beta is missing."""
    return sp.log(z_chosen / z_rejected)


def derive_leftover__chosen_only(beta, z_chosen, z_rejected):
    """Wrong: only z_chosen; right in the hand example because z_rejected is 1 there."""
    return beta * sp.log(z_chosen)


def derive_leftover__product(beta, z_chosen, z_rejected):
    """Wrong: adds the two log z, which also agrees with the hand example."""
    return beta * sp.log(z_chosen * z_rejected)


def derive_leftover__nothing(beta, z_chosen, z_rejected):
    """Wrong: 0, as if z cancelled across prompts too."""
    return sp.Integer(0)


def derive_leftover__no_log(beta, z_chosen, z_rejected):
    """Wrong: the difference of the z themselves."""
    return beta * (z_chosen - z_rejected)


def derive_leftover__over_beta(beta, z_chosen, z_rejected):
    """Wrong: divides by beta."""
    return sp.log(z_chosen / z_rejected) / beta


def derive_leftover__log_of_difference(beta, z_chosen, z_rejected):
    """Wrong: log(a - b) is not log a - log b."""
    return beta * sp.log(z_chosen - z_rejected + 1)


def find_the_bug_partition_estimate__unmended(ref_logp, reward, beta):
    """Wrong: still weighs draws by their probability, which the drawing already did."""
    weight = np.exp(ref_logp)
    weight = weight / weight.sum()
    best = reward.max()
    return best / beta + np.log(np.sum(weight * np.exp((reward - best) / beta)))


def find_the_bug_partition_estimate__sum(ref_logp, reward, beta):
    """Wrong: the sum over draws, not their average: too large by log N."""
    best = reward.max()
    return best / beta + np.log(np.sum(np.exp((reward - best) / beta)))


def find_the_bug_partition_estimate__importance(ref_logp, reward, beta):
    """Wrong: divides by the probabilities, as if the draws were uniform."""
    weight = np.exp(-(ref_logp - ref_logp.min()))
    weight = weight / weight.sum()
    best = reward.max()
    return best / beta + np.log(np.sum(weight * np.exp((reward - best) / beta)))


def find_the_bug_partition_estimate__unnormalised_weight(ref_logp, reward, beta):
    """Wrong: drops only the normalisation; the draws are still weighed twice."""
    best = reward.max()
    return best / beta + np.log(np.sum(np.exp(ref_logp) * np.exp((reward - best) / beta)))


def find_the_bug_partition_estimate__unique(ref_logp, reward, beta):
    """Wrong: counts repeated draws once, but repetition is how probability shows."""
    r = np.unique(reward)
    best = r.max()
    return best / beta + np.log(np.mean(np.exp((r - best) / beta)))


def find_the_bug_partition_estimate__mean_of_logs(ref_logp, reward, beta):
    """Wrong: averages reward / beta; the log of the average is larger."""
    return float(np.mean(reward / beta))


def find_the_bug_partition_estimate__divided_outside(ref_logp, reward, beta):
    """Wrong: divides the logarithm by N instead of the sum."""
    best = reward.max()
    return best / beta + np.log(np.sum(np.exp((reward - best) / beta))) / len(reward)


def find_the_bug_partition_estimate__best_not_scaled(ref_logp, reward, beta):
    """Wrong: mends the average but adds best back without / beta."""
    best = reward.max()
    return best + np.log(np.mean(np.exp((reward - best) / beta)))


def find_the_bug_partition_estimate__n_minus_one(ref_logp, reward, beta):
    """Wrong: divides by N - 1, as for a variance."""
    best = reward.max()
    total = np.sum(np.exp((reward - best) / beta))
    return best / beta + np.log(total / max(len(reward) - 1, 1))


def find_the_bug_partition_estimate__geometric_weight(ref_logp, reward, beta):
    """Wrong: weighs by the normalised log-probabilities instead of uniformly."""
    w = ref_logp / ref_logp.sum() if ref_logp.sum() else np.full(len(reward), 1 / len(reward))
    best = reward.max()
    return best / beta + np.log(np.sum(w * np.exp((reward - best) / beta)))


def predict_the_average_multiplier__over_policy():
    """Wrong: averages over the policy, 2.603; the task says over the reference."""
    return 0.1 * 0.2 + 0.2 * 2 / 3 + 0.7 * 3.5


def predict_the_average_multiplier__plain_mean():
    """Wrong: the unweighted mean of the three ratios."""
    return (0.2 + 2 / 3 + 3.5) / 3


def predict_the_average_multiplier__beta():
    """Wrong: 0.1; beta cancels when the reward is divided by it."""
    return 0.1


def predict_the_average_multiplier__log():
    """Wrong: 0 is the logarithm of the average."""
    return 0.0


def predict_the_average_multiplier__exp_of_mean():
    """Wrong: exponentiates the average instead of averaging the exponentials."""
    return math.exp(0.5 * math.log(0.2) + 0.3 * math.log(2 / 3) + 0.2 * math.log(3.5))


def predict_the_average_multiplier__reward_not_divided():
    """Wrong: averages e^reward, without the division by beta."""
    return 0.5 * 0.2**0.1 + 0.3 * (2 / 3) ** 0.1 + 0.2 * 3.5**0.1


def predict_the_level__sum():
    """Wrong: adds 0.5 log 2; the implicit reward is to be subtracted."""
    return 2 + 0.5 * math.log(2)


def predict_the_level__no_beta():
    """Wrong: 2 - log 2, beta forgotten."""
    return 2 - math.log(2)


def predict_the_level__log_z():
    """Wrong: log Z itself; asked is beta * log Z."""
    return (2 - 0.5 * math.log(2)) / 0.5


def predict_the_level__implicit_reward():
    """Wrong: 0.347 is the implicit reward, not the constant."""
    return 0.5 * math.log(2)


def predict_the_level__bits():
    """Wrong: log2, which gives 1.5."""
    return 2 - 0.5 * math.log2(2)


def predict_the_level__over_beta():
    """Wrong: divides log 2 by beta."""
    return 2 - math.log(2) / 0.5


def predict_the_level__ratio_without_log():
    """Wrong: subtracts beta times the ratio 2, without the logarithm."""
    return 2 - 0.5 * 2
