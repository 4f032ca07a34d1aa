import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, api, type Schemas } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useAsk } from "../../ui/use-ask";
import type { Facts } from "./FactsFields";

type Person = Schemas["PersonShape"];

/** Whether the node says that it takes two persons; any other refusal goes on. */
function takesTwo(error: unknown, code: string): true {
  if (error instanceof ApiProblem && error.problem.code === code) return true;
  throw error;
}

/** A disabled account comes back: at once, or asked for where it takes two persons. */
export function EnableButton({ person }: { person: Person }) {
  const { t } = useWords();
  const ask = useAsk();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const path = { params: { path: { user: person.id } } };
  const enable = () =>
    api.PATCH("/api/v1/users/{user}", { ...path, body: { disabled: false } }).then(
      () => queries.invalidateQueries({ queryKey: ["users"] }),
      (error: unknown) => setAsking(takesTwo(error, "access.enable_needs_two")),
    );
  return (
    <>
      <ActButton size="small" data-testid={`enable-${person.name}`} act={() => Promise.resolve(enable())}>
        {t("user.enable")}
      </ActButton>
      <AskReason name={`enabling of ${person.id}`} open={asking} title={t("user.enable.two", { name: person.full_name || person.name })} help={t("user.enable.two.help")} label={t("appointment.reason")} okText={t("mask.ask")} onClose={() => setAsking(false)} onSure={(reason) => ask(() => api.POST("/api/v1/users/{user}/change", { ...path, body: { enable: true, reason } }))} />
    </>
  );
}

/** Keeps the file of a person: at once, or the dates of it asked for where they take two persons. */
export function SaveFile({ person, facts }: { person: Person; facts: Facts }) {
  const { t } = useWords();
  const ask = useAsk();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const path = { params: { path: { user: person.id } } };
  const { vetted_on, undertaking_on, training_until, certificate_no, ...rest } = facts;
  const told = () => queries.invalidateQueries({ queryKey: ["users"] });
  const save = () => api.PATCH("/api/v1/users/{user}", { ...path, body: facts }).then(told, (error: unknown) => setAsking(takesTwo(error, "access.dates_need_two")));
  /** What one person may set first: it would void the request if it came behind it. */
  const send = async (reason: string) => {
    await api.PATCH("/api/v1/users/{user}", { ...path, body: rest });
    await told();
    await api.POST("/api/v1/users/{user}/change", { ...path, body: { vetted_on, undertaking_on, training_until, certificate_no, enable: false, reason } });
  };
  return (
    <>
      <ActButton data-testid="save-facts" act={() => Promise.resolve(save())}>
        {t("user.save")}
      </ActButton>
      <AskReason name={`dates of ${person.id}`} open={asking} title={t("user.dates.two", { name: person.full_name || person.name })} help={t("user.dates.two.help")} label={t("appointment.reason")} okText={t("mask.ask")} onClose={() => setAsking(false)} onSure={(reason) => ask(() => send(reason))} />
    </>
  );
}
