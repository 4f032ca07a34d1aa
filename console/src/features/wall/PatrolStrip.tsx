import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useEffect, useRef } from "react";
import { api, body } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useDuePatrols } from "../../ui/due-patrols";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { Shown } from "../../ui/player/LiveTile";
import type { Details } from "../../ui/round/round";
import { RoundDialogs } from "../../ui/round/RoundDialogs";
import { StopActs } from "../../ui/round/StopActs";
import { useRound } from "../../ui/round/use-round";
import { keepRound, useRoundDetails } from "../../ui/round/use-round-details";
import { useMay } from "../../ui/signed-in";
import { useAskedCamera } from "../../ui/use-camera";
import { shownTiles, type Wall, type WallAct } from "../../ui/wall-state";
import { NO_PATROL, placed, putBack, type OnPatrol } from "./patrol-place";

interface Props {
  wall: Wall;
  act: (act: WallAct) => void;
  patrol: OnPatrol;
  onPatrol: (next: OnPatrol) => void;
  /** The picture of a camera of the wall, as its tile tells. */
  shownOf: (camera: string) => Shown | undefined;
}

/** The video patrol of one's shift, on the wall: offered while it waits or is under way, and gone round stop by stop on the chosen tile. */
export function PatrolStrip({ wall, act, patrol, onPatrol, shownOf }: Props) {
  const { t } = useWords();
  const may = useMay()("take-duty");
  const queries = useQueryClient();
  const due = useDuePatrols();
  const duty = useQuery({ queryKey: ["duty"], enabled: may, retry: false, queryFn: () => body(api.GET("/api/v1/duty")) }).data;
  const here = due?.open.filter((one) => one.mine || one.centre === duty?.mine?.centre) ?? [];
  const offered = here.find((one) => one.mine && one.state === "under-way") ?? here.find((one) => one.state === "planned" || one.alone);
  const { details, error, take } = useRoundDetails(patrol.round);
  const leave = () => {
    act({ kind: "load", wall: putBack(patrol.places, wall) });
    onPatrol(NO_PATROL);
  };
  if (patrol.round > 0 && details !== undefined) return <Going key={patrol.round} details={details} wall={wall} act={act} patrol={patrol} onPatrol={onPatrol} shownOf={shownOf} onSettled={take} onLeave={leave} />;
  if (patrol.round > 0) {
    return (
      <div className="patrol-strip" data-testid="patrol-strip" data-round={patrol.round}>
        <div className="grow">{error === null ? t("loading") : <Refused error={error} />}</div>
        <Button size="small" data-testid="patrol-off-wall" onClick={leave}>
          {t("patrol.offWall")}
        </Button>
      </div>
    );
  }
  if (!may || offered === undefined) return null;
  const begin = async () => {
    if (!offered.mine) keepRound(queries, await body(api.POST("/api/v1/video-patrols/rounds/{round}/begin", { params: { path: { round: offered.id } } })));
    void queries.invalidateQueries({ queryKey: ["duty"] });
    onPatrol({ round: offered.id, places: [] });
  };
  return (
    <div className="patrol-strip" data-testid="patrol-strip" data-round={offered.id}>
      <b>{t("patrol.onWall", { plan: offered.plan_name })}</b>
      <span className="grow">{offered.state === "planned" ? t("patrol.stops", { count: offered.stops }) : t("patrol.progress", { seen: offered.seen, stops: offered.stops })}</span>
      <ActButton size="small" type="primary" act={begin} data-testid="patrol-on-wall">
        {t(offered.mine ? "patrol.goOn" : offered.alone ? "patrol.takeOver" : "patrol.begin")}
      </ActButton>
    </div>
  );
}

interface GoingProps extends Props {
  details: Details;
  onSettled: (after: Details) => void;
  onLeave: () => void;
}

/** One's own round on one tile: each stop takes the place of the one before, and what stood there comes back at the end. */
function Going({ details, wall, act, patrol, onPatrol, shownOf, onSettled, onLeave }: GoingProps) {
  const { t } = useWords();
  const { notification } = App.useApp();
  const { round } = details;
  const tileOf = (code: string) => (code === "" ? -1 : shownTiles(wall).findIndex((tile) => tile?.code === code));
  const work = useRound(details, (code) => (tileOf(code) < 0 ? undefined : shownOf(code)), onSettled, false);
  const { stop, camera } = work;
  const { known, asked } = useAskedCamera(camera);
  const at = tileOf(camera);
  const last = useRef(0);
  const show = () => {
    if (camera === "") return;
    if (at >= 0) return act({ kind: "select", at });
    const places = placed(patrol.places, wall, camera);
    onPatrol({ ...patrol, places });
    act({ kind: "show", camera: { code: camera, name: known?.name ?? camera, ptz: known?.ptz_type ?? 0 }, at: places.at(-1)?.at ?? 0 });
  };
  const ready = camera === "" || asked; // one that is not found is shown too: its tile says what is wrong
  useEffect(() => {
    if (!ready || last.current === stop) return;
    last.current = stop;
    show(); // once a stop: whoever puts something else on the tile is left alone
  });
  const over = !round.mine; // done, broken off, or in other hands
  const leave = useRef(onLeave);
  useEffect(() => {
    leave.current = onLeave;
  });
  useEffect(() => {
    if (!over) return;
    const [done, title] = [round.state === "done", round.state === "done" ? t("patrol.over.done") : round.state === "under-way" ? t("patrol.others", { name: round.name }) : t("patrol.over.broken-off", { reason: round.reason })];
    notification[done ? "success" : "warning"]({ key: `round-${round.id}`, title, description: round.plan_name, placement: "bottomRight" });
    leave.current();
  }, [over, round, notification, t]);
  if (over) return null;
  return (
    <div className="patrol-strip going" data-testid="patrol-strip" data-round={round.id} data-stop={stop}>
      <div className="patrol-strip-what">
        <b>{t("patrol.onWall", { plan: round.plan_name })}</b>
        <span className="quiet" data-testid="stop-of">
          {t("patrol.stop.of", { stop, stops: work.stops })}
        </span>
        <span>{work.name}</span>
        {at < 0 && (
          <button data-testid="patrol-show" onClick={show}>
            {t("patrol.show")}
          </button>
        )}
        <span className="grow" />
        <button title={`${t("patrol.stop.back")} (PageUp)`} data-testid="patrol-back" onClick={work.back}>
          {t("patrol.stop.back")}
        </button>
        <button title={`${t("patrol.stop.next")} (PageDown)`} data-testid="patrol-next" onClick={work.next}>
          {t("patrol.stop.next")}
        </button>
        <Link to="/patrols/rounds/$round" params={{ round: String(round.id) }}>
          {t("patrol.page")}
        </Link>
        <button data-testid="patrol-off-wall" onClick={onLeave}>
          {t("patrol.offWall")}
        </button>
      </div>
      <p className="patrol-look-for" data-testid="look-for">
        {work.lookFor}
      </p>
      <StopActs work={work} size="small" />
      <RoundDialogs round={round.id} work={work} />
    </div>
  );
}
