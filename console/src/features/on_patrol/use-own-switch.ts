import { useState } from "react";

/** Whether somebody lets this phone tell where it is: theirs alone, kept on it, off until they switch it on. */
export function useOwnSwitch(user: number): [boolean, (on: boolean) => void] {
  const place = `fengsui.patrol-position.${user}`;
  const [on, setOn] = useState(() => localStorage.getItem(place) === "on");
  return [
    on,
    (wanted) => {
      if (wanted) localStorage.setItem(place, "on");
      else localStorage.removeItem(place);
      setOn(wanted);
    },
  ];
}
