import { Button } from "antd";
import { useState } from "react";
import { useWords } from "../../ui/language";
import type { Shown } from "../../ui/player/LiveTile";
import type { Details } from "../../ui/round/round";
import { RoundDialogs } from "../../ui/round/RoundDialogs";
import { StopActs } from "../../ui/round/StopActs";
import { useRound } from "../../ui/round/use-round";
import { StopList } from "./StopList";
import { StopPictures } from "./StopPictures";

/** One's own round: a stop's picture beside what to look for, and what is said of it. */
export function GoingRound({ details, onSettled }: { details: Details; onSettled: (after: Details) => void }) {
  const { t } = useWords();
  const [shown, setShown] = useState<Shown>();
  const work = useRound(details, () => shown, onSettled, true);
  if (work.stop === 0) return null;
  return (
    <div className="patrol-round">
      <StopPictures camera={work.camera} next={work.upcoming} onShown={setShown} />
      <aside className="patrol-side">
        <section className="card">
          <div className="quiet" data-testid="stop-of">
            {t("patrol.stop.of", { stop: work.stop, stops: work.stops })}
          </div>
          <h2>{t("patrol.stop.lookFor")}</h2>
          <p className="patrol-look-for" data-testid="look-for">
            {work.lookFor}
          </p>
          <StopActs work={work} size="large" />
          <p className="quiet patrol-keys">{t("patrol.keys")}</p>
        </section>
        <section className="card">
          <StopList details={details} chosen={work.stop} onChoose={work.choose} />
          <Button size="small" data-testid="break-off" onClick={() => work.ask("break-off")}>
            {t("patrol.breakOff")}
          </Button>
        </section>
      </aside>
      <RoundDialogs round={details.round.id} work={work} />
    </div>
  );
}
