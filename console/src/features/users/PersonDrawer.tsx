import { useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Popconfirm, Space } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { CLASSES } from "../../ui/camera-classes";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { ActButton, useAct } from "../../ui/act";
import { useTime } from "../../ui/time";
import { useZone } from "../../ui/zone";
import { EnableButton, SaveFile } from "./AccountByTwo";
import { AppointmentFields, emptyDraft, orderOf, type Appointment } from "./AppointmentFields";
import { FactsFields, type Facts } from "./FactsFields";
import { PersonState } from "./PersonState";
import { ResetButtons } from "./ResetButtons";

type Person = Schemas["PersonShape"];
type Made = Schemas["MadePerson"];

/** One person: state, file, appointments. */
export function PersonDrawer({ person, mine, onClose, onPassword }: { person: Person | undefined; mine: boolean; onClose: () => void; onPassword: (made: Made) => void }) {
  return (
    <Drawer open={person !== undefined} onClose={onClose} size={680} title={person === undefined ? "" : `${person.full_name || person.name} · ${person.name}`} destroyOnHidden>
      {person !== undefined && <Whole key={person.id} person={person} mine={mine} onPassword={onPassword} />}
    </Drawer>
  );
}

function Whole({ person, mine, onPassword }: { person: Person; mine: boolean; onPassword: (made: Made) => void }) {
  const { t, pick } = useWords();
  const { act } = useAct();
  const queries = useQueryClient();
  const path = { params: { path: { user: person.id } } };
  const then = (call: Promise<unknown>) => call.then(() => queries.invalidateQueries({ queryKey: ["users"] }));
  return (
    <>
      <div className="line">
        <span className="grow">
          <PersonState person={person} /> {person.closed_zh !== "" && pick(person.closed_zh, person.closed_en)}
        </span>
        {!mine && (
          <Space>
            {person.locked && (
              <ActButton size="small" data-testid={`unlock-${person.name}`} act={() => then(api.POST("/api/v1/users/{user}/unlock", path))}>
                {t("user.unlock")}
              </ActButton>
            )}
            <ResetButtons person={person} onPassword={onPassword} />
            {person.disabled ? (
              <EnableButton person={person} />
            ) : (
              <Popconfirm title={t("user.disable.sure")} okText={t("user.disable")} cancelText={t("cancel")} onConfirm={() => act(() => then(api.PATCH("/api/v1/users/{user}", { ...path, body: { disabled: true } })))}>
                <Button size="small" danger data-testid={`disable-${person.name}`}>
                  {t("user.disable")}
                </Button>
              </Popconfirm>
            )}
          </Space>
        )}
      </div>
      {mine && <p className="quiet">{t("user.own")}</p>}
      {person.provider !== "" && (
        <p className="quiet" data-testid="from-provider">
          {t("user.provider", { provider: person.provider })}
        </p>
      )}
      <h4>{t("appointment.title")}</h4>
      {person.appointments.length === 0 && <p className="quiet">{t("appointment.none")}</p>}
      {person.appointments.map((one) => (
        <AppointmentLine
          key={one.id}
          one={one}
          mine={mine}
          onEnd={() => act(() => then(api.DELETE("/api/v1/users/{user}/appointments/{appointment}", { params: { path: { user: person.id, appointment: one.id } } })))}
          onAccept={(reason) => act(() => then(api.POST("/api/v1/users/{user}/appointments/{appointment}/acceptance", { params: { path: { user: person.id, appointment: one.id } }, body: { reason } })))}
        />
      ))}
      {!mine && <NewAppointment user={person.id} then={then} />}
      {!mine && <File person={person} />}
    </>
  );
}

function AppointmentLine({ one, mine, onEnd, onAccept }: { one: Appointment; mine: boolean; onEnd: () => Promise<unknown>; onAccept: (reason: string) => Promise<boolean> }) {
  const { t, pick } = useWords();
  const time = useTime();
  const [accepting, setAccepting] = useState(false);
  const begun = new Date(one.valid_from).getTime() <= Date.now();
  const classes = one.classes.length === CLASSES.length ? t("appointment.allClasses") : one.classes.map((each) => t(`class.${each}`)).join("、");
  return (
    <div className="line" data-testid={`appointment-${one.post}`}>
      <span className="grow">
        <b>{t(`post.${one.post}`)}</b>{one.rank !== null && pick(`（${t(`rank.${one.rank}`)}）`, ` (${t(`rank.${one.rank}`)})`)} · {one.area === "" ? t("appointment.everywhere") : one.area_name} · {classes}
        <br />
        <span className="quiet">
          {one.valid_until === null ? t("appointment.noEnd") : `${t("appointment.until")} ${time(one.valid_until)}`}
          {one.group === "" && one.made_by !== "" && ` · ${t("appointment.by", { name: one.made_by, time: time(one.made_at) })}`}
          {one.group !== "" && ` · ${t("appointment.group", { group: one.group, time: time(one.made_at) })}`}
          {one.approved_by !== "" && ` · ${t("appointment.approved", { name: one.approved_by })}`}
        </span>{" "}
        {!one.in_force && <span className="status-unknown">◇ {t(one.waits ? "appointment.waits" : begun ? "appointment.ended" : "appointment.notYet")}</span>}
      </span>
      {!mine && one.waits && (
        <>
          <Button size="small" data-testid={`accept-${one.post}`} onClick={() => setAccepting(true)}>
            {t("appointment.accept")}
          </Button>
          <AskReason name={`acceptance of ${one.id}`} open={accepting} title={t("appointment.accept")} help={t("appointment.accept.sure", { group: one.group })} label={t("appointment.reason")} okText={t("appointment.accept")} onClose={() => setAccepting(false)} onSure={onAccept} />
        </>
      )}
      {!mine && (
        <Popconfirm title={one.group === "" ? t("appointment.end.sure") : t("appointment.end.group", { group: one.group })} okText={t("appointment.end")} cancelText={t("cancel")} onConfirm={onEnd}>
          <Button size="small" danger data-testid={`end-${one.post}`}>
            {t("appointment.end")}
          </Button>
        </Popconfirm>
      )}
    </div>
  );
}

function NewAppointment({ user, then }: { user: number; then: (call: Promise<unknown>) => Promise<unknown> }) {
  const { t } = useWords();
  const [draft, setDraft] = useKept(`new post of ${user}`, emptyDraft);
  const [asked, setAsked] = useState(false);
  const order = orderOf(draft, useZone());
  const send = async () => {
    if (order === undefined) return;
    const made = await body(api.POST("/api/v1/users/{user}/appointments", { params: { path: { user } }, body: { ...order, reason: draft.reason.trim() } }));
    setDraft(emptyDraft);
    setAsked(made.request !== null);
  };
  return (
    <section className="panel">
      <AppointmentFields draft={draft} onChange={setDraft} />
      {asked && <p className="notice" data-testid="post-asked">{t("appointment.asked")}</p>}
      <ActButton type="primary" disabled={order === undefined} data-testid="appoint" act={() => then(send())}>
        {t("appointment.add")}
      </ActButton>
    </section>
  );
}

function File({ person }: { person: Person }) {
  const { t } = useWords();
  const { full_name, personnel_number, unit, vetted_on, undertaking_on, training_until, certificate_no } = person;
  const [facts, setFacts] = useKept<Facts>(`file of ${person.id}`, { full_name, personnel_number, unit, vetted_on, undertaking_on, training_until, certificate_no });
  return (
    <>
      <h4>{t("user.facts")}</h4>
      <FactsFields facts={facts} onChange={setFacts} />
      <SaveFile person={person} facts={facts} />
    </>
  );
}
