import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

const [SHOWN, REFRESH_MS] = [10, 10_000];

/** Devices with channels whose codes other devices' cameras have: what to do stands on their pages. */
export function RefusedDevices({ count }: { count: number }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["devices", "refused-channels"], queryFn: () => body(api.GET("/api/v1/devices", { params: { query: { refused_channels: true, limit: SHOWN } } })), refetchInterval: REFRESH_MS, enabled: count > 0 });
  if (count === 0) return null;
  const listed = found.data?.items ?? [];
  const left = (found.data?.total ?? 0) - listed.length;
  return (
    <Alert
      type="warning"
      showIcon
      data-testid="refused-devices"
      style={{ marginBottom: 12 }}
      title={t("node.refusedChannels", { count })}
      description={
        <ul className="doubtful-list">
          {listed.map((device) => (
            <li key={device.code}>
              <Link to="/devices/$code" params={{ code: device.code }}>
                {device.name}
              </Link>{" "}
              <span className="quiet">{device.code}</span>
            </li>
          ))}
          {left > 0 && <li className="quiet">{t("node.doubtful.more", { count: left })}</li>}
        </ul>
      }
    />
  );
}
