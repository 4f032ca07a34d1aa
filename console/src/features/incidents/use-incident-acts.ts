import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useContext, useState } from "react";
import { useAct } from "../../ui/act";
import { SignedIn, useMay } from "../../ui/signed-in";
import * as acts from "./acts";
import type { Details } from "./incident";
import { actsOf, nextAct, type Act } from "./steps";

export interface IncidentActs {
  may: ReadonlySet<Act>;
  /** What Enter does. */
  next: Act | undefined;
  busy: boolean;
  /** The dialog that stands open. */
  asking: Act | undefined;
  leave: () => void;
  /** Does it, or asks first what it needs. Nothing where it may not be done now. */
  begin: (act: Act) => void;
  /** Asks the node for a change; whatever came of it, the incident is read anew: who was second sees who was first. */
  done: (what: () => Promise<unknown>) => Promise<boolean>;
}

const AT_ONCE: readonly Act[] = ["verify", "confirm", "control"];

/** Acts on the chosen incident. */
export function useIncidentActs(incident: Details | undefined): IncidentActs {
  const queries = useQueryClient();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const desk = useMay()("take-duty");
  const { busy, act } = useAct();
  const [asking, setAsking] = useState<{ id: number; act: Act }>();
  const may = actsOf(incident, me, desk);
  const done = useCallback((what: () => Promise<unknown>) => act(what).finally(() => void queries.invalidateQueries({ queryKey: ["incidents"] })), [act, queries]);
  const begin = (wanted: Act) => {
    if (incident === undefined || !may.has(wanted)) return;
    const direct = AT_ONCE.includes(wanted) || (wanted === "take" && incident.owner === null);
    if (direct) void done(() => acts.move(incident, wanted as acts.Step));
    else setAsking({ id: incident.id, act: wanted });
  };
  const leave = () => setAsking(undefined);
  const asked = asking !== undefined && asking.id === incident?.id && may.has(asking.act) ? asking.act : undefined;
  return { may, next: incident === undefined ? undefined : nextAct(incident, may), busy, asking: asked, leave, begin, done };
}
