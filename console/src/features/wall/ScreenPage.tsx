import { Button } from "antd";
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { GuideLink } from "../../ui/GuideLink";
import { useWords } from "../../ui/language";
import { useNews } from "../../ui/news";
import { chosenProtocol } from "../../ui/player/protocol";
import { useTime } from "../../ui/time";
import { keepWall, keptWall, nextWall, shownTiles, wallOf, type Wall, type WallAct } from "../../ui/wall-state";
import { TourBar } from "./TourBar";
import { sentTour } from "./tours";
import { useScreen, type SentWall } from "./use-screen";
import { useTour } from "./use-tour";
import { planOfView } from "./use-views";
import { tourKeys, useWallKeys } from "./use-wall-keys";
import "./wall.css";
import { WallGrid } from "./WallGrid";

const nothing = () => undefined;
const NAME = "fengsui.screen-name.";

/** A window that is a wall and nothing else: another workstation may send it what to show. */
export function ScreenPage({ number }: { number: number }) {
  const { t } = useWords();
  const time = useTime();
  const { connected } = useNews();
  const [wall, act] = useReducer(nextWall, undefined, () => keptWall(`.screen-${number}`));
  const [name, setName] = useState(() => localStorage.getItem(NAME + number) ?? "");
  const [drivenBy, setDrivenBy] = useState<{ name: string; at: string }>();
  const tiles = useRef<HTMLDivElement>(null);
  useEffect(() => keepWall(wall, `.screen-${number}`), [wall, number]);
  const now = useRef(wall);
  useEffect(() => {
    now.current = wall;
  }, [wall]);
  const load = useCallback((other: Wall) => act({ kind: "load", wall: other }), []);
  const { running, staged, layer, begin, stop, pause, hold, go, notePicture } = useTour(wall, load);
  const onOrder = useCallback(
    (sent: SentWall) => {
      setDrivenBy({ name: sent.by, at: new Date().toISOString() });
      if (sent.steps.length > 0) return begin(sentTour(sent), sent.from_step);
      stop();
      load(wallOf(planOfView(sent), now.current));
    },
    [begin, stop, load],
  );
  /** Whoever changes the wall here drives it from now on. */
  const actHere = useCallback(
    (one: WallAct) => {
      if (one.kind !== "select" && one.kind !== "move") {
        setDrivenBy(undefined);
        hold();
      }
      act(one);
    },
    [hold],
  );
  const stopHere = () => {
    setDrivenBy(undefined);
    stop();
  };
  const touring = running !== undefined;
  const others = useMemo(() => (touring ? tourKeys(pause, go) : {}), [touring, pause, go]);
  useWallKeys(wall, actHere, tiles, others);
  const state = useScreen(number, name, shownTiles(wall).filter((tile) => tile !== undefined).length, drivenBy !== undefined, onOrder);
  const title = name === "" ? t("screen.unnamed", { number }) : `${number} · ${name}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <section className="screen-page" aria-label={title}>
      <div className="screen-head" role="status" data-testid="screen-head" data-state={state}>
        <b>{title}</b>
        <input
          className="screen-name"
          aria-label={t("screen.name")}
          placeholder={t("screen.name")}
          defaultValue={name}
          maxLength={64}
          onBlur={(event) => {
            localStorage.setItem(NAME + number, event.target.value.trim());
            setName(event.target.value.trim());
          }}
        />
        <span className="grow">
          {!connected && <span className="screen-lost">{t("connection.lost")}</span>}
          {state === "replaced" && <span className="screen-lost">{t("screen.replaced")}</span>}
          {drivenBy !== undefined && <span className="screen-driven" data-testid="screen-driven">{t("screen.drivenAt", { name: drivenBy.name, time: time(drivenBy.at) })}</span>}
          {drivenBy === undefined && state === "open" && connected && <span className="quiet">{t("screen.waiting")}</span>}
        </span>
        <Button size="small" type="text" onClick={() => void tiles.current?.closest(".screen-page")?.requestFullscreen().catch(() => undefined)}>{t("player.full")}</Button>
        <GuideLink place="wall#spot-monitor-more-screens" title={t("help.screen")} />
        <Link to="/">{t("screen.leave")}</Link>
      </div>
      {running !== undefined && <TourBar tour={running} onPause={pause} onGo={go} onStop={stopHere} />}
      <div className="wall-layers" ref={tiles}>
        <WallGrid key={layer} wall={wall} act={actHere} protocol={chosenProtocol()} onPicture={notePicture} onReplay={hold} />
        {staged !== undefined && <WallGrid key={layer + 1} wall={staged} act={nothing} protocol={chosenProtocol()} staged onPicture={notePicture} />}
      </div>
    </section>
  );
}
