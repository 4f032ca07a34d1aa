import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useContext, useEffect, useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import type { Shown } from "../../ui/player/LiveTile";
import { asJpeg, frameOf, marked } from "../../ui/player/snapshot";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { ViewerContext } from "../../ui/viewer";
import { useCameraName } from "./CameraPick";
import { Finding, type Kind } from "./Finding";
import { nextOpen, type Details } from "./shapes";
import { StopList } from "./StopList";
import { StopPictures } from "./StopPictures";
import { useKeys } from "./use-keys";
import { useWatch } from "./use-watch";

const MOST_WIDTH_PX = 1920;

type Dialog = "finding" | "not-possible" | "break-off";
type Settlement = { outcome: "confirmed" } | { outcome: "finding"; kind: Kind; text: string; snapshot: string } | { outcome: "not-possible"; text: string };

/** One's own round: a stop's picture beside what to look for, and what is said of it. */
export function GoingRound({ details, onSettled }: { details: Details; onSettled: (after: Details) => void }) {
  const { t, pick } = useWords();
  const { busy, act } = useAct();
  const steers = useMay()("control");
  const queries = useQueryClient();
  const { round, plan, results } = details;
  const [wanted, setWanted] = useState(0);
  const [shown, setShown] = useState<Shown>();
  const [dialog, setDialog] = useState<Dialog>();
  const [picture, setPicture] = useState<Blob>();
  const viewer = useContext(ViewerContext);
  const time = useTime();
  const open = results.filter((one) => one.outcome === "open");
  const stop = open.some((one) => one.stop === wanted) ? wanted : nextOpen(results, 0);
  const spot = plan.stops[stop - 1];
  const result = results.find((one) => one.stop === stop);
  const { seconds, aheadMs, problem } = useWatch(round.id, stop, shown, result?.watched_s ?? 0);
  const preset = spot?.preset ?? 0;
  const camera = spot?.camera ?? "";
  const name = useCameraName(camera);
  useEffect(() => {
    if (preset > 0 && steers) void api.POST("/api/v1/cameras/{code}/presets/{number}/go", { params: { path: { code: camera, number: preset } } }).catch(() => undefined); // the picture shows where it stands
  }, [camera, preset, stop, steers]);
  const gone = problem?.code;
  useEffect(() => {
    if (gone !== undefined) void queries.invalidateQueries({ queryKey: ["duty"] }); // it is in other hands, or over
  }, [queries, gone]);
  const following = nextOpen(results, stop);
  const upcoming = following === stop ? undefined : plan.stops[following - 1]?.camera;
  const enough = spot !== undefined && seconds >= spot.watch_s;
  const choose = (to: number | undefined) => to !== undefined && setWanted(to);
  const settle = (said: Settlement) =>
    act(async () => {
      const after = await body(api.POST("/api/v1/video-patrols/rounds/{round}/stops/{stop}/outcome", { params: { path: { round: round.id, stop } }, body: { text: "", snapshot: "", ...said } }));
      setWanted(nextOpen(after.results, stop));
      onSettled(after);
    });
  const breakOff = (reason: string) =>
    act(async () => {
      onSettled(await body(api.POST("/api/v1/video-patrols/rounds/{round}/break-off", { params: { path: { round: round.id } }, body: { reason } })));
    });
  /** The picture of this moment goes with the finding. */
  const find = async () => {
    const at = time(new Date(Date.now() + aheadMs).toISOString());
    const frame = shown?.video == null || !shown.playing ? undefined : frameOf(shown.video, MOST_WIDTH_PX);
    setPicture(frame && (await asJpeg(marked(frame, { camera, name, time: at, viewer: [viewer.name, viewer.unit].filter((one) => one !== "").join(" "), ticket: "" }))));
    setDialog("finding");
  };
  const writeFinding = async (kind: Kind, text: string, kept: Blob | undefined) => {
    let snapshot = "";
    if (kept !== undefined) {
      const sent = await act(async () => {
        snapshot = (await body(api.POST("/api/v1/video-patrols/rounds/{round}/stops/{stop}/snapshot", { params: { path: { round: round.id, stop } }, body: kept as unknown as string, bodySerializer: () => kept, headers: { "Content-Type": "image/jpeg" } }))).digest;
      });
      if (!sent) return false;
    }
    return settle({ outcome: "finding", kind, text, snapshot });
  };
  const confirm = () => {
    if (enough && !busy) void settle({ outcome: "confirmed" });
  };
  const ahead = () => choose(following);
  const back = () => choose(open.filter((one) => one.stop < stop).at(-1)?.stop ?? open.at(-1)?.stop);
  useKeys({ Enter: confirm, f: () => void find(), n: () => setDialog("not-possible"), ArrowRight: ahead, ArrowDown: ahead, ArrowLeft: back, ArrowUp: back });
  if (spot === undefined) return null;
  return (
    <div className="patrol-round">
      <StopPictures camera={spot.camera} next={upcoming} onShown={setShown} />
      <aside className="patrol-side">
        <section className="card">
          <div className="quiet" data-testid="stop-of">
            {t("patrol.stop.of", { stop, stops: plan.stops.length })}
          </div>
          <h2>{t("patrol.stop.lookFor")}</h2>
          <p className="patrol-look-for" data-testid="look-for">
            {spot.look_for}
          </p>
          <div className={enough ? "patrol-timer enough" : "patrol-timer"} title={t("patrol.watched.help")}>
            <progress max={spot.watch_s} value={Math.min(seconds, spot.watch_s)} aria-label={t("patrol.watched.help")} />
            <span data-testid="watched">{t("patrol.watched", { watched: Math.floor(seconds), needed: spot.watch_s })}</span>
          </div>
          {problem !== undefined && (
            <p className="status-fault" role="alert">
              {pick(problem.zh, problem.en)} · {pick(problem.remedy_zh, problem.remedy_en)}
            </p>
          )}
          <div className="patrol-acts">
            <Button type="primary" size="large" disabled={!enough} loading={busy} data-testid="confirm-stop" onClick={confirm}>
              {t("patrol.confirm")} <kbd>Enter</kbd>
            </Button>
            <Button size="large" data-testid="write-finding" onClick={() => void find()}>
              {t("patrol.finding")} <kbd>F</kbd>
            </Button>
            <Button size="large" data-testid="not-possible" onClick={() => setDialog("not-possible")}>
              {t("patrol.notPossible")} <kbd>N</kbd>
            </Button>
          </div>
          <p className="quiet patrol-keys">{t("patrol.keys")}</p>
        </section>
        <section className="card">
          <StopList details={details} chosen={stop} onChoose={setWanted} />
          <Button size="small" data-testid="break-off" onClick={() => setDialog("break-off")}>
            {t("patrol.breakOff")}
          </Button>
        </section>
      </aside>
      {dialog === "finding" && <Finding round={round.id} stop={stop} picture={picture} onClose={() => setDialog(undefined)} onSave={writeFinding} />}
      <AskReason name={`stop ${stop} of round ${round.id}`} open={dialog === "not-possible"} title={t("patrol.notPossible.title", { stop })} help={t("patrol.notPossible.help")} label={t("patrol.notPossible.reason")} okText={t("patrol.notPossible")} most={1000} onClose={() => setDialog(undefined)} onSure={(text) => settle({ outcome: "not-possible", text })} />
      <AskReason name={`break-off of round ${round.id}`} open={dialog === "break-off"} danger title={t("patrol.breakOff.title")} help={t("patrol.breakOff.help")} label={t("patrol.breakOff.reason")} okText={t("patrol.breakOff")} most={1000} onClose={() => setDialog(undefined)} onSure={breakOff} />
    </div>
  );
}
