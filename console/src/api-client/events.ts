/** News from the node over one WebSocket: resumes with `since`, tells when the screen is not live data. */
export interface NodeEvent {
  seq: number;
  at: string;
  type: string;
  [fact: string]: unknown;
}

type Listener = (event: NodeEvent) => void;

const PAUSES_MS = [500, 1000, 2000, 5000];

export class EventFeed {
  private socket: WebSocket | undefined;
  private since: number | undefined;
  private failures = 0;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<Listener>();

  constructor(private readonly onConnected: (connected: boolean) => void) {}

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(): void {
    this.closed = false;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const since = this.since === undefined ? "" : `?since=${this.since}`;
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/events${since}`);
    this.socket = socket;
    socket.onopen = () => {
      this.failures = 0;
      this.onConnected(true);
    };
    socket.onmessage = (message) => {
      const event = JSON.parse(String(message.data)) as NodeEvent;
      this.since = event.seq;
      this.listeners.forEach((listener) => listener(event));
    };
    socket.onclose = () => {
      if (this.closed) return;
      this.onConnected(false);
      const pause = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)] ?? 5000;
      this.timer = setTimeout(() => this.open(), pause);
    };
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }
}
