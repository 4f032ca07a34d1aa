import { Input, Select } from "antd";
import { useWords } from "../language";
import type { FileField } from "./fields";

interface Props {
  field: FileField;
  value: string;
  disabled: boolean;
  status: "" | "error" | "warning";
  onChange: (value: string) => void;
}

const EXAMPLES: Partial<Record<FileField["kind"], string>> = { date: "2026-03-15", mac: "3C-EF-8C-12-34-56", ipv4: "10.52.1.17", phone: "0851-85551234", civil: "520102", choices: "" };

/** How one kind of value is written. Nothing is mended: what is typed is what is kept. */
export function FieldInput({ field, value, disabled, status, onChange }: Props) {
  const { pick } = useWords();
  const label = pick(field.zh, field.en);
  const same = { disabled, "aria-label": label, "data-testid": `field-${field.key}`, "aria-invalid": status === "error" } as const;
  if (field.kind === "choice" || field.kind === "choices") {
    const options = field.options.map((one) => ({ value: one.code, label: one.code === one.zh ? pick(one.zh, one.en) : `${one.code} ${pick(one.zh, one.en)}` }));
    const many = field.kind === "choices";
    const chosen = many ? value.split("/").filter((part) => part !== "") : value || undefined;
    return <Select<string | string[]> {...same} mode={many ? "multiple" : undefined} value={chosen} allowClear showSearch={{ optionFilterProp: "label" }} status={status} options={options} onChange={(now: string | string[] | undefined) => onChange(Array.isArray(now) ? now.join("/") : (now ?? ""))} />;
  }
  if (field.kind === "long") return <Input.TextArea {...same} value={value} autoSize={{ minRows: 2, maxRows: 6 }} status={status} onChange={(event) => onChange(event.target.value)} />;
  return <Input {...same} value={value} status={status} placeholder={EXAMPLES[field.kind] ?? ""} className={field.kind === "text" ? "" : "figures"} onChange={(event) => onChange(event.target.value)} />;
}
