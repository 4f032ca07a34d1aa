import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { fillSaid } from "../../ui/days/fills";
import { span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";

/** What of one day the device recorded and the node did not: how much of it was fetched, and how far the rest is. */
export function Fills({ camera, day, filledS }: { camera: string; day: string; filledS: number }) {
  const { t } = useWords();
  const time = useTime();
  const found = useQuery({
    queryKey: ["recording-fills", camera, day],
    retry: false,
    refetchInterval: 10_000,
    queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-fills", { params: { path: { code: camera }, query: { day } } })),
  }).data;
  if (found === undefined || (found.items.length === 0 && filledS === 0)) return null;
  return (
    <div className="day-fills" data-testid="recording-fills">
      <h4>{t("fills.title", { filled: span(filledS) })}</h4>
      <ol>
        {found.items.map((one) => (
          <li key={`${one.from} ${one.stream}`}>
            <span>
              {time(one.from).slice(-8)}–{time(one.to).slice(-8)}
            </span>
            <span>
              {one.filled_s > 0 && <b>{span(one.filled_s)} </b>}
              {fillSaid(one, t, time)}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
