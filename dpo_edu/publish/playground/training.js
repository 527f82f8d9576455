/* Section 3: DPO on a table of four probabilities, from votes, step by step. */

const MOST_STEPS = LIMITS.step[1];
/** Steps at which the run is looked at: 0, and evenly on a logarithmic axis. */
const STEPS = [...new Set([0, ...Array.from({ length: 161 }, (_, n) => Math.round(MOST_STEPS ** (n / 160)))])];
const place = (step) => Math.log10(step + 1);
const nearest = (step) => STEPS.findLastIndex((each) => each <= step);
const TRIES = {
  hard: { votes: 12, labels: "hard", step: 0 },
  soft: { votes: 12, labels: "soft", step: 0 },
  many: { votes: 2000, labels: "hard", step: 0 },
};
const DURATION = 7000; // milliseconds that a whole run is played in

/** The run that the state describes: the votes, and all measures at every step. */
function run({ reference, reward, beta, votes, labels, seed }) {
  const wins = DPO.vote(reference, reward, votes, seed);
  const pairs = DPO.labeled(wins, reward, labels === "soft");
  const fresh = DPO.everyVote(reference, reward);
  const rows = DPO.train(reference, pairs, beta, STEPS).map(({ step, logp }) => ({
    step, logp, loss: DPO.meanLoss(logp, reference, pairs, beta),
    freshLoss: DPO.meanLoss(logp, reference, fresh, beta), ...DPO.judge(logp, reference, reward, beta),
  }));
  const best = DPO.tilt(reference, reward, beta);
  return { wins, rows, best, top: DPO.judge(best.logp, reference, reward, beta), floor: DPO.floor(fresh),
    settles: labels === "soft" || DPO.settles(wins) };
}

const DECIDING = ["reference", "reward", "beta", "votes", "labels", "seed"];
let latest = { key: null, run: null };

/** The run of the state, computed anew only where something that decides it changed. */
function currentRun() {
  const key = JSON.stringify(DECIDING.map((name) => state[name]));
  if (latest.key !== key) latest = { key, run: run(state) };
  return latest.run;
}

function makeTraining() {
  const host = byId("training-fields");
  field(host, { name: "votes", label: "votes", hint: "each compares two answers", low: 1, high: 2000, log: true });
  host.append(labelChoice());
  field(host, { name: "seed", label: "seed", hint: "which votes are drawn", low: 1, high: 100, step: 1 });
  host.append(stepSlider());
  document.querySelectorAll("[data-try]").forEach((button) =>
    button.addEventListener("click", () => { change(TRIES[button.dataset.try]); play(); }));
  byId("play").addEventListener("click", () => (playing ? stop() : play()));
  byId("redraw").addEventListener("click", () => change({ seed: within("seed", (state.seed % 9999) + 1) }));
  views.push(drawTraining);
}

function labelChoice() {
  const choice = element("fieldset", { class: "field" }, "<legend>labels</legend>");
  for (const each of ["hard", "soft"]) {
    const radio = element("input", { type: "radio", name: "labels", value: each, id: `labels-${each}` });
    radio.addEventListener("change", () => change({ labels: each }));
    views.push(() => { radio.checked = state.labels === each; });
    choice.append(radio, element("label", { for: `labels-${each}` }, each));
  }
  return choice;
}

function stepSlider() {
  const slider = element("input", { type: "range", id: "step", min: 0, max: STEPS.length - 1, step: 1 });
  const shown = element("output", { for: "step" });
  slider.addEventListener("input", () => { stop(); change({ step: STEPS[slider.value] }); });
  views.push(() => {
    slider.value = nearest(state.step);
    shown.textContent = state.step.toLocaleString("en");
    slider.setAttribute("aria-valuetext", `${shown.textContent} steps`);
  });
  return element("div", { class: "field" }, '<label for="step">steps <small>drag to go back in time</small></label>', slider, shown);
}

let playing = null; // the frame that is waited for

/** Move the step from the beginning, or from where it stands, to the end. */
function play() {
  stop();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return change({ step: MOST_STEPS });
  const from = state.step >= MOST_STEPS ? 0 : nearest(state.step);
  const began = performance.now();
  byId("play").textContent = "Pause";
  byId("verdict").setAttribute("aria-live", "off");
  const next = (now) => {
    const index = Math.min(from + Math.floor(((now - began) / DURATION) * STEPS.length), STEPS.length - 1);
    change({ step: STEPS[Math.max(index, 0)] });
    if (index < STEPS.length - 1) playing = requestAnimationFrame(next);
    else stop();
  };
  playing = requestAnimationFrame(next);
}

function stop() {
  if (playing) cancelAnimationFrame(playing);
  playing = null;
  byId("play").textContent = "Play the training";
  byId("verdict").setAttribute("aria-live", "polite");
}

function drawTraining() {
  const found = currentRun();
  const now = found.rows[nearest(state.step)];
  byId("verdict").textContent = verdict(found, now);
  drawLearned(found, now);
  drawVotes(found.wins);
  drawPanels(found, now);
  drawPlane(found, now);
}

/** What has happened up to this step, in words. */
function verdict({ rows, top, settles }, now) {
  const [start] = rows;
  const peak = rows.reduce((best, row) => (row.objective > best.objective ? row : best));
  const steps = (count) => (count === 1 ? "1 step" : `${count.toLocaleString("en")} steps`);
  const sentences = [`After ${steps(now.step)} the loss on the votes is ${digits(now.loss, 3)} nats, and J is ` +
    `${digits(now.objective, 3)}; the reference has ${digits(start.objective, 3)} and the best policy ${digits(top.objective, 3)}.`];
  if (now.objective < start.objective - 1e-6)
    sentences.push("Training has made the policy worse than the reference that it began from.");
  if (now.step > peak.step && now.objective < peak.objective - 5e-4)
    sentences.push(`J was largest after ${steps(peak.step)}, with ${digits(peak.objective, 3)}; since then the loss has fallen further and J has fallen too.`);
  if (!settles)
    sentences.push("Some answers won all their votes against others, so this loss has no lowest point, and the policy never stops moving.");
  return sentences.join(" ");
}

function drawLearned({ rows, best }, now) {
  const says = ANSWERS.map(([letter], y) => `${letter}: learned ${digits(Math.exp(now.logp[y]), 3)}, ` +
    `optimal ${digits(Math.exp(best.logp[y]), 3)}`).join("; ");
  const plot = chart("learned", { x: [0, 1], y: [0, 1], yTicks: TENTHS, says });
  LETTERS(plot);
  ANSWERS.forEach((_, y) => {
    bar(plot, "reference", columnAt(y) - 34, 21, state.reference[y]);
    bar(plot, "policy", columnAt(y) - 11, 21, Math.exp(now.logp[y]));
    bar(plot, "optimal", columnAt(y) + 12, 21, Math.exp(best.logp[y]));
  });
}

function drawVotes(wins) {
  const table = byId("vote-table");
  const letters = ANSWERS.map(([letter]) => `<th scope="col">${letter}</th>`).join("");
  table.tHead.innerHTML = `<tr><td></td>${letters}</tr>`;
  table.tBodies[0].innerHTML = wins.map((row, i) => {
    const cells = row.map((count, j) => `<td>${i === j ? "·" : count}</td>`).join("");
    return `<tr><th scope="row">${ANSWERS[i][0]}</th>${cells}</tr>`;
  }).join("");
}

const STEP_TICKS = [0, 10, 100, 1000, 10000].map((step) => [place(step), step.toLocaleString("en")]);

/** Loss, J and KL over the steps, each up to where they end, with the step of now. */
function drawPanels({ rows, floor, top }, now) {
  const start = rows[0].objective;
  panel("loss-panel", rows, now, [0, ...rows.map((row) => Math.min(row.freshLoss, 1.6))], floor, ["freshLoss", "loss"]);
  panel("objective-panel", rows, now, [start, top.objective, ...rows.map((row) => row.objective)], top.objective, ["objective"], start);
  panel("kl-panel", rows, now, [0, top.kl, ...rows.map((row) => row.kl)], top.kl, ["kl"]);
}

const PANEL_WORDS = { loss: "loss on the votes", freshLoss: "loss on fresh votes", objective: "J", kl: "KL to the reference" };

/** One panel: lines of `keys` up to now, a level for the optimum, one for the start. */
function panel(id, rows, now, values, level, keys, start) {
  const y = range(values);
  const says = `${keys.map((key) => `${PANEL_WORDS[key]}: ${digits(now[key], 3)}`).join("; ")}; optimum: ${digits(level, 3)}.`;
  const plot = chart(id, { height: 170, x: [0, place(MOST_STEPS)], y, xTicks: STEP_TICKS, yTicks: ticks(...y), xLabel: "steps", says });
  const across = (value) => [[0, value], [place(MOST_STEPS), value]];
  if (start !== undefined) line(plot, "reference", across(start));
  line(plot, "optimal", across(level));
  keys.forEach((key) => {
    const look = key === "freshLoss" ? "policy fresh" : "policy";
    const inside = (value) => Math.min(Math.max(value, y[0]), y[1]);
    line(plot, `${look} ahead`, rows.map((row) => [place(row.step), inside(row[key])]));
    line(plot, look, rows.filter((row) => row.step <= now.step).map((row) => [place(row.step), inside(row[key])]));
    mark(plot.layer, look, "circle", plot.x(place(now.step)), plot.y(inside(now[key])));
  });
}

/** Expected reward against KL: the way of the training under the frontier. */
function drawPlane({ rows, best }, now) {
  const { reference, reward } = state;
  const frontier = DPO.sweep(reference, reward, BETAS).map((each) => [each.kl, each.reward]);
  const way = rows.map((row) => [row.kl, row.reward]);
  const x = [0, 1.05 * Math.max(0.1, ...way.map(([spent]) => spent), frontier[0][0])];
  const y = range([...way, ...frontier].map(([, earned]) => earned));
  const says = `The policy earns ${digits(now.reward, 3)} at a KL of ${digits(now.kl, 3)} nats.`;
  const plot = chart("plane", { x, y, xTicks: ticks(...x, 5), yTicks: ticks(...y), xLabel: "KL to the reference, nats", says });
  line(plot, "optimal", frontier);
  line(plot, "policy ahead", way);
  line(plot, "policy", way.slice(0, nearest(now.step) + 1));
  const target = DPO.judge(best.logp, reference, reward, state.beta);
  mark(plot.layer, "optimal", "diamond", plot.x(target.kl), plot.y(target.reward));
  mark(plot.layer, "reference", "square", plot.x(0), plot.y(rows[0].reward));
  mark(plot.layer, "policy", "circle", plot.x(now.kl), plot.y(now.reward));
}
