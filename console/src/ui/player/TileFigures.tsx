import { useEffect, useRef, useState } from "react";
import { useWords } from "../language";
import type { StreamFigures } from "./figures-feed";

interface Look {
  atMs: number;
  frames: number;
  bytes: number;
  packets: number;
  lost: number;
}

interface Rates {
  fps: string;
  kbits: string;
  /** Share of the packets that did not come, in percent. */
  loss: string;
}

/** What happened between two looks at the node's counters; undefined where they began anew. Pure. */
export function ratesOf(before: Look, now: Look): Rates | undefined {
  const seconds = (now.atMs - before.atMs) / 1000;
  if (seconds <= 0 || now.frames < before.frames || now.packets < before.packets) return undefined;
  const lost = Math.max(0, now.lost - before.lost);
  const sent = now.packets - before.packets + lost;
  const share = sent === 0 ? 0 : (lost / sent) * 100;
  return { fps: ((now.frames - before.frames) / seconds).toFixed(0), kbits: (((now.bytes - before.bytes) * 8) / 1000 / seconds).toFixed(0), loss: share > 0 && share < 0.1 ? "<0.1" : share.toFixed(share > 0 ? 1 : 0) };
}

/** Codec, size, pictures and kilobits a second, delay, loss. What stands in `i` small tiles leave out. */
export function TileFigures({ stream, delayS }: { stream: StreamFigures | undefined; delayS: () => Promise<number | undefined> }) {
  const { t } = useWords();
  const last = useRef<Look>(undefined);
  const [rates, setRates] = useState<Rates>();
  const [delay, setDelay] = useState<number>();
  useEffect(() => {
    if (stream === undefined || stream.codec === "") return;
    const now: Look = { atMs: performance.now(), frames: stream.frames, bytes: stream.bytes, packets: stream.packets, lost: stream.lost };
    setRates(last.current === undefined ? undefined : ratesOf(last.current, now));
    last.current = now;
    let over = false;
    void delayS().then((found) => !over && setDelay(found));
    return () => {
      over = true;
    };
  }, [stream, delayS]);
  if (stream === undefined || stream.codec === "") return null;
  return (
    <span className="figures">
      <i>{`${stream.codec.toUpperCase()} ${stream.width}×${stream.height}${rates === undefined ? "" : " · "}`}</i>
      {rates !== undefined && `${rates.fps} fps · ${rates.kbits} kbit/s`}
      <i>{` · ${stream.transport.toUpperCase()}`}</i>
      {rates !== undefined && delay !== undefined && <em className="delay" title={t("player.delay.help")}>{` · ${t("player.delay", { ms: Math.round(delay * 1000) })}`}</em>}
      {rates !== undefined && <em className={rates.loss === "0" ? "loss" : "loss some"} title={t("player.loss.help", { lost: stream.lost })}>{` · ${t("player.loss", { share: rates.loss })}`}</em>}
    </span>
  );
}
