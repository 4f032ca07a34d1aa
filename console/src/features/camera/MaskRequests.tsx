import { Button } from "antd";
import { api } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAsk } from "../../ui/use-ask";
import type { Corner } from "./mask-shape";

/** Asks for a mask to go; two persons decide. */
export function RemovalRequest({ code, mask, name }: { code: string; mask: number; name: string }) {
  const { t } = useWords();
  const ask = useAsk();
  const [open, setOpen] = useKept(`removing mask ${mask}`, false);
  return (
    <>
      <Button size="small" data-testid={`remove-mask-${mask}`} onClick={() => setOpen(true)}>
        {t("mask.remove")}
      </Button>
      <AskReason name={`removal of mask ${mask}`} open={open} title={t("mask.remove.title", { name })} help={t("mask.asked.help")} label={t("mask.remove.reason")} okText={t("mask.ask")} onClose={() => setOpen(false)} onSure={(reason) => ask(() => api.POST("/api/v1/cameras/{code}/masks/{mask}/removal", { params: { path: { code, mask } }, body: { reason } }))} />
    </>
  );
}

/** A view that is black, and the mask with which it shall be seen. */
export interface WantedView {
  name: string;
  preset: number;
  points: Corner[];
}

/** Asks for a black view to be seen; two persons decide. */
export function ViewRequest({ code, wanted, onClose }: { code: string; wanted: WantedView; onClose: () => void }) {
  const { t } = useWords();
  const ask = useAsk();
  const help = t(wanted.points.length === 0 ? "mask.view.help.clear" : "mask.view.help");
  return <AskReason name={`view of ${code}`} open title={wanted.preset === 0 ? t("mask.view.title") : t("mask.view.title.preset", { number: wanted.preset })} help={help} label={t("mask.view.reason")} okText={t("mask.ask")} onClose={onClose} onSure={(reason) => ask(() => api.POST("/api/v1/cameras/{code}/masked-views", { params: { path: { code } }, body: { ...wanted, reason } }))} />;
}
