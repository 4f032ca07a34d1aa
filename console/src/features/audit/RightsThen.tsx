import { useQuery } from "@tanstack/react-query";
import { Drawer, Empty, Input, Table, Tag } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { momentOf, useZone, wallTime } from "../../ui/zone";
import { RightsOpen } from "./RightsOpen";
import { useAuditWords } from "./words";

type Post = Schemas["PostThen"];
type Decision = Schemas["DecisionThen"];

/** What one person could do at a time, told from the log alone; a camera may be asked about. */
export function RightsThen({ person, at, onClose }: { person: string; at: string; onClose: () => void }) {
  const { language } = useWords();
  const { t, te } = useAuditWords();
  const time = useTime();
  const zone = useZone();
  const [when, setWhen] = useState(() => wallTime(at, zone));
  const [camera, setCamera] = useState("");
  const [open, setOpen] = useState(true);
  // The field shows seconds; as long as nobody changes it, the very moment of the record is asked about.
  const moment = when && when !== wallTime(at, zone) ? momentOf(when, zone).toISOString() : at;
  const told = useQuery({
    queryKey: ["rights-then", person, moment, camera],
    retry: false,
    staleTime: Infinity, // every reading is a record of its own
    refetchOnWindowFocus: false,
    queryFn: () => body(api.GET("/api/v1/audit/rights", { params: { query: { person, at: moment, camera } } })),
  });
  const found = told.data;
  const area = (code: string, name: string) => (code ? `${name} ${code}` : t("audit.rights.everywhere"));
  return (
    <Drawer open={open} width={760} title={t("audit.rights.title", { person })} onClose={() => setOpen(false)} afterOpenChange={(now) => !now && onClose()}>
      <div className="filters rights-then">
        <DateField precision="second" label={t("audit.at")} value={when} onChange={setWhen} testId="rights-at" />
        <Input.Search allowClear placeholder={t("audit.rights.camera")} aria-label={t("audit.rights.camera")} onSearch={(code) => setCamera(code.trim())} data-testid="rights-camera" />
      </div>
      {told.isError && <Refused error={told.error} />}
      {found && found.sequence === null && <Empty description={t("audit.rights.unknown")} />}
      {found && found.sequence !== null && (
        <>
          <p className="hint" data-testid="rights-source">
            {t("audit.rights.source", { sequence: String(found.sequence), at: time(found.recorded_at) })}
            {found.unit && ` · ${found.unit}`}
          </p>
          {!found.readable && <p className="status-fault" data-testid="rights-unreadable">{t("audit.rights.unreadable")}</p>}
          {found.disabled && <p className="status-fault">{t("audit.rights.disabled")}</p>}
          {found.closed_zh && <p className="status-fault">{language === "en" ? found.closed_en : found.closed_zh}</p>}
          <Table<Post>
            size="small"
            className="stacked"
            rowKey={(post) => `${post.post}-${post.area}-${post.valid_from ?? ""}`}
            pagination={false}
            dataSource={found.posts}
            columns={stacked<Post>([
              { title: t("audit.rights.post"), render: (_, post) => te(`post.${post.post}`) },
              { title: t("audit.rights.area"), render: (_, post) => area(post.area, post.area_name) },
              { title: t("audit.rights.classes"), render: (_, post) => post.classes.map((one) => <Tag key={one}>{te(`class.${one}`)}</Tag>) },
              { title: t("audit.rights.until"), render: (_, post) => (post.valid_until ? time(post.valid_until) : "—") },
              { title: t("audit.rights.inForce"), render: (_, post) => <span className={post.in_force ? "status-online" : "status-fault"}>{t(post.in_force ? "audit.rights.yes" : "audit.rights.no")}</span> },
            ])}
          />
          <RightsOpen told={found} />
          <dl className="record-facts" data-testid="rights-functions">
            {found.functions.map((one) => (
              <div key={one.function}>
                <dt>{te(`function.${one.function}`)}</dt>
                <dd>{one.areas.map((place) => area(place.area, place.area_name)).join("、")}</dd>
              </div>
            ))}
          </dl>
          {found.decisions.length > 0 && (
            <Table<Decision>
              size="small"
              className="stacked"
              rowKey="function"
              pagination={false}
              dataSource={found.decisions}
              columns={stacked<Decision>([
                { title: t("audit.rights.function"), render: (_, one) => te(`function.${one.function}`) },
                { title: t("audit.result"), render: (_, one) => <span className={one.allowed ? "status-online" : "status-fault"}>{te(one.allowed ? "result.allowed" : "result.refused")}</span> },
                { title: t("audit.rights.why"), render: (_, one) => [one.under, one.rule, language === "en" ? one.en : one.zh].filter(Boolean).join(" · ") },
              ])}
            />
          )}
        </>
      )}
    </Drawer>
  );
}
