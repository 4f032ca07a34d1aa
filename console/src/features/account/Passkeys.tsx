import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm, Space } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { createPasskey, passkeysPossible } from "../../ui/passkey";
import { ActButton, useAct } from "../../ui/act";
import { useTime } from "../../ui/time";

/** One's passkeys; a browser makes them on a secure address only. */
export function Passkeys({ onChange }: { onChange: () => void }) {
  const { t } = useWords();
  const { act } = useAct();
  const time = useTime();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const keys = useQuery({ queryKey: ["passkeys"], queryFn: () => body(api.GET("/api/v1/account/passkeys")) });
  const changed = () => {
    void queries.invalidateQueries({ queryKey: ["passkeys"] });
    onChange();
  };
  const add = async () => {
    const { options } = await body(api.POST("/api/v1/account/passkeys/options"));
    const credential = await createPasskey(options);
    if (credential === undefined) return; // the person thought better of it
    await api.POST("/api/v1/account/passkeys", { body: { name: name.trim(), credential } });
    setName("");
    changed();
  };
  if (!passkeysPossible()) return <span className="status-unknown">{t("account.passkeys.insecure")}</span>;
  return (
    <>
      {keys.data?.items.map((key) => (
        <div className="line" key={key.id}>
          <b>{key.name}</b>
          <span className="quiet">{t("account.used", { time: time(key.used_at) })}</span>
          <Popconfirm title={t("account.remove.sure")} okText={t("account.remove")} cancelText={t("cancel")} onConfirm={() => act(() => api.DELETE("/api/v1/account/passkeys/{passkey}", { params: { path: { passkey: key.id } } }).then(changed))}>
            <Button size="small" danger>
              {t("account.remove")}
            </Button>
          </Popconfirm>
        </div>
      ))}
      <Space.Compact block>
        <Input value={name} maxLength={64} placeholder={t("account.passkeys.name")} data-testid="passkey-name" onChange={(event) => setName(event.target.value)} />
        <ActButton disabled={name.trim() === ""} data-testid="add-passkey" act={add}>
          {t("account.passkeys.add")}
        </ActButton>
      </Space.Compact>
    </>
  );
}
