import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { SignedIn } from "../../ui/signed-in";
import { byUrgency, priorityOf, type Alarm } from "./queue";
import { nextFree } from "./work";

export interface Chosen {
  id: number | undefined;
  choose: (id: number) => void;
  /** A new alarm opens by itself, unless one is looked at that somebody chose by hand. */
  follows: boolean;
  setFollows: (follows: boolean) => void;
  /** Came while another was kept open, and not opened since; the most urgent first. */
  missed: readonly Alarm[];
}

/** Whether a new alarm takes the place of the one that is looked at: never of what one works on or chose by hand, nor of a more urgent one that still waits. Pure. */
export function opensItself(came: Alarm, looked: Alarm | undefined, follows: boolean, byHand: boolean, me: number): boolean {
  if (!follows) return false;
  const owner = looked?.work?.owner?.id;
  if (looked === undefined || (owner !== undefined && owner !== me)) return true;
  return owner !== me && !byHand && priorityOf(came) <= priorityOf(looked);
}

/** The alarm that is looked at. What was chosen by hand is never taken away by one that comes. */
export function useChosen(alarms: readonly Alarm[], asked: boolean): Chosen {
  const me = useContext(SignedIn)?.user.id ?? 0;
  const key = `fengsui.alarm-follow.${me}`;
  const [id, setId] = useState<number>();
  const [byHand, setByHand] = useState(false);
  const [follows, keepFollows] = useState(() => localStorage.getItem(key) !== "off");
  const [waiting, setWaiting] = useState<ReadonlySet<number>>(new Set());
  const known = useRef<Set<number>>(undefined);
  const choose = useCallback((wanted: number) => {
    setId(wanted);
    setByHand(true);
    setWaiting((old) => new Set([...old].filter((one) => one !== wanted)));
  }, []);
  const setFollows = (now: boolean) => {
    localStorage.setItem(key, now ? "on" : "off");
    keepFollows(now);
    if (now) setByHand(false);
  };
  useEffect(() => {
    if (!asked) return;
    const before = known.current;
    known.current = new Set(alarms.map((one) => one.id));
    const came = before === undefined ? alarms : alarms.filter((one) => !before.has(one.id));
    const looked = alarms.find((one) => one.id === id);
    const over = id !== undefined && before?.has(id) === true && looked === undefined;
    const first = nextFree(over && follows ? alarms : came); // in the order of the queue
    if (first === undefined) return;
    if (id === undefined || opensItself(first, looked, follows, byHand, me)) {
      setId(first.id);
      setByHand(false);
    } else if (before !== undefined) setWaiting((old) => new Set([...old, ...came.map((one) => one.id)]));
  }, [alarms, asked, id, follows, byHand, me]);
  const missed = useMemo(() => (waiting.size === 0 ? [] : alarms.filter((one) => waiting.has(one.id) && one.work?.owner === null).sort(byUrgency)), [alarms, waiting]);
  return { id, choose, follows, setFollows, missed };
}
