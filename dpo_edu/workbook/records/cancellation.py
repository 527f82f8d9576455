"""The exercises of chapter 05: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="implicit_reward",
        title="the reward that a policy stands for",
        minutes=4,
        difficulty=1,
        read="The implicit reward",
        hints=(
            "What you are given are logarithms already. What is log(a / b) in terms "
            "of log a and log b?",
            "How many nats more likely has the response become? Each is worth beta.",
            "beta times the difference logp - ref_logp, with brackets around it.",
        ),
        afterwards=(
            "It is the true reward minus beta log Z, one number per prompt: its "
            "differences mean something, its level and its sign do not."
        ),
    ),
    Entry(
        name="log10_responses",
        title="how many responses there are",
        minutes=4,
        difficulty=1,
        read="How large is the sum?",
        hints=(
            "How many choices are there for the first token? For the second, then?",
            "V * V * ... * V, with L factors. What does a logarithm make of a product?",
            "L times log10 of V; the number V^L itself need never be computed.",
        ),
        afterwards=(
            "For 32000 tokens and 100 places it is 450.5: no computer will ever add "
            "up Z term by term. That is why its cancelling is welcome."
        ),
    ),
    Entry(
        name="derive_reward",
        task="derive",
        title="step 1: solve the optimal policy for the reward",
        minutes=6,
        difficulty=1,
        read="Read it backwards",
        hints=(
            "Which operations were done to the reward, and in which order? Undo the "
            "last one first.",
            "Multiply by z, divide by ref: now e^(reward / beta) stands alone.",
            "Its logarithm is reward / beta. In sympy the logarithm is sp.log.",
        ),
        afterwards=(
            "Every reward is beta log(policy / ref) of its own optimal policy, plus "
            "beta log Z: rewards and policies are two ways to say the same."
        ),
    ),
    Entry(
        name="derive_reward_gap",
        task="derive",
        title="step 2: subtract two rewards, and z cancels",
        minutes=6,
        difficulty=1,
        needs=("derive_reward",),
        read="Subtract, and Z is gone",
        hints=(
            "Write down the reward of each response by step 1, with the same z.",
            "Both contain beta * log(z). If z will not go away although it should, it "
            "sits inside logarithms or brackets: sp.expand(sp.expand_log(...)) opens "
            "both.",
            "beta * log(policy_chosen / ref_chosen) minus the same for rejected.",
        ),
        afterwards=(
            "No approximation was made and nothing about z was assumed, except that "
            "both responses answer the same prompt."
        ),
    ),
    Entry(
        name="derive_preference",
        task="derive",
        title="step 3: the probability of the preference",
        minutes=6,
        difficulty=2,
        needs=("derive_reward_gap",),
        read="What remains is the DPO loss",
        hints=(
            "Odds a : b are the probability a / (a + b). Only the difference of the "
            "two rewards matters, which is step 2.",
            "It is the sigmoid of the gap. sympy has no sigmoid: write it with sp.exp.",
            "1 / (1 + sp.exp(-gap)), where gap is beta times the difference of the "
            "two log-ratios.",
        ),
        afterwards="The probability of a vote, and no reward in it: only policies.",
    ),
    Entry(
        name="derive_loss",
        task="derive",
        title="step 4: the DPO loss",
        minutes=4,
        difficulty=1,
        needs=("derive_preference",),
        read="What remains is the DPO loss",
        hints=(
            "What was the loss of one label in chapter 02, given its probability?",
            "The negative logarithm of step 3.",
            "-sp.log(p), or sp.log(1 + sp.exp(-gap)), which is the same.",
        ),
        afterwards=(
            "This is the DPO loss, derived: maximum likelihood of Bradley-Terry, with "
            "the reward replaced by what it says about the policy."
        ),
    ),
    Entry(
        name="derive_leftover",
        task="derive",
        title="step 5: what is left across prompts",
        minutes=4,
        difficulty=2,
        needs=("derive_reward",),
        read="What does not cancel",
        hints=(
            "Subtract the two rewards of step 1 once more, now with two different z.",
            "Each brings its own beta * log(z). Which sign does each of them have?",
            "beta times the logarithm of z_chosen / z_rejected.",
        ),
        afterwards=(
            "So implicit rewards of different prompts cannot be compared: the "
            "difference of their levels is not known to the policy."
        ),
    ),
    Entry(
        name="find_the_bug_partition_estimate",
        task="find the bug",
        title="a Monte Carlo estimate that counts twice",
        minutes=6,
        difficulty=2,
        read="The sum can be estimated from samples",
        hints=(
            "Work the hand example through the code. Two of the draws are the same "
            "response, and a probable one.",
            "A probable response comes up often among the draws. What does the weight "
            "do to it once more?",
            "The draws come from the reference already: each of the N counts 1/N.",
        ),
        afterwards=(
            "Z can be estimated without listing all responses; the estimate of Z is "
            "unbiased, its logarithm is a little low on average."
        ),
    ),
    Entry(
        name="predict_the_average_multiplier",
        task="predict",
        title="the average of e^(implicit reward / beta)",
        minutes=4,
        difficulty=1,
        read="What do level and sign mean?",
        hints=(
            "What is e^(implicit reward / beta) of one response, in terms of policy "
            "and reference?",
            "It is policy / reference. Averaging over the reference multiplies it by "
            "the reference's probability.",
            "The reference cancels in each term. What do the policy's numbers sum to?",
        ),
        afterwards=(
            "So the implicit reward is the reward with Z = 1, for every policy and "
            "every beta: its level is fixed by convention, not by anybody's taste."
        ),
    ),
    Entry(
        name="predict_the_level",
        task="predict",
        title="the constant that the implicit reward lacks",
        minutes=4,
        difficulty=1,
        read="Read it backwards",
        hints=(
            "Step 1 of the derivation: the reward is the implicit reward plus beta "
            "log Z.",
            "What is the implicit reward of a response that is given twice as often?",
            "2 minus 0.5 log 2.",
        ),
        afterwards=(
            "The policy alone would never have told you: it knows the log-ratio, not "
            "the level."
        ),
    ),
)
