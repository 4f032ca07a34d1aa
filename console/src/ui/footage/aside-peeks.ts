import { api, body } from "../../api-client/client";
import { FootageSocket } from "./footage-socket";
import { Peeks, type Peeked } from "./peeks";
import type { Period } from "./pieces";

/** What one opening of footage holds: the node opens two days at most. */
const PART_US = 86_400e6;
const iso = (us: number) => new Date(us / 1_000).toISOString();

interface Part {
  peeks: Peeks;
  end: () => void;
}

/** Whoever gives small pictures in their turn; what is returned takes the wish back. */
export interface SmallPictures {
  later(atUs: number, take: (peeked: Peeked) => void): () => void;
}

/** Small pictures of a longer time than a player has open: each day of it is opened when the first picture of it is wanted, under the same ticket. */
export class AsidePeeks implements SmallPictures {
  private readonly parts = new Map<number, Promise<Part | undefined>>();
  private closed = false;

  constructor(
    private readonly of: { camera: string; stream: "main" | "sub"; ticket: string },
    private readonly period: Period,
  ) {}

  later(atUs: number, take: (peeked: Peeked) => void): () => void {
    let back: (() => void) | undefined;
    let gone = false;
    void this.partAt(atUs).then((part) => {
      if (gone) return;
      if (part === undefined) take({ kind: "closed" });
      else back = part.peeks.later(atUs, take);
    });
    return () => {
      gone = true;
      back?.();
    };
  }

  close(): void {
    this.closed = true;
    for (const part of this.parts.values()) void part.then((one) => one?.end());
    this.parts.clear();
  }

  private partAt(atUs: number): Promise<Part | undefined> {
    const number = Math.floor((atUs - this.period.fromUs) / PART_US);
    const known = this.parts.get(number);
    if (known !== undefined) return known;
    const fromUs = this.period.fromUs + number * PART_US;
    const over = () => {
      if (this.parts.get(number) === made) this.parts.delete(number); // whoever wants a picture of it next opens it anew
    };
    const made = this.opened({ fromUs, toUs: Math.min(fromUs + PART_US, this.period.toUs) }, over);
    this.parts.set(number, made);
    void made.then((part) => {
      if (part === undefined) over();
    });
    return made;
  }

  /** Undefined: it is not opened. `over`: the node, or the line, has ended it. */
  private async opened(period: Period, over: () => void): Promise<Part | undefined> {
    if (this.closed || period.fromUs >= period.toUs || period.fromUs < this.period.fromUs) return undefined;
    const { camera, stream, ticket } = this.of;
    const order = { from: iso(period.fromUs), to: iso(period.toUs), stream, recording: 1, source: "node" as const, speed: 1, ticket };
    try {
      const made = await body(api.POST("/api/v1/cameras/{code}/playback", { params: { path: { code: camera } }, body: order }));
      const open = { fromUs: Date.parse(made.from) * 1_000, toUs: Date.parse(made.to) * 1_000 };
      return await new Promise((resolve) => {
        const socket: FootageSocket = new FootageSocket(
          made.url,
          (answer, bytes) => peeks.learn(answer, bytes),
          () => {
            over();
            peeks.close();
            resolve(undefined);
          },
          () => resolve({ peeks, end }),
        );
        const peeks = new Peeks(open, (number, atUs) => {
          if (socket.isOpen) socket.ask(number, "peek", atUs, "seek", 1);
          return socket.isOpen;
        });
        const end = () => {
          socket.close(); // by which the opening ends, once the node hears of it
          peeks.close();
        };
      });
    } catch {
      return undefined; // refused, or no line: its pictures are not shown
    }
  }
}
