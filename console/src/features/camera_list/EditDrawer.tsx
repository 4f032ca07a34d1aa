import { useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, Progress } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { EditFields } from "./EditFields";
import { EditRows } from "./EditRows";
import { NOTHING, orderOf, type Draft } from "./order";
import { useEdit, type Edit, type Show } from "./use-edit";

interface Props {
  chosen: Schemas["Chosen"];
  count: number;
  /** An edit that was begun before. */
  kept: number | undefined;
  /** `done`: something was changed. */
  onClose: (done: boolean) => void;
}

/** One change for many cameras: what changes, what the node says that it would do to each, and what became of them. */
export function EditDrawer({ chosen, count, kept, onClose }: Props) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const [number, setNumber] = useState(kept);
  const [show, setShow] = useState<Show>();
  const [offset, setOffset] = useState(0);
  const [reason, setReason] = useState("");
  const found = useEdit(number, show, offset);
  const one = number !== undefined && found.data?.number === number ? found.data : undefined; // not the one before it
  const order = orderOf(draft);
  const again = () => queries.invalidateQueries({ queryKey: ["camera-edit"] });
  const look = () =>
    act(async () => {
      if (order === undefined) return;
      const begun = await body(api.POST("/api/v1/camera-edits", { body: { chosen, change: order } }));
      setShow(undefined);
      setOffset(0);
      setNumber(begun.number);
    });
  const apply = () =>
    act(async () => {
      await api.POST("/api/v1/camera-edits/{number}/apply", { params: { path: { number: number ?? 0 } }, body: { reason } });
      setShow(undefined);
      setOffset(0);
      await again();
    });
  const stop = () =>
    act(async () => {
      await api.POST("/api/v1/camera-edits/{number}/stop", { params: { path: { number: number ?? 0 } } });
      await again();
    });
  const close = () => {
    const done = one?.phase === "done" || one?.phase === "applying";
    if (done) void queries.invalidateQueries({ queryKey: ["cameras"] });
    void again(); // what goes on stands beside the list
    onClose(done);
  };
  const asks = one?.counts.ask ?? 0;
  const works = (one?.counts.change ?? 0) + asks;
  const size = one === undefined ? count : Math.max(one.total, Object.values(one.counts).reduce((sum, some) => sum + some, 0));
  const back = count > 0 && (
    <Button data-testid="edit-back" onClick={() => setNumber(undefined)}>
      {t("edit.back")}
    </Button>
  );
  const footer =
    one === undefined && number !== undefined ? (
      back
    ) : one === undefined ? (
      <Button type="primary" className="edit-look" disabled={order === undefined} loading={busy} data-testid="edit-look" onClick={() => void look()}>
        {t("edit.look", { count })}
      </Button>
    ) : one.phase === "ready" ? (
      <>
        {back}
        <Button type="primary" disabled={works === 0 || (asks > 0 && reason.trim() === "")} loading={busy} data-testid="edit-apply" onClick={() => void apply()}>
          {t("edit.apply", { count: works })}
        </Button>
      </>
    ) : one.phase === "applying" || one.phase === "looking" ? (
      <Button danger disabled={one.stopped} loading={busy} data-testid="edit-stop" onClick={() => void stop()}>
        {t(one.phase === "looking" ? "edit.stopLook" : "edit.stop")}
      </Button>
    ) : one.phase === "failed" && count > 0 ? (
      back
    ) : (
      <Button type="primary" data-testid="edit-close" onClick={close}>
        {t("edit.close")}
      </Button>
    );
  return (
    <Drawer open size={860} title={t("edit.title", { count: size })} onClose={close} destroyOnHidden footer={<div className="edit-foot">{footer}</div>}>
      {number === undefined && (
        <>
          <p className="quiet">{t("edit.help")}</p>
          <EditFields draft={draft} onChange={(change) => setDraft((before) => ({ ...before, ...change }))} />
        </>
      )}
      {number !== undefined && found.isError && <Refused error={found.error} />}
      {one !== undefined && (
        <>
          <State one={one} />
          {one.phase === "ready" && asks > 0 && (
            <label className="edit-reason">
              <span>{t("edit.reason", { count: asks })}</span>
              <Input.TextArea rows={2} maxLength={500} value={reason} aria-label={t("edit.reason", { count: asks })} data-testid="edit-reason" onChange={(event) => setReason(event.target.value)} />
            </label>
          )}
          <EditRows
            one={one}
            show={show}
            offset={offset}
            onShow={(now) => {
              setShow(now);
              setOffset(0);
            }}
            onOffset={setOffset}
          />
        </>
      )}
    </Drawer>
  );
}

/** How far it is, by the node's word. */
function State({ one }: { one: Edit }) {
  const { t, pick } = useWords();
  const moving = one.phase === "looking" || one.phase === "applying";
  return (
    <section className="edit-state" data-testid="edit-state" data-phase={one.phase} aria-live="polite">
      <b>{t(`edit.phase.${one.phase}`)}</b> {!moving && <span className="quiet figures">{t("edit.took", { seconds: one.took_s.toFixed(1) })}</span>}
      {one.phase === "ready" && <span className="quiet"> {t("edit.nothingYet")}</span>}
      {one.stopped && <span className="lacks"> {t("edit.stopped")}</span>}
      {moving && (
        <div className="edit-progress">
          <Progress percent={one.total === 0 ? 0 : Math.floor((one.done / one.total) * 100)} size="small" aria-label={t(`edit.phase.${one.phase}`)} />
          <span className="quiet figures">
            {one.done} / {one.total} {one.seconds_left !== null && t("edit.left", { seconds: Math.ceil(one.seconds_left) })}
          </span>
        </div>
      )}
      {one.problem !== null && (
        <p className="notice" role="alert">
          <b>{pick(one.problem.zh, one.problem.en)}</b> {pick(one.problem.remedy_zh, one.problem.remedy_en)}
        </p>
      )}
    </section>
  );
}
