import { Segmented, Switch } from "antd";
import { useAlarmSummary } from "../../ui/alarm-summary";
import { useWords } from "../../ui/language";
import { bell, useBell } from "../../ui/ringing";
import type { Whose } from "./work";

interface Props {
  /** Alarms that were read. */
  here: number;
  /** Of these, those that wait longer than they may. */
  overdue: number;
  whose: Whose;
  onWhose: (whose: Whose) => void;
  follows: boolean;
  onFollow: (follows: boolean) => void;
}

/** How many wait and how bad it is, and what a new one does. */
export function QueueHead({ here, overdue, whose, onWhose, follows, onFollow }: Props) {
  const { t } = useWords();
  const sound = useBell();
  const summary = useAlarmSummary();
  const total = summary?.open ?? here;
  return (
    <div className="queue-head">
      <b data-testid="queue-total" data-total={total}>
        {t("alarms.total", { count: total })}
      </b>
      {overdue > 0 && (
        <span className="overdue" data-testid="queue-overdue">
          ▲ {t("alarms.overdue", { count: overdue })}
        </span>
      )}
      <span className="grow" />
      <label title={t("alarms.follow.help")}>
        {t("alarms.follow")} <Switch size="small" checked={follows} data-testid="alarm-follow" onChange={onFollow} />
      </label>
      <label title={t("alarms.sound.help")}>
        {t("alarms.sound")} <Switch size="small" checked={sound !== "off"} data-testid="alarm-sound" data-sound={sound} onChange={(on) => bell.setSilent(!on)} />
      </label>
      <Segmented<Whose> block size="small" className="whose" value={whose} data-testid="whose" options={(["all", "free", "mine"] as const).map((one) => ({ value: one, label: t(`alarms.whose.${one}`) }))} onChange={onWhose} />
      {sound === "blocked" && (
        <p className="sound-blocked" role="status" data-testid="sound-blocked">
          ▲ {t("alarms.sound.blocked")}
        </p>
      )}
    </div>
  );
}
