import { useWords } from "../../ui/language";
import { DevicesToMend } from "./DevicesToMend";

/** Devices with channels whose codes other devices' cameras have: what to do stands on their pages. */
export function RefusedDevices({ count }: { count: number }) {
  return (
    <DevicesToMend count={count} query={{ refused_channels: true }} title="node.refusedChannels" testId="refused-devices">
      {(device) => <span className="quiet">{device.code}</span>}
    </DevicesToMend>
  );
}

/** Devices that report a fault of themselves. */
export function FaultyDevices({ count }: { count: number }) {
  const { t } = useWords();
  return (
    <DevicesToMend count={count} query={{ status: "fault" }} title="node.faulty" testId="faulty-devices">
      {(device) => (
        <span className="quiet">
          {device.code} · {t("device.channels")} {device.channels}
        </span>
      )}
    </DevicesToMend>
  );
}
