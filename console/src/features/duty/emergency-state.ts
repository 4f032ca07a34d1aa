/** Where an emergency access is. */
export type EmergencyState = "open" | "report-due" | "verdict-due" | "judged";

/** Colour and mark of each. */
export const MARKS: Record<EmergencyState, [string, string]> = {
  open: ["status-fault", "▲"],
  "report-due": ["status-unknown", "◆"],
  "verdict-due": ["status-unknown", "◇"],
  judged: ["status-offline", "○"],
};
