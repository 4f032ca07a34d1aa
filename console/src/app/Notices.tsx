import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { ActButton } from "../ui/act";
import { useWords } from "../ui/language";
import { useAcknowledge, useOwnNotices, type OwnNotice } from "../ui/own-notices";
import { Priority, type AlarmPriority } from "../ui/Priority";
import { keyName, SHORTCUTS } from "../ui/shortcuts";
import type { TextKey } from "../ui/texts";
import { useTime } from "../ui/time";
import { alarmToDesk } from "../ui/to-alarm";
import { useTold } from "./use-told";
import "./notices.css";

/** Before somebody asks for the rest: what stands there takes room from the page. */
const FIRST = 2;

/** What rules told the viewer of alarms, until they have read it: on every page, on a phone too. */
export function Notices() {
  const { t } = useWords();
  const notices = useOwnNotices();
  const [all, setAll] = useState(false);
  useTold(notices);
  if (notices.length === 0) return null;
  const others = notices.length - FIRST;
  return (
    <div className="told" role="status" data-testid="notices">
      {(all ? notices : notices.slice(0, FIRST)).map((one) => (
        <Told key={one.id} notice={one} />
      ))}
      {others > 0 && (
        <Button size="small" type="text" data-testid="notices-all" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("notices.fewer") : t("notices.others", { count: others })}
        </Button>
      )}
    </div>
  );
}

function Told({ notice }: { notice: OwnNotice }) {
  const { t } = useWords();
  const time = useTime();
  const acknowledge = useAcknowledge();
  const [[key]] = SHORTCUTS.notice.keys;
  return (
    <div className="told-one" data-testid={`notice-${notice.id}`} data-alarm={notice.alarm}>
      <Priority priority={notice.priority as AlarmPriority} />
      <span className="told-what">
        <b>{t(`alarm.category.${notice.category}` as TextKey)}</b> {[notice.place, notice.area_name].filter((one) => one !== "").join(" · ")}
        {notice.more > 0 && (
          <b title={t("notices.more.help")}>
            {" "}
            {t("notices.more", { count: notice.more })}
          </b>
        )}
        {notice.text !== "" && <span className="told-text">{notice.text}</span>}
        <span className="told-by">
          {time(notice.at).slice("2026-".length)} · {notice.rule}
          {notice.unit !== "" && ` · ${t("notices.unit", { unit: notice.unit })}`}
        </span>
      </span>
      {notice.may_open && (
        <Link to="/alarms" title={t("notices.open.help", { key: keyName(key) })} data-testid={`notice-open-${notice.id}`} onClick={() => alarmToDesk(notice.alarm)}>
          {t("notices.open")}
        </Link>
      )}
      <ActButton size="small" act={() => acknowledge(notice.id)} data-testid={`notice-read-${notice.id}`}>
        {t("notices.read")}
      </ActButton>
    </div>
  );
}
