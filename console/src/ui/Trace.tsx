import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { api, body } from "../api-client/client";
import { useWords } from "./language";
import { traceLine } from "./trace-line";
import { useZone, wallTime } from "./zone";
import "./trace.css";

/** A device's last messages, newest first, secrets hidden by the node. Each reading is on record, so it is asked for by hand. */
export function Trace({ device }: { device: string }) {
  const { t } = useWords();
  const zone = useZone();
  const trace = useQuery({
    queryKey: ["trace", device],
    queryFn: () => body(api.GET("/api/v1/devices/{code}/trace", { params: { path: { code: device } } })),
    staleTime: Infinity,
    refetchOnMount: "always",
    refetchOnWindowFocus: false,
  });
  const items = trace.data?.items.toReversed() ?? [];
  return (
    <div className="trace">
      <Button size="small" className="trace-again" loading={trace.isFetching} data-testid="trace-again" onClick={() => void trace.refetch()}>
        {t("trace.again")}
      </Button>
      {items.length === 0 && !trace.isPending && <div className="hint">{t("trace.none")}</div>}
      {items.map((message) => {
        const { start, topic } = traceLine(message.summary, message.text);
        return (
          <details key={`${message.at}${message.direction}${message.summary}`}>
            <summary>
              <span className="at">{wallTime(message.at, zone).slice("2026-11-26T".length)}</span>
              <span className={message.direction} role="img" aria-label={t(message.direction === "in" ? "trace.in" : "trace.out")}>
                {message.direction === "in" ? "←" : "→"}
              </span>
              {topic !== "" && <b>{topic}</b>}
              {start}
            </summary>
            <pre>{message.text}</pre>
          </details>
        );
      })}
    </div>
  );
}
