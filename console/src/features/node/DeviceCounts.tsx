import type { Schemas } from "../../api-client/client";
import { StatusMark } from "../../ui/status";

const STATES = ["online", "fault", "offline"] as const;

/** Devices by state, with the marks that they have everywhere; "unknown" is a state of cameras behind another platform alone. */
export function DeviceCounts({ counts }: { counts: Schemas["DeviceCounts"] }) {
  return (
    <span className="device-counts">
      {STATES.map((state) => (
        <span key={state} data-testid={`devices-${state}`}>
          <StatusMark status={state} withText /> {counts[state]}
        </span>
      ))}
    </span>
  );
}
