import { useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm, Space, Table, TreeSelect } from "antd";
import { api, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { stacked } from "../../ui/stacked";
import { areaTree, useDivisions, useUnits } from "./areas";

type Unit = Schemas["UnitShape"];

/** Bodies in the area tree. */
export function Units() {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const units = useUnits();
  const divisions = useDivisions();
  const [name, setName] = useKept("name of a new unit", "");
  const [area, setArea] = useKept<string>("area of a new unit");
  const again = () => queries.invalidateQueries({ queryKey: ["units"] });
  const add = () => {
    if (area === undefined || name.trim() === "") return;
    void act(async () => {
      await api.POST("/api/v1/organisations", { body: { name: name.trim(), area } });
      setName("");
      await again();
    });
  };
  return (
    <>
      <p className="hint" style={{ padding: "0 0 10px" }}>
        {t("unit.help")}
      </p>
      <Space wrap style={{ marginBottom: 10 }}>
        <Input style={{ width: 260 }} value={name} maxLength={128} placeholder={t("unit.name")} data-testid="unit-name" onChange={(event) => setName(event.target.value)} onPressEnter={add} />
        <TreeSelect<string> style={{ width: 260 }} value={area} treeData={areaTree(divisions.data?.items ?? [], divisions.data?.whole === true ? t("appointment.everywhere") : undefined)} aria-label={t("unit.area")} placeholder={t("unit.area")} showSearch={{ treeNodeFilterProp: "title" }} onChange={setArea} />
        <Button loading={busy} disabled={area === undefined || name.trim() === ""} data-testid="add-unit" onClick={add}>
          {t("unit.add")}
        </Button>
      </Space>
      <Table<Unit>
        size="small"
        className="stacked"
        rowKey="id"
        loading={units.isPending}
        dataSource={units.data?.items ?? []}
        locale={{ emptyText: t("unit.none") }}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        columns={stacked<Unit>([
          { title: t("unit.name"), dataIndex: "name" },
          { title: t("unit.area"), width: 260, render: (_, unit) => (unit.area === "" ? t("appointment.everywhere") : `${unit.area_name} ${unit.area}`) },
          { title: t("unit.people"), dataIndex: "people", width: 100, align: "right" },
          {
            width: 120,
            align: "right",
            render: (_, unit) =>
              unit.people === 0 && (
                <Popconfirm title={t("unit.remove.sure")} okText={t("unit.remove")} cancelText={t("cancel")} onConfirm={() => act(() => api.DELETE("/api/v1/organisations/{unit}", { params: { path: { unit: unit.id } } }).then(again))}>
                  <Button size="small" danger>
                    {t("unit.remove")}
                  </Button>
                </Popconfirm>
              ),
          },
        ])}
      />
    </>
  );
}
