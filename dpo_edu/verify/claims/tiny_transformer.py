"""Claims of chapter 09: what the decoder sees, what it costs, how it starts."""

from functools import cache

import torch
from torch import nn

from ...bradley_terry import log_sigmoid
from ...experiments.sequence_logprob.toy_language import language
from ...experiments.training.dropout import first_log_ratios
from ...scaling.model_size import forward_flops, parameter_count
from ...sequence_logprob import sequence_logprob
from ...tiny_transformer import Block, ModelConfig, TinyTransformer, causal_attention
from ..claim import FLOAT64, Claim, above, below, near

GPT2 = ModelConfig(50257, 1024, width=768, layers=12, heads=12)
SMALL = ModelConfig(vocabulary=5, context=5, width=32, layers=1, heads=2)
world = cache(language)


def opinionated(attend=causal_attention) -> TinyTransformer:
    """An untrained model with a random head, so that something can move."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = TinyTransformer(SMALL, attend).double()
        nn.init.normal_(model.head.weight)
    return model.requires_grad_(False)


def mixed_values() -> float:
    """What position 1 takes home in the example by hand."""
    q, k, v = torch.tensor([[0.0, 1], [1, 3], [10, 20]]).double().view(3, 1, 1, 2, 1)
    return causal_attention(q, k.log(), v)[0, 0, 1, 0].item()


def without_mask(q, k, v) -> torch.Tensor:
    """Attention that forgot its mask."""
    return nn.functional.scaled_dot_product_attention(q, k, v)


def moved_before_a_change(attend) -> float:
    """The largest move of logits before the one token that was replaced."""
    model, row = opinionated(attend), world().tokens[[16]]
    others = row.repeat(5, 1)
    others[range(5), range(5)] += 1
    moved = (model(others % 5) - model(row)).abs().amax(-1)  # (5, T)
    return moved.tril(-1).max().item()


def total(attend) -> float:
    """Σ π(y | x) over the 85 answers of the small language."""
    logits, tokens = opinionated(attend)(world().tokens), world().tokens
    return sequence_logprob(logits, tokens, world().mask).exp().sum().item()


def gpt2_parameters() -> int:
    """Those of GPT-2 small, whose head is its token vectors."""
    tables = (GPT2.vocabulary + GPT2.context) * GPT2.width
    return GPT2.layers * parameter_count(Block(GPT2)) + tables + 2 * GPT2.width


def share_of_attention(tokens: int) -> float:
    """The T x T part of all arithmetic of a forward pass, for GPT-2 small."""
    return 4 * 12 * 768 * tokens**2 / forward_flops(GPT2, tokens)


def first_loss() -> float:
    """Cross-entropy per token of an untrained model of five words, head zero."""
    model = opinionated()
    nn.init.zeros_(model.head.weight)
    logits = model(world().tokens)[:, :-1].flatten(0, 1)
    return nn.functional.cross_entropy(logits, world().tokens[:, 1:].flatten()).item()


def empty_block() -> float:
    """How far a block moves its input when both branches end in zeros."""
    block = Block(SMALL).double().requires_grad_(False)
    for layer in (block.out, block.down):
        for weight in layer.parameters():
            nn.init.zeros_(weight)
    x = torch.arange(160.0).double().reshape(1, 5, 32)
    return (block(x) - x).abs().max().item()


def dropout_excess() -> float:
    """The first DPO loss above log 2, per pair of equal policies with dropout 0.1."""
    model = opinionated()
    tokens, mask = world().tokens[:84], world().mask[:84]
    margins = first_log_ratios(model, 0.1, tokens, mask)
    both = torch.cat([margins, -margins])  # either side of the pair may be chosen
    loss = -nn.functional.logsigmoid(both).mean()
    return loss.item() + float(log_sigmoid(0.0))


CLAIMS = (
    Claim(
        "09-attention",
        "Attention is a weighted mean over the past: scores 0 and log 3 mix the values "
        "10 and 20 to 17.5.",
        "Two positions",
        "causal_attention",
        mixed_values,
        near(17.5),
    ),
    Claim(
        "09-causal",
        "Changing a token changes no logits before it.",
        "The test, as a picture",
        "the largest move before the change, over five changed tokens",
        lambda: moved_before_a_change(causal_attention),
        below(1e-12),
        FLOAT64,
    ),
    Claim(
        "09-test-can-fail",
        "The same test turns red when the mask is forgotten: logits before the change "
        "move by more than 0.1.",
        "The test, as a picture",
        "the same with PyTorch's attention without its causal flag",
        lambda: moved_before_a_change(without_mask),
        above(0.1),
        FLOAT64,
    ),
    Claim(
        "09-sum",
        "With a causal model the probabilities of all 85 answers sum to 1, before any "
        "training.",
        "What the sum of chapter 08 says",
        "sequence_logprob over all answers",
        lambda: total(causal_attention),
        near(1.0),
    ),
    Claim(
        "09-sum-leaks",
        "Without the mask they do not: the sum misses 1 by more than 0.001.",
        "What the sum of chapter 08 says",
        "the same with the mask forgotten",
        lambda: abs(total(without_mask) - 1),
        above(1e-3),
        FLOAT64,
    ),
    Claim(
        "09-identity",
        "A block whose branches end in zeros is the identity, because branches are "
        "added and replace nothing.",
        "Add, do not replace",
        "Block with zeros in out and down",
        empty_block,
        near(0.0),
    ),
    Claim(
        "09-log-v",
        "The first loss of a language model is log V per token, here log 5 = 1.6094.",
        "The head decides how the model starts",
        "cross-entropy with a head of zeros",
        first_loss,
        near(1.6094, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "09-parameters",
        "GPT-2 small has 124,439,808 parameters, to the last one: 12 C² and 13 C in "
        "each layer, and the tables around them.",
        "GPT-2, on paper",
        "parameter_count of a Block, twelve times, and the tables",
        gpt2_parameters,
        near(124_439_808),
    ),
    Claim(
        "09-twelve-squares",
        "The layers of GPT-2 small hold 12 C² = 7,077,888 weights each.",
        "Counting parameters (core)",
        "the matrices of one Block",
        lambda: sum(p.numel() for p in Block(GPT2).parameters() if p.dim() == 2),
        near(7_077_888),
    ),
    Claim(
        "09-attention-is-cheap",
        "At 1,024 tokens attention's T x T part is a share of 0.133 of the arithmetic "
        "of GPT-2 small; short texts need not count it.",
        "When does attention matter?",
        "4 L C T² over forward_flops",
        lambda: share_of_attention(1024),
        near(0.133, within=5e-4),
        FLOAT64,
    ),
    Claim(
        "09-temperature",
        "At temperature 0.5 a probability of 0.8 becomes 0.9412: another temperature "
        "is another policy.",
        "Sampling, and temperature (core)",
        "softmax of the logits over 0.5",
        lambda: (torch.tensor([0.8, 0.2]).double().log() / 0.5).softmax(0)[0].item(),
        near(0.9412, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "09-dropout",
        "Dropout in the policy alone lifts the first DPO loss above log 2, since the "
        "loss is convex and the margins scatter around 0.",
        "What the noise does",
        "mean first loss minus log 2, dropout 0.1",
        dropout_excess,
        above(0.001),
        FLOAT64,
    ),
)
