import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { AlarmNotes } from "../../ui/AlarmNotes";
import { useAlarmWords } from "../../ui/alarm-words";
import { useWords } from "../../ui/language";
import { LiveTile } from "../../ui/player/LiveTile";
import { chosenProtocol } from "../../ui/player/protocol";
import type { StreamChoice } from "../../ui/player/stream-choice";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import { useTime } from "../../ui/time";
import { useMay } from "../../ui/signed-in";
import { alarmToDesk } from "../../ui/to-alarm";
import { footageToPlay } from "../../ui/to-playback";
import { useCameraName } from "../../ui/use-camera";
import { unlink } from "./acts";
import type { Details } from "./incident";
import type { IncidentActs } from "./use-incident-acts";

type Alarm = Schemas["AlarmShape"];
/** More of one incident are counted alone. */
const SHOWN = 20;

/** What was reported about it: each alarm with the way to its page, and to the footage of that moment. */
export function Alarms({ incident, acts }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const [out, setOut] = useState<number>();
  const found = useQueries({ queries: incident.alarms.slice(0, SHOWN).map((id) => ({ queryKey: ["incident-alarms", id], retry: false, queryFn: () => body(api.GET("/api/v1/alarms/{alarm_id}", { params: { path: { alarm_id: id } } })) })) });
  const pictured = found.find((one) => one.data !== undefined && one.data.camera !== "")?.data?.camera;
  return (
    <section className="incident-card" data-testid="incident-alarms">
      <h2>{t("incidents.alarms", { count: incident.alarms.length })}</h2>
      {incident.alarms.length === 0 && <p className="quiet">{t("incidents.alarms.none")}</p>}
      <ul className="incident-alarm-list">
        {found.map((one, at) => (
          <li key={incident.alarms[at]} data-testid={`incident-alarm-${incident.alarms[at]}`}>
            {one.data !== undefined ? <AlarmLine alarm={one.data} /> : <span className="quiet said">{one.isError ? `${incident.alarms[at]} · ${t("incidents.alarm.gone")}` : t("loading")}</span>}
            {acts.may.has("correct") && (
              <Button size="small" type="text" data-testid="unlink-alarm" onClick={() => setOut(incident.alarms[at])}>
                {t("incident.unlink")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {pictured !== undefined && <Picture camera={pictured} />}
      {out !== undefined && <AskReason open name={`alarm ${out} out of incident ${incident.id}`} title={t("incident.unlink.title", { alarm: out })} label={t("incident.reason")} okText={t("incident.unlink")} onClose={() => setOut(undefined)} onSure={(reason) => acts.done(() => unlink(incident, out, reason))} />}
    </section>
  );
}

/** The place of the first alarm as it is now. */
function Picture({ camera }: { camera: string }) {
  const may = useMay();
  const name = useCameraName(camera);
  const [choice, setChoice] = useState<StreamChoice>("auto");
  if (!may("view-live")) return null;
  return (
    <div className="incident-picture">
      <LiveTile camera={camera} name={name} protocol={chosenProtocol()} choice={choice} onChoose={setChoice} testId="incident-picture" />
    </div>
  );
}

function AlarmLine({ alarm }: { alarm: Alarm }) {
  const { t } = useWords();
  const time = useTime();
  const words = useAlarmWords();
  const may = useMay();
  const name = useCameraName(alarm.camera);
  return (
    <>
      <Priority priority={alarm.priority as AlarmPriority} />
      <span className="said">{words(alarm)}</span>
      <AlarmNotes alarm={alarm} />
      <time>{time(alarm.received_at)}</time>
      <span className="ways">
        <Link to="/alarms" data-testid="to-alarm" onClick={() => alarmToDesk(alarm.id)}>
          {t("incidents.alarm.open")}
        </Link>
        {alarm.camera !== "" && (
          <Link to="/cameras/$code" params={{ code: alarm.camera }} data-testid="to-camera">
            {name}
          </Link>
        )}
        {alarm.camera !== "" && may("view-recorded") && (
          <Link to="/playback" data-testid="to-playback" onClick={() => footageToPlay({ cameras: [{ code: alarm.camera, name }], atUs: Date.parse(alarm.received_at) * 1_000 })}>
            {t("incidents.alarm.playback")}
          </Link>
        )}
      </span>
    </>
  );
}
