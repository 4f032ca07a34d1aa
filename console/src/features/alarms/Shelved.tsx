import { useQuery } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import { useMay } from "../../ui/signed-in";
import { stopwatch } from "../../ui/stopwatch";
import type { TextKey } from "../../ui/texts";
import { useNodeNow } from "../../ui/use-node-now";

/** That something is shelved, and what; it can be lifted there. */
export function Shelved({ shelves, alarms }: { shelves: number; alarms: number }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  if (shelves === 0 && !open) return null;
  return (
    <>
      <Button type="link" size="small" className="shelved" data-testid="shelved" data-shelves={shelves} onClick={() => setOpen(true)}>
        {t("alarms.shelved", { shelves, alarms })}
      </Button>
      <Modal open={open} width={640} title={t("alarms.shelved.title")} footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
        <ShelfList />
      </Modal>
    </>
  );
}

function ShelfList() {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["alarm-queue", "shelves"], retry: false, queryFn: () => body(api.GET("/api/v1/alarm-shelves")) });
  if (found.error !== null) return <p className="quiet">{t("alarms.shelved.late")}</p>;
  if (found.data === undefined) return <p className="quiet">{t("loading")}</p>;
  if (found.data.items.length === 0) return <p className="quiet">{t("alarms.shelved.none")}</p>;
  return (
    <ul className="shelf-list" data-testid="shelf-list">
      {found.data.items.map((one) => (
        <Shelf key={one.id} shelf={one} />
      ))}
    </ul>
  );
}

function Shelf({ shelf }: { shelf: Schemas["AlarmShelfShape"] }) {
  const { t } = useWords();
  const now = useNodeNow();
  const { act, busy } = useAct();
  const may = useMay();
  const lift = () => void act(() => body(api.POST("/api/v1/alarm-shelves/{shelf_id}/lift", { params: { path: { shelf_id: shelf.id } }, body: { note: "" } })));
  const named = shelf.scope === "area" ? [] : [shelf.alarm?.site ?? "", shelf.scope === "point" ? (shelf.alarm?.point ?? "") : ""];
  const place = named.filter((one) => one !== "").join(" ") || shelf.area_name;
  const what = shelf.category === "" ? t("alarms.shelved.every") : t(`alarm.category.${shelf.category}` as TextKey);
  return (
    <li data-testid={`shelf-${shelf.id}`}>
      <Priority priority={shelf.priority as AlarmPriority} /> <b>{what}</b> {shelf.scope !== "point" && t(`alarms.shelve.scope.${shelf.scope}`)} {place}
      <span className="quiet">
        {t(`alarms.shelve.reason.${shelf.reason}`)}
        {shelf.note === "" ? "" : `:${shelf.note}`} · {shelf.by} · {t("alarms.shelved.left", { time: stopwatch(Date.parse(shelf.until) - now), signals: shelf.signals })}
      </span>
      {(may("take-duty") || may("manage-duty")) && (
        <Button size="small" loading={busy} data-testid="lift" onClick={lift}>
          {t("alarms.shelved.lift")}
        </Button>
      )}
    </li>
  );
}
