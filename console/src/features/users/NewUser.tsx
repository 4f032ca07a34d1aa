import { Input, Modal, Select, Space, Typography } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTellProblem } from "../../ui/problem";

type Made = Schemas["MadePerson"];
type Post = Schemas["NewAppointment"]["post"];

const POSTS: Post[] = ["operator", "duty-supervisor", "investigator", "commander", "maintenance", "inspector", "partner-owner", "system-administrator", "security-administrator", "audit-administrator"];

export function NewUser({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: (made: Made) => void }) {
  const { t } = useWords();
  const tell = useTellProblem();
  const [name, setName] = useState("");
  const [post, setPost] = useState<Post>("operator");
  const [busy, setBusy] = useState(false);
  const make = () => {
    setBusy(true);
    body(api.POST("/api/v1/users", { body: { name: name.trim(), full_name: "", appointments: [{ post, area: "" }] } }))
      .then((made) => {
        setName("");
        onClose();
        onMade(made);
      })
      .catch(tell)
      .finally(() => setBusy(false));
  };
  return (
    <Modal open={open} title={t("user.add")} okText={t("user.add")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: name.trim().length < 2 }} onCancel={onClose} onOk={make}>
      <Space orientation="vertical" style={{ width: "100%" }}>
        <Input autoFocus value={name} maxLength={64} placeholder={t("signIn.name")} data-testid="new-user-name" onChange={(event) => setName(event.target.value)} onPressEnter={() => name.trim().length >= 2 && make()} />
        <Select<Post> value={post} style={{ width: "100%" }} aria-label={t("appointment.post")} onChange={setPost} options={POSTS.map((value) => ({ value, label: t(`post.${value}`) }))} />
      </Space>
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
      <Typography.Text copyable code style={{ fontSize: 18 }} data-testid="first-password">
        {made?.password ?? ""}
      </Typography.Text>
    </Modal>
  );
}
