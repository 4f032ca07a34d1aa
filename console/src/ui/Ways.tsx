import { useWords } from "./language";
import type { TextKey } from "./texts";
import "./ways.css";

const DUTY: [string, TextKey] = ["/duty", "refusal.toDuty"];
const TICKETS: [string, TextKey] = ["/tickets", "refusal.toTickets"];
/** Where the lawful way begins, by the code of the refusal. */
const WAYS: Record<string, [string, TextKey][]> = {
  "access.not_on_duty": [DUTY, TICKETS],
  "ACC-TICKET": [TICKETS],
  "ticket.over": [TICKETS],
  "ticket.beyond": [TICKETS],
};

/** Links to where the lawful way begins, if it is a page. Plain ones: a dialog stands outside the pages' router. */
export function Ways({ code }: { code: string }) {
  const { t } = useWords();
  const ways = WAYS[code] ?? [];
  return ways.length === 0 ? null : (
    <div className="ways">
      {ways.map(([to, key]) => (
        <a key={to} href={to}>
          {t(key)} →
        </a>
      ))}
    </div>
  );
}
