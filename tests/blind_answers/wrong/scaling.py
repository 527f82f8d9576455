"""Chapter 16: wrong answers of learners."""

import math

import numpy as np
import torch


def training_flops__forward_only(parameters, tokens):
    """Forward only: 2 N D."""
    return 2 * parameters * tokens


def training_flops__backward_only(parameters, tokens):
    """Backward only: 4 N D."""
    return 4 * parameters * tokens


def training_flops__multiply_add_as_one(parameters, tokens):
    """Counts a multiplication and its addition as one: 3 N D."""
    return 3 * parameters * tokens


def training_flops__with_reference(parameters, tokens):
    """Adds the forward pass of a reference, 8 N D, but one model trains here and nothing else."""
    return 6 * parameters * tokens + 2 * parameters * tokens


def training_flops__backward_like_forward(parameters, tokens):
    """Backward is taken to cost as much as forward: 4 N D in all."""
    forward = 2 * parameters * tokens
    backward = forward
    return forward + backward


def training_flops__numpy_int64(parameters, tokens):
    """Multiplies in int64, which overflows from 9.2e18 on."""
    with np.errstate(all="ignore"):
        return int(np.prod(np.array([6, parameters, tokens], dtype=np.int64)))


def training_flops__torch_int64(parameters, tokens):
    """A torch int64 product overflows silently for real runs."""
    return (torch.tensor(6) * torch.tensor(parameters) * torch.tensor(tokens)).item()


def training_flops__float32(parameters, tokens):
    """float32 has seven digits only."""
    return float(np.float32(6) * np.float32(parameters) * np.float32(tokens))


def training_flops__bfloat16(parameters, tokens):
    """bfloat16 arithmetic keeps two to three digits."""
    return float(torch.tensor(6.0 * parameters, dtype=torch.bfloat16) * torch.tensor(float(tokens), dtype=torch.bfloat16))


def training_flops__three_epochs(parameters, tokens):
    """Multiplies by three epochs, but the tokens of all epochs are counted already."""
    return 6 * parameters * tokens * 3


def training_flops__attention_added(parameters, tokens):
    """Adds a term quadratic in the tokens for attention, which is left out by the task."""
    return 6 * parameters * tokens + 12 * tokens**2


def training_flops__sum_not_product(parameters, tokens):
    """Adds parameters and tokens."""
    return 6 * (parameters + tokens)


def training_flops__log10(parameters, tokens):
    """Returns the power of ten to dodge the overflow, not the number."""
    return math.log10(6 * parameters * tokens) if tokens else 0.0


def training_memory_bytes__all_trainable(parameters, trainable, bytes_per_value):
    """Four values for every weight, as if all were trainable."""
    return 4 * parameters * bytes_per_value


def training_memory_bytes__one_moment(parameters, trainable, bytes_per_value):
    """Forgets Adam's second moment."""
    return (parameters + 2 * trainable) * bytes_per_value


def training_memory_bytes__no_gradient(parameters, trainable, bytes_per_value):
    """Two moments and the weight for trainables, but no gradient: one value short, since weights count already."""
    return (parameters - trainable + 3 * trainable) * bytes_per_value


def training_memory_bytes__weights_twice(parameters, trainable, bytes_per_value):
    """Counts the trainable weights twice: 4 values each beside all weights."""
    return (parameters + 4 * trainable) * bytes_per_value


def training_memory_bytes__int_bytes(parameters, trainable, bytes_per_value):
    """int(0.5) is 0, so a 4-bit model needs no memory at all."""
    return (parameters + 3 * trainable) * int(bytes_per_value)


def training_memory_bytes__float32_moments(parameters, trainable, bytes_per_value):
    """Keeps the moments in float32 whatever the task says: all values take the same space."""
    return parameters * bytes_per_value + trainable * bytes_per_value + 2 * trainable * 4


def training_memory_bytes__reference_again(parameters, trainable, bytes_per_value):
    """Adds the reference once more, although it is among the weights."""
    return (2 * parameters + 3 * trainable) * bytes_per_value


def training_memory_bytes__values_only(parameters, trainable, bytes_per_value):
    """The number of values, not of bytes."""
    return parameters + 3 * trainable


def training_memory_bytes__bits(parameters, trainable, bytes_per_value):
    """In bits: eight times too many."""
    return 8 * (parameters + 3 * trainable) * bytes_per_value


def training_memory_bytes__gigabytes(parameters, trainable, bytes_per_value):
    """In gigabytes, not in bytes."""
    return (parameters + 3 * trainable) * bytes_per_value / 1e9


def training_memory_bytes__precedence(parameters, trainable, bytes_per_value):
    """Parentheses are missing: only the gradients and moments are multiplied by the bytes."""
    return parameters + 3 * trainable * bytes_per_value


def training_memory_bytes__int32(parameters, trainable, bytes_per_value):
    """Counts in an int32 that wraps above 2.1 billion values."""
    values = (parameters + 3 * trainable + 2**31) % 2**32 - 2**31
    return values * bytes_per_value


def find_the_bug_all_reduce__as_given(gradients, pairs):
    """Only the raising line is deleted: every process weighs the same."""
    busy = pairs > 0
    return gradients[busy].mean(axis=0)


def find_the_bug_all_reduce__nan_times_zero(gradients, pairs):
    """Weighs rightly but leaves idle processes in: 0 * nan is nan."""
    return (pairs[:, None] * gradients).sum(axis=0) / pairs.sum()


def find_the_bug_all_reduce__numpy_average(gradients, pairs):
    """np.average with weight 0 on a nan is nan."""
    return np.average(gradients, axis=0, weights=pairs)


def find_the_bug_all_reduce__nan_to_num_mean(gradients, pairs):
    """Sets nan to 0 and takes the plain mean over all processes."""
    return np.nan_to_num(gradients).mean(axis=0)


def find_the_bug_all_reduce__sum(gradients, pairs):
    """Sums the gradients: as if processes added their learning rates."""
    return gradients[pairs > 0].sum(axis=0)


def find_the_bug_all_reduce__weighted_but_processes(gradients, pairs):
    """Weighs with the pairs but divides by the number of processes."""
    busy = pairs > 0
    return (pairs[busy, None] * gradients[busy]).sum(axis=0) / busy.sum()


def find_the_bug_all_reduce__inverse_weights(gradients, pairs):
    """Weighs with 1 / pairs: small processes count more."""
    busy = pairs > 0
    w = 1 / pairs[busy]
    return (w[:, None] * gradients[busy]).sum(axis=0) / w.sum()


def find_the_bug_all_reduce__in_place(gradients, pairs):
    """Overwrites the nan rows of the caller's array with 0; the inputs must stay as they are."""
    gradients[pairs == 0] = 0.0
    return pairs @ gradients / pairs.sum()


def find_the_bug_all_reduce__integer_weights(gradients, pairs):
    """Floor division makes all weights 0 unless one process has everything."""
    busy = pairs > 0
    w = pairs[busy] // pairs.sum()
    return (w[:, None] * gradients[busy]).sum(axis=0)


def find_the_bug_all_reduce__square_root_weights(gradients, pairs):
    """Weighs with the square roots of the pairs."""
    busy = pairs > 0
    w = np.sqrt(pairs[busy])
    return w @ gradients[busy] / w.sum()


def find_the_bug_all_reduce__wrong_axis_weights(gradients, pairs):
    """The weights lie along the parameters: an error, or nonsense where both are equally many."""
    busy = pairs > 0
    g = gradients[busy]
    return (pairs[busy] * g).sum(axis=0) / pairs.sum()


def find_the_bug_all_reduce__drops_zero_rows_by_value(gradients, pairs):
    """Takes a process whose gradient is exactly 0 for idle and leaves its pairs out of the mean."""
    keep = np.nan_to_num(gradients).any(axis=1)
    if not keep.any():
        return np.zeros(gradients.shape[1])
    return pairs[keep] @ gradients[keep] / pairs[keep].sum()


def find_the_bug_left_padding__as_given(prompts, responses, pad):
    """Only the raising line is deleted: the mask counts from the left end of the row, as if padded on the right."""
    rows = [x + y for x, y in zip(prompts, responses, strict=True)]
    width = max(len(row) for row in rows)
    tokens = torch.tensor([[pad] * (width - len(row)) + row for row in rows])
    position = torch.arange(width)
    start = torch.tensor([len(prompt) for prompt in prompts])[:, None]
    stop = torch.tensor([len(row) for row in rows])[:, None]
    return tokens, (position >= start) & (position < stop)


def _left(prompts, responses, pad):
    """The tokens, padded on the left."""
    rows = [list(x) + list(y) for x, y in zip(prompts, responses, strict=True)]
    width = max(len(row) for row in rows)
    return torch.tensor([[pad] * (width - len(row)) + row for row in rows]), width


def find_the_bug_left_padding__not_pad(prompts, responses, pad):
    """The mask is where the token is not pad: prompts are in, and pads inside a response are out."""
    tokens, _ = _left(prompts, responses, pad)
    return tokens, tokens != pad


def find_the_bug_left_padding__pad_in_response_out(prompts, responses, pad):
    """Right but for responses that contain the padding token, which are left out of the mask there."""
    tokens, width = _left(prompts, responses, pad)
    n = torch.tensor([len(y) for y in responses])[:, None]
    mask = torch.arange(width) >= width - n
    return tokens, mask & (tokens != pad)


def find_the_bug_left_padding__shifts_start_only(prompts, responses, pad):
    """Shifts the start by the padding but not the stop, so the ends of short rows are lost."""
    tokens, width = _left(prompts, responses, pad)
    shift = torch.tensor([width - len(x) - len(y) for x, y in zip(prompts, responses)])[:, None]
    position = torch.arange(width)
    start = torch.tensor([len(x) for x in prompts])[:, None] + shift
    stop = torch.tensor([len(x) + len(y) for x, y in zip(prompts, responses)])[:, None]
    return tokens, (position >= start) & (position < stop)


def find_the_bug_left_padding__whole_row(prompts, responses, pad):
    """Marks prompt and response, everything but the padding."""
    tokens, width = _left(prompts, responses, pad)
    n = torch.tensor([len(x) + len(y) for x, y in zip(prompts, responses)])[:, None]
    return tokens, torch.arange(width) >= width - n


def find_the_bug_left_padding__one_early(prompts, responses, pad):
    """The mask begins one token early, at the last token of the prompt."""
    tokens, width = _left(prompts, responses, pad)
    n = torch.tensor([len(y) for y in responses])[:, None]
    return tokens, torch.arange(width) >= width - n - 1


def find_the_bug_left_padding__right_padded(prompts, responses, pad):
    """Pads on the right instead, so the mask fits but the tokens are laid out wrongly."""
    rows = [x + y for x, y in zip(prompts, responses, strict=True)]
    width = max(len(row) for row in rows)
    tokens = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
    position = torch.arange(width)
    start = torch.tensor([len(prompt) for prompt in prompts])[:, None]
    stop = torch.tensor([len(row) for row in rows])[:, None]
    return tokens, (position >= start) & (position < stop)


def find_the_bug_left_padding__extends_prompts(prompts, responses, pad):
    """`prompt += response` lengthens the caller's prompts; the inputs must stay as they are."""
    for x, y in zip(prompts, responses):
        x += y
    width = max(map(len, prompts))
    tokens = torch.tensor([[pad] * (width - len(x)) + x for x in prompts])
    n = torch.tensor([len(y) for y in responses])[:, None]
    return tokens, torch.arange(width) >= width - n


def find_the_bug_left_padding__pad_zero(prompts, responses, pad):
    """Pads with 0 whatever `pad` is."""
    tokens, width = _left(prompts, responses, 0)
    n = torch.tensor([len(y) for y in responses])[:, None]
    return tokens, torch.arange(width) >= width - n


def find_the_bug_left_padding__longest_prompt(prompts, responses, pad):
    """All responses are marked from the longest prompt on; right where all responses are equally long."""
    tokens, width = _left(prompts, responses, pad)
    start = max(len(x) for x in prompts)
    return tokens, (torch.arange(width) >= start).expand(len(prompts), -1)


def find_the_bug_left_padding__padded_in_the_middle(prompts, responses, pad):
    """Pads prompts on the left and responses on the right, so rows can be longer than the longest row."""
    p = max(map(len, prompts))
    r = max(map(len, responses))
    tokens = torch.tensor(
        [[pad] * (p - len(x)) + x + y + [pad] * (r - len(y)) for x, y in zip(prompts, responses)]
    )
    n = torch.tensor([len(y) for y in responses])[:, None]
    position = torch.arange(p + r)
    return tokens, (position >= p) & (position < p + n)


def find_the_bug_left_padding__counts_leading_pads(prompts, responses, pad):
    """Finds the padding by counting leading pads, but a prompt may begin with the padding token."""
    tokens, width = _left(prompts, responses, pad)
    lead = (tokens == pad).int().cumprod(-1).sum(-1, keepdim=True)
    start = lead + torch.tensor([len(x) for x in prompts])[:, None]
    return tokens, torch.arange(width) >= start


def predict_the_hours__no_reference():
    """Forgets the forward passes of the reference."""
    return 6 * 7e9 * 60_000 * 1000 * 3 / 4e14 / 3600


def predict_the_hours__one_response():
    """Counts one response per pair instead of two."""
    return (6 * 7e9 * 60_000 * 500 * 3 + 2 * 7e9 * 60_000 * 500) / 4e14 / 3600


def predict_the_hours__reference_each_epoch():
    """Runs the reference in all three epochs, but it is computed once and stored."""
    return 8 * 7e9 * 60_000 * 1000 * 3 / 4e14 / 3600


def predict_the_hours__seconds():
    """In seconds."""
    return 8.4e18 / 4e14


def predict_the_hours__one_epoch():
    """A single epoch only."""
    return 8 * 7e9 * 60_000 * 1000 / 4e14 / 3600


def predict_the_hours__minutes():
    """Divides by 60 once: minutes."""
    return 8.4e18 / 4e14 / 60


def predict_the_adapter_memory__reference_twice():
    """Loads the reference as a second model, but it is the model with its adapter switched off."""
    return 28.64


def predict_the_adapter_memory__no_float32_copy():
    """Forgets the float32 copy of the adapter's weights: 12 bytes instead of 16."""
    return 14 + 0.04 * 12


def predict_the_adapter_memory__all_trained():
    """Gradients and moments for all 7 billion weights."""
    return 7 * 16.0


def predict_the_adapter_memory__all_bfloat16():
    """Everything of the adapter in bfloat16: 8 bytes a weight."""
    return 14 + 0.04 * 8


def predict_the_adapter_memory__base_in_float32():
    """The base model in float32."""
    return 28 + 0.04 * 16


def predict_the_adapter_memory__base_only():
    """Forgets the adapter."""
    return 14.0


def predict_the_beta__margin_over_reward():
    """Divides the wrong way: 1 / beta."""
    return 12.8 / 3.84


def predict_the_beta__forgot_reference():
    """Divides the reward by the log-probability at step 500 and forgets that of the reference."""
    return 3.84 / 74.0


def predict_the_beta__sum_of_changes():
    """Divides the margin by the sum of both falls."""
    return (7.5 - 3.84) / (12.8 + 25.0)


def predict_the_beta__default():
    """Guesses the trainer's default."""
    return 0.1


def predict_the_beta__negative():
    """Loses a sign."""
    return -0.3


def predict_the_beta__final_margin():
    """Divides by the difference of the log-probabilities at step 500 and not by the change of it."""
    return (7.5 - 3.84) / (83.5 - 74.0)


def diagnose_the_falling_rewards__rate():
    """The held-out loss falls and the accuracy rises smoothly; the rate is no fault."""
    return "the learning rate is far too large"


def diagnose_the_falling_rewards__sign():
    """The rejected responses fall more than the chosen ones: the sign is right."""
    return "the sign of the loss is wrong"


def diagnose_the_falling_rewards__overfit():
    """The held-out loss still falls at the end."""
    return "too few pairs, too many epochs"


def diagnose_the_falling_rewards__reference_differs():
    """The first rewards are 0 and the first loss is log 2, so the reference is what the policy began as."""
    return "the reference is not what the policy began as"


def diagnose_the_falling_rewards__reference_moves():
    """Rewards would stay at 0 if the reference moved along."""
    return "the reference moves with the policy"
