import { api } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useAsk } from "../../ui/use-ask";

/** Asks for an area whose people see the camera instead: a second person approves, and it waits. Empty: the device's word. */
export function OtherArea({ code, area, name, onClose }: { code: string; area: string; name: string; onClose: () => void }) {
  const { t } = useWords();
  const ask = useAsk();
  const send = (reason: string) => ask(() => api.POST("/api/v1/cameras/{code}/area", { params: { path: { code } }, body: { own_area: area, reason } }));
  return <AskReason name={`area of ${code}`} open title={t("record.area.ask", { area: area === "" ? t("record.area.reported") : name })} help={t("record.area.ask.help")} label={t("appointment.reason")} okText={t("mask.ask")} onClose={onClose} onSure={send} />;
}
