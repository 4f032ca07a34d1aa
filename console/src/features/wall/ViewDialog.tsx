import { Modal } from "antd";
import { useState } from "react";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { ShareFields, type Named } from "./ShareFields";

interface Props {
  title: string;
  first: Named;
  help: string;
  onSave: (value: Named) => Promise<unknown>;
  onLeave: () => void;
}

/** Saves what is on the wall, or says anew what it is called and who sees it. */
export function ViewDialog({ title, first, help, onSave, onLeave }: Props) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [value, setValue] = useState(first);
  const save = async () => {
    if (value.name.trim() !== "" && (await act(() => onSave({ ...value, name: value.name.trim() })))) onLeave();
  };
  return (
    <Modal open title={title} okText={t("views.save")} okButtonProps={{ disabled: value.name.trim() === "", loading: busy }} onOk={() => void save()} onCancel={onLeave} width={460} destroyOnHidden>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <ShareFields value={value} onChange={setValue} />
        <p className="dialog-help quiet">{help}</p>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}
