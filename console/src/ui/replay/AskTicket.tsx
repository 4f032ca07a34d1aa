import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../act";
import { useWords } from "../language";
import { Refused } from "../Refused";
import { GroundFields } from "../ticket/GroundFields";
import { groundOrder, NO_GROUND, type Ground } from "../ticket/ground";
import { useTime } from "../time";
import { ticketTime, TICKET_HOURS } from "./replayable";

interface Props {
  camera: string;
  name: string;
  sinceMs: number;
  untilMs: number;
  onClose: () => void;
  onOpened: () => void;
}

/** The use ticket for what was just seen, without leaving the wall: why, and on what ground; camera and time are given (rule A1). */
export function AskTicket({ camera, name, sinceMs, untilMs, onClose, onOpened }: Props) {
  const { t } = useWords();
  const time = useTime();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [ground, setGround] = useState<Ground>(NO_GROUND);
  const rules = useQuery({ queryKey: ["ticket-purposes"], retry: false, queryFn: () => body(api.GET("/api/v1/ticket-purposes")) });
  const { since, until } = ticketTime(sinceMs, untilMs);
  const why = groundOrder(ground);
  const open = () => {
    if (why === undefined) return;
    void act(async () => {
      await api.POST("/api/v1/tickets", { body: { ...why, bounds: { cameras: [camera], area: "", since, until }, hours: TICKET_HOURS, reason: "" } });
      onOpened();
    }).finally(() => void queries.invalidateQueries({ queryKey: ["tickets"] }));
  };
  return (
    <Modal open width={560} title={t("replay.ticket", { name })} okText={t("ticket.open")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: why === undefined, "data-testid": "make-ticket" }} onCancel={onClose} onOk={open}>
      {rules.isError && <Refused error={rules.error} />}
      {rules.data !== undefined && (
        <div className="fields">
          <GroundFields purposes={rules.data.items.filter((one) => one.functions.includes("view-recorded"))} ground={ground} onChange={(part) => setGround((old) => ({ ...old, ...part }))} />
        </div>
      )}
      <p className="quiet">{t("replay.ticket.help", { since: time(since), until: time(until), hours: TICKET_HOURS })}</p>
    </Modal>
  );
}
