import { Input } from "antd";
import type { RefObject } from "react";
import { useWords } from "../language";
import type { Status } from "../status";
import { settled } from "./search-text";
import { StateChips } from "./StateChips";

export interface SearchText {
  text: string;
  states: readonly Status[];
  tags: readonly string[];
}

export const NOTHING: SearchText = { text: "", states: [], tags: [] };

interface Props {
  input: RefObject<HTMLInputElement | null>;
  value: SearchText;
  onChange: (value: SearchText) => void;
  /** ↓: from the field to the finds. */
  onDown: () => void;
}

const joined = (tags: readonly string[], more: readonly string[]) => [...new Set([...tags, ...more])];

/** Name, pinyin, code; `#tag` becomes a chip; states beside them. */
export function SearchBox({ input, value, onChange, onDown }: Props) {
  const { t } = useWords();
  const { text, states, tags } = value;
  const type = (written: string, all = false) => {
    const { text: rest, tags: more } = settled(written, all);
    onChange({ text: rest, states, tags: joined(tags, more) });
  };
  return (
    <div className="search">
      <Input
        ref={(field) => {
          input.current = field?.input ?? null;
        }}
        allowClear
        value={text}
        aria-label={t("tree.search")}
        placeholder={t("tree.search")}
        data-testid="camera-search"
        onChange={(event) => type(event.target.value)}
        onPressEnter={() => type(text, true)}
        onKeyDown={(event) => {
          if (event.key === "Backspace" && text === "" && tags.length > 0) onChange({ text, states, tags: tags.slice(0, -1) });
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          onDown();
        }}
      />
      {tags.length > 0 && (
        <div className="tag-chips" role="group" aria-label={t("tree.tags")}>
          {tags.map((tag) => (
            <button key={tag} type="button" title={t("tree.tag.off")} aria-label={`#${tag} ${t("tree.tag.off")}`} data-testid={`tag-${tag}`} onClick={() => onChange({ text, states, tags: tags.filter((one) => one !== tag) })}>
              #{tag} <span aria-hidden>×</span>
            </button>
          ))}
        </div>
      )}
      <StateChips states={states} onChange={(chosen) => onChange({ text, states: chosen, tags })} />
    </div>
  );
}
