import { Button } from "antd";
import { useWords } from "../../ui/language";
import { LiveTile } from "../../ui/player/LiveTile";
import { chosenProtocol } from "../../ui/player/protocol";
import type { Points } from "../../ui/map/points";
import type { Follow } from "./use-follow";

interface Props {
  points: Points;
  follow: Follow;
  onChoose: (at: number) => void;
  onWall: (codes: readonly string[]) => void;
}

const KILOMETRE = 1_000;
const far = (metres: number) => (metres < KILOMETRE ? `${Math.round(metres)} m` : `${(metres / KILOMETRE).toFixed(1)} km`);

/** The pictures of the nearest cameras, each with its key, where it lies and how far; and the way so far. */
export function FollowPanel({ points, follow, onChoose, onWall }: Props) {
  const { t } = useWords();
  const { around, trail, following } = follow;
  return (
    <div className="follow">
      <div className="follow-head">
        <Button size="small" aria-pressed={following} type={following ? "primary" : "default"} data-testid="follow" onClick={follow.toggle}>
          {t(following ? "situation.follow.end" : "situation.follow")}
        </Button>
        {following && <span className="quiet">{t("situation.follow.help")}</span>}
      </div>
      {following && around.length === 0 && <div className="hint">{t("situation.follow.none")}</div>}
      {following && around.length > 0 && (
        <div className="neighbours">
          {around.map(({ at, metres, towards }, order) => (
            <div key={points.codes[at]} className="neighbour" data-testid={`neighbour-${order + 1}`} data-code={points.codes[at]}>
              <LiveTile camera={points.codes[at] ?? ""} name={points.names[at] ?? ""} protocol={chosenProtocol()} choice="auto" testId={`neighbour-${order + 1}-picture`} onSelect={() => onChoose(at)}>
                <span className="where">
                  <kbd>{order + 1}</kbd>
                  <svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" strokeWidth="1.8" aria-hidden>
                    <path d="M8 14V2M3.5 6.5L8 2l4.5 4.5" transform={`rotate(${Math.round(towards)} 8 8)`} />
                  </svg>
                  {far(metres)}
                </span>
              </LiveTile>
            </div>
          ))}
        </div>
      )}
      {trail.length > 1 && (
        <div className="trail">
          <h3>{t("situation.trail", { count: trail.length })}</h3>
          <ol data-testid="trail">
            {trail.map((code, order) => (
              <li key={`${order} ${code}`}>
                <button onClick={() => onChoose(points.codes.indexOf(code))}>{points.names[points.codes.indexOf(code)] ?? code}</button>
              </li>
            ))}
          </ol>
          <Button size="small" data-testid="trail-to-wall" onClick={() => onWall([...new Set(trail)])}>
            {t("situation.trail.toWall")}
          </Button>
        </div>
      )}
    </div>
  );
}
