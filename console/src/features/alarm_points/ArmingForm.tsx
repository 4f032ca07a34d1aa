import { useQueryClient } from "@tanstack/react-query";
import { InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { areWhole } from "../../ui/hours/week";
import { useWords } from "../../ui/language";
import { ArmingHours, USUAL } from "./ArmingHours";
import { changeOf, type Host } from "./host";

const LONGEST_GRACE_MIN = 240;
const USUAL_GRACE_MIN = 15;

/** When a host is to be armed, and so what of its points has no hours of its own. */
export function ArmingForm({ host, onClose }: { host: Host; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [said, setSaid] = useState(host.arming !== null);
  const [hours, setHours] = useState(host.arming?.hours ?? USUAL);
  const [grace, setGrace] = useState<number | null>(host.arming?.grace_min ?? USUAL_GRACE_MIN);
  const save = () =>
    void act(async () => {
      const arming = said ? { hours, grace_min: grace ?? USUAL_GRACE_MIN } : null;
      await api.PUT("/api/v1/alarm-hosts/{host_id}", { params: { path: { host_id: host.id } }, body: changeOf(host, { arming }) }).finally(() => void queries.invalidateQueries({ queryKey: ["alarm-hosts"] }));
      onClose();
    });
  return (
    <Modal open width={640} title={t("points.arming")} okText={t("points.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: said && (!areWhole(hours) || grace === null), "data-testid": "save-arming" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <p className="quiet">{t("points.arming.help")}</p>
      <div className="point-form">
        <label>
          <span>{t("points.arming.when")}</span>
          <Select autoFocus value={said} aria-label={t("points.arming.when")} data-testid="arming-when" options={[false, true].map((value) => ({ value, label: t(value ? "points.arming.hours" : "points.arming.none") }))} onChange={setSaid} />
        </label>
        {said && (
          <>
            <label>
              <span>{t("points.arming.grace")}</span>
              <InputNumber<number> value={grace} min={0} max={LONGEST_GRACE_MIN} precision={0} data-testid="arming-grace" onChange={setGrace} style={{ width: "100%" }} />
            </label>
            <ArmingHours hours={hours} onChange={setHours} />
          </>
        )}
      </div>
    </Modal>
  );
}
