import { useEffect, useState } from "react";
import { useWords } from "../language";
import { isRefusal } from "../problem";
import { Ways } from "../Ways";
import type { Live } from "./use-live";

/** What is wrong, where there is no picture, and what to do. */
export function TileMessage({ live }: { live: Live }) {
  const { t, pick } = useWords();
  const { picture, stream } = live;
  const retryAtMs = picture.kind === "waiting" || picture.kind === "refused" ? picture.retryAtMs : undefined;
  const broken = stream !== undefined && stream.state !== "idle" && stream.state !== "playing";
  // A stream that is being called again has no source for a while: what is wrong with it says more than that the port has none.
  const refused = picture.kind === "refused" && (isRefusal(picture.problem) || !broken) ? picture.problem : undefined;
  let text = t("player.connecting");
  let remedy = "";
  if (picture.kind === "stalled") {
    text = t("player.stalled");
  } else if (refused !== undefined) {
    text = pick(refused.zh, refused.en);
    remedy = pick(refused.remedy_zh, refused.remedy_en);
  } else if (broken) {
    text = pick(stream.text_zh, stream.text_en);
  } else if (picture.kind === "waiting") {
    text = t("player.failed");
  }
  return (
    <div className="message" role="status">
      <b>{text}</b>
      {remedy !== "" && <small>{remedy}</small>}
      {refused !== undefined && isRefusal(refused) && (
        <small>
          {t("refusal.rule")} <code>{refused.rule}</code> · {refused.code} · {refused.contact}
        </small>
      )}
      {refused !== undefined && <Ways code={refused.code} />}
      {picture.kind === "refused" && retryAtMs === undefined && (
        <button className="again" data-testid="ask-again" onClick={live.askAgain}>
          {t("player.again")}
        </button>
      )}
      {retryAtMs !== undefined && <Clock tell={(now) => t("player.retrying", { seconds: Math.max(0, Math.ceil((retryAtMs - now) / 1000)) })} />}
      {picture.kind === "stalled" && <Clock tell={(now) => t("player.stalled.for", { seconds: Math.floor((now - picture.sinceMs) / 1000) })} />}
    </div>
  );
}

function Clock({ tell }: { tell: (nowMs: number) => string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <small aria-live="off">{tell(now)}</small>;
}
