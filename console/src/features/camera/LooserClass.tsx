import { api } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import type { CameraClass } from "../../ui/camera-classes";
import { useWords } from "../../ui/language";
import { useAsk } from "../../ui/use-ask";

/** Asks for a class that opens the camera to others: a second person approves, and it waits. */
export function LooserClass({ code, old, wanted, onClose }: { code: string; old: CameraClass; wanted: CameraClass; onClose: () => void }) {
  const { t } = useWords();
  const ask = useAsk();
  const send = (reason: string) => ask(() => api.POST("/api/v1/cameras/{code}/class", { params: { path: { code } }, body: { camera_class: wanted, reason } }));
  return <AskReason name={`class of ${code}`} open title={t("class.ask.title", { old: t(`class.${old}`), new: t(`class.${wanted}`) })} help={t("class.ask.help")} label={t("appointment.reason")} okText={t("class.ask")} onClose={onClose} onSure={send} />;
}
