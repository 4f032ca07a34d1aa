import { useEffect, useRef, useState } from "react";
import { firstPad, presetOf, readPad } from "./gamepad";
import { isStill, type Speeds } from "./joystick";
import { onBlurs } from "./use-command-line";

const LOOK_MS = 50;

interface Wanted {
  onSpeeds: (speeds: Speeds) => void;
  onPreset: (preset: number) => void;
}

/** Looks at the joystick for as long as the picture is steered; its name once it is there. The stick speaks only when it was moved. */
export function useGamepad({ onSpeeds, onPreset }: Wanted): string {
  const [name, setName] = useState("");
  const wanted = useRef({ onSpeeds, onPreset });
  useEffect(() => {
    wanted.current = { onSpeeds, onPreset };
  });
  useEffect(() => {
    let down: boolean[] | undefined;
    let moving = false;
    /** A page that is not looked at is told of the stick as it was then: it counts again once it has stood in its middle. */
    let stale = false;
    const forget = onBlurs(() => {
      stale = true;
      moving = false;
    });
    const look = () => {
      const pad = firstPad();
      if (pad === undefined) {
        setName("");
        if (moving) wanted.current.onSpeeds({ pan: 0, tilt: 0, zoom: 0 });
        moving = false;
        return;
      }
      // A button that is held when the picture begins to be steered was meant for something else.
      const { state, down: now } = readPad(pad, down ?? pad.buttons.map(() => true));
      down = now;
      setName(state.name);
      const still = isStill(state.speeds);
      if (still) stale = false;
      if (!stale && (!still || moving)) wanted.current.onSpeeds(state.speeds);
      moving = !stale && !still;
      for (const button of state.pressed) {
        const preset = presetOf(button, pad.mapping === "standard");
        if (preset !== undefined) wanted.current.onPreset(preset);
      }
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      forget();
    };
  }, []);
  return name;
}
