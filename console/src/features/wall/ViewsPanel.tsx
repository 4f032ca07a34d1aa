import { Button, Drawer, Popconfirm } from "antd";
import { useState } from "react";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { Wall } from "../../ui/wall-state";
import { GridGlyph } from "./GridGlyph";
import { TourDialog } from "./TourDialog";
import { fetchView, orderOf, useViews, type View, type ViewLine } from "./use-views";
import { ViewDialog } from "./ViewDialog";

interface Props {
  wall: Wall;
  onOpen: (view: View) => void;
  onLeave: () => void;
}

const OWN = { name: "", sharing: "own" as const, post: "", centre: 0 };

/** Saved walls and tours: opened by a click, saved, shared, renamed, deleted. */
export function ViewsPanel({ wall, onOpen, onLeave }: Props) {
  const { t } = useWords();
  const { act } = useAct();
  const { items, isLoading, error, save, change, remove } = useViews();
  const [dialog, setDialog] = useState<"save" | "tour" | ViewLine>();
  const order = orderOf(wall);
  const empty = order.tiles.every((tile) => tile === null);
  const open = (one: ViewLine) =>
    void act(async () => {
      onOpen(await fetchView(one.id));
      onLeave();
    });
  const groups = [
    { key: "own", title: t("views.own"), items: items.filter((one) => one.own) },
    { key: "shared", title: t("views.shared"), items: items.filter((one) => !one.own) },
  ].filter((group) => group.items.length > 0);
  return (
    <Drawer open title={t("views.title")} placement="right" size={400} onClose={onLeave} className="views-panel">
      <div className="views-new">
        <Button type="primary" disabled={empty} data-testid="view-save" onClick={() => setDialog("save")}>
          {t("views.saveWall")}
        </Button>
        <Button data-testid="tour-new" onClick={() => setDialog("tour")}>
          {t("views.newTour")}
        </Button>
      </div>
      {error !== null && <Refused error={error} />}
      {!isLoading && error === null && items.length === 0 && <p className="hint">{t("views.none")}</p>}
      {groups.map((group) => (
        <section key={group.key}>
          <h3>{group.title}</h3>
          <ul className="views-list">
            {group.items.map((one) => (
              <li key={one.id} data-testid={`view-${one.id}`}>
                <button className="view-open" onClick={() => open(one)}>
                  {one.kind === "view" ? <GridGlyph text={one.grid} /> : <svg className="tour-glyph" viewBox="0 0 18 12" width="18" height="12" fill="currentColor" aria-hidden><path d="M5 1l9 5-9 5z" /></svg>}
                  <span className="view-name">{one.name}</span>
                  <span className="quiet">{[t(one.kind === "view" ? "views.pictures" : "views.steps", { count: one.pictures }), one.own ? t(`views.with.${one.sharing}`) : one.owner].join(" · ")}</span>
                </button>
                {one.changeable && (
                  <span className="view-acts">
                    {one.kind === "view" && (
                      <Popconfirm title={t("views.replace.sure", { name: one.name })} onConfirm={() => act(() => change(one.id, { wall: order }))}>
                        <Button type="text" size="small" disabled={empty} data-testid={`view-${one.id}-replace`}>{t("views.replace")}</Button>
                      </Popconfirm>
                    )}
                    <Button type="text" size="small" data-testid={`view-${one.id}-edit`} onClick={() => setDialog(one)}>{t("views.edit")}</Button>
                    <Popconfirm title={t(one.sharing === "own" ? "views.remove.sure" : "views.remove.shared", { name: one.name })} onConfirm={() => act(() => remove(one.id))}>
                      <Button type="text" size="small" danger data-testid={`view-${one.id}-remove`}>{t("views.remove")}</Button>
                    </Popconfirm>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {dialog === "save" && <ViewDialog title={t("views.saveWall")} first={OWN} help={t("views.help")} onLeave={() => setDialog(undefined)} onSave={({ name, ...share }) => save(name, share, { wall: order })} />}
      {dialog === "tour" && <TourDialog views={items.filter((one) => one.kind === "view")} wall={wall} onLeave={() => setDialog(undefined)} onSave={({ name, ...share }, steps) => save(name, share, { steps })} />}
      {typeof dialog === "object" && dialog.kind === "view" && <ViewDialog title={t("views.edit.title")} first={dialog} help={t("views.help")} onLeave={() => setDialog(undefined)} onSave={({ name, sharing, post, centre }) => change(dialog.id, { name, share: { sharing, post, centre } })} />}
      {typeof dialog === "object" && dialog.kind === "tour" && <TourDialog tour={dialog} views={items.filter((one) => one.kind === "view")} wall={wall} onLeave={() => setDialog(undefined)} onSave={({ name, sharing, post, centre }, steps) => change(dialog.id, { name, share: { sharing, post, centre }, steps })} />}
    </Drawer>
  );
}
