"""The playground in Chromium: its numbers are the package's, its controls have names.

Each part is also saved to ``build/screenshots`` for a person to look at.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from dpo_edu.boltzmann import log_partition, objective, optimal_logp
from dpo_edu.bradley_terry import preference_matrix
from dpo_edu.divergence import kl_from_logs, normalized
from dpo_edu.dpo_gradient import dpo_gradient, gradient_weight
from dpo_edu.dpo_loss import (
    dpo_loss,
    log_ratio_gap,
    population_loss,
    preference_entropy,
)
from dpo_edu.likelihood import mle_exists

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "playground" / "index.html"
SHOTS = ROOT / "build" / "screenshots"
SETTINGS = 200
FOUR = ("chosen", "rejected", "refChosen", "refRejected")


@pytest.fixture
def opened(chromium):
    """Opens the page offline: at a width, in a scheme, with a state in its link."""
    contexts = []

    def open_page(width=1280, scheme="light", link="", **more):
        size = {"width": width, "height": 900}
        context = chromium.new_context(
            offline=True, viewport=size, color_scheme=scheme, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(180_000)  # other work may keep the machine busy
        page.asked, page.faults = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(PAGE.as_uri() + link)
        page.wait_for_function("document.querySelector('#verdict').textContent")
        return page

    yield open_page
    for context in contexts:
        context.close()


def numbers(page, function: str, settings: list) -> np.ndarray:
    """What a function of the page's core returns for each setting, as an array."""
    call = f"settings => settings.map({function})"
    return np.array(page.evaluate(call, settings), dtype=float)


def assert_equal(theirs, ours):
    np.testing.assert_allclose(theirs, np.asarray(ours, float), rtol=1e-9, atol=1e-9)


def worlds(seed=0) -> list[dict]:
    """References, rewards, beta and another policy, drawn wide."""
    draws = np.random.default_rng(seed)
    return [
        {
            "reference": draws.dirichlet(np.full(4, 0.7)).clip(1e-6).tolist(),
            "reward": draws.uniform(-5, 5, 4).tolist(),
            "beta": float(10 ** draws.uniform(-1.3, 1.3)),
            "logp": normalized(draws.normal(0, 3, 4)).tolist(),
            "votes": int(draws.integers(1, 60)),
            "seed": int(draws.integers(1, 9999)),
            "soft": bool(draws.integers(2)),
        }
        for _ in range(SETTINGS)
    ]


def ref_logp(world) -> np.ndarray:
    return np.log(world["reference"])


def proper(world: dict) -> dict:
    """The same world with a reference that sums to 1 to the last bit or two."""
    total = sum(world["reference"])
    return world | {"reference": [p / total for p in world["reference"]]}


WORLDS = [proper(world) for world in worlds()]


def test_a_pair_is_the_package_s(opened):
    draws = np.random.default_rng(1)
    settings = [
        dict(zip(FOUR, draws.uniform(-30, 0, 4).round(3).tolist(), strict=True))
        | {"beta": float(10 ** draws.uniform(-2, 1))}
        for _ in range(SETTINGS)
    ]
    keys = "gap", "loss", "weight", "slopeChosen", "slopeRejected"
    theirs = numbers(
        opened(), f"s => {json.dumps(keys)}.map(k => DPO.pair(s)[k])", settings
    )
    for row, setting in zip(theirs, settings, strict=True):
        four, beta = [setting[name] for name in FOUR], setting["beta"]
        gap = log_ratio_gap(*four)
        ours = gap, dpo_loss(*four, beta), gradient_weight(gap, beta)
        assert_equal(row, [*ours, *dpo_gradient(*four, beta)])


def test_the_best_policy_is_the_package_s(opened):
    theirs = numbers(
        opened(),
        "s => { const best = DPO.tilt(s.reference, s.reward, s.beta);"
        " const judged = DPO.judge(s.logp, s.reference, s.reward, s.beta);"
        " return [...best.logp, best.logZ, judged.kl, judged.objective]; }",
        WORLDS,
    )
    for row, world in zip(theirs, WORLDS, strict=True):
        given = ref_logp(world), world["reward"], world["beta"]
        ours = [*optimal_logp(*given), log_partition(*given)]
        ours += [
            kl_from_logs(world["logp"], given[0]),
            objective(world["logp"], *given),
        ]
        assert_equal(row, ours)


def test_the_loss_on_fresh_votes_is_the_package_s(opened):
    theirs = numbers(
        opened(),
        "s => { const pairs = DPO.everyVote(s.reference, s.reward);"
        " const loss = DPO.meanLoss(s.logp, s.reference, pairs, s.beta);"
        " return [loss, DPO.floor(pairs)]; }",
        WORLDS,
    )
    for row, world in zip(theirs, WORLDS, strict=True):
        often = np.outer(world["reference"], world["reference"])
        verdicts = preference_matrix(np.array(world["reward"]))
        logps = np.array(world["logp"]), ref_logp(world)
        loss = population_loss(*logps, verdicts, world["beta"], often)
        assert_equal(row, [loss, preference_entropy(verdicts, often)])


VOTES = "DPO.vote(s.reference, s.reward, s.votes, s.seed)"


def test_training_is_gradient_descent_on_the_package_s_loss(opened):
    """Torch differentiates ``dpo_loss`` on the logits; the page wrote its slope out."""
    page = opened()
    wins = numbers(page, f"s => {VOTES}", WORLDS)
    theirs = numbers(
        page,
        f"s => DPO.train(s.reference, DPO.labeled({VOTES}, s.reward, s.soft), s.beta,"
        " [0, 1, 25]).map(row => row.logp)",
        WORLDS,
    )
    for rows, won, world in zip(theirs, wins, WORLDS, strict=True):
        assert won.sum() == world["votes"]
        assert_equal(rows[0], ref_logp(world))
        assert_equal(rows[1], trained(world, won, steps=1))
        assert_equal(rows[2], trained(world, won, steps=25))


def trained(world, wins, steps: int) -> np.ndarray:
    """Plain gradient descent, one pair per vote."""
    chosen, rejected = np.repeat(
        np.argwhere(wins), wins[wins > 0].astype(int), axis=0
    ).T
    gaps = np.array(world["reward"])[chosen] - np.array(world["reward"])[rejected]
    label = torch.sigmoid(torch.tensor(gaps)) if world["soft"] else 1.0
    reference = torch.tensor(ref_logp(world))
    logits = reference.clone().requires_grad_(True)
    optimizer = torch.optim.SGD([logits], lr=2 / world["beta"] ** 2)
    for _ in range(steps):
        logp = logits.log_softmax(-1)
        four = logp[chosen], logp[rejected], reference[chosen], reference[rejected]
        optimizer.zero_grad()
        dpo_loss(*four, world["beta"], label=label).backward()
        optimizer.step()
    return logits.log_softmax(-1).detach().numpy()


def test_it_knows_when_the_loss_has_no_lowest_point(opened):
    """As the package says of each group of answers that votes connect."""
    few = [world | {"votes": 1 + n % 14} for n, world in enumerate(WORLDS)]
    page = opened()
    wins = numbers(page, f"s => {VOTES}", few)
    settles = numbers(page, f"s => DPO.settles({VOTES})", few)
    ours = [all(map(mle_exists, connected(won))) for won in wins]
    assert settles.tolist() == ours
    assert set(ours) == {True, False}


def connected(wins) -> list[np.ndarray]:
    """The tables of wins within each group of two or more answers."""
    reach = np.linalg.matrix_power(np.eye(4) + wins + wins.T, 4) > 0
    groups = {tuple(np.flatnonzero(row)) for row in reach}
    return [wins[np.ix_(group, group)] for group in groups if len(group) > 1]


def test_votes_come_as_often_as_they_should(opened):
    """100,000 votes of one seed: every count within 4 standard errors."""
    world = {"reference": [0.1, 0.2, 0.3, 0.4], "reward": [2, 0.5, 0, -1]}
    votes = 100_000
    (wins,) = numbers(
        opened(),
        f"s => DPO.vote(s.reference, s.reward, {votes}, 3)",
        [world],
    )
    often = np.outer(world["reference"], world["reference"])
    np.fill_diagonal(often, 0)
    expected = often / often.sum() * preference_matrix(np.array(world["reward"])) * 2
    np.fill_diagonal(expected, 0)
    spread = np.sqrt(votes * expected * (1 - expected))
    assert (abs(wins - votes * expected) <= 4 * spread).all()


def test_it_opens_with_the_worked_example(opened):
    page = opened()
    shown = page.locator("#pair-numbers dd").all_text_contents()
    assert shown == ["1.0000", "0.1000", "0.6444", "0.4750", "0.0475"]
    assert page.asked == [PAGE.as_uri()]
    assert not page.faults


def test_the_first_run_is_overoptimized_and_says_so(opened):
    """Section 3 is right about the votes it opens with; soft labels reach pi*."""
    page = opened()
    rows = page.evaluate("currentRun().rows.map(row => [row.loss, row.objective])")
    loss, gained = np.array(rows).T
    assert (np.diff(loss) < 0).all()
    assert gained.argmax() not in (0, len(gained) - 1)
    assert gained[-1] < gained[0]
    assert "worse than the reference" in page.inner_text("#verdict")
    page.click("[data-try=soft]")
    page.wait_for_function("state.step === 10000")
    reached = page.evaluate("currentRun().rows.at(-1).objective")
    assert reached == pytest.approx(page.evaluate("currentRun().top.objective"))
    assert "worse than the reference" not in page.inner_text("#verdict")


def test_every_control_works_by_keyboard_and_has_a_name(opened):
    page = opened()
    page.evaluate("change({step: 100})")
    controls = page.locator("input[type=range], [role=slider]").all()
    assert len(controls) == 5 + 1 + 8 + 3
    for control in controls:
        before = page.evaluate("JSON.stringify(state)")
        control.focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("before => JSON.stringify(state) !== before", arg=before)
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input, button, [role=slider], svg[role]')]"
        ".filter(node => !(node.labels?.length || node.getAttribute('aria-label')"
        " || node.textContent.trim() || document.getElementById("
        "node.getAttribute('aria-labelledby')))).map(node => node.outerHTML)"
    )
    assert not unnamed


def test_a_reference_that_is_dragged_still_sums_to_1(opened):
    page = opened()
    handle = page.locator("#probabilities .handle").nth(0)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0], middle[1] - 60)
    page.mouse.up()
    reference = page.evaluate("state.reference")
    assert reference[0] > 0.25
    assert sum(reference) == pytest.approx(1)
    assert reference[1] / reference[2] == pytest.approx(0.3 / 0.4)


def test_a_link_holds_the_state_and_a_bad_one_does_no_harm(opened):
    page = opened()
    page.fill("#chosen", "-2.5")
    page.fill("#votes", "77")
    page.click("#labels-soft")
    page.wait_for_function("location.hash.includes('votes=77')")
    link = page.evaluate("location.hash")
    again = opened(link=link)
    assert again.evaluate("state") == page.evaluate("state")
    assert again.input_value("#chosen") == "-2.5"
    odd = "chosen=soup&beta=-3&reference=1,2&labels=firm&votes=1e9&reward=&x=1"
    page = opened(link=f"#{odd}&__proto__=2&%E0")
    assert not page.faults
    start, state = page.evaluate("START"), page.evaluate("state")
    assert state == start | {"beta": 0.05, "votes": 2000}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_phone_and_desk_and_can_be_read(opened, width, scheme):
    page = opened(width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for words in ("body", ".note", "b.chosen", "b.rejected", "b.optimal", "b.reward"):
        assert contrast(page, words) >= 4.5, words
    SHOTS.mkdir(parents=True, exist_ok=True)
    name = f"playground_{width}_{scheme}.png"
    page.screenshot(path=SHOTS / name, full_page=True)


def contrast(page, selector: str) -> float:
    """The ratio of WCAG 2 between a text's color and the page behind it."""
    colors = page.evaluate(
        "selector => [document.querySelector(selector), document.body].map((node, n) =>"
        " getComputedStyle(node)[n ? 'backgroundColor' : 'color'].match(/[\\d.]+/g)"
        ".slice(0, 3).map(Number))",
        selector,
    )
    parts = np.array(colors) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (high + 0.05) / (low + 0.05)


def test_who_asks_for_less_motion_sees_the_end_at_once(opened):
    page = opened(reduced_motion="reduce", link="#step=0")
    page.click("#play")
    assert page.evaluate("state.step") == 10000
