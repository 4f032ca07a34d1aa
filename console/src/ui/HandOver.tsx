import { useQuery } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useContext, useState, type ReactNode } from "react";
import { api, body } from "../api-client/client";
import { useKept } from "./kept";
import { useWords } from "./language";
import { PersonPick } from "./PersonPick";
import { SignedIn } from "./signed-in";

interface Props {
  /** Of what is handed over, in words of the code: over a lock of the screen what was typed is kept under it. */
  name: string;
  title: string;
  /** Whoever has it already. */
  owner: number | undefined;
  /** What is told above the fields. */
  children?: ReactNode;
  onClose: () => void;
  /** The dialog stays unless this is fulfilled with true. */
  onSure: (to: number, note: string) => Promise<boolean>;
}

/** To whom something of the desk goes: one of those who may sit where the reader sits. */
export function HandOver({ name, title, owner, children, onClose, onSure }: Props) {
  const { t } = useWords();
  const me = useContext(SignedIn)?.user.id;
  const [to, setTo] = useKept<number>(`successor of ${name}`);
  const [note, setNote] = useKept(`note to the successor of ${name}`, "");
  const [busy, setBusy] = useState(false);
  const mine = useQuery({ queryKey: ["duty"], queryFn: () => body(api.GET("/api/v1/duty")) }).data?.mine;
  const found = useQuery({
    queryKey: ["duty", "candidates", mine?.centre, mine?.seat],
    enabled: mine !== undefined && mine !== null,
    queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/candidates", { params: { path: { centre: mine?.centre ?? 0 }, query: { seat: mine?.seat ?? 0 } } })),
  });
  const send = () => {
    if (busy || to === undefined) return;
    setBusy(true);
    void onSure(to, note.trim())
      .then((done) => done && onClose())
      .finally(() => setBusy(false));
  };
  return (
    <Modal open title={title} okText={t("alarms.handOver")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: to === undefined, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      {children}
      <div className="fields narrow">
        <label>
          <span>{t("alarms.handOver.to")}</span>
          <PersonPick autoFocus people={(found.data?.items ?? []).filter((one) => one.user_id !== (owner ?? me))} value={to} loading={found.isLoading} label={t("alarms.handOver.to")} testId="successor" onChange={setTo} />
        </label>
        <label>
          <span>{t("alarms.note")}</span>
          <Input.TextArea rows={2} maxLength={500} value={note} data-testid="note" onChange={(event) => setNote(event.target.value)} />
        </label>
      </div>
    </Modal>
  );
}
