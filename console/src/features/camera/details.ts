import type { Schemas } from "../../api-client/client";
import type { Words } from "../../ui/language";
import type { TextKey } from "../../ui/texts";

export type Details = Schemas["CameraDetails"];
export type DetailRow = [label: TextKey, text: string];

/** Codes of GB/T 28181 that have a word of their own; any other is shown as it is. */
export const CODES = {
  kind: [1, 2, 3, 4, 5, 6, 7],
  point_class: [1, 2, 3, 9],
  position_kind: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  use: [1, 2, 3],
  room: [1, 2],
  direction: [1, 2, 3, 4, 5, 6, 7, 8],
  light: [1, 2, 3, 4, 9],
  imaging: [1, 2, 3, 4, 5, 9],
  mobile_kind: [1, 2, 3, 4, 5, 9],
  safety_way: [0, 2, 3, 4],
  register_way: [1, 2, 3, 4],
  secrecy: [0, 1],
  certificate_valid: [0, 1],
} as const;
type Coded = keyof typeof CODES;

const RESOLUTIONS: Record<string, string> = { "1": "QCIF", "2": "CIF", "3": "4CIF", "4": "D1", "5": "720P", "6": "1080P" };
const CODECS: Record<string, string> = { "1": "MPEG-4", "2": "H.264", "3": "SVAC", "4": "3GP", "5": "H.265" };

/** Each of a list joined by `/`, by its name where the f field of annex G has one. */
export function named(joined: string, names: Record<string, string>): string {
  return joined
    .split("/")
    .filter((part) => part !== "")
    .map((part) => names[part] ?? part)
    .join(" / ");
}

/** Classes of places that have a word (annex O). */
const PLACE = /^(0(?:0[1-9]|1\d|2[0-8]|3[12])|99[89])/;

/** The class in words with the whole code behind it: what is finer than the class has no word of the standard that we may print. */
export function placed(code: string, t: Words["t"]): string {
  const found = PLACE.exec(code)?.[1];
  return found === undefined ? code : `${t(`details.place.${found}` as TextKey)} · ${code}`;
}

type Part = [from: number, to: number, word: string];
const TOWNS: Part[] = [[198, 198, "directly"], [1, 99, "street"], [100, 199, "town"], [200, 399, "township"], [400, 599, "alike"]];
const VILLAGES: Part[] = [[398, 398, "group"], [498, 498, "virtual"], [598, 598, "virtual"], [1, 199, "residents"], [200, 399, "villagers"], [400, 599, "likeVillage"]];

/** Township and village in words, the code behind them; nothing of a code that says that there is none. */
export function grassroots(code: string, t: Words["t"]): string {
  if (/^0*$/.test(code)) return "";
  const word = (parts: Part[], digits: string) => {
    const number = Number(digits);
    const found = parts.find(([from, to]) => number >= from && number <= to);
    return found === undefined ? [] : [t(`details.grassroots.${found[2]}` as TextKey)];
  };
  return [[...word(TOWNS, code.slice(0, 3)), ...word(VILLAGES, code.slice(3))].join(" / "), code].filter((part) => part !== "").join(" · ");
}

/** What is said, in the order of the device file: the camera, its place, its view, its coding, who keeps it, how it is reached. */
export function rowsOf(details: Details, ptzType: number, t: Words["t"]): DetailRow[] {
  const word = (name: Coded, code: number) => ((CODES[name] as readonly number[]).includes(code) ? t(`details.${name}.${code}` as TextKey) : String(code));
  const coded = (name: Coded, code: number | null): DetailRow[] => (code === null ? [] : [[`details.${name}`, word(name, code)]]);
  const text = (label: TextKey, said: string): DetailRow[] => (said === "" ? [] : [[label, said]]);
  const measured = (label: TextKey, value: number | null, unit: string): DetailRow[] => (value === null ? [] : [[label, `${value}${unit}`]]);
  const { space_layers, time_layers } = details;
  return [
    ...(ptzType === 0 ? [] : coded("kind", ptzType)),
    ...coded("mobile_kind", details.mobile_kind),
    ...text("details.imaging", details.imaging.map((code) => word("imaging", code)).join(" / ")),
    ...text("details.functions", details.functions.join(" / ")),
    ...coded("light", details.light),
    ...coded("point_class", details.point_class),
    ...text("details.common_name", details.common_name),
    ...coded("position_kind", details.position_kind),
    ...text("details.capture_position", placed(details.capture_position, t)),
    ...coded("use", details.use),
    ...coded("room", details.room),
    ...text("details.grassroots", grassroots(details.grassroots, t)),
    ...coded("direction", details.direction),
    ...measured("details.horizontal_angle", details.horizontal_angle, "°"),
    ...measured("details.vertical_angle", details.vertical_angle, "°"),
    ...measured("details.view_distance", details.view_distance, " m"),
    ...text("details.resolution", named(details.resolution, RESOLUTIONS)),
    ...text("details.video_codec", named(details.video_codec, CODECS)),
    ...text("details.download_speeds", named(details.download_speeds, {})),
    ...(space_layers === null && time_layers === null ? [] : ([["details.layers", t("details.layers.text", { space: space_layers ?? "–", time: time_layers ?? "–" })]] as DetailRow[])),
    ...text("details.layer_ratios", details.layer_ratios),
    ...(details.kept_days === null ? [] : ([["details.kept_days", t("details.kept_days.text", { days: details.kept_days })]] as DetailRow[])),
    ...text("details.owner", details.owner),
    ...text("details.managing_unit", details.managing_unit),
    ...text("details.contact", details.contact),
    ...text("details.block", details.block),
    ...text("details.industry", details.industry),
    ...text("details.installed_at", details.installed_at.replace("T", " ").replace(" 00:00:00", "")),
    ...text("details.network", details.port === null ? details.ip_address : `${details.ip_address}:${details.port}`),
    ...text("details.mac", details.mac),
    ...(details.security_level === "" ? [] : ([["details.security_level", t("details.security_level.text", { level: details.security_level })]] as DetailRow[])),
    ...coded("safety_way", details.safety_way),
    ...coded("register_way", details.register_way),
    ...coded("secrecy", details.secrecy),
    ...text("details.certificate", details.certificate),
    ...coded("certificate_valid", details.certificate_valid),
    ...(details.certificate_valid === 1 ? [] : measured("details.certificate_fault", details.certificate_fault, "")),
    ...text("details.certificate_end", details.certificate_end.replace("T", " ")),
  ];
}
