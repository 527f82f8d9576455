"""The exercises of chapter 04: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="log_partition",
        title="the log of the average multiplier",
        minutes=10,
        difficulty=2,
        read="The answer is a tilted reference",
        hints=(
            "Z is an expectation under the reference: weigh each response's "
            "multiplier e^(reward / beta) by its probability and add up over the last "
            "axis.",
            "e^(1000 / 0.5) is too large for a float. Take the best reward m out of "
            "the sum: log Z = m / beta + log(sum of ref * e^((reward - m) / beta)).",
            "m must be the best reward among the responses with ref > 0, one for each "
            "prompt: np.where(ref > 0, reward, -np.inf).max(axis=-1).",
        ),
        afterwards=(
            "beta * log Z is the most that any policy can be worth, and the one "
            "number per prompt that will cancel in chapter 05."
        ),
    ),
    Entry(
        name="optimal_policy",
        title="the reference, tilted by the reward",
        minutes=10,
        difficulty=2,
        read="The answer is a tilted reference",
        hints=(
            "Multiply each probability of the reference by e^(reward / beta), then "
            "divide by what they add up to. Each prompt has its own sum.",
            "A constant added to all rewards changes nothing. So subtract the best "
            "one before the exponential, and nothing overflows.",
            "The best of those with ref > 0: a response that cannot be given must not "
            "set the scale. For two axes, max and sum need axis=-1, keepdims=True.",
        ),
        afterwards=(
            "This one line is the exact optimum of RLHF. DPO is what you get when you "
            "read it backwards."
        ),
    ),
    Entry(
        name="objective",
        title="what a policy is worth",
        minutes=10,
        difficulty=2,
        read="The objective is reward minus a price",
        hints=(
            "Two sums over the last axis, both weighed by the policy: of the reward, "
            "and of log(policy / ref). The second one costs beta per nat.",
            "Where the policy is 0 its term is 0, but 0 * log 0 is not a number for "
            "numpy: put 1 in place of the zeros before the logarithm, or skip them.",
            "Zeros of the reference need no care where the policy is above 0: log(p / "
            "0) is inf, and J = -inf is what the task asks for.",
        ),
        afterwards="RLHF maximizes this number by sampling; you have just computed it.",
    ),
    Entry(
        name="find_the_bug_regret",
        task="find the bug",
        title="a regret that averages over the wrong policy",
        minutes=6,
        difficulty=2,
        read="Two roads to the regret",
        hints=(
            "Compute J(optimal) and J(policy) for the hand example and subtract them: "
            "that is the other road, and the two must meet.",
            "The tilt is right. Look at the last line: whose probabilities weigh the "
            "sum?",
            "The regret is beta * KL(policy || optimal): the policy that is judged "
            "comes first, as it does in the penalty.",
        ),
        afterwards=(
            "KL(policy || optimal) and KL(optimal || policy) vanish together and rise "
            "together; only the first is what the policy leaves on the table."
        ),
    ),
    Entry(
        name="predict_half_the_beta",
        task="predict",
        title="the optimal policy at half the beta",
        minutes=5,
        difficulty=2,
        read="What the price buys",
        hints=(
            "Think in odds: 1 : 4 under the reference. What are they at beta = 1?",
            "So e^(reward gap / 1) is 6. What is e^(reward gap / 0.5)?",
            "36 times the odds 1 : 4.",
        ),
        afterwards=(
            "The odds are tilted by e^(gap / beta), and half the beta squares that "
            "factor. The reference's odds stay as they are."
        ),
    ),
    Entry(
        name="predict_the_shift",
        task="predict",
        title="what a constant does to log Z",
        minutes=3,
        difficulty=1,
        read="The code takes logarithms",
        hints=(
            "What becomes of one multiplier, e^(reward / beta)?",
            "Each gets the factor e^(3 / 0.5), and so does their average Z.",
            "The log of that factor.",
        ),
        afterwards=(
            "Only log Z notices the constant: the optimal policy, which divides by Z, "
            "does not."
        ),
    ),
)
