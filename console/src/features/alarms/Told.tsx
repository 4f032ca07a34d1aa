import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { personName } from "../../ui/person-name";
import type { TextKey } from "../../ui/texts";
import { useTime } from "../../ui/time";

/** Whom rules told of the alarm, and who has read it. Nothing where they told nobody. */
export function Told({ id, version }: { id: number; version: number }) {
  const { t } = useWords();
  const time = useTime();
  const found = useQuery({ queryKey: ["alarm-notices", id, version], retry: false, queryFn: () => body(api.GET("/api/v1/alarms/{alarm_id}/notices", { params: { path: { alarm_id: id } } })), placeholderData: (before) => before });
  return found.data?.items.map((one, at) => (
    <details key={at} className="alarm-told" data-testid="alarm-told">
      <summary>
        <b>{t("notices.told")}</b> {t("notices.told.read", { read: one.people.filter((some) => some.seen_at !== null).length, all: one.people.length })} · {one.rule}
      </summary>
      {one.text !== "" && <p>{one.text}</p>}
      <ul>
        {one.people.map((some) => (
          <li key={some.name}>
            <span>{[personName(some), some.unit || t(`post.${some.post}` as TextKey)].join(" · ")}</span> <span className="quiet">{some.seen_at === null ? t("notices.told.waits") : time(some.seen_at).slice("2026-".length)}</span>
          </li>
        ))}
      </ul>
    </details>
  ));
}
