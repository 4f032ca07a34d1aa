import { Tooltip } from "antd";
import { useMemo } from "react";
import { useWords } from "../../ui/language";
import type { Period } from "../../ui/footage/pieces";
import { within } from "./day";
import { grouped, kindOf, type Mark } from "./marks";
import { MarkSign } from "./MarkSign";
import { MarkTold, useMarkWords } from "./MarkTold";

/** A sign's width, as a share of a timeline that is about a thousand pixels wide. */
const APART = 0.014;

interface RowProps {
  marks: readonly Mark[];
  window: Period;
  /** The one that the keys were at last; the Tab key finds it. */
  current: string | undefined;
  /** Of the cameras, where a row is about several. */
  names?: ReadonlyMap<string, string> | undefined;
  onGo: (mark: Mark) => void;
}

/** The marks of one row, from left to right: what each is stands in its shape, its words come with the pointer or the focus. */
export function MarkRow({ marks, window, current, names, onGo }: RowProps) {
  const { t } = useWords();
  const words = useMarkWords();
  const groups = useMemo(() => grouped(marks, window, APART), [marks, window]);
  const held = Math.max(0, groups.findIndex((group) => group.marks.some((mark) => mark.key === current)));
  return groups.map((group, at) => {
    const kind = kindOf(group);
    const first = group.marks.find((mark) => mark.kind === kind);
    if (first === undefined) return null;
    const counted = group.marks.length > 1 ? `${group.marks.length} ` : ""; // as it stands on the sign
    const isCurrent = group.marks.some((mark) => mark.key === current);
    return (
      <Tooltip key={first.key} title={<MarkTold marks={group.marks} names={names} />} trigger={["hover", "focus"]} destroyOnHidden>
        <button className={isCurrent ? "mark current" : "mark"} style={{ left: `clamp(9px, ${group.left * 100}%, calc(100% - 9px))` }} tabIndex={at === held ? 0 : -1} aria-label={counted + t("mark.named", { kind: t(`mark.kind.${kind}`), words: group.marks.map(words).join("; ") })} data-testid={`mark-${kind}`} data-count={group.marks.length} onClick={() => onGo(first)}>
          <MarkSign kind={kind} mark={first} more={group.marks.length - 1} />
        </button>
      </Tooltip>
    );
  });
}

/** The marks over the lanes of a day. */
export function MarkLayer({ lanes, marks, window, current, onGo }: { lanes: readonly { code: string }[] } & RowProps) {
  const { t } = useWords();
  return (
    <div className="mark-layer" role="group" aria-label={t("mark.layer")} data-testid="mark-layer">
      {lanes.map(({ code }) => {
        const own = marks.filter((mark) => mark.camera === code);
        return (
          <div key={code} className="mark-lane" data-testid={`marks-${code}`}>
            <MarkSpans marks={own} window={window} />
            <MarkRow marks={own} window={window} current={current} onGo={onGo} />
          </div>
        );
      })}
    </div>
  );
}

/** How long what is marked lasts: a line below for a span that somebody noted, a hatched one for what lacks. */
export function MarkSpans({ marks, window }: { marks: readonly Mark[]; window: Period }) {
  return marks.map((mark) => {
    const place = mark.kind === "event" || mark.toUs === mark.fromUs ? undefined : within(window, mark);
    return place && <i key={mark.key} className={mark.kind === "gap" ? "mark-span of-gap" : "mark-span"} style={place} />;
  });
}
