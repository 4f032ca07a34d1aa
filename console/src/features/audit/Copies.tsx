import { useQuery } from "@tanstack/react-query";
import { Drawer, Table } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { NeighbourLogs } from "./NeighbourLogs";

type Copy = Schemas["CopyShape"];

/** Where the checkpoints of our log are pushed, and whose are kept here. */
export function Copies({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const time = useTime();
  const [open, setOpen] = useState(true);
  const copies = useQuery({ queryKey: ["audit-copies"], queryFn: () => body(api.GET("/api/v1/audit/copies")) });
  const state = (copy: Copy) => (copy.late ? "lateState" : copy.what ? "behind" : "complete");
  return (
    <Drawer open={open} size={900} title={t("audit.copies.title")} onClose={() => setOpen(false)} afterOpenChange={(now) => !now && onClose()}>
      {copies.isError && <Refused error={copies.error} />}
      <h3>{t("audit.copies.ours")}</h3>
      {copies.data?.items.length === 0 && <p className="quiet">{t("audit.copies.none")}</p>}
      {copies.data && copies.data.items.length > 0 && (
        <Table<Copy>
          size="small"
          className="stacked"
          rowKey="place"
          pagination={false}
          dataSource={copies.data.items}
          columns={stacked<Copy>([
            { title: t("audit.copies.place"), dataIndex: "place" },
            {
              title: t("audit.copies.state"),
              render: (_, copy) => (
                <>
                  <span className={copy.late ? "status-fault" : copy.what ? "status-unknown" : "status-online"}>{t(`audit.copies.${state(copy)}`)}</span>
                  {copy.what && <div className="quiet">{copy.what}</div>}
                </>
              ),
            },
            { title: t("audit.copies.completeAt"), width: 180, render: (_, copy) => (copy.complete_at ? time(copy.complete_at) : "—") },
          ])}
        />
      )}
      {copies.data && <p className="quiet">{t("audit.copies.unsigned", { count: String(copies.data.unsigned) })}</p>}
      <NeighbourLogs />
    </Drawer>
  );
}
