/** News of one glance are written into the page together. */
export const GLANCE_MS = 40;
/** Whoever waits for an answer waits no longer than this before the next question. */
const LONGEST_MS = 5_000;

/** Calls `act` with what was noted: at once when it was quiet, else `everyMs` after it began last, and not before it has been done for as long as it took. What is slow is not asked over and over, for each question takes the one before it away. */
export class Gathered {
  private readonly noted = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private stopped = false;
  private notBeforeMs = -Infinity;

  constructor(
    private readonly everyMs: number,
    private readonly act: (keys: string[]) => Promise<unknown>,
  ) {}

  note(keys: readonly string[]): void {
    keys.forEach((key) => this.noted.add(key));
    this.wake();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private wake(): void {
    if (this.noted.size === 0 || this.running || this.stopped) return;
    this.timer ??= setTimeout(() => void this.tell(), Math.max(GLANCE_MS, this.notBeforeMs - performance.now()));
  }

  private async tell(): Promise<void> {
    this.timer = undefined;
    this.running = true;
    const began = performance.now();
    const keys = [...this.noted];
    this.noted.clear();
    let limit: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((done) => (limit = setTimeout(done, LONGEST_MS)));
    await Promise.race([this.act(keys).catch(() => undefined), late]);
    clearTimeout(limit);
    const now = performance.now();
    this.notBeforeMs = Math.max(began + this.everyMs, now + (now - began));
    this.running = false;
    this.wake();
  }
}
