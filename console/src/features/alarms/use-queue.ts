import { useQueryClient } from "@tanstack/react-query";
import { useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { isAlarmNews, isAlarmToSee } from "../../ui/alarm-news";
import { useNews } from "../../ui/news";
import { SignedIn } from "../../ui/signed-in";
import type { QueueName } from "./asked";
import type { Alarm } from "./queue";
import { QueueFeed, type Told } from "./queue-feed";

export interface Queue extends Told {
  more: (which: QueueName) => void;
  /** Something was done with this one: it is read anew. */
  hear: (id: number) => void;
  /** The node has just said that they are so. */
  take: (now: readonly Alarm[]) => void;
  /** Which one is looked at. */
  look: (id: number | undefined) => void;
  /** Which of these came since they were last asked for. */
  came: (alarms: readonly Alarm[]) => readonly Alarm[];
}

/** The queue of the page, from the moment it is opened. After a lost connection it is read anew. */
export function useQueue(): Queue {
  const queries = useQueryClient();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const { feed, epoch } = useNews();
  const queue = useMemo(() => new QueueFeed(queries, me), [queries, me]);
  const told = useSyncExternalStore(queue.listen, queue.now);
  useEffect(() => {
    queue.start();
    return () => queue.stop();
  }, [queue]);
  useEffect(() => {
    if (epoch > 0) queue.readAnew();
  }, [queue, epoch]);
  useEffect(
    () =>
      feed?.listen((event) => {
        if (event.type === "alarm.shelf") queue.readAnew(); // many left or came back together
        else if (isAlarmNews(event)) queue.hear(event.id, isAlarmToSee(event));
      }),
    [queue, feed],
  );
  return { ...told, more: queue.more, hear: queue.hear, take: queue.take, look: queue.look, came: queue.came };
}
