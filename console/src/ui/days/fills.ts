import type { Schemas } from "../../api-client/client";
import type { useWords } from "../language";

type Fill = Schemas["FillShape"];

/** How far a gap is filled from the device, and why no further. */
export function fillSaid(one: Fill, t: ReturnType<typeof useWords>["t"], time: (at: string) => string): string {
  if (one.state === "running") return t("fills.running");
  if (one.why === "") return t("fills.due");
  const why = t(`fills.why.${one.why}`);
  return one.state === "due" && one.next_at !== null ? t("fills.again", { why, at: time(one.next_at) }) : why;
}
