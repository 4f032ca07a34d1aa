import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { bytes } from "../../ui/figures";
import { useWords } from "../../ui/language";

/** Room for footage, and how many days it lasts at the rate of the last seven. */
export function FootageStorage() {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["footage-storage"], refetchInterval: 60_000, queryFn: () => body(api.GET("/api/v1/footage-storage")) }).data;
  const days = (count: number | null) => (count === null ? "–" : t("storage.days", { days: count < 10 ? count.toFixed(1) : Math.floor(count) }));
  const second = found?.second_tier ?? null;
  const figures = found && [
    ["storage.aDay", found.bytes_a_day === null ? "–" : bytes(found.bytes_a_day)],
    ["storage.stored", bytes(found.stored_bytes)],
    ["storage.free", bytes(found.free_bytes)],
    ["storage.full", second && found.bytes_a_day !== null && found.full_in_days === null ? t("storage.moves") : days(found.full_in_days)],
    ["storage.holds", days(found.holds_days)],
    ["storage.needed", bytes(found.needed_bytes)],
    ...(second ? ([["storage.second", bytes(second.stored_bytes)], ["storage.secondNeeded", bytes(second.needed_bytes)]] as const) : []),
  ] as const;
  return (
    <>
      <h3 className="next">{t("storage.title")}</h3>
      {!figures && <p className="quiet">{t("storage.none")}</p>}
      {figures && (
        <dl className="facts" data-testid="footage-storage">
          {figures.map(([label, value]) => (
            <div key={label} style={{ display: "contents" }}>
              <dt>{t(label)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
