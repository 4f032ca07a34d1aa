import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body } from "../../api-client/client";
import { Chart } from "../../ui/Chart";
import { bits, whole } from "../../ui/figures";
import { useWords } from "../../ui/language";

const percent = (share: number) => (share === 0 ? "0" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`);
const megabytes = (value: number) => (value >= 1000 ? `${(value / 1000).toFixed(1)} GB` : `${Math.round(value)} MB`);

/** The node's last hour, from its own memory. */
export function NodeCharts() {
  const { t } = useWords();
  const { data } = useQuery({ queryKey: ["node", "history"], queryFn: () => body(api.GET("/api/v1/node/history")), refetchInterval: 10_000 });
  const charts = useMemo(
    () =>
      data === undefined
        ? []
        : [
            { id: "cpu", title: t("node.cpu"), least: 0.1, format: percent, series: [{ label: t("node.cpu"), values: data.cpu, colour: "accent" as const }] },
            { id: "memory", title: t("node.memory"), least: 200, format: megabytes, series: [{ label: t("node.memory"), values: data.memory_mb, colour: "accent" as const }] },
            {
              id: "traffic",
              title: t("node.traffic"),
              least: 1e6,
              format: bits,
              series: [
                { label: t("node.in"), values: data.in_bit_s, colour: "ok" as const },
                { label: t("node.out"), values: data.out_bit_s, colour: "warn" as const },
              ],
            },
            { id: "loss", title: t("stream.loss"), least: 0.01, format: percent, series: [{ label: t("stream.loss"), values: data.loss, colour: "bad" as const }] },
            {
              id: "devices",
              title: t("node.devices"),
              least: 4,
              format: whole,
              series: [
                { label: t("status.online"), values: data.devices, colour: "ok" as const },
                { label: t("status.fault"), values: data.faulty_devices, colour: "bad" as const },
              ],
            },
            {
              id: "readers",
              title: t("node.watching"),
              least: 4,
              format: whole,
              series: [
                { label: t("node.readers"), values: data.readers, colour: "accent" as const },
                { label: t("node.streams"), values: data.streams, colour: "warn" as const },
              ],
            },
          ],
    [data, t],
  );
  return (
    <div className="charts" data-testid="node-charts">
      {charts.map((chart) => (
        <Chart key={chart.id} testId={`chart-${chart.id}`} title={chart.title} at={data?.at ?? []} series={chart.series} least={chart.least} format={chart.format} />
      ))}
    </div>
  );
}
