import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

/** How far the newest reading of a device's catalogue is, and that it was cut short where it was. */
export function CatalogueReading({ code }: { code: string }) {
  const { t } = useWords();
  const path = { params: { path: { code } } };
  // Under the device's own key: asking for the catalogue again asks for this anew, too.
  const state = useQuery({ queryKey: ["devices", code, "catalogue"], queryFn: () => body(api.GET("/api/v1/devices/{code}/catalogue", path)), refetchInterval: 5_000 }).data;
  if (state === undefined) return null;
  const { received, total, cut_after_s } = state;
  if (!state.done) return <p className="hint" style={{ padding: "8px 0 0" }} data-testid="catalogue-reading">{t(total > 0 ? "device.catalogue.reading" : "device.catalogue.asked", { received, total })}</p>;
  if (cut_after_s === 0) return null;
  const minutes = Math.max(1, Math.round(cut_after_s / 60));
  return <Alert type="warning" showIcon data-testid="catalogue-cut" title={t("device.catalogue.cut", { minutes, received })} description={t("device.catalogue.cut.do")} style={{ marginTop: 12 }} />;
}
