// The drawing area: strokes by mouse, finger, pen or keys, and pictures.

const SIZE = 280, WIDTH = 22, STEP = 8, FINE = 2;

export class Pad extends EventTarget {
  constructor(canvas) {
    super();
    this.canvas = canvas;
    this.strokes = [];
    this.picture = null;
    this.cursor = [SIZE / 2, SIZE / 2];
    this.pen = false;
    // What is sent: always black on white, whatever the page's colours are.
    this.sheet = new OffscreenCanvas(SIZE, SIZE);
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { this.drawing = false; });
    canvas.addEventListener("keydown", (event) => this.key(event));
    for (const change of ["focus", "blur"]) canvas.addEventListener(change, () => this.show());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.show());
    const pixels = () => { const r = devicePixelRatio || 1; canvas.width = canvas.height = SIZE * r; this.show(); };
    pixels();
  }

  get empty() { return this.strokes.length === 0 && !this.picture; }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * SIZE, (event.clientY - box.top) / box.height * SIZE];
  }

  down(event) {
    if (event.button > 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = true;
    this.pen = false;
    this.strokes.push([this.place(event)]);
    this.changed();
  }

  move(event) {
    if (!this.drawing) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const part of events.length ? events : [event]) this.strokes.at(-1).push(this.place(part));
    this.changed();
  }

  key(event) {
    const step = event.shiftKey ? FINE : STEP;
    const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [0, 0];
    if (dx || dy) {
      this.cursor = [dx, dy].map((d, i) => Math.min(SIZE - 4, Math.max(4, this.cursor[i] + d)));
      if (this.pen) this.strokes.at(-1).push([...this.cursor]);
    } else if (event.key === " ") {
      this.pen = !this.pen;
      if (this.pen) this.strokes.push([[...this.cursor]]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      this.undo();
    } else {
      return;
    }
    event.preventDefault();
    this.changed();
  }

  clear() { this.strokes = []; this.picture = null; this.pen = false; this.changed(); }

  undo() {
    this.pen = false;
    if (!this.strokes.pop()) this.picture = null;
    this.changed();
  }

  // Shows a picture (anything that can be drawn) instead of what was there.
  load(picture) { this.strokes = []; this.pen = false; this.picture = picture; this.changed(); }

  changed() {
    this.show();
    this.dispatchEvent(new Event("change"));
  }

  paint(context, ground, ink) {
    context.fillStyle = ground;
    context.fillRect(0, 0, SIZE, SIZE);
    if (this.picture) {
      const { width, height } = this.picture, scale = SIZE / Math.max(width, height);
      const [w, h] = [width * scale, height * scale];
      context.drawImage(this.picture, (SIZE - w) / 2, (SIZE - h) / 2, w, h);
    }
    Object.assign(context, { strokeStyle: ink, lineWidth: WIDTH, lineCap: "round", lineJoin: "round" });
    for (const [first, ...rest] of this.strokes) {
      context.beginPath();
      context.moveTo(...first);
      context.lineTo(...first);
      for (const point of rest) context.lineTo(...point);
      context.stroke();
    }
  }

  show() {
    const context = this.canvas.getContext("2d"), ratio = this.canvas.width / SIZE;
    const style = getComputedStyle(this.canvas);
    const colour = (name) => style.getPropertyValue(name);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.paint(context, this.picture ? "#fff" : colour("--paper"), this.picture ? "#000" : colour("--ink"));
    if (document.activeElement === this.canvas && this.canvas.matches(":focus-visible")) {
      Object.assign(context, { strokeStyle: colour("--accent"), fillStyle: colour("--accent"), lineWidth: 2 });
      context.beginPath();
      context.arc(...this.cursor, WIDTH / 2, 0, 2 * Math.PI);
      context.stroke();
      if (this.pen) { context.globalAlpha = 0.35; context.fill(); context.globalAlpha = 1; }
    }
  }

  // The drawing as a file in the PPM format.
  file() {
    const context = this.sheet.getContext("2d", { willReadFrequently: true });
    this.paint(context, "#fff", "#000");
    const { data } = context.getImageData(0, 0, SIZE, SIZE);
    const header = new TextEncoder().encode(`P6 ${SIZE} ${SIZE} 255\n`);
    const file = new Uint8Array(header.length + 3 * SIZE * SIZE);
    file.set(header);
    for (let i = 0, to = header.length; i < data.length; i += 4) for (let c = 0; c < 3; c++) file[to++] = data[i + c];
    return file;
  }
}
