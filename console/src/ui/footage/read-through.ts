import type { Period } from "./pieces";

/** The times of which everything was read that is to be known: pictures, or that there are none. */
export class ReadThrough {
  /** None touches another. */
  private parts: Period[] = [];

  clear(): void {
    this.parts = [];
  }

  add(fromUs: number, toUs: number): void {
    const touches = (one: Period) => one.fromUs <= toUs && fromUs <= one.toUs;
    const beside = this.parts.filter(touches);
    const whole = { fromUs: Math.min(fromUs, ...beside.map((one) => one.fromUs)), toUs: Math.max(toUs, ...beside.map((one) => one.toUs)) };
    this.parts = [...this.parts.filter((one) => !touches(one)), whole];
  }

  /** It is not known any more, or has to be read anew. */
  drop(fromUs: number, toUs: number): void {
    this.parts = this.parts.flatMap((one) => [
      { ...one, toUs: Math.min(one.toUs, fromUs) },
      { ...one, fromUs: Math.max(one.fromUs, toUs) },
    ].filter((left) => left.fromUs < left.toUs));
  }

  around(atUs: number): Period | undefined {
    return this.parts.find((one) => one.fromUs <= atUs && atUs <= one.toUs);
  }
}
