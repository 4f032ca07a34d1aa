import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { InputNumber, Select } from "antd";
import { useEffect, useState } from "react";
import { api, body } from "../../api-client/client";
import { AreaSelect } from "../../ui/AreaSelect";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { isBackwards, type BoundsDraft } from "./order";

const MAX_CAMERAS = 200;
const REST_MS = 250;

interface Props {
  bounds: BoundsDraft;
  hours: number | null;
  longest: number;
  onBounds: (bounds: BoundsDraft) => void;
  onHours: (hours: number | null) => void;
}

/** Cameras, area, time of the footage, and how long the ticket lasts. */
export function BoundsFields({ bounds, hours, longest, onBounds, onHours }: Props) {
  const { t } = useWords();
  const change = (part: Partial<BoundsDraft>) => onBounds({ ...bounds, ...part });
  return (
    <>
      <label>
        <span>{t("ticket.range.cameras")}</span>
        <CameraSelect value={bounds.cameras} onChange={(cameras) => change({ cameras })} />
      </label>
      <label>
        <span>{t("ticket.range.area")}</span>
        <AreaSelect value={bounds.area === "" ? undefined : bounds.area} clearable label={t("ticket.range.area")} testId="ticket-area" onChange={(area) => change({ area })} />
      </label>
      <label>
        <span>{t("ticket.window.since")}</span>
        <DateField precision="minute" label={t("ticket.window.since")} value={bounds.since} testId="ticket-since" onChange={(since) => change({ since })} />
      </label>
      <label>
        <span>{t("ticket.window.until")}</span>
        <DateField precision="minute" label={t("ticket.window.until")} value={bounds.until} wrong={isBackwards(bounds)} testId="ticket-until" onChange={(until) => change({ until })} />
      </label>
      <p className={`${isBackwards(bounds) ? "status-fault" : "quiet"} fields-note`}>{t(isBackwards(bounds) ? "ticket.window.backwards" : "ticket.window.live")}</p>
      <label>
        <span>{t("ticket.hours")}</span>
        <span>
          <InputNumber min={1} max={longest} precision={0} value={hours} data-testid="ticket-hours" onChange={onHours} /> <span className="quiet">{t("ticket.hours.help", { longest })}</span>
        </span>
      </label>
    </>
  );
}

function CameraSelect({ value, onChange }: { value: string[]; onChange: (codes: string[]) => void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState("");
  const [q, setQ] = useState("");
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed), REST_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ["cameras", "names", "", q, "ticket"],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => body(api.GET("/api/v1/camera-names", { params: { query: { q, offset: 0, limit: 50 } }, signal })),
  });
  const listed = (found.data?.items ?? []).map((one) => ({ value: one.code, label: `${one.name} ${one.code}` }));
  const kept = value.filter((code) => !listed.some((one) => one.value === code)).map((code) => ({ value: code, label: names.get(code) ?? code }));
  return (
    <Select<string[], { value: string; label: string }>
      mode="multiple"
      value={value}
      maxCount={MAX_CAMERAS}
      loading={found.isFetching}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      placeholder={t("ticket.cameras.search")}
      aria-label={t("ticket.range.cameras")}
      data-testid="ticket-cameras"
      options={[...kept, ...listed]}
      onChange={(codes, options) => {
        setNames(new Map([options ?? []].flat().map((one) => [one.value, one.label])));
        onChange(codes);
      }}
    />
  );
}
