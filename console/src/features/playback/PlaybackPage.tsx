import { useNavigate } from "@tanstack/react-router";
import { Segmented } from "antd";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { DateField } from "../../ui/DateField";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { takenToPlay } from "../../ui/to-playback";
import { askForTicket } from "../../ui/to-ticket";
import { CameraTree } from "../../ui/tree/CameraTree";
import { momentOf, useZone, wallTime } from "../../ui/zone";
import { BookmarkDialog, type Marking } from "./BookmarkDialog";
import { ChangesPanel } from "./ChangesPanel";
import { chosenWith, keep, MOST, type Chosen } from "./chosen";
import { ClipDrawer } from "./ClipDrawer";
import { Controls } from "./Controls";
import { partsOf, windowAround } from "./day";
import { MarkBar } from "./MarkBar";
import { MarkLayer } from "./MarkLayer";
import { MarkList } from "./MarkList";
import type { Mark } from "./marks";
import "./marks.css";
import { BACKWARD, FORWARD, type Period } from "../../ui/footage/pieces";
import { PlaybackTile } from "./PlaybackTile";
import "./playback.css";
import type { Region } from "./region";
import { RegionSheet } from "./RegionSheet";
import { Timeline } from "./Timeline";
import { useConductor } from "../../ui/footage/use-conductor";
import { nextBusy } from "./activity";
import { useActivity } from "./use-activity";
import { useBeyond } from "./use-beyond";
import { useDeviceFiles } from "./use-device-files";
import { useFarther } from "./use-farther";
import { useFootage, useTickets } from "./use-footage";
import { useMarkDesk } from "./use-mark-desk";
import { usePlaybackKeys } from "./use-playback-keys";
import { useWeek } from "./use-week";
import { dayNameAt, dayOf } from "./week";
import { useWithdrawn } from "./use-withdrawn";
import { ViewMenu } from "./ViewMenu";
import { WeekTimeline } from "./WeekTimeline";
import { WithdrawnMenu } from "./WithdrawnMenu";
import { useSceneSearch } from "./use-scene-search";
import { useSought } from "./use-sought";
import { streamAt } from "./streams";
import { useDamaged } from "./use-damaged";
import { isLeft, loopOf } from "./loop";
import { useStreams } from "./use-streams";

/** The map is large, and seldom wanted. */
const ReplayMap = lazy(() => import("./ReplayMap").then(({ ReplayMap: component }) => ({ default: component })));
/** A day is as long as its clocks make it. */
const LENGTHS = { day: Infinity, hours: 6 * 3_600e6, hour: 3_600e6, minutes: 600e6 };
/** Where one begins: shortly before now, if that is in the day; else with the day. */
const AGO_US = 120e6;
const firstOf = (day: Period, agoUs: number) => (day.fromUs <= agoUs && agoUs < day.toUs ? agoUs : day.fromUs);

/** One end is marked: a line stands there. */
function half({ inUs, outUs }: { inUs?: number; outUs?: number }): Period | undefined {
  const at = inUs ?? outUs;
  return at === undefined ? undefined : { fromUs: at, toUs: at + 1_000 };
}

/** Recorded footage of one to nine cameras on one timeline. */
export function PlaybackPage() {
  const { t } = useWords();
  const zone = useZone();
  const goTo = useNavigate();
  const search = useRef<HTMLInputElement>(null);
  const [wanted] = useState(takenToPlay);
  const [picked, choose] = useState(() => chosenWith(wanted?.cameras));
  const withdrawn = useWithdrawn();
  const cameras = withdrawn.marked(picked);
  const [date, setDate] = useKept("playback day", () => dayNameAt(wanted?.atUs ?? Date.now() * 1_000, zone));
  const [active, setActive] = useState(wanted?.cameras[0]?.code);
  const [length, setLength] = useState<keyof typeof LENGTHS | "week">("day");
  const [looping, setLooping] = useState<Period>();
  const [jumps, setJumps] = useState(true);
  const [marks, setMarks] = useState<{ inUs?: number; outUs?: number }>({});
  const [clipping, setClipping] = useState(false);
  const [marking, setMarking] = useState<Marking>();
  const [mapped, setMapped] = useKept("playback map", false);
  const [ofDevice, setOfDevice] = useState<ReadonlySet<string>>(new Set());
  const [finding, setFinding] = useState(false);
  const [region, setRegion] = useState<Region>();
  const scene = useSceneSearch();
  const stills = useRef(new Map<string, () => void>());
  const setCameras = (next: Chosen[]) => {
    choose(next);
    keep(next);
  };
  const day = useMemo(() => dayOf(date, zone), [date, zone]);
  const { conductor, now } = useConductor(wanted?.atUs ?? firstOf(day, Date.now() * 1_000 - AGO_US));
  // What is played over midnight is of the next day.
  const here = dayNameAt(now.atUs, zone);
  if (conductor !== undefined && here !== date) setDate(here);
  const tickets = useTickets();
  const codes = cameras.map((one) => one.code);
  const side = Math.ceil(Math.sqrt(Math.max(1, cameras.length)));
  const { chosen, turn: turnStream, grid } = useStreams(cameras.length, side);
  const { damaged, met } = useDamaged();
  const footage = useFootage(codes, day, tickets, chosen, now.atUs);
  const isWeek = length === "week";
  const week = useWeek(isWeek, codes, date, zone, tickets, chosen);
  const farther = useFarther(codes.filter((code) => !ofDevice.has(code)), isWeek ? week.span : day, zone, tickets, chosen);
  const recorded = useBeyond(now, footage, day, tickets, chosen);
  useEffect(() => {
    if (conductor !== undefined) conductor.parts = partsOf(footage, day, jumps ? recorded : undefined);
  });
  const devices = useDeviceFiles(codes.filter((code) => ofDevice.has(code)), footage);
  const spansOf = (code: string) => devices.get(code)?.stretches ?? (ofDevice.has(code) ? [] : (footage.get(code)?.spans ?? []));
  const window = windowAround(day, now.atUs, isWeek ? LENGTHS.day : LENGTHS[length]);
  const periodsOf = (code: string) => (isWeek ? (week.footage.get(code)?.periods ?? []) : (footage.get(code)?.periods ?? []));
  const desk = useMarkDesk(new Map(codes.map((code) => [code, periodsOf(code)])), isWeek ? week.span : day);
  const curves = useActivity(codes.filter((code) => !ofDevice.has(code)), isWeek ? week.footage : footage);
  const stepped = active !== undefined && codes.includes(active) ? active : codes[0];
  const goToMark = (mark: Mark) => {
    desk.setCurrent(mark);
    setActive(mark.camera);
    seek(mark.atUs + 1); // what is below a microsecond was cut off: not the picture before
  };
  const setLoop = (loop: Period | undefined) => {
    setLooping(loop);
    if (conductor !== undefined) conductor.loop = loop;
  };
  const seek = (atUs: number, lands = false) => {
    if (isLeft(looping, atUs)) setLoop(undefined);
    conductor?.seek(atUs, lands); // the day follows
  };
  const goFarther = (what: "footage" | "activity", by: 1 | -1) => void farther(what, by).then((at) => at !== undefined && seek(at + 1_000, what === "footage"), () => undefined);
  const chooseDay = (next: string) => {
    seek(momentOf(next + wallTime(now.atUs / 1_000, zone).slice(next.length), zone).getTime() * 1_000); // the same time by clocks
    setDate(next);
  };
  const speed = (next: number) => conductor?.go(next);
  const turn = (by: 1 | -1) => {
    const speeds = now.speed < 0 ? BACKWARD : FORWARD;
    speed(speeds[Math.min(Math.max(speeds.indexOf(now.speed) + by, 0), speeds.length - 1)] ?? 1);
  };
  const clip = marks.inUs === undefined || marks.outUs === undefined ? undefined : { fromUs: Math.round(marks.inUs), toUs: Math.round(marks.outUs) };
  const acts = {
    playOrPause: () => {
      if (!now.playing && now.speed < 0) speed(1);
      conductor?.play(!now.playing);
    },
    picture: (by: 1 | -1) => {
      if (stepped !== undefined) conductor?.step(stepped, by);
    },
    seconds: (by: number) => seek(now.atUs + by * 1e6),
    faster: () => turn(1),
    slower: () => turn(-1),
    backwards: () => {
      speed(now.speed < 0 && now.playing ? 1 : -1);
      conductor?.play(true);
    },
    nextFootage: (by: 1 | -1) => {
      const starts = codes.flatMap((code) => (isWeek ? (week.footage.get(code)?.spans ?? []) : spansOf(code)).map((span) => span.fromUs)).sort((one, other) => one - other);
      const found = by > 0 ? starts.find((start) => start > now.atUs + 1e6) : starts.findLast((start) => start < now.atUs - 1e6);
      if (found !== undefined) seek(found + 1_000, true);
      else goFarther("footage", by);
    },
    nextActivity: (by: 1 | -1) => {
      const found = nextBusy([...curves.values()].flat(), now.atUs, by);
      if (found !== undefined) seek(found + 1_000);
      else goFarther("activity", by);
    },
    markIn: () => setMarks({ inUs: (stepped === undefined ? undefined : conductor?.players.get(stepped)?.beginOf(now.atUs)) ?? now.atUs, ...(marks.outUs !== undefined && marks.outUs > now.atUs ? { outUs: marks.outUs } : {}) }),
    markOut: () => setMarks({ outUs: now.atUs, ...(marks.inUs !== undefined && marks.inUs < now.atUs ? { inUs: marks.inUs } : {}) }),
    openClips: () => setClipping(true),
    findChanges: () => leaveFinding(!finding),
    map: () => setMapped(!mapped),
    snapshot: () => stepped !== undefined && stills.current.get(stepped)?.(),
    bookmark: () => {
      const camera = cameras.find((one) => one.code === stepped);
      if (camera !== undefined) setMarking({ ...camera, atUs: now.atUs, span: clip });
    },
    nextMark: (by: 1 | -1) => {
      const found = desk.after(now.atUs, by);
      if (found !== undefined) goToMark(found);
    },
    loop: () => setLoop(looping === undefined ? loopOf(clip, now.atUs) : undefined),
  };
  usePlaybackKeys(acts);
  const open = (camera: Chosen) => {
    if (codes.includes(camera.code)) return setCameras(picked.filter((one) => one.code !== camera.code));
    setCameras([...picked, { code: camera.code, name: camera.name }].slice(-MOST));
    setActive(camera.code);
  };
  const openAll = (_name: string, several: readonly Chosen[]) => setCameras(several.slice(0, MOST).map(({ code, name }) => ({ code, name })));
  const switchSource = (code: string) => {
    const next = new Set(ofDevice);
    if (!next.delete(code)) next.add(code);
    setOfDevice(next);
  };
  const ask = () => {
    askForTicket({ cameras: codes, since: wallTime(day.fromUs / 1_000, zone).slice(0, 16), until: wallTime(day.toUs / 1_000 - 60_000, zone).slice(0, 16) });
    void goTo({ to: "/tickets" });
  };
  const leaveFinding = (open: boolean) => {
    setFinding(open);
    if (!open) scene.end();
  };
  const closelyAt = (atUs: number) => chosen.get(stepped ?? "") ?? streamAt(footage.get(stepped ?? "")?.closely ?? [], atUs);
  const sought = useSought({ code: finding ? stepped : undefined, offered: clip ?? (isWeek ? week.span : window), zone, tickets, chosen });
  const findChanges = () => stepped !== undefined && region !== undefined && sought.part !== undefined && void scene.begin(stepped, sought.stream, region, sought.part);
  return (
    <div className={finding ? "playback-page finding" : "playback-page"}>
      <CameraTree search={search} shown={new Set(codes)} onOpen={open} onOpenAll={openAll} onLeave={() => undefined} />
      <div className="playback" data-testid="playback">
        <div className="playback-bar">
          <DateField value={date} label={t("playback.day")} clearable={false} testId="playback-day" onChange={(next) => next !== "" && chooseDay(next)} />
          <Segmented<typeof length> size="small" value={length} onChange={setLength} options={(["week", "day", "hours", "hour", "minutes"] as const).map((one) => ({ value: one, label: t(`playback.length.${one}`) }))} />
          <ViewMenu onOpen={openAll} />
          <WithdrawnMenu withdrawn={withdrawn} onOpen={open} />
          <MarkBar desk={desk} />
          <button className="playback-map-button" aria-pressed={mapped} title={`${t("playback.map")} (G)`} data-testid="playback-map" onClick={acts.map}>
            {t("playback.map.button")}
          </button>
          <span className="quiet">{t("playback.sound")}</span>
        </div>
        <div className={mapped ? "playback-stage with-map" : "playback-stage"}>
          <div ref={grid} className="playback-grid" style={{ gridTemplateColumns: `repeat(${side}, minmax(0, 1fr))` }}>
            {cameras.map(({ code, name }) => {
              const found = footage.get(code);
              return found && <PlaybackTile key={code} code={code} name={name} footage={found} device={devices.get(code)} conductor={conductor} active={code === stepped && cameras.length > 1} onSelect={() => setActive(code)} onClose={() => open({ code, name })} onTicket={ask} onSource={() => switchSource(code)} chosen={chosen.get(code) !== undefined} onStream={() => turnStream(code, found.stream ?? "main")} onDamage={met} stills={stills.current} sheet={finding && code === stepped && !ofDevice.has(code) && <RegionSheet region={region} onChange={setRegion} onDone={findChanges} onCancel={() => leaveFinding(false)} />} />;
            })}
            {cameras.length === 0 && <p className="hint">{t("playback.choose")}</p>}
          </div>
          {mapped && (
            <Suspense fallback={<p className="hint">{t("loading")}</p>}>
              <ReplayMap cameras={cameras} recorded={codes.map((code) => spansOf(code).some((span) => span.fromUs <= now.atUs && now.atUs < span.toUs))} active={stepped} atUs={now.atUs} onActive={setActive} onAdd={open} />
            </Suspense>
          )}
        </div>
        <Controls now={now} acts={acts} looping={looping !== undefined} jumps={jumps} onSpeed={speed} onJumps={(on) => { setJumps(on); if (conductor !== undefined) conductor.jumpsGaps = on; }} />
        {isWeek ? (
          <WeekTimeline days={week.days} lanes={cameras.map((one) => ({ ...one, periods: periodsOf(one.code), spans: week.footage.get(one.code)?.spans ?? [], curves: curves.get(one.code) ?? [] }))} marks={desk.marks} atUs={now.atUs} current={desk.current?.key} onGo={seek} onMark={goToMark} onWeek={(by) => chooseDay(week.turned(by))} />
        ) : (
          <Timeline lanes={cameras.map(({ code, name }) => ({ code, name, periods: periodsOf(code), spans: spansOf(code), fetched: ofDevice.has(code) ? [] : (footage.get(code)?.fetched ?? []), damaged: ofDevice.has(code) ? [] : (damaged.get(code) ?? []), twice: ofDevice.has(code) ? [] : (footage.get(code)?.twice ?? []), device: ofDevice.has(code), curves: curves.get(code) ?? [] }))} window={window} atUs={now.atUs} loop={looping} clip={clip ?? half(marks)} conductor={conductor} onSeek={seek}>
            <MarkLayer lanes={cameras} marks={desk.marks} window={window} current={desk.current?.key} onGo={goToMark} />
          </Timeline>
        )}
        <MarkList desk={desk} names={new Map(cameras.map(({ code, name }) => [code, name]))} onGo={goToMark} />
        <BookmarkDialog marking={marking} onClose={() => setMarking(undefined)} />
        <ClipDrawer open={clipping} onClose={() => setClipping(false)} camera={cameras.find((one) => one.code === stepped)} span={clip} stream={closelyAt(clip?.fromUs ?? now.atUs)} streams={footage.get(stepped ?? "")?.streams ?? []} ofDevice={stepped !== undefined && ofDevice.has(stepped)} />
      </div>
      {finding && <ChangesPanel camera={cameras.find((one) => one.code === stepped)} sought={sought} marked={clip !== undefined} region={region} search={scene} peeksOf={(code) => conductor?.players.get(code)?.peeks} onSeek={seek} onSearch={findChanges} onClose={() => leaveFinding(false)} />}
    </div>
  );
}
