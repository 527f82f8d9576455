"""The world against loops over its words, scipy's tests of frequencies, and hand work.

The writers' text is here too: its probabilities are recomputed word by word.
"""

import math

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import chisquare

from dpo_edu.boltzmann import optimal_logp
from dpo_edu.preference_world import (
    EOS,
    PROMPTS,
    STRENGTH,
    WORDS,
    Pairs,
    build_world,
    exact_kl,
    hard_labels,
    label_pair,
    meaning,
    reward,
    sample_pairs,
    sample_responses,
    soft_labels,
)
from dpo_edu.preference_world.writers import writers_logp
from dpo_edu.training import Settings
from dpo_edu.validation import InputError

SMALL, DEFAULT = build_world(2), build_world()
WORLDS = {2: SMALL, 3: DEFAULT}


# The rule


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("great", 2),
        ("fine", 0),
        ("awful", -2),
        ("not great", -2),
        ("not bad", 1),
        ("not not bad", -1),
        ("very good", 2),
        ("very bad", -2),
        ("very fine", 0),
        ("not very good", -2),
        ("very not good", -2),
        ("soup is good", 1),
        ("good not", 1),  # what follows the quality word does not count
        ("good bad", 1),  # the first quality word does
        ("tea", None),
        ("not very", None),
        ("", None),
    ],
)
def test_meaning_of_a_phrase(text, wanted):
    assert meaning(text.split()) == wanted


@pytest.mark.parametrize(
    ("prompt", "response", "wanted"),
    [
        ("very good", "great", 3.0),
        ("very good", "tea", 0.0),
        ("very good", "", 0.0),
        ("bad", "great", -1.5),
        ("bad", "not good", 3.0),
        ("not bad", "soup is good", 3.0),
        ("great", "good", 1.5),
        ("great", "awful", -3.0),
        ("awful", "not very good", 3.0),
        ("good", "it is fine", 1.5),
    ],
)
def test_reward_of_a_response(prompt, response, wanted):
    assert reward(prompt, response) == wanted


def test_reward_does_not_look_at_length_or_grammar():
    filler = ("tea", "is", "but", "it")
    for prompt in PROMPTS:
        for phrase in ("great", "not good", "very bad", ""):
            wanted = reward(prompt, phrase)
            for word in filler:
                assert reward(prompt, f"{word} {phrase}") == wanted
                assert reward(prompt, f"{phrase} {word} {word}") == wanted


def test_reward_depends_on_the_prompt():
    rows = {tuple(row) for row in SMALL.reward}
    assert len(rows) == len({meaning(prompt.split()) for prompt in PROMPTS}) == 4


# The enumeration


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_every_response_is_listed_once(cap):
    world = build_world(cap)
    assert len(WORDS) == EOS == 15
    assert len(set(world.responses)) == len(world.responses)
    assert len(world.responses) == sum(15**length for length in range(cap + 1))
    assert [*world.responses] == sorted(world.responses, key=lambda y: (len(y), y))
    assert world.reward.shape == (8, len(world.responses))


def test_the_sizes_that_the_documentation_names():
    assert len(DEFAULT.responses) == 3_616
    assert sum(15**length for length in range(5)) == 54_241


def test_rewards_are_those_of_the_words():
    for number in np.random.default_rng(0).integers(3_616, size=50):
        for row, prompt in enumerate(PROMPTS):
            wanted = reward(prompt, DEFAULT.text(number))
            assert DEFAULT.reward[row, number] == wanted


def test_a_response_is_as_long_as_its_text_has_words():
    world = build_world(2)
    texts = map(world.text, range(len(world.responses)))
    assert world.lengths.tolist() == [len(text.split()) for text in texts]


def test_text_and_number_are_inverse():
    assert DEFAULT.text(0) == ""
    assert DEFAULT.text(DEFAULT.number("not very good")) == "not very good"
    assert [SMALL.number(SMALL.text(y)) for y in range(241)] == [*range(241)]


def test_prompts_are_those_in_words():
    said = [" ".join(WORDS[word] for word in prompt) for prompt in SMALL.prompts]
    assert said == [*PROMPTS]


@pytest.mark.parametrize("cap", [0, -1, 5])
def test_worlds_that_cannot_be_enumerated_are_refused(cap):
    with pytest.raises(InputError, match=f"a whole number from 1 to 4, got {cap}"):
        build_world(cap)


# Annotators


def test_label_is_true_with_the_bradley_terry_probability():
    uniform = np.linspace(0, 1, 100_000, endpoint=False)
    for a, b in ((1.0, 0.0), (-2.0, 1.5), (0.5, 0.5), (3.0, -3.0)):
        wanted = 1 / (1 + math.exp(b - a))
        assert label_pair(a, b, uniform).mean() == pytest.approx(wanted, abs=1e-5)


def test_label_at_the_ends():
    assert label_pair(-700.0, 0.0, 0.0)  # improbable, and chance decided for it
    assert not label_pair(-5.0, 5.0, 0.5)
    assert not label_pair(0.0, 0.0, 0.5)  # uniform < 1/2 and not <=
    assert label_pair(1e4, -1e4, 1 - 1e-16)
    assert not label_pair(-1e4, 1e4, 1e-300)


def test_soft_labels_name_the_likelier_winner():
    one, other = np.array([4, 9, 30, 200]), np.array([9, 4, 30, 15])
    prompt = np.array([0, 0, 3, 7])
    pairs = soft_labels(SMALL, prompt, one, other)
    for place in range(4):
        winner, loser = pairs.chosen[place], pairs.rejected[place]
        assert {winner, loser} == {one[place], other[place]}
        gap = SMALL.reward[prompt[place], winner] - SMALL.reward[prompt[place], loser]
        assert gap >= 0
        assert pairs.label[place] == pytest.approx(expit(gap), rel=1e-14)


def test_hard_labels_flip_pairs_as_often_as_the_label_says():
    count, label = 40_000, 0.7
    numbers = np.arange(count)
    pairs = Pairs(numbers % 8, numbers, numbers + count, np.full(count, label))
    seen = hard_labels(pairs, np.random.default_rng(0))
    kept = seen.chosen == pairs.chosen
    spread = math.sqrt(label * (1 - label) / count)
    assert abs(kept.mean() - label) < 4 * spread
    assert (np.where(kept, seen.rejected, seen.chosen) == pairs.rejected).all()
    assert (np.where(kept, seen.chosen, seen.rejected) == pairs.chosen).all()
    assert (seen.label == 1).all()
    assert (seen.prompt == pairs.prompt).all()


# Sampling


def test_responses_follow_their_probabilities():
    probabilities = np.array([[0.1, 0.2, 0.0, 0.7], [0.4, 0.0, 0.6, 0.0]])
    with np.errstate(divide="ignore"):
        logp = np.log(probabilities)
    prompt = np.arange(40_000) % 2
    drawn = sample_responses(logp, prompt, np.random.default_rng(1))
    for row in range(2):
        seen = np.bincount(drawn[prompt == row], minlength=4)
        possible = probabilities[row] > 0
        assert (seen[~possible] == 0).all()
        wanted = 20_000 * probabilities[row, possible]
        assert chisquare(seen[possible], wanted).pvalue > 0.001


def test_pairs_are_two_independent_draws_for_uniform_prompts():
    logp = np.broadcast_to(np.log([0.5, 0.3, 0.2]), (8, 3))
    pairs = sample_pairs(SMALL, logp, 40_000, np.random.default_rng(2))
    assert chisquare(np.bincount(pairs.prompt, minlength=8)).pvalue > 0.001
    both = np.sort([pairs.chosen, pairs.rejected], axis=0)
    seen = np.bincount(both[0] * 3 + both[1], minlength=9)[[0, 1, 2, 4, 5, 8]]
    wanted = 40_000 * np.array([0.25, 0.30, 0.20, 0.09, 0.12, 0.04])
    assert chisquare(seen, wanted).pvalue > 0.001


def test_the_generator_decides():
    logp = writers_logp(SMALL)
    one, same, other = (
        sample_pairs(SMALL, logp, 50, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_exact_kl_equals_a_loop_over_responses():
    noise = np.random.default_rng(5)
    one, other = np.log(noise.dirichlet(np.ones(241), size=(2, 8)))
    for row, found in enumerate(exact_kl(one, other)):
        terms = zip(one[row].tolist(), other[row].tolist(), strict=True)
        wanted = sum(math.exp(p) * (p - q) for p, q in terms)
        assert found == pytest.approx(wanted, rel=1e-12)
    assert exact_kl(one, one).tolist() == [0.0] * 8


# The writers


def writer_weight(prompt, kind, word):
    """The rule in the module's head, word by word."""
    liked = {
        None: "noun modifier quality",
        "noun": "link end",
        "link": "modifier quality",
        "join": "quality",
        "modifier": "quality",
        "quality": "noun join end",
    }[kind].split()
    if word is None:
        return 18 if "end" in liked else 1
    weight = 6 if kind_of(word) in liked else 1
    if word in STRENGTH:
        weight *= 1 + (2 - abs(STRENGTH[word] - meaning(prompt.split()))) / 4
    return weight


def kind_of(word):
    kinds = {"is": "link", "and": "join", "but": "join"}
    kinds |= {"not": "modifier", "very": "modifier"}
    return "quality" if word in STRENGTH else kinds.get(word, "noun")


def writer_logp(prompt, response, cap):
    """log P of one text, one step after the other."""
    total, kind = 0.0, None
    for word in [*response.split(), None][:cap]:
        everything = sum(writer_weight(prompt, kind, other) for other in (*WORDS, None))
        total += math.log(writer_weight(prompt, kind, word) / everything)
        kind = kind_of(word) if word else kind
    return total


@pytest.mark.parametrize("cap", [2, 3])
def test_writers_equal_their_rule_word_by_word(cap):
    world, found = WORLDS[cap], writers_logp(WORLDS[cap])
    numbers = [0, 1, 15, *np.random.default_rng(cap).integers(241, size=25)]
    for row, prompt in enumerate(PROMPTS):
        for number in numbers:
            wanted = writer_logp(prompt, world.text(number), cap)
            assert found[row, number] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("cap", [2, 3])
def test_the_writers_say_everything_with_some_probability(cap):
    found = writers_logp(WORLDS[cap])
    assert np.exp(found).sum(-1) == pytest.approx(np.ones(8), abs=1e-12)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("cap", [2, 3])
def test_the_optimum_is_at_least_a_nat_away(cap):
    """An easy world proves nothing: at the default beta there is much to learn."""
    logp, rewards = writers_logp(WORLDS[cap]), WORLDS[cap].reward
    away = exact_kl(logp, optimal_logp(logp, rewards, Settings().beta))
    assert away.mean() >= 1
    assert away.min() > 0.8
