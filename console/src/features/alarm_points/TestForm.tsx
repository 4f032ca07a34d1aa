import { useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import type { Host } from "./host";

const LONGEST_MINUTES = 480;
const USUAL_MINUTES = 60;

/** Puts points in test while somebody works at them: until when is said before it begins. */
export function TestForm({ host, onClose }: { host: Host; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [points, setPoints] = useState<number[]>([]);
  const [minutes, setMinutes] = useState<number | null>(USUAL_MINUTES);
  const [reason, setReason] = useState("");
  const save = () =>
    void act(async () => {
      await api.PUT("/api/v1/alarm-hosts/{host_id}/test", { params: { path: { host_id: host.id } }, body: { points, minutes: minutes ?? USUAL_MINUTES, reason } });
      void queries.invalidateQueries({ queryKey: ["alarm-hosts"] });
      onClose();
    });
  return (
    <Modal open title={t("points.test.begin")} okText={t("points.test.begin")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: reason.trim() === "" || minutes === null, "data-testid": "begin-test" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <p className="quiet">{t("points.test.help")}</p>
      <div className="point-form">
        <label className="wide">
          <span>{t("points.test.reason")}</span>
          <Input autoFocus value={reason} maxLength={200} data-testid="test-reason" onChange={(event) => setReason(event.target.value)} />
        </label>
        <label className="wide">
          <span>{t("points.test.minutes")}</span>
          <InputNumber<number> value={minutes} min={1} max={LONGEST_MINUTES} precision={0} data-testid="test-minutes" onChange={setMinutes} style={{ width: "100%" }} />
        </label>
        <label className="wide">
          <span>{t("points.test.which")}</span>
          <Select mode="multiple" value={points} aria-label={t("points.test.which")} data-testid="test-points" options={host.points.map(({ id, zone, name }) => ({ value: id, label: `${zone} ${name}` }))} showSearch={{ optionFilterProp: "label" }} onChange={setPoints} />
        </label>
      </div>
    </Modal>
  );
}
