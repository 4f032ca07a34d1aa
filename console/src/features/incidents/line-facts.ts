import type { useIncidentWords } from "../../ui/incident-words";
import type { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import type { Line } from "./incident";

type Words = ReturnType<typeof useIncidentWords>;
type T = ReturnType<typeof useWords>["t"];

/** What a line names besides its words: an alarm, a unit and its step, another incident, an outcome. Pure. */
export function factsOf({ kind, facts }: Pick<Line, "kind" | "facts">, words: Words, t: T): string {
  const said = (name: string) => String(facts[name] ?? "");
  switch (kind) {
    case "unit":
    case "overdue":
      return [said("unit"), facts["step"] === undefined ? "" : t((kind === "unit" ? `task.step.${said("step")}` : `task.overdue.${said("step")}`) as TextKey)].filter((one) => one !== "").join(" · ");
    case "closed":
      return [said("disposition"), ...(Array.isArray(facts["also"]) ? facts["also"].map(String) : [])].map((one) => words("dispositions", one)).concat(facts["cause"] === undefined ? [] : [words("causes", said("cause"))]).join(" · ");
    case "state":
      return facts["cause"] === undefined ? "" : words("causes", said("cause"));
    case "changed":
      return Object.entries(facts).map(([name, change]) => `${t(`incidents.changed.${name}` as TextKey)} ${String(change)}`).join("; ");
    case "opened":
      return Array.isArray(facts["alarms"]) && facts["alarms"].length > 0 ? facts["alarms"].map((one) => `#${one}`).join(" ") : "";
    case "procedure": {
      const outcome = facts["outcome"] === undefined ? "" : t(`procedures.outcome.${said("outcome")}` as TextKey);
      const took = facts["took_s"] === undefined ? "" : `${said("took_s")} s`;
      const also = Array.isArray(facts["also"]) ? facts["also"].map(String) : [];
      return [said("procedure"), said("step"), outcome, said("answer"), took, ...also].filter((one) => one !== "").join(" · ");
    }
    case "watch":
      return [said("to"), t(`watch.step.${said("step")}` as TextKey)].join(" · ");
    case "method":
      return [said("method"), facts["parted"] === undefined ? t("procedures.version", { version: said("version") }) : t("methods.parted")].join(" · ");
    case "alarm":
    case "alarm-removed":
      return `#${said("alarm")}`;
    default:
      return ["to", "into", "from", "part", "camera"].map(said).filter((one) => one !== "").join(" · ");
  }
}
