import type { HeldPlayer, Parts } from "./conductor";

interface Wish {
  camera: string;
  by: 1 | -1;
}

/** So long a picture is looked for whose footage does not come. */
const PATIENCE_MS = 4_000;
/** A key that is held down wishes faster than pictures come: what is let go of then does not go on for long. */
const MOST = 10;
/** The clock is put within the picture, not on its border. */
const WITHIN_US = 1_000;

/** Steps by single pictures, one after the other: each is gone to as soon as it is known which picture that is, wherever it lies. */
export class Stepper {
  private wishes: Wish[] = [];
  /** From where the first wish goes on, where that is the border of another part; the pictures there are sought from it on. */
  private borderUs: number | undefined;
  private untilMs = 0;

  get waits(): boolean {
    return this.wishes.length > 0;
  }

  clear(): void {
    this.wishes = [];
    this.borderUs = undefined;
  }

  wish(camera: string, by: 1 | -1): void {
    if (!this.waits) this.untilMs = performance.now() + PATIENCE_MS;
    if (this.wishes.length < MOST) this.wishes.push({ camera, by });
  }

  /** Called many times a second. Where the clock is to go, if it is. */
  look(atUs: number, players: ReadonlyMap<string, HeldPlayer>, parts: Parts | undefined): number | undefined {
    const [wish] = this.wishes;
    if (wish === undefined) return undefined;
    if (performance.now() > this.untilMs) return void this.clear();
    if (this.borderUs !== undefined && parts?.turns(wish.camera, this.borderUs) === true) return undefined;
    const found = players.get(wish.camera)?.neighbour(this.borderUs ?? atUs, wish.by, this.borderUs !== undefined) ?? "wait";
    if (found === "wait") return undefined;
    const border = parts?.beside(wish.camera, this.borderUs ?? atUs, wish.by < 0);
    if (border !== undefined && (found === "none" || (wish.by > 0 ? border <= found : border >= found))) return this.cross(border);
    if (found === "none") return void this.clear();
    this.wishes.shift();
    this.borderUs = undefined;
    this.untilMs = performance.now() + PATIENCE_MS;
    return found + WITHIN_US;
  }

  private cross(borderUs: number): number {
    this.borderUs = borderUs;
    this.untilMs = performance.now() + PATIENCE_MS;
    return borderUs;
  }
}
