import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { WatchTile } from "../../ui/player/WatchTile";
import type { Task } from "./steps";

/** Asked again so often: alarms that come later bring their cameras. */
const EVERY_MS = 5_000;

/** The place as it is now: the first camera of the task's alarms, the others to choose. The node shows them while the task runs. */
export function PlacePictures({ task }: { task: Task }) {
  const { t, pick } = useWords();
  const [chosen, setChosen] = useState<string>();
  const accepted = task.state !== "sent";
  const found = useQuery({ queryKey: ["own-patrol", "pictures", task.id], enabled: accepted, queryFn: () => body(api.GET("/api/v1/patrol/cameras")), refetchInterval: EVERY_MS, retry: false });
  if (!accepted) return <p className="quiet" data-testid="place-pictures-later">{t("patrol.picture.later")}</p>;
  if (found.data === undefined) {
    return found.error instanceof ApiProblem ? <p className="notice" role="alert" data-testid="place-pictures-refused">{pick(found.error.problem.zh, found.error.problem.en)}</p> : null;
  }
  const { items, withheld, task: shownTask } = found.data;
  if (shownTask !== task.id) return null;
  const shown = items.find((one) => one.camera === chosen) ?? items[0];
  return (
    <section className="patrol-pictures" aria-label={t("patrol.picture")} data-testid="place-pictures">
      <header>
        <b>{t("patrol.picture")}</b>
        {shown?.preset != null && <span className="quiet">{t("patrol.picture.preset", { number: shown.preset })}</span>}
      </header>
      {shown === undefined && withheld === 0 && <p className="quiet">{t("patrol.picture.none")}</p>}
      {shown !== undefined && (
        <div className="place-shown">
          <WatchTile key={shown.camera} camera={shown.camera} name={shown.name} stream={shown.streams.includes("sub") ? "sub" : "main"} testId="place-picture" />
        </div>
      )}
      {items.length > 1 && (
        <div className="place-shown-list" role="group" aria-label={t("patrol.picture.others")}>
          {items.map((one, at) => (
            <button key={one.camera} type="button" aria-pressed={one === shown} data-testid={`place-picture-${at}`} onClick={() => setChosen(one.camera)}>
              {one.name}
            </button>
          ))}
        </div>
      )}
      {withheld > 0 && <p className="notice" role="status" data-testid="place-pictures-withheld">{t("patrol.picture.withheld", { count: withheld })}</p>}
    </section>
  );
}
