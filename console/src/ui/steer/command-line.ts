import { ApiProblem, type Schemas } from "../../api-client/client";

/** What is wanted; its place in the line is given to it when it is sent. */
export type Order = Omit<Schemas["PtzOrder"], "line" | "number">;
type Send = (order: Schemas["PtzOrder"]) => Promise<unknown>;

/** No two orders are nearer to each other; of what is wanted meanwhile the last one counts. */
export const EVERY_MS = 100;
/** The node stops a camera of which it hears nothing: what goes on is said again. */
export const REPEAT_MS = 700;

/** What one hand wants of one camera, as orders to the node: at a bounded rate, said again while it holds, and a stop that is never held back. */
export class CommandLine {
  private active: Order | undefined;
  private said: Order | undefined;
  private lastMs = -Infinity;
  private underWay = 0;
  /** Requests overtake each other: by these the node knows which was meant last. */
  private readonly line = crypto.getRandomValues(new Uint32Array(2)).join("-");
  private number = 0;
  private stopsAgain = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly send: Send,
    private readonly tell: (problem: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether the camera was told to move and not yet to stop. */
  get moves(): boolean {
    return this.active !== undefined;
  }

  want(order: Order): void {
    this.active = order;
    this.schedule();
  }

  stop(): void {
    if (this.active !== undefined) this.halt();
  }

  /** A stop although nothing is known to move: somebody pressed it. */
  halt(): void {
    this.active = this.said = undefined;
    clearTimeout(this.timer);
    this.sendStop();
  }

  /** It is in other hands now: nothing of ours is said any more, not even a stop. */
  letGo(): void {
    this.active = this.said = undefined;
    this.stopsAgain = false;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.active === undefined || this.underWay > 0) return;
    const fresh = !same(this.active, this.said);
    const dueMs = this.lastMs + (fresh ? EVERY_MS : REPEAT_MS);
    const waitMs = dueMs - this.now();
    if (waitMs > 0) this.timer = setTimeout(() => this.schedule(), waitMs);
    else this.say(this.active);
  }

  private say(order: Order): void {
    this.lastMs = this.now();
    this.said = order;
    this.underWay += 1;
    this.post(order)
      .catch((problem: unknown) => {
        if (this.active === undefined) return; // it was let go meanwhile
        this.active = this.said = undefined;
        // What went wrong on the way may have arrived all the same.
        this.stopsAgain = !isRefusal(problem);
        this.tell(problem);
      })
      .finally(() => {
        this.underWay -= 1;
        // The stop may have come to the node before the order that was under way.
        if (this.active === undefined && this.stopsAgain) this.sendStop();
        this.schedule();
      });
  }

  private sendStop(): void {
    this.stopsAgain = this.underWay > 0;
    this.lastMs = this.now();
    this.post({ action: "stop", speed: 50, pan: 0, tilt: 0, zoom: 0 }).catch((problem: unknown) => {
      // Of a camera that somebody else steers now, there is nothing of ours to stop. The node says again what the camera did not hear, but its hand is to know.
      if (problem instanceof ApiProblem && !isRefusal(problem)) this.tell(problem);
    });
  }

  private post(order: Order): Promise<unknown> {
    this.number += 1;
    return this.send({ ...order, line: this.line, number: this.number });
  }
}

/** The node sent nothing to the camera. */
function isRefusal(problem: unknown): boolean {
  return problem instanceof ApiProblem && problem.problem.status >= 400 && problem.problem.status < 500;
}

function same(one: Order, other: Order | undefined): boolean {
  return other !== undefined && one.action === other.action && one.speed === other.speed && one.pan === other.pan && one.tilt === other.tilt && one.zoom === other.zoom;
}

export function moveOf(action: Order["action"], speed: number): Order {
  return { action, speed, pan: 0, tilt: 0, zoom: 0 };
}

export function steerOf(pan: number, tilt: number, zoom: number): Order {
  return { action: "steer", speed: 50, pan: Math.round(pan), tilt: Math.round(tilt), zoom: Math.round(zoom) };
}
