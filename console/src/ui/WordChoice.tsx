import "./word-choice.css";

interface Props<T extends string> {
  words: readonly T[];
  value: T | undefined;
  say: (word: T) => string;
  label: string;
  autoFocus?: boolean;
  onChoose: (word: T) => void;
  /** Enter on a word, once one is chosen. */
  onSend: () => void;
}

/** One word of a closed list, by its number or the mouse; Enter sends what is chosen. */
export function WordChoice<T extends string>({ words, value, say, label, autoFocus = false, onChoose, onSend }: Props<T>) {
  const pressed = (event: React.KeyboardEvent) => {
    const word = words[Number(event.key) - 1];
    if (word !== undefined) onChoose(word);
    else if (event.key === "Enter" && value !== undefined) onSend();
    else return;
    event.preventDefault();
  };
  return (
    <div className="word-choice" role="radiogroup" aria-label={label}>
      {words.map((one, at) => (
        <button key={one} type="button" role="radio" aria-checked={one === value} autoFocus={autoFocus && at === 0} data-testid={`word-${one}`} onClick={() => onChoose(one)} onKeyDown={pressed}>
          <kbd>{at + 1}</kbd> {say(one)}
        </button>
      ))}
    </div>
  );
}
