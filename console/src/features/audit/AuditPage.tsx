import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Input, Select, Space, Table } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { DateField } from "../../ui/DateField";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { useZone } from "../../ui/zone";
import { Copies } from "./Copies";
import { query, type Filter } from "./filter";
import { RightsThen } from "./RightsThen";
import { useAuditWords } from "./words";
import "./audit.css";

type Record = Schemas["AuditRecordShape"];

const RESULTS: { [result: string]: string } = { allowed: "status-online", refused: "status-fault", failed: "status-fault" };
const MORE: (keyof Record)[] = ["clock_error", "role", "unit", "ticket", "case", "purpose", "legal_basis", "recipient", "policy", "session", "address", "workstation", "previous", "hash"];

/** The auditor's reader: filter, follow one person or camera by a click, take a signed extract. */
export function AuditPage() {
  const { t, te } = useAuditWords();
  const time = useTime();
  const zone = useZone();
  const [filter, setFilter] = useState<Filter>({});
  const [asked, setAsked] = useState<{ person: string; at: string }>();
  const [copies, setCopies] = useState(false);
  const pages = useInfiniteQuery({
    queryKey: ["audit", filter, zone],
    retry: false,
    staleTime: Infinity, // every reading is a record of its own
    refetchOnWindowFocus: false,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/audit", { params: { query: { ...query(filter, zone), cursor: pageParam, limit: 100 } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const set = (change: Filter) => setFilter((now) => ({ ...now, ...change }));
  if (pages.isError && pages.data === undefined) return <Refused error={pages.error} />;
  const first = pages.data?.pages[0];
  const follow = (change: Filter, text: string) =>
    text && (
      <Button type="link" size="small" className="follow" onClick={() => set(change)}>
        {text}
      </Button>
    );
  const said = (name: keyof Record, text: string) => {
    if (text === "") return t("audit.absent");
    if (name === "purpose") return te(`purpose.${text}`);
    if (name === "role") return te(`post.${text}`);
    return name === "clock_error" && !/^\d+$/.test(text) ? te(`audit.clock.${text}`) : text;
  };
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("audit.help")}</p>
        <Space>
          <span className="hint">{first && t("audit.key", { fingerprint: first.fingerprint })}</span>
          <Button data-testid="copies" onClick={() => setCopies(true)}>
            {t("audit.copies")}
          </Button>
          <Button href="/api/v1/audit/key">{t("audit.key.take")}</Button>
          <Button type="primary" data-testid="extract" href={`/api/v1/audit/extract?${new URLSearchParams(query(filter, zone)).toString()}`}>
            {t("audit.extract")}
          </Button>
        </Space>
      </div>
      <Space wrap className="filters">
        <Input.Search key={`person-${filter.person ?? ""}`} allowClear placeholder={t("audit.person")} aria-label={t("audit.person")} data-testid="audit-person" defaultValue={filter.person} onSearch={(person) => set({ person })} />
        <Input.Search key={`object-${filter.object ?? ""}`} allowClear placeholder={t("audit.object")} aria-label={t("audit.object")} data-testid="audit-object" defaultValue={filter.object} onSearch={(object) => set({ object })} />
        <Input.Search key={`ticket-${filter.ticket ?? ""}`} allowClear placeholder={t("audit.field.ticket")} aria-label={t("audit.field.ticket")} data-testid="audit-ticket" defaultValue={filter.ticket} onSearch={(ticket) => set({ ticket })} />
        <Input.Search key={`case-${filter.case ?? ""}`} allowClear placeholder={t("audit.field.case")} aria-label={t("audit.field.case")} data-testid="audit-case" defaultValue={filter.case} onSearch={(number) => set({ case: number })} />
        <Select<string>
          allowClear
          showSearch
          optionFilterProp="label"
          style={{ width: 220 }}
          placeholder={t("audit.act")}
          aria-label={t("audit.act")}
          value={filter.act}
          onChange={(act) => set({ act })}
          options={(first?.acts ?? []).map((act) => ({ value: act, label: te(`act.${act}`) }))}
        />
        <Select<string> allowClear style={{ width: 120 }} placeholder={t("audit.result")} aria-label={t("audit.result")} value={filter.result} onChange={(result) => set({ result })} options={Object.keys(RESULTS).map((result) => ({ value: result, label: te(`result.${result}`) }))} />
        <DateField labelled precision="minute" label={t("audit.since")} value={filter.since ?? ""} testId="audit-since" onChange={(since) => set({ since })} />
        <DateField labelled precision="minute" label={t("audit.until")} value={filter.until ?? ""} testId="audit-until" onChange={(until) => set({ until })} />
        <Button onClick={() => setFilter({})}>{t("audit.all")}</Button>
        <Button data-testid="audit-again" onClick={() => void pages.refetch()}>
          {t("audit.again")}
        </Button>
      </Space>
      <Table<Record>
        size="small"
        className="stacked"
        rowKey="sequence"
        loading={pages.isFetching}
        dataSource={pages.data?.pages.flatMap((page) => page.items) ?? []}
        pagination={false}
        expandable={{
          expandedRowRender: (record) => (
            <dl className="record-facts">
              {record.person && (
                <div>
                  <dt>{t("audit.rights")}</dt>
                  <dd>
                    <Button type="link" size="small" className="follow" data-testid="rights-then" onClick={() => setAsked({ person: record.person, at: record.at })}>
                      {t("audit.rights.ask", { person: record.person })}
                    </Button>
                  </dd>
                </div>
              )}
              {detailOf(record) !== "" && (
                <div className="wide">
                  <dt>{t("audit.detail")}</dt>
                  <dd data-testid="audit-detail">{detailOf(record)}</dd>
                </div>
              )}
              {MORE.map((name) => (
                <div key={name}>
                  <dt>{te(`audit.field.${name}`)}</dt>
                  <dd>{said(name, stated(String(record[name])))}</dd>
                </div>
              ))}
            </dl>
          ),
        }}
        columns={stacked<Record>([
          { title: t("audit.sequence"), width: 72, align: "right", render: (_, record) => <span data-testid={`audit-${record.act}`}>{record.sequence}</span> },
          { title: t("audit.at"), width: 155, render: (_, record) => (record.intact ? time(record.at) : <span className="status-fault">▲ {t("audit.notIntact")}</span>) },
          { title: t("audit.person"), width: 120, render: (_, record) => follow({ person: record.person }, record.person) || te(record.role === "node" ? "audit.node" : "audit.nobody") },
          { title: t("audit.act"), width: 150, render: (_, record) => te(`act.${record.act}`) },
          { title: t("audit.object.column"), width: 190, render: (_, record) => follow({ object: record.object }, record.object) },
          {
            title: t("audit.under"),
            width: 195,
            render: (_, record) => (
              <div data-testid="audit-under">
                {follow({ ticket: record.ticket }, stated(record.ticket))}
                {follow({ case: record.case }, stated(record.case))}
              </div>
            ),
          },
          { title: t("audit.detail"), ellipsis: true, render: (_, record) => detailOf(record) },
          { title: t("audit.result"), width: 84, render: (_, record) => <span className={RESULTS[record.result]}>{te(`result.${record.result}`)}</span> },
          { title: t("audit.address"), width: 130, responsive: ["xxl"], dataIndex: "address" },
        ])}
      />
      {pages.hasNextPage && (
        <Button block type="text" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t("audit.more")}
        </Button>
      )}
      {copies && <Copies onClose={() => setCopies(false)} />}
      {asked && <RightsThen key={`${asked.person} ${asked.at}`} person={asked.person} at={asked.at} onClose={() => setAsked(undefined)} />}
    </div>
  );
}

/** Of what, and how, in the record's own words: they are evidence. */
const detailOf = (record: Record) => [record.range, record.detail].filter(stated).join(" · ");

/** What does not apply is written as `-` in a record. */
const stated = (text: string) => (text === "-" ? "" : text);
