import { useMemo, useState } from "react";
import type { Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { useLongFootage, type Choices } from "./use-footage";
import { dayAfter, endOfWeek, WEEK_DAYS, weekTo, type WeekDay } from "./week";

interface Week {
  days: readonly WeekDay[];
  span: Period;
  footage: ReturnType<typeof useLongFootage>;
  /** The same day of the week before, or of the one after. */
  turned: (by: 1 | -1) => string;
}

/** The seven days that hold the chosen one, and their footage; asked for only while they are looked at. */
export function useWeek(on: boolean, codes: readonly string[], date: string, zone: string, tickets: readonly Schemas["TicketShape"][] | undefined, chosen: Choices): Week {
  const [end, setEnd] = useState(date);
  const now = endOfWeek(date, end);
  if (now !== end) setEnd(now);
  const days = useMemo(() => weekTo(now, zone), [now, zone]);
  const span = useMemo(() => ({ fromUs: days[0]?.fromUs ?? 0, toUs: days.at(-1)?.toUs ?? 0 }), [days]);
  const footage = useLongFootage(on ? codes : [], span, tickets, chosen);
  const turned = (by: 1 | -1) => {
    setEnd(dayAfter(now, by * WEEK_DAYS));
    return dayAfter(date, by * WEEK_DAYS);
  };
  return { days, span, footage, turned };
}
