// A training run in the server, watched while it goes on.

import { get, postJson } from "./server.js";
import { drawCurve } from "./curve.js";
import { SHORT, TITLES, percent } from "./reading.js";

const id = (name) => document.getElementById(name);
const OFTEN = 250, SELDOM = 2000;

export class Training {
  // `changed` is called when the networks may read differently.
  constructor(changed) {
    this.changed = changed;
    this.run = 0;
    this.losses = [];
    this.progress = { status: "none", tests: [], steps: 0, step: 0 };
    this.listeners = [];
    id("train-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const form = new FormData(event.target), number = (name) => Number(form.get(name));
      this.start({ network: form.get("network"), epochs: number("epochs"), learning_rate: number("learning_rate"), seed: number("seed") });
    });
    id("stop").addEventListener("click", () => postJson("/api/training/stop", {}).catch(() => {}));
    this.draw();
    this.poll();
  }

  // The networks that can be trained.
  offer(networks) {
    id("train-network").replaceChildren(...networks.map(({ name }) => new Option(SHORT[name] ?? name, name)));
  }

  watch(listener) { this.listeners = [listener]; listener(this.progress); }

  async start(request) {
    try {
      await postJson("/api/training", request);
      this.poll();
    } catch (error) { id("run-status").textContent = error.message; }
  }

  async poll() {
    clearTimeout(this.timer);
    let wait = SELDOM;
    try {
      const before = this.progress;
      let progress = await get(`/api/training?from=${this.losses.length}`);
      if (progress.run !== this.run) {
        // Another run than the one whose points are here.
        this.losses = [];
        progress = await get("/api/training?from=0");
        this.run = progress.run;
      }
      this.losses.push(...progress.losses);
      this.progress = progress;
      this.show();
      if (progress.status === "running") wait = OFTEN;
      if (progress.status === "running" || progress.status !== before.status) this.changed();
    } catch { /* the server is away, and the banner says so */ }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poll(), wait);
  }

  // Also when the width has changed.
  draw() {
    const { tests, steps } = this.progress;
    drawCurve(id("curve"), this.losses, tests.map(({ step, test_loss }) => [step, test_loss]), steps);
  }

  show() {
    const { status, network, epochs, steps, step, tests, images_per_second: speed, message } = this.progress;
    this.listeners.forEach((listener) => listener(this.progress));
    id("start").disabled = status === "running";
    id("stop").disabled = status !== "running";
    if (status === "none") return;
    const last = tests.at(-1), test = last ? `test accuracy ${percent(last.test_accuracy, 2)}` : "";
    const texts = {
      running: steps ? `Step ${step.toLocaleString("en")} of ${steps.toLocaleString("en")} · ${Math.round(speed).toLocaleString("en")} images/s` : "Loading the images …",
      finished: `Finished: ${test}. Weights: ${message}`,
      stopped: `Stopped after step ${step.toLocaleString("en")}. Weights: ${message}`,
      failed: `It failed: ${message}`,
    };
    id("run-title").textContent = `${TITLES[network] ?? network}, ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`;
    id("run-status").textContent = texts[status];
    id("run-progress").value = steps ? step / steps : 0;
    this.draw();
    id("epochs").replaceChildren(...tests.map((test, i) => {
      const row = document.createElement("tr");
      const cells = [i + 1, test.train_loss.toFixed(4), percent(test.train_accuracy, 2), test.test_loss.toFixed(4), percent(test.test_accuracy, 2)];
      row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      return row;
    }));
  }
}
