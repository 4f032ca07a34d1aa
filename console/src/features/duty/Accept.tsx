import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Checkbox, Modal } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { personName } from "../../ui/person-name";
import { useWords } from "../../ui/language";
import { useAct } from "../../ui/act";
import { FactorModal, type Proof } from "./FactorModal";
import { allKnown, Passing, type Known } from "./Passing";
import { allAccepted, type Centre, type Shift } from "./seats";

/** Takes an offered seat over: what passes with it is acknowledged, each open matter ticked by name. */
export function Accept({ open, shift, centre, factor, onClose }: { open: boolean; shift: Shift; centre: Centre; factor: boolean; onClose: () => void }) {
  const { t, pick } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  const [proving, setProving] = useState(false);
  const passing = useQuery({
    queryKey: ["duty", "handover", shift.id],
    enabled: open,
    retry: false,
    queryFn: () => body(api.GET("/api/v1/duty/shifts/{shift}/handover", { params: { path: { shift: shift.id } } })),
  });
  const passes = passing.data;
  const matters = [...centre.matters, ...(passes?.uses ?? [])];
  const taken = matters.filter((matter) => ticked.has(matter.id)).map((matter) => matter.id);
  const [known, setKnown] = useState<Known>({});
  const said = { orders: known.orders ?? 0, entry: known.entry ?? 0, down: known.down === true ? (passes?.handover.down.map((one) => one.code) ?? []) : [] };
  const ready = allAccepted(matters, ticked) && passes !== undefined && allKnown(passes, known);
  const accept = (proof: Proof = {}) =>
    act(() => api.POST("/api/v1/duty/shifts/{shift}/accept", { params: { path: { shift: shift.id } }, body: { matters: taken, code: "", ...said, ...proof } }).then(onClose)).finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
  const okText = matters.length === 0 ? t("duty.accept") : t("duty.accept.count", { count: taken.length, total: matters.length });
  return (
    <Modal open={open} width={720} title={t("duty.accept.title", { centre: centre.name, seat: shift.seat })} okText={okText} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "take-over" }} onCancel={onClose} onOk={() => (factor ? setProving(true) : void accept())}>
      <dl className="facts">
        <dt>{t("duty.accept.from")}</dt>
        <dd>{personName(shift)}</dd>
        <dt>{t("duty.remarks")}</dt>
        <dd className="difference-text">{shift.remarks === "" ? t("duty.remarks.none") : shift.remarks}</dd>
      </dl>
      {passes !== undefined && <Passing passes={passes} known={known} onKnown={setKnown} />}
      <p className="quiet">{t(matters.length === 0 ? "duty.matters.none" : "duty.accept.each")}</p>
      <div className="matter-list">
        {matters.map((matter) => (
          <Checkbox key={matter.id} checked={ticked.has(matter.id)} data-testid={`matter-${matter.id}`} onChange={(event) => tick(matter.id, event.target.checked)}>
            {pick(matter.zh, matter.en)}
          </Checkbox>
        ))}
      </div>
      {(passes?.uses.length ?? 0) > 0 && <p className="quiet" data-testid="uses-stay">{t("passing.uses")}</p>}
      <FactorModal open={proving} title={t("duty.factor.title", { centre: centre.name, seat: shift.seat })} onClose={() => setProving(false)} onProof={accept} />
    </Modal>
  );
}
