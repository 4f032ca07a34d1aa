import { useQuery } from "@tanstack/react-query";
import { Typography } from "antd";
import type { ReactNode } from "react";
import { api, body } from "../../api-client/client";
import { bytes, span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { DeviceCounts } from "./DeviceCounts";
import { DoubtfulAddresses } from "./DoubtfulAddresses";
import { FootageStorage } from "./FootageStorage";
import { NodeCharts } from "./NodeCharts";
import { NodeFaults } from "./NodeFaults";
import { FaultyDevices, RefusedDevices } from "./RefusedDevices";
import { StreamsTable } from "./StreamsTable";
import { Tampering } from "./Tampering";
import { UncoveredAreas } from "./UncoveredAreas";
import "./node.css";

const PORTS = ["sip", "rtp", "http", "media_http", "webrtc"] as const;

/** The last hour, the running streams, addresses, ports, and the six values for a camera's menu. */
export function NodePage() {
  const { t, gap } = useWords();
  const node = useQuery({ queryKey: ["node"], queryFn: () => body(api.GET("/api/v1/node")), refetchInterval: 3_000 });
  const join = useQuery({ queryKey: ["join"], queryFn: () => body(api.GET("/api/v1/node/join-values")) });
  const facts = node.data;
  if (facts === undefined) return node.isError ? <Refused error={node.error} /> : <div className="hint">{t("loading")}</div>;
  const values: [string, string | number][] =
    join.data === undefined
      ? []
      : [
          [t("node.serverCode"), join.data.server_code],
          [t("node.domain"), join.data.domain],
          [t("node.serverAddress"), join.data.server_address],
          [t("node.serverPort"), join.data.server_port],
          [t("node.deviceCode"), join.data.device_code_example],
        ];
  const { open, limit } = facts.open_files;
  const figures: [string, ReactNode][] = [
    [t("node.devices"), <DeviceCounts key="devices" counts={facts.devices} />],
    [t("node.waitingDevices"), facts.devices.waiting],
    [t("node.streams"), facts.streams],
    [t("node.readers"), facts.readers],
    [t("node.transcodes"), facts.transcodes],
    [t("node.in"), bytes(facts.bytes_in)],
    [t("node.out"), bytes(facts.bytes_out)],
    [t("node.lost"), facts.lost_packets],
    [t("node.loadAverage"), facts.load.cpu.toFixed(2)],
    [t("node.memory"), `${facts.load.rss_mb} MB`],
    ...(open === null ? [] : [[t("node.openFiles"), limit === null ? open : `${open} / ${limit}`] as [string, ReactNode]]),
    [t("node.uptime"), span((node.dataUpdatedAt - new Date(facts.started_at).getTime()) / 1000)],
    [t("node.version"), facts.version],
  ];
  return (
    <div className="padded">
      <Tampering facts={facts} />
      <NodeFaults faults={facts.faults} />
      <DoubtfulAddresses count={facts.doubtful_addresses} />
      <RefusedDevices count={facts.refused_channels} />
      <FaultyDevices count={facts.devices.fault} />
      <UncoveredAreas areas={facts.uncovered_areas} free={facts.uncovered_free} />
      <NodeCharts />
      <StreamsTable />
      <div className="three">
        <section className="card">
          <h3>{t("node.join")}</h3>
          <p className="hint" style={{ padding: "0 0 10px" }}>
            {t("node.join.help")}
            {gap}
            {join.isError && t("node.join.keeper")}
          </p>
          <dl className="facts" data-testid="join-values">
            {values.map(([label, value]) => (
              <div key={label} style={{ display: "contents" }}>
                <dt>{label}</dt>
                <dd>
                  <Typography.Text copyable>{String(value)}</Typography.Text>
                </dd>
              </div>
            ))}
            {join.data !== undefined && (
              <>
                <dt>{t("node.password")}</dt>
                <dd>
                  <Typography.Text copyable={{ text: join.data.password }}>••••••••</Typography.Text>
                </dd>
              </>
            )}
          </dl>
        </section>
        <section className="card" data-testid="node-facts">
          <h3>
            {facts.name} · {facts.code}
          </h3>
          <dl className="facts">
            {figures.map(([label, value]) => (
              <div key={label} style={{ display: "contents" }}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <FootageStorage />
        </section>
        <section className="card" data-testid="addresses">
          <h3>{t("node.addresses")}</h3>
          <dl className="facts">
            {facts.addresses.map((told) => (
              <div key={told.network} style={{ display: "contents" }}>
                <dt>{told.network === "*" ? t("node.address.all") : told.network}</dt>
                <dd>
                  {told.address} <span className="quiet">{t(`node.address.${told.source}`)}</span>
                </dd>
              </div>
            ))}
          </dl>
          <h3 className="next">{t("node.ports")}</h3>
          <dl className="facts" data-testid="ports">
            {PORTS.map((name) => (
              <div key={name} style={{ display: "contents" }}>
                <dt>{t(`node.port.${name}`)}</dt>
                <dd>{facts.ports[name]}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </div>
  );
}
