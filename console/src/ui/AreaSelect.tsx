import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useMemo } from "react";
import { api, body } from "../api-client/client";
import { useWords } from "./language";
import { useMay } from "./signed-in";

interface Props {
  value: string | undefined;
  label: string;
  /** Also offers "everywhere", as the empty code. */
  everywhere?: boolean;
  /** An empty code takes the choice back. */
  clearable?: boolean;
  autoFocus?: boolean;
  testId: string;
  onChange: (area: string) => void;
}

/** Names of the areas in which the signed-in person sees cameras, by code. */
export function useAreaNames(): (code: string) => string {
  const { t } = useWords();
  const areas = useAreas();
  return useMemo(() => {
    const names = new Map((areas.data?.items ?? []).map((one) => [one.code, one.name]));
    return (code) => (code === "" ? t("duty.everywhere") : (names.get(code) ?? code));
  }, [areas.data, t]);
}

function useAreas() {
  const enabled = useMay()("look-around"); // the audit office has no tree
  return useQuery({ queryKey: ["areas"], enabled, queryFn: () => body(api.GET("/api/v1/areas")) });
}

const STEP_PX = 14;
/** The tree as a list: each level a step to the right. */
const indent = (code: string) => Math.max(0, code.length / 2 - 1) * STEP_PX;

/** One of those areas, with all below it. */
export function AreaSelect({ value, label, everywhere = false, clearable = false, autoFocus = false, testId, onChange }: Props) {
  const { t } = useWords();
  const areas = useAreas();
  // Rights and duty are given for counties and above: their access units are no choice.
  const listed = (areas.data?.items ?? []).filter((one) => one.level !== "unit").map((one) => ({ value: one.code, label: `${one.name} ${one.code}` }));
  return (
    <Select<string>
      autoFocus={autoFocus}
      value={value}
      allowClear={clearable}
      loading={areas.isPending}
      showSearch={{ optionFilterProp: "label" }}
      placeholder={label}
      aria-label={label}
      data-testid={testId}
      optionRender={(option) => <span style={{ paddingLeft: indent(String(option.value ?? "")) }}>{option.label}</span>}
      onChange={(area: string | undefined) => onChange(area ?? "")}
      options={everywhere ? [{ value: "", label: t("duty.everywhere") }, ...listed] : listed}
    />
  );
}
