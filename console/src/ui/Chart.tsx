import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useWords } from "./language";
import { useTheme } from "./theme";
import { useZone } from "./zone";
import "./chart.css";

export interface Series {
  label: string;
  values: readonly number[];
  /** Name of a colour in tokens.css. */
  colour: "accent" | "ok" | "warn" | "bad";
}

interface Props {
  title: string;
  /** Seconds since 1970. */
  at: readonly number[];
  series: readonly Series[];
  /** The axis reaches at least this far, so that a quiet node does not look busy. */
  least: number;
  format: (value: number) => string;
  testId: string;
}

const HEIGHT_PX = 150;
const HOUR_S = 3600;
const LEAST_S = 600;

/** Curves over the last hour; the legend tells the values under the pointer, else the newest. */
export function Chart({ title, at, series, least, format, testId }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { theme } = useTheme();
  const { language } = useWords();
  const zone = useZone();
  const labels = series.map(({ label }) => label).join("\n");
  const shape = useRef({ series, least, format });
  shape.current = { series, least, format };

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const { series: drawn, least: atLeast, format: told } = shape.current;
    const css = getComputedStyle(document.documentElement);
    const colour = (name: string) => css.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 }, font: "11px system-ui" };
    const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
        scales: {
          x: { range: (_, oldest, newest) => [Math.max(newest - HOUR_S, Math.min(oldest, newest - LEAST_S)), newest] },
          y: { range: (_, __, greatest) => [0, Math.max(atLeast, (greatest || 0) * 1.15)] },
        },
        axes: [
          { ...axis, size: 26, space: 70, values: (_, ticks) => ticks.map((tick) => time.format(tick * 1000)) },
          { ...axis, size: 78, space: 34, values: (_, ticks) => ticks.map((tick) => told(tick)) },
        ],
        series: [{}, ...drawn.map((one, at_) => ({ label: one.label, stroke: colour(one.colour), width: 1.5, points: { show: false }, ...(at_ === 0 ? { fill: `${colour(one.colour)}22` } : {}) }))],
        hooks: {
          setCursor: [
            (self) => {
              const index = self.cursor.idx;
              element.dataset["index"] = index === null || index === undefined ? "" : String(index);
              tellLegend(element, self, told, index ?? undefined);
            },
          ],
          setData: [(self) => tellLegend(element, self, told, undefined)],
        },
      },
      [[], ...drawn.map(() => [])],
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [theme, language, zone, labels]);
  useEffect(() => {
    plot.current?.setData([[...at], ...series.map(({ values }) => [...values])]);
  }, [at, series, theme, language, zone, labels]);

  return (
    <section className="card chart" data-testid={testId}>
      <h3>
        <span>{title}</span>
        {series.map(({ label, colour }) => (
          <span key={label} className="legend">
            <i style={{ background: `var(--${colour})` }} />
            {series.length > 1 && label} <b />
          </span>
        ))}
      </h3>
      <div ref={place} style={{ height: HEIGHT_PX }} role="img" aria-label={title} />
    </section>
  );
}

/** Writes past React: the pointer moves too often for it. */
function tellLegend(place: HTMLElement, plot: uPlot, format: (value: number) => string, index: number | undefined): void {
  const values = place.parentElement?.querySelectorAll(".legend b") ?? [];
  values.forEach((value, at) => {
    const column = plot.data[at + 1] ?? [];
    const shown = column[index ?? column.length - 1];
    value.textContent = shown === undefined || shown === null ? "–" : format(shown);
  });
}
