/** News from the node over one WebSocket: resumes with `since`, tells when the screen is not live data. */
export interface NodeEvent {
  seq: number;
  at: string;
  type: string;
  [fact: string]: unknown;
}

export interface LiveStateEvent extends NodeEvent {
  type: "live.state";
  camera: string;
  stream: string;
  state: "idle" | "inviting" | "waiting_media" | "playing" | "retrying";
  text_zh: string;
  text_en: string;
}

export function isLiveState(event: NodeEvent): event is LiveStateEvent {
  return event.type === "live.state";
}

type Listener = (event: NodeEvent) => void;

const PAUSES_MS = [500, 1000, 2000, 5000];
/** A living node says something every 3 s; a connection that says nothing for so long is dead, though nobody closed it. */
const SILENT_MS = 8000;
const SIGNED_OUT = 4401;

export class EventFeed {
  private socket: WebSocket | undefined;
  private since: number | undefined;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<Listener>();
  /** How far the node's clock is before the browser's. */
  private aheadMs = 0;
  private heardAtMs: number | undefined;

  /** `onRefused`: the node turned us away or said that the sign-in has ended. */
  constructor(
    private readonly onConnected: (connected: boolean) => void,
    private readonly onRefused: () => void = () => undefined,
  ) {}

  /** What the node's clock shows now, in ms. */
  nodeNow(): number {
    return Date.now() + this.aheadMs;
  }

  /** What the node's clock showed when the node was last heard. */
  lastHeard(): number {
    return this.heardAtMs ?? this.nodeNow();
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(): void {
    addEventListener("online", this.onOnline);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const since = this.since === undefined ? "" : `&since=${this.since}`;
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/events?joined=true${since}`);
    this.socket = socket;
    this.heard();
    socket.onopen = () => {
      this.failures = 0;
      this.heard();
      this.onConnected(true);
    };
    socket.onmessage = (message) => {
      this.heard();
      for (const event of JSON.parse(String(message.data)) as NodeEvent[]) this.tell(event);
    };
    socket.onclose = (closing) => {
      if (closing.code === SIGNED_OUT || this.failures > 0) this.onRefused();
      this.lost();
    };
  }

  close(): void {
    removeEventListener("online", this.onOnline);
    clearTimeout(this.timer);
    this.leave();
  }

  /** The browser says that there is a network again: nothing to wait for. */
  private readonly onOnline = () => {
    if (this.socket !== undefined || this.failures === 0) return;
    clearTimeout(this.timer);
    this.open();
  };

  /** A listener that fails keeps nothing from the others, nor the events behind this one. */
  private tell(event: NodeEvent): void {
    this.since = event.seq;
    this.setClock(event);
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /** What is told late, after a gap in the connection, happened earlier: the newest time is the node's. */
  private setClock({ at, type }: NodeEvent): void {
    const told = Date.parse(at);
    if (Number.isNaN(told)) return;
    if (type === "alive" || this.heardAtMs === undefined) this.aheadMs = told - Date.now();
    this.heardAtMs = this.nodeNow();
  }

  private heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), SILENT_MS);
  }

  /** Also a socket that nobody closed: its own closing could take a minute. */
  private leave(): void {
    clearTimeout(this.silence);
    const socket = this.socket;
    this.socket = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private lost(): void {
    this.leave();
    this.onConnected(false);
    const pause = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)] ?? 5000;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), pause);
  }
}
