import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Space, Table } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { called } from "../../ui/PersonPick";
import { ActButton, useAct } from "../../ui/act";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { StateMark } from "./StateMark";
import "./tickets.css";

type Unmatched = Schemas["UnmatchedShape"];
type Act = "accept" | "close" | "review";

/** Case numbers that the register does not know: whose they are, what was answered, and what a supervisor makes of it (A3). */
export function NumbersPage() {
  const { t, pick } = useWords();
  const time = useTime();
  const { act: run } = useAct();
  const queries = useQueryClient();
  const [asking, setAsking] = useKept<{ act: Act; one: Unmatched }>("asking about a number");
  const key = ["tickets", "unmatched"];
  const found = useQuery({ queryKey: key, retry: false, queryFn: () => body(api.GET("/api/v1/unmatched-tickets")), refetchInterval: 60_000 });
  if (found.data === undefined) return found.isError ? <Refused error={found.error} /> : <div className="hint">{t("loading")}</div>;
  const { items, connected, asked_at, next_at, trouble_zh, trouble_en } = found.data;
  const again = () => void queries.invalidateQueries({ queryKey: key });
  const reconcile = () =>
    body(api.POST("/api/v1/unmatched-tickets/reconcile"))
      .then((fresh) => queries.setQueryData(key, fresh))
      .finally(again);
  const send = (text: string) => {
    if (asking === undefined) return Promise.resolve(false);
    const { act, one } = asking;
    const number = { params: { path: { number: one.ticket } }, body: { text } };
    const call = () =>
      act === "review"
        ? api.POST("/api/v1/unmatched-tickets/reviews/{user_id}", { params: { path: { user_id: one.user_id } }, body: { note: text } })
        : act === "accept"
          ? api.POST("/api/v1/unmatched-tickets/{number}/accept", number)
          : api.POST("/api/v1/unmatched-tickets/{number}/close", number);
    return run(() => call().then(again));
  };
  const suspended = [...new Map(items.filter((one) => one.suspended).map((one) => [one.user_id, one])).values()];
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("numbers.help")}</p>
        <span className="quiet register-state" data-testid="register-state">
          {!connected && <div className="status-unknown">◆ {t("numbers.noRegister")}</div>}
          {connected && trouble_zh !== "" && <div className="status-fault">▲ {pick(trouble_zh, trouble_en)}</div>}
          {asked_at === null ? t("numbers.notAsked", { next: time(next_at) }) : t("numbers.asked", { at: time(asked_at), next: time(next_at) })}
        </span>
        <ActButton disabled={!connected} data-testid="reconcile" act={reconcile}>
          {t("numbers.reconcile")}
        </ActButton>
      </div>
      {suspended.map((one) => (
        <div key={one.user_id} className="notice offered" data-testid={`suspended-${one.name}`}>
          <span>{t("numbers.suspended", { name: called(one) })}</span>
          {!one.mine && (
            <Button size="small" type="primary" data-testid={`review-${one.name}`} onClick={() => setAsking({ act: "review", one })}>
              {t("numbers.review")}
            </Button>
          )}
        </div>
      ))}
      <Table<Unmatched>
        size="small"
        className="stacked"
        rowKey="ticket"
        dataSource={items}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        locale={{ emptyText: <div className="hint">{t("numbers.none")}</div> }}
        columns={stacked<Unmatched>([
          { title: t("ticket.state"), width: 90, render: (_, one) => <StateMark state={one.state} /> },
          {
            title: t("numbers.who"),
            width: 200,
            render: (_, one) => (
              <>
                {called(one)}
                <div className="quiet">{one.unit}</div>
              </>
            ),
          },
          { title: t("ticket.case"), width: 200, render: (_, one) => <span className="status-fault">{one.case_number}</span> },
          {
            title: t("ticket.number"),
            width: 190,
            render: (_, one) => (
              <>
                {one.ticket}
                <div className="quiet">{pick(one.purpose_zh, one.purpose_en)}</div>
              </>
            ),
          },
          { title: t("numbers.opened"), width: 160, render: (_, one) => time(one.opened_at) },
          { title: t("numbers.said"), render: (_, one) => <Notes one={one} /> },
          {
            width: 210,
            align: "right",
            render: (_, one) =>
              one.mine ? (
                <span className="quiet">{t("numbers.own")}</span>
              ) : (
                <Space size={6}>
                  {one.notes.some((note) => note.kind === "answer") && (
                    <Button size="small" type="primary" data-testid={`accept-${one.ticket}`} onClick={() => setAsking({ act: "accept", one })}>
                      {t("numbers.accept")}
                    </Button>
                  )}
                  {one.state === "open" && (
                    <Button size="small" danger data-testid={`close-${one.ticket}`} onClick={() => setAsking({ act: "close", one })}>
                      {t("numbers.close")}
                    </Button>
                  )}
                </Space>
              ),
          },
        ])}
      />
      {asking !== undefined && (
        <AskReason
          key={`${asking.act} ${asking.one.ticket}`}
          name={`${asking.act} ${asking.one.ticket}`}
          open
          danger={asking.act === "close"}
          least={4}
          title={`${t(`numbers.${asking.act}`)} · ${asking.act === "review" ? called(asking.one) : asking.one.ticket}`}
          help={t(`numbers.${asking.act}.help`)}
          label={t("numbers.note")}
          okText={t(`numbers.${asking.act}`)}
          onClose={() => setAsking(undefined)}
          onSure={send}
        />
      )}
    </div>
  );
}

function Notes({ one }: { one: Unmatched }) {
  const { t } = useWords();
  const time = useTime();
  if (one.notes.length === 0) return <span className="quiet">{t("numbers.notAnswered")}</span>;
  return one.notes.map((note) => (
    <div key={`${note.kind} ${note.at}`}>
      <b>{t(`numbers.note.${note.kind}`)}</b> {note.text}{" "}
      <span className="quiet">
        {note.by} {time(note.at)}
      </span>
    </div>
  ));
}
