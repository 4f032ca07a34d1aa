import { Input, Modal } from "antd";
import { useRef, useState, type ReactNode } from "react";
import { useWords } from "./language";
import { useKept } from "./kept";

interface Props {
  /** What it asks for, in words of the code: over a lock of the screen the words are kept under it. */
  name: string;
  open: boolean;
  /** The words as they are so far. */
  first?: string;
  title: string;
  /** What the words are; read out, and shown in the empty field. */
  label: string;
  help?: string;
  okText: string;
  danger?: boolean;
  /** Characters. */
  least?: number;
  most?: number;
  /** Other fields, above the words. */
  children?: ReactNode;
  /** The other fields need not be touched: one begins with the words. */
  wordsFirst?: boolean;
  ready?: boolean;
  onClose: () => void;
  /** The dialog stays, with what was written, unless this is fulfilled with true. */
  onSure: (words: string) => Promise<boolean>;
}

/** A dialog that wants words before something is done. */
export function AskReason({ name, open, first = "", title, label, help, okText, danger = false, least = 2, most = 500, children, wordsFirst = false, ready = true, onClose, onSure }: Props) {
  const { t } = useWords();
  const [words, setWords] = useKept(`reason of ${name}`, first);
  const [busy, setBusy] = useState(false);
  const fields = useRef<HTMLDivElement>(null);
  const said = words.trim();
  const send = () => {
    if (busy) return;
    setBusy(true);
    void onSure(said)
      .then((done) => {
        if (!done) return;
        setWords(first);
        onClose();
      })
      .finally(() => setBusy(false));
  };
  return (
    <Modal open={open} title={title} okText={okText} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ danger, disabled: !ready || said.length < least, "data-testid": "sure" }} onCancel={onClose} onOk={send} afterOpenChange={(shown) => shown && fields.current?.querySelector<HTMLElement>(wordsFirst ? "textarea" : "input, textarea")?.focus()} destroyOnHidden>
      {help !== undefined && <p className="quiet dialog-help">{help}</p>}
      <div ref={fields}>
        {children}
        <Input.TextArea rows={3} maxLength={most} value={words} aria-label={label} placeholder={label} data-testid="reason" onChange={(event) => setWords(event.target.value)} />
      </div>
    </Modal>
  );
}
