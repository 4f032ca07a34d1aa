import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Space } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { createPasskey, passkeysPossible } from "../../ui/passkey";
import { useTime } from "../../ui/time";
import { useProof, type Proof } from "./use-proof";

/** One's passkeys; a browser makes them on a secure address only. Each change asks anew who is there. */
export function Passkeys({ account, onChange }: { account: Schemas["AccountShape"]; onChange: () => void }) {
  const { t } = useWords();
  const { prove, dialog } = useProof(account);
  const time = useTime();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const keys = useQuery({ queryKey: ["passkeys"], queryFn: () => body(api.GET("/api/v1/account/passkeys")) });
  const changed = () => {
    void queries.invalidateQueries({ queryKey: ["passkeys"] });
    onChange();
  };
  const add = async (proof: Proof) => {
    const { options } = await body(api.POST("/api/v1/account/passkeys/options", { body: proof }));
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
          <span className="quiet">
            {t("account.added", { time: time(key.created_at) })} · {t("account.used", { time: time(key.used_at) })}
          </span>
          <Button size="small" danger data-testid="remove-passkey" onClick={() => prove((proof) => api.POST("/api/v1/account/passkeys/{passkey}/end", { params: { path: { passkey: key.id } }, body: proof }).then(changed))}>
            {t("account.remove")}
          </Button>
        </div>
      ))}
      <Space.Compact block>
        <Input value={name} maxLength={64} placeholder={t("account.passkeys.name")} data-testid="passkey-name" onChange={(event) => setName(event.target.value)} />
        <Button disabled={name.trim() === ""} data-testid="add-passkey" onClick={() => prove(add)}>
          {t("account.passkeys.add")}
        </Button>
      </Space.Compact>
      {dialog}
    </>
  );
}
