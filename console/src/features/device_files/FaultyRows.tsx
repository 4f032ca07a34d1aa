import { Table } from "antd";
import { useWords } from "../../ui/language";
import { stacked } from "../../ui/stacked";
import type { FaultyRow } from "./use-import";

interface Line {
  key: string;
  row: FaultyRow;
  issue: FaultyRow["issues"][number];
}

/** What is wrong where: one line for each cell. */
export function FaultyRows({ rows, total }: { rows: FaultyRow[]; total: number }) {
  const { t, pick } = useWords();
  const lines = rows.flatMap((row) => row.issues.filter((issue) => issue.severity === "error").map((issue): Line => ({ key: `${row.number} ${issue.field} ${issue.check}`, row, issue })));
  return (
    <section className="card" data-testid="faulty-rows">
      <h3>
        {t("import.faulty.title")}
        {rows.length < total && <span className="quiet"> {t("import.faulty.first", { shown: rows.length, total })}</span>}
      </h3>
      <Table<Line>
        size="small"
        className="stacked"
        rowKey="key"
        dataSource={lines}
        pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        columns={stacked<Line>([
          { title: t("import.row"), width: 70, render: (_, { row }) => <span className="figures">{row.number}</span> },
          { title: t("file.code"), width: 190, render: (_, { row }) => <span className="figures">{row.code}</span> },
          { title: t("import.column"), width: 150, render: (_, { issue }) => pick(issue.column_zh, issue.column_en) },
          { title: t("import.value"), width: 220, render: (_, { issue }) => <span className="figures">{issue.value || t("file.empty")}</span> },
          { title: t("import.wrong"), render: (_, { issue }) => <span className="file-error">{pick(issue.zh, issue.en)}</span> },
          { title: t("import.do"), render: (_, { issue }) => <span className="quiet">{pick(issue.do_zh, issue.do_en)}</span> },
        ])}
      />
    </section>
  );
}
