import { DevicesToMend } from "./DevicesToMend";

/** Devices with channels whose codes other devices' cameras have: what to do stands on their pages. */
export function RefusedDevices({ count }: { count: number }) {
  return (
    <DevicesToMend count={count} query={{ refused_channels: true }} title="node.refusedChannels" testId="refused-devices">
      {(device) => <span className="quiet">{device.code}</span>}
    </DevicesToMend>
  );
}
