import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Radio, Table } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { useAreaNames } from "../../ui/AreaSelect";
import { AskReason } from "../../ui/AskReason";
import { CLASSES } from "../../ui/camera-classes";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { stacked } from "../../ui/stacked";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { NewEmergency } from "./NewEmergency";
import { MARKS, type EmergencyState } from "./emergency-state";

type Emergency = Schemas["EmergencyShape"];
type Verdict = Schemas["Verdict"];
const VERDICTS: Verdict[] = ["justified", "not-justified"];

/** One's own emergency accesses and, for those who judge, those of their area: what is open, what waits for a report or a verdict. */
export function Emergencies() {
  const { t } = useWords();
  const may = useMay();
  const time = useTime();
  const { act } = useAct();
  const queries = useQueryClient();
  const areaName = useAreaNames();
  const [opening, setOpening] = useKept("opening an emergency", false);
  const [reporting, setReporting] = useKept<number>("reporting an emergency");
  const [judging, setJudging] = useKept<number>("judging an emergency");
  const [verdict, setVerdict] = useKept<Verdict>("verdict on an emergency");
  const [restoring, setRestoring] = useKept<number>("restoring after an emergency");
  const found = useQuery({ queryKey: ["emergencies"], queryFn: () => body(api.GET("/api/v1/emergencies")) });
  const told = (call: () => Promise<unknown>) =>
    act(async () => {
      await call();
      for (const key of ["emergencies", "duty"]) void queries.invalidateQueries({ queryKey: [key] });
    });
  const judge = (number: number) => {
    setVerdict(undefined);
    setJudging(number);
  };
  const path = (number = 0) => ({ params: { path: { number } } });
  return (
    <section className="card" data-testid="emergencies">
      <div className="centre-head">
        <h2>{t("emergency.title")}</h2>
        <span className="quiet grow">{t("emergency.help")}</span>
        {may("open-ticket") && (
          <Button danger type="primary" data-testid="open-emergency" onClick={() => setOpening(true)}>
            {t("emergency.open")}
          </Button>
        )}
      </div>
      <Table<Emergency>
        size="small"
        className="stacked"
        rowKey="id"
        loading={found.isPending}
        dataSource={found.data?.items ?? []}
        pagination={{ pageSize: 10, hideOnSinglePage: true }}
        locale={{ emptyText: <div className="hint">{t("emergency.none")}</div> }}
        columns={stacked<Emergency>([
          { title: t("emergency.state"), width: 170, render: (_, one) => <StateMark one={one} /> },
          { title: t("emergency.who"), dataIndex: "name", width: 110 },
          { title: t("ticket.range.area"), width: 130, render: (_, one) => areaName(one.area) },
          { title: t("emergency.what"), render: (_, one) => <What one={one} /> },
          { title: t("emergency.opened"), width: 150, render: (_, one) => time(one.opened_at) },
          { title: t("emergency.ends"), width: 150, render: (_, one) => time(one.ends_at) },
          { title: t("emergency.ticket"), dataIndex: "ticket", width: 150 },
          {
            width: 110,
            align: "right",
            render: (_, one) => (
              <>
                {one.mine && one.report === "" && (
                  <Button size="small" type="primary" data-testid={`report-${one.id}`} onClick={() => setReporting(one.id)}>
                    {t("emergency.report")}
                  </Button>
                )}
                {!one.mine && may("judge-emergency") && (one.state === "verdict-due" || (one.state === "report-due" && one.late)) && (
                  <Button size="small" type="primary" data-testid={`judge-${one.id}`} onClick={() => judge(one.id)}>
                    {t("emergency.judge")}
                  </Button>
                )}
                {one.suspends && may("manage-people") && (
                  <Button size="small" type="primary" data-testid={`restore-${one.id}`} onClick={() => setRestoring(one.id)}>
                    {t("emergency.restore")}
                  </Button>
                )}
              </>
            ),
          },
        ])}
      />
      <NewEmergency open={opening} onClose={() => setOpening(false)} />
      <AskReason name={`report on ${reporting}`} open={reporting !== undefined} title={t("emergency.report")} label={t("emergency.report.help")} help={t("emergency.report.help")} okText={t("emergency.report")} least={10} most={4000} onClose={() => setReporting(undefined)} onSure={(report) => told(() => api.POST("/api/v1/emergencies/{number}/report", { ...path(reporting), body: { report } }))} />
      <AskReason name={`verdict on ${judging}`} open={judging !== undefined} title={t("emergency.judge")} label={t("emergency.judge.note")} okText={t("emergency.judge")} most={1000} ready={verdict !== undefined} onClose={() => setJudging(undefined)} onSure={(note) => told(() => api.POST("/api/v1/emergencies/{number}/verdict", { ...path(judging), body: { verdict: verdict ?? "not-justified", note } }))}>
        <Radio.Group value={verdict} style={{ margin: "4px 0 10px" }} onChange={(event) => setVerdict(event.target.value as Verdict)} options={VERDICTS.map((value) => ({ value, label: t(`emergency.verdict.${value}`) }))} />
      </AskReason>
      <AskReason name={`restoration of ${restoring}`} open={restoring !== undefined} title={t("emergency.restore")} label={t("emergency.restore.note")} help={t("emergency.restore.help")} okText={t("emergency.restore")} most={1000} onClose={() => setRestoring(undefined)} onSure={(note) => told(() => api.POST("/api/v1/emergencies/{number}/restoration", { ...path(restoring), body: { note } }))} />
    </section>
  );
}

/** Where it stands, and when the next paper is due: a late one closes pictures to the person until it is there (A59). */
function StateMark({ one }: { one: Emergency }) {
  const { t } = useWords();
  const time = useTime();
  const state = one.state as EmergencyState;
  const [colour, mark] = MARKS[state];
  const due = state === "verdict-due" ? one.verdict_due : one.report_due;
  return (
    <>
      <span className={colour}>
        {mark} <span className="status-text">{t(`emergency.state.${state}`)}</span>
      </span>
      {one.suspends && (
        <div className="status-fault" data-testid={`suspends-${one.id}`}>
          {t("emergency.suspends")}
        </div>
      )}
      {state !== "judged" && state !== "open" && (
        <div className={one.late ? "status-fault" : "quiet"} data-testid={`due-${one.id}`}>
          {t(one.late ? "emergency.late" : "emergency.due", { due: time(due) })}
        </div>
      )}
    </>
  );
}

function What({ one }: { one: Emergency }) {
  const { t } = useWords();
  const danger = t(`emergency.danger.${one.danger as Schemas["Danger"]}`);
  return (
    <>
      <b>{danger}</b> {one.said}
      {one.classes.length < CLASSES.length && <div className="quiet">{t("emergency.classes", { classes: one.classes.map((each) => t(`class.${each}`)).join("、") })}</div>}
      {one.report !== "" && <div className="quiet">{t("emergency.report.said", { text: one.report })}</div>}
      {one.verdict !== "" && <div className="quiet">{t("emergency.verdict.said", { verdict: t(`emergency.verdict.${one.verdict as Verdict}`), note: one.note })} — {one.judge}</div>}
      {one.restored_by !== "" && <div className="quiet">{t("emergency.restored.said", { note: one.restored_note })} — {one.restored_by}</div>}
    </>
  );
}
