import { Button } from "antd";
import { useWords } from "../../ui/language";

export interface Bar {
  key: string;
  label: string;
  now: number;
  before: number;
}

interface Props {
  title: string;
  bars: readonly Bar[];
  onChoose?: (key: string) => void;
  testId: string;
}

const SHOWN = 12;

/** Numbers side by side, the greatest first; the mark is where each stood in the span before. */
export function Bars({ title, bars, onChoose, testId }: Props) {
  const { t } = useWords();
  const most = Math.max(1, ...bars.flatMap(({ now, before }) => [now, before]));
  const shown = bars.slice(0, SHOWN);
  return (
    <section className="card board-bars" data-testid={testId}>
      <h3>
        {title} <span className="quiet">{t("board.mark")}</span>
      </h3>
      {bars.length === 0 && <p className="hint">{t("board.none")}</p>}
      <ul>
        {shown.map((one) => (
          <li key={one.key} data-testid={`bar-${one.key}`} data-now={one.now} title={t("board.bar", { now: one.now, before: one.before })}>
            {onChoose === undefined ? <span className="bar-name">{one.label}</span> : (
              <Button type="link" size="small" className="bar-name" onClick={() => onChoose(one.key)}>
                {one.label}
              </Button>
            )}
            <span className="bar" aria-hidden>
              <i style={{ width: `${(one.now / most) * 100}%` }} />
              <u style={{ left: `${(one.before / most) * 100}%` }} />
            </span>
            <b>{one.now}</b>
            <span className="quiet">{one.before}</span>
          </li>
        ))}
      </ul>
      {bars.length > SHOWN && <p className="hint">{t("board.more", { count: bars.length - SHOWN })}</p>}
    </section>
  );
}
