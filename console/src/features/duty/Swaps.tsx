import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Select } from "antd";
import { useContext, useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { ActButton, useAct } from "../../ui/act";
import { useWords, type Words } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { called } from "../../ui/PersonPick";
import { SignedIn } from "../../ui/signed-in";
import { useZone, wallTime } from "../../ui/zone";
import { hoursOf } from "./roster-week";
import type { Centre, Slot } from "./seats";

export type Swap = Schemas["SwapShape"];
const DAY = "2026-11-26".length;

/** Slots that are in a swap which waits. */
export function swapping(swaps: readonly Swap[]): ReadonlySet<number> {
  return new Set(swaps.filter((one) => one.state === "asked" || one.state === "accepted").flatMap((one) => [one.slot, one.other_slot]));
}

/** The swaps of a centre as the reader may see them. */
export function useSwaps(centre: number): Swap[] {
  const found = useQuery({ queryKey: ["duty", "swaps", centre], queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/swaps", { params: { path: { centre } } })) });
  return found.data?.items ?? [];
}

/** What was asked for, by whom, and what the reader has to do about it. */
export function Swaps({ swaps, slots, edits }: { swaps: Swap[]; slots: Slot[]; edits: boolean }) {
  const { t } = useWords();
  const zone = useZone();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const queries = useQueryClient();
  const sent = (call: () => Promise<unknown>) => call().finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
  if (swaps.length === 0) return null;
  const named = (id: number) => {
    const slot = slots.find((one) => one.id === id);
    return slot === undefined ? t("swap.gone") : labelOf(slot, zone, t);
  };
  const answer = (swap: number, accept: boolean) => sent(() => api.POST("/api/v1/duty/swaps/{swap}/answer", { params: { path: { swap } }, body: { accept } }));
  const decide = (swap: number, approve: boolean) => sent(() => api.POST("/api/v1/duty/swaps/{swap}/decision", { params: { path: { swap } }, body: { approve, note: "" } }));
  const withdraw = (swap: number) => sent(() => api.POST("/api/v1/duty/swaps/{swap}/withdrawal", { params: { path: { swap } } }));
  const waits = (one: Swap) => one.state === "asked" || one.state === "accepted";
  const open = swaps.filter(waits);
  const settled = swaps.filter((one) => !waits(one));
  const line = (one: Swap) => {
    const theirs = one.asked_by === me || one.asked_of === me;
    const state = t(`swap.state.${one.state}`);
    return (
      <li key={one.id} data-testid={`swap-${one.id}`}>
        <b>{t("swap.line", { asker: one.asker, mine: named(one.slot), asked: one.asked, theirs: named(one.other_slot) })}</b>
        <span className="quiet">{one.reason}</span>
        <span className={one.state === "asked" || one.state === "accepted" ? "status-unknown" : "quiet"}>{one.decider === "" ? state : t("swap.by", { state, name: one.decider })}</span>
        {one.state === "asked" && one.asked_of === me && (
          <>
            <ActButton size="small" type="primary" data-testid={`accept-swap-${one.id}`} act={() => answer(one.id, true)}>
              {t("swap.accept")}
            </ActButton>
            <ActButton size="small" data-testid={`decline-swap-${one.id}`} act={() => answer(one.id, false)}>
              {t("swap.decline")}
            </ActButton>
          </>
        )}
        {one.state === "accepted" && edits && !theirs && (
          <>
            <ActButton size="small" type="primary" data-testid={`approve-swap-${one.id}`} act={() => decide(one.id, true)}>
              {t("swap.approve")}
            </ActButton>
            <ActButton size="small" data-testid={`refuse-swap-${one.id}`} act={() => decide(one.id, false)}>
              {t("swap.refuse")}
            </ActButton>
          </>
        )}
        {(one.state === "asked" || one.state === "accepted") && one.asked_by === me && (
          <ActButton size="small" data-testid={`withdraw-swap-${one.id}`} act={() => withdraw(one.id)}>
            {t("swap.withdraw")}
          </ActButton>
        )}
      </li>
    );
  };
  return (
    <section className="card swaps" data-testid="swaps">
      <h2>{t("swap.title")}</h2>
      <ul>
        {open.map(line)}
      </ul>
      {settled.length > 0 && (
        <details>
          <summary>{t("swap.settled", { count: settled.length })}</summary>
          <ul>{settled.map(line)}</ul>
        </details>
      )}
    </section>
  );
}

/** Asks somebody for their slot in exchange for one's own. */
export function AskSwap({ centre, slots }: { centre: Centre; slots: Slot[] }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const zone = useZone();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [mine, setMine] = useState<number>();
  const [theirs, setTheirs] = useState<number>();
  const [reason, setReason] = useKept(`reason of a swap at ${centre.id}`, "");
  const coming = slots.filter((one) => one.confirmed && Date.parse(one.since) > Date.now());
  const own = coming.filter((one) => one.user_id === me);
  const others = coming.filter((one) => one.user_id !== me);
  if (own.length === 0 || others.length === 0) return null;
  const ask = () => {
    if (mine === undefined || theirs === undefined) return;
    void act(async () => {
      await api.POST("/api/v1/duty/centres/{centre}/swaps", { params: { path: { centre: centre.id } }, body: { slot: mine, other_slot: theirs, reason: reason.trim() } });
      setReason("");
      setOpen(false);
    }).finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
  };
  const ready = mine !== undefined && theirs !== undefined && reason.trim().length >= 2;
  return (
    <>
      <Button data-testid="ask-swap" onClick={() => setOpen(true)}>
        {t("swap.ask")}
      </Button>
      <Modal open={open} title={t("swap.ask.title", { centre: centre.name })} okText={t("swap.sure")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "send-swap" }} onCancel={() => setOpen(false)} onOk={ask} destroyOnHidden>
        <p className="quiet dialog-help">{t("swap.ask.help")}</p>
        <div className="fields">
          <label>
            <span>{t("swap.mine")}</span>
            <Select<number> autoFocus value={mine} aria-label={t("swap.mine")} data-testid="swap-mine" onChange={setMine} options={own.map((one) => ({ value: one.id, label: labelOf(one, zone, t) }))} />
          </label>
          <label>
            <span>{t("swap.theirs")}</span>
            <Select<number> value={theirs} aria-label={t("swap.theirs")} data-testid="swap-theirs" onChange={setTheirs} options={others.map((one) => ({ value: one.id, label: `${called(one)} · ${labelOf(one, zone, t)}` }))} />
          </label>
          <label>
            <span>{t("swap.reason")}</span>
            <Input value={reason} maxLength={1000} data-testid="swap-reason" onChange={(event) => setReason(event.target.value)} onPressEnter={() => ready && ask()} />
          </label>
        </div>
      </Modal>
    </>
  );
}

function labelOf(slot: Slot, zone: string, t: Words["t"]): string {
  return `${wallTime(slot.since, zone).slice("2026-".length, DAY)} ${hoursOf(slot, zone)} · ${t("duty.seat", { seat: slot.seat })}`;
}
