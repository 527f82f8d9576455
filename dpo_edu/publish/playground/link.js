/* What the page shows, and the link that holds it: the address after # says the state. */

const START = {
  chosen: -4.5, rejected: -4.5, refChosen: -5, refRejected: -4, pairBeta: 0.1,
  reference: [0.15, 0.3, 0.4, 0.15], reward: [2, 1, 0, -1], beta: 1,
  votes: 12, labels: "hard", seed: 1, step: 10000,
};
const LIMITS = { // least and largest value that the page takes
  chosen: [-200, 0], rejected: [-200, 0], refChosen: [-200, 0], refRejected: [-200, 0],
  pairBeta: [0.001, 100], reference: [0.01, 0.97], reward: [-5, 5], beta: [0.05, 20],
  votes: [1, 2000], seed: [1, 9999], step: [0, 10000],
};
const WHOLE = ["votes", "seed", "step"];

const state = structuredClone(START);
const views = []; // functions that draw a part of the page from the state
let waiting = false;

/** Take new values and draw everything once before the next frame. */
function change(values) {
  Object.assign(state, values);
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    views.forEach((draw) => draw());
    keepInLink();
  });
}

/** The nearest value that the page takes under this name. */
function within(name, value) {
  const [low, high] = LIMITS[name];
  const near = Math.min(Math.max(value, low), high);
  return WHOLE.includes(name) ? Math.round(near) : near;
}

/** A reference whose answer y has probability p; the others keep their proportions. */
function withProbability(reference, y, p) {
  const wanted = within("reference", p);
  const rest = reference.map((each, k) => (k === y ? 0 : each));
  const all = rest.reduce((total, each) => total + each, 0);
  return proportions(rest.map((each, k) => (k === y ? wanted : (each / all) * (1 - wanted))));
}

/** Positive numbers as probabilities that sum to 1. */
function proportions(numbers) {
  const least = numbers.map((each) => Math.max(each, 1e-4));
  const all = least.reduce((total, each) => total + each, 0);
  return least.map((each) => each / all);
}

const brief = (value) => Number(value.toPrecision(6)).toString();

function keepInLink() {
  const words = Object.keys(START).map((name) =>
    `${name}=${[state[name]].flat().map((v) => (typeof v === "number" ? brief(v) : v)).join(",")}`);
  clearTimeout(keepInLink.timer); // browsers refuse a hundred changes per second
  keepInLink.timer = setTimeout(() => history.replaceState(null, "", `#${words.join("&")}`), 150);
}

/** One value from a link, or undefined where it is not a value of this name. */
function fromWord(name, word) {
  if (name === "labels") return ["hard", "soft"].includes(word) ? word : undefined;
  const numbers = word.split(",").map(Number);
  const wanted = [START[name]].flat().length;
  if (word === "" || numbers.length !== wanted || !numbers.every(Number.isFinite)) return undefined;
  const near = numbers.map((number) => within(name, number));
  if (name === "reference") return proportions(near);
  return wanted === 1 ? near[0] : near;
}

/** The state that a link holds; what it does not say stays as at the start. */
function fromLink(hash) {
  const found = structuredClone(START);
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [name, word = ""] = part.replaceAll("%2C", ",").split("=");
    const value = Object.hasOwn(START, name) ? fromWord(name, word) : undefined;
    if (value !== undefined) found[name] = value;
  }
  return found;
}
