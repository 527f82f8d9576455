/* Charts in SVG: axes, lines, bars and marks in the look of their role. */

const WIDTH = 360;
const MARGIN = { left: 40, right: 18, top: 10, bottom: 34 };

/** An SVG element inside `parent`. */
function svg(parent, tag, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

const linear = ([low, high], [from, to]) => (value) =>
  from + ((value - low) / (high - low)) * (to - from);

/** An empty chart in the SVG element `id`: scales, axes, and a layer to draw in.

    x and y: [low, high]; xTicks and yTicks: values with their words; `says` is what a
    screen reader reads. What a reader can drag stands in a layer that is kept. */
function chart(id, { height = 200, x, y, xTicks = [], yTicks = [], xLabel = "", says }) {
  const host = byId(id);
  host.querySelector(".drawn")?.remove();
  host.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  host.setAttribute("role", host.querySelector(".handle") ? "group" : "img");
  host.setAttribute("aria-label", says);
  const layer = svg(host, "g", { class: "drawn", "aria-hidden": "true" });
  host.prepend(layer);
  const toX = linear(x, [MARGIN.left, WIDTH - MARGIN.right]);
  const toY = linear(y, [height - MARGIN.bottom, MARGIN.top]);
  for (const [value, words] of yTicks) {
    svg(layer, "line", { class: "grid", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: toY(value), y2: toY(value) });
    svg(layer, "text", { x: MARGIN.left - 6, y: toY(value) + 4, "text-anchor": "end" }, words);
  }
  for (const [value, words] of xTicks)
    svg(layer, "text", { x: toX(value), y: height - MARGIN.bottom + 15, "text-anchor": "middle" }, words);
  svg(layer, "text", { x: WIDTH - MARGIN.right, y: height - 4, "text-anchor": "end" }, xLabel);
  return { layer, x: toX, y: toY, top: MARGIN.top, bottom: height - MARGIN.bottom };
}

/** Round ticks between low and high, about `count` of them. */
function ticks(low, high, count = 5) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((each) => each * power >= rough);
  const places = Math.max(0, -Math.floor(Math.log10(step)));
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++)
    found.push([n * step, digits(n * step, places)]);
  return found;
}

/** From the least to the largest of numbers, with a little room. */
function range(numbers, room = 0.08) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const more = room * Math.max(high - low, 1e-3);
  return [low - more, high + more];
}

function line(plot, role, points) {
  const d = points.map(([x, y], n) => `${n ? "L" : "M"}${plot.x(x).toFixed(1)} ${plot.y(y).toFixed(1)}`);
  return svg(plot.layer, "path", { class: `line ${role}`, d: d.join("") });
}

const SHAPES = {
  square: "M-6-6H6V6H-6Z",
  circle: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
  diamond: "M0-8L7 0L0 8L-7 0Z",
  up: "M0-8L8 6H-8Z",
  down: "M0 8L8-6H-8Z",
  plus: "M-3-8H3V-3H8V3H3V8H-3V3H-8V-3H-3Z",
};

function mark(parent, role, shape, x, y) {
  return svg(parent, "path", { class: `mark ${role}`, d: SHAPES[shape], transform: `translate(${x} ${y})` });
}

/** A bar from the axis up to `value`, filled in the pattern of its role. */
function bar(plot, role, left, width, value) {
  const top = plot.y(value);
  return svg(plot.layer, "rect", { class: `bar ${role}`, x: left, y: top, width, height: Math.max(plot.bottom - top, 0.5) });
}

function say(plot, x, y, text, attributes = {}) {
  return svg(plot.layer, "text", { x, y, "text-anchor": "middle", ...attributes }, text);
}

/** Hatchings, so that roles are told apart without color. */
function patterns() {
  const host = svg(document.body, "svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" });
  const shapes = { reference: "M-2 8L8-2M0 10L10 0", optimal: "M-2 8L8-2M0 10L10 0M-2 0L8 10M0-2L10 8" };
  for (const [role, d] of Object.entries(shapes)) {
    const pattern = svg(host, "pattern", { id: `hatch-${role}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" });
    svg(pattern, "rect", { class: `fill ${role}`, width: 8, height: 8 });
    svg(pattern, "path", { class: "hatch", d });
  }
}
