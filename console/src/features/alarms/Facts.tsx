import { Link } from "@tanstack/react-router";
import { useWords, type Words } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import { useTime } from "../../ui/time";
import { useCameraName } from "../../ui/use-camera";
import { openedMs, type Alarm } from "./queue";

/** Clocks that differ by less are as good as one. */
const APART_S = 2;

/** All that is known of an alarm, as its sender said it and as the node took it. */
export function Facts({ alarm }: { alarm: Alarm }) {
  const { t } = useWords();
  const time = useTime();
  const camera = useCameraName(alarm.camera);
  const apartS = alarm.sent_at === null ? 0 : Math.round((Date.parse(alarm.sent_at) - openedMs(alarm)) / 1_000);
  const ofDevice = alarm.protocol === "gb28181";
  const ofSource = alarm.protocol === "https" || alarm.protocol === "cap";
  const ofPanic = alarm.protocol === "panic";
  const ofPhone = alarm.protocol === "phone" || ofPanic;
  const ofNode = alarm.code_table === "node";
  const facts: [TextKey, React.ReactNode][] = [
    ["alarms.area", alarm.area_name],
    ["alarms.site", alarm.site],
    ["alarms.point", [alarm.point, alarm.zone !== "" && !ofDevice && !ofSource && !ofPhone ? t("alarms.zone", { number: alarm.zone }) : ofPanic ? "" : alarm.zone, alarm.point_kind === "" ? "" : t(`alarms.kind.${alarm.point_kind}` as TextKey)].filter((one) => one !== "").join(" · ")],
    ["alarms.user", alarm.user],
    ["alarms.section", alarm.section === "" || ofSource || ofPhone || /^0+$/.test(alarm.section) ? "" : alarm.section],
    ["alarms.silence", silenceWords(alarm, t, time)],
    ["alarms.camera", alarm.camera === "" ? t("alarms.noCamera") : <Link to="/cameras/$code" params={{ code: alarm.camera }}>{camera}</Link>],
    [ofDevice ? "alarms.device" : ofSource ? "alarms.source" : "alarms.host", alarm.device || alarm.account],
    ["alarms.received", time(alarm.received_at)],
    ["alarms.sent", ofNode ? "" : alarm.sent_at === null ? t("alarms.sent.none") : <>{time(alarm.sent_at)}{Math.abs(apartS) >= APART_S && <span className="doubtful"> {t(apartS > 0 ? "alarms.clock.ahead" : "alarms.clock.behind", { seconds: Math.abs(apartS) })}</span>}</>],
    ["alarms.code", <>{t(`alarms.table.${alarm.code_table}` as TextKey)} {!ofSource && <b>{alarm.code || "—"}</b>} {ofSource && alarm.event_type !== "" && `${alarm.event_type} · `}{alarm.known ? t(`alarm.category.${alarm.category}` as TextKey) : <span className="doubtful">{t("alarms.code.unknown")}</span>}</>],
    ["alarms.folded", alarm.work === null || alarm.work.folded === 0 ? "" : t("alarms.folded.count", { count: alarm.work.folded })],
    ["alarms.repeats", alarm.repeats === 0 ? "" : t("alarms.repeats.last", { count: alarm.repeats, last: time(alarm.last_at) })],
    ["alarms.text", alarm.text],
    ["alarms.way", ofNode ? t("alarms.way.node") : ofPhone ? t(ofPanic ? "alarms.way.panic" : "alarms.way.phone") : [t(ofDevice ? "alarms.way.gb" : ofSource ? "alarms.way.https" : "alarms.way.dc09"), ofDevice ? "" : t(alarm.encrypted ? "alarms.encrypted" : "alarms.inClear"), alarm.held_back ? t("alarms.heldBack") : ""].filter((one) => one !== "").join(" · ")],
    ["alarms.position", alarm.longitude === null || alarm.latitude === null ? "" : `${alarm.longitude.toFixed(6)}, ${alarm.latitude.toFixed(6)}`],
  ];
  return (
    <dl className="facts alarm-facts" data-testid="alarm-facts">
      {facts.map(
        ([name, fact]) =>
          fact !== "" && (
            <div key={name}>
              <dt>{t(name)}</dt>
              <dd>{fact}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** Of how many hosts nothing was heard, since when, and how many of them are still silent. */
function silenceWords({ silence }: Alarm, t: Words["t"], time: (at: string) => string): string {
  if (silence === null || silence === undefined) return "";
  const since = silence.since === null ? "" : time(silence.since);
  const how = since === "" ? "alarms.silence.never" : silence.still === 0 ? "alarms.silence.over" : "alarms.silence.since";
  return `${t("alarms.silence.hosts", { count: silence.hosts })} · ${t(how, { since, still: silence.still })}`;
}
