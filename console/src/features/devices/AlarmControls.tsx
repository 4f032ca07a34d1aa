import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Space } from "antd";
import { useState } from "react";
import { ApiProblem, api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";

type Order = "arm" | "disarm" | "reset";
const ORDERS: readonly Order[] = ["arm", "disarm", "reset"];
const ALARM_POINT = "alarm_point";

/** What the device answered last; a refusal with why. */
interface Result {
  order: Order;
  at: string;
  refused: ApiProblem | undefined;
}

/** Arms, disarms and resets a device that lists alarm inputs, and says what it answered. Source: GB/T 28181-2022 A.2.3.1.6, A.2.3.1.7. */
export function AlarmControls({ code }: { code: string }) {
  const { t, pick } = useWords();
  const written = useTime();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [result, setResult] = useState<Result>();
  const params = { path: { code } };
  const tree = useQuery({ queryKey: ["devices", code, "tree"], queryFn: () => body(api.GET("/api/v1/devices/{code}/tree", { params })) });
  const inputs = (tree.data?.items ?? []).filter(({ kind }) => kind === ALARM_POINT);
  if (inputs.length === 0) return null;
  const send = (order: Order) => (order === "reset" ? api.POST("/api/v1/devices/{code}/reset-alarm", { params }) : api.POST("/api/v1/devices/{code}/guard", { params, body: { armed: order === "arm" } }));
  const ask = (order: Order) =>
    act(async () => {
      const told = (refused: ApiProblem | undefined) => setResult({ order, at: new Date().toISOString(), refused });
      setResult(undefined);
      try {
        await send(order);
        told(undefined);
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error;
        told(error);
      }
      await queries.invalidateQueries({ queryKey: ["devices", code] });
    });
  return (
    <section className="card" aria-labelledby="device-alarms" data-testid="alarm-controls">
      <h3 id="device-alarms">{t("device.alarms")}</h3>
      <p className="quiet fields-note">{t("device.alarms.inputs", { count: inputs.length, names: inputs.slice(0, 4).map(({ name }) => name).join("、") })}</p>
      <Space wrap>
        {ORDERS.map((order) => (
          <Popconfirm key={order} title={t(`device.alarms.${order}.sure`)} okText={t(`device.alarms.${order}`)} cancelText={t("cancel")} onConfirm={() => ask(order)}>
            <Button loading={busy} danger={order === "disarm"} data-testid={`device-${order}`}>
              {t(`device.alarms.${order}`)}
            </Button>
          </Popconfirm>
        ))}
      </Space>
      {result !== undefined && (
        <p role="status" data-testid="alarm-control-result" data-done={result.refused === undefined} className={result.refused === undefined ? "status-online" : "status-fault"}>
          {result.refused === undefined ? "●" : "▲"} {written(result.at)} {t(`device.alarms.${result.order}`)} · {result.refused === undefined ? t("device.alarms.done") : pick(result.refused.problem.zh, result.refused.problem.en)}
          {result.refused !== undefined && <span className="quiet"> {pick(result.refused.problem.remedy_zh, result.refused.problem.remedy_en)}</span>}
        </p>
      )}
    </section>
  );
}
