import { useQuery } from "@tanstack/react-query";
import { Dropdown } from "antd";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";

interface Props {
  onOpen: (name: string, cameras: readonly { code: string; name: string }[]) => void;
}

/** Saved views: the cameras of one are played together, instead of those that are. */
export function ViewMenu({ onOpen }: Props) {
  const { t } = useWords();
  const { act } = useAct();
  const views = useQuery({ queryKey: ["views"], retry: false, queryFn: () => body(api.GET("/api/v1/views")) }).data?.items.filter((one) => one.kind === "view") ?? [];
  const open = async (view: number) => {
    const { name, tiles } = await body(api.GET("/api/v1/views/{view}", { params: { path: { view } } }));
    const cameras = new Map(tiles.flatMap((tile) => (tile?.state === "shown" ? [[tile.camera, { code: tile.camera, name: tile.name }] as const] : [])));
    onOpen(name, [...cameras.values()]);
  };
  const items = views.map((one) => ({ key: String(one.id), label: `${one.name} · ${t("views.pictures", { count: one.pictures })}`, onClick: () => void act(() => open(one.id)) }));
  return (
    <Dropdown trigger={["click"]} disabled={items.length === 0} menu={{ items }}>
      <button className="playback-map-button" aria-haspopup="menu" disabled={items.length === 0} title={t(items.length === 0 ? "playback.views.none" : "playback.views")} data-testid="playback-views">
        {t("views.menu")}
      </button>
    </Dropdown>
  );
}
