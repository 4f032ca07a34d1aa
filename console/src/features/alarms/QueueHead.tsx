import { Switch } from "antd";
import { useWords } from "../../ui/language";
import { bell, useBell } from "../../ui/ringing";

interface Props {
  total: number;
  follows: boolean;
  onFollow: (follows: boolean) => void;
}

/** How many wait, and what a new one does. */
export function QueueHead({ total, follows, onFollow }: Props) {
  const { t } = useWords();
  const sound = useBell();
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
      {sound === "blocked" && (
        <p className="sound-blocked" role="status" data-testid="sound-blocked">
          ▲ {t("alarms.sound.blocked")}
        </p>
      )}
    </div>
  );
}
