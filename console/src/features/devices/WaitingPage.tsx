import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Space, Table } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { ActButton, useAct } from "../../ui/act";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import "./devices.css";

type Waiting = Schemas["Waiting"];
/** A colour alone tells nothing to whoever does not see it; whoever waits stands first. */
const MARKS: Record<Waiting["state"], string> = { waiting: "◆", refused: "○", blocked: "▲" };
const ORDER = Object.keys(MARKS);
const byState = (a: Waiting, b: Waiting) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.code.localeCompare(b.code); // never by time: rows would jump from under the pointer

/** Who knocked and is not known: admit (with a name and password of its own), refuse, block. */
export function WaitingPage() {
  const { t } = useWords();
  const time = useTime();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [admitting, setAdmitting] = useState<Waiting>();
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  const waiting = useQuery({ queryKey: ["waiting"], queryFn: () => body(api.GET("/api/v1/waiting-devices")), refetchInterval: 10_000 });
  const then = (call: Promise<unknown>) => call.then(() => queries.invalidateQueries({ queryKey: ["waiting"] }));
  const path = (code: string) => ({ params: { path: { code } } });
  const begin = (entry: Waiting) => {
    setName("");
    setPassword(""); // the last device's own
    setAdmitting(entry);
  };
  const admit = (entry: Waiting) =>
    void act(async () => {
      await then(api.POST("/api/v1/waiting-devices/{code}/admit", { ...path(entry.code), body: { name, password } }));
      setAdmitting(undefined);
    });
  if (waiting.isError && waiting.data === undefined) return <Refused error={waiting.error} />;
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("waiting.help")}</p>
      </div>
      <Table<Waiting>
        size="small"
        className="stacked"
        rowKey="code"
        loading={waiting.isPending}
        dataSource={waiting.data?.items.toSorted(byState) ?? []}
        locale={{ emptyText: <div className="hint">{t("waiting.none")}</div> }}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        columns={stacked<Waiting>([
          { title: t("device.status"), width: 90, render: (_, entry) => <span className={`waiting-${entry.state}`}>{MARKS[entry.state]} {t(`waiting.state.${entry.state}`)}</span> },
          { title: t("device.code"), dataIndex: "code", width: 200 },
          { title: t("device.address"), render: (_, entry) => `${entry.transport} ${entry.address}` },
          { title: t("device.maker"), dataIndex: "maker" },
          { title: t("waiting.attempts"), dataIndex: "attempts", width: 80 },
          { title: t("waiting.lastSeen"), render: (_, entry) => time(entry.last_seen_at) },
          {
            title: t("waiting.actions"),
            width: 220,
            render: (_, entry) => (
              <Space>
                <Button size="small" type="primary" data-testid={`admit-${entry.code}`} onClick={() => begin(entry)}>
                  {t("waiting.admit")}
                </Button>
                <ActButton size="small" disabled={entry.state === "refused"} data-testid={`refuse-${entry.code}`} act={() => then(api.POST("/api/v1/waiting-devices/{code}/refuse", path(entry.code)))}>
                  {t(entry.state === "blocked" ? "waiting.unblock" : "waiting.refuse")}
                </ActButton>
                <ActButton size="small" danger disabled={entry.state === "blocked"} data-testid={`block-${entry.code}`} act={() => then(api.POST("/api/v1/waiting-devices/{code}/block", path(entry.code)))}>
                  {t("waiting.block")}
                </ActButton>
              </Space>
            ),
          },
        ])}
      />
      <Modal destroyOnHidden open={admitting !== undefined} title={`${t("waiting.admit")} ${admitting?.code ?? ""}`} okText={t("waiting.admit")} cancelText={t("cancel")} confirmLoading={busy} onCancel={() => setAdmitting(undefined)} onOk={() => admitting !== undefined && admit(admitting)}>
        <dl className="facts">
          <dt>{t("device.address")}</dt>
          <dd>{`${admitting?.transport ?? ""} ${admitting?.address ?? ""}`}</dd>
          <dt>{t("device.maker")}</dt>
          <dd>{admitting?.maker}</dd>
        </dl>
        <div className="fields narrow admit-fields">
          <label>
            <span>{t("device.name")}</span>
            <Input autoFocus value={name} aria-label={t("device.name")} data-testid="admit-name" onChange={(event) => setName(event.target.value)} onPressEnter={() => admitting !== undefined && admit(admitting)} />
          </label>
          <label>
            <span>{t("waiting.password")}</span>
            <Input.Password value={password} autoComplete="new-password" aria-label={t("waiting.password")} placeholder={t("waiting.password.none")} data-testid="admit-password" onChange={(event) => setPassword(event.target.value)} onPressEnter={() => admitting !== undefined && admit(admitting)} />
          </label>
        </div>
      </Modal>
    </div>
  );
}
