"""The exercises of chapter 01: titles, minutes, hints, where to read."""

from ..catalogue import Entry

ENTRIES = (
    Entry(
        name="preference_probability",
        title="two rewards make a probability",
        minutes=5,
        difficulty=1,
        read="From rewards to a probability",
        hints=(
            "Odds a : b mean the probability a / (a + b).",
            "Divide top and bottom of e^i / (e^i + e^j) by e^i: what remains depends "
            "on the difference of the rewards alone.",
            "It is 1 / (1 + e^-(reward_i - reward_j)). For a large negative "
            "difference e^-(...) overflows: multiply top and bottom by e^difference "
            "there.",
        ),
        afterwards=(
            "This is the sigmoid of a reward gap, the only thing DPO ever asks of a "
            "reward: any constant added to all rewards cancels."
        ),
    ),
    Entry(
        name="compose_preferences",
        title="from a over b and b over c to a over c",
        minutes=5,
        difficulty=1,
        read="Rewards add, so odds multiply",
        hints=(
            "Try to say it in bets: 7 to 3 on a against b, 3 to 2 on b against c.",
            "Odds are p / (1 - p). Multiply the two odds; that is the odds of a over "
            "c.",
            "Odds o are the probability o / (1 + o).",
        ),
        afterwards=(
            "Log-odds add along a chain because they are differences of rewards."
        ),
    ),
    Entry(
        name="plackett_luce_nll",
        title="how likely is a whole ranking",
        minutes=12,
        difficulty=2,
        read="Rankings: Plackett-Luce",
        hints=(
            "Play it as a draft: who is picked first, then from those left, who is "
            "next?",
            "Round k contributes log(sum of e^reward over rewards[k:]) - rewards[k]. "
            "The pick itself is still among those left.",
            "For log(sum(e^r)) without overflow: m + log(sum(e^(r - m))) with m the "
            "largest reward among those still left, in each round anew.",
        ),
        afterwards=(
            "Its pair marginals are Bradley-Terry, yet a ranking is not a product of "
            "pair comparisons: those products do not even add up to 1."
        ),
    ),
    Entry(
        name="find_the_bug_expected_wins",
        task="find the bug",
        title="a league table with too many wins",
        minutes=5,
        difficulty=1,
        read="Seven baseball teams, one season",
        hints=(
            "Run it on three equal teams and compare with the example done by hand.",
            "Add up all wins: how many games were there, and how many wins too many?",
            "Which game does the double loop count that nobody plays?",
        ),
        afterwards=(
            "A total known in advance (here K (K - 1) / 2 games) is the cheapest test "
            "there is."
        ),
    ),
    Entry(
        name="predict_the_cycle",
        task="predict",
        title="what Bradley-Terry says about a cycle",
        minutes=4,
        difficulty=1,
        read="When preferences go in a circle",
        hints=(
            "Find P(a beats c) first; compose_preferences is the tool.",
            "Odds 9 : 1 and 4 : 1 multiply to the odds of a over c.",
            "c over a are the reversed odds, 1 : 36.",
        ),
        afterwards=(
            "Data in which c beats a 9 times of 10 as well fit no rewards at all: "
            "Bradley-Terry cannot hold a cycle."
        ),
    ),
)
