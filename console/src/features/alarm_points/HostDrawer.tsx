import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Drawer, Popconfirm, Space, Table } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { ActButton, useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { useCameraName } from "../../ui/use-camera";
import { HostMark } from "./AlarmPointsPage";
import { ArmingFacts, PointArmed } from "./ArmingFacts";
import { ArmingForm } from "./ArmingForm";
import { withoutPoint, type Host, type Point } from "./host";
import { HostForm } from "./HostForm";
import { PointForm } from "./PointForm";
import { useSupervised } from "./supervised";
import { TestForm } from "./TestForm";

/** One host: how it stands, its points, and what is done with them. */
export function HostDrawer({ host, onClose }: { host: Host | undefined; onClose: () => void }) {
  return (
    <Drawer open={host !== undefined} onClose={onClose} size={860} title={host === undefined ? "" : `${host.site} · ${host.account}`} destroyOnHidden>
      {host !== undefined && <Whole key={host.id} host={host} onGone={onClose} />}
    </Drawer>
  );
}

function Whole({ host, onGone }: { host: Host; onGone: () => void }) {
  const { t } = useWords();
  const time = useTime();
  const supervised = useSupervised();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [open, setOpen] = useState<"host" | "arming" | "test" | { point: Point | undefined }>();
  const params = { path: { host_id: host.id } };
  const stale = () => queries.invalidateQueries({ queryKey: ["alarm-hosts"] });
  const remove = () => act(() => api.DELETE("/api/v1/alarm-hosts/{host_id}", { params }).then(stale).then(onGone));
  const drop = (gone: Point) => act(() => api.PUT("/api/v1/alarm-hosts/{host_id}", { params, body: withoutPoint(host, gone) }).finally(stale));
  const tested = host.points.some((one) => one.test !== null);
  const close = () => setOpen(undefined);
  return (
    <>
      <dl className="facts">
        <dt>{t("points.state")}</dt>
        <dd>
          <HostMark host={host} />
        </dd>
        <dt>{t("points.area")}</dt>
        <dd>{host.area_name}</dd>
        <dt>{t("points.heard")}</dt>
        <dd>{host.heard_at === null ? "—" : time(host.heard_at)}</dd>
        <dt>{t("points.interval")}</dt>
        <dd>
          {supervised(host.interval_s)} {host.supervision_s === null && <span className="quiet">{t("points.interval.usual")}</span>} · {t(host.encrypted ? "points.encrypted" : "points.clear")}
        </dd>
        <dt>{t("points.arming")}</dt>
        <dd>
          <ArmingFacts host={host} />
        </dd>
      </dl>
      {host.distrusted && <p className="status-fault">{t("points.distrusted")}</p>}
      <Space wrap className="points-acts">
        {!host.distrusted && (
          <>
            <Button data-testid="change-host" onClick={() => setOpen("host")}>
              {t("points.change")}
            </Button>
            <Button data-testid="arm-host" onClick={() => setOpen("arming")}>
              {t("points.arming")}
            </Button>
            <Button disabled={host.points.length === 0} data-testid="test-host" onClick={() => setOpen("test")}>
              {t("points.test")}
            </Button>
            {tested && (
              <ActButton data-testid="end-test" act={() => api.DELETE("/api/v1/alarm-hosts/{host_id}/test", { params }).then(stale)}>
                {t("points.test.end")}
              </ActButton>
            )}
          </>
        )}
        <Popconfirm title={t("points.remove.sure", { site: host.site })} okText={t("points.remove.short")} cancelText={t("cancel")} onConfirm={remove}>
          <Button danger loading={busy} data-testid="remove-host">
            {t("points.remove")}
          </Button>
        </Popconfirm>
      </Space>
      <div className="page-head points-head">
        <h3 className="grow">{t("points.count")}</h3>
        {!host.distrusted && (
          <Button type="primary" size="small" data-testid="add-point" onClick={() => setOpen({ point: undefined })}>
            {t("points.point.add")}
          </Button>
        )}
      </div>
      <Table<Point>
        size="small"
        className="stacked"
        rowKey="id"
        dataSource={host.points}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        locale={{ emptyText: <div className="hint">{t("points.point.none")}</div> }}
        columns={stacked<Point>([
          { title: t("points.zone"), dataIndex: "zone", width: 76 },
          {
            title: t("points.name"),
            render: (_, one) => (
              <>
                {one.name} <span className="quiet">{t(`points.kind.${one.kind}`)}</span>
                <PointArmed point={one} />
                {one.test !== null && (
                  <div className="status-unknown" title={t("points.test.until", { at: time(one.test.until), by: one.test.by, reason: one.test.reason })}>
                    ◆ {t("points.test.short", { at: time(one.test.until) })}
                  </div>
                )}
              </>
            ),
          },
          { title: t("points.cameras"), render: (_, one) => <Cameras point={one} /> },
          { title: t("points.place"), width: 150, render: (_, one) => (one.longitude === null || one.latitude === null ? <span className="quiet">{t("points.place.none")}</span> : `${one.longitude.toFixed(4)}, ${one.latitude.toFixed(4)}`) },
          { title: t("points.heard"), width: 120, render: (_, one) => (one.signalled_at === null ? "—" : time(one.signalled_at)) },
          {
            title: "",
            width: 130,
            render: (_, one) =>
              !host.distrusted && (
                <Space size={4}>
                  <Button size="small" data-testid={`change-point-${one.zone}`} onClick={() => setOpen({ point: one })}>
                    {t("points.change.short")}
                  </Button>
                  <Popconfirm title={t("points.point.remove.sure", { name: one.name })} okText={t("points.remove.short")} cancelText={t("cancel")} onConfirm={() => drop(one)}>
                    <Button size="small" data-testid={`remove-point-${one.zone}`}>
                      {t("points.remove.short")}
                    </Button>
                  </Popconfirm>
                </Space>
              ),
          },
        ])}
      />
      {open === "host" && <HostForm host={host} account={host.account} onClose={close} />}
      {open === "arming" && <ArmingForm host={host} onClose={close} />}
      {open === "test" && <TestForm host={host} onClose={close} />}
      {typeof open === "object" && <PointForm host={host} point={open.point} onClose={close} />}
    </>
  );
}

function Cameras({ point }: { point: Point }) {
  const { t } = useWords();
  const hidden = point.hidden > 0 && <span className="quiet">{t("points.cameras.hidden", { count: point.hidden })}</span>;
  if (point.camera === "") return hidden || <span className="quiet">{t("points.cameras.none")}</span>;
  return (
    <ol className="points-cameras">
      {[{ camera: point.camera, preset: point.preset }, ...point.others].map((one) => (
        <li key={one.camera}>
          <CameraLink code={one.camera} />
          {one.preset !== null && <span className="quiet"> {t("points.preset.at", { number: one.preset })}</span>}
        </li>
      ))}
      {hidden && <li>{hidden}</li>}
    </ol>
  );
}

function CameraLink({ code }: { code: string }) {
  return (
    <Link to="/cameras/$code" params={{ code }}>
      {useCameraName(code)}
    </Link>
  );
}
