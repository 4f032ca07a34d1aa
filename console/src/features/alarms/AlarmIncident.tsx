import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { api, body } from "../../api-client/client";
import { useAlarmWords } from "../../ui/alarm-words";
import { useIncidentWords } from "../../ui/incident-words";
import { AddToIncident } from "../../ui/incident/AddToIncident";
import { kindOf } from "../../ui/incident/new-incident";
import { OpenIncident } from "../../ui/incident/OpenIncident";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { isWriting } from "../../ui/writing";
import type { Alarm } from "./queue";

type Asking = "open" | "add" | undefined;

/** The incident that the alarm belongs to; where there is none and the alarm was not found to be false, the way to one. */
export function AlarmIncident({ alarm }: { alarm: Alarm }) {
  const { t } = useWords();
  const words = useIncidentWords();
  const say = useAlarmWords();
  const go = useNavigate();
  const desk = useMay()("take-duty");
  const [asking, setAsking] = useState<Asking>();
  const found = useQuery({ queryKey: ["incidents", "of-alarm", alarm.id], retry: false, queryFn: () => body(api.GET("/api/v1/incidents", { params: { query: { alarm: alarm.id, limit: 1 } } })) });
  const [incident] = found.data?.items ?? [];
  const result = alarm.work?.result ?? null;
  const placed = alarm.longitude !== null || alarm.camera === "";
  const camera = useQuery({ queryKey: ["cameras", "one", alarm.camera, "place"], enabled: asking === "open" && !placed, retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}", { params: { path: { code: alarm.camera } } })) });
  const { longitude, latitude } = placed ? alarm : (camera.data ?? alarm);
  const free = desk && found.isSuccess && incident === undefined && (result === "real" || result === "unclear");
  useKeys(free, setAsking);
  if (incident !== undefined) {
    return (
      <Link className="page-link" to="/incidents" search={{ id: incident.id }} data-testid="alarms-incident">
        {t("incident.ofAlarm", { number: incident.number })} · {words("states", incident.state)}
      </Link>
    );
  }
  if (!free) return null;
  const open = (id: number) => void go({ to: "/incidents", search: { id } });
  return (
    <div className="alarm-acts" data-testid="alarm-incident">
      <Button type="primary" data-testid="open-incident" onClick={() => setAsking("open")}>
        {t("incident.fromAlarm")} <kbd>I</kbd>
      </Button>
      <Button data-testid="add-to-incident" onClick={() => setAsking("add")}>
        {t("incident.add")} <kbd>A</kbd>
      </Button>
      {asking === "open" && (placed || camera.isFetched) && <OpenIncident name={`incident of alarm ${alarm.id}`} first={{ type: kindOf(alarm.category), priority: alarm.priority, area: alarm.area.slice(0, 6), place: [alarm.site, alarm.point].filter((one) => one !== "").join(" "), longitude, latitude, text: say(alarm), alarms: [alarm.id] }} onClose={() => setAsking(undefined)} onOpened={open} />}
      {asking === "add" && <AddToIncident alarm={alarm.id} onClose={() => setAsking(undefined)} onAdded={open} />}
    </div>
  );
}

/** Its two keys, while they do something. */
function useKeys(free: boolean, ask: (what: Asking) => void): void {
  const now = useRef({ free, ask });
  useEffect(() => {
    now.current = { free, ask };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!now.current.free || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (event.target instanceof Element && event.target.closest("dialog, [role=dialog], [role=menu], .ant-select") !== null) return;
      if (event.key === "i") now.current.ask("open");
      else if (event.key === "a") now.current.ask("add");
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
