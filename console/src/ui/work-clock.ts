/** How long nobody has worked at this screen, in any tab of the browser, and what follows. Times: ms since 1970. */
const WORKED = "fengsui.worked";
const LOCKED = "fengsui.locked";
const WRITE_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 60_000;
const WARN_BEFORE_MS = 60_000;

export interface WorkActs {
  /** Nobody has worked for the limit. */
  lock: () => void;
  /** The node is to know that somebody works. */
  report: () => void;
  /** So long until the lock; undefined while it is far. */
  warn: (leftMs: number | undefined) => void;
}

type Kept = Pick<Storage, "getItem" | "setItem">;

/** Somebody signed in or proved to be here. */
export function rememberWork(nowMs: number, kept: Kept = localStorage): void {
  kept.setItem(WORKED, String(nowMs));
}

/** Tells the other tabs. */
export function tellLocked(locked: boolean): void {
  localStorage.setItem(LOCKED, `${locked ? "locked" : "open"} ${Date.now()}`); // each time another text: else nobody would hear it
}

/** `act` is called when another tab was locked or unlocked. */
export function hearLocked(act: (locked: boolean) => void): () => void {
  const listener = (event: StorageEvent) => {
    if (event.key === LOCKED) act(event.newValue?.startsWith("locked") === true);
  };
  window.addEventListener("storage", listener);
  return () => window.removeEventListener("storage", listener);
}

export class WorkClock {
  private reportedMs: number;
  private unreported = false;
  private over = false;
  private readonly reportEveryMs: number;
  private readonly warnBeforeMs: number;

  /** Where the node has the session open, somebody worked not long ago, whatever this browser remembers. */
  constructor(
    private readonly limitMs: number,
    private readonly acts: WorkActs,
    nowMs: number,
    private readonly kept: Kept = localStorage,
  ) {
    this.reportEveryMs = Math.min(REPORT_EVERY_MS, limitMs / 4);
    this.warnBeforeMs = Math.min(WARN_BEFORE_MS, limitMs / 3);
    this.reportedMs = nowMs;
    if (this.leftMs(nowMs) <= 0) rememberWork(nowMs, kept);
  }

  /** Pointer or keyboard. After the limit it comes too late: a machine that slept must not be woken into somebody's session. */
  work(nowMs: number): void {
    if (this.leftMs(nowMs) <= 0) return this.lock();
    if (Math.abs(nowMs - this.workedMs()) >= WRITE_EVERY_MS) rememberWork(nowMs, this.kept);
    this.unreported = true;
    this.look(nowMs);
  }

  /** Every second, and when the page is seen again. */
  look(nowMs: number): void {
    const left = this.leftMs(nowMs);
    if (left <= 0) return this.lock();
    this.acts.warn(left <= this.warnBeforeMs ? left : undefined);
    if (this.unreported && Math.abs(nowMs - this.reportedMs) >= this.reportEveryMs) {
      this.unreported = false;
      this.reportedMs = nowMs;
      this.acts.report();
    }
  }

  /** Once: what comes after belongs to the lock page. */
  private lock(): void {
    if (this.over) return;
    this.over = true;
    this.acts.lock();
  }

  private workedMs(): number {
    return Number(this.kept.getItem(WORKED) ?? 0);
  }

  /** A time of work that is still to come was written before the clock was set back. */
  private leftMs(nowMs: number): number {
    const since = nowMs - this.workedMs();
    return since < -WRITE_EVERY_MS ? 0 : this.limitMs - since;
  }
}
