import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Table } from "antd";
import { api, body, type Device } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { StatusMark } from "../../ui/status";
import { useTime } from "../../ui/time";

export function DevicesPage() {
  const { t } = useWords();
  const written = useTime();
  const devices = useQuery({ queryKey: ["devices"], queryFn: () => body(api.GET("/api/v1/devices", { params: { query: { limit: 1000 } } })), refetchInterval: 10_000 });
  const time = (at: string | null) => (at === null ? "" : written(at));
  if (devices.isError && devices.data === undefined) return <Refused error={devices.error} />;
  return (
    <div className="padded">
      <Table<Device>
        size="small"
        className="stacked"
        rowKey="code"
        loading={devices.isPending}
        dataSource={devices.data?.items ?? []}
        locale={{ emptyText: <div className="hint">{t("device.none")}</div> }}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        columns={stacked<Device>([
          { title: t("device.status"), dataIndex: "status", width: 90, render: (_, device) => <StatusMark status={device.status} withText /> },
          {
            title: t("device.name"),
            dataIndex: "name",
            render: (_, device) => (
              <Link to="/devices/$code" params={{ code: device.code }}>
                {device.name}
              </Link>
            ),
          },
          { title: t("device.code"), dataIndex: "code", width: 190 },
          { title: t("device.maker"), render: (_, device) => `${device.maker} ${device.model}` },
          { title: t("device.address"), render: (_, device) => `${device.transport} ${device.address}` },
          { title: t("device.told"), render: (_, device) => <ToldAddress device={device} /> },
          { title: t("device.channels"), dataIndex: "channels", width: 80 },
          { title: t("device.seen"), render: (_, device) => time(device.last_seen_at) },
        ])}
      />
    </div>
  );
}

/** Marked where the device can hardly reach it; why stands on the device's page. */
function ToldAddress({ device }: { device: Device }) {
  const { pick } = useWords();
  if (device.told_warning_zh === "") return device.told_address;
  return (
    <span className="doubtful" title={pick(device.told_warning_zh, device.told_warning_en)}>
      ⚠ {device.told_address}
    </span>
  );
}
