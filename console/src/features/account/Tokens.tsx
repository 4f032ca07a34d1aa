import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, InputNumber, Modal, Popconfirm, Select, Typography } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useAct } from "../../ui/act";
import { useTime } from "../../ui/time";

type FunctionName = Schemas["NewApiToken"]["functions"][number];
const FUNCTIONS: FunctionName[] = ["look-around", "view-live", "control", "manage-devices", "manage-node"];

/** Tokens for programs: what they may do, and until when. The text is seen once. */
export function Tokens({ coded }: { coded: boolean }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const time = useTime();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [functions, setFunctions] = useState<FunctionName[]>(["look-around"]);
  const [days, setDays] = useState(90);
  const [area, setArea] = useState("");
  const [networks, setNetworks] = useState<string[]>([]);
  const [proof, setProof] = useState("");
  const [text, setText] = useState<string>();
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: () => body(api.GET("/api/v1/account/tokens")) });
  const again = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  const make = () =>
    void act(async () => {
      const made = await body(api.POST("/api/v1/account/tokens", { body: { name: name.trim(), functions, days, area: area.trim(), networks, proof } }));
      setText(made.text);
      setName("");
      setProof("");
      await again();
    });
  const whole = name.trim() !== "" && functions.length > 0 && proof !== "";
  return (
    <>
      {tokens.data?.items.map((token) => (
        <div className="line" key={token.id}>
          <span className="grow">
            <b>{token.name}</b> <span className="quiet">{token.functions.map((one) => t(`function.${one}`)).join("、")}</span>
            {token.area !== "" && <span className="quiet"> · {t("account.tokens.only", { area: token.area })}</span>}
            {token.networks.length > 0 && <span className="quiet"> · {token.networks.join("、")}</span>}
          </span>
          <span className="quiet">{t("account.tokens.until", { time: time(token.expires_at) })}</span>
          <Popconfirm title={t("account.remove.sure")} okText={t("account.remove")} cancelText={t("cancel")} onConfirm={() => act(() => api.DELETE("/api/v1/account/tokens/{token}", { params: { path: { token: token.id } } }).then(again))}>
            <Button size="small" danger>
              {t("account.remove")}
            </Button>
          </Popconfirm>
        </div>
      ))}
      <div className="fields token-fields">
        <label>
          <span>{t("account.tokens.name")}</span>
          <Input value={name} maxLength={64} data-testid="token-name" onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          <span>{t("account.tokens.functions")}</span>
          <Select<FunctionName[]> mode="multiple" value={functions} aria-label={t("account.tokens.functions")} onChange={setFunctions} options={FUNCTIONS.map((value) => ({ value, label: t(`function.${value}`) }))} />
        </label>
        <label>
          <span>{t("account.tokens.valid")}</span>
          <InputNumber min={1} max={366} value={days} onChange={(chosen) => setDays(chosen ?? 90)} />
        </label>
        <label>
          <span>{t("account.tokens.area")}</span>
          <Input value={area} maxLength={8} placeholder={t("account.tokens.area.example")} data-testid="token-area" onChange={(event) => setArea(event.target.value)} />
        </label>
        <label>
          <span>{t("account.tokens.networks")}</span>
          <Select mode="tags" open={false} suffixIcon={null} value={networks} placeholder={t("account.tokens.networks.example")} aria-label={t("account.tokens.networks")} data-testid="token-networks" onChange={setNetworks} />
        </label>
        <label>
          <span>{t(coded ? "emergency.proof.code" : "emergency.proof.password")}</span>
          <Input.Password value={proof} maxLength={256} autoComplete={coded ? "one-time-code" : "current-password"} data-testid="token-proof" onChange={(event) => setProof(event.target.value)} onPressEnter={() => whole && make()} />
        </label>
        <Button style={{ justifySelf: "start" }} loading={busy} disabled={!whole} data-testid="add-token" onClick={make}>
          {t("account.tokens.add")}
        </Button>
      </div>
      <Modal open={text !== undefined} title={t("account.tokens.title")} okText={t("user.first.noted")} onOk={() => setText(undefined)} onCancel={() => setText(undefined)} cancelButtonProps={{ style: { display: "none" } }} mask={{ closable: false }}>
        <p className="hint" style={{ padding: "0 0 10px" }}>
          {t("account.tokens.once")}
        </p>
        <Typography.Text copyable code data-testid="token-text">
          {text ?? ""}
        </Typography.Text>
      </Modal>
    </>
  );
}
