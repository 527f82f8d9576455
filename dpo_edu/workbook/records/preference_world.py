"""The exercises of chapter 10: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="label_pair",
        title="an annotator's verdict",
        minutes=5,
        difficulty=1,
        read="Labels: one verdict by hand",
        hints=(
            "Of 100 chances spread evenly over [0, 1), how many are below 0.8?",
            "Compute P = sigmoid(reward_a - reward_b) for each pair, then compare.",
            "uniform < 1 / (1 + np.exp(reward_b - reward_a)).",
        ),
        afterwards=(
            "All preference data of this course are made by this line, and each hard "
            "label is one such draw: it can contradict the reward."
        ),
    ),
    Entry(
        name="exact_kl",
        title="the divergence over all responses",
        minutes=8,
        difficulty=2,
        read="Is there something to learn?",
        hints=(
            "It is an expectation over the policy's responses: of what?",
            "np.exp(logp) is the weight, logp - ref_logp the value, the sum goes over "
            "the last axis. What is 0 * (-inf)?",
            "Where logp is -inf put 0 by np.where, before or instead of multiplying; "
            "then (p * (logp - ref_logp)).sum(axis=-1).",
        ),
        afterwards=(
            "On a real language model this sum has more terms than there are atoms, "
            "so it is estimated. Here every claim about it can be checked."
        ),
    ),
    Entry(
        name="tree_logp",
        title="all responses from one pass over the prefixes",
        minutes=12,
        difficulty=2,
        read="The tree, unfolded level by level",
        hints=(
            "Draw the tree for two words: the root, two nodes, four leaves. Where "
            "does each of the seven responses end?",
            "Empty: first[-1]. One word v: first[v] + second[v, -1]. Two words v, w: "
            "no <eos> is added, the end is forced.",
            "np.concatenate([first[-1:], first[:-1] + second[:, -1], (first[:-1, "
            "None] + second[:, :-1]).ravel()]).",
        ),
        afterwards=(
            "One level more is the package's `unfold`: V^2 prefixes through the "
            "model, and every one of 3,616 responses has its probability."
        ),
    ),
    Entry(
        name="find_the_bug_pairs",
        task="find the bug",
        title="pairs in which something is odd",
        minutes=6,
        difficulty=1,
        read="Hard labels and soft labels",
        hints=(
            "Work both hand examples through the code. What is the second pair?",
            "Who is rejected where the annotator prefers the response of lower reward?",
            "Chosen and rejected must be decided by the same condition.",
        ),
        afterwards=(
            "A pair of a response with itself has the loss log 2 and no gradient: "
            "nothing crashes, and all labels that contradict the reward are silently "
            "lost."
        ),
    ),
    Entry(
        name="predict_the_number_of_responses",
        task="predict",
        title="how many responses there are",
        minutes=3,
        difficulty=1,
        read="How many responses?",
        hints=(
            "How many have exactly two words?",
            "Add those of 0, 1, 2 and 3 words.",
            "4^0 + 4^1 + 4^2 + 4^3.",
        ),
        afterwards=(
            "With 15 words it is 3,616, which a laptop lists. With 32,000 tokens and "
            "100 places it is 3 * 10^450."
        ),
    ),
    Entry(
        name="predict_the_contrary_labels",
        task="predict",
        title="labels against the reward",
        minutes=3,
        difficulty=1,
        read="How much do the verdicts tell?",
        hints=(
            "Which probability does Bradley-Terry give to the better response?",
            "The worse one has the rest, which is sigmoid of minus the gap.",
            "1 / (1 + e^1.5).",
        ),
        afterwards=(
            "So one step of quality is confirmed by 82 of 100 labels. A policy that "
            "agrees with all of its training labels has learned some of them by heart."
        ),
    ),
    Entry(
        name="predict_the_unseen_response",
        task="predict",
        title="what the data never show",
        minutes=5,
        difficulty=2,
        read="How many pairs would be enough?",
        hints=(
            "What is the probability that one draw misses it?",
            "A pair is two draws. How many draws have to miss it?",
            "0.999^1000, close to 1/e.",
        ),
        afterwards=(
            "About its reward the data are then silent: what a policy does with such "
            "a response comes from the reference and from what the model generalizes."
        ),
    ),
)
