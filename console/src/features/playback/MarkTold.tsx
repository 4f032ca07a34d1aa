import { span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { useAlarmWords } from "../../ui/alarm-words";
import { useZone, written } from "../../ui/zone";
import { usOf, type Mark } from "./marks";

/** Words of a mark, in one line; of several, a line each. */
export function useMarkWords(): (mark: Mark) => string {
  const { t } = useWords();
  const alarmWords = useAlarmWords();
  return (mark) => {
    if (mark.kind === "bookmark") return mark.bookmark.text;
    if (mark.kind === "alarm") return alarmWords(mark.alarm);
    if (mark.kind === "event") return t(`recording.cause.${mark.event.cause}`);
    const parts = mark.gap.parts.map((part) => `${t(`days.cause.${part.cause}`)} ${span((usOf(part.to) - usOf(part.from)) / 1e6)}`);
    return t("mark.lacks", { causes: parts.join(" · ") });
  };
}

const MOST = 6;

/** What is told of a mark under the pointer, or where the keys are: time, words, and whose they are. */
export function MarkTold({ marks, names }: { marks: readonly Mark[]; names?: ReadonlyMap<string, string> | undefined }) {
  const { t } = useWords();
  const zone = useZone();
  const words = useMarkWords();
  return (
    <div className="mark-told-list">
      {marks.slice(0, MOST).map((mark) => (
        <p key={mark.key}>
          <b>{written(mark.atUs / 1_000, zone).slice(5)}</b> {names !== undefined && <span>{names.get(mark.camera)} </span>}
          {words(mark)}
          {mark.kind === "bookmark" && <small>{t("mark.by", { author: mark.bookmark.author })}</small>}
        </p>
      ))}
      {marks.length > MOST && <p>{t("mark.more", { count: marks.length - MOST })}</p>}
    </div>
  );
}
