/** An alarm that is to be looked at, chosen on another page: taken once, when the page of alarms opens. */
let waiting: number | undefined;

export function alarmToDesk(id: number): void {
  waiting = id;
}

export function takenToDesk(): number | undefined {
  const id = waiting;
  waiting = undefined;
  return id;
}
