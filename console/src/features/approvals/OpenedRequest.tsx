import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Drawer, Input, Modal, Popconfirm, Space } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { counts, Differences } from "../../ui/Differences";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { Refused } from "../../ui/Refused";
import { useTime } from "../../ui/time";
import { endOf } from "./end-of";
import { RequestState } from "./RequestState";
import "./approvals.css";

type Opened = Schemas["OpenedRequest"];

/** The full content of a request. Opening it is recorded; only then can it be approved. */
export function OpenedRequest({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { pick } = useWords();
  const opened = useQuery({
    queryKey: ["approval", id],
    enabled: id !== undefined,
    retry: false,
    staleTime: Infinity, // every opening is a record of its own
    gcTime: 0,
    refetchOnWindowFocus: false,
    queryFn: () => body(api.GET("/api/v1/approvals/{request}", { params: { path: { request: id ?? "" } } })),
  });
  const found = opened.data;
  return (
    <Drawer open={id !== undefined} size="60vw" onClose={onClose} title={found ? pick(found.title_zh, found.title_en) : ""} extra={found && <Decisions opened={found} onDone={onClose} />} destroyOnHidden>
      {opened.isError && <Refused error={opened.error} />}
      {found && <Content opened={found} />}
    </Drawer>
  );
}

/** Which rank it takes, and who has it. */
function Second({ opened }: { opened: Opened }) {
  const { t, pick } = useWords();
  const rank = opened.rank_zh === "" ? t("approval.rank.any") : t("approval.rank.least", { rank: pick(opened.rank_zh, opened.rank_en) });
  return (
    <>
      <dt>{t("approval.rank")}</dt>
      <dd>{rank}</dd>
      <dt>{t("approval.candidates")}</dt>
      <dd data-testid="candidates">
        {opened.candidates.length === 0 && t("approval.candidates.none")}
        {opened.candidates.map((one) => (
          <div key={one.name}>
            {[`${one.full_name} ${one.name}`.trim(), one.unit, one.rank === null ? "" : t(`rank.${one.rank}`)].filter(Boolean).join(" · ")}
          </div>
        ))}
      </dd>
    </>
  );
}

function Content({ opened }: { opened: Opened }) {
  const { t, pick } = useWords();
  const time = useTime();
  const { request, document } = opened;
  const by = request.ended_by === "" ? t("approval.node") : request.ended_by;
  return (
    <div data-testid="opened-request">
      <dl className="facts request-facts">
        <dt>{t("approval.state")}</dt>
        <dd>
          <RequestState state={request.state} />
        </dd>
        <dt>{t("approval.asked")}</dt>
        <dd>
          {t("approval.from", { name: request.asked_by, address: request.asked_address })} · {time(request.asked_at)}
        </dd>
        <dt>{t("approval.reason")}</dt>
        <dd>{request.reason}</dd>
        {document && (
          <>
            <dt>{t("approval.document")}</dt>
            <dd>{t("approval.document.said", { number: document.number, issuer: document.issuer, rank: document.rank, date: document.issued_on })}</dd>
          </>
        )}
        {request.decided_at && (
          <>
            <dt>{t("approval.decided")}</dt>
            <dd>
              {request.decided_by} · {time(request.decided_at)}
            </dd>
          </>
        )}
        <dt>{t(endOf(request).due ? "approval.due" : "approval.until")}</dt>
        <dd>{time(endOf(request).at)}</dd>
        {request.ended_at && (
          <>
            <dt>{t("approval.ended")}</dt>
            <dd>
              {t("approval.ended.by", { state: t(`approval.state.${request.state}`), name: by, time: time(request.ended_at) })}
              {request.ended_reason && <div>{request.ended_reason}</div>}
            </dd>
          </>
        )}
        {request.state === "pending" && <Second opened={opened} />}
        <dt>{t("approval.hash")}</dt>
        <dd className="mono">{opened.hash}</dd>
      </dl>
      {opened.against_zh !== "" && <p className="notice" data-testid="against">{t("approval.against", { why: pick(opened.against_zh, opened.against_en) })}</p>}
      <p className="quiet">{t("approval.counts", counts(opened.differences))}</p>
      <Differences differences={opened.differences} />
      <details className="signed-content">
        <summary>{t("approval.content")}</summary>
        <pre>{JSON.stringify(opened.content, null, 2).replaceAll("\\n", "\n")}</pre>
      </details>
    </div>
  );
}

function Decisions({ opened, onDone }: { opened: Opened; onDone: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [asking, setAsking] = useKept<"approve" | "refuse">(`deciding ${opened.request.id}`);
  const path = { params: { path: { request: opened.request.id } } };
  const then = (call: () => Promise<unknown>) => act(() => call().then(onDone)).finally(() => void queries.invalidateQueries({ queryKey: ["approvals"] }));
  return (
    <Space>
      {opened.may_withdraw && (
        <Popconfirm title={t("approval.withdraw.sure")} okText={t("approval.withdraw")} cancelText={t("cancel")} onConfirm={() => then(() => api.POST("/api/v1/approvals/{request}/withdraw", { ...path, body: { reason: "" } }))}>
          <Button data-testid="withdraw">{t("approval.withdraw")}</Button>
        </Popconfirm>
      )}
      {opened.may_approve && (
        <>
          <Button danger data-testid="refuse" onClick={() => setAsking("refuse")}>
            {t("approval.refuse")}
          </Button>
          <Button type="primary" data-testid="approve" onClick={() => setAsking("approve")}>
            {t("approval.approve")}
          </Button>
          <SecondLook open={asking === "approve"} busy={busy} opened={opened} onClose={() => setAsking(undefined)} onSure={() => void then(() => api.POST("/api/v1/approvals/{request}/approve", { ...path, body: { hash: opened.hash } }))} />
          <Refusal id={opened.request.id} open={asking === "refuse"} busy={busy} onClose={() => setAsking(undefined)} onSure={(reason) => void then(() => api.POST("/api/v1/approvals/{request}/refuse", { ...path, body: { reason } }))} />
        </>
      )}
    </Space>
  );
}

function SecondLook({ open, busy, opened, onClose, onSure }: { open: boolean; busy: boolean; opened: Opened; onClose: () => void; onSure: () => void }) {
  const { t, pick } = useWords();
  const [read, setRead] = useState(false);
  const { loosening } = counts(opened.differences);
  return (
    <Modal open={open} width={760} title={t("approval.approve.title", { title: pick(opened.title_zh, opened.title_en) })} okText={t("approval.approve")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !read }} onCancel={onClose} onOk={onSure} afterClose={() => setRead(false)}>
      <div className="second-look">
        <Differences differences={opened.differences} />
      </div>
      {loosening > 0 && <p className="notice">{t("approval.approve.waits", { count: loosening })}</p>}
      <p className="quiet">{t("approval.approve.help", { hash: `${opened.hash.slice(0, 16)}…` })}</p>
      <Checkbox checked={read} data-testid="have-read" onChange={(event) => setRead(event.target.checked)}>
        {t("approval.approve.sure", { count: opened.differences.length })}
      </Checkbox>
    </Modal>
  );
}

function Refusal({ id, open, busy, onClose, onSure }: { id: string; open: boolean; busy: boolean; onClose: () => void; onSure: (reason: string) => void }) {
  const { t } = useWords();
  const [reason, setReason] = useKept(`refusal of ${id}`, "");
  return (
    <Modal open={open} title={t("approval.refuse.title")} okText={t("approval.refuse")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ danger: true, disabled: reason.trim() === "" }} onCancel={onClose} onOk={() => onSure(reason)}>
      <Input.TextArea autoFocus rows={3} maxLength={500} value={reason} aria-label={t("approval.refuse.reason")} placeholder={t("approval.refuse.reason")} data-testid="refuse-reason" onChange={(event) => setReason(event.target.value)} />
    </Modal>
  );
}
