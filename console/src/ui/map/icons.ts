import { CLASSES, type CameraClass } from "../camera-classes";
import { stateColours, type Colours } from "./colours";

/** A camera's mark: its class by the outline, its state by sign and colour, so that it is read without seeing colours. */
const SIZE = 22;
const CORNERS: Record<CameraClass, number> = { government: 0, "operating-unit": 4, private: 6, "police-internal": 3, restricted: 8 };

export const iconName = (state: number, cameraClass: number) => `camera-${state}-${cameraClass}`;
/** Of the layer that draws them. */
export const ICON = ["concat", "camera-", ["get", "s"], "-", ["get", "c"]];

function outline(pen: CanvasRenderingContext2D, corners: number): void {
  const radius = SIZE / 2 - 2;
  pen.beginPath();
  if (corners === 0) pen.arc(0, 0, radius, 0, 2 * Math.PI);
  for (let corner = 0; corner < corners; corner++) {
    const angle = ((corner + (corners % 2 === 0 ? 0.5 : 0)) / corners) * 2 * Math.PI - Math.PI / 2;
    pen.lineTo((radius + 1) * Math.cos(angle), (radius + 1) * Math.sin(angle) + (corners === 3 ? 2 : 0));
  }
  pen.closePath();
}

/** Online ●, offline ○, fault ▲, unknown ◇: as in every list. */
function sign(pen: CanvasRenderingContext2D, state: number): void {
  pen.beginPath();
  if (state === 0) pen.arc(0, 0, 3.4, 0, 2 * Math.PI);
  else if (state === 1) pen.arc(0, 0, 3, 0, 2 * Math.PI);
  else if (state === 2) [[0, -4], [4, 3], [-4, 3]].forEach(([x = 0, y = 0]) => pen.lineTo(x, y));
  else [[0, -4], [4, 0], [0, 4], [-4, 0]].forEach(([x = 0, y = 0]) => pen.lineTo(x, y));
  pen.closePath();
  if (state === 0 || state === 2) pen.fill();
  else pen.stroke();
}

/** A pin with an eye: what a person saw, and no camera. `chosen`: filled. */
export function drawSighting(colours: Colours, chosen: boolean, ratio: number): ImageData {
  const [width, height] = [24, 32];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  const pen = canvas.getContext("2d");
  if (pen === null) return new ImageData(canvas.width, canvas.height);
  pen.scale(ratio, ratio);
  pen.fillStyle = chosen ? colours.accent : colours.panel;
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(12, 12, 10, Math.PI * 0.8, Math.PI * 0.2);
  pen.lineTo(12, 31);
  pen.closePath();
  pen.fill();
  pen.stroke();
  pen.strokeStyle = pen.fillStyle = chosen ? colours.panel : colours.accent;
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.moveTo(5, 12);
  pen.quadraticCurveTo(12, 4.5, 19, 12);
  pen.quadraticCurveTo(12, 19.5, 5, 12);
  pen.closePath();
  pen.stroke();
  pen.beginPath();
  pen.arc(12, 12, 2.4, 0, 2 * Math.PI);
  pen.fill();
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

export function drawIcon(colours: Colours, state: number, cameraClass: number, ratio: number): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * ratio;
  const pen = canvas.getContext("2d");
  if (pen === null) return new ImageData(canvas.width, canvas.height);
  const colour = stateColours(colours)[state] ?? colours.quiet;
  pen.scale(ratio, ratio);
  pen.translate(SIZE / 2, SIZE / 2);
  outline(pen, CORNERS[CLASSES[cameraClass] ?? "government"]);
  pen.fillStyle = colours.panel;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = colour;
  pen.stroke();
  pen.fillStyle = colour;
  pen.lineWidth = 1.6;
  sign(pen, state);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
