import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { SignedIn } from "../../ui/signed-in";
import { deskOpens, takenToDesk } from "../../ui/to-alarm";
import { alarmKey, askedNewest } from "./asked";
import { byUrgency, priorityOf, type Alarm } from "./queue";
import type { Queue } from "./use-queue";
import { nextFree } from "./work";

/** So long after one took another's place by itself, a key or click may still be meant for that other. */
export const SETTLES_MS = 1_000;

export interface Chosen {
  id: number | undefined;
  /** As the node told of it last; undefined: it has not yet. */
  alarm: Alarm | undefined;
  error: Error | null;
  /** It was passed on to here, and has ended: nothing of it is shown any more. */
  gone: boolean;
  /** False: it has just taken another's place by itself, and what somebody does may still be meant for that other. */
  settled: boolean;
  choose: (id: number) => void;
  /** Somebody does something with it: none takes its place. */
  hold: () => void;
  /** A new alarm opens by itself, unless one is looked at that somebody chose by hand. */
  follows: boolean;
  setFollows: (follows: boolean) => void;
  /** Came while another was kept open, and not opened since; the most urgent first. */
  missed: readonly Alarm[];
}

export interface Looked {
  alarm: Alarm | undefined;
  /** Somebody chose it, or has begun something with it. */
  held: boolean;
  /** It was closed while it was looked at. */
  over: boolean;
}

/** Whether a new alarm takes the place of the one that is looked at: never of what one works on, chose or touched, nor of one as urgent that still waits. Pure. */
export function opensItself(came: Alarm, { alarm, held, over }: Looked, follows: boolean, me: number): boolean {
  if (!follows) return false;
  if (alarm === undefined) return !held;
  if (over && isDone(alarm, held, me)) return true;
  const owner = alarm.work?.owner?.id;
  if (held || owner === me) return false;
  return owner !== undefined || priorityOf(came) < priorityOf(alarm);
}

/** Whether nothing is left to look at: what somebody else closed under one's hands stays until one has seen it. Pure. */
function isDone({ work }: Alarm, held: boolean, me: number): boolean {
  return !held || work?.owner?.id === me;
}

/** The alarm that is looked at. What was chosen by hand or touched is never taken away by one that comes. */
export function useChosen({ queue: { alarms }, asked, gone: goneId, look, came: cameOf }: Queue): Chosen {
  const queries = useQueryClient();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const key = `fengsui.alarm-follow.${me}`;
  const [id, setId] = useState(takenToDesk);
  const [held, setHeld] = useState(id !== undefined);
  const [settled, setSettled] = useState(true);
  const [follows, keepFollows] = useState(() => localStorage.getItem(key) !== "off");
  const [waiting, setWaiting] = useState<ReadonlySet<number>>(new Set());
  const begun = useRef(false);
  const seenOpen = useRef<number>(undefined);
  const { data, error } = useQuery({ queryKey: alarmKey(id ?? 0), enabled: id !== undefined, retry: false, queryFn: () => askedNewest(queries, id ?? 0), placeholderData: () => alarms.find((one) => one.id === id) });
  useEffect(() => look(id), [look, id]);
  const gone = id !== undefined && goneId === id;
  const choose = useCallback((wanted: number) => {
    setId(wanted);
    setHeld(true);
    setSettled(true);
    setWaiting((old) => new Set([...old].filter((one) => one !== wanted)));
  }, []);
  useEffect(() => deskOpens(choose), [choose]);
  const hold = useCallback(() => setHeld(true), []);
  const setFollows = (now: boolean) => {
    localStorage.setItem(key, now ? "on" : "off");
    keepFollows(now);
    if (now) setHeld(false);
  };
  useEffect(() => {
    if (!asked) return;
    const came = cameOf(alarms);
    const known = data ?? alarms.find((one) => one.id === id);
    const alarm = gone && known?.work?.state !== "closed" ? undefined : known;
    const closed = alarm?.work?.state === "closed"; // that it is not in the list says nothing: only its beginning is here
    if (alarm !== undefined && !closed) seenOpen.current = id;
    const looked: Looked = { alarm, held, over: closed && seenOpen.current === id };
    const first = nextFree(!begun.current || looked.over ? alarms : came); // in the order of the queue
    const opens = first !== undefined && first.id !== id && (id === undefined ? !begun.current || follows : opensItself(first, looked, follows, me));
    if (opens) {
      if (id !== undefined) setSettled(false);
      setId(first.id);
      setHeld(false);
    } else if (begun.current && came.length > 0) setWaiting((old) => new Set([...old, ...came.map((one) => one.id).filter((one) => one !== id)]));
    begun.current = true;
  }, [alarms, asked, cameOf, data, gone, id, follows, held, me]);
  useEffect(() => {
    if (settled) return;
    const timer = setTimeout(() => setSettled(true), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [settled, id]);
  const missed = useMemo(() => (waiting.size === 0 ? [] : alarms.filter((one) => waiting.has(one.id) && one.work?.owner === null).sort(byUrgency)), [alarms, waiting]);
  return { id, alarm: gone ? undefined : data, error, gone, settled, choose, hold, follows, setFollows, missed };
}
