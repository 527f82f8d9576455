"""The exercises of chapter 17: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="lora_forward",
        title="a layer with an adapter",
        minutes=8,
        difficulty=1,
        read="What learns: an adapter",
        hints=(
            "Do the hand example with matrices that stand to the right of a row. Which "
            "of them must be transposed?",
            "Two terms: x @ weight.T, and scale times x @ a.T @ b.T. Which of the four "
            "tensors must not receive a gradient?",
            "x @ weight.detach().T + scale * (x @ a.T) @ b.T",
        ),
        afterwards=(
            "With B = 0 the two terms are one: training starts at the reference, and "
            "whoever drops the second term has the reference again, without a copy."
        ),
    ),
    Entry(
        name="accumulated_loss",
        title="a batch in unequal parts",
        minutes=6,
        difficulty=1,
        read="The step: logits are the largest single table",
        hints=(
            "In the hand example, by how much does the loss move if the only pair of "
            "the second part loses one nat less?",
            "A mean of means is the mean only of parts of equal size.",
            "Add up all losses, and divide once by the number of all pairs.",
        ),
        afterwards=(
            "With answers of unequal length this is no rarity: in a batch cut by "
            "tokens, the longest pairs sit alone in a part, and a mean of means would "
            "listen to them most."
        ),
    ),
    Entry(
        name="split_by_prompt",
        title="prompts that nobody trained on",
        minutes=9,
        difficulty=2,
        read="Prompts, answers, a rule, pairs",
        hints=(
            "What is to be drawn, rows or prompts? How many different prompts are "
            "there in the hand example?",
            "Make a list of the different prompts, draw held_out of them without "
            "putting back, with a generator made of the seed.",
            "order = np.random.default_rng(seed).permutation(len(different)); the "
            "first held_out are held, and rows with other prompts are for training.",
        ),
        afterwards=(
            "A model judged on prompts that it trained on is praised for its memory. "
            "Published preference files repeat prompts, within a split and across."
        ),
    ),
    Entry(
        name="find_the_bug_interval",
        task="find the bug",
        title="an interval that is too sure",
        minutes=6,
        difficulty=2,
        read="The verdict on prompts held out",
        hints=(
            "Two prompts with a thousand answers each: how many independent things "
            "were drawn?",
            "Answers to one prompt share the prompt. What is one number per prompt "
            "here?",
            "Take the mean over the answers of a prompt first: (after - "
            "before).mean(axis=1).",
        ),
        afterwards=(
            "More answers per prompt do help, but only with the noise of the answers. "
            "What prompts differ in, only more prompts average out."
        ),
    ),
    Entry(
        name="predict_the_learning_weights",
        task="predict",
        title="how much of the model learns",
        minutes=5,
        difficulty=1,
        read="What learns: an adapter",
        hints=(
            "How many weights have A and B together, for a matrix from 576 to 192?",
            "Rank times the sum of the two sides: 8 * (576 + 192).",
            "30 * 8 * (1152 + 768 + 1152 + 2112).",
        ),
        afterwards=(
            "That is nine in a thousand of the 135 million. Adam's two moments are "
            "kept for these alone."
        ),
    ),
    Entry(
        name="diagnose_the_flat_log",
        task="diagnose",
        title="a loss that does not move",
        minutes=4,
        difficulty=1,
        read="The clinic, in English",
        hints=(
            "0.6931 is log 2. Which margin is that, and in how many rows?",
            "The answers have changed. So the policy has moved; what has moved with "
            "it?",
            "The reference is the model with its adapter switched off. Was it "
            "switched off?",
        ),
        afterwards=(
            "Without a second model in memory the reference is a switch, and a switch "
            "can be forgotten. Look at the second loss of a run."
        ),
    ),
    Entry(
        name="diagnose_the_steady_log",
        task="diagnose",
        title="a run that learns its pairs",
        minutes=4,
        difficulty=2,
        read="The clinic, in English",
        hints=(
            "Compare the loss of the first visit to each pair with that of the last "
            "visit.",
            "On the first visit the pairs are new: how often does the policy rank them "
            "as their labels do?",
            "The pairs are learned, and nothing about other prompts is. What can such "
            "pairs not contain?",
        ),
        afterwards=(
            "A million weights learn a few dozen coin tosses without trouble, and "
            "right labels too. The loss of the first epoch is one on new pairs; later "
            "epochs are about memory."
        ),
    ),
    Entry(
        name="diagnose_the_winning_log",
        task="diagnose",
        title="a run that wins",
        minutes=4,
        difficulty=2,
        read="The clinic, in English",
        hints=(
            "Which number does not come from the file of pairs?",
            "The loss falls within one epoch, on pairs that are new: something true "
            "about the file is learned.",
            "The policy does what the file says, and the rule likes it less and less.",
        ),
        afterwards=(
            "A verdict of one run is a suspicion: with right pairs another seed lost "
            "0.94 ± 2.31 words. Decode three pairs and read them aloud, chosen first."
        ),
    ),
)
