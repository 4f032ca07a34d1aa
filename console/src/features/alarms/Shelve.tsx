import { Button, Input, Modal, Segmented } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { WordChoice } from "../../ui/WordChoice";
import type { Alarm } from "./queue";
import { SHELF_REASONS } from "./work";

type Reason = (typeof SHELF_REASONS)[number];
type Scope = Schemas["AlarmShelfOrder"]["scope"];
const HOURS = [1, 4, 8, 24] as const;
/** Of whole premises or a whole area nobody shelves longer. */
const WIDE_HOURS = 4;
const isWide = (scope: Scope) => scope === "premises" || scope === "area";

/** What whoever leads may shelve: of an area nothing but equipment. */
function scopesOf(alarm: Alarm): Scope[] {
  const sited = alarm.account !== "" || alarm.device !== "";
  return ["point", ...(sited ? (["site", "premises"] as const) : []), ...(alarm.priority === 3 ? (["area"] as const) : [])];
}

/** Takes what a point reports out of the queue for a time. Where lives are at stake nobody does. */
export function Shelve({ alarm }: { alarm: Alarm }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const desk = useMay()("take-duty");
  const waits = alarm.work?.state === "open" || alarm.work?.state === "claimed";
  if (!desk || !waits || alarm.priority === 1) return null;
  return (
    <>
      <Button type="text" data-testid="shelve" onClick={() => setOpen(true)}>
        {t("alarms.shelve")}
      </Button>
      {open && <ShelveDialog alarm={alarm} onClose={() => setOpen(false)} />}
    </>
  );
}

function ShelveDialog({ alarm, onClose }: { alarm: Alarm; onClose: () => void }) {
  const { t } = useWords();
  const { act, busy } = useAct();
  const leads = useMay()("manage-duty");
  const [scope, setScope] = useState<Scope>("point");
  const [reason, setReason] = useKept<Reason>(`shelving of alarm ${alarm.id} reason`);
  const [note, setNote] = useKept(`shelving of alarm ${alarm.id} note`, "");
  const [hours, setHours] = useState<(typeof HOURS)[number]>(1);
  const ready = reason !== undefined && (reason !== "other" || note.trim() !== "");
  const send = () => {
    if (busy || reason === undefined || !ready) return;
    const order = { alarm: alarm.id, scope, until: new Date(Date.now() + hours * 3_600_000).toISOString(), reason, note: note.trim() };
    void act(() => body(api.POST("/api/v1/alarm-shelves", { body: order }))).then((done) => done && onClose());
  };
  const choose = (one: Scope) => {
    setScope(one);
    if (isWide(one) && hours > WIDE_HOURS) setHours(WIDE_HOURS);
  };
  return (
    <Modal open title={t("alarms.shelve.title")} okText={t("alarms.shelve")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      {leads && <Segmented<Scope> block value={scope} aria-label={t("alarms.shelve.scope")} data-testid="shelve-scope" options={scopesOf(alarm).map((one) => ({ value: one, label: t(`alarms.shelve.scope.${one}`) }))} onChange={choose} />}
      <p className="quiet dialog-help">{t(`alarms.shelve.help.${scope}`)}</p>
      <WordChoice autoFocus words={SHELF_REASONS} value={reason} say={(one) => t(`alarms.shelve.reason.${one}`)} label={t("alarms.shelve.title")} onChoose={setReason} onSend={send} />
      <Segmented<(typeof HOURS)[number]> block value={hours} aria-label={t("alarms.shelve.until")} data-testid="shelve-hours" options={HOURS.map((one) => ({ value: one, label: t("alarms.shelve.hours", { count: one }), disabled: isWide(scope) && one > WIDE_HOURS }))} onChange={setHours} />
      <Input.TextArea rows={2} maxLength={1000} value={note} aria-label={t("alarms.note")} placeholder={t("alarms.note")} data-testid="note" onChange={(event) => setNote(event.target.value)} />
    </Modal>
  );
}
