import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useState, type MouseEvent } from "react";
import { api, ApiProblem } from "../../api-client/client";
import { AskReason } from "../AskReason";
import { useWords } from "../language";
import { useZone, wallTime } from "../zone";
import { useTellSteering } from "./use-command-line";
import type { Steering } from "./use-steering";

interface Props {
  camera: string;
  name: string;
  steering: Steering | undefined;
  mayControl: boolean;
  testId: string;
}

/** Who steers, until when and why; to give it back, to pass it on, to take it over. */
export function HolderLine({ camera, name, steering, mayControl, testId }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const { notification } = App.useApp();
  const tell = useTellSteering(camera);
  const queries = useQueryClient();
  const [taking, setTaking] = useState(false);
  const holder = steering?.holder;
  if (holder === undefined || holder === null) return null;
  const path = { params: { path: { code: camera } } };
  const renew = () => queries.invalidateQueries({ queryKey: ["steering", camera] });
  const act = (what: () => Promise<unknown>) => (event: MouseEvent) => {
    event.stopPropagation();
    void what().catch(tell).finally(renew);
  };
  const take = (reason: string) =>
    api
      .POST("/api/v1/cameras/{code}/steering", { ...path, body: { reason } })
      .then(() => true)
      .catch((error: unknown) => {
        if (!(error instanceof ApiProblem) || error.problem.code !== "ptz.not_higher") {
          tell(error);
          return false;
        }
        notification.info({ key: `steering-${camera}`, title: t("steer.asked", { name: holder.name }), description: t("steer.asked.then"), placement: "bottomRight" });
        return true;
      })
      .finally(renew);
  const until = wallTime(holder.until, zone).slice(11);
  return (
    <div className={holder.mine ? "holder-line mine" : "holder-line"} data-testid={`${testId}-holder`} onClick={(event) => event.stopPropagation()}>
      <span title={holder.reason === "" ? undefined : t("steer.reason", { reason: holder.reason })}>{holder.mine ? t("steer.mine", { until }) : t("steer.other", { name: holder.name, until })}</span>
      {!holder.mine && holder.reason !== "" && <span className="why">{t("steer.reason", { reason: holder.reason })}</span>}
      {holder.mine && mayControl && (
        <button data-testid={`${testId}-give-back`} onClick={act(() => api.DELETE("/api/v1/cameras/{code}/steering", path))}>
          {t("steer.giveBack")}
        </button>
      )}
      {!holder.mine && mayControl && (
        <button data-testid={`${testId}-take-over`} onClick={() => setTaking(true)}>
          {t("steer.takeOver")}
        </button>
      )}
      {holder.mine && holder.asked_by !== "" && (
        <span className="asked" role="alert">
          {t("steer.askedBy", { name: holder.asked_by, reason: holder.asked_why })}
          <button data-testid={`${testId}-pass`} onClick={act(() => api.POST("/api/v1/cameras/{code}/steering/pass", path))}>
            {t("steer.pass")}
          </button>
        </span>
      )}
      <AskReason name={`taking ${camera} over`} open={taking} title={t("steer.take.title", { camera: name })} help={t("steer.take.help", { name: holder.name })} label={t("steer.take.reason")} okText={t("steer.take.sure")} most={200} onClose={() => setTaking(false)} onSure={take} />
    </div>
  );
}
