"""The same pairs, order and optimizer in TRL's DPOTrainer: the same loss at each step.

TRL is not among what the tests need: ``pip install -e '.[trl]'`` brings it.
"""

from itertools import islice

import pytest

pytest.importorskip("trl", reason="pip install -e '.[trl]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")

from dpo_edu.own_model import intake, learning, processes, start
from dpo_edu.own_model.settings import ModelSettings, new_settings
from dpo_edu.own_model.stopping import Stop
from dpo_edu.real_model.learning import as_groups
from dpo_edu.real_model.scoring import scorer_for
from tests.bench.ours import Clock
from tests.bench.pretrained import trainer

from .tiny_model import rows, write_model, write_rows

PAIRS, BATCH = 42, 5  # the last of nine steps has two pairs
CLOSE = 1e-4  # float32


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("beside")


@pytest.fixture(scope="module")
def made(place):
    """Settings of a run, by what learns."""
    plain = (row for row in rows(2 * PAIRS) if "prompt" in row)  # TRL mixes no kinds
    texts = write_rows(place / "texts.jsonl", islice(plain, PAIRS))
    mixed = write_rows(place / "pairs.jsonl", rows(PAIRS))
    model = write_model(place / "model")

    def settings(**changed) -> ModelSettings:
        data = str(texts if "plain_prompts" in changed else mixed)
        asked = {"data": data, "model": str(model), "base": "known", "warmup": 0.0}
        asked |= {"batch_size": BATCH, "at_once": 60}
        return new_settings(asked | {"learning_rate": 1e-2} | changed)

    return settings


def ours(settings: ModelSettings, taken) -> list[dict]:
    groups = as_groups([row.tokens for row in taken.rows])
    scorer = scorer_for(start.learner(settings))
    team = learning.prepared(processes.join("cpu", "float32"), scorer)
    reference, log = learning.logp_of(team, groups, settings.at_once), []
    learning.train(
        *(team, groups, reference, settings, Stop()),
        after_step=lambda report: log.append(report.record),
    )
    return log


def theirs(settings: ModelSettings, taken, base, place) -> list[dict]:
    """TRL's log."""
    run = trainer(settings, taken, base, place, Clock())
    run.train()
    return [row for row in run.state.log_history if "loss" in row]


@pytest.mark.parametrize(
    "changed", [{"lora": 4}, {"lora": 0}, {"lora": 4, "plain_prompts": "text"}], ids=str
)
def test_every_loss_is_theirs(changed, made, place):
    settings = made(**changed)
    base = start.base_of(settings.model)
    taken = intake.take(settings, base)
    mine, other = ours(settings, taken), theirs(settings, taken, base, place)
    assert len(mine) == len(other) == 9
    for column in ("loss", "logps/chosen", "rewards/margins", "grad_norm"):
        one, two = ([row[column] for row in log] for log in (mine, other))
        assert one == pytest.approx(two, abs=CLOSE), column
    assert mine[-1]["loss"] < 0.6
