import type { PlayerState } from "./footage-player";
import type { Peeks } from "./peeks";
import { overGaps, type Missing, type Period } from "./pieces";
import { Stepper } from "./stepper";

/** When the next or the last picture is of; `none`: there is no more that way, in what is open; `wait`: it is being found out. */
export type Stepped = number | "none" | "wait";

/** Whoever shows one camera's recorded pictures, held to the clock of all. */
export interface HeldPlayer {
  /** Called many times a second. `goes`: the clock goes now; it stands while it is paused, and while `playing` but somebody's pictures are waited for. */
  hold(atUs: number, speed: number, goes: boolean, playing: boolean): PlayerState;
  /** Where nothing is to be shown, as far as it is known. */
  gapAt(atUs: number): Missing | undefined;
  /** Of the picture of an instant; `inclusive`: or the one that begins with it, which shows nothing yet. */
  neighbour(atUs: number, by: 1 | -1, inclusive?: boolean): Stepped;
  beginOf(atUs: number): number | undefined;
  /** Its pictures beside what is played; undefined where there is no such way. */
  readonly peeks?: Peeks;
}

/** What may be played beyond what the players have open. */
export interface Parts {
  /** Where play goes on when everybody is over; undefined: it stops; `wait`: that is being asked. */
  onwards(atUs: number, backwards: boolean): number | "wait" | undefined;
  /** The next instant, in the direction of play, at which a part of some camera is come to. */
  next(atUs: number, backwards: boolean): number | undefined;
  /** Another part, or stream, of this camera than the one that is open has the instant: it is about to be opened. */
  turns(camera: string, atUs: number): boolean;
  /** Where the next part of this camera is come to, in that direction. */
  beside(camera: string, atUs: number, backwards: boolean): number | undefined;
}

/** In the place of one that is being opened: it is waited for where it will have footage. */
export const opening = ({ fromUs, toUs }: Period): HeldPlayer => ({
  hold: (atUs) => (fromUs <= atUs && atUs < toUs ? "waiting" : "over"),
  gapAt: () => undefined,
  neighbour: () => "wait",
  beginOf: () => undefined,
});

export interface Playing {
  atUs: number;
  speed: number;
  playing: boolean;
  /** Some camera's footage is still on the way: the others wait for it. */
  waiting: boolean;
}

export interface Loop {
  fromUs: number;
  toUs: number;
}

/** Of one that this browser cannot show whatever the instant, the others' gaps are jumped all the same. */
const isNeverShown = (state: PlayerState | undefined) => state === "undecoded" || state === "forward";

/** So long the others wait for one whose footage does not come. */
const PATIENCE_MS = 4_000;
/** The first pictures of what may be seen hang on a key frame a minute before at most, which may not be. */
const LEADS_US = 60e6;

/** One clock for all cameras: each player is held to it, and it waits for whoever has footage and not yet a picture. */
export class Conductor {
  readonly players = new Map<string, HeldPlayer>();
  readonly states = new Map<string, PlayerState>();
  loop: Loop | undefined;
  jumpsGaps = true;
  parts: Parts | undefined;
  private atUs: number;
  private looked = performance.now();
  private speed = 1;
  private playing = false;
  private waitingSince: number | undefined;
  /** It was put elsewhere, and nobody is held to that yet. */
  private leapt = false;
  /** It was put to where footage begins: on to the first picture of it, if that comes before then. */
  private landsBefore: number | undefined;
  private turning = false;
  private readonly stepper = new Stepper();
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    atUs: number,
    /** `sought`: it was put there, by a hand or a key. */
    private readonly onChange: (now: Playing, sought: boolean) => void,
  ) {
    this.atUs = atUs;
    this.timer = setInterval(() => this.look(), 20);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** `lands`: nothing may be shown there yet, and what is shown next is meant. */
  seek(atUs: number, lands = false): void {
    this.stepper.clear();
    this.atUs = atUs;
    this.landsBefore = lands ? atUs + LEADS_US : undefined;
    this.waitingSince = undefined;
    this.look(true);
  }

  /** One that cannot be held to an instant says where it is: alone, it leads. */
  lead(camera: string, atUs: number): void {
    if (this.players.size === 1 && this.players.has(camera)) this.atUs = atUs;
  }

  play(playing: boolean): void {
    this.stepper.clear();
    this.playing = playing;
    this.look();
  }

  go(speed: number): void {
    this.speed = speed;
    this.look();
  }

  /** To the next or the last picture of one camera, as soon as it is known; the others follow to the same instant. */
  step(camera: string, by: 1 | -1): void {
    this.playing = false;
    this.stepper.wish(camera, by);
    this.look();
  }

  private look(sought = false): void {
    const now = performance.now();
    const passedMs = now - this.looked;
    this.looked = now;
    const stepped = this.stepper.look(this.atUs, this.players, this.parts);
    this.atUs = stepped ?? this.atUs;
    const patient = this.waitingSince !== undefined && now - this.waitingSince < PATIENCE_MS;
    if (this.playing && !patient && !this.leapt) this.atUs = this.within(this.atUs + passedMs * 1_000 * this.speed);
    this.leapt = false;
    if (this.loop !== undefined && this.playing && (this.atUs >= this.loop.toUs || this.atUs < this.loop.fromUs)) this.atUs = this.speed < 0 ? this.loop.toUs - 1 : this.loop.fromUs;
    for (const [camera, player] of this.players) this.states.set(camera, player.hold(this.atUs, this.speed, this.playing && !patient, this.playing));
    const states = [...this.players.keys()].map((camera) => this.states.get(camera));
    this.overGaps();
    this.land(states);
    const asks = this.goOn(states);
    const waits = this.waits(states, now) || asks;
    this.onChange({ atUs: this.atUs, speed: this.speed, playing: this.playing, waiting: waits || this.stepper.waits }, sought || stepped !== undefined);
  }

  /** Somebody is waited for. Whoever has to be opened first is waited for anew, however long another was. */
  private waits(states: readonly (PlayerState | undefined)[], now: number): boolean {
    const turns = this.turns();
    if (turns ? !this.turning : !states.includes("waiting")) this.waitingSince = undefined;
    this.turning = turns;
    const waits = turns || states.includes("waiting");
    if (waits) this.waitingSince ??= now;
    return waits;
  }

  /** Where everybody is over, to what is played next; true while it is asked what that is. */
  private goOn(states: readonly (PlayerState | undefined)[]): boolean {
    const shown = states.filter((state) => !isNeverShown(state));
    if (!this.playing || shown.length === 0 || shown.some((state) => state !== "over")) return false;
    const to = this.parts?.onwards(this.atUs, this.speed < 0);
    if (to === undefined) this.playing = false;
    else if (to === "wait") this.leap(this.atUs);
    else if (to !== this.atUs) this.leap(to);
    return to === "wait";
  }

  private leap(toUs: number): void {
    this.atUs = toUs;
    this.leapt = true;
  }

  /** Not beyond the beginning of a part, in one step: it is to be seen, and may have to be opened first. */
  private within(toUs: number): number {
    const border = this.parts?.next(this.atUs, this.speed < 0);
    if (border === undefined) return toUs;
    return this.speed < 0 ? Math.max(toUs, border) : Math.min(toUs, border);
  }

  /** Somebody shows nothing here, and what is to be seen is not open yet. */
  private turns(): boolean {
    return [...this.players.keys()].some((camera) => this.states.get(camera) !== "showing" && this.parts?.turns(camera, this.atUs) === true);
  }

  private land(states: readonly (PlayerState | undefined)[]): void {
    if (this.landsBefore === undefined || this.turns()) return;
    const gaps = [...this.players].filter(([camera]) => this.states.get(camera) === "missing").map(([, player]) => player.gapAt(this.atUs));
    const to = overGaps(gaps, false);
    const isThere = states.some((state) => state === "showing" || state === "damaged" || state === "away" || state === "undecoded");
    if (isThere || (to !== undefined && to >= this.landsBefore)) this.landsBefore = undefined;
    else if (to !== undefined && !states.includes("waiting")) this.leap(this.within(to + 1_000));
  }

  private overGaps(): void {
    if (!this.jumpsGaps || !this.playing || this.turns()) return;
    const open = [...this.players].filter(([camera]) => this.states.get(camera) !== "over" && !isNeverShown(this.states.get(camera)));
    const to = overGaps(
      open.map(([, player]) => player.gapAt(this.atUs)),
      this.speed < 0,
    );
    if (to !== undefined) this.leap(this.within(this.speed < 0 ? to - 1_000 : to + 1_000)); // somebody who is over now may have another part in the gap
  }
}
