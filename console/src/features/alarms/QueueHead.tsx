import { Segmented, Switch } from "antd";
import { useAlarmSummary } from "../../ui/alarm-summary";
import { useWords } from "../../ui/language";
import { bell, useBell } from "../../ui/ringing";
import { QueueLoad } from "./QueueLoad";
import { Shelved } from "./Shelved";
import type { Whose } from "./work";

interface Props {
  /** Alarms that were read. */
  here: number;
  whose: Whose;
  onWhose: (whose: Whose) => void;
  follows: boolean;
  onFollow: (follows: boolean) => void;
}

/** How many wait and how bad it is, and what a new one does. */
export function QueueHead({ here, whose, onWhose, follows, onFollow }: Props) {
  const { t } = useWords();
  const sound = useBell();
  const summary = useAlarmSummary();
  const total = summary?.open ?? here;
  return (
    <div className="queue-head">
      <b data-testid="queue-total" data-total={total}>
        {t("alarms.total", { count: total })}
      </b>
      <span className="grow" />
      <label title={t("alarms.follow.help")}>
        {t("alarms.follow")} <Switch size="small" checked={follows} data-testid="alarm-follow" onChange={onFollow} />
      </label>
      <label title={t("alarms.sound.help")}>
        {t("alarms.sound")} <Switch size="small" checked={sound !== "off"} data-testid="alarm-sound" data-sound={sound} onChange={(on) => bell.setSilent(!on)} />
      </label>
      {summary !== undefined && <QueueLoad summary={summary} />}
      {summary !== undefined && <Shelved shelves={summary.shelves} alarms={summary.shelved} />}
      <Segmented<Whose> block size="small" className="whose" value={whose} data-testid="whose" options={(["all", "free", "mine"] as const).map((one) => ({ value: one, label: t(`alarms.whose.${one}`) }))} onChange={onWhose} />
    </div>
  );
}
