"""Known wrong answers of chapter 03: name = id, docstring = what the learner reads."""

import math

import numpy as np

from . import same_as, wrong

KL = "kl_divergence"
ESTIMATES = "kl_estimates"
TOKENS = "find_the_bug_two_tokens"
NARROW = "predict_a_narrow_policy"
MEAN_OF_K3 = "predict_the_mean_of_k3"
KL_DIV = "diagnose_kl_div"


def quiet(function):
    """``function`` without numpy's warnings about log 0 and the like."""

    def silent(*arguments):
        with np.errstate(all="ignore"):
            return function(*arguments)

    return silent


@quiet
def terms(p, q):
    """p log(p / q) for every outcome; 0 where p is 0."""
    return np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)


def kl(p, q):
    return terms(p, q).sum(axis=-1)


@quiet
def entropy(p):
    return -np.where(p > 0, p * np.log(p), 0.0).sum(axis=-1)


@wrong(KL, "direction reversed")
def reversed_direction(p, q):
    """This is KL(q || p). The distribution named first is the one that outcomes are
    drawn from: weigh with p."""
    return kl(q, p)


@wrong(KL, "symmetrized")
def both_directions(p, q):
    """This is the mean of both directions. KL is not a distance and not symmetric: the
    task asks for KL(p || q) alone."""
    return (kl(p, q) + kl(q, p)) / 2


@wrong(KL, "sum of both directions")
def sum_of_directions(p, q):
    """This is KL(p || q) + KL(q || p). The task asks for the first alone."""
    return kl(p, q) + kl(q, p)


@wrong(KL, "Jensen-Shannon")
def jensen_shannon(p, q):
    """This is the Jensen-Shannon divergence, to the average of p and q. The task asks
    for KL(p || q) itself."""
    return (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2


@wrong(KL, "logarithm of the ratio reversed")
def minus_sign(p, q):
    """This is minus KL(p || q). A divergence is never negative: inside the logarithm p
    is on top."""
    return -kl(p, q)


@wrong(KL, "weighted by q")
def weighted_by_q(p, q):
    """You weigh log(p / q) with q. Outcomes are drawn from p: weigh with p."""
    return quiet(lambda: np.where(q > 0, q * (np.log(p) - np.log(q)), 0).sum(axis=-1))()


@wrong(KL, "not weighted")
def unweighted(p, q):
    """You added the log-ratios without weights. The mean under p is due: each outcome
    counts p(y)."""
    return quiet(lambda: np.where(p > 0, np.log(p) - np.log(q), 0).sum(axis=-1))()


@wrong(KL, "cross-entropy")
def cross_entropy(p, q):
    """This is the cross-entropy -sum p log q = H(p) + KL(p || q). Take the entropy of
    p off."""
    return kl(p, q) + entropy(p)


@wrong(KL, "entropies subtracted")
def difference_of_entropies(p, q):
    """You subtracted two entropies. In KL(p || q) both logarithms are averaged under p,
    log q as well."""
    return entropy(q) - entropy(p)


@wrong(KL, "entropy only")
def negative_entropy(p, q):
    """You never use q: this is minus the entropy of p."""
    return -entropy(p)


@wrong(KL, "total variation")
def total_variation(p, q):
    """This is the total variation distance, half the sum of |p - q|. KL compares
    logarithms."""
    return abs(p - q).sum(axis=-1) / 2


@wrong(KL, "squared differences")
def squared_distance(p, q):
    """This is a sum of squared differences. KL compares logarithms."""
    return ((p - q) ** 2).sum(axis=-1)


@wrong(KL, "absolute values")
def absolute_terms(p, q):
    """You made every term positive. Where p is below q the term is negative; only
    their sum is not."""
    return abs(terms(p, q)).sum(axis=-1)


@wrong(KL, "negative terms dropped")
def positive_terms_only(p, q):
    """You dropped the outcomes with p below q. Their terms are negative, and they
    count."""
    return np.maximum(terms(p, q), 0.0).sum(axis=-1)


@wrong(KL, "bits")
def bits(p, q):
    """Your unit is bits (log2). The task asks for nats, the natural logarithm."""
    return kl(p, q) / math.log(2)


@wrong(KL, "base 10")
def base_ten(p, q):
    """You took the logarithm to base 10. The task asks for nats, the natural one."""
    return kl(p, q) / math.log(10)


@wrong(KL, "mean over outcomes")
def mean_over_outcomes(p, q):
    """You averaged the terms over the outcomes. They carry their weight p(y) already:
    add them up."""
    return terms(p, q).mean(axis=-1)


@wrong(KL, "sum over everything")
def sum_over_everything(p, q):
    """You added up over all rows as well. Each row is a pair of distributions of its
    own: sum over the last axis only."""
    return terms(p, q).sum()


@wrong(KL, "mean over rows")
def mean_over_rows(p, q):
    """You averaged over the rows. Each row is a pair of distributions of its own, and
    keeps its own number."""
    return kl(p, q).mean()


@wrong(KL, "first axis")
def first_axis(p, q):
    """You summed over the first axis. The outcomes are on the last one: axis=-1."""
    return terms(p, q).sum(axis=0)


@wrong(KL, "second axis")
def axis_one(p, q):
    """You summed over axis 1. The outcomes are on the last axis, however many there
    are: axis=-1."""
    return terms(p, q).sum(axis=min(1, p.ndim - 1))


@wrong(KL, "terms not summed")
def one_term_per_outcome(p, q):
    """You return one term for each outcome; their sum over the last axis is due."""
    return terms(p, q)


@wrong(KL, "axis kept")
def last_axis_kept(p, q):
    """The values are right, but the last axis is still there with length 1: leave
    keepdims out."""
    return terms(p, q).sum(axis=-1, keepdims=True)


@wrong(KL, "0 log 0")
def zero_times_log_zero(p, q):
    """0 * log 0 is not a number for numpy. An outcome that p excludes adds 0: leave it
    out."""
    return quiet(lambda: (p * (np.log(p) - np.log(q))).sum(axis=-1))()


@same_as(zero_times_log_zero)
def zero_times_log_of_ratio(p, q):
    return quiet(lambda: (p * np.log(p / q)).sum(axis=-1))()


@wrong(KL, "a small number added")
def small_number_added(p, q):
    """You added a small number inside the logarithms. An outcome that q excludes must
    give infinity, and probabilities of 1e-310 are real: treat p = 0 by itself."""
    return (p * (np.log(p + 1e-12) - np.log(q + 1e-12))).sum(axis=-1)


@same_as(small_number_added)
def smaller_number_added(p, q):
    return (p * (np.log(p + 1e-30) - np.log(q + 1e-30))).sum(axis=-1)


@same_as(small_number_added)
def larger_number_added(p, q):
    return (p * (np.log(p + 1e-10) - np.log(q + 1e-10))).sum(axis=-1)


@same_as(small_number_added)
def still_larger_number_added(p, q):
    return (p * (np.log(p + 1e-8) - np.log(q + 1e-8))).sum(axis=-1)


@wrong(KL, "q kept away from 0")
def q_clipped(p, q):
    """You keep q above a small number. An outcome that q excludes must give infinity,
    and probabilities of 1e-310 are real: treat p = 0 by itself."""
    return kl(p, np.maximum(q, 1e-12))


@same_as(q_clipped)
def q_clipped_at_less(p, q):
    return kl(p, np.maximum(q, 1e-300))


@same_as(q_clipped)
def q_clipped_at_more(p, q):
    return kl(p, np.maximum(q, 1e-10))


@wrong(KL, "infinity replaced by the largest float")
def infinity_made_finite(p, q):
    """np.nan_to_num turns NaN into 0 and infinity into 1.8e308. An outcome that p
    allows and q excludes must give infinity: treat p = 0 by itself."""
    return quiet(lambda: np.nan_to_num(p * (np.log(p) - np.log(q))).sum(axis=-1))()


@wrong(KL, "small p taken for 0")
def small_p_taken_for_zero(p, q):
    """You leave out outcomes with a small p. Only p = 0 adds 0: a probability of 1e-12
    counts, and where q excludes it the divergence is infinite."""
    return np.where(p > 1e-8, terms(p, q), 0.0).sum(axis=-1)


@wrong(KL, "infinite terms dropped")
def nan_and_infinity_to_zero(p, q):
    """You dropped every term that is not finite. An outcome with p = 0 adds 0, but one
    that p allows and q excludes makes the divergence infinite."""
    return np.where((p > 0) & (q > 0), terms(p, q), 0.0).sum(axis=-1)


@wrong(KL, "infinite wherever q is 0")
def infinite_where_q_is_zero(p, q):
    """You return infinity wherever q is 0. That is right only if p is above 0 there."""
    return np.where((q == 0).any(axis=-1), np.inf, kl(p, q))[()]


@wrong(KL, "infinite wherever p is 0")
def infinite_where_p_is_zero(p, q):
    """You return infinity wherever p is 0. Such an outcome never comes and adds 0."""
    return np.where((p == 0).any(axis=-1), np.inf, kl(p, q))[()]


@wrong(KL, "excluded outcomes removed and renormalized")
def common_support(p, q):
    """You renormalized q on the outcomes that p allows. What q spends elsewhere is
    lost for p, and the divergence counts that."""
    shared = np.where(p > 0, q, 0.0)
    return kl(p, quiet(lambda: shared / shared.sum(axis=-1, keepdims=True))())


@wrong(KL, "the whole result infinite")
def one_infinity_for_all(p, q):
    """One row with an excluded outcome made your whole result infinite. Each row is a
    pair of its own."""
    values = kl(p, q)
    return np.full(np.shape(values), np.inf) if np.isinf(values).any() else values


@wrong(KL, "the quotient overflows")
def quotient_overflows(p, q):
    """The formula is right, but 0.5 / 1e-310 is too large for a float: subtract two
    logarithms instead of dividing."""
    return quiet(lambda: np.where(p > 0, p * np.log(p / q), 0.0).sum(axis=-1))()


@wrong(KL, "the reversed quotient overflows")
def reversed_quotient_overflows(p, q):
    """The formula is right, but with p = 1e-310 the quotient q / p is too large for a
    float, and its logarithm infinite: subtract two logarithms instead of dividing."""
    return quiet(lambda: np.where(p > 0, -p * np.log(q / p), 0.0).sum(axis=-1))()


@wrong(KL, "normalized over everything")
def normalized_over_everything(p, q):
    """You divide by the sum over all rows. Each row adds up to 1 already: leave the
    division out, or sum over the last axis only."""
    return kl(p / p.sum(), q / q.sum())


@wrong(KL, "taken for log-probabilities")
def softmax_first(p, q):
    """You put the probabilities through a softmax. They are probabilities already."""

    def softmax(x):
        powers = np.exp(x)
        return powers / powers.sum(axis=-1, keepdims=True)

    return kl(softmax(p), softmax(q))


@wrong(KL, "F.kl_div's pointwise form")
def logarithm_forgotten(p, q):
    """You weigh the ratio p / q itself. Its logarithm is due."""
    return quiet(lambda: np.where(p > 0, p * p / q, 0.0).sum(axis=-1))()


@wrong(KL, "chi-square")
def chi_square(p, q):
    """This is the chi-square divergence, the mean of (p / q - 1)^2 under q. KL takes
    the logarithm of p / q, under p."""
    return quiet(
        lambda: np.where((p > 0) | (q > 0), (p - q) ** 2 / q, 0.0).sum(axis=-1)
    )()


@wrong(KL, "rounding below zero hidden")
def rounded(p, q):
    """You rounded the result. Return all the digits."""
    return np.round(kl(p, q), 4)


@wrong(KL, "changes its argument")
def normalizes_in_place(p, q):
    """The value is right, but you changed the caller's array in place. Work on a
    copy."""
    value = kl(p, q)
    p[p == 0] = 1.0
    return value


@wrong(KL, "small probabilities taken for zero")
def tiny_taken_for_zero(p, q):
    """A probability of 1e-310 is small, but it is not 0: where q excludes the outcome
    the divergence is infinite. Compare with 0 itself."""
    return terms(np.where(p > 1e-300, p, 0.0), q).sum(axis=-1)


@wrong(ESTIMATES, "direction reversed")
def exchanged(logp, logq):
    """You exchanged p and q everywhere. The samples come from p, so k1 is
    log p - log q."""
    k1 = logq - logp
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "sign of k1 only")
def k1_reversed(logp, logq):
    """Your k1 has the wrong sign: its mean under p should be KL(p || q), so it is
    log p - log q."""
    k1 = logp - logq
    return -k1, k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "ratio upside down in k3")
def ratio_upside_down(logp, logq):
    """In your k3 the ratio is upside down: it has p / q, where q / p = e^(-k1) is due.
    Its mean would be something else than KL(p || q), and can be huge."""
    k1 = logp - logq
    return k1, k1**2 / 2, np.exp(k1) - 1 - k1


@wrong(ESTIMATES, "only the exponent's sign in k3")
def exponent_sign(logp, logq):
    """The exponent in your k3 lacks its minus: e^(-k1) is q / p."""
    k1 = logp - logq
    return k1, k1**2 / 2, np.exp(k1) - 1 + k1


@wrong(ESTIMATES, "minus k1 in k3")
def last_term_subtracted(logp, logq):
    """Your k3 subtracts k1. e^(-k1) - 1 is about -k1, so k1 has to be added for the
    two to cancel."""
    k1 = logp - logq
    return k1, k1**2 / 2, np.exp(-k1) - 1 - k1


@wrong(ESTIMATES, "no 1 in k3")
def one_missing(logp, logq):
    """Your k3 lacks the -1: where p and q agree it must be 0."""
    k1 = logp - logq
    return k1, k1**2 / 2, np.exp(-k1) + k1


@wrong(ESTIMATES, "plus 1 in k3")
def one_added(logp, logq):
    """Your k3 adds 1 where 1 is subtracted: where p and q agree it must be 0."""
    k1 = logp - logq
    return k1, k1**2 / 2, np.exp(-k1) + 1 + k1


@wrong(ESTIMATES, "k1 missing in k3")
def k1_missing(logp, logq):
    """Your k3 lacks the k1: e^(-k1) - 1 alone has mean 0 and can be negative."""
    k1 = logp - logq
    return k1, k1**2 / 2, np.exp(-k1) - 1


@wrong(ESTIMATES, "no half in k2")
def half_missing(logp, logq):
    """Your k2 lacks the half: near 0, k1^2 / 2 is what k3 looks like."""
    k1 = logp - logq
    return k1, k1**2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "half inside the square")
def half_inside(logp, logq):
    """You halved before squaring, which makes a quarter: square k1, then halve."""
    k1 = logp - logq
    return k1, (k1 / 2) ** 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "square root of k2")
def absolute_k1_for_k2(logp, logq):
    """Your k2 is half of |k1|; half of its square is due."""
    k1 = logp - logq
    return k1, abs(k1) / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "Taylor for k3")
def second_order_k3(logp, logq):
    """Your k3 is k1^2 / 2, which is k2: the two agree only near 0."""
    k1 = logp - logq
    return k1, k1**2 / 2, k1**2 / 2


@wrong(ESTIMATES, "absolute k1")
def absolute_k1(logp, logq):
    """You took the absolute value of k1. It may be negative on a sample; that is what
    makes its mean right."""
    k1 = abs(logp - logq)
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


@same_as(absolute_k1)
def absolute_k1_alone(logp, logq):
    k1 = logp - logq
    return abs(k1), k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "k1 cut at 0")
def k1_cut_at_zero(logp, logq):
    """You cut k1 off at 0. It may be negative on a sample; cutting makes its mean too
    large."""
    k1 = logp - logq
    return np.maximum(k1, 0), k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "averaged")
def averaged(logp, logq):
    """You averaged over the samples. The task asks for the estimates of each sample,
    so that their spread can be seen."""
    k1 = logp - logq
    return k1.mean(), (k1**2 / 2).mean(), (np.exp(-k1) - 1 + k1).mean()


@wrong(ESTIMATES, "averaged, kept as arrays")
def averaged_first(logp, logq):
    """You averaged k1 first and computed the other two from its mean. Each sample has
    its own three estimates."""
    k1 = (logp - logq).mean(keepdims=True)
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "weighted by p")
def weighted_by_p(logp, logq):
    """You multiplied by p. The samples are drawn from p already: what is likely comes
    more often."""
    k1, p = logp - logq, np.exp(logp)
    return p * k1, p * k1**2 / 2, p * (np.exp(-k1) - 1 + k1)


@wrong(ESTIMATES, "the ratio instead of its logarithm")
def ratio_for_k1(logp, logq):
    """Your k1 is the ratio p / q; its logarithm is due, and that is what logp - logq
    is already."""
    k1 = logp - logq
    return np.exp(k1), k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "logarithms taken for probabilities")
def logarithm_twice(logp, logq):
    """You took the logarithm of log-probabilities. They are logarithms already."""
    k1 = np.log(-logp) - np.log(-logq)
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "k3 from k1 without exponential")
def ratio_of_logs(logp, logq):
    """Your k3 has the quotient of the log-probabilities; the quotient q / p of the
    probabilities is e^(logq - logp)."""
    k1 = logp - logq
    return k1, k1**2 / 2, logq / logp - 1 + k1


@wrong(ESTIMATES, "order of the tuple")
def other_order(logp, logq):
    """The three are right, but in another order: return (k1, k2, k3)."""
    k1 = logp - logq
    return np.exp(-k1) - 1 + k1, k1**2 / 2, k1


@wrong(ESTIMATES, "order of the last two")
def last_two_exchanged(logp, logq):
    """You exchanged k2 and k3: return (k1, k2, k3)."""
    k1 = logp - logq
    return k1, np.exp(-k1) - 1 + k1, k1**2 / 2


@wrong(ESTIMATES, "k3 only")
def k3_only(logp, logq):
    """You return k3 only; the task asks for the tuple (k1, k2, k3)."""
    k1 = logp - logq
    return np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "bits")
def bits_of_k1(logp, logq):
    """You divided by log 2, as if bits were asked for. logp and logq are in nats, and
    so is the result."""
    k1 = (logp - logq) / math.log(2)
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


@wrong(ESTIMATES, "probabilities first")
def probabilities_first(logp, logq):
    """Right at ordinary inputs. But a whole response may have log-probability -1000,
    and e^-1000 is 0 for a float: subtract the logarithms first."""

    @quiet
    def estimates():
        p, q = np.exp(logp), np.exp(logq)
        return np.log(p / q), np.log(p / q) ** 2 / 2, q / p - 1 + np.log(p / q)

    return estimates()


@same_as(probabilities_first)
def quotient_in_k3(logp, logq):
    k1 = logp - logq
    k3 = quiet(lambda: np.exp(logq) / np.exp(logp) - 1 + k1)()
    return k1, k1**2 / 2, k3


@wrong(ESTIMATES, "clipped")
def clipped(logp, logq):
    """You cut the log-ratio off. That hides the rare samples which carry much of the
    divergence: leave it as it is."""
    k1 = np.clip(logp - logq, -20, 20)
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


@same_as(clipped)
def exponent_clipped(logp, logq):
    k1 = logp - logq
    return k1, k1**2 / 2, np.clip(np.exp(-k1) - 1 + k1, -10, 10)


@wrong(ESTIMATES, "changes its argument")
def subtracts_in_place(logp, logq):
    """The values are right, but `logp -= logq` changed the caller's array. Write
    `k1 = logp - logq`."""
    logp -= logq
    return logp.copy(), logp**2 / 2, np.exp(-logp) - 1 + logp


def parts(p_first, p_next, q_first, q_next):
    return kl(p_first, q_first), kl(p_next, q_next)


@wrong(TOKENS, "as given")
def as_given(p_first, p_next, q_first, q_next):
    """This still is the code as given: the second tokens are averaged over the first
    tokens of q."""
    first, second = parts(p_first, p_next, q_first, q_next)
    return first + (q_first * second).sum()


@wrong(TOKENS, "all first tokens alike")
def plain_average(p_first, p_next, q_first, q_next):
    """You averaged over the first tokens with equal weights. Some come more often:
    which model says how often?"""
    first, second = parts(p_first, p_next, q_first, q_next)
    return first + second.mean()


@wrong(TOKENS, "no weights")
def plain_sum(p_first, p_next, q_first, q_next):
    """You added the divergences after all first tokens. Only one first token comes:
    take their mean, weighted with how often p says it."""
    first, second = parts(p_first, p_next, q_first, q_next)
    return first + second.sum()


@wrong(TOKENS, "average of both weights")
def both_weights(p_first, p_next, q_first, q_next):
    """You weigh with the average of p's and q's first tokens. KL(p || q) is a mean
    under p alone."""
    first, second = parts(p_first, p_next, q_first, q_next)
    return first + ((p_first + q_first) / 2 * second).sum()


@wrong(TOKENS, "other direction")
def other_direction(p_first, p_next, q_first, q_next):
    """This is KL(q || p). The direction of the logarithms was right; a weight was
    not."""
    first, second = parts(q_first, q_next, p_first, p_next)
    return first + (q_first * second).sum()


@wrong(TOKENS, "second part reversed")
def second_part_reversed(p_first, p_next, q_first, q_next):
    """The second token's divergences were the right way round; what was wrong is how
    they are averaged."""
    first, second = kl(p_first, q_first), kl(q_next, p_next)
    return first + (q_first * second).sum()


@wrong(TOKENS, "first part reversed")
def first_part_reversed(p_first, p_next, q_first, q_next):
    """The first token's divergence was right; what was wrong is how the second ones
    are averaged."""
    first, second = kl(q_first, p_first), kl(p_next, q_next)
    return first + (p_first * second).sum()


@wrong(TOKENS, "second token only")
def second_token_only(p_first, p_next, q_first, q_next):
    """You dropped the first token's divergence; it was right."""
    return (p_first * kl(p_next, q_next)).sum()


@wrong(TOKENS, "first token only")
def first_token_only(p_first, p_next, q_first, q_next):
    """You dropped the second token; it counts as well."""
    return kl(p_first, q_first)


@wrong(TOKENS, "mean per token")
def mean_per_token(p_first, p_next, q_first, q_next):
    """You divided by the number of tokens. The divergence of a whole response is the
    sum over its tokens."""
    first, second = parts(p_first, p_next, q_first, q_next)
    return (first + (p_first * second).sum()) / 2


@wrong(TOKENS, "second token without its context")
def context_ignored(p_first, p_next, q_first, q_next):
    """You compared how often each second token comes overall. What matters is its
    probability after the first token that came."""
    return kl(p_first, q_first) + kl(p_first @ p_next, q_first @ q_next)


@wrong(TOKENS, "wrong axis")
def weights_along_the_row(p_first, p_next, q_first, q_next):
    """You weigh the second tokens with the first token's probabilities. Row i belongs
    to first token i: weigh whole rows."""
    return kl(p_first, q_first) + (p_first * terms(p_next, q_next)).sum()


@wrong(NARROW, "infinite")
def infinite():
    """That is the other direction: the reference says things that the policy never
    says. Under the policy, everything that comes has a finite log-ratio."""
    return math.inf


@wrong(NARROW, "ratio without logarithm")
def ratio_itself():
    """This is the ratio of the probabilities. Its logarithm is due."""
    return 100.0


@wrong(NARROW, "log of the policy's outcomes")
def entropy_of_the_policy():
    """This is log 10, the entropy of the policy. The divergence compares it with the
    reference."""
    return math.log(10)


@wrong(NARROW, "log of the reference's outcomes")
def entropy_of_the_reference():
    """This is log 1000, the entropy of the reference. The policy still has ten
    responses to choose from: take log 10 off."""
    return math.log(1000)


@wrong(NARROW, "one response's share")
def one_term():
    """This is one of ten terms of the sum, 1/10 of log 100. Add all ten."""
    return math.log(100) / 10


@wrong(NARROW, "sum without weights")
def ten_log_ratios():
    """You added ten log-ratios. Each counts only 1/10: the mean under the policy."""
    return 10 * math.log(100)


@wrong(NARROW, "weighted by the reference")
def weighted_by_the_reference():
    """You weigh with the reference's probabilities. In KL(policy || reference) the
    policy's count."""
    return 0.01 * math.log(100)


@wrong(NARROW, "bits")
def narrow_in_bits():
    """This is right in bits (log2); the task asks for nats."""
    return math.log2(100)


@wrong(NARROW, "base 10")
def narrow_in_base_ten():
    """You took the logarithm to base 10; the task asks for nats, base e."""
    return 2.0


@wrong(NARROW, "total variation")
def variation():
    """This is the total variation, the mass that would have to move. KL takes the
    logarithm of the ratio."""
    return 0.99


@wrong(NARROW, "sign")
def negative_divergence():
    """A divergence is never negative: policy / reference is 100, above 1."""
    return -math.log(100)


@wrong(MEAN_OF_K3, "unbiased")
def believed_unbiased():
    """This is the divergence itself. The mean of k3 equals it only if the policy can
    say all that the reference can; here 800 responses are never sampled."""
    return math.log(5)


@wrong(MEAN_OF_K3, "ratio upside down")
def upside_down():
    """You took e^(k1) for e^(-k1): the ratio in k3 is reference / policy = 1/5."""
    return 5 - 1 + math.log(5)


@wrong(MEAN_OF_K3, "ratio upside down, the other k3")
def upside_down_and_minus():
    """You took the ratio policy / reference in k3. It has e^(-k1), which is
    reference / policy = 1/5."""
    return 5 - 1 - math.log(5)


@wrong(MEAN_OF_K3, "k2")
def k2_instead():
    """This is k2, k1^2 / 2. The question is about k3."""
    return math.log(5) ** 2 / 2


@wrong(MEAN_OF_K3, "ratio left out")
def ratio_left_out():
    """You left e^(-k1) out: it is 1/5 on every sample."""
    return math.log(5) - 1


@wrong(MEAN_OF_K3, "1 left out")
def one_left_out():
    """You left the -1 out."""
    return 1 / 5 + math.log(5)


@wrong(MEAN_OF_K3, "k1 subtracted")
def k1_subtracted():
    """You subtracted k1; in k3 it is added."""
    return 1 / 5 - 1 - math.log(5)


@wrong(MEAN_OF_K3, "weighted")
def weighted_by_share():
    """You multiplied by 1/5 once more. All samples come from the policy, and every one
    of them gives the same k3."""
    return (1 / 5 - 1 + math.log(5)) / 5


@wrong(MEAN_OF_K3, "infinite")
def k3_infinite():
    """Every sample comes from the policy, and on each of them k3 is finite."""
    return math.inf


@wrong(MEAN_OF_K3, "bits in k1")
def k3_with_bits():
    """You took k1 in bits. log is the natural logarithm throughout."""
    return 1 / 5 - 1 + math.log2(5)


@wrong(MEAN_OF_K3, "bias only")
def bias_only():
    """This is how much is missing. The question is what the average approaches."""
    return 0.8


@wrong(KL_DIV, "the order one would expect")
def order_one_expects():
    """That is what the order of the arguments suggests, and it is the trap. Put
    input = log p and target = q into the documented sum."""
    return "KL(p || q)"


@wrong(KL_DIV, "sign")
def sign():
    """A minus would need target * (input - log target). Put input = log p and
    target = q into the documented sum."""
    return "minus KL(p || q)"


@wrong(KL_DIV, "cross-entropy")
def cross_entropy_of_both():
    """In a cross-entropy log target would be missing. It is there, so the entropy is
    taken off already."""
    return "H(p) + KL(p || q)"


@wrong(KL_DIV, "symmetric")
def symmetric():
    """Only target stands in front of the bracket: it is a mean under one of the two,
    not both."""
    return "the mean of KL(p || q) and KL(q || p)"
