import { useQueryClient } from "@tanstack/react-query";
import { Alert, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { AreaSelect } from "../../ui/AreaSelect";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { NextFields, NO_NEXT, sendNext } from "./NextCentre";
import type { Centre } from "./seats";

const MAX_SEATS = 200;

/** A room with seats that answers for an area. */
export function NewCentre({ open, others, onClose }: { open: boolean; others: readonly Centre[]; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [name, setName] = useKept("name of a new centre", "");
  const [area, setArea] = useKept<string>("area of a new centre");
  const [seats, setSeats] = useKept("seats of a new centre", 4);
  const [least, setLeast] = useKept("staff of a new centre", 1);
  const [next, setNext] = useState(NO_NEXT);
  const add = () => {
    if (area === undefined) return;
    void act(async () => {
      const made = await body(api.POST("/api/v1/duty/centres", { body: { name: name.trim(), area, seats, min_staff: least } }));
      setName("");
      setNext(NO_NEXT);
      onClose();
      if (next.centre !== NO_NEXT.centre) await sendNext(made.id, next).finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
      void queries.invalidateQueries({ queryKey: ["duty"] });
    });
  };
  return (
    <Modal open={open} title={t("duty.centre.add")} okText={t("duty.centre.add")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: name.trim() === "" || area === undefined || least > seats, "data-testid": "make-centre" }} onCancel={onClose} onOk={add} destroyOnHidden>
      <Alert type="warning" showIcon title={t("duty.centre.first")} style={{ marginBottom: 10 }} />
      <div className="fields">
        <label>
          <span>{t("duty.centre.name")}</span>
          <Input autoFocus value={name} maxLength={128} data-testid="centre-name" onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          <span>{t("duty.centre.area")}</span>
          <AreaSelect value={area} everywhere label={t("duty.centre.area")} testId="centre-area" onChange={setArea} />
        </label>
        <label>
          <span>{t("duty.centre.seats")}</span>
          <InputNumber min={1} max={MAX_SEATS} value={seats} data-testid="centre-seats" onChange={(value) => setSeats(value ?? 1)} />
        </label>
        <label>
          <span>{t("duty.centre.minStaff")}</span>
          <InputNumber min={0} max={seats} value={least} onChange={(value) => setLeast(value ?? 0)} />
        </label>
        {others.length > 0 && <NextFields value={next} others={others} onChange={setNext} />}
      </div>
    </Modal>
  );
}
