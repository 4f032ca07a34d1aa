import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import type { ReactNode } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { LiveTile } from "../../ui/player/LiveTile";
import { chosenProtocol } from "../../ui/player/protocol";
import { useMay } from "../../ui/signed-in";
import { StatusMark } from "../../ui/status";
import { isSteerable } from "../../ui/steerable";
import { stateAt, type Points } from "../../ui/map/points";

interface Props {
  points: Points;
  at: number;
  onClose: () => void;
  onWall: () => void;
  children?: ReactNode;
}

/** The camera chosen on the map: its picture, and what one wants to know of it before opening anything else. */
export function ChosenCamera({ points, at, onClose, onWall, children }: Props) {
  const { t } = useWords();
  const may = useMay();
  const code = points.codes[at] ?? "";
  const found = useQuery({ queryKey: ["cameras", code], queryFn: () => body(api.GET("/api/v1/cameras/{code}", { params: { path: { code } } })) });
  const camera = found.data;
  return (
    <section className="chosen" aria-label={points.names[at]} data-testid="chosen-camera">
      <header>
        <StatusMark status={stateAt(points, at)} withText />
        <b className="name" title={points.names[at]}>{points.names[at]}</b>
        <button title={t("situation.close")} aria-label={t("situation.close")} data-testid="close-chosen" onClick={onClose}>
          ✕
        </button>
      </header>
      {may("view-live") && (
        <div className="stage">
          <LiveTile key={code} camera={code} name={points.names[at] ?? code} protocol={chosenProtocol()} steerable={isSteerable(points.ptz_types[at] ?? 0)} testId="chosen-picture" />
        </div>
      )}
      <footer>
        {may("view-live") && (
          <Button size="small" type="primary" data-testid="chosen-to-wall" onClick={onWall}>
            {t("situation.toWall")}
          </Button>
        )}
        <Link to="/cameras/$code" params={{ code }} data-testid="chosen-details">
          {t("wall.details")}
        </Link>
      </footer>
      {children}
      <dl className="facts">
        <dt>{t("camera.code")}</dt>
        <dd>{code}</dd>
        <dt>{t("camera.area")}</dt>
        <dd>{camera?.area_name ?? ""}</dd>
        <dt>{t("class.title")}</dt>
        <dd>{t(`class.${points.classes[at] ?? "government"}`)}</dd>
        {camera !== undefined && camera.address !== "" && (
          <>
            <dt>{t("camera.address")}</dt>
            <dd>{camera.address}</dd>
          </>
        )}
        <dt>{t("camera.place")}</dt>
        <dd>
          {points.longitudes[at]?.toFixed(5)}, {points.latitudes[at]?.toFixed(5)}
          {camera?.own_place === true && <span className="quiet"> {t("situation.ownPlace")}</span>}
        </dd>
      </dl>
    </section>
  );
}
