"""The whole story on a pretrained model: sample, judge, train, sample again, compare.

Beside DPO stand two simpler ways to the same end: SFT on the winners of the same pairs,
with the same optimizer and as many steps, and best-of-n, which trains nothing and asks
the rule itself when it answers. Only prompts that were held out are reported.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import NamedTuple

import torch

from ..boltzmann.best_of_n import best_of_n_kl_bound
from ..progress import progress_bar
from ..validation import require, require_positive, require_whole
from . import evaluation
from .adapter import Lora, copied, learning_weights, put_back, with_adapter
from .learning import Plan, as_groups, train_dpo, train_sft
from .pairs import AnswerPair, best_beside_worst
from .pretrained import Pretrained
from .prompts import PROMPTS, split_by_prompt
from .rules import rule
from .sampling import Answer, Sampling, asked, part_count, sample_answers
from .scoring import Group, logp_of_all, scorer_for

SHOWN = 20  # held-out prompts whose first answers are kept: the first, unselected
LOOKED_AT = 24  # training pairs whose log-ratios are read after training: the first


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run, besides the model and the prompts."""

    rule: str = "speaks_to_you"
    seed: int = 0  # of the split, the answers and the adapter; the order is the plan's
    held_out: int = 48  # prompts kept for the verdict
    sampling: Sampling = field(default_factory=lambda: Sampling(4, 32, 0.8))
    judged: int = 2  # answers per held-out prompt and policy
    pairs_per_prompt: int = 2
    most_pairs: int = 48  # to train on, the first: this bounds the minutes
    beta: float = 0.1
    lora: Lora = field(default_factory=Lora)
    plan: Plan = field(default_factory=Plan)

    def __post_init__(self):
        rule(self.rule)
        require_whole(0, 2**31, seed=self.seed)
        require_whole(1, held_out=self.held_out, judged=self.judged)
        most = {"most_pairs": self.most_pairs}
        require_whole(1, pairs_per_prompt=self.pairs_per_prompt, **most)
        require_positive("beta", self.beta)

    @property
    def verdict(self) -> Sampling:
        """How held-out answers are drawn."""
        how = self.sampling
        return Sampling(self.judged, how.limit, how.temperature)


class FirstAnswers(NamedTuple):
    """What the reference wrote: no rule decides it, so rules may share it."""

    training: list[list[Answer]]  # of each prompt to train on, its answers
    held_out: list[list[Answer]]


class Run:
    """One run, its steps as methods in the order in which they are called."""

    def __init__(self, settings: Settings, pretrained: Pretrained, prompts, say):
        self.settings, self.say, self.seconds = settings, say, dict[str, float]()
        self.tokenizer = pretrained.tokenizer
        self.training, self.held_out = split_by_prompt(
            prompts, settings.held_out, settings.seed
        )
        self.model = with_adapter(pretrained.model, settings.lora, settings.seed)
        self.start = copied(learning_weights(self.model))
        self.scorer = scorer_for(self.model, settings.sampling.temperature)
        self.log: dict[str, list[dict]] = {"dpo": [], "sft": []}

    @contextmanager
    def timed(self, what: str):
        """Say what is begun and keep how long it takes."""
        self.say(what)
        start = monotonic()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + monotonic() - start

    def write(self, prompts: Sequence[str], how: Sampling, part: int):
        """Answers of the model as it is; ``part`` keeps apart what one seed draws."""
        title, parts = "sampling answers", part_count(len(prompts), how)
        what = self.model, self.tokenizer, prompts, how, 10 * self.settings.seed + part
        with self.timed(title), progress_bar(title, parts) as advance:
            return sample_answers(*what, after_part=advance)

    def judge(self, written) -> tuple[list[AnswerPair], torch.Tensor]:
        """The pairs on which the rule decides, and their (pairs, 2) under pi_ref."""
        score, pairs, ref_logp = rule(self.settings.rule).score, [], []
        for prompt, answers in zip(self.training, written, strict=True):
            scores = [score(answer.text) for answer in answers]
            row = asked(self.tokenizer, prompt)
            for two in best_beside_worst(scores, self.settings.pairs_per_prompt):
                pairs.append(AnswerPair(row, *(answers[n].tokens for n in two)))
                # The reference noted it when it wrote: of pairs from elsewhere,
                # ``learning.reference_logp`` computes it.
                ref_logp.append([answers[n].logp for n in two])
        equal = f"{self.settings.rule} finds all answers equal: no pairs to learn from"
        require(pairs, f"{equal}, choose another rule")
        most = self.settings.most_pairs
        return pairs[:most], torch.tensor(ref_logp[:most])

    def first_answers(self) -> FirstAnswers:
        """The reference's: to judge and learn from, and to compare with."""
        settings = self.settings
        return FirstAnswers(
            self.write(self.training, settings.sampling, 0),
            self.write(self.held_out, settings.verdict, 1),
        )

    def learn(
        self,
        how: str,
        pairs: Sequence[AnswerPair],
        ref_logp,
        train: Callable = train_dpo,
    ) -> None:
        """DPO by ``train``, or SFT on the pairs' winners, from a fresh adapter."""
        put_back(self.model, self.start)
        settings, steps = self.settings, self.settings.plan.schedule(len(pairs)).steps
        with self.timed(how), progress_bar(how, steps) as advance:

            def after_step(report):
                self.log[how].append({"step": report.step, **report.record})
                advance(report)

            watched = {"after_step": after_step}
            if how == "dpo":
                target = (pairs, ref_logp, settings.beta)
                train(self.scorer, *target, settings.plan, **watched)
            else:
                winners = [Group(pair.prompt, [pair.chosen]) for pair in pairs]
                train_sft(self.scorer, winners, settings.plan, **watched)

    def measure(self, written, before=None) -> dict:
        """The verdict on the model as it is, which wrote the answers."""
        what = self.scorer, self.tokenizer, self.held_out, written
        with self.timed("measuring"):
            found = evaluation.measured(*what, is_reference=before is None)
        if before is not None:
            found["differences"] = evaluation.differences(before, written)
        return found

    def judge_policy(self, pairs, ref_logp, before, part: int) -> tuple[dict, list]:
        """(verdict, answers) of the model as it is, which has learned the pairs."""
        with self.timed("measuring"):
            looked_at = pairs[:LOOKED_AT], ref_logp[:LOOKED_AT]
            ratios = log_ratios(self.scorer, *looked_at)
        after = self.write(self.held_out, self.settings.verdict, part)
        return self.measure(after, before) | {"log_ratios": ratios}, after

    def compare(self, pairs, ref_logp, before, after_dpo: Callable):
        """Every policy's verdict, by name, and the answers that DPO's policy gives."""
        found, what = {"reference": self.measure(before)}, (pairs, ref_logp, before)
        self.learn("dpo", pairs, ref_logp)
        after_dpo(self.model)
        found["dpo"], after = self.judge_policy(*what, part=2)
        self.learn("sft", pairs, ref_logp)
        found["sft"], _ = self.judge_policy(*what, part=3)
        found["best of n"] = best_of_n(self.settings, before)
        return found, after


def run(
    settings: Settings,
    pretrained: Pretrained,
    prompts: Sequence[str] = PROMPTS,
    say: Callable[[str], object] = print,
    after_dpo: Callable = lambda model: None,
    first: FirstAnswers | None = None,
) -> dict:
    """From the first answers to the verdict: a record that JSON knows.

    ``pretrained.model`` gets an adapter and keeps it. ``say`` is told what begins,
    ``after_dpo(model)`` is called when the policy is trained, to save it, say.
    ``first``: what this seed's reference has written before, on the same prompts.
    Raises InputError where the rule finds no pair.
    """
    here = Run(settings, pretrained, prompts, say)
    first = first or here.first_answers()
    pairs, ref_logp = here.judge(first.training)
    before = first.held_out
    say(f"{len(pairs)} pairs from {len(here.training)} prompts")
    found, after = here.compare(pairs, ref_logp, before, after_dpo)
    return {
        "settings": json.loads(json.dumps(asdict(settings))),
        "counts": {"prompts": len(here.training), "pairs": len(pairs)},
        "policies": found,
        "log": here.log,
        "examples": examples(here.held_out, before, after),
        "seconds": here.seconds,
    }


def first_answers(
    settings: Settings, pretrained: Pretrained, prompts: Sequence[str] = PROMPTS
) -> FirstAnswers:
    """What the reference writes under these settings, whatever their rule."""
    return Run(settings, pretrained, prompts, lambda text: None).first_answers()


def log_ratios(scorer, pairs: Sequence[AnswerPair], ref_logp) -> dict[str, float]:
    """Means of log pi - log pi_ref over training pairs: do both sides fall?"""
    moved = torch.stack(logp_of_all(scorer, as_groups(pairs))) - ref_logp  # (pairs, 2)
    chosen, rejected = moved.mean(0).tolist()
    return {"chosen": chosen, "rejected": rejected}


def best_of_n(settings: Settings, before) -> dict:
    """The rule's gain when the best of ``judged`` reference answers is picked."""
    n, score = settings.judged, rule(settings.rule).score
    gain = evaluation.best_of_n_difference(score, before, n)
    return {
        "n": n,
        "kl_bound": best_of_n_kl_bound(n),
        "differences": {settings.rule: gain},
    }


def examples(prompts: Sequence[str], before, after) -> list[dict[str, str]]:
    """The first answer of each policy to the first prompts, whatever it says."""
    rows = zip(prompts[:SHOWN], before, after, strict=False)
    return [{"prompt": p, "before": b[0].text, "after": a[0].text} for p, b, a in rows]
