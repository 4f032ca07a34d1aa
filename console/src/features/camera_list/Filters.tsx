import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import type { RefObject } from "react";
import { api, body } from "../../api-client/client";
import { AreaSelect } from "../../ui/AreaSelect";
import { CLASSES } from "../../ui/camera-classes";
import { STATES } from "../../ui/files/FileMark";
import { useWords } from "../../ui/language";
import { useTagOptions } from "../../ui/tag-options";
import { StateChips } from "../../ui/tree/StateChips";
import { EVERYTHING, narrows, type ClassFilter, type FileFilter, type Filter } from "./filter";

interface Props {
  filter: Filter;
  text: string;
  search: RefObject<HTMLInputElement | null>;
  onText: (text: string) => void;
  onChange: (change: Partial<Filter>) => void;
  /** From the search into the table. */
  onLeave: () => void;
}

const LISTED = 200;
/** As the node takes them. */
const MOST_TAGS = 16;

/** What the list is narrowed to. */
export function Filters({ filter, text, search, onText, onChange, onLeave }: Props) {
  const { t } = useWords();
  const tags = useTagOptions();
  const devices = useQuery({ queryKey: ["devices"], queryFn: () => body(api.GET("/api/v1/devices")) });
  const deviceOptions = (devices.data?.items ?? []).map((one) => ({ value: one.code, label: one.name === "" ? one.code : `${one.name} ${one.code}` }));
  return (
    <div className="list-filters">
      <Input
        ref={(input) => {
          search.current = input?.input ?? null;
        }}
        allowClear
        maxLength={128}
        value={text}
        aria-label={t("list.search")}
        placeholder={t("list.search")}
        data-testid="list-search"
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          onLeave();
        }}
      />
      <StateChips states={filter.states} onChange={(states) => onChange({ states })} />
      <AreaSelect value={filter.area || undefined} label={t("list.column.area")} clearable testId="list-area" onChange={(area) => onChange({ area })} />
      <Select<ClassFilter[]>
        mode="multiple"
        maxTagCount="responsive"
        allowClear
        value={[...filter.classes]}
        placeholder={t("list.column.class")}
        aria-label={t("list.column.class")}
        data-testid="list-class"
        options={[...CLASSES.map((one) => ({ value: one as ClassFilter, label: t(`class.${one}`) })), { value: "unsaid", label: t("list.unsaid") }]}
        onChange={(classes) => onChange({ classes })}
      />
      <Select<string[]>
        mode="multiple"
        maxTagCount="responsive"
        maxCount={MOST_TAGS}
        allowClear
        value={[...filter.tags]}
        placeholder={t("list.column.tags")}
        aria-label={t("list.column.tags")}
        data-testid="list-tags"
        options={tags.slice(0, LISTED)}
        onChange={(chosen) => onChange({ tags: chosen })}
      />
      <Select<FileFilter[]>
        mode="multiple"
        maxTagCount="responsive"
        allowClear
        value={[...filter.files]}
        placeholder={t("list.column.file")}
        aria-label={t("list.column.file")}
        data-testid="list-file"
        options={[{ value: "none", label: t("list.noFile") }, ...STATES.map((one) => ({ value: one as FileFilter, label: t(`file.state.${one}`) }))]}
        onChange={(files) => onChange({ files })}
      />
      <Select<string> allowClear showSearch={{ optionFilterProp: "label" }} value={filter.device || undefined} placeholder={t("list.column.device")} aria-label={t("list.column.device")} data-testid="list-device" options={deviceOptions} onChange={(device: string | undefined) => onChange({ device: device ?? "" })} />
      <button className="chip-button" aria-pressed={filter.placed === false} data-testid="list-unplaced" onClick={() => onChange({ placed: filter.placed === false ? null : false })}>
        {t("list.unplaced")}
      </button>
      <button className="chip-button" aria-pressed={filter.classes.length === 1 && filter.classes[0] === "unsaid"} data-testid="list-unsaid" onClick={() => onChange({ classes: filter.classes.length === 1 && filter.classes[0] === "unsaid" ? [] : ["unsaid"] })}>
        {t("list.unsaid")}
      </button>
      {narrows(filter) && (
        <Button
          type="link"
          data-testid="list-clear"
          onClick={() => {
            onText("");
            onChange(EVERYTHING);
          }}
        >
          {t("list.clear")}
        </Button>
      )}
    </div>
  );
}
