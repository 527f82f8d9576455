"""Chapter 17, solutions: the slow, obvious version of each exercise, and why."""

import numpy as np


def lora_forward(x, weight, a, b, scale):
    """Compute what a layer with a LoRA adapter returns.

    The layer's own matrix W is frozen. Beside it two thin matrices learn, A and B, and
    what they do is added: each row x becomes W x + scale * B A x. Gradients reach a and
    b, and none reaches weight. Libraries set scale = alpha / rank; here it is given.

    x: a float64 tensor of shape (N, in), one input per row. weight: (out, in), the
    matrix W. a: (rank, in), the matrix A. b: (out, rank), the matrix B; it is all 0
    before training. scale: a float.
    Returns a float64 tensor of shape (N, out).

    By hand: x = (1, 2), W the 2 by 2 identity, A = (1 1), B = (2 0) as a column, scale
    0.5. A x = 3 and B A x = (6, 0), so the layer returns (1, 2) + (3, 0) = (4, 2).
    """
    # W and B A are both matrices from in to out. W is the same for policy and
    # reference; without the second term, this is the reference. Rows are inputs, so the
    # matrices stand transposed on the right.
    frozen = x @ weight.detach().T  # (N, out)
    return frozen + scale * (x @ a.T) @ b.T


def accumulated_loss(losses_per_part):
    """Compute the loss of a batch that went through the model in parts.

    A batch that does not fit into memory is cut into parts of similar length, and long
    answers make small parts: the parts have unequally many pairs. The loss of the batch
    is the mean over all of its pairs, so that every pair pulls equally hard, however
    the batch was cut.

    losses_per_part: a list of float64 tensors, one per part, each of shape (pairs of
    the part,) with the loss of every pair. A part may be empty; not all of them are.
    Returns a float64 tensor without dimensions, through which gradients flow back.

    By hand: parts (1, 2, 3) and (10) have the means 2 and 10, and the loss is (1 + 2 +
    3 + 10) / 4 = 4.
    """
    # A mean of the parts' means would let the only pair of a small part count as much
    # as all pairs of a large one. Sum first, and divide once.
    total = sum(losses.sum() for losses in losses_per_part)
    return total / sum(len(losses) for losses in losses_per_part)


def split_by_prompt(prompts, held_out, seed):
    """Keep some prompts apart, on which the trained model will be judged.

    A file of pairs names many a prompt several times. If pairs are drawn to be held
    out, a prompt can stand on both sides, and the verdict is one on questions that were
    trained on. So prompts are drawn: held_out different ones, each of them with the
    same chance, however often it stands in the list.

    prompts: a list of strings, one for each pair of the file. held_out: an integer from
    1 to the number of different prompts less 1. seed: an integer; the same seed draws
    the same prompts, and other seeds draw others.
    Returns (training, held): two lists of strings. training is the list prompts without
    those held out, in its order, with all repetitions; held has each prompt that is
    held out once, in any order.

    By hand: of ["a", "b", "a", "c"] one is to be held out. If "c" is drawn, the result
    is (["a", "b", "a"], ["c"]); if "a" is drawn, it is (["b", "c"], ["a"]).
    """
    # Draw among the different prompts; only then go through the rows. dict.fromkeys
    # keeps each prompt once and in order, which a set does not: sets of strings have
    # another order in every process, and the same seed would draw others.
    different = [*dict.fromkeys(prompts)]
    order = np.random.default_rng(seed).permutation(len(different))
    held = [different[n] for n in order[:held_out]]
    return [prompt for prompt in prompts if prompt not in held], held


def find_the_bug_interval(before, after):
    """Find the bug: is the trained model better on the prompts held out?

    Each prompt was answered several times before training and several times after it,
    and a rule has scored all answers. Prompts are drawn independently of each other.
    Answers to one prompt are not: an easy prompt is easy for all of them. So the unit
    of the comparison is the prompt. The code below finds the right mean; yet one thing
    is wrong. Delete the line that raises, find the bug and mend it.

    before, after: float64 arrays of shape (prompts, answers), at least two prompts.
    Returns (mean, half), two numbers: the mean difference after - before, and the
    half-width of its 95 % interval, 1.96 standard errors, where the standard deviation
    of n values divides by n - 1.

    By hand: two prompts with two answers each score (0, 0) and (1, 1) before, (2, 0)
    and (4, 4) after. The differences of the prompts are 1 and 3: mean 2, standard
    deviation sqrt(2), standard error sqrt(2) / sqrt(2) = 1, half-width 1.96.
    """
    # The bug was .ravel(): it counts every answer as a prompt of its own. With m
    # answers a prompt it promised intervals up to sqrt(m) times too narrow, and judging
    # a model on more answers to the same few prompts would have made it seem ever
    # surer.
    differences = (after - before).mean(axis=1)  # (prompts,)
    half = 1.96 * differences.std(ddof=1) / np.sqrt(len(differences))
    return differences.mean(), half


def predict_the_learning_weights():
    """Predict the number: how many weights of the real model learn?

    SmolLM2-135M has 30 layers of width 576. In each, four matrices get an adapter of
    rank 8: the queries' (from 576 to 576), the values' (from 576 to 192), the one that
    puts attention's heads together (from 576 to 576), and the last one of the MLP (from
    1,536 to 576). Everything else is frozen. An adapter of a matrix from n to m has a
    matrix A (rank, n) and a matrix B (m, rank).

    Work it out on paper first. Returns the number of weights that learn, right to three
    digits.
    """
    # A and B of one matrix have rank * (in + out) weights: sums of the sides, where the
    # matrix itself has their product.
    sides = [576 + 576, 576 + 192, 576 + 576, 1536 + 576]
    return 30 * 8 * sum(sides)


def diagnose_the_flat_log():
    """Diagnose the run: a loss that does not move.

    A real log of chapter 17's model: 41 pairs, each seen once, beta 0.1, 4 pairs per
    step and one in the last, an adapter of rank 8. Columns: loss, margin and accuracy
    of the batch, and its mean implicit rewards of chosen and of rejected answers.

        step        loss      margin    accuracy    r_chosen  r_rejected
           0      0.6931       0.000       0.500       0.000       0.000
           2      0.6931       0.000       0.500       0.000       0.000
           4      0.6931       0.000       0.500       0.000       0.000
           6      0.6931       0.000       0.500       0.000       0.000
           8      0.6931       0.000       0.500       0.000       0.000
          10      0.6931       0.000       0.500       0.000       0.000

    On 48 prompts held out, the rule by which the pairs were to be made gained +0.46 ±
    0.12 points, and the answers are 22.6 nats away from the reference's.

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the reference moves with the policy"
        "chosen and rejected are exchanged"
        "the labels say nothing about the answers"
        "the policy is never updated"
        "the learning rate is far too large"
    """
    # A margin of exactly 0 on every batch, from a policy that has moved by many nats:
    # what is subtracted from it has moved along. With an adapter, the reference is the
    # model with the adapter switched off; here somebody forgot to switch it off.
    return "the reference moves with the policy"


def diagnose_the_steady_log():
    """Diagnose the run: a run that learns its pairs.

    A real log of chapter 17's model: 41 pairs, each seen three times, in steps 0 to 10,
    11 to 21 and 22 to 32; beta 0.1, an adapter of rank 8, 4 pairs in each step that is
    shown. Columns: loss, margin and accuracy of the batch, and its mean implicit
    rewards of chosen and of rejected answers.

        step        loss      margin    accuracy    r_chosen  r_rejected
           1      0.6887       0.009       0.750      -0.003      -0.012
           3      0.6626       0.067       0.500      -0.098      -0.165
           6      0.7183       0.025       0.500      -0.446      -0.471
           9      0.7741      -0.123       0.250      -0.564      -0.442
          13      0.0443       3.188       1.000       0.714      -2.474
          16      0.0744       2.955       1.000       0.438      -2.517
          19      0.0403       3.666       1.000      -0.215      -3.881
          20      0.0321       5.231       1.000       0.096      -5.135
          24      0.0022       6.350       1.000      -0.060      -6.410
          27      0.0005       7.747       1.000      -0.516      -8.263
          30      0.0008       7.501       1.000      -0.924      -8.425
          31      0.0002       8.709       1.000      -0.862      -9.571

    On 48 prompts held out, the rule by which the pairs were to be made gained +0.10 ±
    0.12 points, and the answers are 24.4 nats away from the reference's.

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the reference moves with the policy"
        "chosen and rejected are exchanged"
        "the labels say nothing about the answers"
        "the policy is never updated"
        "the learning rate is far too large"
    """
    # On the first visit the loss stays near log 2: nothing that one pair says helps
    # with the next. Later visits show memory alone, an adapter with 1.2 million
    # weights, and right labels would be remembered too. On prompts held out no gain is
    # resolved.
    return "the labels say nothing about the answers"


def diagnose_the_winning_log():
    """Diagnose the run: a run that wins.

    A real log of chapter 17's model: 48 pairs, each seen once, beta 0.1, 4 pairs per
    step, an adapter of rank 8. Columns: loss, margin and accuracy of the batch, and its
    mean implicit rewards of chosen and of rejected answers.

        step        loss      margin    accuracy    r_chosen  r_rejected
           1      0.6961      -0.006       0.500       0.012       0.018
           3      0.6873       0.012       0.750      -0.020      -0.032
           5      0.6050       0.210       0.750      -0.142      -0.351
           7      0.6090       0.261       0.500      -0.242      -0.504
           9      0.5728       0.270       0.750      -0.901      -1.171
          11      0.5891       0.311       0.500      -0.482      -0.793

    On 48 prompts held out, the rule by which the pairs were to be made gained -3.43 ±
    1.73 points, and the answers are 5.8 nats away from the reference's. Which cause
    would you look for first?

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the reference moves with the policy"
        "chosen and rejected are exchanged"
        "the labels say nothing about the answers"
        "the policy is never updated"
        "the learning rate is far too large"
    """
    # What the pairs say was learned while they were new, and in this run it holds for
    # prompts held out. But it is the opposite of the rule: only a column that does not
    # come from the file can tell.
    return "chosen and rejected are exchanged"
