import { Alert, Button, Progress, Switch } from "antd";
import { useMemo, useState } from "react";
import type { Peeks } from "../../ui/footage/peeks";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { useZone, wallTime, written } from "../../ui/zone";
import type { Region } from "./region";
import { SmallPicture } from "./SmallPicture";
import { useAside } from "./use-aside";
import type { Found, SceneSearch } from "./use-scene-search";
import type { Sought } from "./use-sought";
import { dayNameAt } from "./week";

interface Props {
  camera: { code: string; name: string } | undefined;
  /** What would be searched. */
  sought: Sought;
  /** In and out are set: else what the timeline shows is offered. */
  marked: boolean;
  region: Region | undefined;
  search: SceneSearch;
  peeksOf: (camera: string) => Peeks | undefined;
  onSeek: (atUs: number) => void;
  onSearch: () => void;
  onClose: () => void;
}

const us = (at: string) => Date.parse(at) * 1_000;

/** When did this place change? Drawn on the picture, searched by the node, seen before and after. */
export function ChangesPanel({ camera, sought, marked, region, search, peeksOf, onSeek, onSearch, onClose }: Props) {
  const { t, pick } = useWords();
  const { found, problem } = search;
  return (
    <aside className="changes-panel" aria-label={t("finding.title")} data-testid="changes-panel">
      <header>
        <h3>{t("finding.title")}</h3>
        <button title={t("playback.close")} aria-label={t("playback.close")} data-testid="close-changes" onClick={onClose}>
          ✕
        </button>
      </header>
      <p className="quiet">{t("finding.help")}</p>
      {camera === undefined ? (
        <p className="notice">{t("finding.noPlace")}</p>
      ) : (
        <div className="changes-order">
          <b>{camera.name}</b>
          <DateField labelled precision="second" clearable={false} label={t("finding.since")} value={sought.since} testId="changes-since" onChange={(since) => sought.change({ since })} />
          <DateField labelled precision="second" clearable={false} label={t("finding.until")} value={sought.until} wrong={sought.isBackwards} testId="changes-until" onChange={(until) => sought.change({ until })} />
          {sought.typed && (
            <Button size="small" type="link" data-testid="changes-offered" onClick={sought.reset}>
              {t(marked ? "finding.offered.marks" : "finding.offered.timeline")}
            </Button>
          )}
          <Lacks sought={sought} />
          <Button type="primary" size="small" disabled={region === undefined || sought.part === undefined || sought.isEmpty} loading={search.busy} data-testid="find-changes" onClick={onSearch}>
            {t("finding.search")}
          </Button>
          {region === undefined && <small>{t("finding.draw")}</small>}
        </div>
      )}
      {problem !== undefined && <Alert type="error" showIcon title={pick(problem.zh, problem.en)} description={pick(problem.remedy_zh, problem.remedy_en)} data-testid="changes-problem" />}
      {found !== undefined && problem === undefined && <Result key={found.search} found={found} region={search.region} peeks={peeksOf(found.camera)} onSeek={onSeek} onStop={search.end} />}
    </aside>
  );
}

/** Why not all of the time is searched, or nothing of it. */
function Lacks({ sought }: { sought: Sought }) {
  const { t } = useWords();
  const zone = useZone();
  const { part, pending, isBackwards, isEmpty, isWhole } = sought;
  if (isBackwards) return <p className="notice" role="status">{t("finding.backwards")}</p>;
  if (pending) return null;
  if (part === undefined) return <p className="notice" role="status">{t("finding.noTicket")}</p>;
  if (isEmpty) return <p className="notice" role="status">{t("finding.noFootage")}</p>;
  return isWhole ? null : (
    <p className="notice" role="status" data-testid="changes-part">
      {t("finding.part", { from: written(part.fromUs / 1_000, zone), to: written(part.toUs / 1_000, zone) })}
    </p>
  );
}

function Result({ found, region, peeks, onSeek, onStop }: { found: Found; region: Region | undefined; peeks: Peeks | undefined; onSeek: (atUs: number) => void; onStop: () => void }) {
  const { t } = useWords();
  const zone = useZone();
  const [passing, setPassing] = useState(false);
  const items = found.items.filter((one) => passing || one.kind === "lasting");
  const short = found.items.length - found.items.filter((one) => one.kind === "lasting").length;
  const goes = found.state === "running" || found.state === "waiting";
  const of = useMemo(() => ({ fromUs: us(found.from), toUs: us(found.to) }), [found.from, found.to]);
  // A player holds the footage of one day: of a longer time, or another day, the small pictures are fetched beside it.
  const aside = useAside(peeks?.holds(of) === true || found.items.length === 0 ? undefined : found, of);
  const pictures = aside ?? peeks;
  const isOneDay = dayNameAt(of.fromUs, zone) === dayNameAt(of.toUs - 1, zone);
  const clock = (at: string) => (isOneDay ? wallTime(at, zone).slice("2026-11-26T".length) : written(at, zone).slice("2026-".length));
  return (
    <div className="changes-result" data-testid="changes" data-state={found.state}>
      {goes && (
        <div className="changes-progress">
          <Progress percent={Math.floor(found.done * 100)} size="small" status="active" />
          <span className="quiet">{found.left_s === null ? t(`finding.state.${found.state === "waiting" ? "waiting" : "running"}`) : t("finding.left", { seconds: Math.ceil(found.left_s) })}</span>
          <Button size="small" data-testid="stop-changes" onClick={onStop}>
            {t("finding.stop")}
          </Button>
        </div>
      )}
      {!goes && <p className="quiet">{found.state === "done" ? t("finding.done", { looked: found.looked, step: Math.round(found.step_s) }) : t(`finding.state.${found.state === "too_many" ? "too_many" : "failed"}`)}</p>}
      {found.away > 0 && <p className="doubtful">{t("finding.away", { count: found.away })}</p>}
      <label className="changes-passing">
        <Switch size="small" checked={passing} onChange={setPassing} data-testid="show-passing" /> {t("finding.passing", { count: short })}
      </label>
      {items.length === 0 && !goes && <p className="hint">{t("finding.none")}</p>}
      <ol>
        {items.map((one) => (
          <li key={`${one.before}/${one.after}`}>
            <button className="change" data-testid="change" data-kind={one.kind} data-after={one.after} title={t("finding.seek")} onClick={() => onSeek(us(one.after) + 1_000)}>
              <span className="change-head">
                <b>{clock(one.after)}</b>
                <span className="quiet">{t(`finding.kind.${one.kind}`, { share: Math.round(one.share * 100), until: clock(one.until) })}</span>
              </span>
              <SmallPicture peeks={pictures} atUs={us(one.before) + 1_000} region={region} />
              <SmallPicture peeks={pictures} atUs={us(one.after) + 1_000} region={region} />
              <span className="quiet">{t("finding.before", { at: clock(one.before) })}</span>
              <span className="quiet">{t("finding.after", { at: clock(one.after) })}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
