const BEFORE_S = 60;
const AGAIN_MS = 5000;

/** How long after it was given a ticket of so many seconds is renewed. */
export function renewAfterMs(lifeS: number): number {
  return (lifeS - Math.min(BEFORE_S, lifeS / 2)) * 1000;
}

/** Renews a session's ticket while its player plays. Counted from when it came: the browser's clock may show any time of day. */
export class Renewal<Session extends { expires_in_s: number }> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(
    first: Session,
    private readonly ask: () => Promise<Session>,
    private readonly renewed: (session: Session) => void,
  ) {
    this.wait(renewAfterMs(first.expires_in_s));
  }

  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => void this.renew(), ms);
  }

  private async renew(): Promise<void> {
    try {
      const session = await this.ask();
      if (this.over) return;
      this.renewed(session);
      this.wait(renewAfterMs(session.expires_in_s));
    } catch {
      if (!this.over) this.wait(AGAIN_MS); // the picture goes on meanwhile
    }
  }
}
