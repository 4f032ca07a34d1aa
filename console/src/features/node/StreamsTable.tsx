import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Table } from "antd";
import { useRef } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { bits, loss, span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { stacked } from "../../ui/stacked";

type Stream = Schemas["StreamShape"];
interface Look {
  atMs: number;
  bytes: Map<string, number>;
}
const keyOf = (stream: Stream) => `${stream.camera}/${stream.stream}`;
const LOSS_TO_NOTICE = 0.005;

/** Every stream that somebody watches; the worst by loss are found by one click on the column. */
export function StreamsTable() {
  const { t, pick } = useWords();
  const looks = useRef<{ before?: Look; last?: Look }>({});
  const streams = useQuery({ queryKey: ["streams"], queryFn: () => body(api.GET("/api/v1/live")), refetchInterval: 3_000 });
  const items = streams.data?.items ?? [];
  const nowMs = streams.dataUpdatedAt;
  if (looks.current.last?.atMs !== nowMs) looks.current = { before: looks.current.last, last: { atMs: nowMs, bytes: new Map(items.map((one) => [keyOf(one), one.bytes])) } };
  const rate = (stream: Stream): number | undefined => {
    const before = looks.current.before;
    const bytes = before?.bytes.get(keyOf(stream));
    return before === undefined || bytes === undefined || stream.bytes < bytes ? undefined : ((stream.bytes - bytes) * 8000) / Math.max(1, nowMs - before.atMs);
  };
  return (
    <section className="card" data-testid="streams">
      <h3>{t("node.streams")}</h3>
      <Table<Stream>
        size="small"
        className="stacked"
        rowKey={keyOf}
        dataSource={items}
        loading={streams.isPending}
        locale={{ emptyText: <div className="hint">{t("stream.none")}</div> }}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        columns={stacked<Stream>([
          {
            title: t("stream.camera"),
            width: "26%",
            sorter: (a, b) => a.name.localeCompare(b.name),
            render: (_, one) => (
              <Link to="/cameras/$code" params={{ code: one.camera }}>
                {one.name}
              </Link>
            ),
          },
          { title: t("camera.stream"), width: 84, render: (_, one) => t(one.stream === "sub" ? "camera.sub" : "camera.main") },
          { title: t("device.status"), ellipsis: true, render: (_, one) => <span className={one.state === "retrying" ? "status-fault" : undefined}>{pick(one.text_zh, one.text_en)}{one.readers === 0 && <span className="quiet"> · {t("stream.unwatched")}</span>}</span> },
          { title: t("stream.codec"), width: 150, render: (_, one) => (one.codec === "" ? "" : `${one.codec.toUpperCase()} ${one.width}×${one.height}`) },
          { title: t("stream.transport"), width: 110, render: (_, one) => one.transport.toUpperCase() },
          { title: t("node.readers"), width: 84, align: "right", dataIndex: "readers", sorter: (a, b) => a.readers - b.readers },
          { title: t("stream.rate"), width: 110, align: "right", render: (_, one) => { const found = rate(one); return found === undefined ? "–" : bits(found); } },
          {
            title: t("stream.loss"),
            width: 100,
            align: "right",
            sorter: (a, b) => a.loss - b.loss,
            render: (_, one) => <span className={one.loss >= LOSS_TO_NOTICE ? "status-fault" : undefined} title={t("stream.lossOf", { lost: one.lost, packets: one.packets + one.lost })}>{loss(one.loss)}</span>,
          },
          { title: t("stream.age"), width: 96, align: "right", sorter: (a, b) => b.since.localeCompare(a.since), render: (_, one) => span((nowMs - new Date(one.since).getTime()) / 1000) },
        ])}
      />
    </section>
  );
}
