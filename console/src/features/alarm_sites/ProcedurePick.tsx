import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

interface Props {
  value: number | null;
  /** What the chosen one is called where it is not on the list. */
  named: string;
  onChange: (procedure: number | null) => void;
}

/** The procedure that is proposed for alarms of a place. */
export function ProcedurePick({ value, named, onChange }: Props) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["procedures", "to choose"], retry: false, queryFn: () => body(api.GET("/api/v1/procedures")) });
  const options = (found.data?.items ?? []).filter(({ on, id }) => on || id === value).map(({ id, name }) => ({ value: id, label: name }));
  const all = value === null || options.some((one) => one.value === value) ? options : [{ value, label: named || t("sites.procedure.gone") }, ...options];
  return <Select<number> allowClear showSearch={{ optionFilterProp: "label" }} value={value} placeholder={t("sites.procedure.none")} aria-label={t("sites.procedure")} data-testid="site-procedure" options={all} onChange={(one: number | undefined) => onChange(one ?? null)} />;
}
