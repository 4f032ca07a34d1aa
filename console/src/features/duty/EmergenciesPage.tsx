import { Emergencies } from "./Emergencies";
import "./duty.css";

/** Access in danger to life, its reports and verdicts. */
export function EmergenciesPage() {
  return (
    <div className="padded">
      <Emergencies />
    </div>
  );
}
