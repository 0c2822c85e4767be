// The columns that compare the networks: what each reads, and what its layers make of the digit.

import { mapCanvas, showMaps } from "./maps.js";

export const TITLES = {
  "lenet5": "LeNet-5, the chapter's listing",
  "lenet5-classic": "LeNet-5 as published in 1998",
};

export const SHORT = { "lenet5": "LeNet-5", "lenet5-classic": "LeNet-5, 1998" };

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

export const percent = (share, decimals = 1) => `${(100 * share).toFixed(decimals)} %`;

export class Column {
  constructor(network, train) {
    this.network = network;
    this.origin = element("p");
    this.digit = element("b", { textContent: "·" });
    this.certainty = element("span", { textContent: "\u00a0" });
    this.bars = Array.from({ length: 10 }, (_, digit) =>
      element("li", {}, `${digit}`, element("i"), element("span", { textContent: "" })));
    this.verdict = element("div", { className: "verdict" },
      element("div", { className: "answer" }, this.digit, this.certainty),
      element("ol", { className: "bars", ariaLabel: "Probabilities" }, ...this.bars));
    this.untrained = element("div", { className: "untrained" },
      element("p", { textContent: "There are no weights for this network yet." }),
      element("button", { className: "primary", textContent: "Train it now", onclick: () => train(network.name) }));
    this.layers = network.layers.map(({ path, kind, shape }) => {
      const canvas = mapCanvas(shape);
      const row = element("div", { className: "layer" },
        element("p", {}, element("b", { textContent: path }), element("span", { textContent: `${kind} ${shape.join(" × ")}` })), canvas);
      return { path, shape, canvas, row, values: null };
    });
    this.root = element("article", { className: "card network" },
      element("header", {}, element("h2", { textContent: TITLES[network.name] ?? network.name }), this.origin),
      this.verdict, this.untrained,
      element("div", { className: "layers" }, ...this.layers.map((layer) => layer.row)));
    this.root.dataset.network = network.name;
    this.setOrigin(network.origin);
    this.show(null);
  }

  setOrigin(origin) {
    const parameters = `${this.network.parameters.toLocaleString("en")} parameters`;
    this.origin.textContent = this.origin.title = origin ? `${parameters} · ${origin}` : parameters;
    this.verdict.hidden = !origin;
    this.untrained.hidden = !!origin;
  }

  // Shows a reading, or that there is none.
  show(reading) {
    if (reading) this.setOrigin(reading.origin);
    const shares = reading?.probabilities, best = shares ? shares.indexOf(Math.max(...shares)) : -1;
    this.digit.textContent = shares ? best : "·";
    this.certainty.textContent = shares ? percent(shares[best]) : "\u00a0";
    this.bars.forEach((bar, digit) => {
      bar.classList.toggle("best", digit === best);
      bar.children[0].style.setProperty("--share", shares ? shares[digit] : 0);
      bar.children[1].textContent = shares ? percent(shares[digit]) : "";
    });
    for (const layer of this.layers) {
      layer.values = reading?.layers.find(({ path }) => path === layer.path)?.values ?? null;
    }
    this.repaint();
  }

  // Tells in the place of a network without weights how far its training is.
  training({ status, network, step, steps, message }) {
    if (this.untrained.hidden) return;
    const [text, button] = this.untrained.children, own = network === this.network.name;
    const share = steps ? Math.floor(100 * step / steps) : 0;
    button.disabled = status === "running";
    text.textContent = own && status === "running" ? `It is being trained: ${share} % done.`
      : own && status === "failed" ? message : "There are no weights for this network yet.";
  }

  repaint() { for (const { canvas, shape, values } of this.layers) if (canvas.isConnected) showMaps(canvas, shape, values); }
}
