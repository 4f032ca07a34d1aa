import type { Colours } from "./colours";

/** Marks of alarm points: a square above its place, the state by its sign, so that it is read without seeing colours. */
const [SIDE, STEM] = [20, 10];
const WIDTH = SIDE + 4;
/** So far below its upper edge ends the square; what is further down is the stem to the place. */
export const SQUARE_PX = WIDTH;
export const MARK_PX = WIDTH + STEM;

function begun(ratio: number): [HTMLCanvasElement, CanvasRenderingContext2D | null] {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH * ratio, MARK_PX * ratio];
  const pen = canvas.getContext("2d");
  pen?.scale(ratio, ratio);
  return [canvas, pen];
}

function square(pen: CanvasRenderingContext2D, fill: string, edge: string, dashed: boolean): void {
  pen.strokeStyle = edge;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(WIDTH / 2, WIDTH - 2);
  pen.lineTo(WIDTH / 2, MARK_PX);
  pen.stroke();
  pen.beginPath();
  pen.roundRect(2, 2, SIDE, SIDE, 4);
  pen.fillStyle = fill;
  pen.fill();
  if (dashed) pen.setLineDash([3, 2]);
  pen.stroke();
  pen.setLineDash([]);
}

/** A lock for armed, an open one for disarmed, T for test, a cross for silent, a filled circle for what is always watched. */
function sign(pen: CanvasRenderingContext2D, state: number): void {
  const [x, y] = [WIDTH / 2, WIDTH / 2];
  pen.lineWidth = 1.8;
  pen.beginPath();
  if (state === 0 || state === 1) {
    pen.roundRect(x - 5, y - 0.5, 10, 7, 1.5);
    if (state === 0) pen.fill();
    else pen.stroke();
    pen.beginPath();
    if (state === 0) pen.arc(x, y - 1, 3.2, Math.PI, 0);
    else pen.arc(x + 3.4, y - 2.6, 3, Math.PI, 0);
  } else if (state === 2) {
    pen.lineWidth = 2.4;
    pen.moveTo(x - 5, y - 5);
    pen.lineTo(x + 5, y - 5);
    pen.moveTo(x, y - 5);
    pen.lineTo(x, y + 6);
  } else if (state === 3) {
    pen.lineWidth = 2.4;
    pen.moveTo(x - 4.5, y - 4.5);
    pen.lineTo(x + 4.5, y + 4.5);
    pen.moveTo(x + 4.5, y - 4.5);
    pen.lineTo(x - 4.5, y + 4.5);
  } else {
    pen.arc(x, y, 4.4, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.stroke();
}

/** By the digit of its state. */
export function drawAlarmPoint(colours: Colours, state: number, ratio: number): ImageData {
  const [canvas, pen] = begun(ratio);
  if (pen === null) return new ImageData(canvas.width, canvas.height);
  const colour = [colours.ok, colours.quiet, colours.warn, colours.bad, colours.accent][state] ?? colours.quiet;
  square(pen, colours.panel, colour, state === 2 || state === 3);
  pen.strokeStyle = pen.fillStyle = colour;
  sign(pen, state);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Several at one place or near each other: two squares, one behind the other. */
export function drawAlarmCluster(colours: Colours, ratio: number): ImageData {
  const [canvas, pen] = begun(ratio);
  if (pen === null) return new ImageData(canvas.width, canvas.height);
  square(pen, colours.panel, colours.text, false);
  pen.strokeStyle = pen.fillStyle = colours.text;
  pen.lineWidth = 1.6;
  for (const [x, y] of [[6, 6], [13, 6], [6, 13], [13, 13]] as const) {
    pen.beginPath();
    pen.roundRect(x, y, 5, 5, 1);
    pen.fill();
  }
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** One that rings: its priority, filled as long as nobody has taken it. */
export function drawRinging(colours: Colours, priority: number, taken: boolean, ratio: number): ImageData {
  const [canvas, pen] = begun(ratio);
  if (pen === null) return new ImageData(canvas.width, canvas.height);
  square(pen, taken ? colours.panel : colours.bad, colours.bad, false);
  pen.fillStyle = taken ? colours.bad : colours.panel;
  pen.font = "bold 15px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(`${priority}!`, WIDTH / 2, WIDTH / 2 + 1);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
