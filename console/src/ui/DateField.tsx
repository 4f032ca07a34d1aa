import { Button, Calendar, Input, Popover } from "antd";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { parsed, shown, stepped, type Precision } from "./date-text";
import { useWords } from "./language";
import { useZone, wallTime } from "./zone";
import "./date-field.css";

interface Props {
  /** `2026-11-26`, with a time `2026-11-26T17:30` or `2026-11-26T17:30:05`, by the node's clocks; empty for none. */
  value: string;
  precision?: Precision;
  label: string;
  testId?: string;
  wrong?: boolean;
  /** An emptied field counts as none. */
  clearable?: boolean;
  /** The label stands in the field: where two of a kind stand beside each other without labels of their own. */
  labelled?: boolean;
  onChange: (value: string) => void;
}

const LENGTH = { day: 10, minute: 16, second: 19 };
const ARROWS: Record<string, number> = { ArrowUp: 1, ArrowDown: -1 };

/** A date or time, year first in either language and whatever the browser's habit: typed, stepped with the arrow keys, or chosen from a calendar. */
export function DateField({ value, precision = "day", label, testId, wrong = false, clearable = true, labelled = false, onChange }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const [typed, setTyped] = useState<string>();
  const [open, setOpen] = useState(false);
  const caret = useRef<number>(undefined);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (caret.current !== undefined) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [value]);
  const now = () => wallTime(Date.now(), zone).slice(0, LENGTH[precision]);
  const take = (text: string) => {
    setTyped(text);
    const found = text.trim() === "" && clearable ? "" : parsed(text, precision);
    if (found !== undefined && found !== value) onChange(found);
  };
  const step = (event: KeyboardEvent<HTMLInputElement>) => {
    const by = ARROWS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = event.currentTarget.selectionStart ?? LENGTH[precision];
    caret.current = value === "" ? LENGTH[precision] : at;
    setTyped(undefined);
    onChange(value === "" ? now() : stepped(value, precision, at, by));
  };
  const choose = (day: string) => {
    setOpen(false);
    setTyped(undefined);
    onChange(precision === "day" ? day : `${day}${(value === "" ? now() : value).slice(day.length)}`);
    field.current?.focus();
  };
  const invalid = typed !== undefined && typed.trim() !== "" && parsed(typed, precision) === undefined;
  const calendar = <Calendar fullscreen={false} value={dayjs(value === "" ? now() : value)} onSelect={(day, { source }) => source === "date" && choose(day.format("YYYY-MM-DD"))} style={{ width: 290 }} />;
  return (
    <Input
      ref={(made) => void (field.current = made?.input ?? null)}
      value={typed ?? shown(value)}
      placeholder={t(`date.${precision}`)}
      status={wrong || invalid ? "error" : ""}
      aria-label={label}
      aria-invalid={wrong || invalid}
      title={label}
      maxLength={32}
      className={labelled ? "date-field labelled" : "date-field"}
      prefix={labelled ? label : undefined}
      data-testid={testId}
      onChange={(event) => take(event.target.value)}
      onBlur={() => setTyped(undefined)}
      onKeyDown={step}
      suffix={
        <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" content={calendar}>
          <Button type="text" size="small" className="date-open" aria-label={t("date.calendar")} aria-expanded={open}>
            ▦
          </Button>
        </Popover>
      }
    />
  );
}
