import { Table } from "antd";
import type { Schemas } from "../api-client/client";
import { useWords } from "./language";
import { stacked } from "./stacked";

export type Difference = Schemas["DifferenceShape"];

const MARKS: Record<Difference["direction"], [string, string]> = {
  tightening: ["status-online", "▼"],
  loosening: ["status-unknown", "▲"],
  neutral: ["status-offline", "·"],
};

/** Old and new side by side, field by field, each marked by what it does to the bounds. */
export function Differences({ differences }: { differences: Difference[] }) {
  const { t, pick } = useWords();
  const value = (text: string) => (text === "" ? <span className="quiet">{t("approval.absent")}</span> : <span className="difference-text">{text}</span>);
  return (
    <Table<Difference>
      size="small"
      rowKey="field"
      className="differences stacked"
      dataSource={differences}
      pagination={false}
      columns={stacked<Difference>([
        { title: t("approval.field"), width: "26%", render: (_, one) => <span title={one.field}>{pick(one.zh, one.en)}</span> },
        { title: t("approval.old"), render: (_, one) => value(pick(one.old_zh, one.old_en)) },
        { title: t("approval.new"), render: (_, one) => value(pick(one.new_zh, one.new_en)) },
        {
          width: 110,
          render: (_, one) => {
            const [colour, mark] = MARKS[one.direction];
            return (
              <span className={colour} data-testid={`direction-${one.field}`}>
                {mark} <span className="status-text">{t(`approval.direction.${one.direction}`)}</span>
              </span>
            );
          },
        },
      ])}
    />
  );
}

/** How many of each. */
export function counts(differences: Difference[]): Record<Difference["direction"], number> {
  const of = (direction: Difference["direction"]) => differences.filter((one) => one.direction === direction).length;
  return { tightening: of("tightening"), loosening: of("loosening"), neutral: of("neutral") };
}
