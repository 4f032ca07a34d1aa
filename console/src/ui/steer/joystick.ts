/** From a hand's place to speeds. Pure. Shares and speeds: pan right, tilt up, zoom in are positive. */

export interface Speeds {
  pan: number;
  tilt: number;
  zoom: number;
}

export const STILL: Speeds = { pan: 0, tilt: 0, zoom: 0 };
/** Within so much of the reach nothing moves; a hand rests there. */
const REST = 0.12;
/** Beyond: slow near the middle, where the eye corrects, fast at the rim. */
const CURVE = 1.6;
const SLOW = 35;
const FAST = 90;

/** -1…1 to -100…100, still within the dead zone. */
export function curved(share: number, rest = REST): number {
  const size = Math.min(1, Math.abs(share));
  if (size <= rest) return 0;
  return Math.sign(share) * Math.max(1, Math.round(100 * ((size - rest) / (1 - rest)) ** CURVE));
}

/** Dragged from the middle by `dx`, `dy` (px, down positive); `reach`: where full speed begins. Near an axis only that one turns. */
export function dragged(dx: number, dy: number, reach: number): Speeds {
  const length = Math.hypot(dx, dy);
  if (length === 0 || reach <= 0) return STILL;
  const speed = curved(length / reach);
  if (speed === 0) return STILL;
  const across = dx / length;
  const up = -dy / length;
  const straight = 0.2; // about 11 degrees
  return { pan: Math.abs(across) < straight ? 0 : Math.round(speed * across), tilt: Math.abs(up) < straight ? 0 : Math.round(speed * up), zoom: 0 };
}

const KEYS: Record<string, Speeds> = {
  ArrowLeft: { pan: -1, tilt: 0, zoom: 0 },
  ArrowRight: { pan: 1, tilt: 0, zoom: 0 },
  ArrowUp: { pan: 0, tilt: 1, zoom: 0 },
  ArrowDown: { pan: 0, tilt: -1, zoom: 0 },
  "+": { pan: 0, tilt: 0, zoom: 1 },
  "=": { pan: 0, tilt: 0, zoom: 1 },
  "-": { pan: 0, tilt: 0, zoom: -1 },
  _: { pan: 0, tilt: 0, zoom: -1 },
};

export function isSteeringKey(key: string): boolean {
  return key in KEYS;
}

/** Of the keys that are down together; opposite ones cancel out. */
export function keyed(down: Iterable<string>, fast: boolean): Speeds {
  const speed = fast ? FAST : SLOW;
  let [pan, tilt, zoom] = [0, 0, 0];
  for (const key of down) {
    const one = KEYS[key] ?? STILL;
    pan += one.pan;
    tilt += one.tilt;
    zoom += one.zoom;
  }
  return { pan: Math.sign(pan) * speed, tilt: Math.sign(tilt) * speed, zoom: Math.sign(zoom) * speed };
}

/** One notch of the wheel zooms at this speed for so long. */
export const NOTCH_MS = 220;

export function wheeled(deltaY: number, fast: boolean): Speeds {
  return { ...STILL, zoom: -Math.sign(deltaY) * (fast ? FAST : SLOW + 15) };
}

export function isStill({ pan, tilt, zoom }: Speeds): boolean {
  return pan === 0 && tilt === 0 && zoom === 0;
}
