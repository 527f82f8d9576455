"""The exercises of chapter 14: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="ipo_loss",
        title="a target for the gap",
        minutes=5,
        difficulty=1,
        read="IPO",
        hints=(
            "Each gap has one and the same target, and the loss is a squared distance.",
            "The target is 1 / (2 beta): a strong leash, large beta, means a short "
            "way to go. The gap itself is not multiplied by beta.",
            "return ((log_ratio_gap - 1 / (2 * beta)) ** 2).mean()",
        ),
        afterwards=(
            "Where all labels agree DPO's gap grows without end, at every beta; IPO's "
            "stops at 1 / (2 beta). TRL's version divides log-ratios by length first."
        ),
    ),
    Entry(
        name="cdpo_loss",
        title="labels that may be wrong",
        minutes=6,
        difficulty=1,
        read="cDPO and rDPO",
        hints=(
            "Two costs for each pair: one if the label is right, one if it was "
            "exchanged.",
            "Exchanging the label changes the sign of the margin. Weigh the two costs "
            "with their probabilities; the weights sum to 1.",
            "-(1 - epsilon) * F.logsigmoid(margin) - epsilon * F.logsigmoid(-margin), "
            "with margin = beta * log_ratio_gap; then the mean.",
        ),
        afterwards=(
            "It is chapter 06's dpo_loss with label = 1 - epsilon. Its bottom is at a "
            "finite margin, the logit of that label."
        ),
    ),
    Entry(
        name="simpo_loss",
        title="no reference, scores per token",
        minutes=8,
        difficulty=2,
        read="SimPO and ORPO",
        hints=(
            "Score each response first: log-probability per token, with its own "
            "length.",
            "The margin is beta times the difference of scores, and gamma is taken "
            "off after that. With equal scores the margin is -gamma, whatever beta.",
            "margin = beta * (logp_chosen / length_chosen - logp_rejected / "
            "length_rejected) - gamma; then -F.logsigmoid(margin).mean().",
        ),
        afterwards=(
            "Three things have changed at once: no reference, averages, a lead. "
            "No KL penalty stands behind averages and lead."
        ),
    ),
    Entry(
        name="length_normalized_loss",
        title="log-ratios per token",
        minutes=6,
        difficulty=1,
        read="SimPO and ORPO",
        hints=(
            "Score each response first: how far has it moved from the reference, per "
            "token?",
            "The score is (log pi - log ref) / its own length. SimPO's score has no "
            "reference; this one does.",
            "The margin is beta * (score_chosen - score_rejected); then "
            "-F.logsigmoid(margin).mean().",
        ),
        afterwards=(
            "A pair needs n times the log-ratio gap to have the same margin, so beta "
            "is larger: 5 in Tulu 3, where 0.1 is usual with sums."
        ),
    ),
    Entry(
        name="rpo_loss",
        title="hold the chosen response up",
        minutes=8,
        difficulty=2,
        read="Hinge and DPOP",
        hints=(
            "Two terms for each pair: chapter 06's DPO loss, and how unlikely the "
            "chosen response is.",
            "The second is -logp_chosen / length_chosen, times weight. The reference "
            "has no part in it, and neither has beta.",
            "(-F.logsigmoid(beta * gap) - weight * logp_chosen / "
            "length_chosen).mean().",
        ),
        afterwards=(
            "DPOP fines a chosen response that fell below the reference; this term "
            "pulls it up wherever it stands, toward probability 1."
        ),
    ),
    Entry(
        name="kto_loss",
        title="thumbs up, thumbs down",
        minutes=12,
        difficulty=3,
        read="KTO",
        hints=(
            "First the reference point: kl, never below 0, and detached. Then one "
            "sigmoid for each response; no pairs, no logarithm.",
            "The two kinds differ in the sign of the lead only: "
            "torch.where(desirable, ...) picks. Then one mean over all responses.",
            "lead = beta * (log_ratio - kl.detach().clamp(min=0)); the cost is "
            "torch.sigmoid(-lead) where desirable, torch.sigmoid(lead) elsewhere.",
        ),
        afterwards=(
            "Without a second response to the prompt there is no pair in which Z "
            "could cancel: the reference point takes the other one's place."
        ),
    ),
    Entry(
        name="find_the_bug_robust_loss",
        task="find the bug",
        title="a loss that does not feel flipped labels",
        minutes=5,
        difficulty=1,
        read="cDPO and rDPO",
        hints=(
            "Work the hand example through the code. Which of its numbers differ?",
            "Do the weights of the two costs, divided by 1 - 2 epsilon, sum to 1?",
            "Flipped labels have added epsilon * cost(-margin): take it off.",
        ),
        afterwards=(
            "cDPO adds the second cost, rDPO takes it off: one stops at a finite "
            "margin, the other has the clean loss on average and a larger variance."
        ),
    ),
    Entry(
        name="find_the_bug_positive_loss",
        task="find the bug",
        title="a fine that pays",
        minutes=5,
        difficulty=1,
        read="Hinge and DPOP",
        hints=(
            "Work the hand example through the code: which sign has `fine` there?",
            "A fine has to make the margin smaller. What does this code do to it?",
            "clamp(max=0) keeps negative log-ratios negative; the shortfall is minus "
            "that.",
        ),
        afterwards=(
            "With the wrong sign and a penalty above 1 the loss falls when the chosen "
            "response falls: the opposite of what was ordered."
        ),
    ),
    Entry(
        name="predict_the_ipo_gap",
        task="predict",
        title="where IPO comes to rest",
        minutes=5,
        difficulty=2,
        read="One pair, every optimum",
        hints=(
            "Call the gap h. In 90 of 100 comparisons the loss is (h - 2)^2. What is "
            "it in the other 10, where the second response is the chosen one?",
            "There the gap is -h. Minimize 0.9 (h - 2)^2 + 0.1 (-h - 2)^2.",
            "The derivative is 0 at h = (0.9 - 0.1) * 2.",
        ),
        afterwards=(
            "In general (2 p - 1) / (2 beta): bounded even at p = 1, where DPO's "
            "logit(p) / beta is infinite."
        ),
    ),
    Entry(
        name="predict_the_cdpo_gap",
        task="predict",
        title="where cDPO comes to rest",
        minutes=4,
        difficulty=2,
        read="One pair, every optimum",
        hints=(
            "cDPO is a cross-entropy whose label is 1 - epsilon. Where is a "
            "cross-entropy smallest?",
            "Where sigmoid(margin) = 0.8.",
            "The margin is log(0.8 / 0.2), and the gap is the margin over beta.",
        ),
        afterwards=(
            "An assumed error rate acts as a brake that DPO lacks: the gap stops at "
            "logit(1 - epsilon) / beta, however many labels agree."
        ),
    ),
    Entry(
        name="predict_the_kto_pull",
        task="predict",
        title="how hard KTO pulls at a hopeless response",
        minutes=4,
        difficulty=2,
        read="KTO",
        hints=(
            "The loss of a desirable response is 1 - sigmoid(m). Sketch it: where is "
            "it steep, where is it flat?",
            "The derivative of the sigmoid is sigmoid(m) * sigmoid(-m).",
            "sigmoid(4) * sigmoid(-4), divided by its value at m = 0, which is 1/4.",
        ),
        afterwards=(
            "KTO gives hopeless responses up. DPO pulls hardest at just those: with "
            "margin -4 its weight is almost twice that at the start."
        ),
    ),
)
