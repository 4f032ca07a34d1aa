import { useWords } from "../../ui/language";
import type { RunningTour } from "./use-tour";

interface Props {
  tour: RunningTour;
  onPause: () => void;
  onGo: (by: 1 | -1) => void;
  onStop: () => void;
}

/** Which step of which tour is shown, for how long, and what stops it. */
export function TourBar({ tour, onPause, onGo, onStop }: Props) {
  const { t } = useWords();
  const step = tour.steps[tour.at];
  return (
    <div className="tour-bar" data-testid="tour-bar" data-step={tour.at} data-paused={tour.paused}>
      <span className="tour-name">{t(tour.byPages ? "tour.pages" : "tour.running", { name: tour.name })}</span>
      <span className="grow">{[`${tour.at + 1}/${tour.steps.length}`, step?.gone === false ? step.name : t("wall.lack.gone")].filter((one) => one !== "").join(" · ")}</span>
      {tour.lacking > 0 && <span className="tour-lack" role="status" data-testid="tour-lack">{t("tour.lack", { count: tour.lacking })}</span>}
      <span className="tour-left">{tour.paused ? t(tour.byPages ? "tour.pages.still" : "tour.paused") : t("tour.left", { seconds: tour.leftS })}</span>
      <button title={`${t("tour.back")} (PageUp)`} aria-label={t("tour.back")} data-testid="tour-back" onClick={() => onGo(-1)}><Sign path="M3 2v12h2V8.5l8 5.5V2L5 7.5V2z" /></button>
      <button title={`${t(tour.paused ? "tour.resume" : "tour.pause")} (Space)`} aria-label={t(tour.paused ? "tour.resume" : "tour.pause")} aria-pressed={tour.paused} data-testid="tour-pause" onClick={onPause}><Sign path={tour.paused ? "M4 2l9 6-9 6z" : "M4 2h3v12H4zM9 2h3v12H9z"} /></button>
      <button title={`${t("tour.next")} (PageDown)`} aria-label={t("tour.next")} data-testid="tour-next" onClick={() => onGo(1)}><Sign path="M13 2v12h-2V8.5L3 14V2l8 5.5V2z" /></button>
      <button data-testid="tour-stop" onClick={onStop}>{t("tour.stop")}</button>
    </div>
  );
}

function Sign({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 16 16" width="13" height="13" fill="currentColor" aria-hidden>
      <path d={path} />
    </svg>
  );
}
