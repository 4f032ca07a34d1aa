import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import type { Work } from "./queue";

/** The duty centre that sees to an alarm since nobody took it where it came. Nothing of others. */
export function PassedOn({ work }: { work: Work }) {
  const { t } = useWords();
  const time = useTime();
  const passed = work.passed_to ?? [];
  const last = passed.at(-1);
  if (last === undefined) return null;
  const words = passed.map(({ name, at, why }) => t(`alarms.passed.${why}`, { name, at: time(at) }));
  return (
    <span className="passed-on" title={words.join("\n")} data-testid="passed-on">
      {t("alarms.passed", { name: last.name })}
    </span>
  );
}
