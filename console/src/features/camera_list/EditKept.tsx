import { Button } from "antd";
import { useWords } from "../../ui/language";
import { useOwnEdits } from "./use-edit";

/** One's newest edit, where its drawer was closed: it goes on, and one comes back to it. */
export function EditKept({ onOpen }: { onOpen: (number: number) => void }) {
  const { t } = useWords();
  const one = useOwnEdits().data?.items[0];
  if (one === undefined) return null;
  const moving = one.phase === "looking" || one.phase === "applying";
  return (
    <Button size="small" className={one.results.failed || one.results.partly ? "lacks" : ""} data-testid="list-edit-kept" onClick={() => onOpen(one.number)}>
      {t("list.editKept", { phase: t(`edit.phase.${one.phase}`) })} {moving && `${one.done}/${one.total}`}
    </Button>
  );
}
