"""The exercises of chapter 09: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="causal_attention",
        title="read the past, not the future",
        minutes=15,
        difficulty=2,
        read="Attention by hand",
        hints=(
            "First the scores of all positions with all positions, one matrix "
            "product; then decide which of them may count.",
            "q @ k.transpose(-1, -2) has shape (B, H, T, T): row t, column s. Columns "
            "s > t are the future. Which score has the weight 0 after a softmax?",
            "torch.ones(T, T, dtype=torch.bool).triu(1) marks the future; masked_fill "
            "it with -inf, softmax over the last axis, then @ v.",
        ),
        afterwards=(
            "All positions are computed at once, and none sees the next token: that "
            "is why a transformer trains on every position of a text in one pass."
        ),
    ),
    Entry(
        name="sample_token",
        title="draw the next token",
        minutes=10,
        difficulty=2,
        read="Sampling, and temperature",
        hints=(
            "Two steps: the probabilities of each row, then one draw from each row.",
            "The temperature divides the logits, before the softmax over the last "
            "axis. torch.multinomial draws from rows of probabilities and takes a "
            "generator.",
            "torch.multinomial(probabilities, 1, generator=generator) has shape (B, "
            "1): take its only column.",
        ),
        afterwards=(
            "Called in a loop, this writes text. Pairs of such texts, and a label "
            "that says which is better, are all that DPO learns from."
        ),
    ),
    Entry(
        name="find_the_bug_split_heads",
        task="find the bug",
        title="heads that look into the future",
        minutes=6,
        difficulty=2,
        read="A block, read line by line",
        hints=(
            "Work the hand example through the code: which numbers land in head 0?",
            "reshape never reorders the numbers in memory, it only cuts them anew. "
            "Which axis has to be cut?",
            "First (B, T, H, D), which cuts the channels of each position; then "
            "exchange the two axes in the middle.",
        ),
        afterwards=(
            "Shapes fit, losses fall, and the future leaks: only a test that changes "
            "the future finds it."
        ),
    ),
    Entry(
        name="predict_the_layer_weights",
        task="predict",
        title="the weights of a model, counted on paper",
        minutes=4,
        difficulty=1,
        read="Counting parameters",
        hints=(
            "Count one layer in units of C^2, with C = 1024.",
            "Queries, keys and values: 3 C^2. Back: C^2. The network goes from C to 4 "
            "C and back to C.",
            "3 + 1 + 4 + 4 = 12, so 12 C^2 for each of 24 layers.",
        ),
        afterwards=(
            "12 C^2 per layer is the one formula to remember: with it the size of any "
            "GPT follows from two numbers."
        ),
    ),
    Entry(
        name="predict_the_cold_probability",
        task="predict",
        title="three words at half the temperature",
        minutes=4,
        difficulty=1,
        read="Sampling, and temperature",
        hints=(
            "What happens to a probability e^logit when its logit is doubled?",
            "It is squared: 0.36, 0.09 and 0.01. They do not sum to 1 yet.",
            "0.36 / (0.36 + 0.09 + 0.01).",
        ),
        afterwards=(
            "The temperature is chapter 04's beta in other clothes: a cold policy is "
            "another policy, and its samples do not come from the reference."
        ),
    ),
)
