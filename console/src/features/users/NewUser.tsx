import { Input, Modal, Typography } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { useZone } from "../../ui/zone";
import { AppointmentFields, emptyDraft, orderOf } from "./AppointmentFields";
import { emptyFacts, FactsFields, type Facts } from "./FactsFields";

type Made = Schemas["MadePerson"] & Partial<Pick<Schemas["AddedPerson"], "request">>;

/** A person with a file and, if wished, a first appointment. */
export function NewUser({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: (made: Made) => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [name, setName] = useKept("name of a new person", "");
  const [facts, setFacts] = useKept<Facts>("file of a new person", emptyFacts);
  const [draft, setDraft] = useKept("post of a new person", emptyDraft);
  const order = orderOf(draft, useZone());
  const half = draft.post !== undefined && order === undefined;
  const ready = name.trim().length >= 2 && !half;
  const make = () =>
    void act(async () => {
      const made = await body(api.POST("/api/v1/users", { body: { ...facts, name: name.trim(), appointments: order === undefined ? [] : [order], reason: draft.reason.trim() } }));
      setName("");
      setFacts(emptyFacts);
      setDraft(emptyDraft);
      onClose();
      onMade(made);
    });
  return (
    <Modal open={open} width={620} title={t("user.add")} okText={t("user.add")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "make-user" }} onCancel={onClose} onOk={make}>
      <div className="fields">
        <label>
          <span>{t("signIn.name")}</span>
          <Input autoFocus value={name} maxLength={64} data-testid="new-user-name" onChange={(event) => setName(event.target.value)} onPressEnter={() => ready && make()} />
        </label>
      </div>
      <FactsFields facts={facts} onChange={setFacts} />
      <h4>{t("appointment.title")}</h4>
      <AppointmentFields draft={draft} onChange={setDraft} />
    </Modal>
  );
}

/** The only time this password is seen. */
export function FirstPassword({ made, onClose }: { made: Made | undefined; onClose: () => void }) {
  const { t } = useWords();
  return (
    <Modal open={made !== undefined} title={t("user.first.title", { name: made?.user.name ?? "" })} okText={t("user.first.noted")} onOk={onClose} onCancel={onClose} cancelButtonProps={{ style: { display: "none" } }} mask={{ closable: false }} destroyOnHidden>
      <p className="hint" style={{ padding: "0 0 10px" }}>
        {t("user.first.help")}
      </p>
      {made?.request && <p className="notice" data-testid="post-asked">{t("appointment.asked")}</p>}
      <Typography.Text copyable code style={{ fontSize: 18 }} data-testid="first-password">
        {made?.password ?? ""}
      </Typography.Text>
    </Modal>
  );
}
