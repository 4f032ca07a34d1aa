import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiProblem } from "../../api-client/client";
import { OpenIncident } from "../../ui/incident/OpenIncident";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { ChosenIncident } from "./ChosenIncident";
import { askedIncident, askedList, incidentKey, listKey, ordered, type Which } from "./incident";
import { IncidentList } from "./IncidentList";
import "./incidents.css";
import { useIncidentActs } from "./use-incident-acts";
import { useIncidentKeys } from "./use-incident-keys";

const unknown = (error: unknown) => error instanceof ApiProblem && error.problem.status === 404;

/** The desk's incidents, and the one that is worked on: its address names it, so that another desk opens the same. */
export function IncidentsPage({ id }: { id: number | undefined }) {
  const { t } = useWords();
  const go = useNavigate();
  const desk = useMay()("take-duty");
  const [which, setWhich] = useState<Which>("open");
  const [entering, setEntering] = useState(false);
  const list = useInfiniteQuery({ queryKey: listKey(which), queryFn: ({ pageParam }) => askedList(which, pageParam), initialPageParam: "", getNextPageParam: ({ next }) => next, retry: (count, error) => !(error instanceof ApiProblem && error.problem.status === 403) && count < 3 });
  const incidents = useMemo(() => ordered((list.data?.pages ?? []).flatMap(({ items }) => items), which), [list.data, which]);
  const chosen = useQuery({ queryKey: incidentKey(id ?? 0), enabled: id !== undefined, retry: (count, error) => !unknown(error) && count < 3, queryFn: () => askedIncident(id ?? 0) });
  const choose = (wanted: number) => void go({ to: "/incidents", search: { id: wanted }, replace: id !== undefined });
  const at = incidents.findIndex((one) => one.id === id);
  const step = (by: 1 | -1) => {
    const beside = incidents[at < 0 ? 0 : Math.max(0, Math.min(incidents.length - 1, at + by))];
    if (beside !== undefined) choose(beside.id);
  };
  const acts = useIncidentActs(chosen.data);
  const note = () => document.querySelector<HTMLElement>("[data-testid=incident-note]")?.focus();
  const enter = () => desk && setEntering(true);
  useIncidentKeys({ step, next: () => acts.next !== undefined && acts.begin(acts.next), begin: acts.begin, note, open: enter });
  if (list.isPending) return <div className="hint">{t("loading")}</div>;
  if (list.data === undefined) return <Refused error={list.error} />;
  return (
    <div className="incidents">
      <IncidentList which={which} onWhich={setWhich} incidents={incidents} total={list.data.pages.at(-1)?.total ?? incidents.length} late={list.isError} more={list.hasNextPage} busy={list.isFetchingNextPage} chosen={id} onChoose={choose} onMore={() => void list.fetchNextPage()} onEnter={desk ? enter : undefined} />
      <ChosenIncident id={id} incident={chosen.data} error={chosen.error} acts={acts} />
      {entering && <OpenIncident name="new incident" onClose={() => setEntering(false)} onOpened={(made) => [setEntering(false), setWhich("open"), choose(made)]} />}
    </div>
  );
}
