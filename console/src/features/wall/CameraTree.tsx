import { useQuery } from "@tanstack/react-query";
import { Input } from "antd";
import { useDeferredValue, useState, type RefObject } from "react";
import { api, body, type Area, type Camera } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { StatusMark } from "../../ui/status";

interface Props {
  search: RefObject<HTMLInputElement | null>;
  shown: Set<string>;
  onOpen: (camera: { code: string; name: string }) => void;
}

const PAGE = 500;

/** Areas with their counts; a county's cameras are fetched when it is opened. Searching shows a flat list. */
export function CameraTree({ search, shown, onOpen }: Props) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const areas = useQuery({ queryKey: ["areas"], queryFn: () => body(api.GET("/api/v1/areas")), refetchInterval: 15_000 });
  const items = areas.data?.items ?? [];
  const total = items.filter((area) => area.parent === "").reduce((sum, area) => sum + area.cameras_total, 0);

  const toggle = (code: string) => {
    const next = new Set(closed);
    if (!next.delete(code)) next.add(code);
    setClosed(next);
  };
  const hidden = (area: Area): boolean => {
    for (let code = area.parent; code !== ""; code = code.slice(0, -2)) if (closed.has(code)) return true;
    return false;
  };
  return (
    <aside className="side">
      <div className="search">
        <Input
          ref={(input) => {
            search.current = input?.input ?? null;
          }}
          allowClear
          value={text}
          placeholder={t("tree.search")}
          data-testid="camera-search"
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <div className="tree">
        {wanted !== "" ? (
          <Cameras query={{ q: wanted }} depth={0} shown={shown} onOpen={onOpen} />
        ) : (
          items
            .filter((area) => !hidden(area))
            .map((area) => (
              <div key={area.code}>
                <button className="area" style={{ paddingLeft: 6 + (area.code.length - 2) * 7 }} aria-expanded={!closed.has(area.code)} onClick={() => toggle(area.code)}>
                  <span>{closed.has(area.code) ? "▸" : "▾"}</span>
                  <span>{area.name}</span>
                  <span className="count">
                    {area.cameras_online}/{area.cameras_total}
                  </span>
                </button>
                {area.level === "county" && !closed.has(area.code) && area.cameras_total > 0 && <Cameras query={{ area: area.code }} depth={5} shown={shown} onOpen={onOpen} />}
              </div>
            ))
        )}
        {areas.isSuccess && total === 0 && <div className="hint">{t("tree.empty")}</div>}
      </div>
      <div className="foot">{t("tree.total", { count: total })}</div>
    </aside>
  );
}

function Cameras({ query, depth, shown, onOpen }: { query: { area?: string; q?: string }; depth: number } & Omit<Props, "search">) {
  const { t } = useWords();
  const cameras = useQuery({
    queryKey: ["cameras", query],
    queryFn: () => body(api.GET("/api/v1/cameras", { params: { query: { ...query, limit: PAGE } } })),
    refetchInterval: 15_000,
  });
  if (cameras.isSuccess && cameras.data.items.length === 0) return <div className="hint">{t("tree.noMatch")}</div>;
  return cameras.data?.items.map((camera: Camera) => (
    <button
      key={camera.code}
      className={shown.has(camera.code) ? "leaf shown" : "leaf"}
      style={{ paddingLeft: 6 + depth * 7 }}
      title={`${camera.name}\n${camera.code}`}
      data-testid={`camera-${camera.code}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData("text/plain", `${camera.code}\n${camera.name}`)}
      onClick={() => onOpen(camera)}
    >
      <StatusMark status={camera.status} />
      <span>{camera.name}</span>
    </button>
  ));
}
