"""Checks of chapter 09. Attention has an oracle, a loop over positions in numpy.

Samples have none: two right answers may draw different tokens from one generator. So
their frequencies in thousands of rows are compared with the exact probabilities, and
what must hold for any draw (the generator decides, and nothing else) is tried out.
"""

import random
from functools import cache
from math import inf, log, prod, sqrt
from statistics import NormalDist

import numpy as np
import torch

from .. import wording
from ..answer import Raised
from ..exercise import Example, Exercise, holds, predict
from ..kinds import Broken, anything, describe, expect, expect_close, is_tensor, tensor
from ..surroundings import undisturbed

# Causal attention


def _attention(q, k, v):
    out = np.zeros(v.shape)
    for b, h, t in np.ndindex(q.shape[:3]):
        scores = k[b, h, : t + 1] @ q[b, h, t] / sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max())
        out[b, h, t] = weights @ v[b, h, : t + 1] / weights.sum()
    return out


def _numbers(*shape: int, seed: int) -> torch.Tensor:
    """Readable numbers, two decimals, from -2 to 2, both signs."""
    noise = np.random.default_rng(seed).uniform(-2, 2, shape)
    return torch.tensor(noise.round(2))


def _qkv(*shape: int, seed: int) -> tuple:
    return tuple(_numbers(*shape, seed=seed + part) for part in range(3))


def _rows(*rows) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)[None, None]


HAND = (
    _rows([1, 0, 0, 0], [2, 0, 0, 0]),
    _rows([0, 0, 0, 0], [log(3), 0, 0, 0]),
    _rows([4, 0, 0, 0], [0, 4, 0, 0]),
)
SIZES = ((1, 2, 3, 1), (1, 1, 4, 2), (2, 1, 2, 3), (1, 3, 2, 1), (2, 2, 1, 2))
INPUTS = tuple(_qkv(*shape, seed=10 * n) for n, shape in enumerate(SIZES))


@holds("the first position can read only itself: its output is v at position 0")
def _first_reads_itself(answer):
    for q, k, v in INPUTS:
        expect_close(answer(q, k, v)[:, :, 0], v[:, :, 0].numpy())


@holds("changing the last position's key and value changes nothing before it")
def _future_has_no_influence(answer):
    for q, k, v in INPUTS:
        other_k, other_v = k.clone(), v.clone()
        other_k[:, :, -1] += 1.5
        other_v[:, :, -1] -= 2.5
        found = answer(q, other_k, other_v)[:, :, :-1]
        expect_close(found, answer(q, k, v)[:, :, :-1])


@holds("weights sum to 1: where every v is the same vector, that is the output")
def _weights_sum_to_one(answer):
    for q, k, v in INPUTS:
        same = v[:, :, :1].expand_as(v).contiguous()
        expect_close(answer(q, k, same), same.numpy())


@holds("with equal keys every position takes the plain mean of v up to itself")
def _running_mean(answer):
    for q, k, v in INPUTS:
        counts = np.arange(1, v.shape[2] + 1)[:, None]
        same = k[:, :, :1].expand_as(k).contiguous()
        expect_close(answer(q, same, v), v.numpy().cumsum(2) / counts)


@holds("one vector added to all keys moves all scores alike: nothing changes")
def _keys_moved_together(answer):
    for q, k, v in INPUTS:
        moved = k + _numbers(1, 1, 1, k.shape[-1], seed=7)
        expect_close(answer(q, moved, v), answer(q, k, v))


@holds("four copies of the channels double the scores: four times, over sqrt(4)")
def _scale(answer):
    for q, k, v in INPUTS:
        wide = answer(*(part.repeat(1, 1, 1, 4) for part in (q, k, v)))
        expect_close(wide[..., : q.shape[-1]], answer(2 * q, k, v))


@holds("each sequence and each head has the output that it has alone")
def _heads_alone(answer):
    for q, k, v in INPUTS:
        whole = answer(q, k, v)
        for b, h in np.ndindex(whole.shape[:2]):
            alone = answer(*(part[b : b + 1, h : h + 1] for part in (q, k, v)))
            expect_close(alone, whole[b : b + 1, h : h + 1])


causal_attention = Exercise(
    name="causal_attention",
    returns=tensor,
    oracle=_attention,
    example=Example(
        HAND, np.array([[[[4.0, 0, 0, 0], [1, 3, 0, 0]]]]), "weights 1/4 and 3/4"
    ),
    ordinary=INPUTS,
    properties=(
        _first_reads_itself,
        _future_has_no_influence,
        _weights_sum_to_one,
        _running_mean,
        _keys_moved_together,
        _scale,
        _heads_alone,
    ),
    extremes=(
        (_rows([50], [-40], [30]), _rows([900], [1000], [1e4]), _rows([1], [2], [-3])),
        (_rows([1000, 0], [0, 1000]), _rows([900, -900], [0, -900.25]),
         _rows([1, -1], [3, 2])),
        (_rows([-300], [-300]), _rows([300], [300.5]), _rows([2], [-1])),
        (_rows([-1000], [-1000]), _rows([1000], [-1000]), _rows([1], [-2])),
    ),
    trainable=("q", "k", "v"),
)  # fmt: skip


# Sampling

MANY = 2000  # rows drawn at once
ROWS = 4 * MANY  # where rare tokens count
SPREAD = 4.5  # standard deviations; a right answer stays within


def _noise(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _tempered(logits, temperature: float) -> np.ndarray:
    weights = np.exp((np.asarray(logits) - max(logits)) / temperature)
    return weights / weights.sum()


def _many(logits, rows: int = MANY) -> torch.Tensor:
    return torch.tensor(logits, dtype=torch.float64).repeat(rows, 1)


def _tokens(value, rows: int) -> np.ndarray:
    """The tokens as whole numbers, one per row; otherwise ``Broken`` says why."""
    integer = is_tensor(value) and not (
        value.is_floating_point() or value.dtype == torch.bool
    )
    words = "the task asks for a tensor of whole numbers"
    expect(integer, f"it returned {describe(value)}; {words}")
    shape, due = tuple(value.shape), f"({rows},), one token per row, is due"
    expect(shape == (rows,), f"shape {shape} came back where {due}")
    return value.numpy()


class _Words:
    """Stands in a message for what is too long to print, such as 2000 rows."""

    def __init__(self, words: str):
        self.words = words

    def __repr__(self) -> str:
        return self.words


def _draw(answer, logits, temperature: float, noise, call: str = "raw") -> np.ndarray:
    """The answer's tokens, one per row; long arguments are shown in a few words."""
    rows = len(logits)
    shown = (
        _Words(f"{rows} rows of {wording.value(logits[0])}")
        if rows > len(CERTAIN)
        else logits
    )
    try:
        value = getattr(answer, call)(logits, temperature, noise)
    finally:
        answer.arguments = (shown, temperature, _Words("generator"))
    tokens = _tokens(value, rows)
    if rows > len(CERTAIN):
        answer.returned = _Words(f"{rows} tokens: {tokens[:12].tolist()} ...")
    return tokens


def _shares(
    answer, logits, temperature: float, seed: int = 0, rows: int = MANY
) -> np.ndarray:
    """How often each token comes among many rows with the same logits."""
    tokens = _draw(answer, _many(logits, rows), temperature, _noise(seed))
    last, low, high = len(logits) - 1, tokens.min(), tokens.max()
    words = f"there are tokens from {low} to {high}, but they are numbered 0 to {last}"
    expect(low >= 0 and high <= last, words)
    return np.bincount(tokens, minlength=len(logits)) / rows


def _agree(shares, wanted, draws: int = MANY) -> bool:
    deviation = np.sqrt(wanted * (1 - wanted) / draws)
    return bool((abs(shares - wanted) <= SPREAD * deviation).all())


def _compare(shares, wanted, words: str = "", rows: int = MANY) -> None:
    if not _agree(shares, wanted, rows):
        raise Broken(words, shares.round(3), wanted.round(3))


LOGITS = (0.5, -0.7, 1.2, 0.0)
CERTAIN = torch.tensor([[-inf, 0.5, -inf], [3.0, -inf, -inf], [-inf, -inf, -1.0]])
CERTAIN = CERTAIN.double()
REPEATED = _many(LOGITS)[:40]


@holds("one whole number for each row, for a batch of one row too", stage="shape")
def _one_token_a_row(answer):
    for rows in (3, 1):
        _draw(answer, CERTAIN[:rows], 1.0, _noise(1))


@holds("logits [0, log 3] at temperature 0.5: token 1 comes with probability 0.9",
       stage="hand example")  # fmt: skip
def _hand_example(answer):
    _compare(_shares(answer, (0.0, log(3)), 0.5), np.array([0.1, 0.9]))


@holds("tokens come as often as softmax(logits / temperature) says")
def _frequencies(answer):
    for temperature, seed in ((1.0, 2), (2.0, 3), (0.5, 4)):
        wanted = _tempered(LOGITS, temperature)
        words = f"of {MANY} tokens at temperature {temperature:g}, these are the shares"
        _compare(_shares(answer, LOGITS, temperature, seed), wanted, words)


@holds("of a hundred equally likely tokens all come")
def _none_left_out(answer):
    shares = _shares(answer, [0.25] * 100, 1.0, seed=21)
    never = int((shares == 0).sum())
    expect(never == 0, f"of a hundred equally likely tokens {never} never come")


@holds("one word as likely as a hundred others together: all get their share")
def _long_tail(answer):
    for temperature, seed in ((1.0, 18), (2.0, 19)):
        likely = temperature * log(100)
        shares = _shares(answer, (likely, *[0.0] * 100), temperature, seed)
        parts = np.array([shares[0], *shares[1:].reshape(4, 25).sum(1)])
        words = "the likely word, then the others by 25, have these shares"
        _compare(parts, np.array([0.5] + [0.125] * 4), words)


@holds("each row is drawn from its own logits")
def _own_logits(answer):
    for seed in range(40, 52):
        found = _draw(answer, CERTAIN, 1.0, _noise(seed))
        expect(found.tolist() == [1, 0, 2])


@holds("rows are drawn independently: pairs of neighbors come as products say")
def _neighbors(answer):
    tokens = _draw(answer, _many(LOGITS), 1.0, _noise(7))
    p = _tempered(LOGITS, 1.0)
    pairs = np.bincount(len(p) * tokens[::2] + tokens[1::2], minlength=len(p) ** 2)
    expect(_agree(pairs / (MANY / 2), np.outer(p, p).ravel(), MANY // 2))


@holds("the same generator state gives the same tokens, another seed gives others")
def _seeded(answer):
    first, again, *others = (
        _draw(answer, REPEATED, 1.0, _noise(seed)) for seed in (8, *range(8, 30))
    )
    expect((first == again).all() and any((first != other).any() for other in others))


@holds("the generator moves on: the next call draws anew")
def _moves_on(answer):
    noise = _noise(10)
    first, *later = (
        _draw(answer, REPEATED.clone(), 1.0, noise, call="untouched") for _ in range(20)
    )
    expect(any((first != tokens).any() for tokens in later))


@holds("the global random state is neither read nor changed")
def _global_state(answer):
    draws = []
    with undisturbed():
        for seed in (11, 12):
            torch.manual_seed(seed)
            np.random.seed(seed)
            random.seed(seed)
            before = _states()
            draws.append(_draw(answer, REPEATED, 1.0, _noise(13)))
            expect(before == _states())
    expect((draws[0] == draws[1]).all())


def _states() -> tuple:
    numpys = np.random.get_state(legacy=False)["state"]
    return torch.get_rng_state().tolist(), numpys["key"].tolist(), random.getstate()


@holds("a token with logit -inf never comes, however hot", stage="extremes")
def _never(answer):
    for logits in ((-inf, 0.3, 0.2), (0.1, -inf, 0.4), (0.3, 0.1, -inf)):
        shares = _shares(answer, logits, 1000.0, seed=14, rows=ROWS)
        expect(not shares[np.isinf(logits)].any())
        _compare(shares, _tempered(logits, 1000.0), rows=ROWS)


COLD = (((0.0, 0.05, -0.05), 1), ((0.06, 0.0, 0.01), 0))  # logits, the largest


@holds("a very low temperature takes the largest logit, of any size", stage="extremes")
def _cold(answer):
    for shift in (-999.0, 0.0, 998.0):
        for row, best in COLD:
            rows = torch.tensor(row).double().repeat(MANY // 10, 1) + shift
            expect((_draw(answer, rows, 0.001, _noise(15)) == best).all())


@holds("1000 added to all logits, or taken away, changes no share", stage="extremes")
def _shifted(answer):
    for shift in (-998.0, 998.0):
        shares = _shares(answer, [logit + shift for logit in LOGITS], 0.5, 16)
        _compare(shares, _tempered(LOGITS, 0.5))


@holds("logits and temperature in the same ratio give the same shares, small or large",
       stage="extremes")  # fmt: skip
def _only_the_ratio(answer):
    for factor in (0.001, 500.0):
        logits = [factor * logit for logit in LOGITS]
        _compare(_shares(answer, logits, 2 * factor, 17), _tempered(LOGITS, 2.0))


TOLD_APART = (0.5, 0.6, 1.5, -1.2)  # at temperature 0.6 no two of the guesses below
NEAR = 0.04  # are nearer than 0.08, and shares of 8000 rows stray by 0.025 at most


@cache
def _guesses(logits: tuple, temperature: float) -> tuple[np.ndarray, ...]:
    """Distributions that the shares may show; the first is right, the others famous."""
    right, plain = _tempered(logits, temperature), _tempered(logits, 1.0)
    two_best = np.where(right >= np.sort(right)[-2], right, 0)
    return (
        right, plain, _tempered(logits, 1 / temperature),
        np.eye(len(logits))[np.argmax(logits)], np.full(len(logits), 1 / len(logits)),
        _tempered(plain, temperature), _tempered(logits, temperature**2),
        _tempered(-np.array(logits), temperature), two_best / two_best.sum(),
        _with_normal_noise(logits, temperature),
    )  # fmt: skip


def _with_normal_noise(logits, temperature: float) -> np.ndarray:
    """How often each logit / temperature is the largest after adding N(0, 1)."""
    noise = NormalDist()
    means = [logit / temperature for logit in logits]
    wins = np.zeros(len(means))
    for x in np.linspace(-10, 10, 401):
        for k, mean in enumerate(means):
            below = prod(noise.cdf(x - other) for other in means if other != mean)
            wins[k] += noise.pdf(x - mean) * below
    return wins / wins.sum()


def _distribution(answer, arguments, factor: float = 1.0, shift: float = 0.0) -> int:
    """Which of the guesses the shares show, logits and temperature times ``factor``.

    -1: none of them, -2: there are no shares, -3: every row has the same token.
    """
    logits = [factor * logit + shift for logit in TOLD_APART]
    try:
        shares = _shares(answer, logits, 0.6 * factor, seed=20, rows=ROWS)
    except (Broken, Raised):
        return -2
    misses = [abs(shares - guess).max() for guess in _guesses(TOLD_APART, 0.6)]
    near = (k for k, miss in enumerate(misses) if miss < NEAR)
    return -3 if shares.max() == 1 else next(near, -1)


def _is_right_when(**changed):
    """The shares are the right ones with other, equivalent arguments."""
    return lambda answer, arguments: _distribution(answer, arguments, **changed) == 0


def _shape_of_result(answer, arguments) -> list:
    value = answer.raw(CERTAIN, 1.0, _noise(1))
    return [*value.shape] if is_tensor(value) else []


def _floats_of_result(answer, arguments) -> int:
    """0: whole numbers, 1: the right tokens as floats, 2: other floats."""
    value = answer.raw(CERTAIN, 1.0, _noise(1))
    if not (is_tensor(value) and value.is_floating_point()):
        return 0
    return 1 if value.flatten().tolist() == [1, 0, 2] else 2


def _long_tail_of(answer, arguments) -> int:
    """The likely word's share: 0 for about its half, 1 for another."""
    share = _shares(answer, (log(100), *[0.0] * 100), 1.0, seed=18)[0]
    return int(abs(share - 0.5) > 0.1)


def _is_independent(answer, arguments) -> bool:
    """Neighbors come as the product of the shares says, whatever these are."""
    tokens = _draw(answer, _many(LOGITS, ROWS), 1.0, _noise(7))
    pairs = np.bincount(len(LOGITS) * tokens[::2] + tokens[1::2], minlength=16)
    shares = np.bincount(tokens, minlength=len(LOGITS)) / ROWS
    return abs(2 * pairs / ROWS - np.outer(shares, shares).ravel()).max() < 0.06


def _comes_though_impossible(answer, arguments) -> bool:
    return bool(_shares(answer, (0.1, -inf, 0.4), 1000.0, seed=14, rows=ROWS)[1])


def _is_mostly_own(answer, arguments) -> bool:
    """Rows that allow one token have it."""
    rows = CERTAIN.repeat(MANY, 1)
    found = _draw(answer, rows, 1.0, _noise(5))
    return np.mean(found == np.tile([1, 0, 2], MANY)) > 0.9


def _is_mostly_coldest(answer, arguments) -> list[int]:
    """At a very low temperature the largest logit has all rows (2), or most (1)."""
    draws = [
        (_draw(answer, _many(np.add(row, shift), ROWS), 0.001, _noise(15)), best)
        for shift in (-999.0, 0.0, 998.0)
        for row, best in COLD
    ]
    shares = [np.mean(tokens == best) for tokens, best in draws]
    return [int(share > 0.9) + int(share == 1) for share in shares]


def _outcome(check):
    """0: the check holds, 1: it does not, 2: the answer raised."""

    def look(answer, arguments) -> int:
        try:
            check.run(answer)
        except Raised:
            return 2
        except (Broken, ArithmeticError, LookupError, TypeError, ValueError):
            return 1
        return 0

    return look


LOOKS = (
    _shape_of_result,
    _floats_of_result,
    _outcome(_one_token_a_row),
    _outcome(_seeded),
    _outcome(_moves_on),
    _distribution,
    _outcome(_global_state),
    _is_mostly_own,
    _outcome(_none_left_out),
    _long_tail_of,
    _is_independent,
    _comes_though_impossible,
    _is_mostly_coldest,
    *(_is_right_when(shift=shift) for shift in (-998.0, 998.0)),
    *(_is_right_when(factor=factor) for factor in (0.001, 500.0)),
)
"""What tells mistakes apart though every algorithm draws its own tokens. Nothing hangs
on luck: the mistakes that are known are far from every threshold here."""

sample_token = Exercise(
    name="sample_token",
    oracle=None,
    arguments=("logits", "temperature", "generator"),
    returns=anything,
    ordinary=((CERTAIN, 0.7, _noise(0)),),
    properties=(
        _one_token_a_row,
        _hand_example,
        _own_logits,
        _frequencies,
        _none_left_out,
        _long_tail,
        _neighbors,
        _seeded,
        _moves_on,
        _global_state,
        _never,
        _cold,
        _shifted,
        _only_the_ratio,
    ),
    observe=LOOKS,
)


# Heads


def _split_heads(x, heads):
    batch, time, width = x.shape
    size = width // heads
    out = np.zeros((batch, heads, time, size))
    for b, h, t in np.ndindex(batch, heads, time):
        out[b, h, t] = x[b, t, h * size : (h + 1) * size]
    return out


CHANNELS = tuple(
    (_numbers(*shape, seed=40 + n), heads)
    for n, (shape, heads) in enumerate(
        (((1, 3, 2), 2), ((2, 3, 4), 2), ((1, 4, 6), 3), ((3, 2, 6), 2), ((2, 5, 3), 1))
    )
)


@holds("changing the last position changes the last row of every head, no other")
def _positions_stay_apart(answer):
    for x, heads in CHANNELS:
        changed = x.clone()
        changed[:, -1] += 5
        found, before = answer(changed, heads), answer(x, heads)
        expect_close(found[:, :, :-1], before[:, :, :-1])
        expect_close(found[:, :, -1], before[:, :, -1] + 5)


@holds("the heads side by side are the channels again")
def _side_by_side(answer):
    for x, heads in CHANNELS:
        found = answer(x, heads)
        together = np.concatenate([found[:, h] for h in range(heads)], axis=-1)
        expect_close(together, x.numpy())


find_the_bug_split_heads = Exercise(
    name="find_the_bug_split_heads",
    returns=tensor,
    oracle=_split_heads,
    example=Example(
        (torch.tensor([[[1.0, 2, 3, 4], [5, 6, 7, 8]]]).double(), 2),
        np.array([[[[1.0, 2], [5, 6]], [[3, 4], [7, 8]]]]),
        "head 0 has the first two channels of both",
    ),
    ordinary=CHANNELS,
    properties=(_positions_stay_apart, _side_by_side),
    trainable=("x",),
)


# Numbers to predict

predict_the_layer_weights = predict("predict_the_layer_weights", 24 * 12 * 1024**2)

predict_the_cold_probability = predict("predict_the_cold_probability", 0.36 / 0.46)

EXERCISES = (
    causal_attention,
    sample_token,
    find_the_bug_split_heads,
    predict_the_layer_weights,
    predict_the_cold_probability,
)
