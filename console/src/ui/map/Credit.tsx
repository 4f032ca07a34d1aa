import { useWords } from "../language";
import type { MapSources } from "./sources";

/** Whose map it is and by which number it was approved; of the built-in one, what it is not. */
export function Credit({ own }: { own: MapSources }) {
  const { t } = useWords();
  if (own.layers.length === 0) return <div className="map-credit">{t("situation.credit")}</div>;
  const number = own.approval_number === "" ? t("situation.noApproval") : t("situation.approval", { number: own.approval_number });
  const shifted = own.datum === "GCJ-02" ? t("situation.shifted") : "";
  return <div className="map-credit" data-testid="map-credit">{[own.attribution, number, shifted].filter((part) => part !== "").join(" · ")}</div>;
}
