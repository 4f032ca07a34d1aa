import { useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Select } from "antd";
import { useContext, useState } from "react";
import { api, type Schemas } from "../../api-client/client";
import { AreaSelect } from "../../ui/AreaSelect";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { SignedIn } from "../../ui/signed-in";

type Danger = Schemas["Danger"];
const DANGERS: Danger[] = ["life", "missing-child", "fire", "flood-or-collapse", "attack"];

/** Area, danger, one sentence, and proof that it is oneself. */
export function NewEmergency({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const coded = useContext(SignedIn)?.user.has_second_factor === true;
  const [area, setArea] = useKept<string>("area of an emergency");
  const [danger, setDanger] = useKept<Danger>("danger of an emergency");
  const [said, setSaid] = useKept("what an emergency is about", "");
  const [proof, setProof] = useState("");
  const close = () => {
    setProof("");
    onClose();
  };
  const begin = () => {
    if (area === undefined || danger === undefined) return;
    void act(async () => {
      await api.POST("/api/v1/emergencies", { body: { area, danger, said: said.trim(), proof } });
      setSaid("");
      close();
    }).finally(() => {
      for (const key of ["emergencies", "duty", "tickets"]) void queries.invalidateQueries({ queryKey: [key] });
    });
  };
  const ready = area !== undefined && danger !== undefined && said.trim().length >= 2 && proof !== "";
  const asked = t(coded ? "emergency.proof.code" : "emergency.proof.password");
  return (
    <Modal open={open} title={t("emergency.title")} okText={t("emergency.sure")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ danger: true, disabled: !ready, "data-testid": "begin-emergency" }} onCancel={close} onOk={begin} destroyOnHidden>
      <p className="quiet dialog-help">{t("emergency.help")}</p>
      <div className="fields">
        <label>
          <span>{t("emergency.area")}</span>
          <AreaSelect autoFocus value={area} label={t("emergency.area")} testId="emergency-area" onChange={setArea} />
        </label>
        <label>
          <span>{t("emergency.danger")}</span>
          <Select<Danger> value={danger} placeholder={t("emergency.danger")} aria-label={t("emergency.danger")} data-testid="emergency-danger" onChange={setDanger} options={DANGERS.map((value) => ({ value, label: t(`emergency.danger.${value}`) }))} />
        </label>
        <label>
          <span>{t("emergency.said")}</span>
          <Input value={said} maxLength={1000} placeholder={t("emergency.said.example")} data-testid="emergency-said" onChange={(event) => setSaid(event.target.value)} />
        </label>
        <label>
          <span>{asked}</span>
          <Input.Password value={proof} maxLength={256} autoComplete={coded ? "one-time-code" : "current-password"} data-testid="emergency-proof" onChange={(event) => setProof(event.target.value)} onPressEnter={() => ready && begin()} />
        </label>
      </div>
      <p className="quiet">{t("emergency.told")}</p>
    </Modal>
  );
}
