import type { Fix } from "./calling";

const KEY = "fengsui.panic.position";
/** An older one is not where somebody is. */
const FRESH_MS = 60_000;

export type Found = { kind: "off" } | { kind: "waiting" } | { kind: "denied" } | { kind: "found"; fix: Fix; atMs: number };

/** Where the phone is, asked for only once somebody says that it may be told. */
export class Position {
  found: Found = { kind: "off" };
  private watch: number | undefined;

  constructor(private readonly changed: () => void) {}

  /** As it was left. */
  start(): void {
    if (localStorage.getItem(KEY) === "on") this.turn(true);
  }

  turn(on: boolean): void {
    localStorage.setItem(KEY, on ? "on" : "off");
    if (this.watch !== undefined) navigator.geolocation.clearWatch(this.watch);
    this.watch = undefined;
    this.found = on ? { kind: "waiting" } : { kind: "off" };
    if (on && "geolocation" in navigator) {
      this.watch = navigator.geolocation.watchPosition(
        ({ coords: { longitude, latitude, accuracy } }) => this.set({ kind: "found", fix: { longitude, latitude, accuracy_m: Math.round(accuracy) }, atMs: Date.now() }),
        (why) => why.code === why.PERMISSION_DENIED && this.set({ kind: "denied" }),
        { enableHighAccuracy: true, maximumAge: 10_000 },
      );
    } else if (on) this.found = { kind: "denied" };
    this.changed();
  }

  get fix(): Fix | undefined {
    return this.found.kind === "found" && Date.now() - this.found.atMs < FRESH_MS ? this.found.fix : undefined;
  }

  private set(found: Found): void {
    this.found = found;
    this.changed();
  }
}
