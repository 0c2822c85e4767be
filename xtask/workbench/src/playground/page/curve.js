// The loss of a run, on a logarithmic axis: a line for the steps, marks for the test images.

const SVG = "http://www.w3.org/2000/svg";
const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [300, 44, 12, 24, 34];
const DECADES = [0.001, 0.01, 0.1, 1, 10];

function draw(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// Points are [step, loss].
export function drawCurve(svg, losses, tests, steps) {
  const WIDTH = svg.clientWidth || 640;
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  const all = [...losses, ...tests].map(([, loss]) => loss).filter((loss) => loss > 0);
  const low = Math.floor(Math.log10(Math.min(0.1, ...all))), top = Math.log10(Math.max(3, ...all));
  const x = (step) => LEFT + (WIDTH - LEFT - RIGHT) * step / Math.max(steps, 1);
  const y = (loss) => TOP + (HEIGHT - TOP - BOTTOM) * (top - Math.log10(Math.max(loss, 10 ** low))) / (top - low);
  const parts = [draw("text", { x: LEFT, y: 14 }, "loss, of training (line) and test (marks)")];
  for (const decade of DECADES.filter((decade) => Math.log10(decade) >= low - 1e-9 && Math.log10(decade) <= top)) {
    parts.push(draw("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(decade), y2: y(decade) }));
    parts.push(draw("text", { x: LEFT - 8, y: y(decade) + 4, "text-anchor": "end" }, `${decade}`));
  }
  for (let i = 0; i <= 4; i++) {
    const step = Math.round(steps * i / 4), anchor = i === 0 ? "start" : i === 4 ? "end" : "middle";
    if (steps >= 4) parts.push(draw("text", { x: x(step), y: HEIGHT - 14, "text-anchor": anchor }, step.toLocaleString("en")));
  }
  const line = losses.map(([step, loss]) => `${x(step).toFixed(1)} ${y(loss).toFixed(1)}`);
  if (line.length) parts.push(draw("path", { class: "line", d: `M${line.join("L")}` }));
  for (const [step, loss] of tests) parts.push(draw("circle", { class: "mark", cx: x(step), cy: y(loss), r: 5 }));
  svg.replaceChildren(...parts);
}
