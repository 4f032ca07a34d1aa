import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useContext } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { PersonPick } from "../../ui/PersonPick";
import { useAct } from "../../ui/act";
import { SignedIn } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { successors, type Centre, type Matter, type Shift } from "./seats";

type Candidate = Schemas["SeatCandidate"];

/** Offers one's seat, with every open matter, to a successor who is chosen by name. */
export function HandOver({ open, shift, centre, uses, onClose }: { open: boolean; shift: Shift; centre: Centre; uses: readonly Matter[]; onClose: () => void }) {
  const { t, pick } = useWords();
  const { busy, act } = useAct();
  const time = useTime();
  const queries = useQueryClient();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const [successor, setSuccessor] = useKept<number>(`successor of ${shift.id}`);
  const [remarks, setRemarks] = useKept(`remarks of ${shift.id}`, "");
  const found = useQuery({
    queryKey: ["duty", "candidates", centre.id, shift.seat],
    enabled: open,
    queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/candidates", { params: { path: { centre: centre.id }, query: { seat: shift.seat } } })),
  });
  const matters = [...centre.matters, ...uses];
  const people = successors(found.data?.items ?? [], shift.seat, me);
  const rostered = (one: Candidate) => (one.since === null ? t("duty.successor.off") : t("duty.successor.roster", { seat: one.seat, since: time(one.since).slice("2026-".length, -":00".length) }));
  const offer = () => {
    if (successor === undefined) return;
    void act(() => api.POST("/api/v1/duty/shift/hand-over", { body: { successor, remarks: remarks.trim() } }).then(onClose)).finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
  };
  return (
    <Modal open={open} title={t("duty.handOver.title", { centre: centre.name, seat: shift.seat })} okText={t("duty.handOver")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: successor === undefined, "data-testid": "offer" }} onCancel={onClose} onOk={offer} destroyOnHidden>
      <p className="quiet dialog-help">{t("duty.handOver.help")}</p>
      <div className="fields">
        <label>
          <span>{t("duty.successor")}</span>
          <PersonPick autoFocus nobody={t("duty.successor.nobody")} people={people} value={successor} loading={found.isPending} label={t("duty.successor")} testId="successor" remark={rostered} onChange={setSuccessor} />
        </label>
        <label>
          <span>{t("duty.remarks")}</span>
          <Input.TextArea rows={3} maxLength={1000} value={remarks} data-testid="remarks" onChange={(event) => setRemarks(event.target.value)} />
        </label>
      </div>
      <p className="quiet">{t(matters.length === 0 ? "duty.matters.none" : "duty.matters.pass")}</p>
      <ul className="matter-list">
        {matters.map((matter) => (
          <li key={matter.id}>{pick(matter.zh, matter.en)}</li>
        ))}
      </ul>
      {uses.length > 0 && <p className="quiet">{t("passing.uses.own")}</p>}
    </Modal>
  );
}
