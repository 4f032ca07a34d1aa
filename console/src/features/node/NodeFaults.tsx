import { Alert } from "antd";
import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";

/** What the node itself lacks, with what to do about it. */
export function NodeFaults({ faults }: { faults: readonly Schemas["NodeFaultShape"][] }) {
  const { t, pick } = useWords();
  const written = useTime();
  return faults.map((fault) => (
    <Alert
      key={fault.code}
      type="error"
      showIcon
      data-testid={`fault-${fault.code}`}
      style={{ marginBottom: 12 }}
      title={pick(fault.zh, fault.en)}
      description={
        <>
          {pick(fault.remedy_zh, fault.remedy_en)}
          <div className="quiet">{t("node.lacked", { at: written(fault.at) })}</div>
        </>
      }
    />
  ));
}
