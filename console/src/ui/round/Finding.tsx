import { Checkbox, Input, Modal, Radio } from "antd";
import { useEffect, useMemo, useState } from "react";
import type { Schemas } from "../../api-client/client";
import { useKept } from "../kept";
import { useWords } from "../language";

export type Kind = Schemas["FindingKind"];
const KINDS: Kind[] = ["danger", "fire", "water", "road", "crowding", "facility", "picture", "other"];

interface Props {
  round: number;
  stop: number;
  /** The picture as it stood when the finding was begun. */
  picture: Blob | undefined;
  onClose: () => void;
  /** The dialog stays unless this is fulfilled with true. `picture`: to be kept with it. */
  onSave: (kind: Kind, text: string, picture: Blob | undefined) => Promise<boolean>;
}

/** What was seen at a stop, in a word of the list and in one's own. */
export function Finding({ round, stop, picture, onClose, onSave }: Props) {
  const { t } = useWords();
  const draft = `finding ${round} ${stop}`;
  const [kind, setKind] = useKept<Kind>(`${draft} kind`);
  const [text, setText] = useKept(`${draft} text`, "");
  const [busy, setBusy] = useState(false);
  const [kept, setKept] = useState(true);
  const address = useMemo(() => (picture === undefined ? undefined : URL.createObjectURL(picture)), [picture]);
  useEffect(() => () => (address === undefined ? undefined : URL.revokeObjectURL(address)), [address]);
  const ready = kind !== undefined && text.trim().length >= 2;
  const save = () => {
    if (busy || kind === undefined || !ready) return;
    setBusy(true);
    void onSave(kind, text.trim(), kept ? picture : undefined)
      .then((done) => done && onClose())
      .finally(() => setBusy(false));
  };
  return (
    <Modal open title={t("patrol.finding.title", { stop })} okText={t("patrol.finding.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "save-finding" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="patrol-finding">
        <Radio.Group value={kind} aria-label={t("patrol.finding.kind")} data-testid="finding-kind" onChange={(event) => setKind(event.target.value as Kind)}>
          {KINDS.map((one) => (
            <Radio.Button key={one} value={one}>
              {t(`patrol.kind.${one}`)}
            </Radio.Button>
          ))}
        </Radio.Group>
        {address === undefined ? (
          <p className="quiet">{t("patrol.finding.noPicture")}</p>
        ) : (
          <div className="patrol-kept">
            <img src={address} alt={t("patrol.finding.picture")} data-testid="finding-picture" />
            <Checkbox checked={kept} onChange={(event) => setKept(event.target.checked)}>
              {t("patrol.finding.keep")}
            </Checkbox>
          </div>
        )}
        <Input.TextArea autoFocus rows={3} maxLength={1000} value={text} aria-label={t("patrol.finding.text")} placeholder={t("patrol.finding.text")} data-testid="finding-text" onChange={(event) => setText(event.target.value)} />
      </div>
    </Modal>
  );
}
