import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Alert, Button, Popconfirm, Space } from "antd";
import { api, body, type Device } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { ActButton, useAct } from "../../ui/act";
import { Refused } from "../../ui/Refused";
import { StatusMark } from "../../ui/status";
import { useTime } from "../../ui/time";
import { Trace } from "../../ui/Trace";
import { AlarmControls } from "./AlarmControls";
import { CatalogueReading } from "./CatalogueReading";
import { OwnTree } from "./OwnTree";
import { Profile } from "./Profile";

/** One device: facts, its cameras, and its trace. */
export function DevicePage({ code }: { code: string }) {
  const { t, pick } = useWords();
  const written = useTime();
  const { act } = useAct();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const path = { params: { path: { code } } };
  const found = useQuery({ queryKey: ["devices", code], queryFn: () => body(api.GET("/api/v1/devices/{code}", path)), refetchInterval: 5_000 });
  const device = found.data;
  if (device === undefined) return found.isError ? <Refused error={found.error} extra={<Link to="/devices">{t("nav.devices")}</Link>} /> : <div className="hint">{t("loading")}</div>;
  const time = (at: Device["registered_at"]) => (at === null ? "" : written(at));
  const then = (call: Promise<unknown>) => call.then(() => queries.invalidateQueries({ queryKey: ["devices"] }));
  return (
    <div className="padded two">
      <div>
        {device.conflict !== "" && <Alert type="warning" showIcon title={t("device.conflict", { address: device.conflict })} style={{ marginBottom: 12 }} />}
        {device.told_warning_zh !== "" && <Alert type="warning" showIcon data-testid="told-warning" title={t("told.doubtful", { address: device.told_address })} description={pick(device.told_warning_zh, device.told_warning_en)} style={{ marginBottom: 12 }} />}
        {device.status === "fault" && <Alert type="error" showIcon data-testid="device-faulty" title={t("device.faulty")} description={t("device.faulty.help")} style={{ marginBottom: 12 }} />}
        <section className="card">
          <h3>{device.name}</h3>
          <dl className="facts">
            <dt>{t("device.status")}</dt>
            <dd>
              <StatusMark status={device.status} withText />
            </dd>
            <dt>{t("device.code")}</dt>
            <dd>{device.code}</dd>
            <dt>{t("device.maker")}</dt>
            <dd>
              {device.maker} {device.model} {device.firmware}
            </dd>
            <dt>{t("device.address")}</dt>
            <dd>
              {device.transport} {device.address}
            </dd>
            <dt>{t("device.told")}</dt>
            <dd data-testid="told-address">
              {device.told_address} {device.told_source !== "" && <span className="quiet">{t(`node.address.${device.told_source}`)}</span>}
            </dd>
            <dt>{t("device.registered")}</dt>
            <dd>{time(device.registered_at)}</dd>
            <dt>{t("device.seen")}</dt>
            <dd>{time(device.last_seen_at)}</dd>
          </dl>
          <Space wrap style={{ marginTop: 12 }}>
            <ActButton act={() => then(api.POST("/api/v1/devices/{code}/catalogue", path))}>{t("device.catalogue")}</ActButton>
            <Popconfirm title={t("device.restart.sure")} okText={t("device.restart")} cancelText={t("cancel")} onConfirm={() => act(() => then(api.POST("/api/v1/devices/{code}/restart", path)))}>
              <Button danger data-testid="restart-device">
                {t("device.restart")}
              </Button>
            </Popconfirm>
            <Popconfirm title={t("device.remove.sure")} okText={t("device.remove")} cancelText={t("cancel")} okButtonProps={{ danger: true }} onConfirm={() => act(() => api.DELETE("/api/v1/devices/{code}", path).then(() => navigate({ to: "/devices" })).then(() => queries.invalidateQueries({ queryKey: ["devices"] })))}>
              <Button danger data-testid="remove-device">
                {t("device.remove")}
              </Button>
            </Popconfirm>
          </Space>
          <CatalogueReading key={code} code={code} />
        </section>
        <AlarmControls key={`alarms ${code}`} code={code} />
        <OwnTree key={code} code={code} />
        <Profile device={device} />
      </div>
      <section className="card">
        <h3>{t("device.trace")}</h3>
        <Trace device={code} />
      </section>
    </div>
  );
}
