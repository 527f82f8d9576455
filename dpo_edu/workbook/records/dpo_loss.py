"""The exercises of chapter 06: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="dpo_loss",
        title="the loss itself, on a batch of pairs",
        minutes=10,
        difficulty=2,
        read="The loss in four lines",
        hints=(
            "The loss is chapter 02's -log sigmoid(reward gap), with the reward beta "
            "* (log pi - log ref) of chapter 05.",
            "Compute one margin per pair, apply F.logsigmoid to it, and only then "
            "average. The reference's tensors take part as ref.detach().",
            "margin = beta * ((logp_chosen - ref_c) - (logp_rejected - ref_r)), with "
            "ref_c and ref_r detached; return -F.logsigmoid(margin).mean().",
        ),
        afterwards=(
            "This is the function that trains a language model in chapter 11: no "
            "reward model, no sampling, four log-probabilities."
        ),
    ),
    Entry(
        name="find_the_bug_accuracy",
        task="find the bug",
        title="an accuracy that forgets where it started",
        minutes=5,
        difficulty=1,
        read="Accuracy and margins",
        hints=(
            "Work the hand example through the code, one line at a time.",
            "Write the comparison reward_chosen > reward_rejected out: what cancels?",
            "Each response is compared with its own log-probability under the "
            "reference.",
        ),
        afterwards=(
            "With one reference for both, it cancels: the share then says whether the "
            "policy itself ranks the pair right, a different and often lower number."
        ),
    ),
    Entry(
        name="predict_the_first_loss",
        task="predict",
        title="the loss before the first step",
        minutes=3,
        difficulty=1,
        read="The first loss",
        hints=(
            "What is log(pi / ref) when pi = ref?",
            "So the margin is 0 for every pair. What is sigmoid(0)?",
            "-log(1/2), whatever beta and the number of pairs.",
        ),
        afterwards=(
            "Whenever a log does not start at 0.6931, policy and reference differ: "
            "dropout, precision, or the wrong checkpoint."
        ),
    ),
    Entry(
        name="predict_when_both_rise",
        task="predict",
        title="the loss when both responses become more likely",
        minutes=3,
        difficulty=1,
        read="The loss sees only the gap",
        hints=(
            "Write down the two log-ratios, log pi - log ref, now.",
            "The loss depends on their difference alone.",
            "The gap is 2 - 2 = 0, and -log sigmoid(0) is a number you know.",
        ),
        afterwards=(
            "The loss cannot tell 'both up' from 'both down': that is why the chosen "
            "response may become less likely while the loss falls."
        ),
    ),
)
