import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

const [SHOWN, REFRESH_MS] = [10, 10_000];

/** Devices that can hardly reach the address they are told: what stops most first installations. */
export function DoubtfulAddresses({ count }: { count: number }) {
  const { t, pick } = useWords();
  const found = useQuery({ queryKey: ["devices", "doubtful"], queryFn: () => body(api.GET("/api/v1/devices", { params: { query: { doubtful_address: true, limit: SHOWN } } })), refetchInterval: REFRESH_MS, enabled: count > 0 });
  if (count === 0) return null;
  const listed = found.data?.items ?? [];
  const left = (found.data?.total ?? 0) - listed.length;
  return (
    <Alert
      type="warning"
      showIcon
      data-testid="doubtful-addresses"
      style={{ marginBottom: 12 }}
      title={t("node.doubtful", { count })}
      description={
        <ul className="doubtful-list">
          {listed.map((device) => (
            <li key={device.code}>
              <Link to="/devices/$code" params={{ code: device.code }}>
                {device.name}
              </Link>{" "}
              {t("told.line", { peer: device.address, address: device.told_address })}
              <div className="quiet">{pick(device.told_warning_zh, device.told_warning_en)}</div>
            </li>
          ))}
          {left > 0 && <li className="quiet">{t("node.doubtful.more", { count: left })}</li>}
        </ul>
      }
    />
  );
}
