import { useQuery } from "@tanstack/react-query";
import { Button, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { called } from "../../ui/PersonPick";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { stacked } from "../../ui/stacked";
import { stopwatch } from "../../ui/stopwatch";
import { useNodeNow } from "../../ui/use-node-now";
import "./patrol-units.css";
import { UnitDialog } from "./UnitDialog";

export type Unit = Schemas["PatrolUnitShape"];
/** Positions that are older rank behind fresh ones when a unit is looked for. */
const STALE_MS = 300_000;
/** By shape too: free, working, out of service. */
const MARKS: Record<Unit["status"], string> = { available: "●", dispatched: "▶", en_route: "▶", on_scene: "◆", out_of_service: "○" };

/** Units that can be sent: who is in them, what they do now, and where they were last. */
export function PatrolUnitsPage() {
  const { t } = useWords();
  const now = useNodeNow();
  const desk = useMay()("take-duty");
  const [editing, setEditing] = useState<Unit | "new">();
  const found = useQuery({ queryKey: ["patrol-units"], queryFn: () => body(api.GET("/api/v1/units")) });
  if (found.isPending) return <div className="hint">{t("loading")}</div>;
  if (found.data === undefined) return <Refused error={found.error} />;
  const age = ({ position_at: at }: Unit) => {
    if (at === null) return <span className="quiet">{t("units.position.none")}</span>;
    const ms = now - Date.parse(at);
    return <span className={ms > STALE_MS ? "doubtful" : ""}>{t("units.position.age", { time: stopwatch(ms) })}</span>;
  };
  const columns: TableColumnsType<Unit> = [
    { title: t("units.callSign"), dataIndex: "call_sign", render: (sign: string) => <b>{sign}</b> },
    { title: t("units.kind"), dataIndex: "kind", render: (kind: Unit["kind"]) => t(`unit.kind.${kind}`) },
    { title: t("units.members"), dataIndex: "members", render: (members: string[], { crew }) => [...members, ...crew.map(called)].join("、") || "—" },
    { title: t("units.area"), dataIndex: "area_name" },
    { title: t("units.status"), dataIndex: "status", render: (status: Unit["status"]) => <span className={`unit-status unit-${status}`}>{MARKS[status]} {t(`unit.status.${status}`)}</span> },
    { title: t("units.position"), key: "position", render: (_, one) => <>{age(one)}{one.locator !== "" && <span className="quiet" title={one.locator}> · {t("units.position.device")}</span>}</> },
    ...(desk ? [{ title: "", key: "act", render: (_: unknown, one: Unit) => <Button size="small" data-testid={`edit-unit-${one.id}`} onClick={() => setEditing(one)}>{t("units.edit")}</Button> }] : []),
  ];
  return (
    <div className="padded" data-testid="patrol-units">
      <div className="page-head">
        <span className="hint" />
        {desk && (
          <Button type="primary" data-testid="add-unit" onClick={() => setEditing("new")}>
            {t("units.add")}
          </Button>
        )}
      </div>
      <Table<Unit> className="stacked" size="small" rowKey="id" dataSource={found.data.items} columns={stacked(columns)} pagination={false} locale={{ emptyText: t("units.none") }} onRow={(one) => ({ "data-testid": `unit-${one.id}`, "data-status": one.status }) as object} />
      {editing !== undefined && <UnitDialog key={editing === "new" ? 0 : editing.id} unit={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}
