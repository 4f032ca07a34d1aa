import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import type { Figures } from "./BoardPage";

/** The few numbers that are read across a room. */
export function Sums({ figures }: { figures: Figures }) {
  const { t } = useWords();
  const { sums, units } = figures;
  const verified = sums.real + sums.false + sums.unclear;
  const change = sums.alarms - sums.before;
  const against = sums.before === 0 ? t("board.before.none") : t("board.before", { before: sums.before, change: `${change > 0 ? "+" : ""}${Math.round((change / sums.before) * 100)}` });
  const count = (status: string) => units.find((one) => one.status === status)?.units ?? 0;
  const all = units.reduce((sum, one) => sum + one.units, 0);
  const out = ["dispatched", "en_route", "on_scene"].filter((status) => count(status) > 0).map((status) => `${t(`unit.status.${status}` as TextKey)} ${count(status)}`);
  return (
    <div className="board-sums">
      <Sum name={t("board.alarms")} value={sums.alarms} said={[against, t("board.signals", { count: sums.signals })]} testId="board-alarms" />
      <Sum name={t("board.open")} value={sums.open} said={[t("board.open.help")]} testId="board-open" />
      <Sum name={t("board.share")} value={verified === 0 ? "–" : `${Math.round((sums.false / verified) * 100)}%`} said={[t("board.verified", { real: sums.real, false: sums.false, unclear: sums.unclear })]} testId="board-share" />
      <Sum name={t("board.units")} value={all === 0 ? "–" : `${count("available")} / ${all}`} said={[all === 0 ? t("board.units.none") : out.join(" · ")]} testId="board-units" />
    </div>
  );
}

function Sum({ name, value, said, testId }: { name: string; value: number | string; said: readonly string[]; testId: string }) {
  return (
    <section className="card board-sum" data-testid={testId} data-value={value}>
      <h3>{name}</h3>
      <b>{value}</b>
      <span className="quiet">{said.filter((one) => one !== "").join(" · ")}</span>
    </section>
  );
}
