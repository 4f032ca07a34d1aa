/** What a use ticket is wanted for, found out on another page: taken once, when the page of tickets opens its form. */
interface WantedTicket {
  cameras: string[];
  /** By the node's clocks, to the minute. */
  since: string;
  until: string;
}

let waiting: WantedTicket | undefined;

export function askForTicket(wanted: WantedTicket): void {
  waiting = wanted;
}

export function takenForTicket(): WantedTicket | undefined {
  const wanted = waiting;
  waiting = undefined;
  return wanted;
}
