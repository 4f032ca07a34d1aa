/** Chinese sentences with full-width punctuation (GB/T 15834-2011). Pure. */
const MARKS: Record<string, string> = { ",": "，", ";": "；", ":": "：", "!": "！", "?": "？" };

/** Marks and brackets beside a Chinese character become full-width; codes, addresses, times and placeholders stay. */
export function fullWidth(text: string): string {
  return text
    .replace(/(?<=[\p{Script=Han}”）])([,;:!?])\s*/gu, (_, mark: string) => MARKS[mark] ?? mark)
    .replace(/([,;:!?])\s*(?=\p{Script=Han})/gu, (_, mark: string) => MARKS[mark] ?? mark)
    .replace(/\s*\(([^()]*\p{Script=Han}[^()]*)\)\s*/gu, "（$1）")
    .replace(/(?<=\p{Script=Han})\(([^()]*)\)/gu, "（$1）");
}
