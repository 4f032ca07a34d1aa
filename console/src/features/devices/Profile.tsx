import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Select } from "antd";
import { api, body, type Device, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useAct } from "../../ui/act";
import { useTellProblem } from "../../ui/problem";
import type { TextKey } from "../../ui/texts";

type Change = Schemas["DeviceChange"];
type Policy = { name: "media_transport" | "media_port" | "charset" | "pinned_edition" | "sub_stream" | "marker" | "after_loss" | "unmapped_sound" | "ssrc" | "ssrc_change" | "reorder" | "parameter_sets"; label: TextKey; choices: string[] };

const POLICIES: Policy[] = [
  { name: "media_transport", label: "device.media", choices: ["auto", "udp", "tcp-passive", "tcp-active"] },
  { name: "media_port", label: "profile.port", choices: ["auto", "shared", "own"] },
  { name: "sub_stream", label: "profile.subStream", choices: ["auto", "streamnumber", "streamprofile", "streamMode", "stream", "none"] },
  { name: "ssrc", label: "profile.ssrc", choices: ["source", "strict"] },
  { name: "ssrc_change", label: "profile.ssrcChange", choices: ["auto", "when-silent", "refuse"] },
  { name: "reorder", label: "profile.reorder", choices: ["standard", "long", "none"] },
  { name: "marker", label: "profile.marker", choices: ["learn", "trust", "ignore"] },
  { name: "after_loss", label: "profile.afterLoss", choices: ["next-picture", "next-key-frame"] },
  { name: "parameter_sets", label: "profile.parameterSets", choices: ["insert", "leave"] },
  { name: "unmapped_sound", label: "profile.unmappedSound", choices: ["drop", "g711a", "g711u"] },
  { name: "charset", label: "profile.charset", choices: ["", "GB18030", "UTF-8"] },
  { name: "pinned_edition", label: "profile.edition", choices: ["", "1.0", "1.1", "2.0", "3.0"] },
];
const MEANINGS: Record<string, TextKey> = {
  source: "profile.ssrc.source",
  strict: "profile.ssrc.strict",
  "when-silent": "profile.ssrcChange.whenSilent",
  refuse: "profile.ssrcChange.refuse",
  standard: "profile.reorder.standard",
  long: "profile.reorder.long",
  "reorder/none": "profile.reorder.none",
  insert: "profile.parameterSets.insert",
  leave: "profile.parameterSets.leave",
  learn: "profile.marker.learn",
  trust: "profile.marker.trust",
  ignore: "profile.marker.ignore",
  "next-picture": "profile.afterLoss.picture",
  "next-key-frame": "profile.afterLoss.keyFrame",
  drop: "profile.unmappedSound.drop",
  g711a: "profile.unmappedSound.g711a",
  g711u: "profile.unmappedSound.g711u",
};
const EDITIONS: Record<string, string> = { "1.0": "GB/T 28181-2011", "1.1": "2011 (2014)", "2.0": "GB/T 28181-2016", "3.0": "GB/T 28181-2022" };

/** What a device does otherwise than the standard, each by a named policy; and how it says it is. */
export function Profile({ device }: { device: Device }) {
  const { t, pick } = useWords();
  const tell = useTellProblem();
  const queries = useQueryClient();
  const path = { params: { path: { code: device.code } } };
  const { busy, act } = useAct();
  const change = (wanted: Change) => void act(() => api.PATCH("/api/v1/devices/{code}", { ...path, body: wanted }).then(() => queries.invalidateQueries({ queryKey: ["devices"] })));
  const asked = useMutation({ mutationFn: () => body(api.GET("/api/v1/devices/{code}/status", path)), onError: tell });
  const label = (policy: Policy, value: string) => {
    if (value === "" || value === "auto") {
      const worked = policy.name === "media_transport" && device.worked_transport !== "" ? ` (${device.worked_transport.toUpperCase()})` : "";
      return t("player.auto") + worked;
    }
    const meaning = MEANINGS[`${policy.name}/${value}`] ?? MEANINGS[value];
    if (meaning !== undefined) return t(meaning);
    if (policy.name === "pinned_edition") return EDITIONS[value] ?? value;
    if (policy.name === "media_port") return t(value === "own" ? "profile.port.own" : "profile.port.shared");
    return policy.name === "media_transport" ? value.toUpperCase() : value === "none" ? t("profile.none") : value;
  };
  const believed = device.believed;
  const warning = believed === null ? "" : pick(believed.warning_zh, believed.warning_en);
  const seconds = asked.data?.clock_error_s ?? null;
  return (
    <section className="card">
      <h3>{t("profile.title")}</h3>
      <p className="hint" style={{ padding: "0 0 8px" }}>
        {t("profile.help")}
      </p>
      {warning !== "" && <Alert type="warning" showIcon title={warning} style={{ marginBottom: 10 }} />}
      <dl className="facts">
        {POLICIES.map((policy) => (
          <div key={policy.name} style={{ display: "contents" }}>
            <dt>{t(policy.label)}</dt>
            <dd>
              <Select size="small" style={{ width: 200 }} disabled={busy} aria-label={t(policy.label)} data-testid={`policy-${policy.name}`} value={device[policy.name]} onChange={(value) => change({ [policy.name]: value } as Change)} options={policy.choices.map((value) => ({ value, label: label(policy, value) }))} />
            </dd>
          </div>
        ))}
        <dt>{t("profile.notified")}</dt>
        <dd>
          <Checkbox disabled={busy} checked={device.ignore_notified_status} onChange={(event) => change({ ignore_notified_status: event.target.checked })}>
            {t("profile.notified.ignore")}
          </Checkbox>
        </dd>
        {believed !== null && (
          <>
            <dt>{t("profile.believed")}</dt>
            <dd>{t("profile.believed.facts", { interval: believed.keepalive_interval_s, limit: believed.keepalive_missed_limit, expires: believed.expires_s })}</dd>
          </>
        )}
        <dt>{t("profile.state")}</dt>
        <dd>
          <Button size="small" loading={asked.isPending} data-testid="ask-status" onClick={() => asked.mutate()}>
            {t("profile.ask")}
          </Button>{" "}
          {asked.data !== undefined && (
            <span data-testid="device-says">
              {t(asked.data.working ? "profile.works" : "profile.faulty")} {asked.data.reason}
              {seconds !== null && <> · {t("profile.clock", { seconds: String(Math.round(seconds) || 0) })}</>}
            </span>
          )}
        </dd>
      </dl>
    </section>
  );
}
