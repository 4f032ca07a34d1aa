import { useCallback, useEffect, useState } from "react";
import { LiveTile, type Shown } from "../../ui/player/LiveTile";
import { isSteerable } from "../../ui/steerable";
import { useCamera } from "../../ui/use-camera";

interface Props {
  camera: string;
  /** Of the stop that follows: its picture is opened beforehand. */
  next: string | undefined;
  onShown: (shown: Shown | undefined) => void;
}

/** The picture of a stop, large; the next one's lies ready behind it, so that it stands there at once. */
export function StopPictures({ camera, next, onShown }: Props) {
  const [all, setAll] = useState<Record<string, Shown>>({});
  const note = useCallback((code: string, shown: Shown) => setAll((old) => ({ ...old, [code]: shown })), []);
  const here = all[camera];
  useEffect(() => onShown(here), [onShown, here]);
  const cameras = next === undefined || next === camera ? [camera] : [camera, next].sort();
  return (
    <div className="patrol-pictures">
      {cameras.map((code) => (
        <div key={code} className={code === camera ? "" : "waiting"} inert={code !== camera} aria-hidden={code !== camera}>
          <Picture code={code} here={code === camera} onShown={note} />
        </div>
      ))}
    </div>
  );
}

const nothing = () => undefined;

function Picture({ code, here, onShown }: { code: string; here: boolean; onShown: (code: string, shown: Shown) => void }) {
  const known = useCamera(code);
  const told = useCallback((shown: Shown) => onShown(code, shown), [code, onShown]);
  // selectable, so that F is the round's and not the tile's
  return <LiveTile camera={code} name={known?.name ?? code} protocol="auto" steerable={known !== undefined && isSteerable(known.ptz_type)} steerKeyed={here} testId={here ? "patrol-picture" : "patrol-next"} onSelect={nothing} onShown={told} />;
}
