const JPEG_QUALITY = 0.86;

/** A still of what is seen, with the mark that every view bears, and what it is of. Sizes in pixels of the picture. */
export interface StillFacts {
  camera: string;
  name: string;
  /** The node's time, as it is shown. */
  time: string;
  /** Who keeps it, and under which ticket; empty without one. */
  viewer: string;
  ticket: string;
}

/** The picture as it stands in this moment, whole; undefined while there is none. What is masked on screen is masked here: the browser never had the rest. */
export function frameOf(video: HTMLVideoElement, mostWidth = video.videoWidth): HTMLCanvasElement | undefined {
  if (video.videoWidth === 0 || video.videoHeight === 0) return undefined;
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(video.videoWidth, mostWidth);
  canvas.height = Math.round((video.videoHeight * canvas.width) / video.videoWidth);
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A line below the picture says what it is; the mark lies on the picture itself, over and over, so that no part of it is without. */
export function marked(frame: HTMLCanvasElement, facts: StillFacts): HTMLCanvasElement {
  const { width, height } = frame;
  const letter = Math.max(13, Math.round(height / 34));
  const foot = letter * 2;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height + foot;
  const paint = canvas.getContext("2d");
  if (paint === null) return frame;
  paint.drawImage(frame, 0, 0);
  const who = [facts.viewer, facts.time, facts.ticket].filter((part) => part !== "").join(" · ");
  paint.font = `${letter}px "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif`;
  paint.textBaseline = "middle";
  paint.save();
  paint.beginPath();
  paint.rect(0, 0, width, height);
  paint.clip();
  paint.translate(width / 2, height / 2);
  paint.rotate((-14 * Math.PI) / 180);
  paint.fillStyle = "rgb(255 255 255 / 22%)";
  paint.shadowColor = "#000";
  paint.shadowBlur = 2;
  const across = paint.measureText(who).width + letter * 6;
  const reach = width + height;
  let line = 0;
  for (let y = -reach; y < reach; y += letter * 7) {
    for (let x = -reach - (line % 2) * (across / 2); x < reach; x += across) paint.fillText(who, x, y);
    line += 1;
  }
  paint.restore();
  paint.fillStyle = "#0b0f14";
  paint.fillRect(0, height, width, foot);
  paint.fillStyle = "#dce5ee";
  paint.fillText([facts.name, facts.camera, who].join(" · "), letter / 2, height + foot / 2, width - letter);
  return canvas;
}

/** For the node to keep: what stands there for long is small. */
export function asJpeg(canvas: HTMLCanvasElement): Promise<Blob | undefined> {
  return new Promise((done) => canvas.toBlob((blob) => done(blob ?? undefined), "image/jpeg", JPEG_QUALITY));
}

/** Gives it to the browser as a file. */
export async function keep(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/[\\/:*?"<>|\s]+/g, "_")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
