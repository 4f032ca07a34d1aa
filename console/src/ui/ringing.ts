/** The bell of the desk, made by the browser itself: one sound at a time, the more urgent one over the other. */
import { useSyncExternalStore } from "react";

export type Urgency = 1 | 2 | 3;
/** The most urgent first. */
export const URGENCIES: readonly Urgency[] = [1, 2, 3];
/** `off`: by this person's own choice; `blocked`: the browser lets no page sound before somebody has pressed or clicked in it. */
export type BellState = "on" | "off" | "blocked";

/** What is heard: hertz, and when it begins and ends, in seconds. The more urgent, the higher and the more often. */
const TONES: Record<Urgency, readonly (readonly [number, number, number])[]> = {
  1: [0, 0.5, 1].flatMap((at) => [[988, at, at + 0.18], [1319, at + 0.2, at + 0.42]] as const),
  2: [[784, 0, 0.25], [988, 0.3, 0.55], [784, 0.6, 0.85]],
  3: [[659, 0, 0.3]],
};
/** A flood is no drum: the next one waits so long. */
const REST_MS = 1_500;
/** What could not be heard is heard late, as long as it is news. */
const OWED_MS = 60_000;
const LOUD = 0.25;
const keyOf = (user: number) => `fengsui.alarm-sound.${user}`;

class Bell {
  private context: AudioContext | undefined;
  private user = 0;
  private sounding: { urgency: Urgency; untilMs: number; oscillators: OscillatorNode[] } | undefined;
  /** What would have rung while the browser let nothing sound. */
  private owed: { urgency: Urgency; atMs: number } | undefined;
  private readonly listeners = new Set<() => void>();

  /** Whose desk it is: what they chose holds. */
  belongsTo(user: number): void {
    this.user = user;
    this.open();
    this.changed();
  }

  readonly state = (): BellState => {
    if (localStorage.getItem(keyOf(this.user)) === "off") return "off";
    return this.context?.state === "running" ? "on" : "blocked";
  };

  setSilent(silent: boolean): void {
    if (silent) localStorage.setItem(keyOf(this.user), "off");
    else localStorage.removeItem(keyOf(this.user));
    if (silent) this.hush();
    else this.wake();
    this.changed();
  }

  ring(urgency: Urgency): void {
    const now = performance.now();
    if (this.sounding !== undefined && now < this.sounding.untilMs && urgency >= this.sounding.urgency) return;
    if (this.state() === "blocked" && urgency <= (this.owed?.urgency ?? urgency)) this.owed = { urgency, atMs: now };
    if (this.state() !== "on" || this.context === undefined) return;
    this.hush();
    const loud = new GainNode(this.context, { gain: LOUD });
    loud.connect(this.context.destination);
    const began = this.context.currentTime;
    const oscillators = TONES[urgency].map(([hertz, from, until]) => {
      const tone = new OscillatorNode(loud.context, { type: "triangle", frequency: hertz });
      tone.connect(loud);
      tone.start(began + from);
      tone.stop(began + until);
      return tone;
    });
    const lastsMs = Math.max(...TONES[urgency].map(([, , until]) => until)) * 1_000;
    this.sounding = { urgency, untilMs: now + lastsMs + REST_MS, oscillators };
  }

  hush(): void {
    this.owed = undefined;
    this.sounding?.oscillators.forEach((one) => one.stop());
    this.sounding = undefined;
  }

  readonly listen = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  private open(): void {
    if (this.context !== undefined || !("AudioContext" in window)) return;
    this.context = new AudioContext();
    this.context.onstatechange = () => this.changed();
    this.wake();
    for (const gesture of ["pointerdown", "keydown"]) window.addEventListener(gesture, () => this.wake(), true);
  }

  private wake(): void {
    if (this.context?.state === "suspended") void this.context.resume();
  }

  private changed(): void {
    const { owed } = this;
    if (owed !== undefined && this.state() === "on") {
      this.owed = undefined;
      if (performance.now() - owed.atMs < OWED_MS) this.ring(owed.urgency);
    }
    this.listeners.forEach((listener) => listener());
  }
}

export const bell = new Bell();

/** Whether it can be heard. */
export function useBell(): BellState {
  return useSyncExternalStore(bell.listen, bell.state);
}
