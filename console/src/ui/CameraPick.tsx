import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useEffect, useState } from "react";
import { api, body } from "../api-client/client";
import { useWords } from "./language";
import { useCameraName } from "./use-camera";

const REST_MS = 250;
const SHOWN = 50;

export function CameraName({ code }: { code: string }) {
  return useCameraName(code);
}

/** One camera, found by name or code among all of them. */
export function CameraPick({ value, testId, onChange }: { value: string; testId: string; onChange: (code: string) => void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState("");
  const [q, setQ] = useState("");
  const name = useCameraName(value);
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed), REST_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ["cameras", "names", "", q, "pick"],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => body(api.GET("/api/v1/camera-names", { params: { query: { q, offset: 0, limit: SHOWN } }, signal })),
  });
  const listed = (found.data?.items ?? []).map((one) => ({ value: one.code, label: `${one.name} ${one.code}` }));
  const kept = value === "" || listed.some((one) => one.value === value) ? [] : [{ value, label: name === value ? value : `${name} ${value}` }];
  return (
    <Select<string>
      value={value === "" ? null : value}
      loading={found.isFetching}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      placeholder={t("patrol.plan.camera.search")}
      aria-label={t("patrol.plan.camera")}
      data-testid={testId}
      options={[...kept, ...listed]}
      onChange={onChange}
    />
  );
}
