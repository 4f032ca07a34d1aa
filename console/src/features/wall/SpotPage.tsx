import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { GuideLink } from "../../ui/GuideLink";
import { useWords } from "../../ui/language";
import { useNews } from "../../ui/news";
import { LiveTile } from "../../ui/player/LiveTile";
import { chosenProtocol } from "../../ui/player/protocol";
import { isSteerable } from "../../ui/steerable";
import { useSpot } from "./spot";
import "./wall.css";

/** A window that always shows the camera chosen last on the wall of another window. */
export function SpotPage() {
  const { t } = useWords();
  const { connected } = useNews();
  const chosen = useSpot();
  useEffect(() => {
    document.title = t("wall.spot.mark");
  }, [t]);
  return (
    <section className="screen-page" aria-label={t("screen.spot")}>
      <div className="screen-head" role="status" data-testid="spot-head">
        <b>{t("wall.spot.mark")}</b>
        <span className="grow">{connected ? <span className="quiet" title={chosen?.name}>{chosen?.name}</span> : <span className="screen-lost">{t("connection.lost")}</span>}</span>
        <GuideLink place="wall#spot-monitor-more-screens" title={t("help.spot")} />
        <Link to="/">{t("screen.leave")}</Link>
      </div>
      <div className="wall-layers">
        <div className="wall">
          <div className="place">
            {chosen === undefined ? (
              <div className="tile">
                <div className="free">{t("wall.spot.empty")}</div>
              </div>
            ) : (
              <LiveTile key={chosen.code} camera={chosen.code} name={chosen.name} protocol={chosenProtocol()} testId="spot-picture" steerable={chosen.ptz !== undefined && isSteerable(chosen.ptz)} replays />
            )}
          </div>
        </div>
      </div>
    </section>
  );
}
