import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Popconfirm } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useShortTime, useTime } from "../../ui/time";
import { momentOf, useZone } from "../../ui/zone";
import { changesOf, type RosterLine } from "./roster-changes";
import type { Centre } from "./seats";

type Version = Schemas["RosterVersion"];

/** Whether a week's roster binds: a draft until the supervisor publishes it, then in versions with who and when. */
export function RosterVersions({ centre, monday, edits }: { centre: Centre; monday: string; edits: boolean }) {
  const { t } = useWords();
  const time = useTime();
  const zone = useZone();
  const { act } = useAct();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const path = { centre: centre.id };
  const at = momentOf(monday, zone).toISOString();
  const found = useQuery({ queryKey: ["duty", "roster", "versions", centre.id, monday], queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/roster-versions", { params: { path, query: { at } } })) });
  if (found.data === undefined) return null;
  const { drafts, items } = found.data;
  const [newest] = items;
  const publish = () => act(() => api.POST("/api/v1/duty/centres/{centre}/roster-versions", { params: { path }, body: { at } })).finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
  if (newest === undefined && (drafts === 0 || !edits)) return <p className="quiet roster-version">{t("version.empty")}</p>;
  return (
    <div className="roster-version" data-testid="roster-version">
      <b className={newest === undefined || drafts > 0 ? "status-unknown" : "status-online"}>{newest === undefined ? `◆ ${t("version.draft")}` : `● ${t("version.published")}`}</b>
      {newest !== undefined && <span className="quiet">{t("version.newest", { version: newest.version, name: newest.name, at: time(newest.at) })}</span>}
      {edits && drafts > 0 && <span>{t("version.drafts", { count: drafts })}</span>}
      {edits && drafts > 0 && (
        <Popconfirm title={t("version.publish.sure")} okText={t("version.publish")} cancelText={t("cancel")} onConfirm={publish}>
          <Button size="small" type="primary" data-testid="publish-week">
            {t("version.publish")}
          </Button>
        </Popconfirm>
      )}
      {newest !== undefined && (
        <Button size="small" data-testid="roster-versions" onClick={() => setOpen(true)}>
          {t("version.all")}
        </Button>
      )}
      <Modal open={open} width={760} title={t("version.title", { centre: centre.name })} footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
        {items.map((one, at) => (
          <VersionLine key={one.version} version={one} before={items[at + 1]} />
        ))}
      </Modal>
    </div>
  );
}

/** `before`: the version that this one followed, where it is known. */
function VersionLine({ version, before }: { version: Version; before: Version | undefined }) {
  const { t } = useWords();
  const time = useTime();
  const short = useShortTime();
  const told = (line: RosterLine) => `${short(line.since)} – ${short(line.until)} · ${t("duty.seat", { seat: line.seat })} · ${line.name}`;
  const changes = before === undefined || version.change === "" ? undefined : changesOf(version.lines, before.lines);
  return (
    <details className="version" data-testid={`version-${version.version}`}>
      <summary>
        <b>{t("version.newest", { version: version.version, name: version.name, at: time(version.at) })}</b> <span className="quiet">{version.change === "" && `${t("version.whole")} · `}{t("version.lines", { count: version.lines.length })}</span>
        {changes?.added.map((line) => <div key={told(line)} className="version-change">+ {told(line)}</div>)}
        {changes?.removed.map((line) => <div key={told(line)} className="version-change">− {told(line)}</div>)}
      </summary>
      <ul className="matter-list">
        {version.lines.map((line) => (
          <li key={`${line.seat} ${line.since}`}>
            {told(line)}
          </li>
        ))}
      </ul>
    </details>
  );
}
