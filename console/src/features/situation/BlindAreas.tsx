import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { blindAreas } from "./blind";
import type { Points } from "../../ui/map/points";

/** Areas whose cameras are down, the worst first. */
export function BlindAreas({ points, onArea }: { points: Points; onArea: (code: string) => void }) {
  const { t } = useWords();
  const areas = useQuery({ queryKey: ["areas"], queryFn: () => body(api.GET("/api/v1/areas")) });
  const names = new Map(areas.data?.items.map(({ code, name }) => [code, name]));
  const found = useMemo(() => blindAreas(points), [points]);
  if (found.length === 0) return <div className="hint">{t("situation.blind.none")}</div>;
  return (
    <ul className="blind-areas" data-testid="blind-areas">
      {found.map(({ code, total, down }) => (
        <li key={code}>
          <button data-testid={`blind-${code}`} onClick={() => onArea(code)}>
            <span className="name">{names.get(code) ?? (code === "" ? t("situation.noArea") : code)}</span>
            <span className="share" aria-hidden>
              <i style={{ width: `${(down / total) * 100}%` }} />
            </span>
            <b>{t("situation.blind.down", { down, total })}</b>
          </button>
        </li>
      ))}
    </ul>
  );
}
