"""The exercises of chapter 16: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="training_flops",
        title="the arithmetic of a training run",
        minutes=5,
        difficulty=1,
        read="Seven billion on paper",
        hints=(
            "Work the hand example: how many operations does one parameter cause for "
            "one token, forward and backward together?",
            "2 forward, and backward is twice as much: 2 + 4.",
            "6 * parameters * tokens, in Python's own integers, which never overflow.",
        ),
        afterwards=(
            "6 N D is the one formula to know by heart. DPO reads two responses per "
            "pair, and its frozen reference adds 2 N D: once, if you store what it "
            "says."
        ),
    ),
    Entry(
        name="training_memory_bytes",
        title="what a run keeps in memory",
        minutes=6,
        difficulty=1,
        read="Seven billion on paper",
        hints=(
            "Make a list of everything that is kept for a weight that learns. What of "
            "it is kept for one that does not?",
            "Weights for all; a gradient and two moments for those that learn.",
            "(parameters + 3 * trainable) * bytes_per_value.",
        ),
        afterwards=(
            "Training all N weights beside a frozen copy keeps 5 N values, training "
            "an adapter little more than N: that is why adapters are popular."
        ),
    ),
    Entry(
        name="find_the_bug_all_reduce",
        task="find the bug",
        title="one gradient from several processes",
        minutes=7,
        difficulty=2,
        read="Several processes",
        hints=(
            "By how much does one pair of each process move the result of the hand "
            "example? Should it be so?",
            "A mean of means is the mean only of groups of equal size.",
            "Weight each gradient by its number of pairs, and divide by all pairs.",
        ),
        afterwards=(
            "Gradients accumulated over several small batches have the same trap. So "
            "losses equal to those of one process are the test, and not a loss that "
            "falls."
        ),
    ),
    Entry(
        name="find_the_bug_left_padding",
        task="find the bug",
        title="a batch that is padded on the left",
        minutes=7,
        difficulty=2,
        read="A transformers model",
        hints=(
            "Print tokens and mask of the hand example, one below the other.",
            "start and stop count from the left end of a row. What stands there now?",
            "A row ends with its response: it starts at width - len(response).",
        ),
        afterwards=(
            "Nothing crashes, and a batch of equal lengths is even right. Decode what "
            "the mask marks, and read it."
        ),
    ),
    Entry(
        name="predict_the_hours",
        task="predict",
        title="how long a run takes",
        minutes=6,
        difficulty=2,
        read="Seven billion on paper",
        hints=(
            "How many tokens has one epoch? A pair has two responses.",
            "Per parameter and token: 6 in each of three epochs for the policy, and 2 "
            "once for the reference.",
            "7e9 * 6e7 tokens * 20 operations, over 4e14 per second, over 3600.",
        ),
        afterwards=(
            "A reference that runs beside the policy in every epoch makes it 7 hours. "
            "Real machines reach a third to a half of the speed on their data sheet."
        ),
    ),
    Entry(
        name="predict_the_adapter_memory",
        task="predict",
        title="DPO with an adapter",
        minutes=4,
        difficulty=1,
        read="Seven billion on paper",
        hints=(
            "Which weights have a gradient and moments, and how many models are in "
            "memory?",
            "A frozen weight takes 2 bytes. A learning one takes 2 + 2 + 4 + 4 + 4 = "
            "16.",
            "7 * 2 + 0.04 * 16.",
        ),
        afterwards=(
            "Training all weights beside a frozen copy takes 126 gigabytes: 2 bytes "
            "for each of the copy's weights, 16 for each of the policy's."
        ),
    ),
    Entry(
        name="predict_the_beta",
        task="predict",
        title="which beta was it?",
        minutes=4,
        difficulty=2,
        read="A trainer's log, column by column",
        hints=(
            "What does rewards/chosen mean, as a formula with logps/chosen in it?",
            "rewards/chosen = beta * (log pi - log ref), and log ref never moves. "
            "Compare two rows.",
            "-3.84 = beta * (-74.00 + 61.20).",
        ),
        afterwards=(
            "The other side says so too: -7.5 = 0.3 * (-83.5 + 58.5). If the two "
            "sides disagree, the columns are not means over the same pairs."
        ),
    ),
    Entry(
        name="diagnose_the_falling_rewards",
        task="diagnose",
        title="everything falls",
        minutes=5,
        difficulty=2,
        read="A trainer's log, column by column",
        hints=(
            "On which of these columns does the loss depend?",
            "rewards/chosen minus rewards/rejected is the margin. Which way does it "
            "go, on pairs that were not trained on?",
            "Go through the other five: what would each do to the loss, the accuracy, "
            "or the first row?",
        ),
        afterwards=(
            "A reward in the log is a log-ratio, and it may fall for all pairs of a "
            "file. Whether the file itself is right, no column here can tell: read "
            "samples."
        ),
    ),
)
