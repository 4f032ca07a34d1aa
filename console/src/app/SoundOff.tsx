import { useEffect, useState } from "react";
import { useWords } from "../ui/language";
import { bell, useBell } from "../ui/ringing";
import { useMay } from "../ui/signed-in";

/** The browser needs a moment to say whether it lets the page sound. */
const SAYS_SO_MS = 800;

/** Where alarms ring and the browser lets nothing sound before a click: a strip that says so, and is that click. */
export function SoundOff() {
  const { t } = useWords();
  const blocked = useBell() === "blocked";
  const rings = useMay()("take-duty");
  const [known, setKnown] = useState(false);
  useEffect(() => {
    if (!blocked) return;
    const timer = setTimeout(() => setKnown(true), SAYS_SO_MS);
    return () => {
      clearTimeout(timer);
      setKnown(false);
    };
  }, [blocked]);
  if (!rings || !blocked || !known) return null;
  return (
    <button className="banner sound-off" data-testid="sound-off" onClick={() => bell.setSilent(false)}>
      ▲ <b>{t("alarms.sound.blocked")}</b>
    </button>
  );
}
