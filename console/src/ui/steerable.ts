/** Whether a camera may be turned, by its PTZ type (GB/T 28181 A.2.1.9): domes, half domes, remote-controlled ones, and those that do not say. */
export function isSteerable(ptzType: number): boolean {
  return [0, 1, 2, 4, 5].includes(ptzType);
}
