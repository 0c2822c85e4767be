// Back-propagation through a small network, one equation at a time.

import { postJson } from "./server.js";

const SVG = "http://www.w3.org/2000/svg";
const id = (name) => document.getElementById(name);
const four = (x) => (Math.abs(x) < 5e-5 ? 0 : x).toFixed(4);

// What an equation is about: layers of nodes and of edges, and whether it goes back.
const PARTS = {
  3: { nodes: ["h"], edges: ["w"] }, 4: { nodes: ["y"], edges: ["v"] }, 5: { nodes: ["J"], edges: ["J"] },
  6: { nodes: ["J", "y"], edges: ["J"], back: true }, 7: { nodes: ["y"], edges: [], back: true },
  8: { nodes: ["y"], edges: ["v"], back: true }, 9: { nodes: ["h"], edges: ["v"], back: true },
  10: { nodes: ["h"], edges: ["w"], back: true }, 11: { nodes: [], edges: ["w", "v"], back: true },
};

function draw(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export class Lesson {
  constructor() {
    this.step = 0;
    this.steps = [];
    const form = id("lesson-form");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.load());
    id("previous").addEventListener("click", () => this.go(-1));
    id("next").addEventListener("click", () => this.go(1));
    id("lesson").addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by && !event.target.matches("input, select")) { event.preventDefault(); this.go(by); }
    });
  }

  // Asks for the numbers when the tab is first shown.
  begin() { if (!this.data) this.load(); }

  async load() {
    if (!id("lesson-form").checkValidity()) return;
    const form = new FormData(id("lesson-form")), request = { activation: form.get("activation") };
    for (const name of ["inputs", "hidden", "outputs", "learning_rate", "seed"]) request[name] = Number(form.get(name));
    try {
      this.data = await postJson("/api/lesson", request);
    } catch (error) { id("step-title").textContent = error.message; return; }
    // Each equation begins a step; what comes before the first is what is given.
    this.steps = [];
    for (const { title, lines } of this.data.sections) {
      for (const { equation, text } of lines) {
        const last = this.steps.at(-1);
        if (equation || !last || last.title !== title) this.steps.push({ title, equation, formula: equation ? text : "", lines: equation ? [] : [text] });
        else last.lines.push(text);
      }
    }
    this.step = Math.min(this.step, this.steps.length - 1);
    this.show();
  }

  go(by) {
    this.step = Math.min(Math.max(this.step + by, 0), this.steps.length - 1);
    this.show();
  }

  show() {
    if (!this.steps.length) return;
    const { title, equation, formula, lines } = this.steps[this.step];
    id("step-title").textContent = title;
    id("step-count").textContent = `${this.step + 1} of ${this.steps.length}`;
    id("previous").disabled = this.step === 0;
    id("next").disabled = this.step === this.steps.length - 1;
    id("equation").textContent = equation ? `(3.${equation})  ${formula}` : "Forward, back, and one step of gradient descent";
    // Results stand below each other where there is room.
    const narrow = id("numbers").clientWidth < 500;
    id("numbers").textContent = lines.map((line) => line.replace(/^ {4}/, "").replace(narrow ? / {2,}=/g : /$^/, " =")).join("\n");
    this.diagram(equation);
  }

  diagram(equation) {
    const { sizes, values, gradients } = this.data;
    const reached = equation ?? 0, part = PARTS[equation] ?? { nodes: [], edges: [] };
    const width = id("diagram").clientWidth || 640;
    id("diagram").setAttribute("viewBox", `0 0 ${width} 300`);
    const columns = { x: 0.09 * width, h: 0.37 * width, y: 0.65 * width, J: 0.91 * width };
    const count = { x: sizes[0], h: sizes[1], y: sizes[2], J: 1 };
    const height = (name, i) => 150 + (i - (count[name] - 1) / 2) * 72;
    const parts = [];
    const join = (set, from, to) => {
      for (let i = 0; i < count[from]; i++) for (let k = 0; k < count[to]; k++) {
        const state = part.edges.includes(set) ? (part.back ? "back" : "active") : "";
        parts.push(draw("line", { class: `edge ${state}`, x1: columns[from], y1: height(from, i), x2: columns[to], y2: height(to, k) }));
      }
    };
    join("w", "x", "h"); join("v", "h", "y"); join("J", "y", "J");
    const node = (name, i, label, value, slope) => {
      const state = part.nodes.includes(name) ? (part.back ? "back" : "active") : "";
      const [x, y] = [columns[name], height(name, i)], middle = { x, "text-anchor": "middle" };
      const group = draw("g", { class: `node ${state}` }, draw("circle", { cx: x, cy: y, r: 29 }),
        draw("text", { ...middle, y: y - 3, class: "name" }, label));
      if (value !== undefined) group.append(draw("text", { ...middle, y: y + 13, class: "value" }, four(value)));
      if (slope !== undefined) group.append(draw("text", { ...middle, y: y + 41, class: "slope" }, `∂ ${four(slope)}`));
      parts.push(group);
    };
    const sub = (i) => "₁₂₃₄"[i];
    for (let i = 0; i < sizes[0]; i++) node("x", i, `x${sub(i)}`, values.x[i]);
    for (let j = 0; j < sizes[1]; j++) node("h", j, `h${sub(j)}`, reached >= 3 ? values.h[j] : undefined, reached >= 9 ? gradients.h[j] : undefined);
    for (let k = 0; k < sizes[2]; k++) node("y", k, `ỹ${sub(k)}`, reached >= 4 ? values["ỹ"][k] : undefined, reached >= 6 ? gradients["ỹ"][k] : undefined);
    node("J", 0, "J", reached >= 5 ? values.J[0] : undefined);
    id("diagram").replaceChildren(...parts);
  }
}
