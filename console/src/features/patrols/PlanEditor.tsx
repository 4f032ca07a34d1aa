import { useQueryClient } from "@tanstack/react-query";
import { Checkbox, Input, InputNumber, Modal } from "antd";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { DAYS, timesOf, type Day, type Plan, type Stop } from "./shapes";
import { EMPTY, StopRows } from "./StopRows";

interface Props {
  centre: { id: number; name: string };
  /** The plan that is changed; none for a new one. */
  plan: Plan | undefined;
  onClose: () => void;
}

/** A plan: when, how long, and which cameras with what to look for. */
export function PlanEditor({ centre, plan, onClose }: Props) {
  const { t, gap } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const draft = `patrol plan ${plan?.id ?? 0} at ${centre.id}`;
  const [name, setName] = useKept(`${draft} name`, plan?.name ?? "");
  const [when, setWhen] = useKept(`${draft} times`, plan?.times.join(", ") ?? "");
  const [days, setDays] = useKept<number[]>(`${draft} days`, plan === undefined || plan.weekdays.length === 0 ? [...DAYS] : plan.weekdays);
  const [minutes, setMinutes] = useKept(`${draft} minutes`, (plan?.tolerance_s ?? 1800) / 60);
  const [stops, setStops] = useKept<Stop[]>(`${draft} stops`, plan?.stops ?? [{ ...EMPTY }]);
  const times = timesOf(when);
  const seconds = stops.reduce((sum, one) => sum + one.watch_s, 0);
  const whole = stops.every((one) => one.camera !== "" && one.look_for.trim().length >= 2);
  const ready = name.trim().length >= 2 && times !== undefined && whole && seconds <= minutes * 60 && (times.length === 0 || days.length > 0);
  const save = () =>
    void act(async () => {
      const order = { name: name.trim(), times: times ?? [], weekdays: times?.length ? days : [], tolerance_s: minutes * 60, stops: stops.map((one) => ({ ...one, look_for: one.look_for.trim() })) };
      if (plan === undefined) await api.POST("/api/v1/video-patrols/plans", { body: { ...order, centre: centre.id } });
      else await api.PUT("/api/v1/video-patrols/plans/{plan}", { params: { path: { plan: plan.id } }, body: { ...order, version: plan.version } });
      void queries.invalidateQueries({ queryKey: ["duty", "patrols"] });
      onClose();
    });
  return (
    <Modal open width={1000} title={plan === undefined ? t("patrol.plan.title.add", { centre: centre.name }) : t("patrol.plan.title.change", { version: plan.version })} okText={t("patrol.plan.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "save-plan" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="patrol-plan">
        <label>
          <span>{t("patrol.plan.name")}</span>
          <Input autoFocus value={name} maxLength={60} data-testid="plan-name" onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          <span>{t("patrol.plan.tolerance")}</span>
          <InputNumber min={5} max={240} precision={0} value={minutes} data-testid="plan-minutes" onChange={(value) => setMinutes(value ?? 30)} />
        </label>
        <label>
          <span>{t("patrol.plan.when")}</span>
          <Input value={when} placeholder={t("patrol.plan.when.example")} {...(times === undefined ? { status: "error" as const } : {})} data-testid="plan-times" onChange={(event) => setWhen(event.target.value)} />
        </label>
        <div>
          <span>{t("patrol.plan.days")}</span>
          <Checkbox.Group<number> value={days} disabled={times?.length === 0} onChange={(chosen) => setDays([...chosen].sort())} options={DAYS.map((day: Day) => ({ value: day, label: t(`patrol.day.${day}`) }))} />
        </div>
      </div>
      <p className="quiet">{[t("patrol.plan.when.help"), t("patrol.plan.tolerance.help")].join(gap)}</p>
      <h3 className={seconds > minutes * 60 ? "status-fault" : ""}>{t("patrol.plan.stops", { count: stops.length, seconds })}</h3>
      <StopRows stops={stops} onChange={setStops} />
    </Modal>
  );
}
