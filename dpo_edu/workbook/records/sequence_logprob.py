"""The exercises of chapter 08: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="mask_from_lengths",
        title="which positions hold the response",
        minutes=6,
        difficulty=1,
        read="Which tokens count",
        hints=(
            "At which position does the response start, and at which does the padding?",
            "The response starts at the prompt's length; the padding starts at prompt "
            "length + response length. Rows differ in both.",
            "position = torch.arange(width); compare it with start[:, None] and "
            "stop[:, None], and join the two comparisons with &.",
        ),
        afterwards=(
            "Three lines, and the place where most broken runs break: nothing crashes "
            "when the mask is one token off."
        ),
    ),
    Entry(
        name="sequence_logprob",
        title="log pi of a response, from the model's logits",
        minutes=15,
        difficulty=2,
        read="A sum over tokens",
        hints=(
            "Three steps: log-probabilities over the vocabulary, the entry of the "
            "token that came, the sum over the response. Which logits forecast which "
            "token?",
            "logits[:, :-1] forecast tokens[:, 1:]. log_softmax goes over the last "
            "axis, gather picks the entry; the mask loses its first column too.",
            "each = logits[:, :-1].log_softmax(-1).gather(-1, tokens[:, 1:, "
            "None])[..., 0]; then each.masked_fill(~response_mask[:, 1:], 0).sum(-1).",
        ),
        afterwards=(
            "This is the bridge from a language model to the loss of chapter 06. Keep "
            "the test that found the mistakes: all probabilities sum to 1."
        ),
    ),
    Entry(
        name="find_the_bug_padding",
        task="find the bug",
        title="a model that never stops",
        minutes=8,
        difficulty=2,
        read="Six classic bugs",
        hints=(
            "Work the hand example through the code. Which token of the response is "
            "lost?",
            "The first <eos> after the prompt is the model's decision to stop; only "
            "those after it are padding.",
            "ends = after_prompt & (tokens == eos) marks the first and all later "
            "ones; ends.cumsum(1) - ends.long() counts how many came before a "
            "position.",
        ),
        afterwards=(
            "Many tokenizers pad with <eos>, so this bug is common: the loss looks "
            "healthy, and stopping is the one thing that nobody teaches the model."
        ),
    ),
    Entry(
        name="predict_the_total_without_eos",
        task="predict",
        title="probabilities that forget to stop",
        minutes=5,
        difficulty=2,
        read="The probabilities of all responses sum to 1",
        hints=(
            "Add up the responses of one word first, then those of two words.",
            "Responses of n words add up to (0.5 + 0.3)^n. The empty response counts "
            "1.",
            "A geometric series: 1 / (1 - 0.8).",
        ),
        afterwards=(
            "With <eos> every term is multiplied by 0.2 and the sum is 1: <eos> is "
            "what makes the responses' probabilities probabilities."
        ),
    ),
    Entry(
        name="predict_the_bfloat16_log_ratio",
        task="predict",
        title="a log-ratio in bfloat16",
        minutes=3,
        difficulty=1,
        read="What bfloat16 loses",
        hints=(
            "Round each log-probability first, to the nearest even whole number.",
            "Is -498.9 nearer to -498 or to -500? And -501.2 to -500 or to -502?",
            "-498 and -502; subtract.",
        ),
        afterwards=(
            "2.3 became 4: take logits to float32 before the log-softmax, and sum "
            "there. The model itself may stay in bfloat16."
        ),
    ),
)
