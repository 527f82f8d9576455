"""The exercises of chapter 11: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="freeze",
        title="a reference that stays where it is",
        minutes=8,
        difficulty=1,
        read="The frozen reference",
        hints=(
            "`reference = model` is a second name for one object. What else is shared "
            "by a copy that is not deep?",
            "copy.deepcopy gives the copy weights of its own. Then two switches on "
            "the copy: dropout off, and no gradients.",
            "copy.deepcopy(model).eval().requires_grad_(False).",
        ),
        afterwards=(
            "With the same object as reference every margin is 0, the loss stays at "
            "log 2 and nothing complains. Look at the second loss of a run, not the "
            "first."
        ),
    ),
    Entry(
        name="dpo_step",
        title="one step of DPO, whole",
        minutes=15,
        difficulty=2,
        read="One step",
        hints=(
            "Four log-probabilities, the loss of chapter 06, then what every training "
            "loop does. Which two of the four must not carry a gradient?",
            "sequence_logprob(model(tokens), tokens, mask) for each model and side, "
            "the reference's under torch.no_grad(); then zero_grad, backward, step.",
            "loss = dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, "
            "ref_logp_rejected, beta); optimizer.zero_grad(); loss.backward(); "
            "optimizer.step(); return loss.item().",
        ),
        afterwards=(
            "This is all of DPO's training: the rest of the chapter repeats it and "
            "looks at what happens."
        ),
    ),
    Entry(
        name="diagnose_the_silent_log",
        task="diagnose",
        title="a loss that says nothing",
        minutes=5,
        difficulty=2,
        read="The clinic",
        hints=(
            "A loss of 0.6931 is log 2: which margin is that, on every batch?",
            "log pi moves by tens of nats. What else must have moved by exactly as "
            "much?",
            "The margin is made of log pi - log ref. log pi changed; the difference "
            "did not.",
        ),
        afterwards=(
            "The log-probabilities belong in every log: the loss and everything "
            "computed from log-ratios are blind to this bug."
        ),
    ),
    Entry(
        name="diagnose_the_perfect_log",
        task="diagnose",
        title="a loss that could not be better",
        minutes=5,
        difficulty=1,
        read="The clinic",
        hints=(
            "Annotators contradict the reward in about every fourth pair. What "
            "accuracy can an honest policy have?",
            "Compare the two losses. Where does each begin, and which way does each "
            "go?",
            "0.69 is the held-out loss of knowing nothing; 2.16 is that of being sure "
            "and wrong.",
        ),
        afterwards=(
            "The held-out loss was lowest after ten steps. That is when to stop, or "
            "better, collect more pairs."
        ),
    ),
    Entry(
        name="diagnose_the_cheerful_log",
        task="diagnose",
        title="a log that looks healthy",
        minutes=5,
        difficulty=2,
        read="The clinic",
        hints=(
            "Which column does not come from the file of pairs?",
            "The held-out loss falls: what was learned holds for new pairs of this "
            "file.",
            "The policy learned the file, and the judges like the result less and "
            "less. What is wrong with the file?",
        ),
        afterwards=(
            "Loss, margin and accuracy say how well the labels were learned, not "
            "whether the labels are right. Read some samples."
        ),
    ),
    Entry(
        name="find_the_bug_share",
        task="find the bug",
        title="a share above 1",
        minutes=8,
        difficulty=2,
        read="Judge a policy by what it writes",
        hints=(
            "Work the hand example through the code: what is `best`?",
            "Which formula has two rewards and a beta in it, and which of them does "
            "the code have?",
            "The best policy is reference * e^(reward / beta) / Z.",
        ),
        afterwards=(
            "A default of 1 hides every forgotten factor: test with two betas, and "
            "neither of them 1."
        ),
    ),
    Entry(
        name="predict_the_share",
        task="predict",
        title="two units of one measure",
        minutes=4,
        difficulty=1,
        read="Judge a policy by what it writes",
        hints=(
            "What is J(best) - J(pi), as a KL? Chapter 04 calls it the regret.",
            "It is beta KL(pi || best): for the policy, and for the reference too.",
            "1 - 0.063 / 1.26.",
        ),
        afterwards=(
            "So a share of 99.9 percent and a KL of a thousandth of a nat are one "
            "statement about this world."
        ),
    ),
    Entry(
        name="predict_the_final_gap",
        task="predict",
        title="where a gap comes to rest",
        minutes=5,
        difficulty=2,
        read="How near does training come?",
        hints=(
            "Which probability should the policy assign to the label, to make the "
            "cross-entropy smallest?",
            "sigmoid(beta * gap) = 0.8. What is the margin?",
            "log(0.8 / 0.2) / 0.5.",
        ),
        afterwards=(
            "With the label 1 the same equation has no solution: the gap grows for as "
            "long as you train."
        ),
    ),
)
