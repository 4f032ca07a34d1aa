import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { takenToMap } from "../../ui/to-map";
import { camerasToWall } from "../../ui/to-wall";
import { IntoGroup } from "../../ui/tree/IntoGroup";
import { keepWall, keptWall, nextWall } from "../../ui/wall-state";
import { downIn } from "./blind";
import { AlarmLegend } from "./AlarmLegend";
import { ChosenCamera } from "./ChosenCamera";
import { ChosenPoint } from "./ChosenPoint";
import { Credit } from "../../ui/map/Credit";
import { shiftFrom, shiftTo } from "../../ui/map/datum";
import { FollowPanel } from "./FollowPanel";
import { forWall } from "./for-wall";
import { movedBox, movedBy, type Place, type Shape } from "../../ui/map/geometry";
import { Lists, type List } from "./Lists";
import { MapBar } from "./MapBar";
import { MarkGrip } from "./MarkGrip";
import { areaNear, boundsOf, EVERYTHING, placeAt, within, WORLD } from "../../ui/map/points";
import { chosenOf, forTheWall, middleOfSelection, type Selection } from "./selection";
import { DrawingBar, SelectionBar } from "./SelectionBar";
import { SightingDialog } from "./SightingDialog";
import { SightingRows } from "./SightingRows";
import "./situation.css";
import { useAlarmPoints } from "./use-alarm-points";
import { useAlarmLayer } from "../../ui/map/use-alarm-layer";
import { useCameraLayer, useCameraMarks } from "../../ui/map/use-camera-layer";
import { useFollow } from "./use-follow";
import { useDrawing, type Tool } from "./use-drawing";
import { useFound } from "./use-found";
import { asLimits, hasKeptView, useMap } from "../../ui/map/use-map";
import { useOverlays } from "./use-overlays";
import { usePoints } from "../../ui/map/use-points";
import { useSightingDesk, useSightingLayer, type Sighting } from "./use-sightings";
import { useSight } from "../../ui/map/use-view";
import { WallDock } from "./WallDock";

const CLOSE_ZOOM = 16;
const AROUND_PX = 60;
const EASE_MS = 400;

/** Map and lists side by side: where the cameras stand, how they are, and the picture of the one that is chosen. */
export function SituationPage() {
  const { t } = useWords();
  const may = useMay();
  const navigate = useNavigate();
  const holder = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const { points, error } = usePoints();
  const sources = useQuery({ queryKey: ["situation", "sources"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/map-sources")) });
  const own = sources.data;
  const [shift, back] = useMemo(() => [shiftTo(own?.datum ?? "CGCS2000"), shiftFrom(own?.datum ?? "CGCS2000")], [own]);
  const { map, unable, lacking } = useMap(holder, own);
  const sight = useSight(map, back);
  const [shown, setShown] = useState(EVERYTHING);
  const [text, setText] = useState("");
  const [list, setList] = useState<List>("view");
  const [layers, setLayers] = useState({ views: true, blind: false, alarms: true, sightings: false });
  const [tool, setTool] = useState<Tool>();
  const [selection, setSelection] = useState<Selection>();
  const [chosen, setChosen] = useState<string>();
  const [target, setTarget] = useState<Place>();
  const [saving, setSaving] = useState(false);
  const [seeing, setSeeing] = useState(false);
  const sees = may("open-ticket");
  const guards = may("take-duty") || may("manage-devices");
  const alarmPoints = useAlarmPoints(guards && layers.alarms);
  const [spot, setSpot] = useState<readonly number[]>([]);
  const desk = useSightingDesk(sees && (layers.sightings || list === "sightings"));
  const began = useRef(hasKeptView());

  const select = useCallback((found: Selection | undefined) => {
    setTool(undefined);
    setSelection(found);
    setList(found === undefined ? "view" : "selection");
  }, []);
  const begun = useDrawing(map, tool, (drawn) => select(movedBy(drawn, back)), () => setTool(undefined));
  const at = useMemo(() => (chosen === undefined ? -1 : (points?.codes.indexOf(chosen) ?? -1)), [points, chosen]);
  const shape: Shape | undefined = selection?.kind === "spot" ? undefined : selection;
  const choose = useCallback(
    (place: number) => {
      if (points === undefined || place < 0) return;
      setSpot([]);
      setChosen(points.codes[place]);
      setTarget(placeAt(points, place));
    },
    [points],
  );
  const follow = useFollow(points, at, choose);
  useCameraLayer(map, points, shown, shift);
  useAlarmLayer(map, tool === undefined ? alarmPoints : undefined, shift, (places) => {
    setChosen(undefined);
    setSpot(places);
  });
  useOverlays(map, { points, shown, sight, layers, at, shape, begun, trail: follow.way, shift });

  const pick = (id: number) => {
    desk.choose(id);
    setList("sightings");
  };
  useSightingLayer(map, desk.items, desk.chosen?.id, shift, pick);
  const goToSighting = (one: Sighting) => {
    pick(one.id);
    map?.easeTo({ center: shift([one.longitude, one.latitude]), zoom: Math.max(map.getZoom(), CLOSE_ZOOM), duration: EASE_MS });
  };

  const show = useCallback(
    (places: readonly number[]) => {
      const box = points === undefined ? undefined : boundsOf(points, places);
      if (box !== undefined) map?.fitBounds(asLimits(movedBox(box, shift)), { padding: AROUND_PX, maxZoom: CLOSE_ZOOM, duration: EASE_MS });
    },
    [map, points, shift],
  );
  const whole = useCallback(() => points !== undefined && show(within(points, shown, WORLD)), [points, shown, show]);
  useEffect(() => {
    if (map === undefined || points === undefined) return;
    const asked = takenToMap();
    if (asked === undefined) return;
    began.current = true;
    choose(points.codes.indexOf(asked));
  }, [map, points, choose]);
  useEffect(() => {
    if (began.current || map === undefined || points === undefined || points.codes.length === 0) return;
    began.current = true;
    whole();
  }, [map, points, whole]);
  const going = useRef<(to: Place) => void>(undefined);
  useEffect(() => {
    going.current = (to) => {
      if (follow.following) show([at, ...follow.around.map((one) => one.at)]);
      else map?.easeTo({ center: shift(to), zoom: Math.max(map.getZoom(), CLOSE_ZOOM), duration: EASE_MS });
    };
  });
  useEffect(() => {
    map?.resize(); // the chosen camera's panel has taken its room: the way goes to the new middle
    if (target !== undefined) going.current?.(target);
  }, [map, target, follow.following]);

  const marks = useCameraMarks(map, tool === undefined, (places) => {
    if (points === undefined) return;
    if (places.length > 1) select({ kind: "spot", codes: places.map((place) => points.codes[place] ?? "") });
    setSpot([]);
    setChosen(points.codes[places[0] ?? -1]);
  });

  const found = useFound(points, shown, text);
  const inView = useMemo(() => (text.trim() !== "" ? found : points === undefined ? [] : within(points, shown, sight?.bounds ?? WORLD)), [points, shown, sight, text, found]);
  const selected = useMemo(() => (points === undefined || selection === undefined ? undefined : chosenOf(points, shown, selection)), [points, shown, selection]);

  const oneToWall = () => {
    if (points === undefined || at < 0) return;
    keepWall(nextWall(keptWall(), { kind: "show", camera: forWall(points, at) }));
    void navigate({ to: "/" });
  };
  const selectionToWall = () => {
    if (points === undefined || selection === undefined || selected === undefined) return;
    const places = forTheWall(points, selected, middleOfSelection(selection, points, selected));
    camerasToWall(t("situation.toWall.name"), places.map((place) => forWall(points, place)));
    void navigate({ to: "/" });
  };
  const trailToWall = (codes: readonly string[]) => {
    if (points === undefined) return;
    const places = codes.map((code) => points.codes.indexOf(code)).filter((place) => place >= 0);
    camerasToWall(t("situation.follow"), places.map((place) => forWall(points, place)));
    void navigate({ to: "/" });
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/") search.current?.focus();
      else if (event.key === "Escape") {
        setChosen(undefined);
        setSpot([]);
      }
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const [pointAt] = alarmPoints === undefined ? [] : spot;
  const wrong = error ?? (own === undefined ? sources.error : null);
  if (wrong !== null) return <Refused error={wrong} />;
  return (
    <div className={at < 0 && pointAt === undefined ? "situation" : "situation with-chosen"}>
      <Lists
        points={points}
        shown={shown}
        onShown={setShown}
        search={search}
        text={text}
        onText={(written) => {
          setText(written);
          setList("view");
        }}
        list={list}
        onList={setList}
        inView={inView}
        selected={selected}
        selectionBar={<SelectionBar count={selected?.length ?? 0} onWall={selectionToWall} onGroup={() => setSaving(true)} onClear={() => select(undefined)} />}
        sightings={sees ? { count: desk.items.length, rows: <SightingRows desk={desk} onGo={goToSighting} onAdd={() => setSeeing(true)} /> } : undefined}
        chosen={chosen}
        onChoose={choose}
        onArea={(code) => {
          setLayers({ ...layers, blind: true });
          if (points !== undefined) show(downIn(points, code));
        }}
      />
      <div className="map-area">
        <div ref={holder} className="map" role="application" aria-label={t("situation.map")} data-testid="map" data-ready={map !== undefined && points !== undefined} data-alarm-points={alarmPoints?.ids.length} data-ringing={alarmPoints?.ringing.length} />
        {marks.over !== undefined && points !== undefined && may("view-live") && <MarkGrip map={map} over={marks.over} camera={forWall(points, marks.over.at)} onClick={marks.click} onLeave={marks.leave} />}
        {unable && <div className="map-lack" role="alert">{t("situation.unable")}</div>}
        <MapBar map={map} tool={tool} onTool={setTool} layers={layers} onLayers={setLayers} onWhole={whole} sees={sees} guards={guards} />
        {tool !== undefined && map !== undefined && <DrawingBar tool={tool} onRadius={(radiusM) => select({ kind: "circle", centre: back(map.getCenter().toArray() as Place), radiusM })} onLeave={() => setTool(undefined)} />}
        {layers.blind && (
          <div className="map-legend">
            {(["seen", "half", "blind"] as const).map((one) => (
              <span key={one} className={one}>{t(`situation.cells.${one}`)}</span>
            ))}
          </div>
        )}
        {alarmPoints !== undefined && alarmPoints.ids.length + alarmPoints.unplaced > 0 && <AlarmLegend points={alarmPoints} />}
        {lacking && <div className="map-note low" role="status" data-testid="no-tiles">{t("situation.noTiles")}</div>}
        {own !== undefined && <Credit own={own} />}
        {may("view-live") && <WallDock />}
      </div>
      {saving && points !== undefined && selected !== undefined && <IntoGroup cameras={selected.map((place) => forWall(points, place))} onLeave={() => setSaving(false)} />}
      {seeing && points !== undefined && map !== undefined && (
        <SightingDialog camera={at < 0 ? undefined : { code: points.codes[at] ?? "", name: points.names[at] ?? "" }} middle={back(map.getCenter().toArray() as Place)} area={areaNear(points, back(map.getCenter().toArray() as Place))} onClose={() => setSeeing(false)} onAdded={goToSighting} />
      )}
      {at < 0 && alarmPoints !== undefined && pointAt !== undefined && <ChosenPoint points={alarmPoints} places={spot} at={pointAt} onAt={(one) => setSpot([one, ...spot.filter((of) => of !== one)])} onClose={() => setSpot([])} onCamera={(code) => choose(points?.codes.indexOf(code) ?? -1)} />}
      {points !== undefined && at >= 0 && (
        <ChosenCamera points={points} at={at} onClose={() => setChosen(undefined)} onWall={oneToWall}>
          {may("view-live") && <FollowPanel points={points} follow={follow} onChoose={choose} onWall={trailToWall} />}
        </ChosenCamera>
      )}
    </div>
  );
}
