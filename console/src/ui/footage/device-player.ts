import { ApiProblem, type Problem, type Schemas } from "../../api-client/client";
import type { HeldPlayer } from "./conductor";
import type { PlayerState } from "./footage-player";
import type { Missing, Period } from "./pieces";

export type DevicePlayback = Schemas["DevicePlaybackShape"];
export type DeviceOrder = Schemas["DeviceControlOrder"];

/** What the node does for it. */
export interface DeviceDesk {
  open(period: Period): Promise<DevicePlayback>;
  order(session: string, order: DeviceOrder): Promise<DevicePlayback>;
  look(session: string): Promise<DevicePlayback>;
  close(session: string): void;
}

/** Its pictures as they come. */
export interface DevicePictures {
  hold(held: boolean): void;
  close(): void;
}

export interface DeviceEvents {
  show(url: string): DevicePictures;
  /** Where it is, where it alone leads. */
  lead(atUs: number): void;
  onEnd(problem: Problem | undefined): void;
}

const SLOWEST = 0.25;
const FASTEST = 8;
/** A clock that leaps further was put there; smaller steps than this no device makes. */
const LEAP_US = 500_000;
/** So far the device may be beside the clock, at 1×. */
const DRIFT_US = 2_500_000;
const LOOK_MS = 1_000;

const iso = (us: number) => new Date(us / 1_000).toISOString();

/** A device's recording of one camera: it is told by orders what others are held to, one at a time. */
export class DevicePlayer implements HeldPlayer {
  private told: DevicePlayback | undefined;
  private toldMs = 0;
  private stretch: Period | undefined;
  private pictures: DevicePictures | undefined;
  private busy = false;
  /** It is told something that it does while it shows its pictures: nobody waits for it. */
  private obeys = false;
  private closed = false;
  private askedSpeed = 1;
  private before: { atUs: number; ms: number } | undefined;
  /** The clock was put somewhere, and the device has not been told yet. */
  private put = false;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    /** What it says it has, without a gap each, in their order. */
    private readonly stretches: readonly Period[],
    private readonly desk: DeviceDesk,
    private readonly events: DeviceEvents,
  ) {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.timer);
    this.leave();
  }

  get session(): DevicePlayback | undefined {
    return this.told;
  }

  /** When the picture on screen is of, as the node counts it. */
  get hereUs(): number | undefined {
    if (this.told === undefined) return undefined;
    const passed = this.told.paused || this.told.over !== "" ? 0 : (performance.now() - this.toldMs) * 1_000 * this.told.speed;
    return Math.min(Date.parse(this.told.at) * 1_000 + passed, Date.parse(this.told.to) * 1_000);
  }

  /** While others wait it goes on: a device is not stopped and started for a moment. */
  hold(atUs: number, speed: number, goes: boolean, playing = goes): PlayerState {
    this.put ||= this.hasLeapt(atUs, speed, goes);
    const stretch = this.stretches.find((one) => one.fromUs <= atUs && atUs < one.toUs);
    if (this.closed || stretch === undefined) {
      if (!this.busy) this.leave();
      return atUs >= (this.stretches.at(-1)?.toUs ?? 0) ? "over" : "missing";
    }
    if (this.busy) return this.obeys ? "showing" : "waiting";
    const leapt = this.put;
    this.put = false;
    const here = this.hereUs;
    if (this.told === undefined || here === undefined || this.stretch !== stretch || atUs < Date.parse(this.told.from) * 1_000) return this.open(stretch, atUs);
    const apart = Math.abs(atUs - here);
    if (this.told.over !== "") return apart > DRIFT_US ? this.open(stretch, atUs) : this.told.over === "sent" ? "showing" : "over";
    if (playing && speed < 0) return "forward";
    if (leapt ? apart > LEAP_US : apart > DRIFT_US * Math.max(1, speed)) return this.order({ act: "seek", at: iso(Math.max(atUs, Date.parse(this.told.from) * 1_000)) });
    if (playing === this.told.paused && !this.told.deaf) return this.order({ act: playing ? "play" : "pause" });
    const wanted = Math.min(FASTEST, Math.max(SLOWEST, speed));
    if (playing && wanted !== this.askedSpeed) {
      this.askedSpeed = wanted;
      return this.order({ act: "speed", speed: wanted });
    }
    return "showing";
  }

  gapAt(atUs: number): Missing | undefined {
    const next = this.stretches.find((one) => one.toUs > atUs);
    if (next === undefined || next.fromUs <= atUs) return undefined;
    return { kind: "gap", from_us: this.stretches.findLast((one) => one.toUs <= atUs)?.toUs ?? 0, to_us: next.fromUs };
  }

  /** No device goes by single pictures. */
  neighbour(): "none" {
    return "none";
  }

  beginOf(): undefined {
    return undefined;
  }

  private hasLeapt(atUs: number, speed: number, playing: boolean): boolean {
    const ms = performance.now();
    const before = this.before;
    this.before = { atUs, ms };
    return before !== undefined && Math.abs(atUs - before.atUs - (playing ? (ms - before.ms) * 1_000 * speed : 0)) > LEAP_US;
  }

  private leave(): void {
    this.pictures?.close();
    if (this.told !== undefined) this.desk.close(this.told.session);
    this.pictures = this.told = this.stretch = undefined;
  }

  private learn(told: DevicePlayback): void {
    this.told = told;
    this.toldMs = performance.now();
    this.pictures?.hold(told.paused);
  }

  private open(stretch: Period, atUs: number): PlayerState {
    this.leave();
    this.stretch = stretch;
    this.askedSpeed = 1;
    void this.during(async () => {
      const made = await this.desk.open({ fromUs: Math.round(atUs), toUs: stretch.toUs });
      if (this.closed) return this.desk.close(made.session);
      this.learn(made);
      this.pictures = this.events.show(made.url);
      this.lead();
    });
    return "waiting";
  }

  private order(order: DeviceOrder): PlayerState {
    const { told, stretch } = this;
    if (told === undefined || stretch === undefined) return "waiting";
    this.obeys = order.act !== "seek";
    void this.during(async () => {
      try {
        this.learn(await this.desk.order(told.session, order));
        if (order.act === "seek") this.lead();
      } catch (error) {
        if (order.act !== "seek" || !(error instanceof ApiProblem) || order.at == null) throw error;
        this.stretch = undefined; // a device that does not seek is called again
      }
    });
    return this.obeys ? "showing" : "waiting";
  }

  private lead(): void {
    const here = this.hereUs;
    if (here === undefined || this.put) return; // a hand that put the clock elsewhere meanwhile leads
    this.before = undefined;
    this.events.lead(here);
  }

  private async look(): Promise<void> {
    const told = this.told;
    if (told === undefined || this.busy) return;
    try {
      const found = await this.desk.look(told.session);
      if (!this.busy && this.told === told) this.learn(found);
    } catch (error) {
      if (error instanceof ApiProblem && this.told === told) this.fail(error.problem);
    }
  }

  private async during(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.fail(error.problem);
    } finally {
      this.busy = this.obeys = false;
    }
  }

  private fail(problem: Problem): void {
    if (this.closed) return;
    this.close();
    this.events.onEnd(problem);
  }
}
