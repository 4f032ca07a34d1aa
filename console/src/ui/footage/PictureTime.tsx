import { useZone, written } from "../zone";
import "./footage.css";

/** When a recorded picture is of, to the millisecond: its own time, not the player's. */
export function PictureTime({ atUs }: { atUs: number }) {
  const zone = useZone();
  return (
    <div className="picture-time" data-testid="picture-time">
      {written(atUs / 1_000, zone)}
      <small>.{String(Math.floor(atUs / 1_000) % 1_000).padStart(3, "0")}</small>
    </div>
  );
}
