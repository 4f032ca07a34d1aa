import { useWords } from "../../ui/language";
import { useZone, wallTime } from "../../ui/zone";
import { MarkSign } from "./MarkSign";
import { useMarkWords } from "./MarkTold";
import type { MarkDesk } from "./use-mark-desk";

/** How many marks there are, and the words of the one that one went to last. */
export function MarkBar({ desk }: { desk: MarkDesk }) {
  const { t } = useWords();
  const zone = useZone();
  const words = useMarkWords();
  const { current } = desk;
  return (
    <>
      <button className="mark-count" data-testid="open-marks" onClick={() => desk.setListing(true)}>
        {t("mark.count", { count: desk.marks.length })}
        {(desk.failed || desk.cut) && <b title={t(desk.failed ? "mark.failed" : "mark.cut")}> !</b>}
      </button>
      <output className="mark-told" data-testid="mark-told">
        {current !== undefined && (
          <>
            <MarkSign kind={current.kind} mark={current} /> {wallTime(current.atUs / 1_000, zone).slice("2026-11-26T".length)} {words(current)}
          </>
        )}
      </output>
    </>
  );
}
