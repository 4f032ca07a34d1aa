import { useEffect, useState } from "react";
import { useWords } from "../ui/language";
import { useNews } from "../ui/news";
import { useTime } from "../ui/time";
import { useZone, wallTime } from "../ui/zone";

const SECOND_MS = 1000;
/** So long it is told that the connection is back. */
const BACK_TOLD_MS = 12_000;

function useTick(): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((old) => old + 1), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
}

/** The node's clock, in the node's zone. While the node is not heard it stands where it was heard last. */
export function NodeClock() {
  const { t } = useWords();
  const { feed, lostSince } = useNews();
  const zone = useZone();
  useTick();
  if (feed === undefined) return null;
  const [day, time] = wallTime(lostSince ?? feed.nodeNow(), zone).split("T");
  return (
    <span className={lostSince === undefined ? "node-clock" : "node-clock stopped"} title={lostSince === undefined ? t("live.clock", { zone }) : t("live.clock.stopped")} data-testid="node-clock">
      {lostSince !== undefined && <span aria-hidden>■ </span>}
      <span className="day">{day} </span>
      {time}
    </span>
  );
}

/** Since when what is on screen is not live; and that it is again. */
export function LiveBanner() {
  const { t } = useWords();
  const { lostSince, wasLostFor } = useNews();
  const time = useTime();
  if (lostSince !== undefined) {
    return (
      <div className="banner" role="alert" data-testid="not-live">
        ■ {t("live.lost", { at: time(new Date(lostSince).toISOString()) })}
        <LostFor since={lostSince} />
      </div>
    );
  }
  return wasLostFor === undefined ? null : <Back key={wasLostFor} lostMs={wasLostFor} />;
}

/** Hidden from screen readers, which would read every second. */
function LostFor({ since }: { since: number }) {
  const { t } = useWords();
  const { feed } = useNews();
  useTick();
  const now = feed?.nodeNow() ?? since;
  return (
    <span className="for" aria-hidden data-testid="not-live-for">
      {t("live.lost.for", { seconds: Math.max(0, Math.round((now - since) / SECOND_MS)) })}
    </span>
  );
}

function Back({ lostMs }: { lostMs: number }) {
  const { t } = useWords();
  const [told, setTold] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setTold(true), BACK_TOLD_MS);
    return () => clearTimeout(timer);
  }, []);
  if (told) return null;
  return (
    <div className="banner" role="status" data-testid="live-again">
      ● {t("live.back", { seconds: Math.round(lostMs / SECOND_MS) })}
    </div>
  );
}
