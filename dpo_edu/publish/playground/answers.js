/* Section 2: four answers, their reference and reward, and the policy that is best. */

const ANSWERS = [
  ["A", "Hot and good."],
  ["B", "It was fine."],
  ["C", "I do not know."],
  ["D", "Cold."],
];
const COLUMN = (WIDTH - MARGIN.left - MARGIN.right) / ANSWERS.length;
const columnAt = (y) => MARGIN.left + (y + 0.5) * COLUMN;
const BETAS = Array.from({ length: 81 }, (_, n) => 0.05 * 400 ** (n / 80));
const REWARD_AXIS = [-5, 5];

const setReference = (y, p) => change({ reference: withProbability(state.reference, y, p) });
const setReward = (y, r) =>
  change({ reward: state.reward.map((each, k) => (k === y ? within("reward", r) : each)) });

function makeAnswers() {
  field(byId("beta-field"), { name: "beta", label: "β", hint: "price of leaving the reference, in reward per nat",
    low: 0.05, high: 20, log: true });
  byId("answer-table").tBodies[0].append(...ANSWERS.map(answerRow));
  ANSWERS.forEach(([letter], y) => {
    handle("probabilities", "reference", "square", {
      label: `reference probability of answer ${letter}`, low: 0.01, high: 0.97, step: 0.01,
      read: () => state.reference[y], write: (p) => setReference(y, p),
      fromPointer: (event) => valueAt("probabilities", [0, 1], event),
      at: () => [columnAt(y) - 16, valuePlace("probabilities", [0, 1], state.reference[y])],
    });
    handle("rewards", "reward", "plus", {
      label: `reward of answer ${letter}`, low: -5, high: 5, step: 0.1,
      read: () => state.reward[y], write: (r) => setReward(y, r),
      fromPointer: (event) => Math.round(10 * valueAt("rewards", REWARD_AXIS, event)) / 10,
      at: () => [columnAt(y), valuePlace("rewards", REWARD_AXIS, state.reward[y])],
    });
  });
  views.push(drawAnswers);
}

/** A mark to drag in the chart `id`; `at()` is its place in the chart. */
function handle(id, role, shape, options) {
  const group = svg(byId(id), "g", {});
  svg(group, "circle", { class: "touch", r: 20 });
  mark(group, role, shape, 0, 0);
  draggable(group, options);
  views.push(() => group.setAttribute("transform", `translate(${options.at().join(" ")})`));
}

const HEIGHTS = { probabilities: 210, rewards: 150 };
const span = (id) => [HEIGHTS[id] - MARGIN.bottom, MARGIN.top];
const valuePlace = (id, axis, value) => linear(axis, span(id))(value);

/** The value under a pointer on the vertical axis of chart `id`. */
function valueAt(id, axis, event) {
  const host = byId(id);
  const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(host.getScreenCTM().inverse());
  return linear(span(id), axis)(place.y);
}

function answerRow([letter, words], y) {
  const cell = (name, step, write) => {
    const input = element("input", { type: "number", step, "aria-label": `${name} of answer ${letter}`, id: `${name}-${letter}` });
    input.addEventListener("change", () => {
      if (input.value !== "") write(y, Number(input.value));
    });
    return element("td", {}, input);
  };
  return element("tr", {}, `<th scope="row"><b>${letter}</b> <span>${words}</span></th>`,
    cell("reference", 0.01, setReference), cell("reward", 0.1, setReward), element("td", { class: "optimal" }));
}

function drawAnswers() {
  const { reference, reward, beta } = state;
  const best = DPO.tilt(reference, reward, beta);
  const optimal = best.logp.map(Math.exp);
  const earned = DPO.judge(best.logp, reference, reward, beta);
  const before = DPO.judge(reference.map(Math.log), reference, reward, beta);
  fillTable(optimal);
  listNumbers(byId("answer-numbers"), [
    ["Z", "= E<sub>ref</sub>[exp(r/β)]", best.Z < 1e6 ? digits(best.Z) : best.Z.toExponential(3)],
    ["J(π*)", "= β log Z", digits(earned.objective)],
    ["E[r]", "expected reward of π*", digits(earned.reward)],
    ["KL(π*‖π<sub>ref</sub>)", "in nats", digits(earned.kl)],
    ["J(π<sub>ref</sub>)", "the reference, which pays nothing", digits(before.objective)],
  ]);
  drawProbabilities(optimal);
  drawRewards();
  drawSweep(before.objective);
}

function fillTable(optimal) {
  const rows = [...byId("answer-table").tBodies[0].rows];
  rows.forEach((row, y) => {
    const values = [state.reference[y], state.reward[y]];
    row.querySelectorAll("input").forEach((input, k) => {
      if (document.activeElement !== input) input.value = Number(values[k].toFixed(k ? 2 : 3));
    });
    row.lastElementChild.textContent = digits(optimal[y]);
  });
}

const TENTHS = [0, 0.2, 0.4, 0.6, 0.8, 1].map((p) => [p, digits(p, 1)]);
const LETTERS = (plot) => ANSWERS.forEach(([letter], y) =>
  say(plot, columnAt(y), plot.bottom + 16, letter, { class: "letter" }));

function drawProbabilities(optimal) {
  const says = "Bars of the reference and of the optimal policy; each reference bar can be moved.";
  const plot = chart("probabilities", { height: HEIGHTS.probabilities, x: [0, 1], y: [0, 1], yTicks: TENTHS, says });
  LETTERS(plot);
  state.reference.forEach((p, y) => {
    bar(plot, "reference", columnAt(y) - 30, 28, p);
    bar(plot, "optimal", columnAt(y) + 2, 28, optimal[y]);
    say(plot, columnAt(y) + 16, plot.y(optimal[y]) - 5, digits(optimal[y], 2));
  });
}

function drawRewards() {
  const says = "The reward of each answer; each mark can be moved.";
  const yTicks = [-4, -2, 0, 2, 4].map((r) => [r, digits(r, 0)]);
  const plot = chart("rewards", { height: HEIGHTS.rewards, x: [0, 1], y: REWARD_AXIS, yTicks, says });
  LETTERS(plot);
  state.reward.forEach((r, y) => {
    svg(plot.layer, "line", { class: "stem reward", x1: columnAt(y), x2: columnAt(y), y1: plot.y(0), y2: plot.y(r) });
    say(plot, columnAt(y) + 14, plot.y(r) + 4, signed(r, 1), { "text-anchor": "start" });
  });
}

/** What optimal policies earn and how far they go, over beta, with today's beta marked. */
function drawSweep(before) {
  const { reference, reward, beta } = state;
  const swept = DPO.sweep(reference, reward, BETAS);
  const [now] = DPO.sweep(reference, reward, [beta]);
  const over = (key) => swept.map((each) => [Math.log10(each.beta), each[key]]);
  const x = [Math.log10(BETAS[0]), Math.log10(BETAS.at(-1))];
  const xTicks = [0.1, 1, 10].map((b) => [Math.log10(b), b]);
  const axes = (id, values, words) => {
    const y = range(values);
    const says = `${words} At beta ${brief(beta)}: ${digits(id === "sweep-kl" ? now.kl : now.objective)}.`;
    const plot = chart(id, { height: 160, x, y, xTicks, yTicks: ticks(...y), xLabel: "β", says });
    svg(plot.layer, "line", { class: "now", x1: plot.x(Math.log10(beta)), x2: plot.x(Math.log10(beta)), y1: plot.top, y2: plot.bottom });
    return plot;
  };
  const place = Math.log10(beta);
  const earned = axes("sweep-reward", [before, ...reward.map((r) => Math.min(r, swept[0].reward)), swept[0].reward].filter((r) => r >= before),
    "Expected reward and J of the optimal policy fall as beta grows.");
  line(earned, "reference", [[x[0], before], [x[1], before]]);
  line(earned, "reward", over("reward"));
  line(earned, "optimal", over("objective"));
  mark(earned.layer, "reward", "plus", earned.x(place), earned.y(now.reward));
  mark(earned.layer, "optimal", "diamond", earned.x(place), earned.y(now.objective));
  const spent = axes("sweep-kl", [0, swept[0].kl], "The KL to the reference falls as beta grows.");
  line(spent, "optimal", over("kl"));
  mark(spent.layer, "optimal", "diamond", spent.x(place), spent.y(now.kl));
}
