/** The picture on screen as a JPEG, with what it shows, when, and who took it burnt in: a copy that has left the page still names them. */

const MOST_WIDTH = 1920;
const QUALITY = 0.86;
const LINE = 0.032;

export interface Caption {
  /** Name and code of the camera. */
  camera: string;
  /** By the node's clock. */
  at: string;
  /** Person and unit. */
  viewer: string;
}

/** Undefined while there is no picture. What is masked on screen is masked here: the browser never had the rest. */
export async function takeSnapshot(video: HTMLVideoElement, caption: Caption): Promise<Blob | undefined> {
  if (video.videoWidth === 0) return undefined;
  const width = Math.min(video.videoWidth, MOST_WIDTH);
  const height = Math.round((video.videoHeight * width) / video.videoWidth);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  context.drawImage(video, 0, 0, width, height);
  const size = Math.max(12, Math.round(height * LINE));
  context.font = `${size}px system-ui, "Noto Sans CJK SC", sans-serif`;
  context.textBaseline = "middle";
  const band = size * 1.7;
  context.fillStyle = "rgba(0, 0, 0, 0.62)";
  context.fillRect(0, height - band, width, band);
  context.fillStyle = "#fff";
  context.fillText(`${caption.camera} · ${caption.at} · ${caption.viewer}`, size * 0.6, height - band / 2, width - size * 1.2);
  mark(context, width, height, size * 1.5, `${caption.viewer} · ${caption.at}`);
  return new Promise((done) => canvas.toBlob((blob) => done(blob ?? undefined), "image/jpeg", QUALITY));
}

/** Faint, across the picture: cutting the band off does not take the names away. */
function mark(context: CanvasRenderingContext2D, width: number, height: number, size: number, text: string): void {
  context.save();
  context.font = `${size}px system-ui, "Noto Sans CJK SC", sans-serif`;
  context.textAlign = "center";
  context.fillStyle = "rgba(255, 255, 255, 0.2)";
  for (const [x, y] of [[0.32, 0.28], [0.68, 0.62]] as const) {
    context.save();
    context.translate(width * x, height * y);
    context.rotate(-Math.PI / 9);
    context.fillText(text, 0, 0);
    context.restore();
  }
  context.restore();
}
