import { Button, Space } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import type { DeviceFile } from "./use-files";

type Act = Schemas["FileAct"];

interface Props {
  file: DeviceFile;
  /** Something is typed and not saved: an act is about what is saved. */
  dirty: boolean;
  onDone: (file: DeviceFile) => Promise<unknown>;
}

const WITH_REASON: Act[] = ["return", "remove"];
const MAIN: Act[] = ["submit", "take", "approve", "use", "repaired"];

/** What may be done with the file now, by whoever looks at it. */
export function Acts({ file, dirty, onDone }: Props) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [asking, setAsking] = useState<Act>();
  const go = (what: Act, reason = "") => act(async () => onDone(await body(api.POST("/api/v1/device-files/{code}/acts", { params: { path: { code: file.code } }, body: { act: what, version: file.version, reason } }))));
  const errors = file.issues.some((one) => one.severity === "error");
  const changeWaits = Object.keys(file.change).length > 0;
  const reviewing = ["submitted", "under-review"].includes(file.state) || changeWaits;
  if (file.acts.length === 0 && !(file.own && reviewing)) return null;
  return (
    <section className="card" data-testid="file-acts">
      <h3>{t("file.acts")}</h3>
      {file.own && reviewing && <p className="quiet">{t("file.own")}</p>}
      {dirty && <p className="quiet">{t("file.dirty")}</p>}
      {errors && file.acts.includes("submit") && <p className="file-error">{t("file.faulty")}</p>}
      <Space wrap>
        {file.acts.map((one) => (
          <Button key={one} type={MAIN.includes(one) ? "primary" : "default"} danger={WITH_REASON.includes(one)} disabled={dirty || (errors && !changeWaits && (one === "submit" || one === "approve"))} loading={busy} data-testid={`act-${one}`} onClick={() => (WITH_REASON.includes(one) ? setAsking(one) : void go(one))}>
            {t(`file.act.${one}`)}
          </Button>
        ))}
      </Space>
      {asking !== undefined && <AskReason name={`${asking} file ${file.code}`} open title={`${t(`file.act.${asking}`)} · ${file.values.name ?? file.code}`} label={t("file.reason")} okText={t(`file.act.${asking}`)} danger onClose={() => setAsking(undefined)} onSure={(reason) => go(asking, reason)} />}
    </section>
  );
}
