import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Tree } from "antd";
import { useMemo } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { StatusMark } from "../../ui/status";
import type { TextKey } from "../../ui/texts";
import { RefusedChannels } from "./RefusedChannels";
import { CHANNELS, ownTree, type Branch, type TreeNode } from "./own-tree";
import "./devices.css";

const KINDS: Record<string, TextKey> = {
  business_group: "tree.group",
  virtual_organisation: "tree.organisation",
  area: "tree.area",
  platform: "tree.platform",
  device: "tree.device",
  alarm_point: "tree.alarmPoint",
  audio: "tree.audio",
};
const REFRESH_MS = 15_000;
const [OPEN_ROWS, HEIGHT_PX] = [200, 560];

/** The device's cameras as it groups them itself; a plain list where it knows no groups. */
export function OwnTree({ code }: { code: string }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["devices", code, "tree"], queryFn: () => body(api.GET("/api/v1/devices/{code}/tree", { params: { path: { code } } })), refetchInterval: REFRESH_MS });
  const listed = found.data?.items;
  const branches = useMemo(() => ownTree(code, listed ?? []), [code, listed]);
  const grouped = branches.some((one) => !CHANNELS.includes(one.node.kind));
  return (
    <section className="card" data-testid="own-tree">
      <h3>{t(grouped ? "tree.title" : "device.cameras")}</h3>
      {found.isError && listed === undefined && <Refused error={found.error} />}
      {listed !== undefined && branches.length === 0 && <div className="hint">{t("device.noCameras")}</div>}
      <RefusedChannels device={code} clashes={found.data?.refused ?? []} />
      {grouped && <p className="quiet fields-note">{t("tree.help")}</p>}
      {branches.length > 0 && <Tree<Branch> className="own-tree" blockNode selectable={false} virtual height={HEIGHT_PX} treeData={branches} defaultExpandAll={(listed?.length ?? 0) <= OPEN_ROWS} titleRender={(branch) => <Row branch={branch} />} aria-label={t("tree.title")} />}
      {found.data?.complete === false && <p className="hint">{t("tree.incomplete", { count: listed?.length ?? 0 })}</p>}
    </section>
  );
}

function Row({ branch }: { branch: Branch }) {
  const { t } = useWords();
  const { node, cameras } = branch;
  if (node.kind === "camera") return <CameraRow node={node} />;
  if (node.kind === "duplicate")
    return (
      <span className="own-tree-row" title={node.code}>
        <span className="name">{node.name}</span>
        <span className="quiet">{t("tree.duplicate")}</span>
      </span>
    );
  const kind = KINDS[node.kind];
  return (
    <span className="own-tree-row" title={node.code}>
      <span className="name">{node.name}</span>
      {kind !== undefined && <span className="quiet">{t(kind)}</span>}
      <span className="count">{cameras.size}</span>
    </span>
  );
}

function CameraRow({ node }: { node: TreeNode }) {
  return (
    <span className="own-tree-row" title={node.code}>
      {node.status !== "" && <StatusMark status={node.status} />}
      <Link to="/cameras/$code" params={{ code: node.code }} className="name">
        {node.name}
      </Link>
    </span>
  );
}
