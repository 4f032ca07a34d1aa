import type { Schemas } from "../../api-client/client";
import type { paths } from "../../api-client/schema";

export type Place = Schemas["PanicPlace"];
export interface Fix {
  longitude: number;
  latitude: number;
  accuracy_m: number;
}
/** What is kept on the phone from the press on, until the node has it or somebody gives it up. */
export interface Pressed {
  token: string;
  body: paths["/api/v1/panic"]["post"]["requestBody"]["content"]["application/json"];
}
export type Sent =
  | { kind: "none" }
  | { kind: "sending"; attempt: number; failed: boolean; trial: boolean }
  | { kind: "delivered"; at: string; trial: boolean }
  | { kind: "refused"; zh: string; en: string };
export type Node = { kind: "asking" } | { kind: "known"; place: Place } | { kind: "away" } | { kind: "invalid" };

const TOKEN = "fengsui.panic.link";
const PRESSED = "fengsui.panic.pressed";
const API = "/api/v1/panic";
const ANSWER_MS = 15_000;
const AGAIN_MS = 1_500;
const AGAIN_MOST_MS = 5_000;
const LOOK_MS = 3_000;
const LOOK_IDLE_MS = 30_000;

/** The link of this address, or of the last one that was opened here: an icon on the home screen may have lost what stands behind `#`. */
export function tokenOf(hash: string): string {
  const told = hash.replace(/^#/, "");
  if (/^[\w-]{16,200}$/.test(told)) write(TOKEN, told);
  return read(TOKEN) ?? "";
}

function read(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(name: string, text: string | undefined): void {
  try {
    if (text === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    // A phone without room calls all the same, as long as the page is open.
  }
}

function keptPress(): Pressed | undefined {
  try {
    const found = JSON.parse(read(PRESSED) ?? "null") as Partial<Pressed> | null;
    return typeof found?.token === "string" && typeof found.body?.key === "string" ? (found as Pressed) : undefined;
  } catch {
    return undefined;
  }
}

/** A press, sent under one key until the node has it on disk, over reloads; and what the desk does about it. */
export class Calling {
  sent: Sent = { kind: "none" };
  node: Node = { kind: "asking" };
  private pressed = keptPress();
  private again: ReturnType<typeof setTimeout> | undefined;
  private look: ReturnType<typeof setTimeout> | undefined;
  private under = false;

  constructor(
    private readonly token: string,
    private readonly changed: () => void,
  ) {}

  /** Goes on with what was pressed before. */
  start(): void {
    window.addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => !document.hidden && this.now());
    if (this.pressed !== undefined) this.sent = { kind: "sending", attempt: 0, failed: false, trial: this.pressed.body.trial ?? false };
    this.now();
  }

  press(trial: boolean, text: string, fix: Fix | undefined): void {
    if (this.pressed !== undefined) return;
    const key = [...crypto.getRandomValues(new Uint8Array(16))].map((octet) => octet.toString(16).padStart(2, "0")).join("");
    this.pressed = { token: this.token, body: { key, pressed_at: new Date().toISOString(), text, trial, ...fix } };
    write(PRESSED, JSON.stringify(this.pressed));
    this.sent = { kind: "sending", attempt: 0, failed: false, trial };
    this.changed();
    void this.send();
  }

  giveUp(): void {
    this.drop({ kind: "none" });
  }

  private now(): void {
    clearTimeout(this.again);
    clearTimeout(this.look);
    void this.send();
    void this.ask();
  }

  private drop(sent: Sent): void {
    clearTimeout(this.again);
    this.pressed = undefined;
    write(PRESSED, undefined);
    this.sent = sent;
    this.changed();
  }

  private async send(): Promise<void> {
    const { pressed } = this;
    if (pressed === undefined || this.under || this.sent.kind !== "sending") return;
    this.under = true;
    const attempt = this.sent.attempt + 1;
    this.sent = { ...this.sent, attempt };
    this.changed();
    let sent: Sent | undefined;
    try {
      const answer = await fetch(API, { method: "POST", headers: { "X-Fengsui-Panic": pressed.token, "Content-Type": "application/json" }, body: JSON.stringify(pressed.body), credentials: "omit", signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) {
        const taken = (await answer.json()) as Schemas["PanicTaken"];
        sent = { kind: "delivered", at: taken.received_at, trial: taken.trial };
      } else if (answer.status < 500 && answer.status !== 429 && answer.status !== 408) {
        const why = (await answer.json().catch(() => ({}))) as { zh?: string; en?: string };
        sent = { kind: "refused", zh: why.zh ?? `HTTP ${answer.status}`, en: why.en ?? `HTTP ${answer.status}` };
      }
    } catch {
      // No network, or no answer: it is sent again.
    }
    this.under = false;
    if (this.pressed !== pressed) return; // given up meanwhile
    if (sent !== undefined) {
      this.drop(sent);
      clearTimeout(this.look);
      return void this.ask();
    }
    this.sent = { kind: "sending", attempt, failed: true, trial: pressed.body.trial ?? false };
    this.changed();
    this.again = setTimeout(() => void this.send(), Math.min(AGAIN_MS * attempt, AGAIN_MOST_MS));
  }

  private async ask(): Promise<void> {
    if (this.token === "") {
      this.node = { kind: "invalid" };
      return this.changed();
    }
    try {
      const answer = await fetch(API, { headers: { "X-Fengsui-Panic": this.token }, credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) this.node = { kind: "known", place: (await answer.json()) as Place };
      else this.node = answer.status === 404 ? { kind: "invalid" } : { kind: "away" };
    } catch {
      this.node = { kind: "away" };
    }
    this.changed();
    clearTimeout(this.look);
    const open = this.node.kind === "away" || (this.node.kind === "known" && ["waiting", "taken"].includes(this.node.place.state));
    if (!document.hidden) this.look = setTimeout(() => void this.ask(), open ? LOOK_MS : LOOK_IDLE_MS);
  }
}
