import { useQuery, useQueryClient } from "@tanstack/react-query";
import { AutoComplete, Input, Modal } from "antd";
import { useContext, useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTellProblem } from "../../ui/problem";
import { SignedIn } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { nextOnRoster, personNumber, type Centre, type Shift } from "./seats";

const BEFORE_MS = 12 * 3_600_000;

/** Offers one's seat, with every open matter, to a successor. */
export function HandOver({ open, shift, centre, onClose }: { open: boolean; shift: Shift; centre: Centre; onClose: () => void }) {
  const { t, pick } = useWords();
  const tell = useTellProblem();
  const time = useTime();
  const queries = useQueryClient();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const [typed, setTyped] = useState("");
  const [remarks, setRemarks] = useState("");
  const [busy, setBusy] = useState(false);
  const roster = useQuery({
    queryKey: ["duty", "roster", centre.id],
    enabled: open,
    queryFn: async () => {
      const now = Date.now();
      const slots = await body(api.GET("/api/v1/duty/centres/{centre}/slots", { params: { path: { centre: centre.id }, query: { since: new Date(now - BEFORE_MS).toISOString() } } }));
      return nextOnRoster(slots.items, shift.seat, me, now);
    },
  });
  const successor = personNumber(typed);
  const offer = () => {
    if (successor === undefined) return;
    setBusy(true);
    api
      .POST("/api/v1/duty/shift/hand-over", { body: { successor, remarks: remarks.trim() } })
      .then(onClose)
      .catch(tell)
      .finally(() => {
        setBusy(false);
        void queries.invalidateQueries({ queryKey: ["duty"] });
      });
  };
  return (
    <Modal open={open} title={t("duty.handOver.title", { centre: centre.name, seat: shift.seat })} okText={t("duty.handOver")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: successor === undefined, "data-testid": "offer" }} onCancel={onClose} onOk={offer} destroyOnHidden>
      <p className="quiet dialog-help">{t("duty.handOver.help")}</p>
      <div className="fields">
        <label>
          <span title={t("duty.successor.help")}>{t("duty.successor")}</span>
          <AutoComplete
            autoFocus
            value={typed}
            placeholder={t("duty.successor.help")}
            aria-label={t("duty.successor")}
            data-testid="successor"
            onChange={setTyped}
            options={(roster.data ?? []).map((slot) => ({ value: String(slot.user_id), label: t("duty.successor.roster", { number: slot.user_id, seat: slot.seat, since: time(slot.since) }) }))}
          />
        </label>
        <label>
          <span>{t("duty.remarks")}</span>
          <Input.TextArea rows={3} maxLength={1000} value={remarks} data-testid="remarks" onChange={(event) => setRemarks(event.target.value)} />
        </label>
      </div>
      <p className="quiet">{t(centre.matters.length === 0 ? "duty.matters.none" : "duty.matters.pass")}</p>
      <ul className="matter-list">
        {centre.matters.map((matter) => (
          <li key={matter.id}>{pick(matter.zh, matter.en)}</li>
        ))}
      </ul>
    </Modal>
  );
}
