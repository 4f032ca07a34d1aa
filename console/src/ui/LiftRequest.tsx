import { Button, InputNumber } from "antd";
import { api } from "../api-client/client";
import { AskReason } from "./AskReason";
import { useWords } from "./language";
import { useKept } from "./kept";
import { useAsk } from "./use-ask";

/** Asks to see behind the masks for some minutes; two persons decide. */
export function LiftRequest({ code }: { code: string }) {
  const { t } = useWords();
  const ask = useAsk();
  const [open, setOpen] = useKept(`lifting masks on ${code}`, false);
  const [minutes, setMinutes] = useKept<number | null>(`minutes of a lift on ${code}`, 30);
  return (
    <>
      <Button data-testid="lift-masks" onClick={() => setOpen(true)}>
        {t("mask.lift")}
      </Button>
      <AskReason name={`lift on ${code}`} open={open} title={t("mask.lift.title")} help={t("mask.lift.help")} label={t("mask.lift.reason")} okText={t("mask.ask")} ready={minutes !== null} onClose={() => setOpen(false)} onSure={(reason) => ask(() => api.POST("/api/v1/cameras/{code}/mask-lifts", { params: { path: { code } }, body: { minutes: minutes ?? 1, reason } }))}>
        <div className="fields">
          <label>
            <span>{t("mask.lift.minutes")}</span>
            <InputNumber min={1} max={720} precision={0} value={minutes} data-testid="lift-minutes" onChange={setMinutes} />
          </label>
        </div>
      </AskReason>
    </>
  );
}
