import { useWords } from "../../ui/language";
import { DevicesToMend } from "./DevicesToMend";

/** Devices that can hardly reach the address they are told: what stops most first installations. */
export function DoubtfulAddresses({ count }: { count: number }) {
  const { t, pick } = useWords();
  return (
    <DevicesToMend count={count} query={{ doubtful_address: true }} title="node.doubtful" testId="doubtful-addresses">
      {(device) => (
        <>
          {t("told.line", { peer: device.address, address: device.told_address })}
          <div className="quiet">{pick(device.told_warning_zh, device.told_warning_en)}</div>
        </>
      )}
    </DevicesToMend>
  );
}
