// The page: its tabs, and the drawing that both networks read.

import { Refused, get, post } from "./server.js";
import { Pad } from "./pad.js";
import { Column } from "./reading.js";
import { showGrey } from "./maps.js";
import { Training } from "./training.js";
import { Lesson } from "./lesson.js";

const id = (name) => document.getElementById(name);

// Tabs: arrow keys go from one to the next; the address remembers which is shown.
const tabs = [...document.querySelectorAll("[role=tab]")];
function select(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", chosen);
    other.tabIndex = chosen ? 0 : -1;
    id(other.getAttribute("aria-controls")).hidden = !chosen;
  }
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
  if (tab.id === "tab-lesson") lesson.begin();
  repaint();
}

// What is drawn to the width, or in the colours, of the moment.
function repaint() {
  columns.forEach((column) => column.repaint());
  training.draw();
  lesson.show();
}
tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(i + step + tabs.length) % tabs.length];
    next.focus();
    select(next);
  });
});

const pad = new Pad(id("pad"));
const training = new Training(() => schedule());
const lesson = new Lesson();
let columns = [];

// One request is under way at most; what is drawn meanwhile is sent after it.
let busy = false, again = false;
function schedule() {
  if (busy) { again = true; return; }
  busy = true;
  requestAnimationFrame(read);
}

async function read() {
  again = false;
  id("pad-hint").hidden = !pad.empty;
  try {
    show(pad.empty ? null : await post("/api/read", pad.file()));
    if (pad.empty) say("");
  } catch (error) {
    if (error instanceof Refused) { show(null); say(error.message); }
  }
  busy = false;
  if (again) schedule();
}

function show(reading) {
  showGrey(id("digit"), reading?.digit ?? new Array(28 * 28).fill(0));
  showGrey(id("input"), reading?.input ?? new Array(32 * 32).fill(0));
  for (const column of columns) column.show(reading?.networks[column.network.name] ?? null);
  if (!reading) return;
  const read = columns.flatMap((column) => column.digit.textContent.trim().match(/\d/) ?? []);
  say(read.length === 2 ? (read[0] === read[1] ? `Both networks read ${read[0]}.` : `They disagree: ${read.join(" and ")}.`)
    : read.length === 1 ? `It is read as ${read[0]}.` : "");
}

const say = (text) => { if (id("message").textContent !== text) id("message").textContent = text; };

pad.addEventListener("change", schedule);
id("clear").addEventListener("click", () => pad.clear());
id("undo").addEventListener("click", () => pad.undo());

let sample = 0;
id("sample").addEventListener("click", async () => {
  try {
    const { pixels } = await get(`/api/sample?index=${sample}`);
    // Test images one after another, in leaps, so that neighbours differ.
    sample = (sample + 37) % 10000;
    const canvas = new OffscreenCanvas(28, 28), context = canvas.getContext("2d");
    const image = context.createImageData(28, 28);
    pixels.forEach((ink, i) => image.data.set([255 - ink, 255 - ink, 255 - ink, 255], 4 * i));
    context.putImageData(image, 0, 0);
    pad.load(canvas);
  } catch (error) { say(error.message); }
});

async function open(file) {
  try { pad.load(await createImageBitmap(file)); } catch { say(`${file.name} is no picture that this browser can open.`); }
}
id("picture").addEventListener("change", ({ target }) => { if (target.files[0]) open(target.files[0]); target.value = ""; });
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => { event.preventDefault(); if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]); });

async function load() {
  const { networks } = await get("/api/networks");
  columns = networks.map((network) => new Column(network, (name) => training.start({ network: name, epochs: 1, learning_rate: 0.02, seed: 1 })));
  id("networks").replaceChildren(...columns.map((column) => column.root));
  columns.forEach((column) => column.repaint());
  training.offer(networks);
  training.watch((progress) => columns.forEach((column) => column.training(progress)));
  schedule();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
addEventListener("resize", repaint);
document.addEventListener("online-again", load);
const wanted = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
load().catch(() => {});
if (wanted) select(wanted);
