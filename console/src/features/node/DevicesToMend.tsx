import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import type { ReactNode } from "react";
import { type Device, api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

const [SHOWN, REFRESH_MS] = [10, 10_000];

interface Props {
  /** How many there are; the list is asked for only when there is one. */
  count: number;
  /** Which of `GET /devices`. */
  query: { doubtful_address: true } | { refused_channels: true } | { status: "fault" };
  title: "node.doubtful" | "node.refusedChannels" | "node.faulty";
  testId: string;
  children: (device: Device) => ReactNode;
}

/** Devices of which somebody must mend something: a warning that leads to their pages. */
export function DevicesToMend({ count, query, title, testId, children }: Props) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["devices", testId], queryFn: () => body(api.GET("/api/v1/devices", { params: { query: { ...query, limit: SHOWN } } })), refetchInterval: REFRESH_MS, enabled: count > 0 });
  if (count === 0) return null;
  const listed = found.data?.items ?? [];
  const left = (found.data?.total ?? 0) - listed.length;
  return (
    <Alert
      type="warning"
      showIcon
      data-testid={testId}
      style={{ marginBottom: 12 }}
      title={t(title, { count })}
      description={
        <ul className="doubtful-list">
          {listed.map((device) => (
            <li key={device.code}>
              <Link to="/devices/$code" params={{ code: device.code }}>
                {device.name}
              </Link>{" "}
              {children(device)}
            </li>
          ))}
          {left > 0 && <li className="quiet">{t("node.doubtful.more", { count: left })}</li>}
        </ul>
      }
    />
  );
}
