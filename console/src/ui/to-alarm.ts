/** An alarm that is to be looked at, chosen on another page or in the frame: taken once, when the page of alarms opens, or at once where
 *  that is open. */
let waiting: number | undefined;
let desk: ((id: number) => void) | undefined;

export function alarmToDesk(id: number): void {
  if (desk === undefined) waiting = id;
  else desk(id);
}

export function takenToDesk(): number | undefined {
  const id = waiting;
  waiting = undefined;
  return id;
}

/** The page of alarms is open, until what comes back is called. */
export function deskOpens(choose: (id: number) => void): () => void {
  desk = choose;
  return () => {
    if (desk === choose) desk = undefined;
  };
}
