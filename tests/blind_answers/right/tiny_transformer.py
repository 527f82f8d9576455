"""Right answers in unusual styles to the exercises of chapter 09."""

import math

import numpy as np
import torch


def causal_attention__loop_over_positions(q, k, v):
    """Unusual: a loop over the positions; no mask, only the past is read."""
    out = []
    for t in range(q.shape[2]):
        s = torch.einsum("bhd,bhsd->bhs", q[:, :, t], k[:, :, : t + 1]) / math.sqrt(q.shape[3])
        out.append(torch.einsum("bhs,bhsd->bhd", torch.softmax(s, -1), v[:, :, : t + 1]))
    return torch.stack(out, 2)


def causal_attention__einsum(q, k, v):
    """Unusual: einsum and a comparison of positions, with -1e30 in place of -inf."""
    T = q.size(-2)
    s = torch.einsum("...td,...sd->...ts", q, k) * q.size(-1) ** -0.5
    t = torch.arange(T)
    s = torch.where(t[:, None] >= t, s, torch.tensor(-1e30, dtype=s.dtype))
    return torch.einsum("...ts,...sd->...td", s.softmax(-1), v)


def causal_attention__masked_exponentials(q, k, v):
    """Unusual: exponentials and sums by hand, with the maximum of the past subtracted."""
    past = torch.tril(torch.ones(q.shape[2], q.shape[2], dtype=torch.bool))
    s = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(~past, -math.inf)
    e = torch.exp(s - s.amax(-1, keepdim=True).detach())
    return (e @ v) / e.sum(-1, keepdim=True)


def causal_attention__online_softmax(q, k, v):
    """Unusual: the online softmax, one key after the other, with a running maximum."""
    B, H, T, D = q.shape
    rows = torch.arange(T)
    peak = torch.full((B, H, T, 1), -math.inf, dtype=q.dtype)
    norm = torch.zeros(B, H, T, 1, dtype=q.dtype)
    acc = torch.zeros_like(v)
    for s in range(T):
        score = (q * k[:, :, s : s + 1]).sum(-1, keepdim=True) / D**0.5
        may = (rows >= s)[:, None]
        new = torch.where(may, torch.maximum(peak, score), peak).detach()
        safe = torch.where(torch.isinf(new), torch.zeros_like(new), new)
        old = torch.exp(torch.where(torch.isinf(peak), torch.full_like(peak, -math.inf), peak - safe)).detach()
        w = torch.where(may, torch.exp(torch.where(may, score - safe, torch.zeros_like(score))), torch.zeros_like(score))
        acc = acc * old + w * v[:, :, s : s + 1]
        norm = norm * old + w
        peak = new
    return acc / norm


class _Attention:
    def __call__(self, q, k, v, *, dropout=0.0):
        bias = torch.zeros(q.shape[-2], q.shape[-2], dtype=q.dtype)
        bias += torch.full_like(bias, float("-inf")).triu(1)
        return torch.baddbmm(
            bias, (q / q.shape[-1] ** 0.5).flatten(0, 1), k.flatten(0, 1).transpose(1, 2)
        ).softmax(-1).bmm(v.flatten(0, 1)).view_as(v)


causal_attention__callable_class = _Attention()
causal_attention__callable_class.__doc__ = """Unusual: an object with __call__ that joins batch and heads for baddbmm."""


def sample_token__gumbel(logits, temperature, generator):
    """Unusual: the Gumbel-max trick."""
    u = torch.rand(logits.shape, generator=generator, dtype=torch.float64)
    return torch.argmax(logits / temperature - torch.log(-torch.log(u)), -1)


def sample_token__exponential_race(logits, temperature, generator):
    """Unusual: a race of exponential clocks, in logs."""
    clock = torch.empty_like(logits).exponential_(generator=generator)
    return (clock.log() - logits / temperature).argmin(dim=1)


def sample_token__inverse_cdf(logits, temperature, generator):
    """Unusual: inverts the cumulative sum, with one uniform number per row, as int32."""
    p = torch.softmax(logits / temperature, -1)
    cdf = p.cumsum(-1)
    u = torch.rand(len(logits), 1, generator=generator, dtype=torch.float64) * cdf[:, -1:]
    return torch.searchsorted(cdf, u, right=True).clamp(max=logits.shape[1] - 1).squeeze(1).int()


def sample_token__row_by_row(logits, temperature, generator):
    """Unusual: one multinomial draw after the other, in a list comprehension."""
    return torch.tensor([
        torch.multinomial((row / temperature).softmax(0), 1, generator=generator).item() for row in logits
    ])


def sample_token__numpy_seeded(logits, temperature, generator):
    """Unusual: draws a seed from the generator and lets a local numpy generator choose."""
    rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    z = logits.detach().numpy() / temperature
    p = np.exp(z - z.max(1, keepdims=True))
    return torch.as_tensor([rng.choice(len(r), p=r / r.sum()) for r in p])


def find_the_bug_split_heads__chunks(x, heads):
    """Unusual: chunks of channels stacked as heads."""
    return torch.stack(x.chunk(heads, dim=2), dim=1)


def find_the_bug_split_heads__unflatten(x, heads):
    """Unusual: unflatten and movedim, a view with strides."""
    return x.unflatten(-1, (heads, -1)).movedim(2, 1)


def find_the_bug_split_heads__einsum(x, heads):
    """Unusual: an einsum that only permutes."""
    b, t, c = x.shape
    return torch.einsum("bthd->bhtd", x.view(b, t, heads, c // heads) if x.is_contiguous() else x.reshape(b, t, heads, c // heads))


def find_the_bug_split_heads__slices(x, heads):
    """Unusual: fills a new tensor head by head from slices."""
    B, T, C = x.shape
    D = C // heads
    out = x.new_empty(B, heads, T, D)
    for h in range(heads):
        out[:, h] = x[:, :, h * D : (h + 1) * D]
    return out


def predict_the_layer_weights__shapes():
    """Unusual: adds up the sizes of listed shapes and returns an int."""
    shapes = [(1024, 3 * 1024), (1024, 1024), (1024, 4096), (4096, 1024)]
    return 24 * sum(a * b for a, b in shapes)


def predict_the_layer_weights__rounded():
    """Unusual: a float with three digits."""
    return 3.02e8


def predict_the_cold_probability__tensor():
    """Unusual: a 0-d tensor from log, division by the temperature and softmax."""
    p = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64)
    return torch.softmax(p.log() / 0.5, 0)[0]


def predict_the_cold_probability__by_hand():
    """Unusual: whole numbers, 36 of 46."""
    return 36 / 46
