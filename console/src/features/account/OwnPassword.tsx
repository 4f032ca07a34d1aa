import { App, Input, Modal, Space } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useAct } from "../../ui/act";

const LEAST = 10;

/** Changes one's own password; one's other sessions end. */
export function OwnPassword({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const { message } = App.useApp();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const close = () => {
    setOld("");
    setFresh("");
    setAgain("");
    onClose();
  };
  const wrong = again !== "" && again !== fresh;
  const change = () =>
    void act(async () => {
      await api.POST("/api/v1/session/password", { body: { old, new: fresh } });
      message.success(t("done"));
      close();
    });
  return (
    <Modal open={open} title={t("password.change")} okText={t("password.change")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: old === "" || fresh.length < LEAST || again !== fresh }} onCancel={close} onOk={change}>
      <Space orientation="vertical" style={{ width: "100%" }}>
        <Input.Password autoFocus autoComplete="current-password" placeholder={t("password.old")} value={old} data-testid="own-old" onChange={(event) => setOld(event.target.value)} />
        <Input.Password autoComplete="new-password" placeholder={t("password.new")} value={fresh} data-testid="own-new" onChange={(event) => setFresh(event.target.value)} />
        <Input.Password autoComplete="new-password" status={wrong ? "error" : ""} placeholder={t("password.again")} value={again} data-testid="own-again" onChange={(event) => setAgain(event.target.value)} />
        <span className="hint" style={{ padding: 0 }}>
          {t(wrong ? "password.differ" : "password.help")}
        </span>
      </Space>
    </Modal>
  );
}
