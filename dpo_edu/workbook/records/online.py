"""The exercises of chapter 15: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="effective_beta",
        title="what many rounds make of beta",
        minutes=6,
        difficulty=1,
        read="The reference moves",
        hints=(
            "Write the policy after two rounds as reference * e^(something * reward). "
            "What happens to exponents when e-functions are multiplied?",
            "Each round adds reward / beta to the exponent, so after k rounds it is k "
            "* reward / beta. Which single beta gives this exponent?",
            "beta / rounds; for 0 rounds there is nothing to divide by: math.inf.",
        ),
        afterwards=(
            "A run of six rounds at a careful beta of 0.6 is one round at 0.1, and no "
            "line of its settings says so."
        ),
    ),
    Entry(
        name="iterate",
        title="rounds, one after the other",
        minutes=10,
        difficulty=2,
        read="Rounds of DPO",
        hints=(
            "Which two things must be remembered from one round to the next?",
            "Begin with a list that holds the first policy. In a loop, replace policy "
            "and reference both by what round_fn returns, and append the policy.",
            "policies = [policy]; for each round: policy, reference = "
            "round_fn(policy, reference); policies.append(policy). Return policies.",
        ),
        afterwards=(
            "Fixed, moving, half-way: one loop serves them all, because the round "
            "says what the next reference is. No flag, no second loop."
        ),
    ),
    Entry(
        name="find_the_bug_slips",
        task="find the bug",
        title="a judge who slips",
        minutes=6,
        difficulty=2,
        read="A noisy judge",
        hints=(
            "How often does a judge with rate 0.1 prefer a response that is better by "
            "40?",
            "The slip comes after the verdict: with probability rate it is turned "
            "around.",
            "Either she does not slip and a wins, (1 - rate) * p, or she slips and b "
            "would have won, rate * (1 - p).",
        ),
        afterwards=(
            "Smaller differences and random slips look alike where responses are "
            "close. In clear cases they do not: no one factor on the rewards makes a "
            "slip."
        ),
    ),
    Entry(
        name="predict_three_betas",
        task="predict",
        title="three rounds at three betas",
        minutes=5,
        difficulty=1,
        read="The reference moves",
        hints=(
            "What is the exponent of the policy after the first round? After the "
            "second?",
            "The exponents add: reward / 0.5 + reward / 1 + reward / 4.",
            "One round has the exponent reward / beta, so 1 / beta = 2 + 1 + 0.25.",
        ),
        afterwards=(
            "Inverse betas add, like conductances. The smallest beta decides most."
        ),
    ),
    Entry(
        name="diagnose_the_happy_judge",
        task="diagnose",
        title="a judge who is happy",
        minutes=5,
        difficulty=1,
        read="A noisy judge",
        hints=(
            "Which two columns should tell the same story, and do not?",
            "Chance errors would hold the judge's own column near one half as well.",
            "The judge prefers the policy ever more, people do not: whose taste is it?",
        ),
        afterwards=(
            "More rounds and more verdicts cannot mend it: the labels are not noisy, "
            "they are about something else. Only a look from outside shows it."
        ),
    ),
)
