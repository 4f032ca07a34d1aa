import { useQueryClient } from "@tanstack/react-query";
import { InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import type { Centre } from "./seats";

const LONGEST_MIN = 1440;
const USUAL_MIN = 5;
/** In the list: alarms stay. */
const NONE = 0;

export interface Next {
  centre: number;
  minutes: number;
}

/** Nothing is passed on. */
export const NO_NEXT: Next = { centre: NONE, minutes: USUAL_MIN };

/** Which centre gets alarms that nobody takes, and after how long. */
export function NextFields({ value, others, onChange }: { value: Next; others: readonly Centre[]; onChange: (value: Next) => void }) {
  const { t } = useWords();
  const options = [{ value: NONE, label: t("duty.centre.next.none") }, ...others.map(({ id, name }) => ({ value: id, label: name }))];
  return (
    <>
      <label>
        <span>{t("duty.centre.next")}</span>
        <Select value={value.centre} options={options} aria-label={t("duty.centre.next")} data-testid="next-centre" onChange={(centre) => onChange({ ...value, centre })} />
      </label>
      {value.centre !== NONE && (
        <label>
          <span>{t("duty.centre.next.minutes")}</span>
          <InputNumber min={1} max={LONGEST_MIN} precision={0} value={value.minutes} data-testid="next-minutes" onChange={(minutes) => onChange({ ...value, minutes: minutes ?? USUAL_MIN })} />
        </label>
      )}
    </>
  );
}

/** Says it to the node. */
export function sendNext(centre: number, { centre: next, minutes }: Next) {
  return api.PUT("/api/v1/duty/centres/{centre}/next", { params: { path: { centre } }, body: { centre: next === NONE ? null : next, minutes } });
}

/** Of one centre; `others`: all that one sees. */
export function NextCentre({ centre, others, onClose }: { centre: Centre; others: readonly Centre[]; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [next, setNext] = useState<Next>(centre.following ?? NO_NEXT);
  const save = () =>
    act(async () => {
      await sendNext(centre.id, next);
      onClose();
      void queries.invalidateQueries({ queryKey: ["duty"] });
    });
  return (
    <Modal open title={`${t("duty.centre.next")} · ${centre.name}`} okText={t("duty.centre.next.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ "data-testid": "save-next" }} onCancel={onClose} onOk={() => void save()}>
      <p className="hint">{t("duty.centre.next.help")}</p>
      <div className="fields">
        <NextFields value={next} others={others.filter(({ id }) => id !== centre.id)} onChange={setNext} />
      </div>
    </Modal>
  );
}
