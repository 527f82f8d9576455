"""The exercises of chapter 13: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="displacement",
        title="chosen responses that fell while the margin grew",
        minutes=10,
        difficulty=1,
        read="Where the mass went",
        hints=(
            "Two facts about each pair, and both must hold. Which numbers of the pair "
            "does each of them compare?",
            "Compare with what was before, not with 0: the margin may be negative and "
            "grow. A mean of yes and no is a share.",
            "fell = after[:, 0] < before[:, 0]; grew = after's margin > before's "
            "margin, a margin being column 0 minus column 1; share = (fell & "
            "grew).mean().",
        ),
        afterwards=(
            "Log this beside the loss: the loss reads the margin alone, and cannot "
            "tell a chosen response that rises from a rejected one that falls faster."
        ),
    ),
    Entry(
        name="find_the_bug_reference",
        task="find the bug",
        title="a reference that was frozen, or so it seems",
        minutes=10,
        difficulty=3,
        read="The reference is not frozen",
        hints=(
            "log 2 at every step: which value has the gap, and what does that say "
            "about policy and reference?",
            "detach() cuts the gradient. Does it copy the numbers? What does `-=` do "
            "to the memory that it writes to?",
            "Give the reference memory of its own: policy.detach().clone().",
        ),
        afterwards=(
            "No gradient and no copy are two different things. The policy ran away "
            "from nothing in particular: with a gap of 0 the weight stays beta / 2 "
            "for ever."
        ),
    ),
    Entry(
        name="find_the_bug_length",
        task="find the bug",
        title="a beta that depends on the longest response",
        minutes=6,
        difficulty=2,
        read="Length",
        hints=(
            "Work the hand example through the code. By which number is the result "
            "off?",
            "Why does the ranking within a batch stay right? What do all its rows "
            "share, that rows of the next batch do not?",
            "log pi of a response is the sum over its tokens, not a mean.",
        ),
        afterwards=(
            "A factor that is equal for a whole batch hides in every ranking and in "
            "the first loss. What it changes is beta, from batch to batch."
        ),
    ),
    Entry(
        name="find_the_bug_flips",
        task="find the bug",
        title="label noise that hardly hurts",
        minutes=8,
        difficulty=2,
        read="Label noise",
        hints=(
            "Print a pair that was to be exchanged, before and after. What is missing?",
            "`a, b = b, a` works for two numbers. chosen[pair] is a row of an array: "
            "a copy of it, or a view?",
            "Copy the row that is overwritten first (chosen[pair].copy()), or choose "
            "between the two arrays with np.where(flip[:, None], ...).",
        ),
        afterwards=(
            "An experiment that shows no harm deserves the same suspicion as one that "
            "shows too much: count what it did to the data."
        ),
    ),
    Entry(
        name="find_the_bug_pooling",
        task="find the bug",
        title="labels of annotators who disagree",
        minutes=7,
        difficulty=2,
        read="Pooled annotators",
        hints=(
            "Follow one label of the hand example: who gives it, and with which "
            "probability does that person prefer the first?",
            "Which is averaged over annotators, what they feel or what they answer? "
            "The sigmoid of a mean is not the mean of the sigmoids.",
            "One preference_matrix for each group, times its share, summed.",
        ),
        afterwards=(
            "The result is in general no Bradley-Terry table of any rewards, so no "
            "single reward explains it: DPO finds the best compromise, not a truth."
        ),
    ),
    Entry(
        name="predict_the_lost_mass",
        task="predict",
        title="a ledger of probability",
        minutes=4,
        difficulty=1,
        read="Where the mass went",
        hints=(
            "Probabilities sum to 1 before and after. Who lost, and how much?",
            "A log-probability that falls by x multiplies the probability by e^-x.",
            "0.2 * (1 - e^-0.5) + 0.3 * (1 - e^-2).",
        ),
        afterwards=(
            "The margin grew by 1.5 nats, and a third of all probability went to "
            "responses that nobody compared."
        ),
    ),
    Entry(
        name="predict_the_noisy_gap",
        task="predict",
        title="what flipped labels leave of a gap",
        minutes=5,
        difficulty=2,
        read="Label noise",
        hints=(
            "With which probability does a label in the file say y_w?",
            "Kept and said y_w, or flipped and said y_l: 0.9 * 0.8 + 0.1 * 0.2.",
            "sigmoid(0.5 * gap) = 0.74.",
        ),
        afterwards=(
            "Without noise it is 4.39 nats: a fifth of wrong labels halves what is "
            "learned, and no amount of data brings it back."
        ),
    ),
    Entry(
        name="predict_the_runaway",
        task="predict",
        title="a policy that is its own reference",
        minutes=5,
        difficulty=2,
        read="The reference is not frozen",
        hints=(
            "What is the log-ratio gap at every step, and with it the weight beta * "
            "sigmoid(-beta * gap)?",
            "Each step raises one logit and lowers the other, by rate * weight each.",
            "1000 * 2 * 0.02 * 0.3 / 2.",
        ),
        afterwards=(
            "And it goes on like this for as long as you train: no gap, no brake. The "
            "same run with a frozen reference reaches 4.06 nats."
        ),
    ),
)
