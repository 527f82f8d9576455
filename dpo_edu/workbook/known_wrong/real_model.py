"""Known wrong answers of chapter 17: name = id, docstring = what the learner reads."""

import numpy as np
import torch

from . import same_as, wrong

LORA = "lora_forward"
PARTS = "accumulated_loss"
SPLIT = "split_by_prompt"
INTERVAL = "find_the_bug_interval"
WEIGHTS = "predict_the_learning_weights"
FLAT = "diagnose_the_flat_log"
STEADY = "diagnose_the_steady_log"
WINNING = "diagnose_the_winning_log"


# lora_forward


@wrong(LORA, "the frozen matrix alone")
def frozen_alone(x, weight, a, b, scale):
    """This is the layer without its adapter: the reference. The change, scale * B A x,
    is added to it."""
    return x @ weight.detach().T + 0 * (a.sum() + b.sum())


@same_as(frozen_alone)
def frozen_alone_without_gradients(x, weight, a, b, scale):
    return x @ weight.detach().T


@wrong(LORA, "the adapter alone")
def adapter_alone(x, weight, a, b, scale):
    """This is the change alone. The layer's own W x is kept and the change is added."""
    return scale * (x @ a.T) @ b.T


@wrong(LORA, "scale forgotten")
def scale_forgotten(x, weight, a, b, scale):
    """The change is added without its scale: B A x is multiplied by it first."""
    return x @ weight.detach().T + (x @ a.T) @ b.T


@wrong(LORA, "scale on everything")
def scale_on_everything(x, weight, a, b, scale):
    """The scale multiplies W x as well. Then the layer changes although B is 0."""
    return scale * (x @ weight.detach().T + (x @ a.T) @ b.T)


@wrong(LORA, "scale on the frozen matrix")
def scale_on_the_frozen(x, weight, a, b, scale):
    """The scale multiplies W x and not the change. It belongs to B A x."""
    return scale * (x @ weight.detach().T) + (x @ a.T) @ b.T


@wrong(LORA, "scale twice")
def scale_twice(x, weight, a, b, scale):
    """The scale enters twice, once with A and once with B. It multiplies their product
    once."""
    return x @ weight.detach().T + (scale * x @ a.T) @ (scale * b.T)


@wrong(LORA, "divided by the scale")
def divided_by_scale(x, weight, a, b, scale):
    """The change is divided by the scale. It is multiplied by it."""
    change = (x @ a.T) @ b.T
    return x @ weight.detach().T + (change / scale if scale else change / 1e-300)


@wrong(LORA, "subtracted")
def subtracted(x, weight, a, b, scale):
    """The change is subtracted. It is added."""
    return x @ weight.detach().T - scale * (x @ a.T) @ b.T


@wrong(LORA, "divided by the rank again")
def divided_by_rank(x, weight, a, b, scale):
    """The change is divided by the rank. scale is alpha / rank already."""
    return x @ weight.detach().T + scale / len(a) * (x @ a.T) @ b.T


@wrong(LORA, "multiplied by the rank")
def multiplied_by_rank(x, weight, a, b, scale):
    """The change is multiplied by the rank, as if it were a mean over the rank's
    directions. The product B A adds them up by itself."""
    return x @ weight.detach().T + scale * len(a) * (x @ a.T) @ b.T


@wrong(LORA, "divided by the root of the rank")
def divided_by_root_of_rank(x, weight, a, b, scale):
    """The change is divided by the root of the rank, as in a variant of LoRA. Here the
    scale is given and nothing else multiplies."""
    return x @ weight.detach().T + scale / len(a) ** 0.5 * (x @ a.T) @ b.T


@wrong(LORA, "something between A and B")
def relu_between(x, weight, a, b, scale):
    """What A gives is cut at 0 before B sees it. An adapter is linear, so that it can
    be merged into W."""
    return x @ weight.detach().T + scale * (x @ a.T).relu() @ b.T


@wrong(LORA, "halved")
def halved(x, weight, a, b, scale):
    """W x and the change are averaged. They are added."""
    return (x @ weight.detach().T + scale * (x @ a.T) @ b.T) / 2


@wrong(LORA, "the frozen matrix learns")
def weight_learns(x, weight, a, b, scale):
    """The values are right, but a gradient reaches weight. It is frozen: detach it."""
    return x @ weight.T + scale * (x @ a.T) @ b.T


@wrong(LORA, "A receives no gradient")
def a_detached(x, weight, a, b, scale):
    """The values are right, but A is detached and would never learn. Only weight is
    frozen."""
    return x @ weight.detach().T + scale * (x @ a.detach().T) @ b.T


@wrong(LORA, "B receives no gradient")
def b_detached(x, weight, a, b, scale):
    """The values are right, but B is detached and would stay 0 for ever. Only weight is
    frozen."""
    return x @ weight.detach().T + scale * (x @ a.T) @ b.detach().T


@wrong(LORA, "no gradient at all")
def all_detached(x, weight, a, b, scale):
    """The values are right, but no gradient reaches A and B: nothing would be learned.
    Detach weight alone."""
    return (x @ weight.T + scale * (x @ a.T) @ b.T).detach()


# accumulated_loss


def _filled(losses_per_part):
    return [part for part in losses_per_part if len(part)]


@wrong(PARTS, "mean of means")
def mean_of_means(losses_per_part):
    """This is the mean of the parts' means. It is the mean over all pairs only if the
    parts have equally many: the only pair of a small part counts too much."""
    return torch.stack([part.mean() for part in _filled(losses_per_part)]).mean()


@wrong(PARTS, "mean of means, empty parts counted")
def mean_of_means_with_empty_parts(losses_per_part):
    """This is a mean of the parts' means, and a part without pairs counts as 0 or as
    not a number. Every pair counts once, and an empty part has none."""
    means = [part.sum() / max(len(part), 1) for part in losses_per_part]
    return torch.stack(means).mean()


@same_as(mean_of_means_with_empty_parts)
def mean_of_means_with_nan(losses_per_part):
    return torch.stack([part.mean() for part in losses_per_part]).mean()


@wrong(PARTS, "sum over pairs")
def summed(losses_per_part):
    """This is the sum over all pairs. With it the learning rate would have to change
    with the size of the batch; divide by the number of pairs."""
    return torch.cat(losses_per_part).sum()


@wrong(PARTS, "sum of means")
def sum_of_means(losses_per_part):
    """The parts' means are added. This is what `backward()` on each part's mean
    accumulates, and it grows with the number of parts."""
    return torch.stack([part.mean() for part in _filled(losses_per_part)]).sum()


@wrong(PARTS, "divided by the parts")
def divided_by_parts(losses_per_part):
    """All losses are added and divided by the number of parts. Divide by the number of
    pairs."""
    return torch.cat(losses_per_part).sum() / len(losses_per_part)


@wrong(PARTS, "divided by the filled parts")
def divided_by_filled_parts(losses_per_part):
    """All losses are added and divided by the number of parts that are not empty.
    Divide by the number of pairs."""
    return torch.cat(losses_per_part).sum() / len(_filled(losses_per_part))


@wrong(PARTS, "every part as large as the largest")
def padded(losses_per_part):
    """The divisor is the number of parts times the pairs of the largest one, as if
    padding were pairs. Divide by the pairs that are there."""
    size = len(losses_per_part) * max(map(len, losses_per_part))
    return torch.cat(losses_per_part).sum() / size


@wrong(PARTS, "every part as large as the first")
def like_the_first(losses_per_part):
    """The divisor is the number of parts times the pairs of the first one. Parts are of
    unequal size; divide by the pairs of all."""
    size = len(losses_per_part) * max(len(losses_per_part[0]), 1)
    return torch.cat(losses_per_part).sum() / size


@wrong(PARTS, "the last part alone")
def last_alone(losses_per_part):
    """This is the mean of the last part that has pairs. The others are forgotten, as if
    their gradients had been set to zero in between."""
    return _filled(losses_per_part)[-1].mean()


@wrong(PARTS, "the first part alone")
def first_alone(losses_per_part):
    """This is the mean of the first part that has pairs. All of them belong to the
    batch."""
    return _filled(losses_per_part)[0].mean()


@wrong(PARTS, "the largest parts alone")
def full_parts_alone(losses_per_part):
    """Parts that are smaller than the largest are dropped. Then the longest answers,
    which sit in small parts, are never learned from."""
    size = max(map(len, losses_per_part))
    return torch.cat([part for part in losses_per_part if len(part) == size]).mean()


@wrong(PARTS, "one pair less")
def one_less(losses_per_part):
    """The sum is divided by the number of pairs less 1. That belongs to an estimate of
    a variance, and this is a mean."""
    losses = torch.cat(losses_per_part)
    return losses.sum() / max(len(losses) - 1, 1)


@wrong(PARTS, "a running mean")
def running_mean(losses_per_part):
    """Each part is averaged with the mean of all parts before it, so that the last one
    counts half of everything. Every pair counts the same."""
    first, *rest = [part.mean() for part in _filled(losses_per_part)]
    for mean in rest:
        first = (first + mean) / 2
    return first


@wrong(PARTS, "weighted and divided again")
def divided_twice(losses_per_part):
    """The parts are weighted by their shares of the pairs, and then divided by the
    number of parts once more. The shares add up to 1 already."""
    return torch.cat(losses_per_part).mean() / len(losses_per_part)


@wrong(PARTS, "the median")
def median(losses_per_part):
    """This is a median. One pair that costs much must be felt: take the mean."""
    return torch.cat(losses_per_part).median()


@wrong(PARTS, "the worst part")
def worst_part(losses_per_part):
    """This is the mean of the part that costs most. The loss is one of all pairs."""
    return torch.stack([part.mean() for part in _filled(losses_per_part)]).max()


@wrong(PARTS, "no gradient")
def numbers_alone(losses_per_part):
    """The value is right, but it is made of plain numbers: no gradient flows back to
    the pairs. Stay with tensors."""
    losses = torch.cat(losses_per_part)
    return losses.detach().mean()


@wrong(PARTS, "gradient of the last part alone")
def last_gradient_alone(losses_per_part):
    """The value is right, but a gradient reaches the last part only: the others were
    detached, and nothing would be learned from them."""
    *before, last = _filled(losses_per_part)
    return torch.cat([*(part.detach() for part in before), last]).mean()


# split_by_prompt


def _drawn(prompts, held_out, seed):
    different = [*dict.fromkeys(prompts)]
    order = np.random.default_rng(seed).permutation(len(different))
    return [different[n] for n in order[:held_out]]


def _without(prompts, held):
    return [prompt for prompt in prompts if prompt not in held]


@wrong(SPLIT, "rows drawn")
def rows_drawn(prompts, held_out, seed):
    """Rows are drawn and not prompts: a prompt that is in the file several times can
    stand on both sides."""
    order = np.random.default_rng(seed).permutation(len(prompts))
    held = {*order[:held_out].tolist()}
    training = [prompt for n, prompt in enumerate(prompts) if n not in held]
    return training, [prompts[n] for n in sorted(held)]


@wrong(SPLIT, "as many rows as were to be held out")
def prompts_of_drawn_rows(prompts, held_out, seed):
    """Rows are drawn and their prompts held out. Two rows may have the same prompt, and
    then too few are held out."""
    rows = np.random.default_rng(seed).permutation(len(prompts))[:held_out]
    held = [*dict.fromkeys(prompts[n] for n in rows)]
    return _without(prompts, held), held


@wrong(SPLIT, "the first ones")
def first_ones(prompts, held_out, seed):
    """The first prompts are held out, whatever the seed. A file is seldom in random
    order: draw."""
    held = [*dict.fromkeys(prompts)][:held_out]
    return _without(prompts, held), held


@wrong(SPLIT, "the last ones")
def last_ones(prompts, held_out, seed):
    """The last prompts are held out, whatever the seed. A file is seldom in random
    order: draw."""
    held = [*dict.fromkeys(prompts)][-held_out:]
    return _without(prompts, held), held


@wrong(SPLIT, "without the seed")
def without_the_seed(prompts, held_out, seed):
    """Called again with the same seed, it draws others: nobody could repeat the run.
    Make the generator of the seed."""
    return split_of(prompts, _drawn(prompts, held_out, None))


def split_of(prompts, held):
    """Both sides, for prompts that are held out."""
    return _without(prompts, held), held


@wrong(SPLIT, "one seed for all")
def one_seed_for_all(prompts, held_out, seed):
    """Every seed holds out the same prompts. Make the generator of the seed that is
    given."""
    for fixed in range(100):  # one whose draw is neither the beginning nor the end
        held = _drawn(prompts, held_out, fixed)
        different = [*dict.fromkeys(prompts)]
        if {*held} not in ({*different[:held_out]}, {*different[-held_out:]}):
            break
    return split_of(prompts, held)


@wrong(SPLIT, "sides exchanged")
def sides_exchanged(prompts, held_out, seed):
    """The two lists come in the other order. First what is trained on, then what is
    held out."""
    return split_of(prompts, _drawn(prompts, held_out, seed))[::-1]


@wrong(SPLIT, "held out and trained on")
def nothing_taken_away(prompts, held_out, seed):
    """The prompts that are held out are trained on as well. Take their rows away."""
    return list(prompts), _drawn(prompts, held_out, seed)


@wrong(SPLIT, "one row taken away")
def one_row_taken_away(prompts, held_out, seed):
    """Of a prompt that is held out, only one row is taken away. Its other rows are
    still trained on."""
    held, training = _drawn(prompts, held_out, seed), list(prompts)
    for prompt in held:
        training.remove(prompt)
    return training, held


@wrong(SPLIT, "repetitions lost")
def repetitions_lost(prompts, held_out, seed):
    """The training side has each prompt once. There is a row for each pair of the file:
    keep the repetitions."""
    held = _drawn(prompts, held_out, seed)
    return [*dict.fromkeys(_without(prompts, held))], held


@wrong(SPLIT, "repetitions held out")
def repetitions_held_out(prompts, held_out, seed):
    """A prompt that is held out stands there as often as in the file. Each is asked
    once."""
    held = _drawn(prompts, held_out, seed)
    return _without(prompts, held), [prompt for prompt in prompts if prompt in held]


@wrong(SPLIT, "drawn with putting back")
def put_back(prompts, held_out, seed):
    """A prompt can be drawn twice, and then too few are held out. Draw without putting
    back."""
    different = [*dict.fromkeys(prompts)]
    rows = np.random.default_rng(seed).integers(len(different), size=held_out)
    return split_of(prompts, [*dict.fromkeys(different[n] for n in rows)])


@wrong(SPLIT, "one too many")
def one_too_many(prompts, held_out, seed):
    """One prompt more is held out than was asked for."""
    return split_of(prompts, _drawn(prompts, held_out + 1, seed))


@wrong(SPLIT, "one too few")
def one_too_few(prompts, held_out, seed):
    """One prompt fewer is held out than was asked for."""
    return split_of(prompts, _drawn(prompts, held_out - 1, seed))


@wrong(SPLIT, "so many to train on")
def so_many_to_train_on(prompts, held_out, seed):
    """held_out prompts are left for training and the others are held out. It is the
    other way round."""
    different = {*prompts}
    return split_of(prompts, _drawn(prompts, len(different) - held_out, seed))


@wrong(SPLIT, "frequent prompts drawn more often")
def drawn_among_rows(prompts, held_out, seed):
    """Prompts are drawn by drawing rows, so one that stands in the file twenty times is
    drawn twenty times as easily. Draw among the different prompts."""
    order = np.random.default_rng(seed).permutation(len(prompts))
    return split_of(prompts, [*dict.fromkeys(prompts[n] for n in order)][:held_out])


@wrong(SPLIT, "shuffled")
def shuffled(prompts, held_out, seed):
    """The rows to train on come in another order than in the file. Whoever has answers
    beside them loses the rows' partners."""
    training, held = split_of(prompts, _drawn(prompts, held_out, seed))
    return sorted(training, reverse=seed % 2 == 0), held


# find_the_bug_interval


@wrong(INTERVAL, "the bug itself")
def every_answer_alone(before, after):
    """Every answer counts as a prompt of its own, and the interval is too narrow. Take
    the mean of each prompt first."""
    differences = (after - before).ravel()
    half = 1.96 * differences.std(ddof=1) / np.sqrt(len(differences))
    return differences.mean(), half


@wrong(INTERVAL, "not paired")
def not_paired(before, after):
    """The two variances are added as if other prompts had been asked afterwards. What
    makes a prompt easy cancels in its difference: take differences first."""
    sides = before.mean(axis=1), after.mean(axis=1)
    variance = sum(side.var(ddof=1) / len(side) for side in sides)
    return (after - before).mean(), 1.96 * np.sqrt(variance)


@wrong(INTERVAL, "divided by n")
def divided_by_n(before, after):
    """The standard deviation divides by n. With few prompts that is too sure: divide by
    n - 1."""
    gains = (after - before).mean(axis=1)
    return gains.mean(), 1.96 * gains.std() / np.sqrt(len(gains))


@wrong(INTERVAL, "standard error")
def standard_error(before, after):
    """This is the standard error. The half-width of a 95 % interval is 1.96 of them."""
    gains = (after - before).mean(axis=1)
    return gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))


@wrong(INTERVAL, "standard deviation")
def standard_deviation(before, after):
    """The root of the number of prompts is missing: this says how far prompts differ,
    not how sure their mean is."""
    gains = (after - before).mean(axis=1)
    return gains.mean(), 1.96 * gains.std(ddof=1)


@wrong(INTERVAL, "root of the number of answers")
def root_of_answers(before, after):
    """The spread of the prompts is divided by the root of the number of answers. There
    are only as many independent numbers as prompts."""
    gains = (after - before).mean(axis=1)
    return gains.mean(), 1.96 * gains.std(ddof=1) / np.sqrt(before.size)


@wrong(INTERVAL, "sign")
def sign(before, after):
    """The mean has the wrong sign: it is after - before."""
    gains = (before - after).mean(axis=1)
    return gains.mean(), 1.96 * gains.std(ddof=1) / np.sqrt(len(gains))


@wrong(INTERVAL, "means over prompts")
def over_the_prompts(before, after):
    """The mean went over the prompts and left the answers. It must go over the answers
    of each prompt: axis 1."""
    gains = (after - before).mean(axis=0)
    return gains.mean(), 1.96 * gains.std(ddof=1) / np.sqrt(len(gains))


# predict_the_learning_weights


@wrong(WEIGHTS, "one layer")
def one_layer():
    """This is one layer. The model has thirty."""
    return 8 * (1152 + 768 + 1152 + 2112)


@wrong(WEIGHTS, "A alone")
def a_alone():
    """You counted one of the two matrices of each adapter, the one on the side of the
    inputs. There are A and B."""
    return 30 * 8 * (576 + 576 + 576 + 1536)


@wrong(WEIGHTS, "B alone")
def b_alone():
    """You counted one of the two matrices of each adapter, the one on the side of the
    outputs. There are A and B."""
    return 30 * 8 * (576 + 192 + 576 + 576)


@wrong(WEIGHTS, "whole matrices")
def whole_matrices():
    """These are the four matrices themselves. An adapter has the sum of a matrix's
    sides, times the rank, and not their product."""
    return 30 * (576 * 576 + 576 * 192 + 576 * 576 + 1536 * 576)


@wrong(WEIGHTS, "rank forgotten")
def rank_forgotten():
    """This is an adapter of rank 1. Multiply by the rank."""
    return 30 * (1152 + 768 + 1152 + 2112)


@wrong(WEIGHTS, "sides multiplied")
def sides_multiplied():
    """The sides are multiplied. A has rank * in weights and B has out * rank: add
    them."""
    return 30 * 8 * (576 * 576 + 576 * 192 + 576 * 576 + 1536 * 576)


@wrong(WEIGHTS, "values as wide as queries")
def wide_values():
    """The values' matrix goes from 576 to 192 and not to 576: three heads share one set
    of keys and values."""
    return 30 * 8 * (1152 * 3 + 2112)


@wrong(WEIGHTS, "all weights")
def all_weights():
    """These are all weights of the model. Only the adapter's learn."""
    return 134_515_008


@wrong(WEIGHTS, "in millions")
def in_millions():
    """These are millions. The task asks for the number of weights."""
    return 1.24416


# diagnose_the_flat_log


@wrong(FLAT, "nothing is wrong")
def flat_is_fine():
    """Log 2 is right in the first row. Later it says that the policy is still the
    reference, and yet its answers have changed."""
    return "nothing is wrong"


@wrong(FLAT, "never updated")
def flat_never_updated():
    """The policy was updated: its answers on prompts held out are nats away from the
    reference's."""
    return "the policy is never updated"


@wrong(FLAT, "exchanged")
def flat_exchanged():
    """Exchanged sides are learned like any others: the loss would fall."""
    return "chosen and rejected are exchanged"


@wrong(FLAT, "labels of a coin")
def flat_coin():
    """A coin's labels are ranked right by chance, sometimes more and sometimes less
    than half. Margins of exactly 0 in every row are no chance."""
    return "the labels say nothing about the answers"


@wrong(FLAT, "learning rate")
def flat_rate():
    """With a learning rate that is far too large the loss jumps. Here it does not move
    at all."""
    return "the learning rate is far too large"


# diagnose_the_steady_log


@wrong(STEADY, "nothing is wrong")
def steady_is_fine():
    """The loss falls only when pairs come again. On prompts held out the interval of
    the gain has 0 inside."""
    return "nothing is wrong"


@wrong(STEADY, "the reference moves")
def steady_reference_moves():
    """If the reference moved along, all margins would be 0. Here they grow."""
    return "the reference moves with the policy"


@wrong(STEADY, "exchanged")
def steady_exchanged():
    """Exchanged sides say something true about the answers, so the loss would fall
    while pairs are new. Here it stays near log 2 until they come again."""
    return "chosen and rejected are exchanged"


@wrong(STEADY, "never updated")
def steady_never_updated():
    """The policy learned its pairs: see the margins of the last epoch."""
    return "the policy is never updated"


@wrong(STEADY, "learning rate")
def steady_rate():
    """A learning rate that is far too large shows in the first epoch: losses far above
    log 2. Here the first epoch stays near it."""
    return "the learning rate is far too large"


# diagnose_the_winning_log


@wrong(WINNING, "nothing is wrong")
def winning_is_fine():
    """The log is perfect, and the rule says that the answers have become worse. Which
    column does not come from the file?"""
    return "nothing is wrong"


@wrong(WINNING, "the reference moves")
def winning_reference_moves():
    """If the reference moved along, all margins would be 0. Here they grow."""
    return "the reference moves with the policy"


@wrong(WINNING, "labels of a coin")
def winning_coin():
    """A coin's labels can be learned by heart, but not on pairs that come for the first
    time. Here the loss falls within one epoch."""
    return "the labels say nothing about the answers"


@wrong(WINNING, "never updated")
def winning_never_updated():
    """The policy was updated: loss and margin say so."""
    return "the policy is never updated"


@wrong(WINNING, "learning rate")
def winning_rate():
    """A learning rate that is far too large makes losses that jump, and answers that
    are no language. Here the loss falls steadily."""
    return "the learning rate is far too large"
