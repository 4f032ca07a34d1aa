import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Segmented, Table } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { OpenedRequest } from "./OpenedRequest";
import { endOf } from "./end-of";
import { RequestState } from "./RequestState";

type Request = Schemas["RequestShape"];
type Box = "waiting" | "mine" | "coming" | "ended";
const BOXES: Box[] = ["waiting", "mine", "coming", "ended"];

/** What waits for me, what I asked for, what is approved and to come, what has ended; a request opens in full beside the list. */
export function ApprovalsPage() {
  const { t, pick } = useWords();
  const time = useTime();
  const [box, setBox] = useState<Box>("waiting");
  const [opened, setOpened] = useKept<string>("opened request");
  const pages = useInfiniteQuery({
    queryKey: ["approvals", box],
    retry: false,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/approvals", { params: { query: { box, cursor: pageParam } } })),
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 10_000,
  });
  if (pages.isError && pages.data === undefined) return <Refused error={pages.error} />;
  const first = pages.data?.pages[0];
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("approval.help")}</p>
        <Segmented<Box>
          value={box}
          onChange={setBox}
          options={BOXES.map((one) => ({ value: one, label: <span data-testid={`box-${one}`}>{t(`approval.box.${one}`)}{one === "waiting" && (first?.waiting ?? 0) > 0 ? ` ${first?.waiting}` : ""}</span> }))}
        />
      </div>
      {first?.same_workstation === "browser" && <p className="notice">{t("approval.sameBrowser")}</p>}
      {first?.same_workstation === "session" && <p className="notice">{t("approval.sameSession")}</p>}
      <Table<Request>
        size="small"
        className="stacked"
        rowKey="id"
        loading={pages.isPending}
        dataSource={pages.data?.pages.flatMap((page) => page.items) ?? []}
        pagination={false}
        locale={{ emptyText: <div className="hint">{t(`approval.none.${box}`)}</div> }}
        onRow={(request) => ({ onClick: () => setOpened(request.id), style: { cursor: "pointer" } })}
        columns={stacked<Request>([
          { title: t("approval.kind"), width: 160, render: (_, one) => pick(one.kind_zh, one.kind_en) },
          { title: t("approval.target"), dataIndex: "target", width: 200 },
          { title: t("approval.reason"), dataIndex: "reason", ellipsis: true },
          { title: t("approval.asked"), width: 200, render: (_, one) => t("approval.from", { name: one.mine ? t("approval.mine", { name: one.asked_by }) : one.asked_by, address: one.asked_address }) },
          { title: t("approval.askedAt"), width: 170, render: (_, one) => time(one.asked_at) },
          { title: t("approval.state"), width: 150, render: (_, one) => <RequestState state={one.state} /> },
          { title: when(box), width: 170, render: (_, one) => time(box === "ended" ? one.ended_at : endOf(one).at) },
          {
            width: 80,
            align: "right",
            render: (_, one) => (
              <Button size="small" type={box === "waiting" ? "primary" : "default"} data-testid={`open-${one.id}`} onClick={() => setOpened(one.id)}>
                {t("approval.open")}
              </Button>
            ),
          },
        ])}
      />
      {pages.hasNextPage && <Button onClick={() => void pages.fetchNextPage()}>{t("approval.more")}</Button>}
      <OpenedRequest key={opened ?? ""} id={opened} onClose={() => setOpened(undefined)} />
    </div>
  );

  function when(shown: Box): string {
    if (shown === "ended") return t("approval.ended");
    return t(shown === "coming" ? "approval.due" : "approval.until");
  }
}
