import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button, Popconfirm, Select, Space } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { called } from "../../ui/PersonPick";
import { useAct } from "../../ui/act";
import { Lapsing } from "../../ui/Lapsing";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { momentOf, useZone, wallTime } from "../../ui/zone";
import { EditSlot, type Editing } from "./EditSlot";
import { copyOf, dayAfter, hoursOf, mondayOf, weekFrom } from "./roster-week";
import { RosterVersions } from "./RosterVersions";
import { RosterWeek } from "./RosterWeek";
import { AskSwap, Swaps, swapping, useSwaps } from "./Swaps";
import type { Centre, Slot } from "./seats";
import "./duty.css";
import "./roster.css";

const KEY = "fengsui.roster-centre";

/** Who sits where when: a week of a centre. */
export function RosterPage() {
  const { t } = useWords();
  const [chosen, setChosen] = useState(() => Number(sessionStorage.getItem(KEY) ?? 0));
  const duty = useQuery({ queryKey: ["duty"], retry: false, queryFn: () => body(api.GET("/api/v1/duty")) });
  if (duty.data === undefined) return duty.isError ? <Refused error={duty.error} /> : <div className="hint">{t("loading")}</div>;
  const { centres } = duty.data;
  const centre = centres.find((one) => one.id === chosen) ?? centres[0];
  const choose = (id: number) => {
    sessionStorage.setItem(KEY, String(id));
    setChosen(id);
  };
  if (centre === undefined) {
    return (
      <div className="hint">
        {t("duty.none")} · <Link to="/duty">{t("nav.duty")}</Link>
      </div>
    );
  }
  return <Week key={centre.id} centre={centre} centres={centres} onCentre={choose} />;
}

function Week({ centre, centres, onCentre }: { centre: Centre; centres: Centre[]; onCentre: (id: number) => void }) {
  const { t, pick } = useWords();
  const { act } = useAct();
  const { modal, message } = App.useApp();
  const queries = useQueryClient();
  const zone = useZone();
  const may = useMay();
  const edits = may("manage-duty");
  const swaps = useSwaps(centre.id);
  const [monday, setMonday] = useKept("week of the roster", () => mondayOf(Date.now(), zone));
  const [editing, setEditing] = useKept<Editing>("editing a slot");
  const path = { centre: centre.id };
  const roster = useQuery({
    queryKey: ["duty", "roster", centre.id, monday],
    queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/slots", { params: { path, query: { since: momentOf(monday, zone).toISOString() } } })),
  });
  const end = momentOf(dayAfter(monday, 7), zone).getTime();
  const slots = (roster.data?.items ?? []).filter((slot) => Date.parse(slot.since) < end);
  const troubled = slots.filter((slot) => slot.trouble_zh !== "");
  const told = (slot: Slot) => t("roster.told", { day: wallTime(slot.since, zone).slice("2026-".length, "2026-11-26".length), seat: slot.seat, hours: hoursOf(slot, zone), name: called(slot), why: pick(slot.trouble_zh, slot.trouble_en) });
  const copy = () =>
    act(async () => {
      const { made, left } = await body(api.POST("/api/v1/duty/centres/{centre}/slots/copy", { params: { path }, body: copyOf(monday, zone) }));
      if (left.length === 0) return void message.success(t("roster.copied", { count: made }));
      modal.warning({ title: t("roster.copied.some", { count: made, left: left.length }), content: <Lines texts={left.map(told)} />, width: 560, okText: t("refusal.close") });
    }).finally(() => void queries.invalidateQueries({ queryKey: ["duty", "roster"] }));
  return (
    <div className="padded">
      <div className="page-head roster-head">
        <Select<number> value={centre.id} aria-label={t("roster.centre")} data-testid="roster-centre" style={{ minWidth: 200 }} onChange={onCentre} options={centres.map((one) => ({ value: one.id, label: one.name }))} />
        <Space.Compact>
          <Button aria-label={t("roster.before")} title={t("roster.before")} data-testid="week-before" onClick={() => setMonday(dayAfter(monday, -7))}>
            ‹
          </Button>
          <Button data-testid="this-week" onClick={() => setMonday(mondayOf(Date.now(), zone))}>
            {t("roster.thisWeek")}
          </Button>
          <Button aria-label={t("roster.after")} title={t("roster.after")} data-testid="week-after" onClick={() => setMonday(dayAfter(monday, 7))}>
            ›
          </Button>
        </Space.Compact>
        <b className="roster-span">
          {monday} – {dayAfter(monday, 6)}
        </b>
        <p className="hint">{t(edits ? "roster.help" : "roster.look")}</p>
        {may("take-duty") && <AskSwap centre={centre} slots={roster.data?.items ?? []} />}
        {edits && (
          <Popconfirm title={t("roster.copy.sure")} okText={t("roster.copy")} cancelText={t("cancel")} onConfirm={copy}>
            <Button data-testid="copy-week">{t("roster.copy")}</Button>
          </Popconfirm>
        )}
        <Link to="/duty" className="page-link">{t("roster.back")}</Link>
      </div>
      <RosterVersions centre={centre} monday={monday} edits={edits} />
      {edits && <Lapsing />}
      {troubled.length > 0 && (
        <div className="notice" role="alert" data-testid="roster-trouble">
          <b>{t("roster.trouble", { count: troubled.length })}</b>
          <Lines texts={troubled.map(told)} />
        </div>
      )}
      <Swaps swaps={swaps} slots={roster.data?.items ?? []} edits={edits} />
      <RosterWeek centre={centre} days={weekFrom(monday)} slots={slots} swapping={swapping(swaps)} edits={edits} onEdit={setEditing} />
      {editing !== undefined && <EditSlot key={`${editing.day} ${editing.seat} ${editing.slot?.id ?? 0}`} centre={centre} editing={editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

function Lines({ texts }: { texts: string[] }) {
  return (
    <ul className="matter-list">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
