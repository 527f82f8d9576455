"""The exercises of chapter 02: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="negative_log_likelihood",
        title="how well do rewards explain the votes",
        minutes=10,
        difficulty=2,
        read="One loss has three names",
        hints=(
            "rewards[winners] reads off the rewards of all winners at once.",
            "One gap for each vote, one -log sigmoid for each gap, and then their "
            "mean.",
            "-log sigmoid(gap) = log(1 + e^-gap), which overflows at gap -1000. "
            "np.logaddexp(0, -gap) is the same and does not.",
        ),
        afterwards=(
            "Put beta times a gap of log-ratios in place of the reward gap, and this "
            "is the DPO loss."
        ),
    ),
    Entry(
        name="fit_rewards",
        title="the rewards that explain a season best",
        minutes=25,
        difficulty=3,
        read="Newton and Zermelo walk to the bottom",
        hints=(
            "At the best fit, each item's expected number of wins, the sum over its "
            "games of sigmoid(reward_i - reward_j), is the number of wins that it had.",
            "Zermelo: strengths s = e^reward, start at 1. Repeat s_i <- W_i / sum_j "
            "n_ij / (s_i + s_j), W_i the wins of i, n_ij its games with j, until "
            "nothing changes. Take the logarithm and the mean off.",
            "n = wins + wins.T; in the loop: new = wins.sum(1) / (n / (s[:, None] + "
            "s)).sum(1), divided by its sum. Stop when abs(log(new / s)) is below "
            "1e-13.",
        ),
        afterwards=(
            "This is reward modelling with a table in place of a network: the first "
            "half of RLHF."
        ),
    ),
    Entry(
        name="mle_exists",
        title="is there one finite best fit",
        minutes=12,
        difficulty=2,
        read="Arrows between the items decide",
        hints=(
            "Draw the arrows for three items on paper and walk with a finger.",
            "From a start, collect everybody you can reach: those beaten by the "
            "start, those beaten by them, and so on. Do that from every start.",
            "Keep a set of those reached and a list of those still to be visited; "
            "take one off the list, add everybody it beat that is new to both, until "
            "the list is empty. The set must hold all items, for every start.",
        ),
        afterwards=(
            "One label for each pair of fresh answers gives separate arrows and no "
            "MLE: the loss of such data falls for ever, in DPO too, whatever beta is."
        ),
    ),
    Entry(
        name="find_the_bug_gradient",
        task="find the bug",
        title="a gradient that learns from what it knew",
        minutes=6,
        difficulty=2,
        read="Take the logarithm and find the bottom",
        hints=(
            "Run it on the example done by hand: which of the two probabilities, 3/4 "
            "or 1/4, does the code pull with?",
            "The derivative of log(1 + e^-gap) with respect to the gap is "
            "-sigmoid(-gap).",
            "`pull` must be the probability that the *loser* would have won.",
        ),
        afterwards=(
            "The pull is the probability of the outcome that did not happen. The DPO "
            "gradient of chapter 07 has the same weight."
        ),
    ),
    Entry(
        name="predict_the_floor",
        task="predict",
        title="the loss of a perfect model",
        minutes=4,
        difficulty=2,
        read="How low can the loss go?",
        hints=(
            "Which probability for A should the perfect model predict?",
            "Three votes in four then cost -log 0.75. What does the fourth cost?",
            "The mean is -0.75 log 0.75 - 0.25 log 0.25, with natural logarithms.",
        ),
        afterwards=(
            "A preference loss below this floor on the training votes is memorizing: "
            "new votes cannot be that cheap."
        ),
    ),
    Entry(
        name="predict_the_error_bar",
        task="predict",
        title="what a hundred votes tell",
        minutes=5,
        difficulty=2,
        read="How sure are we of the gap?",
        hints=(
            "One vote on a pair carries the information p (1 - p) about the gap.",
            "Information adds up over votes; p is 0.8 at the fitted gap.",
            "The standard error is one over the square root of the information of all "
            "hundred votes.",
        ),
        afterwards=(
            "Four times as many votes halve it. Had all readers agreed, the "
            "information at the fit would be 0: such votes give no gap at all."
        ),
    ),
)
