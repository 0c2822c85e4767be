// Pictures of numbers: grey images, and the outputs of layers.

// Shows bytes as grey, light on black.
export function showGrey(canvas, bytes) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  bytes.forEach((byte, i) => image.data.set([byte, byte, byte, 255], 4 * i));
  context.putImageData(image, 0, 0);
}

// How the output of a layer is laid out: tiles of rows × columns, so many beside each other.
function layout(shape) {
  const [maps, rows, columns] = shape.length === 3 ? shape : [1, 1, shape[0]];
  if (rows * columns > 1 && shape.length === 3) return { maps, rows, columns, across: maps > 6 ? 8 : 6, gap: 1 };
  // Single numbers: as near to a band of 3 : 1 as their count can be divided.
  const count = maps * columns;
  let across = count;
  for (let n = 1; n <= count; n++) if (count % n === 0 && n / (count / n) >= 2.2) { across = n; break; }
  return { maps: count, rows: 1, columns: 1, across, gap: 0 };
}

// A canvas for a layer's output, of its final size from the beginning.
export function mapCanvas(shape) {
  const canvas = document.createElement("canvas"), { maps, rows, columns, across, gap } = layout(shape);
  canvas.width = across * (columns + gap) - gap;
  canvas.height = Math.ceil(maps / across) * (rows + gap) - gap;
  return canvas;
}

const rgb = (text) => text.trim().match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));

// Shows values of -127 to 127: the page's ink for what is positive, a warm colour for what is
// negative, the ground for 0.
export function showMaps(canvas, shape, values) {
  const { maps, rows, columns, across, gap } = layout(shape);
  const style = getComputedStyle(canvas), colour = (name) => rgb(style.getPropertyValue(name));
  const [zero, plus, minus] = [colour("--field"), colour("--ink"), colour("--warm")];
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let map = 0; map < maps; map++) {
    const left = (map % across) * (columns + gap), top = Math.floor(map / across) * (rows + gap);
    for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) {
      const value = values ? values[(map * rows + y) * columns + x] / 127 : 0;
      const to = value > 0 ? plus : minus, share = Math.abs(value);
      const at = 4 * ((top + y) * canvas.width + left + x);
      for (let c = 0; c < 3; c++) image.data[at + c] = zero[c] + share * (to[c] - zero[c]);
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}
