"""The exercises of chapter 03: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="kl_divergence",
        title="how far is q from p",
        minutes=10,
        difficulty=2,
        read="How fast can you tell two models apart?",
        hints=(
            "Write it as a loop over outcomes first, with an `if` for p(y) = 0.",
            "log p - log q instead of log(p / q), which may overflow. In numpy: "
            "compute everywhere, then np.where(p > 0, p * log_ratio, 0), summed over "
            "axis=-1.",
            "The logarithm of 0 and -inf - -inf warn: put these lines in a `with "
            'np.errstate(divide="ignore", invalid="ignore"):` block.',
        ),
        afterwards=(
            "KL(policy || reference) is the price in the objective of RLHF. Forward "
            "KL, from the data to the model, is what maximum likelihood makes small."
        ),
    ),
    Entry(
        name="kl_estimates",
        title="three estimates from samples",
        minutes=7,
        difficulty=1,
        read="KL can be estimated from samples",
        hints=(
            "k1 comes first; the other two are functions of k1 alone.",
            "e^(-k1) is q / p. Do not turn logp and logq into probabilities first: "
            "those of long responses underflow.",
            "k1 = logp - logq; k1**2 / 2; np.exp(-k1) - 1 + k1. Return all three, as "
            "a tuple.",
        ),
        afterwards=(
            "Trainers log one of these as `kl`. The samples must come from p: with "
            "the ratio upside down k3 estimates something else."
        ),
    ),
    Entry(
        name="find_the_bug_two_tokens",
        task="find the bug",
        title="whose first token?",
        minutes=6,
        difficulty=2,
        read="The divergence adds up token by token",
        hints=(
            "Check the code's two parts against the example done by hand, one by one.",
            "The mean over first tokens: with whose probabilities is it taken?",
            "KL(p || q) averages over what p says, so p's first tokens are due.",
        ),
        afterwards=(
            "This is why the KL of a policy is measured on the policy's own "
            "responses, token by token."
        ),
    ),
    Entry(
        name="predict_a_narrow_policy",
        task="predict",
        title="ten responses out of a thousand",
        minutes=3,
        difficulty=1,
        read="When is it infinite?",
        hints=(
            "Which outcomes count in the sum? Those with probability 0 add 0.",
            "For each of the ten, what is policy / reference?",
            "The log-ratio is log((1/10) / (1/1000)) on every one of them.",
        ),
        afterwards=(
            "Only 4.6 nats, for giving up 99 % of what could be said. The other way "
            "round, KL(reference || policy) is infinite."
        ),
    ),
    Entry(
        name="predict_the_mean_of_k3",
        task="predict",
        title="an unbiased estimator that is biased here",
        minutes=5,
        difficulty=3,
        read="What is known about their averages",
        hints=(
            "k1 is the same on every sample. Which number?",
            "So k3 is the same on every sample too: put k1 in.",
            "k1 = log 5, and e^(-log 5) = 1/5.",
        ),
        afterwards=(
            "The mean of e^(-k1) is 1 only if p can say all that q can. Here it is "
            "1/5, and k3 misses 0.8 of 1.6094 nats, however many samples you take."
        ),
    ),
    Entry(
        name="diagnose_kl_div",
        task="diagnose",
        title="what F.kl_div computes",
        minutes=4,
        difficulty=2,
        read="Who draws in a library call?",
        hints=(
            "Put p.log() in the place of `input` and q in the place of `target`.",
            "The sum is of q * (log q - log p). Over which distribution is this a "
            "mean?",
            "The distribution in front of the bracket comes first in KL( || ).",
        ),
        afterwards=(
            "Name the arguments when you call it, and test it once on a pair whose "
            "two divergences differ."
        ),
    ),
)
