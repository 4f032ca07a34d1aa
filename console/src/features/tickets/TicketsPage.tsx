import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Space, Table } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAreaNames } from "../../ui/AreaSelect";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { takenForTicket } from "../../ui/to-ticket";
import { CameraName } from "./CameraName";
import { ChangeTicket } from "./ChangeTicket";
import { NewTicket } from "./NewTicket";
import { StateMark } from "./StateMark";
import type { Ticket } from "./order";

/** One's own use tickets: open one, renew it, close it. */
export function TicketsPage() {
  const { t, pick } = useWords();
  const time = useTime();
  const { act } = useAct();
  const queries = useQueryClient();
  const areaName = useAreaNames();
  const [wanted] = useState(takenForTicket);
  const [opening, setOpening] = useKept("opening a ticket", wanted !== undefined);
  const [changing, setChanging] = useKept<Ticket>("changing a ticket");
  const [answering, setAnswering] = useKept<Ticket>("answering for a ticket");
  const tickets = useQuery({ queryKey: ["tickets"], retry: false, queryFn: () => body(api.GET("/api/v1/tickets")), refetchInterval: 30_000 });
  const purposes = useQuery({ queryKey: ["ticket-purposes"], retry: false, queryFn: () => body(api.GET("/api/v1/ticket-purposes")) });
  if (tickets.isError && tickets.data === undefined) return <Refused error={tickets.error} />;
  const rules = purposes.data;
  const named = (code: string) => {
    const found = rules?.items.find((one) => one.code === code);
    return found === undefined ? code : pick(found.zh, found.en);
  };
  const again = () => void queries.invalidateQueries({ queryKey: ["tickets"] });
  const close = (number: string) => act(() => api.DELETE("/api/v1/tickets/{number}", { params: { path: { number } } })).finally(again);
  const answer = (text: string) => act(() => api.POST("/api/v1/tickets/{number}/answer", { params: { path: { number: answering?.number ?? "" } }, body: { text } })).finally(again);
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("ticket.help")}</p>
        {rules !== undefined && (
          <Button type="primary" disabled={rules.items.length === 0} data-testid="open-ticket" onClick={() => setOpening(true)}>
            {t("ticket.open")}
          </Button>
        )}
      </div>
      {rules?.items.length === 0 && <p className="notice">{t("ticket.noPack")}</p>}
      <Table<Ticket>
        size="small"
        className="stacked"
        rowKey="number"
        loading={tickets.isPending}
        dataSource={tickets.data?.items ?? []}
        pagination={{ pageSize: 20, hideOnSinglePage: true }}
        locale={{
          emptyText: (
            <div className="hint">
              <b>{t("ticket.none")}</b>
              <br />
              {t("ticket.none.help")}
            </div>
          ),
        }}
        columns={stacked<Ticket>([
          { title: t("ticket.state"), width: 80, render: (_, one) => <StateMark state={one.state} /> },
          {
            title: t("ticket.number"),
            width: 140,
            render: (_, one) => (
              <>
                {one.number}
                {one.version > 1 && <div className="quiet">{t("ticket.version", { version: one.version })}</div>}
              </>
            ),
          },
          {
            title: t("ticket.purpose"),
            render: (_, one) => (
              <>
                {named(one.purpose)} {one.reason !== "" && <span className="quiet">{one.reason}</span>}
                <div className="quiet">{one.legal_basis}</div>
              </>
            ),
          },
          {
            title: t("ticket.case"),
            width: 170,
            render: (_, one) => (
              <>
                {one.case_number} <div className={one.case_match === "unmatched" || one.case_match === "unknown" ? "status-fault" : "quiet"}>{t(`ticket.match.${one.case_match}`)}</div>
                {one.case_match === "unmatched" && <div className="quiet">{one.answer === "" ? t("ticket.answer.wanted") : t("ticket.answer.said", { text: one.answer })}</div>}
              </>
            ),
          },
          {
            title: t("ticket.range"),
            width: 190,
            render: (_, one) => (
              <>
                {one.area !== "" && <div>{`${areaName(one.area)} ${one.area}`}</div>}
                {one.cameras.length > 0 && <div title={one.cameras.join("\n")}>{one.cameras.length === 1 ? <CameraName code={one.cameras[0] ?? ""} /> : t("ticket.range.count", { count: one.cameras.length })}</div>}
              </>
            ),
          },
          {
            title: t("ticket.window"),
            width: 165,
            render: (_, one) => (
              <>
                {time(one.since)}
                <br />
                {time(one.until)}
              </>
            ),
          },
          { title: t("ticket.expires"), width: 150, render: (_, one) => time(one.expires_at) },
          {
            width: 190,
            align: "right",
            render: (_, one) => (
              <Space size={6}>
                {one.case_match === "unmatched" && (
                  <Button size="small" type={one.answer === "" ? "primary" : "default"} data-testid={`answer-${one.number}`} onClick={() => setAnswering(one)}>
                    {t("ticket.answer")}
                  </Button>
                )}
                {one.state !== "closed" && (
                  <Button size="small" data-testid={`change-${one.number}`} onClick={() => setChanging(one)}>
                    {t("ticket.change")}
                  </Button>
                )}
                {one.state === "open" && (
                    <Popconfirm title={t("ticket.close.sure")} okText={t("ticket.close")} cancelText={t("cancel")} onConfirm={() => close(one.number)}>
                      <Button size="small" data-testid={`close-${one.number}`}>
                        {t("ticket.close")}
                      </Button>
                    </Popconfirm>
                )}
              </Space>
            ),
          },
        ])}
      />
      {rules !== undefined && rules.items.length > 0 && <NewTicket open={opening} wanted={wanted} rules={rules} onClose={() => setOpening(false)} />}
      <AskReason key={answering?.number} name={`answer for ${answering?.number ?? ""}`} open={answering !== undefined} least={4} title={t("ticket.answer.title", { number: answering?.case_number ?? "" })} help={t("ticket.answer.help")} label={t("ticket.answer")} okText={t("ticket.answer")} onClose={() => setAnswering(undefined)} onSure={answer} />
      {rules !== undefined && changing !== undefined && <ChangeTicket key={changing.number} ticket={changing} rules={rules} onClose={() => setChanging(undefined)} />}
    </div>
  );
}
