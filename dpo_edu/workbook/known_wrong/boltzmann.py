"""Known wrong answers of chapter 04: name = id, docstring = what the learner reads."""

import math

import numpy as np

from . import same_as, wrong

LOG_Z = "log_partition"
OPTIMUM = "optimal_policy"
VALUE = "objective"
REGRET = "find_the_bug_regret"
HALF = "predict_half_the_beta"
SHIFT = "predict_the_shift"


def log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def log_sum_exp(x, axis=-1):
    return np.logaddexp.reduce(x, axis=axis)


def softmax(x):
    return np.exp(x - log_sum_exp(x)[..., None])


def kl(p, q):
    terms = np.where(p > 0, p * (log(np.where(p > 0, p, 1.0)) - log(q)), 0.0)
    return terms.sum(axis=-1)


@wrong(LOG_Z, "no reference")
def reference_left_out(ref, reward, beta):
    """The reference never enters: you add up the multipliers of all responses. Each
    counts as often as the reference gives it."""
    return log_sum_exp(reward / beta)


@wrong(LOG_Z, "Z for log Z")
def z_itself(ref, reward, beta):
    """This is Z itself; the task asks for its logarithm, which stays in reach when Z
    does not."""
    with np.errstate(over="ignore"):
        return np.sum(ref * np.exp(reward / beta), axis=-1)


@wrong(LOG_Z, "powers overflow")
def z_overflows(ref, reward, beta):
    """Right at ordinary rewards, but e^(1000 / beta) is too large for a float (and
    e^(-1000 / beta) too small). Take the best reward out of the sum first."""
    with np.errstate(all="ignore"):
        return np.log(np.sum(ref * np.exp(reward / beta), axis=-1))


@wrong(LOG_Z, "averaged twice")
def averaged_twice(ref, reward, beta):
    """You divide by the number of responses. The probabilities of the reference make
    it an average already."""
    return log_sum_exp(log(ref) + reward / beta) - np.log(ref.shape[-1])


@same_as(averaged_twice)
def averaged_twice_by_mean(ref, reward, beta):
    with np.errstate(all="ignore"):
        return np.log(np.mean(ref * np.exp(reward / beta), axis=-1))


@wrong(LOG_Z, "plain average of the multipliers")
def uniform_reference(ref, reward, beta):
    """You average the multipliers as if the reference gave all responses equally
    often. Weigh each with its probability."""
    return log_sum_exp(reward / beta) - np.log(ref.shape[-1])


@wrong(LOG_Z, "multiplies by beta")
def z_times_beta(ref, reward, beta):
    """You multiply the reward by beta. The multiplier is e^(reward / beta): a small
    beta makes the tilt stronger."""
    return log_sum_exp(log(ref) + reward * beta)


@wrong(LOG_Z, "beta forgotten")
def z_without_beta(ref, reward, beta):
    """beta never enters. The multiplier is e^(reward / beta)."""
    return log_sum_exp(log(ref) + reward)


@wrong(LOG_Z, "physics' sign with the reward for the energy")
def z_of_energy(ref, reward, beta):
    """You use e^(-reward / beta), as if the reward were an energy. The energy is minus
    the reward: high reward, large multiplier."""
    return log_sum_exp(log(ref) - reward / beta)


@wrong(LOG_Z, "beta log Z")
def value_of_the_optimum(ref, reward, beta):
    """This is beta * log Z, the worth of the optimal policy; the task asks for log
    Z."""
    return beta * log_sum_exp(log(ref) + reward / beta)


@wrong(LOG_Z, "average of the logs")
def average_of_logs(ref, reward, beta):
    """You average reward / beta, the logs of the multipliers. Z averages the
    multipliers themselves; the log comes last, and the result is larger."""
    return np.sum(ref * reward, axis=-1) / beta


@wrong(LOG_Z, "beta on the reference too")
def tempered_reference(ref, reward, beta):
    """beta divides log ref as well. It divides the reward only; the reference enters
    as it is."""
    return log_sum_exp((log(ref) + reward) / beta)


@wrong(LOG_Z, "ref added to the exponent")
def ref_in_the_exponent(ref, reward, beta):
    """You add the probability ref to the exponent. What belongs there is log ref,
    since ref * e^x = e^(log ref + x)."""
    return log_sum_exp(ref + reward / beta)


@wrong(LOG_Z, "sum over prompts")
def summed_over_prompts(ref, reward, beta):
    """You add up over the first axis. The last axis holds the responses; each prompt
    has its own Z."""
    return log_sum_exp(log(ref) + reward / beta, axis=0)


@wrong(LOG_Z, "one Z for all prompts")
def one_z_for_all(ref, reward, beta):
    """You add up over everything, so all prompts share one Z. Add up over the last
    axis only."""
    return np.logaddexp.reduce((log(ref) + reward / beta).ravel())


@wrong(LOG_Z, "the largest term only")
def largest_term(ref, reward, beta):
    """You keep the largest term only. That is the limit of a small beta; Z is the sum
    of all terms."""
    return np.max(log(ref) + reward / beta, axis=-1)


@wrong(LOG_Z, "shift not undone")
def z_shift_forgotten(ref, reward, beta):
    """You took the best reward m out of the sum and never put it back: add m / beta to
    the log."""
    best = reward.max(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        return np.log(np.sum(ref * np.exp((reward - best) / beta), axis=-1))


@wrong(LOG_Z, "shift put back without beta")
def z_shift_without_beta(ref, reward, beta):
    """You took the best reward m out of the sum and put m back. In the exponent it was
    m / beta, so that is what to put back."""
    best = reward.max(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        inner = np.sum(ref * np.exp((reward - best) / beta), axis=-1)
        return best[..., 0] + np.log(inner)


@wrong(LOG_Z, "impossible response sets the scale")
def z_scaled_by_the_impossible(ref, reward, beta):
    """Right at ordinary rewards. But you take out the best reward of all, even if its
    response has ref = 0; then everything left may underflow to 0."""
    best = reward.max(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        inner = np.sum(ref * np.exp((reward - best) / beta), axis=-1)
        return best[..., 0] / beta + np.log(inner)


@wrong(LOG_Z, "one shift for all prompts")
def z_one_shift_for_all(ref, reward, beta):
    """You take the same reward out of the sum for all prompts. Where a prompt's best
    is much lower, everything underflows: each prompt needs its own."""
    best = np.where(ref > 0, reward, -np.inf).max()
    with np.errstate(all="ignore"):
        return best / beta + np.log(np.sum(ref * np.exp((reward - best) / beta), -1))


@same_as(z_one_shift_for_all)
def z_one_shift_of_sums_for_all(ref, reward, beta):
    x = log(ref) + reward / beta
    with np.errstate(all="ignore"):
        return x.max() + np.log(np.sum(np.exp(x - x.max()), axis=-1))


@wrong(LOG_Z, "rewards clipped")
def z_clipped(ref, reward, beta):
    """You cut large exponents off to avoid the overflow. That changes the value; take
    the best reward out of the sum instead."""
    return np.log(np.sum(ref * np.exp(np.clip(reward / beta, -500, 500)), axis=-1))


@same_as(z_clipped)
def z_clipped_at_700(ref, reward, beta):
    return np.log(np.sum(ref * np.exp(np.clip(reward / beta, -700, 700)), axis=-1))


@same_as(z_clipped)
def z_clipped_at_50(ref, reward, beta):
    return np.log(np.sum(ref * np.exp(np.clip(reward / beta, -50, 50)), axis=-1))


@wrong(LOG_Z, "a small number added to ref")
def z_epsilon(ref, reward, beta):
    """You add a small number to ref before the log. A response that is never given
    then counts after all, and a large reward makes that visible."""
    return log_sum_exp(np.log(ref + 1e-12) + reward / beta)


@same_as(z_epsilon)
def z_larger_epsilon(ref, reward, beta):
    return log_sum_exp(np.log(ref + 1e-10) + reward / beta)


@same_as(z_epsilon)
def z_still_larger_epsilon(ref, reward, beta):
    return log_sum_exp(np.log(ref + 1e-8) + reward / beta)


@wrong(LOG_Z, "a small number inside the log")
def z_padded(ref, reward, beta):
    """You add a small number inside the logarithm. Nothing to fear there: Z is above 0
    once the best reward is taken out, and Z can be smaller than your number."""
    possible = np.where(ref > 0, reward, -np.inf)
    best = possible.max(axis=-1, keepdims=True)
    inner = np.sum(ref * np.exp((possible - best) / beta), axis=-1)
    return best[..., 0] / beta + np.log(inner + 1e-12)


@wrong(LOG_Z, "two terms of a series")
def z_second_order(ref, reward, beta):
    """You use mean / beta + variance / (2 beta^2), the first terms of a series. Close
    at a large beta only; the task asks for log Z itself."""
    mean = np.sum(ref * reward, axis=-1)
    variance = np.sum(ref * reward**2, axis=-1) - mean**2
    return mean / beta + variance / (2 * beta**2)


@wrong(LOG_Z, "shift by the mean")
def z_shifted_by_mean(ref, reward, beta):
    """You take the mean reward out of the sum. The best may be 1000 above it: take the
    largest out, then no power exceeds 1."""
    middle = np.sum(ref * reward, axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        inner = np.sum(ref * np.exp((reward - middle) / beta), axis=-1)
        return middle[..., 0] / beta + np.log(inner)


@wrong(LOG_Z, "Bradley-Terry's denominator")
def z_of_best_two(ref, reward, beta):
    """You sum over two responses only, like the denominator of a preference. Z sums
    over every response there is."""
    terms = np.sort(log(ref) + reward / beta, axis=-1)[..., -2:]
    return log_sum_exp(terms)


@wrong(LOG_Z, "bits")
def z_in_bits(ref, reward, beta):
    """Your unit is bits (log2); the task asks for nats, the natural logarithm."""
    return log_sum_exp(log(ref) + reward / beta) / math.log(2)


@wrong(LOG_Z, "excluded for one prompt, dropped for all")
def z_drops_what_one_prompt_excludes(ref, reward, beta):
    """A response that the reference never gives to one prompt is dropped for all of
    them. Each prompt has its own zeros: e^-inf = 0 takes care of them."""
    kept = (np.atleast_2d(ref) > 0).all(axis=0)
    return log_sum_exp(log(ref[..., kept]) + reward[..., kept] / beta)


@wrong(LOG_Z, "normalized first")
def z_of_the_optimum(ref, reward, beta):
    """The result is 0 whatever is given. Either nothing is added up, or the products
    are normalized first, so that their sum is 1. Z is the sum before the division."""
    return log_sum_exp(log(softmax(log(ref) + reward / beta))) + 0.0


@wrong(LOG_Z, "squared reference")
def z_squared_reference(ref, reward, beta):
    """The reference enters twice: once in the products and once more as weights of the
    average."""
    return log_sum_exp(2 * log(ref) + reward / beta)


@wrong(LOG_Z, "changes its argument")
def z_divides_in_place(ref, reward, beta):
    """The value is right, but `reward /= beta` changed the caller's array. Write
    `reward = reward / beta`, which makes a new one."""
    reward /= beta
    return log_sum_exp(log(ref) + reward)


@wrong(LOG_Z, "beta bounded from below")
def beta_of_a_hundredth_at_least(ref, reward, beta):
    """You put a larger number in place of a small beta. It cannot be 0, so nothing
    needs protection: reward / beta may be large, its maximum comes out of the sum."""
    return log_sum_exp(log(ref) + reward / max(beta, 0.01))


@wrong(LOG_Z, "table of one prompt squeezed")
def one_prompt_squeezed(ref, reward, beta):
    """A table with one prompt is still a table: its result has shape (1,). Sum over
    axis=-1, and squeeze nothing."""
    return np.squeeze(log_sum_exp(log(ref) + reward / beta))


@wrong(OPTIMUM, "multiplies by beta")
def tilt_times_beta(ref, reward, beta):
    """You multiply the reward by beta. The exponent is reward / beta: a small beta
    makes the tilt stronger."""
    return softmax(log(ref) + beta * reward)


@wrong(OPTIMUM, "never divided by Z")
def not_normalized(ref, reward, beta):
    """You never divide by Z. The products add up to Z, probabilities to 1."""
    with np.errstate(over="ignore"):
        return ref * np.exp(reward / beta)


@wrong(OPTIMUM, "exponential before the division")
def tilt_overflows(ref, reward, beta):
    """Right at ordinary rewards, but e^(1000 / beta) is too large for a float (and
    e^(-1000 / beta) too small). Subtract the best reward first: nothing changes."""
    with np.errstate(all="ignore"):
        product = ref * np.exp(reward / beta)
        return product / product.sum(axis=-1, keepdims=True)


@wrong(OPTIMUM, "physics' sign with the reward for the energy")
def tilt_by_energy(ref, reward, beta):
    """You use e^(-reward / beta), so the worst response gains most. The energy is
    minus the reward."""
    return softmax(log(ref) - reward / beta)


@wrong(OPTIMUM, "mixture of greedy and reference")
def mixture(ref, reward, beta):
    """You mix a softmax of the rewards with the reference. The penalty does not
    average two policies: it multiplies the reference's probabilities."""
    return (1 - beta) * softmax(reward) + beta * ref


@wrong(OPTIMUM, "reference left out")
def softmax_of_reward(ref, reward, beta):
    """This is a softmax of the rewards: the reference never enters. The answer is the
    reference, multiplied by e^(reward / beta)."""
    return softmax(reward / beta)


@wrong(OPTIMUM, "ref added where log ref belongs")
def ref_as_logit(ref, reward, beta):
    """You add ref to the exponent. What belongs there is log ref, since
    ref * e^x = e^(log ref + x)."""
    return softmax(ref + reward / beta)


@wrong(OPTIMUM, "beta forgotten")
def tilt_without_beta(ref, reward, beta):
    """beta never enters. The exponent is reward / beta."""
    return softmax(log(ref) + reward)


@wrong(OPTIMUM, "beta on the reference too")
def tempered_tilt(ref, reward, beta):
    """beta divides log ref as well. It divides the reward only; the reference enters
    as it is."""
    return softmax((log(ref) + reward) / beta)


@wrong(OPTIMUM, "greedy")
def greedy(ref, reward, beta):
    """You give everything to the best response. That is the limit of beta to 0; a
    positive beta keeps every response that the reference gives."""
    best = np.where(ref > 0, reward, -np.inf).argmax(axis=-1)
    return np.eye(ref.shape[-1])[best]


@wrong(OPTIMUM, "greedy on the products")
def greedy_on_products(ref, reward, beta):
    """You give everything to the largest product ref * e^(reward / beta). Each
    response keeps its share."""
    return np.eye(ref.shape[-1])[(log(ref) + reward / beta).argmax(axis=-1)]


@wrong(OPTIMUM, "linear tilt")
def linear_tilt(ref, reward, beta):
    """You multiply by 1 + reward / beta, the first terms of e^(reward / beta). Close
    for a large beta, but a multiplier can never be negative."""
    product = ref * (1 + reward / beta)
    return product / product.sum(axis=-1, keepdims=True)


@wrong(OPTIMUM, "normalized over prompts")
def normalized_over_prompts(ref, reward, beta):
    """You divide by sums over the first axis. The last axis holds the responses; each
    prompt has its own Z."""
    x = log(ref) + reward / beta
    return np.exp(x - log_sum_exp(x, axis=0))


@wrong(OPTIMUM, "one Z for all prompts")
def normalized_over_all(ref, reward, beta):
    """You divide by one sum over everything, so all prompts together add up to 1.
    Each prompt has its own Z."""
    x = log(ref) + reward / beta
    return np.exp(x - np.logaddexp.reduce(x.ravel()))


@wrong(OPTIMUM, "log-probabilities returned")
def log_policy(ref, reward, beta):
    """These are log-probabilities; the task asks for probabilities."""
    x = log(ref) + reward / beta
    return x - log_sum_exp(x)[..., None]


@wrong(OPTIMUM, "log Z for Z")
def divided_by_log_z(ref, reward, beta):
    """You divide by log Z. Divide by Z itself, or subtract log Z in the exponent."""
    with np.errstate(all="ignore"):
        z = log_sum_exp(log(ref) + reward / beta)[..., None]
        return ref * np.exp(reward / beta) / z


@wrong(OPTIMUM, "divided by the sum of multipliers")
def reference_not_in_z(ref, reward, beta):
    """Your Z leaves the reference out: the multipliers alone do not add up to what the
    products add up to."""
    return ref * softmax(reward / beta)


@wrong(OPTIMUM, "beta log Z subtracted")
def minus_beta_log_z(ref, reward, beta):
    """You subtract beta * log Z from the reward and forget to divide by beta as well,
    or the other way round. The exponent is reward / beta - log Z."""
    with np.errstate(over="ignore"):
        x = log(ref) + reward / beta
        return np.exp(x - beta * log_sum_exp(x)[..., None])


@wrong(OPTIMUM, "clipped rewards")
def tilt_clipped(ref, reward, beta):
    """You cut large exponents off to avoid the overflow. That changes the odds;
    subtract the best reward instead."""
    product = ref * np.exp(np.clip(reward / beta, -500, 500))
    return product / product.sum(axis=-1, keepdims=True)


@same_as(tilt_clipped)
def tilt_clipped_at_700(ref, reward, beta):
    product = ref * np.exp(np.clip(reward / beta, -700, 700))
    return product / product.sum(axis=-1, keepdims=True)


@same_as(tilt_clipped)
def tilt_clipped_at_50(ref, reward, beta):
    product = ref * np.exp(np.clip(reward / beta, -50, 50))
    return product / product.sum(axis=-1, keepdims=True)


@wrong(OPTIMUM, "impossible response sets the scale")
def tilt_scaled_by_the_impossible(ref, reward, beta):
    """Right at ordinary rewards. But you subtract the best reward of all, even if its
    response has ref = 0; then everything left may underflow to 0."""
    with np.errstate(all="ignore"):
        best = reward.max(axis=-1, keepdims=True)
        product = ref * np.exp((reward - best) / beta)
        return product / product.sum(axis=-1, keepdims=True)


@wrong(OPTIMUM, "one shift for all prompts")
def tilt_one_shift_for_all(ref, reward, beta):
    """You subtract the same reward for all prompts. Where a prompt's best is much
    lower, everything underflows: subtract each prompt's own best."""
    best = np.where(ref > 0, reward, -np.inf).max()
    with np.errstate(all="ignore"):
        product = ref * np.exp((reward - best) / beta)
        return product / product.sum(axis=-1, keepdims=True)


@same_as(tilt_one_shift_for_all)
def tilt_one_shift_of_sums_for_all(ref, reward, beta):
    x = log(ref) + reward / beta
    with np.errstate(all="ignore"):
        product = np.exp(x - x.max())
        return product / product.sum(axis=-1, keepdims=True)


@wrong(OPTIMUM, "a small number added to ref")
def tilt_epsilon(ref, reward, beta):
    """You add a small number to ref before the log. What the reference never gives
    must stay impossible, whatever its reward."""
    return softmax(np.log(ref + 1e-12) + reward / beta)


@same_as(tilt_epsilon)
def tilt_larger_epsilon(ref, reward, beta):
    return softmax(np.log(ref + 1e-10) + reward / beta)


@same_as(tilt_epsilon)
def tilt_still_larger_epsilon(ref, reward, beta):
    return softmax(np.log(ref + 1e-8) + reward / beta)


@wrong(OPTIMUM, "excluded for one prompt, dropped for all")
def tilt_drops_what_one_prompt_excludes(ref, reward, beta):
    """A response that the reference never gives to one prompt gets 0 for all of them.
    Each prompt has its own zeros: e^-inf = 0 takes care of them."""
    kept = (np.atleast_2d(ref) > 0).all(axis=0)
    return softmax(np.where(kept, log(ref) + reward / beta, -np.inf))


@wrong(OPTIMUM, "a small number added to Z")
def z_padded_denominator(ref, reward, beta):
    """You add a small number to the denominator. It is never 0, and where it is smaller
    than your number the probabilities no longer sum to 1."""
    possible = np.where(ref > 0, reward, -np.inf)
    product = ref * np.exp((possible - possible.max(axis=-1, keepdims=True)) / beta)
    return product / (product.sum(axis=-1, keepdims=True) + 1e-12)


@wrong(OPTIMUM, "probabilities kept above 0")
def kept_above_zero(ref, reward, beta):
    """You keep every probability above a small number. What the reference never gives
    has probability 0, exactly."""
    return np.maximum(softmax(log(ref) + reward / beta), 1e-9)


@wrong(OPTIMUM, "divided by the largest")
def divided_by_the_largest(ref, reward, beta):
    """You divide by the largest product, so the best response gets 1. Divide by their
    sum."""
    x = log(ref) + reward / beta
    return np.exp(x - x.max(axis=-1, keepdims=True))


@wrong(OPTIMUM, "rewards standardized")
def standardized_rewards(ref, reward, beta):
    """You standardize the rewards first. Subtracting a constant does no harm, dividing
    does: it changes what beta means."""
    centered = reward - reward.mean(axis=-1, keepdims=True)
    return softmax(log(ref) + centered / reward.std(axis=-1, keepdims=True) / beta)


@wrong(OPTIMUM, "NaN at zeros")
def nan_at_zeros(ref, reward, beta):
    """Right as long as no probability is 0. At ref = 0 you compute 0 * inf or
    0 / 0: such a response simply keeps probability 0."""
    with np.errstate(all="ignore"):
        x = ref * log(ref) / ref + reward / beta
        return softmax(x)


@wrong(OPTIMUM, "tilted twice")
def tilted_twice(ref, reward, beta):
    """The tilt is applied twice: that is the optimal policy for beta / 2."""
    return softmax(log(ref) + 2 * reward / beta)


@wrong(OPTIMUM, "reference squared")
def reference_squared(ref, reward, beta):
    """The reference enters twice. ref * e^(reward / beta) has it once."""
    return softmax(2 * log(ref) + reward / beta)


@wrong(OPTIMUM, "the optimum of the forward KL")
def forward_kl_optimum(ref, reward, beta):
    """This is the optimum for the other direction of the KL, KL(ref || policy). Here
    the penalty is KL(policy || ref), and the tilt is exponential."""
    low = reward.max(axis=-1, keepdims=True)
    high = low + beta
    for _ in range(200):
        middle = (low + high) / 2
        with np.errstate(all="ignore"):
            total = np.sum(beta * ref / (middle - reward), axis=-1, keepdims=True)
        low, high = np.where(total > 1, middle, low), np.where(total > 1, high, middle)
    return beta * ref / (high - reward)


@wrong(OPTIMUM, "advantage over the mean reward, not normalized")
def mean_for_z(ref, reward, beta):
    """You subtract the reference's mean reward where beta * log Z belongs. The two
    agree to first order only, and the probabilities do not add up to 1."""
    with np.errstate(over="ignore"):
        mean = np.sum(ref * reward, axis=-1, keepdims=True)
        return ref * np.exp((reward - mean) / beta)


@wrong(OPTIMUM, "table of one prompt squeezed")
def one_policy_squeezed(ref, reward, beta):
    """A table with one prompt is still a table: the result has its shape, with both
    axes. Squeeze nothing."""
    return np.squeeze(softmax(log(ref) + reward / beta))


@wrong(VALUE, "KL the wrong way round")
def reversed_penalty(policy, ref, reward, beta):
    """Your penalty is KL(ref || policy). It must average over the policy's own
    responses: KL(policy || ref)."""
    with np.errstate(all="ignore"):
        return np.sum(policy * reward, axis=-1) - beta * kl(ref, policy)


@wrong(VALUE, "penalty added")
def penalty_added(policy, ref, reward, beta):
    """You add the KL. It is a price: subtract it."""
    return np.sum(policy * reward, axis=-1) + beta * kl(policy, ref)


@wrong(VALUE, "beta forgotten")
def value_without_beta(policy, ref, reward, beta):
    """beta never enters. A nat of KL costs beta units of reward."""
    return np.sum(policy * reward, axis=-1) - kl(policy, ref)


@wrong(VALUE, "divided by beta")
def value_over_beta(policy, ref, reward, beta):
    """You divide the KL by beta. A nat of KL costs beta units of reward."""
    return np.sum(policy * reward, axis=-1) - kl(policy, ref) / beta


@wrong(VALUE, "reward averaged over the reference")
def reward_of_the_reference(policy, ref, reward, beta):
    """You average the reward over the reference. It is the policy that answers: weigh
    with its probabilities."""
    return np.sum(ref * reward, axis=-1) - beta * kl(policy, ref)


@wrong(VALUE, "no weights")
def unweighted_reward(policy, ref, reward, beta):
    """You add up the rewards without weights. The expected reward weighs each with the
    policy's probability."""
    return np.sum(reward, axis=-1) - beta * kl(policy, ref)


@wrong(VALUE, "plain mean of the rewards")
def plain_mean_reward(policy, ref, reward, beta):
    """You take the plain mean of the rewards. The expected reward weighs each with the
    policy's probability."""
    return reward.mean(axis=-1) - beta * kl(policy, ref)


@wrong(VALUE, "mean for sum")
def mean_over_responses(policy, ref, reward, beta):
    """You take a mean over the responses. The probabilities make each sum an average
    already."""
    return (np.sum(policy * reward, axis=-1) - beta * kl(policy, ref)) / ref.shape[-1]


@wrong(VALUE, "log-ratio without weights")
def unweighted_log_ratio(policy, ref, reward, beta):
    """Your penalty adds up the log-ratios without weights. A KL weighs each with the
    policy's probability."""
    with np.errstate(all="ignore"):
        ratio = np.sum(log(policy) - log(ref), axis=-1)
    return np.sum(policy * reward, axis=-1) - beta * ratio


@wrong(VALUE, "entropy bonus")
def entropy_bonus(policy, ref, reward, beta):
    """You reward the policy's entropy and never look at the reference. That is the
    special case of a uniform reference, up to a constant."""
    return np.sum(policy * reward, axis=-1) - beta * kl(policy, np.ones_like(ref))


@wrong(VALUE, "cross-entropy for the KL")
def cross_entropy_penalty(policy, ref, reward, beta):
    """Your penalty is the cross-entropy, -sum of policy * log ref. The KL is less by
    the policy's own entropy: at policy = ref the price is 0."""
    with np.errstate(all="ignore"):
        terms = np.where(policy > 0, policy * log(ref), 0.0)
    return np.sum(policy * reward + beta * terms, axis=-1)


@wrong(VALUE, "log of the ratio forgotten")
def ratio_without_log(policy, ref, reward, beta):
    """You take the ratio policy / ref without its log. At policy = ref the price must
    be 0."""
    with np.errstate(all="ignore"):
        ratio = np.where(policy > 0, policy / ref, 0.0)
    return np.sum(policy * reward - beta * policy * ratio, axis=-1)


@wrong(VALUE, "beta on everything")
def beta_on_everything(policy, ref, reward, beta):
    """beta multiplies the reward as well: a pair of brackets is misplaced. Only the KL
    has a price."""
    return beta * (np.sum(policy * reward, axis=-1) - kl(policy, ref))


@wrong(VALUE, "interpolated")
def interpolated(policy, ref, reward, beta):
    """You weigh reward and KL with 1 - beta and beta. beta is a price, not a share:
    the reward counts in full."""
    return (1 - beta) * np.sum(policy * reward, axis=-1) - beta * kl(policy, ref)


@wrong(VALUE, "NaN at zeros")
def value_nan_at_zeros(policy, ref, reward, beta):
    """Right as long as the policy gives every response. Where it is 0 you compute
    0 * log 0, which numpy calls nan: such a response contributes 0."""
    with np.errstate(all="ignore"):
        return np.sum(policy * (reward - beta * np.log(policy / ref)), axis=-1)


@wrong(VALUE, "small number added")
def value_epsilon(policy, ref, reward, beta):
    """You add a small number inside the logarithms. Then a response that the reference
    never gives costs a little, where it must cost everything: J = -inf."""
    terms = np.log(policy + 1e-12) - np.log(ref + 1e-12)
    return np.sum(policy * (reward - beta * terms), axis=-1)


@same_as(value_epsilon)
def value_larger_epsilon(policy, ref, reward, beta):
    terms = np.log(policy + 1e-10) - np.log(ref + 1e-10)
    return np.sum(policy * (reward - beta * terms), axis=-1)


@same_as(value_epsilon)
def value_still_larger_epsilon(policy, ref, reward, beta):
    terms = np.log(policy + 1e-8) - np.log(ref + 1e-8)
    return np.sum(policy * (reward - beta * terms), axis=-1)


@wrong(VALUE, "minus infinity replaced by a large number")
def infinite_penalty_made_finite(policy, ref, reward, beta):
    """np.nan_to_num turns NaN into 0 and infinity into 1.8e308. If the policy gives
    what the reference never gives, J is -inf: treat policy = 0 by itself."""
    with np.errstate(all="ignore"):
        terms = np.nan_to_num(policy * (log(policy) - log(ref)))
    return np.sum(policy * reward - beta * terms, axis=-1)


@wrong(VALUE, "plus infinity")
def infinite_gain(policy, ref, reward, beta):
    """If the policy gives what the reference never gives, you return +inf. The KL is
    infinite there and is subtracted: J is -inf."""
    outside = ((policy > 0) & (ref == 0)).any(axis=-1)
    value = np.sum(policy * reward, axis=-1) - beta * kl(policy, ref)
    return np.where(outside, np.inf, value)[()]


@wrong(VALUE, "zeros of the reference skipped")
def skips_zeros_of_ref(policy, ref, reward, beta):
    """You skip responses with ref = 0, or turn their infinity into 0. If the policy
    gives one of them, J is -inf: no reward pays for leaving the support."""
    both = (policy > 0) & (ref > 0)
    ratio = np.where(both, policy, 1.0) / np.where(both, ref, 1.0)
    return np.sum(policy * (reward - beta * np.log(ratio)), axis=-1)


@same_as(skips_zeros_of_ref)
def nan_to_num(policy, ref, reward, beta):
    with np.errstate(all="ignore"):
        terms = np.nan_to_num(
            policy * np.log(policy / ref), nan=0.0, posinf=0.0, neginf=0.0
        )
    return np.sum(policy * reward - beta * terms, axis=-1)


@wrong(VALUE, "summed over prompts")
def value_over_prompts(policy, ref, reward, beta):
    """You add up over the first axis. The last axis holds the responses; each prompt
    has its own J."""
    terms = np.where(policy > 0, log(np.where(policy > 0, policy, 1.0)) - log(ref), 0.0)
    return np.sum(policy * (reward - beta * terms), axis=0)


@wrong(VALUE, "one number for all prompts")
def value_of_all_prompts(policy, ref, reward, beta):
    """You add up over everything, all prompts together. Add up over the last axis
    only: one J for each prompt."""
    return np.sum(np.sum(policy * reward, axis=-1) - beta * kl(policy, ref))


@wrong(VALUE, "a cost")
def negative_value(policy, ref, reward, beta):
    """This is -J, something to minimize. The task asks for J."""
    return beta * kl(policy, ref) - np.sum(policy * reward, axis=-1)


@wrong(VALUE, "the best value")
def best_value(policy, ref, reward, beta):
    """This is beta * log Z, the worth of the optimal policy. The policy that you are
    given never enters."""
    return beta * log_sum_exp(log(ref) + reward / beta)


@wrong(VALUE, "the ELBO")
def elbo(policy, ref, reward, beta):
    """This is J / beta, the evidence lower bound. J is in units of reward."""
    return np.sum(policy * reward, axis=-1) / beta - kl(policy, ref)


@wrong(VALUE, "expected reward only")
def no_penalty(policy, ref, reward, beta):
    """This is the expected reward. Subtract what leaving the reference costs."""
    return np.sum(policy * reward, axis=-1)


@wrong(VALUE, "bits")
def value_in_bits(policy, ref, reward, beta):
    """Your KL is in bits (log2); the task asks for nats, the natural logarithm."""
    return np.sum(policy * reward, axis=-1) - beta * kl(policy, ref) / math.log(2)


@wrong(VALUE, "penalty clamped term by term")
def clamped_terms(policy, ref, reward, beta):
    """You drop the negative terms of the KL. Single terms may be negative; only their
    sum is not."""
    terms = np.where(policy > 0, log(np.where(policy > 0, policy, 1.0)) - log(ref), 0.0)
    return np.sum(policy * reward - beta * np.maximum(policy * terms, 0), axis=-1)


@wrong(VALUE, "absolute differences")
def absolute_log_ratio(policy, ref, reward, beta):
    """You take absolute values of the log-ratios. Single terms of a KL may be
    negative; only their sum is not."""
    terms = np.where(policy > 0, log(np.where(policy > 0, policy, 1.0)) - log(ref), 0.0)
    return np.sum(policy * (reward - beta * np.abs(terms)), axis=-1)


@wrong(VALUE, "second-order KL")
def quadratic_penalty(policy, ref, reward, beta):
    """You use half the squared log-ratio. That is an estimate of the KL which is close
    only when the policies are; the KL has the log-ratio itself."""
    terms = np.where(policy > 0, log(np.where(policy > 0, policy, 1.0)) - log(ref), 0.0)
    return np.sum(policy * (reward - beta * terms**2 / 2), axis=-1)


@wrong(VALUE, "chi-square for the KL")
def chi_square_penalty(policy, ref, reward, beta):
    """Your penalty is half the chi-square divergence, (policy - ref)^2 / ref. It is
    close to the KL only when the policies are."""
    with np.errstate(all="ignore"):
        terms = np.where(policy != ref, (policy - ref) ** 2 / ref, 0.0)
    return np.sum(policy * reward - beta * terms / 2, axis=-1)


@wrong(VALUE, "gain over the reference")
def gain_over_the_reference(policy, ref, reward, beta):
    """You subtract the reference's expected reward: this is the gain J(policy) -
    J(ref). The task asks for J(policy)."""
    return np.sum((policy - ref) * reward, axis=-1) - beta * kl(policy, ref)


@wrong(VALUE, "-inf for every prompt")
def one_prompt_ruins_all(policy, ref, reward, beta):
    """One prompt with J = -inf makes yours -inf for all. Each prompt is judged by its
    own responses."""
    if np.any((policy > 0) & (ref == 0)):
        return np.full(policy.shape[:-1], -np.inf)[()]
    return (policy * reward).sum(axis=-1) - beta * kl(policy, ref)


@wrong(VALUE, "-inf for any zero of the reference")
def zero_of_the_reference(policy, ref, reward, beta):
    """A response that the reference never gives costs nothing as long as the policy
    does not give it either."""
    value = (policy * reward).sum(axis=-1) - beta * kl(policy, ref)
    return np.where((ref == 0).any(axis=-1), -np.inf, value)[()]


@wrong(VALUE, "table of one prompt squeezed")
def one_value_squeezed(policy, ref, reward, beta):
    """A table with one prompt is still a table: its result has shape (1,). Sum over
    axis=-1, and squeeze nothing."""
    return np.squeeze((policy * reward).sum(axis=-1) - beta * kl(policy, ref))


def optimum(ref, reward, beta):
    return softmax(np.log(ref) + reward / beta)


@wrong(REGRET, "as given")
def regret_as_given(policy, ref, reward, beta):
    """This still is the code as given. Compute J(optimal) - J(policy) for the hand
    example: the two roads must meet."""
    return beta * kl(optimum(ref, reward, beta), policy)


@wrong(REGRET, "beta removed")
def regret_in_nats(policy, ref, reward, beta):
    """The direction is right now, but this is in nats: beta turns them into units of
    reward, and it was in its place."""
    return kl(policy, optimum(ref, reward, beta))


@wrong(REGRET, "divided by beta")
def regret_over_beta(policy, ref, reward, beta):
    """The direction is right now, but you divide by beta. Multiplying was right: a nat
    of KL costs beta units of reward."""
    return kl(policy, optimum(ref, reward, beta)) / beta


@wrong(REGRET, "beta removed, direction as it was")
def reversed_without_beta(policy, ref, reward, beta):
    """beta was in its place: it turns nats into units of reward. The bug is still
    there."""
    return kl(optimum(ref, reward, beta), policy)


@wrong(REGRET, "penalty for regret")
def penalty_for_regret(policy, ref, reward, beta):
    """This is the penalty beta * KL(policy || ref). The regret measures the distance
    from the optimal policy."""
    return beta * kl(policy, ref)


@wrong(REGRET, "sign changed")
def sign_changed(policy, ref, reward, beta):
    """You changed the sign inside the logarithm only: this is never positive. The
    weights have to change as well."""
    star = optimum(ref, reward, beta)
    return -beta * kl(star, policy)


@wrong(REGRET, "ratio turned back")
def weights_changed_only(policy, ref, reward, beta):
    """You changed the weights but not the ratio: this is -beta * KL(policy ||
    optimal). A regret is never negative."""
    return -beta * kl(policy, optimum(ref, reward, beta))


@wrong(REGRET, "both directions averaged")
def both_directions(policy, ref, reward, beta):
    """You averaged both directions. Only KL(policy || optimal) is the difference of
    the two J."""
    star = optimum(ref, reward, beta)
    return beta * (kl(policy, star) + kl(star, policy)) / 2


@wrong(REGRET, "difference of rewards")
def difference_of_rewards(policy, ref, reward, beta):
    """This is the difference of the expected rewards. J has a price as well, which the
    optimal policy pays too."""
    return float(np.sum((optimum(ref, reward, beta) - policy) * reward))


@wrong(REGRET, "regret against greedy")
def regret_against_greedy(policy, ref, reward, beta):
    """This is the best reward minus J(policy). The optimal policy is not worth that
    much, since it pays a price too (or is a division by the sum missing?)."""
    return float(reward.max() - np.sum(policy * reward) + beta * kl(policy, ref))


@same_as(regret_against_greedy)
def regret_without_z(policy, ref, reward, beta):
    product = ref * np.exp((reward - reward.max()) / beta)
    return beta * np.sum(policy * np.log(policy / product))


@wrong(REGRET, "tilt changed")
def tilt_mended(policy, ref, reward, beta):
    """The tilt was right: reward / beta. Multiplying by beta makes another policy
    optimal."""
    return beta * kl(policy, softmax(np.log(ref) + reward * beta))


@wrong(REGRET, "J of the policy")
def value_for_regret(policy, ref, reward, beta):
    """This is J(policy) itself. The regret is what it lacks of the best J."""
    return float(np.sum(policy * reward) - beta * kl(policy, ref))


@wrong(HALF, "stays")
def nothing_changes():
    """0.6 would mean that beta does not matter. Half the beta doubles reward / beta in
    the exponent."""
    return 0.6


@wrong(HALF, "moved as far again")
def moved_as_far_again():
    """You let the probability move by 0.4 once more. It is the multiplier of the odds,
    e^(gap / beta), that half the beta squares."""
    return 1.0


@wrong(HALF, "probability doubled")
def doubled_probability():
    """You doubled a probability, and it came out above 1. What changes is the
    multiplier of the odds, e^(gap / beta)."""
    return 1.2


@wrong(HALF, "probability times a squared factor")
def ratio_of_probabilities_squared():
    """You squared the factor 0.6 / 0.2 = 3 and got no probability. That factor has Z in
    it, and Z changes with beta: work with odds, where Z cancels."""
    return 1.8


@wrong(HALF, "multiplier doubled")
def doubled_multiplier():
    """You doubled the multiplier 6 of the odds. It is e^(gap / beta): half the beta
    squares it."""
    return 3 / 4


@wrong(HALF, "reference squared too")
def reference_squared_too():
    """You squared the odds 3 : 2. They contain the reference's odds, which enter once:
    only the multiplier is squared."""
    return 9 / 13


@wrong(HALF, "reference forgotten")
def reference_forgotten():
    """36 : 1 are the squared multipliers alone. Multiply the reference's odds by
    them."""
    return 36 / 37


@wrong(HALF, "beta in the other direction")
def beta_doubled():
    """That is what twice the beta does. A smaller beta makes the tilt stronger."""
    return math.sqrt(6) / (math.sqrt(6) + 4)


@wrong(HALF, "odds returned")
def odds_returned():
    """These are the odds 9 : 1. Odds o are the probability o / (1 + o)."""
    return 9.0


@wrong(HALF, "the other response")
def the_worse_response():
    """That is the probability of the worse response."""
    return 0.1


@wrong(SHIFT, "beta forgotten")
def shift_without_beta():
    """You forgot beta: the exponent is reward / beta, so 3 points are more than 3
    nats."""
    return 3.0


@wrong(SHIFT, "multiplied by beta")
def shift_times_beta():
    """You multiplied by beta. The exponent is reward / beta."""
    return 1.5


@wrong(SHIFT, "nothing changes")
def shift_cancels():
    """The optimal policy does not change; but it is divided by Z, and Z is just what
    takes the constant up."""
    return 0.0


@wrong(SHIFT, "factor of Z")
def factor_of_z():
    """That is the factor by which Z grows. The task asks for the change of log Z."""
    return math.exp(6)


@wrong(SHIFT, "factor without beta")
def factor_without_beta():
    """This is e^3. The exponent is reward / beta, and the task asks for the log."""
    return math.exp(3)


@wrong(SHIFT, "log of the constant")
def log_of_the_constant():
    """You took the log of the constant. It enters through an exponential, so the log
    gives it back as it is, over beta."""
    return math.log(3)


@wrong(SHIFT, "sign")
def shift_downward():
    """The sign is wrong: larger rewards make larger multipliers."""
    return -6.0
