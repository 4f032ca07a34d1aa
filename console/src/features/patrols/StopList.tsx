import { useWords } from "../../ui/language";
import type { Details } from "../../ui/round/round";
import { useTime } from "../../ui/time";
import { CameraName } from "../../ui/CameraPick";
import { SnapshotLink } from "./Snapshot";

/** Told apart without colour. */
const MARKS: Record<Details["results"][number]["outcome"], string> = { open: "○", confirmed: "✓", finding: "▲", "not-possible": "✕" };

/** The stops of a round with what came of each; one that is open can be chosen. */
export function StopList({ details, chosen, onChoose }: { details: Details; chosen: number; onChoose?: (stop: number) => void }) {
  const { t } = useWords();
  const time = useTime();
  return (
    <ol className="patrol-results" data-testid="stop-list">
      {details.plan.stops.map((stop, at) => {
        const number = at + 1;
        const result = details.results.find((one) => one.stop === number);
        const outcome = result?.outcome ?? "open";
        const line = (
          <>
            <b className={`mark mark-${outcome}`} aria-hidden>
              {MARKS[outcome]}
            </b>
            <span>
              <CameraName code={stop.camera} />
            </span>
            <span className="quiet">{result?.kind == null ? t(`patrol.outcome.${outcome}`) : t(`patrol.kind.${result.kind}`)}</span>
          </>
        );
        return (
          <li key={number} className={number === chosen ? "chosen" : ""} data-testid={`stop-${number}`} data-outcome={outcome}>
            {onChoose !== undefined && outcome === "open" ? (
              <button
                className="patrol-result"
                aria-current={number === chosen ? "step" : undefined}
                onClick={(event) => {
                  event.currentTarget.blur(); // Enter is for the stop again
                  onChoose(number);
                }}
              >
                {line}
              </button>
            ) : (
              <div className="patrol-result">{line}</div>
            )}
            {result !== undefined && outcome !== "open" && onChoose === undefined && (
              <div className="quiet patrol-said">
                {result.text !== "" && <p>{result.text}</p>}
                {result.node_state !== "" && <p>{t("patrol.nodeState", { state: result.node_state })}</p>}
                <SnapshotLink camera={result.camera} digest={result.snapshot} />
                <p>{t("patrol.result", { name: result.name, at: time(result.at), seconds: Math.round(result.watched_s) })}</p>
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
