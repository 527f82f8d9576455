/* Section 1: one pair of answers, its loss and its next step. */

const LOGP = { low: -12, high: 0, step: 0.1 };
const PAIR_FIELDS = [
  { name: "chosen", role: "chosen", label: "log π(<i>y<sub>w</sub></i>)", hint: "policy, chosen", ...LOGP },
  { name: "rejected", role: "rejected", label: "log π(<i>y<sub>l</sub></i>)", hint: "policy, rejected", ...LOGP },
  { name: "refChosen", role: "reference", label: "log π<sub>ref</sub>(<i>y<sub>w</sub></i>)", hint: "reference, chosen", ...LOGP },
  { name: "refRejected", role: "reference", label: "log π<sub>ref</sub>(<i>y<sub>l</sub></i>)", hint: "reference, rejected", ...LOGP },
  { name: "pairBeta", label: "β", hint: "reward per nat", low: 0.01, high: 10, log: true },
];
const PRESETS = {
  "the worked example": START,
  "an untrained policy": { chosen: -5, rejected: -4, refChosen: -5, refRejected: -4, pairBeta: 0.1 },
  "a pair the wrong way round": { chosen: -8, rejected: -3, refChosen: -5, refRejected: -4, pairBeta: 1 },
  "both answers fell": { chosen: -7, rejected: -11, refChosen: -5, refRejected: -4, pairBeta: 1 },
};

function pairOf({ chosen, rejected, refChosen, refRejected, pairBeta }) {
  return DPO.pair({ chosen, rejected, refChosen, refRejected, beta: pairBeta });
}

function makePair() {
  PAIR_FIELDS.forEach((each) => field(byId("pair-fields"), each));
  for (const [words, preset] of Object.entries(PRESETS)) {
    const button = element("button", { type: "button" }, words);
    button.addEventListener("click", () =>
      change(Object.fromEntries(PAIR_FIELDS.map(({ name }) => [name, preset[name]]))));
    byId("pair-presets").append(button);
  }
  views.push(drawPair);
}

function drawPair() {
  const found = pairOf(state);
  const ratios = [state.chosen - state.refChosen, state.rejected - state.refRejected];
  listNumbers(byId("pair-numbers"), [
    ["gap", `= (${signed(ratios[0], 2)}) − (${signed(ratios[1], 2)}) nats`, digits(found.gap)],
    ["margin", "= β · gap", digits(found.margin)],
    ["loss", "= −log σ(margin), in nats", digits(found.loss)],
    ["weight", "= σ(−margin)", digits(found.weight)],
    ["pull", "= β · weight", digits(found.pull)],
  ]);
  byId("pair-words").textContent = pairWords(found);
  drawLanes(found, ratios);
  drawCurve(found);
}

/** What the numbers mean, in three sentences. */
function pairWords({ gap, weight, pull }) {
  const believed = `The policy, beside its reference, gives the voters’ verdict the probability ${digits(1 - weight, 3)}`;
  const judged = gap > 0 ? "so it agrees with them" : gap < 0 ? "so it disagrees with them" : "so it has no opinion yet";
  return `${believed}, ${judged}. A small step of gradient descent raises log π of the chosen answer and lowers ` +
    `that of the rejected answer, each by the learning rate times ${digits(pull)}. The reference stays where it is.`;
}

/** A lane for each answer: reference, policy, and an arrow as long as the weight. */
function drawLanes(found, ratios) {
  const four = [state.chosen, state.rejected, state.refChosen, state.refRejected];
  const x = [Math.min(...four) - 1.2, Math.max(...four) + 1.2];
  const says = `Chosen: log-ratio ${signed(ratios[0], 2)} nats, rising. Rejected: log-ratio ` +
    `${signed(ratios[1], 2)} nats, falling. Both move with weight ${digits(found.weight)}.`;
  const plot = chart("lanes", { height: 150, x, y: [0, 1], xTicks: ticks(...x, 6), xLabel: "log-probability (nats)", says });
  const lanes = [["chosen", "up", state.chosen, state.refChosen, 1, 0.75], ["rejected", "down", state.rejected, state.refRejected, -1, 0.25]];
  lanes.forEach(([role, shape, logp, refLogp, direction, height], n) => {
    const [at, from, y] = [plot.x(logp), plot.x(refLogp), plot.y(height)];
    svg(plot.layer, "line", { class: "grid", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y, y2: y });
    svg(plot.layer, "line", { class: `band ${role}`, x1: from, x2: at, y1: y, y2: y });
    mark(plot.layer, "reference", "square", from, y);
    mark(plot.layer, role, shape, at, y);
    arrow(plot, role, at, y, direction * (8 + 44 * found.weight));
    say(plot, (at + from) / 2, y - 13, `${signed(ratios[n], 2)}`);
    say(plot, 0, y - 9, role, { "text-anchor": "start", class: role });
  });
}

function arrow(plot, role, x, y, length) {
  const [tip, back] = [x + length, x + length - 6 * Math.sign(length)];
  const d = `M${x} ${y + 15}H${tip}M${back} ${y + 11}L${tip} ${y + 15}L${back} ${y + 19}`;
  svg(plot.layer, "path", { class: `arrow ${role}`, d });
}

/** The loss over the margin, the point of this pair and its tangent. */
function drawCurve({ margin, loss, weight }) {
  const end = Math.max(4, 1.3 * Math.abs(margin));
  const x = [-end, end];
  const y = [0, 1.08 * -DPO.logSigmoid(-end)];
  const says = `The loss falls as the margin grows. At the margin ${digits(margin)} it is ${digits(loss)} nats, ` +
    `and its slope is minus ${digits(weight)}.`;
  const plot = chart("curve", { x, y, xTicks: ticks(...x, 5), yTicks: ticks(...y), xLabel: "margin = β · gap", says });
  const margins = Array.from({ length: 121 }, (_, n) => -end + (n / 60) * end);
  line(plot, "policy", margins.map((m) => [m, -DPO.logSigmoid(m)]));
  const reach = 0.3 * end;
  line(plot, "tangent", [[margin - reach, loss + weight * reach], [margin + reach, loss - weight * reach]]);
  mark(plot.layer, "reference", "square", plot.x(0), plot.y(Math.LN2));
  say(plot, plot.x(0) - 9, plot.y(Math.LN2) + 26, "start: log 2", { "text-anchor": "end" });
  mark(plot.layer, "policy", "circle", plot.x(margin), plot.y(loss));
  say(plot, plot.x(margin) + 10, plot.y(loss) - 9, `loss ${digits(loss)}`,
    margin > 0.45 * end ? { "text-anchor": "end" } : { "text-anchor": "start" });
}
