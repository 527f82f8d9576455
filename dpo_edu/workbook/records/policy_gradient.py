"""The exercises of chapter 12: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="reward_model_loss",
        title="what a reward model is trained with",
        minutes=5,
        difficulty=1,
        read="Reward model first",
        hints=(
            "It is chapter 02's negative log-likelihood, with the outputs of a "
            "network in the place of a table of rewards.",
            "One difference of rewards per pair, -log sigmoid of each, then the mean. "
            "F.logsigmoid is accurate where log(sigmoid(x)) is not.",
            "return -F.logsigmoid(reward_chosen - reward_rejected).mean()",
        ),
        afterwards=(
            "The first half of RLHF is this line. DPO is the same line, with beta * "
            "(log pi - log ref) in the place of the reward."
        ),
    ),
    Entry(
        name="leave_one_out_advantages",
        title="a baseline that does not know the sample",
        minutes=8,
        difficulty=2,
        read="Leave one out",
        hints=(
            "The baseline of a sample is a mean over its group without the sample "
            "itself.",
            "A loop over the samples is fine. Without one: the others' sum is the "
            "group's sum minus the own reward, and there are samples - 1 of them.",
            "others = (rewards.sum(-1, keepdim=True) - rewards) / (rewards.shape[-1] "
            "- 1); return rewards - others",
        ),
        afterwards=(
            "A baseline for the price of a few more samples per prompt, without a "
            "value network to train beside the policy."
        ),
    ),
    Entry(
        name="clipped_objective",
        title="PPO's clip, on both sides",
        minutes=10,
        difficulty=2,
        read="PPO's clip",
        hints=(
            "Two candidates for each sample: ratio * advantage, and the same with a "
            "ratio kept between 1 - epsilon and 1 + epsilon. Always the smaller one.",
            "Work all four cases by hand: ratio above or below the interval, "
            "advantage positive or negative. In which two does the clip hold?",
            "clipped = ratio.clamp(1 - epsilon, 1 + epsilon); torch.minimum of the "
            "two products, sample by sample, then .mean(); with advantage.detach().",
        ),
        afterwards=(
            "The clip takes away the gain of pushing a sample further, and adds bias "
            "for it; it bounds neither the ratio nor the pull back. Taking variance "
            "away is the baseline's work."
        ),
    ),
    Entry(
        name="find_the_bug_token_advantages",
        task="find the bug",
        title="a response that never ends",
        minutes=8,
        difficulty=2,
        read="Advantages over tokens",
        hints=(
            "Work the hand example through the code, from the last token backwards.",
            "Which value does the code take for the one that follows the last token?",
            "After the last token the response is over: the following value is 0, not "
            "the last entry of values.",
        ),
        afterwards=(
            "With that bug a critic believes its own forecast at the end of every "
            "response. Trainers carry a 'done' flag for just this line."
        ),
    ),
    Entry(
        name="predict_the_share_of_the_gradient",
        task="predict",
        title="a baseline that knows the sample",
        minutes=4,
        difficulty=2,
        read="Baselines",
        hints=(
            "A baseline costs nothing as long as it does not depend on the sample "
            "whose gradient it multiplies. Which of the 8 rewards in it does?",
            "Write baseline = own / 8 + (sum of the others) / 8. The second part has "
            "mean 0 against the sample's gradient of log pi.",
            "What is left is reward - reward / 8.",
        ),
        afterwards=(
            "The direction is right, the length is not: leaving the sample out of its "
            "own baseline mends it, at no cost."
        ),
    ),
    Entry(
        name="predict_the_clipped_slope",
        task="predict",
        title="does the clip hold?",
        minutes=4,
        difficulty=2,
        read="PPO's clip",
        hints=(
            "Work out both products. Which one is smaller?",
            "1.6 * -0.5 = -0.8 and 1.2 * -0.5 = -0.6.",
            "The smaller one is ratio * advantage: its derivative in the ratio is the "
            "advantage.",
        ),
        afterwards=(
            "The clip holds where a sample has moved far enough the right way. One "
            "that has moved the wrong way is pulled back with full force."
        ),
    ),
    Entry(
        name="predict_the_gradient_through_a_sample",
        task="predict",
        title="the gradient of an average over coin tosses",
        minutes=5,
        difficulty=2,
        read="Four ways to a gradient through a sample",
        hints=(
            "Write the expected cost out: two terms, p times one cost and 1 - p times "
            "the other. The sample itself has no derivative, its probability has.",
            "The two costs are 0.49 and 0.09, and dp/dz = p (1 - p).",
            "p (1 - p) (0.49 - 0.09) with p = 0.2.",
        ),
        afterwards=(
            "A straight-through estimator would answer -0.032, with the wrong sign: "
            "it differentiates the cost as if b could be 0.2."
        ),
    ),
)
