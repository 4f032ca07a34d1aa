import { Button } from "antd";
import { useRef, useState } from "react";
import { useWords } from "../../ui/language";
import { Replay } from "../../ui/replay/Replay";
import { BEFORE_S, type Footage } from "./footage-before";

interface Props {
  camera: string;
  name: string;
  /** When the alarm came, by the node's clock. */
  atMs: number;
  footage: Footage;
}

/** The seconds before an alarm, over and over, for whoever may see footage; else why there is none. */
export function Before({ camera, name, atMs, footage: { lack, stream, covered } }: Props) {
  const { t } = useWords();
  const [wanted, setWanted] = useState(false);
  const still = useRef<() => void>(undefined);
  if (lack !== undefined) {
    return (
      <div className="alarm-lack" data-testid="before-lack" data-lack={lack}>
        <b>{t(`replay.lack.${lack}`)}</b>
        <span>{t(`replay.lack.${lack}.help`)}</span>
      </div>
    );
  }
  if (stream !== undefined && (wanted || covered)) {
    return (
      <div className="tile" data-testid="before">
        <Replay camera={camera} name={name} stream={stream} atMs={atMs} before={BEFORE_S} transform={undefined} onScreen still={still} testId="before" />
      </div>
    );
  }
  return (
    <div className="alarm-lack">
      <Button data-testid="before-show" disabled={stream === undefined} onClick={() => setWanted(true)}>
        {t("alarms.before.show", { seconds: BEFORE_S })}
      </Button>
      <span>{t("alarms.before.ticket")}</span>
    </div>
  );
}
