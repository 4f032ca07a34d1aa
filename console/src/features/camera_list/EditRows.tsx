import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useWords } from "../../ui/language";
import { ROWS, type Edit, type EditRow, type Show } from "./use-edit";

const OUTCOMES = ["change", "ask", "refused", "same"] as const;
const RESULTS = ["done", "asked", "partly", "failed"] as const;

interface Props {
  one: Edit;
  show: Show | undefined;
  offset: number;
  onShow: (show: Show | undefined) => void;
  onOffset: (offset: number) => void;
}

/** Camera by camera: old and new value, or why not. */
export function EditRows({ one, show, offset, onShow, onOffset }: Props) {
  const { t } = useWords();
  const over = one.phase === "applying" || one.phase === "done";
  const kinds: [Show, number][] = over ? [...RESULTS.map((kind): [Show, number] => [kind, one.results[kind] ?? 0]), ["refused", one.counts.refused ?? 0]] : OUTCOMES.map((kind): [Show, number] => [kind, one.counts[kind] ?? 0]);
  return (
    <>
      <div className="edit-kinds" role="group" aria-label={t("edit.kinds")}>
        {kinds.map(([kind, count]) => (
          <button key={kind} className={count > 0 && (kind === "refused" || kind === "failed" || kind === "partly") ? "wrong" : ""} aria-pressed={show === kind} disabled={count === 0} data-testid={`edit-${kind}`} onClick={() => onShow(show === kind ? undefined : kind)}>
            {t(`edit.kind.${kind}`)} <b>{count}</b>
          </button>
        ))}
      </div>
      <ul className="edit-rows" data-testid="edit-rows">
        {one.rows.map((row) => (
          <Line key={row.code} row={row} over={over} />
        ))}
      </ul>
      {one.found > ROWS && (
        <div className="edit-pages">
          <Button size="small" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - ROWS))}>
            {t("edit.before")}
          </Button>
          <span className="quiet figures">{t("edit.range", { from: offset + 1, to: Math.min(one.found, offset + ROWS), total: one.found })}</span>
          <Button size="small" disabled={offset + ROWS >= one.found} onClick={() => onOffset(offset + ROWS)}>
            {t("edit.after")}
          </Button>
        </div>
      )}
    </>
  );
}

function Line({ row, over }: { row: EditRow; over: boolean }) {
  const { t, pick } = useWords();
  const kind = over && row.result !== null ? row.result : row.outcome;
  return (
    <li data-testid={`edit-row-${row.code}`} data-kind={kind}>
      <span className={`edit-mark ${kind}`}>{t(`edit.kind.${kind}`)}</span>
      <Link to="/cameras/$code" params={{ code: row.code }} target="_blank" className="name">
        {row.name || row.code}
      </Link>
      <span className="figures quiet">{row.code}</span>
      {row.changes.map((one) => (
        <div key={one.field} className="edit-change">
          <span>{pick(one.zh, one.en)}</span>
          <del className={one.before_en === "" ? "nothing" : ""}>{pick(one.before_zh, one.before_en) || t("edit.none")}</del>
          <span aria-hidden>→</span>
          <ins className={one.after_en === "" ? "nothing" : ""}>{pick(one.after_zh, one.after_en) || t("edit.none")}</ins>
          {one.two && <span className="two-persons">{t("edit.two")}</span>}
        </div>
      ))}
      {row.problem !== null && (
        <p className="edit-problem">
          {pick(row.problem.zh, row.problem.en)} <span className="quiet">{pick(row.problem.remedy_zh, row.problem.remedy_en)}</span>
        </p>
      )}
    </li>
  );
}
