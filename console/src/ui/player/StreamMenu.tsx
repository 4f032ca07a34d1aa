import { Dropdown } from "antd";
import { useEffect, useState } from "react";
import { useWords } from "../language";
import { isWriting } from "../writing";
import { CHOICES, nextChoice, type Stream, type StreamChoice } from "./stream-choice";

interface Props {
  choice: StreamChoice;
  /** The one that is shown. */
  stream: Stream | undefined;
  onChoose: (choice: StreamChoice) => void;
  /** Key S takes the next choice. */
  keyed: boolean;
  /** Where the menu lies: in the tile, so that it is there in full screen too. */
  within: () => HTMLElement;
  testId: string;
}

/** By the tile's size, the main or the sub stream. */
export function StreamMenu({ choice, stream, onChoose, keyed, within, testId }: Props) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!keyed) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "s" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || isWriting(event.target)) return;
      event.preventDefault();
      onChoose(nextChoice(choice));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keyed, choice, onChoose]);
  return (
    <Dropdown
      trigger={["click"]}
      open={open}
      onOpenChange={setOpen}
      autoFocus
      getPopupContainer={within}
      menu={{
        selectable: true,
        selectedKeys: [choice],
        items: CHOICES.map((key) => ({ key, label: t(`player.stream.${key}`) })),
        onClick: ({ key, domEvent }) => {
          domEvent.stopPropagation();
          setOpen(false);
          const chosen = CHOICES.find((one) => one === key);
          if (chosen !== undefined) onChoose(chosen);
        },
      }}
    >
      <button className="stream-choice" title={`${t("player.stream")} (S)`} aria-label={`${t("player.stream")}: ${t(`player.stream.${choice}`)}`} aria-haspopup="menu" aria-expanded={open} data-testid={`${testId}-stream`}>
        {t(stream === "sub" ? "player.stream.sub.short" : "player.stream.main.short")}
      </button>
    </Dropdown>
  );
}
