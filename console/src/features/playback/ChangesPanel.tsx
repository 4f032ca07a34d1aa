import { Alert, Button, Progress, Switch } from "antd";
import { useState } from "react";
import type { Peeks } from "../../ui/footage/peeks";
import type { Period } from "../../ui/footage/pieces";
import { useWords } from "../../ui/language";
import { useZone, wallTime, written } from "../../ui/zone";
import type { Region } from "./region";
import { SmallPicture } from "./SmallPicture";
import type { Found, SceneSearch } from "./use-scene-search";

interface Props {
  camera: { code: string; name: string } | undefined;
  /** What would be searched: between in and out, else what the timeline shows, as far as a ticket opens it. */
  period: Period | undefined;
  region: Region | undefined;
  search: SceneSearch;
  peeksOf: (camera: string) => Peeks | undefined;
  onSeek: (atUs: number) => void;
  onSearch: () => void;
  onClose: () => void;
}

const us = (at: string) => Date.parse(at) * 1_000;

/** When did this place change? Drawn on the picture, searched by the node, seen before and after. */
export function ChangesPanel({ camera, period, region, search, peeksOf, onSeek, onSearch, onClose }: Props) {
  const { t, pick } = useWords();
  const zone = useZone();
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
      {camera === undefined || period === undefined ? (
        <p className="notice">{t("finding.noPlace")}</p>
      ) : (
        <div className="changes-order">
          <b>{camera.name}</b>
          <span>
            {written(period.fromUs / 1_000, zone)} – {wallTime(period.toUs / 1_000, zone).slice("2026-11-26T".length)}
          </span>
          <Button type="primary" size="small" disabled={region === undefined} loading={search.busy} data-testid="find-changes" onClick={onSearch}>
            {t("finding.search")}
          </Button>
          {region === undefined && <small>{t("finding.draw")}</small>}
        </div>
      )}
      {problem !== undefined && <Alert type="error" showIcon title={pick(problem.zh, problem.en)} description={pick(problem.remedy_zh, problem.remedy_en)} data-testid="changes-problem" />}
      {found !== undefined && problem === undefined && <Result found={found} region={search.region} peeks={peeksOf(found.camera)} onSeek={onSeek} onStop={search.end} />}
    </aside>
  );
}

function Result({ found, region, peeks, onSeek, onStop }: { found: Found; region: Region | undefined; peeks: Peeks | undefined; onSeek: (atUs: number) => void; onStop: () => void }) {
  const { t } = useWords();
  const zone = useZone();
  const [passing, setPassing] = useState(false);
  const items = found.items.filter((one) => passing || one.kind === "lasting");
  const short = found.items.length - found.items.filter((one) => one.kind === "lasting").length;
  const goes = found.state === "running" || found.state === "waiting";
  const clock = (at: string) => wallTime(at, zone).slice("2026-11-26T".length);
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
              <SmallPicture peeks={peeks} atUs={us(one.before) + 1_000} region={region} />
              <SmallPicture peeks={peeks} atUs={us(one.after) + 1_000} region={region} />
              <span className="quiet">{t("finding.before", { at: clock(one.before) })}</span>
              <span className="quiet">{t("finding.after", { at: clock(one.after) })}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
