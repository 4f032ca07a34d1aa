import { Alert } from "antd";
import { useAreaNames } from "../../ui/AreaSelect";
import { useWords } from "../../ui/language";

/** Areas with cameras for which no duty centre answers: who sees live pictures there, and what to do. */
export function UncoveredAreas({ areas, free }: { areas: string[]; free: boolean }) {
  const { t } = useWords();
  const name = useAreaNames();
  if (areas.length === 0) return null;
  const named = areas.map((area) => `${name(area)} ${area}`.trim()).join("、");
  return <Alert type="warning" showIcon data-testid="uncovered-areas" style={{ marginBottom: 12 }} title={t("node.uncovered", { areas: named })} description={t(free ? "node.uncovered.free" : "node.uncovered.closed")} />;
}
