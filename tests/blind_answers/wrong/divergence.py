"""Wrong answers to chapter 03, divergence."""

import math

import numpy as np


def _terms(p, q):
    with np.errstate(all="ignore"):
        return np.where(p > 0, p * (np.log(np.where(p > 0, p, 1)) - np.log(q)), 0.0)


def kl_divergence__reversed(p, q):
    """Wrong: KL(q || p); the two arguments are exchanged."""
    return _terms(q, p).sum(axis=-1)


def kl_divergence__sums_all(p, q):
    """Wrong: sums over everything, one number for many pairs of distributions."""
    return _terms(p, q).sum()


def kl_divergence__first_axis(p, q):
    """Wrong: sums over the first axis, while the outcomes lie on the last."""
    return _terms(p, q).sum(axis=0)


def kl_divergence__bits(p, q):
    """Wrong: base 2, so the divergence is in bits, not nats."""
    return _terms(p, q).sum(axis=-1) / np.log(2)


def kl_divergence__mean(p, q):
    """Wrong: the mean over outcomes; the definition is a sum weighted by p."""
    return _terms(p, q).mean(axis=-1)


def kl_divergence__nan_at_zero(p, q):
    """Wrong: 0 * log 0 is nan here; an outcome with p = 0 adds 0."""
    with np.errstate(all="ignore"):
        return np.sum(p * np.log(p / q), axis=-1)


def kl_divergence__epsilon(p, q):
    """Wrong: 1e-12 under the logs makes infinite divergences finite and tiny p wrong."""
    return np.sum(p * np.log((p + 1e-12) / (q + 1e-12)), axis=-1)


def kl_divergence__drops_infinite(p, q):
    """Wrong: leaves out outcomes with q = 0, where the divergence should be infinite."""
    with np.errstate(all="ignore"):
        t = np.where((p > 0) & (q > 0), p * (np.log(p) - np.log(q)), 0.0)
    return t.sum(axis=-1)


def kl_divergence__ratio_overflows(p, q):
    """Wrong: p / q overflows for q = 1e-310, giving inf where the divergence is finite."""
    with np.errstate(all="ignore"):
        t = np.where(p > 0, p * np.log(p / q), 0.0)
    return t.sum(axis=-1)


def kl_divergence__inverse_ratio_underflows(p, q):
    """Wrong: q * (1 / p) has 1 / p = inf for p = 1e-310, so an ordinary term turns infinite."""
    with np.errstate(all="ignore"):
        t = np.where(p > 0, -p * np.log(q * (1 / p)), 0.0)
    return t.sum(axis=-1)


def kl_divergence__nan_to_num(p, q):
    """Wrong: nan_to_num mends 0 log 0, but turns the promised infinity into 1.8e308."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(p * (np.log(p) - np.log(q))).sum(axis=-1)


def kl_divergence__clipped(p, q):
    """Wrong: clips q at 1e-300, but positive ones may be 1e-310 and zeros mean infinity."""
    return _terms(p, np.clip(q, 1e-300, None)).sum(axis=-1)


def kl_divergence__keepdims(p, q):
    """Wrong: keeps the summed axis, so the shape is (..., 1) and not (...)."""
    return _terms(p, q).sum(axis=-1, keepdims=True)


def kl_divergence__writes_into_p(p, q):
    """Wrong: right number, but replaces the zeros of the caller's p by ones."""
    zero = p == 0
    p[zero] = 1
    with np.errstate(all="ignore"):
        t = p * (np.log(p) - np.log(q))
    t[zero] = 0
    return t.sum(axis=-1)


def kl_divergence__inf_whenever_q_zero(p, q):
    """Wrong: infinite wherever q = 0, also where p = 0 and the outcome adds nothing."""
    t = _terms(p, np.where(q > 0, q, 1.0)).sum(axis=-1)
    return np.where((q == 0).any(axis=-1), np.inf, t)


def kl_divergence__mask_flattens(p, q):
    """Wrong: p[p > 0] flattens, so for many pairs at once it gives a single number."""
    seen = p > 0
    with np.errstate(all="ignore"):
        return np.sum(p[seen] * (np.log(p[seen]) - np.log(q[seen])))


def kl_divergence__cross_entropy(p, q):
    """Wrong: the cross-entropy -sum p log q; the entropy of p is not subtracted."""
    with np.errstate(all="ignore"):
        return np.where(p > 0, -p * np.log(q), 0.0).sum(axis=-1)


def kl_estimates__reversed(logp, logq):
    """Wrong: k1 = log q - log p, the ratio upside down."""
    k1 = logq - logp
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


def kl_estimates__k3_sign(logp, logq):
    """Wrong: k3 with e^(+k1), which estimates another divergence."""
    k1 = logp - logq
    return k1, k1**2 / 2, np.exp(k1) - 1 - k1


def kl_estimates__no_half(logp, logq):
    """Wrong: k2 without the division by 2."""
    k1 = logp - logq
    return k1, k1**2, np.exp(-k1) - 1 + k1


def kl_estimates__half_inside(logp, logq):
    """Wrong: (k1 / 2)^2 is a quarter of k1^2, not a half."""
    k1 = logp - logq
    return k1, (k1 / 2) ** 2, np.exp(-k1) - 1 + k1


def kl_estimates__averaged(logp, logq):
    """Wrong: averages over the samples, which the task forbids."""
    k1 = logp - logq
    return k1.mean(), (k1**2 / 2).mean(), (np.exp(-k1) - 1 + k1).mean()


def kl_estimates__through_probabilities(logp, logq):
    """Wrong: exp(-5000) is 0, so the ratio of probabilities is nan for unlikely samples."""
    with np.errstate(all="ignore"):
        ratio = np.exp(logq) / np.exp(logp)
        k1 = -np.log(ratio)
    return k1, k1**2 / 2, ratio - 1 + k1


def kl_estimates__k3_from_probabilities(logp, logq):
    """Wrong: only k3 divides probabilities, and that is 0 / 0 below -745 nats."""
    k1 = logp - logq
    with np.errstate(all="ignore"):
        k3 = np.exp(logq) / np.exp(logp) - 1 + k1
    return k1, k1**2 / 2, k3


def kl_estimates__clipped(logp, logq):
    """Wrong: clips k1 to +-20 as some libraries do, but it may reach 600."""
    k1 = np.clip(logp - logq, -20, 20)
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


def kl_estimates__float32(logp, logq):
    """Wrong: in single precision e^600 overflows and differences at -5000 lose digits."""
    k1 = logp.astype(np.float32) - logq.astype(np.float32)
    with np.errstate(all="ignore"):
        return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


def kl_estimates__order(logp, logq):
    """Wrong: returns (k1, k3, k2), in the wrong order."""
    k1 = logp - logq
    return k1, np.exp(-k1) - 1 + k1, k1**2 / 2


def kl_estimates__weighted_by_p(logp, logq):
    """Wrong: multiplies each sample by p once more, but the samples are drawn from p."""
    k1 = logp - logq
    p = np.exp(logp)
    return p * k1, p * k1**2 / 2, p * (np.exp(-k1) - 1 + k1)


def kl_estimates__in_place(logp, logq):
    """Wrong: right numbers, but `-=` overwrites the caller's logp with k1."""
    k1 = logp
    k1 -= logq
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


def kl_estimates__taylor(logp, logq):
    """Wrong: k3 by its Taylor series to fourth order, good for small k1 only."""
    k1 = logp - logq
    return k1, k1**2 / 2, k1**2 / 2 - k1**3 / 6 + k1**4 / 24


def kl_estimates__absolute(logp, logq):
    """Wrong: takes |k1| since a divergence is not negative, but single samples may be."""
    k1 = np.abs(logp - logq)
    return k1, k1**2 / 2, np.exp(-k1) - 1 + k1


def find_the_bug_two_tokens__unmended(p_first, p_next, q_first, q_next):
    """Wrong: still weighs the second token with q; the mean is over what p writes."""
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next * np.log(p_next / q_next)).sum(axis=-1)
    return first + (q_first * second).sum()


def find_the_bug_two_tokens__plain_sum(p_first, p_next, q_first, q_next):
    """Wrong: adds the rows' divergences without any weight."""
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next * np.log(p_next / q_next)).sum(axis=-1)
    return first + second.sum()


def find_the_bug_two_tokens__plain_mean(p_first, p_next, q_first, q_next):
    """Wrong: all first tokens weigh alike, though p does not write them equally often."""
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next * np.log(p_next / q_next)).sum(axis=-1)
    return first + second.mean()


def find_the_bug_two_tokens__wrong_axis(p_first, p_next, q_first, q_next):
    """Wrong: mends the weight but sums over axis 0, which is the first token."""
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next * np.log(p_next / q_next)).sum(axis=0)
    return first + (p_first * second).sum()


def find_the_bug_two_tokens__reversed(p_first, p_next, q_first, q_next):
    """Wrong: keeps the weight q and turns the divergences round: KL(q || p)."""
    first = (q_first * np.log(q_first / p_first)).sum()
    second = (q_next * np.log(q_next / p_next)).sum(axis=-1)
    return first + (q_first * second).sum()


def find_the_bug_two_tokens__middle(p_first, p_next, q_first, q_next):
    """Wrong: weighs with the average of p and q instead of p."""
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next * np.log(p_next / q_next)).sum(axis=-1)
    return first + ((p_first + q_first) / 2 * second).sum()


def find_the_bug_two_tokens__marginal_second(p_first, p_next, q_first, q_next):
    """Wrong: compares the marginals of the second token, which forgets the first one."""
    first = (p_first * np.log(p_first / q_first)).sum()
    p2, q2 = p_first @ p_next, q_first @ q_next
    return first + (p2 * np.log(p2 / q2)).sum()


def find_the_bug_two_tokens__per_token(p_first, p_next, q_first, q_next):
    """Wrong: divides by the two tokens, but the divergence of responses is a sum."""
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next * np.log(p_next / q_next)).sum(axis=-1)
    return (first + p_first @ second) / 2


def find_the_bug_two_tokens__first_row(p_first, p_next, q_first, q_next):
    """Wrong: only first token 0 counts, right for the hand example alone."""
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next[0] * np.log(p_next[0] / q_next[0])).sum()
    return first + p_first[0] * second


def predict_a_narrow_policy__bits():
    """Wrong: log2 100 = 6.644 bits; nats are asked."""
    return math.log2(100)


def predict_a_narrow_policy__digits():
    """Wrong: log10 100 = 2."""
    return 2.0


def predict_a_narrow_policy__reversed():
    """Wrong: infinite is KL(reference || policy)."""
    return math.inf


def predict_a_narrow_policy__log_thousand():
    """Wrong: log 1000 would be a policy that says a single thing."""
    return math.log(1000)


def predict_a_narrow_policy__log_ten():
    """Wrong: log 10 is the policy's entropy, not the divergence."""
    return math.log(10)


def predict_a_narrow_policy__one_term():
    """Wrong: one outcome's term 0.1 log 100; there are ten of them."""
    return 0.1 * math.log(100)


def predict_a_narrow_policy__sign():
    """Wrong: log(1/100) is negative, which a divergence never is."""
    return -math.log(100)


def predict_the_mean_of_k3__unbiased():
    """Wrong: log 5, as if k3 were unbiased; the policy misses 800 of the responses."""
    return math.log(5)


def predict_the_mean_of_k3__wrong_exponent():
    """Wrong: e^(+k1) - 1 - k1 = 4 - log 5."""
    return 4 - math.log(5)


def predict_the_mean_of_k3__k2():
    """Wrong: this is k2 = k1^2 / 2."""
    return math.log(5) ** 2 / 2


def predict_the_mean_of_k3__over_reference():
    """Wrong: infinite is the mean over the reference's samples; the policy's are drawn."""
    return math.inf


def predict_the_mean_of_k3__bits():
    """Wrong: k1 in bits, 1/5 - 1 + log2 5."""
    return 0.2 - 1 + math.log2(5)


def predict_the_mean_of_k3__minus_one_lost():
    """Wrong: 1/5 + log 5 forgets the minus 1."""
    return 0.2 + math.log(5)


def predict_the_mean_of_k3__weighted_again():
    """Wrong: multiplies by the share 0.2 of the reference, but all samples are such."""
    return 0.2 * (0.2 - 1 + math.log(5))


def diagnose_kl_div__forward():
    """Wrong: believes the first argument comes first, but the target carries the weight."""
    return "KL(p || q)"


def diagnose_kl_div__minus():
    """Wrong: sees target * -input and takes it for a sign slip."""
    return "minus KL(p || q)"


def diagnose_kl_div__cross_entropy():
    """Wrong: takes it for a cross-entropy, but target * log target is added too."""
    return "H(p) + KL(p || q)"


def diagnose_kl_div__symmetric():
    """Wrong: takes it for the symmetric mean."""
    return "the mean of KL(p || q) and KL(q || p)"
