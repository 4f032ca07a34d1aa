import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Drawer } from "antd";
import { useState } from "react";
import { api, type Schemas } from "../api-client/client";
import { ActButton } from "../ui/act";
import { useWords } from "../ui/language";
import { Priority, type AlarmPriority } from "../ui/Priority";
import { stopwatch } from "../ui/stopwatch";
import type { TextKey } from "../ui/texts";
import { alarmToDesk } from "../ui/to-alarm";
import { useNodeNow } from "../ui/use-node-now";
import { useLateAlarms } from "./use-late-alarms";

type Alarm = Schemas["AlarmShape"];

/** For supervisors, in the header of every page: how many alarms wait too long; opened, which and why, until one of them takes note by name or somebody takes it. */
export function LateAlarms() {
  const { t } = useWords();
  const queries = useQueryClient();
  const late = useLateAlarms();
  const [open, setOpen] = useState(false);
  const total = late?.total ?? 0;
  if (late === undefined || (total === 0 && !open)) return null;
  const note = async (some: readonly Alarm[]) => {
    const refused: unknown[] = [];
    for (const one of some) {
      try {
        await api.POST("/api/v1/alarms/{alarm_id}/note", { params: { path: { alarm_id: one.id } }, body: {} });
      } catch (error) {
        refused.push(error); // somebody took that one meanwhile: the others are noted all the same
      }
    }
    await queries.invalidateQueries({ queryKey: ["alarm-queue", "late"] });
    if (refused.length > 0) throw refused[0];
  };
  const close = () => setOpen(false);
  return (
    <>
      <span className="late-told" role="alert">
        <button className="chip late-chip" title={t("alarms.late.told.help")} data-testid="late-chip" data-count={total} onClick={() => setOpen(true)}>
          <span className="whole">{t("alarms.late.told", { count: total })}</span>
          <span className="few">{t("alarms.late.told.few", { count: total })}</span>
        </button>
      </span>
      <Drawer open={open} onClose={close} size={560} title={t("alarms.late.list")} extra={late.items.length > 1 && <ActButton size="small" act={() => note(late.items)} data-testid="late-note-all">{t("alarms.late.noteAll")}</ActButton>} destroyOnHidden>
        <ol className="late-alarms" data-testid="late-alarms">
          {late.items.map((one) => (
            <Late key={one.id} alarm={one} onOpen={close} onNote={() => note([one])} />
          ))}
        </ol>
        {late.items.length === 0 && <p className="quiet">{t("alarms.late.none")}</p>}
        {total > late.items.length && <p className="quiet">{t("alarms.late.others", { count: total - late.items.length })}</p>}
      </Drawer>
    </>
  );
}

function Late({ alarm, onOpen, onNote }: { alarm: Alarm; onOpen: () => void; onNote: () => Promise<void> }) {
  const { t } = useWords();
  const now = useNodeNow();
  const { work } = alarm;
  const step = work === null || work.owner === null ? "take" : work.state === "verified" ? "close" : "verify";
  const place = [alarm.area_name, alarm.site, alarm.point || alarm.zone].filter((one, at, every) => one !== "" && every.indexOf(one) === at).join(" · ");
  return (
    <li data-testid={`late-${alarm.id}`}>
      <Priority priority={alarm.priority as AlarmPriority} />
      <span>
        <b className="status-fault">
          {(work?.escalated ?? 1) > 1 ? "▲▲ " : "▲ "}
          {t(`alarms.late.${step}`)}
        </b>{" "}
        {t(`alarm.category.${alarm.category}` as TextKey)}
        <br />
        {place}
        <br />
        <small className="quiet">
          {t("alarms.late.since", { time: stopwatch(now - Date.parse(alarm.received_at)) })}
          {work !== null && work.owner !== null && ` · ${t("alarms.late.owner", { name: work.owner.name })}`}
        </small>
      </span>
      <Link
        to="/alarms"
        data-testid={`late-open-${alarm.id}`}
        onClick={() => {
          onOpen();
          alarmToDesk(alarm.id);
        }}
      >
        {t("alarms.late.open")}
      </Link>
      <ActButton size="small" act={onNote} data-testid={`late-note-${alarm.id}`}>
        {t("alarms.late.note")}
      </ActButton>
    </li>
  );
}
