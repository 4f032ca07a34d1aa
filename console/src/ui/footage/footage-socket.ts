import type { Problem } from "../../api-client/client";
import { problemOf } from "../player/player";
import type { Answer, Way } from "./pieces";

/** The way to recorded footage: asks go out, and answers come in their order, each with its bytes. */
export class FootageSocket {
  private readonly socket: WebSocket;
  private told: Answer | undefined;
  private problem: Problem | undefined;

  constructor(
    url: string,
    private readonly onAnswer: (answer: Answer, bytes: ArrayBuffer) => void,
    onEnd: (why: Problem | undefined) => void,
    onOpen?: () => void,
  ) {
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (message) => this.take(message.data as string | ArrayBuffer);
    this.socket.onclose = () => onEnd(this.problem);
    this.socket.onopen = () => onOpen?.();
  }

  /** Nobody is told of its end any more. */
  close(): void {
    this.socket.onclose = null;
    this.socket.close();
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** `how`: `on` goes on where the answer before ended. */
  ask(number: number, way: Way | "peek", atUs: number, how: "seek" | "on", count: number): void {
    this.socket.send(`${number} ${way} ${Math.round(atUs)} ${how} ${count}`);
  }

  private take(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      this.problem = problemOf(data) ?? this.problem;
      if (problemOf(data) !== undefined) return;
      this.told = JSON.parse(data) as Answer;
      if (this.told.bytes > 0) return;
    }
    const answer = this.told;
    this.told = undefined;
    if (answer !== undefined) this.onAnswer(answer, typeof data === "string" ? new ArrayBuffer(0) : data);
  }
}
