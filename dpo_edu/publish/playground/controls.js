/* Controls: a slider with its number field, a mark to drag in a chart, lists of numbers. */

const byId = (id) => document.getElementById(id);

/** An element with attributes and children (elements or HTML text). */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children)
    if (typeof child === "string") made.insertAdjacentHTML("beforeend", child);
    else made.append(child);
  return made;
}

/** Digits after the point, and a minus sign that is as wide as a plus sign. */
function digits(value, count = 4) {
  const text = Math.abs(value).toFixed(count);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

const signed = (value, count) => (value < 0 ? "" : "+") + digits(value, count);

/** A labeled slider and a number field for `name` of the state.

    low, high: of the slider; the field takes all that LIMITS allows. With `log` the
    slider moves along powers of ten. */
function field(host, { name, label, hint = "", role = "", low, high, step, log = false }) {
  const toSlider = log ? Math.log10 : (value) => value;
  const fromSlider = log ? (value) => Number((10 ** value).toPrecision(3)) : (value) => value;
  const labeled = { "aria-labelledby": `${name}-label` };
  const taken = () => within(name, fromSlider(Number(slider.value)));
  const slider = element("input", { type: "range", id: `${name}-slider`, ...labeled,
    min: toSlider(low), max: toSlider(high), step: log ? 0.02 : step });
  const number = element("input", { type: "number", id: name, ...labeled,
    min: LIMITS[name][0], max: LIMITS[name][1], step: log ? "any" : step });
  slider.addEventListener("input", () => change({ [name]: taken() }));
  number.addEventListener("input", () => {
    if (number.value !== "" && number.validity.badInput === false)
      change({ [name]: within(name, Number(number.value)) });
  });
  number.addEventListener("change", () => { number.value = brief(state[name]); });
  host.append(element("div", { class: `field ${role}` },
    `<label id="${name}-label" for="${name}">${label} <small>${hint}</small></label>`, slider, number));
  views.push(() => {
    // Whole numbers: a key may move the slider too little for the next one, but not in vain.
    if (taken() !== state[name]) slider.value = toSlider(state[name]);
    slider.setAttribute("aria-valuetext", brief(state[name]));
    if (document.activeElement !== number) number.value = brief(state[name]);
  });
}

/** Make an SVG group a slider for fingers, mouse and keys.

    read() and write(value) are its value; place(value) is its text for screen readers;
    fromPointer(event) the value under a pointer. */
function draggable(group, { label, low, high, step, read, write, fromPointer }) {
  for (const [name, value] of Object.entries({ role: "slider", tabindex: 0, "aria-label": label,
    "aria-orientation": "vertical", "aria-valuemin": low, "aria-valuemax": high, class: "handle" }))
    group.setAttribute(name, value);
  const moves = { ArrowUp: step, ArrowRight: step, ArrowDown: -step, ArrowLeft: -step,
    PageUp: 5 * step, PageDown: -5 * step };
  group.addEventListener("keydown", (event) => {
    const ends = { Home: low, End: high };
    if (!(event.key in moves) && !(event.key in ends)) return;
    event.preventDefault();
    write(event.key in ends ? ends[event.key] : read() + moves[event.key]);
  });
  group.addEventListener("pointerdown", (event) => group.setPointerCapture(event.pointerId));
  group.addEventListener("pointermove", (event) => {
    if (group.hasPointerCapture(event.pointerId)) write(fromPointer(event));
  });
  views.push(() => {
    group.setAttribute("aria-valuenow", digits(read(), 3).replace("−", "-"));
  });
}

/** Rows of a list: what it is, how it is computed, its value. */
function listNumbers(host, rows) {
  host.replaceChildren(...rows.flatMap(([name, how, value]) => [
    element("dt", {}, `${name} <small>${how}</small>`),
    element("dd", {}, value),
  ]));
}
