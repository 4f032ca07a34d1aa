/** A camera that is to be shown on the map, chosen on another page: taken once, when the map's page is there. */
let waiting: string | undefined;

export function cameraToMap(code: string): void {
  waiting = code;
}

export function takenToMap(): string | undefined {
  const code = waiting;
  waiting = undefined;
  return code;
}
