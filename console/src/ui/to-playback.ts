/** What another page wants played: taken once, when the page of playback opens. */
interface WantedFootage {
  /** One joins those that are played already, several take their place. */
  cameras: readonly { code: string; name: string }[];
  /** Microseconds since 1970. */
  atUs: number;
}

let waiting: WantedFootage | undefined;

export function footageToPlay(wanted: WantedFootage): void {
  waiting = wanted;
}

export function takenToPlay(): WantedFootage | undefined {
  const wanted = waiting;
  waiting = undefined;
  return wanted;
}
