"""The exercises of chapter 07: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="gradient_weight",
        title="how much a pair has left to say",
        minutes=5,
        difficulty=1,
        read="What the weight means",
        hints=(
            "The model thinks that chosen wins with probability sigmoid(margin). And "
            "that rejected wins?",
            "One minus a sigmoid is the sigmoid of the negative.",
            "torch.sigmoid(-beta * log_ratio_gap). Written as 1 - sigmoid it rounds "
            "to 0 for a large margin.",
        ),
        afterwards=(
            "1/2 before the first step, toward 0 for a pair that is settled, never "
            "above 1 for one that is wrong."
        ),
    ),
    Entry(
        name="dpo_gradient",
        title="the gradient of the loss, by hand",
        minutes=10,
        difficulty=2,
        needs=("gradient_weight",),
        read="The gradient, line by line",
        hints=(
            "Chain rule: loss of the margin, margin of the gap, gap of logp_chosen. "
            "What is the derivative of each?",
            "-weight, beta, and +1 (for logp_rejected -1). What does the mean over "
            "the pairs add?",
            "pull = beta * gradient_weight(gap, beta) / pairs; then return -pull, "
            "pull.",
        ),
        afterwards=(
            "This is what backward() sends into the language model: one number per "
            "response, and every token of the response receives it."
        ),
    ),
    Entry(
        name="find_the_bug_table_step",
        task="find the bug",
        title="a step that pulls hardest where nothing is left to do",
        minutes=6,
        difficulty=2,
        read="One step in a table",
        hints=(
            "Work the hand example through the code: which line gives another number?",
            "At gap 0 the step is right, at a large gap it is far too large. What is "
            "1/2 at gap 0 and should become small?",
            "The weight is the probability of the reversed label: sigmoid of minus "
            "the margin.",
        ),
        afterwards=(
            "With the sign reversed the loss still falls, which is why nobody "
            "notices: settled pairs pull with full force, and wrong ones are given up."
        ),
    ),
    Entry(
        name="predict_the_first_gradient",
        task="predict",
        title="the gradient before the first step",
        minutes=3,
        difficulty=1,
        read="What the weight means",
        hints=(
            "All log-ratios are 0. What is the weight, the probability of the "
            "reversed label?",
            "The derivative is minus beta times the weight.",
            "-0.3 times one half.",
        ),
        afterwards=(
            "The loss starts at log 2 with a gradient of beta / 2: equal to the "
            "reference does not mean nothing to learn."
        ),
    ),
    Entry(
        name="predict_the_strongest_pull",
        task="predict",
        title="the pull of a hopeless pair",
        minutes=3,
        difficulty=1,
        read="Every pair pulls with at most β",
        hints=(
            "The derivative is -beta times the weight. What is the weight at the "
            "start?",
            "And the weight at margin -1000, the probability of the reversed label "
            "there?",
            "1 against 1/2.",
        ),
        afterwards=(
            "However wrong a pair is, it pulls at most twice as hard as at the start: "
            "the loss is linear there, not quadratic."
        ),
    ),
)
