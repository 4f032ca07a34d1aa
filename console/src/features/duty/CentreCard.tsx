import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useAreaNames } from "../../ui/AreaSelect";
import { AskReason } from "../../ui/AskReason";
import { DuePatrols } from "../../ui/DuePatrols";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { useAsk } from "../../ui/use-ask";
import { FactorModal, type Proof } from "./FactorModal";
import { HandOver } from "./HandOver";
import { NextCentre } from "./NextCentre";
import { SeatTile } from "./SeatTile";
import { EndShift, ExtendShift, PermitDuty } from "./StayOn";
import { seatsOf, type Centre, type Matter, type Shift } from "./seats";

/** One centre: its seats as tiles, and what is open there. */
export function CentreCard({ centre, others, mine, uses, me, factor }: { centre: Centre; others: readonly Centre[]; mine: Shift | null; uses: readonly Matter[]; me: number; factor: boolean }) {
  const { t, pick } = useWords();
  const may = useMay();
  const { act } = useAct();
  const queries = useQueryClient();
  const areaName = useAreaNames();
  const [leaving, setLeaving] = useKept<"hand-over" | "sign-off">(`leaving ${centre.id}`);
  const [removing, setRemoving] = useKept(`removing ${centre.id}`, false);
  const [extending, setExtending] = useState<Shift>();
  const [ending, setEnding] = useState<Shift>();
  const [permitting, setPermitting] = useState(false);
  const [following, setFollowing] = useState(false);
  const time = useTime();
  const [proving, setProving] = useState<number>();
  const ask = useAsk();
  const own = mine !== null && mine.centre === centre.id ? mine : undefined;
  const refresh = () => queries.invalidateQueries({ queryKey: ["duty"] });
  const remove = () => act(() => api.DELETE("/api/v1/duty/centres/{centre}", { params: { path: { centre: centre.id } } }).then(refresh));
  const askRemoval = (reason: string) => ask(() => api.POST("/api/v1/duty/centres/{centre}/removal", { params: { path: { centre: centre.id } }, body: { reason } }));
  const signOn = (seat: number, proof: Proof = {}) => api.POST("/api/v1/duty/shift", { body: { centre: centre.id, seat, code: "", ...proof } }).finally(() => void refresh());
  const sit = (seat: number) => (factor ? Promise.resolve(setProving(seat)) : signOn(seat));
  const signOff = (reason: string) => act(() => api.POST("/api/v1/duty/shift/sign-off", { body: { reason } }).then(refresh));
  return (
    <section className="card" data-testid={`centre-${centre.id}`}>
      <div className="centre-head">
        <h2>{centre.name}</h2>
        <span className="quiet">
          {areaName(centre.area)} {centre.area}
        </span>
        <span className="quiet">{t("duty.staff", { count: centre.shifts.length, seats: centre.seats, least: centre.min_staff })}</span>
        {centre.following !== null && (
          <span className="quiet" data-testid="next-is">
            {t("duty.centre.next.is", { name: centre.following.name, minutes: centre.following.minutes })}
          </span>
        )}
        {centre.short && <b className="status-fault">▲ {t("duty.short")}</b>}
        <span className="grow" />
        <Link to="/duty/roster" className="page-link" data-testid={`roster-${centre.id}`} onClick={() => sessionStorage.setItem("fengsui.roster-centre", String(centre.id))}>
          {t("roster.open")}
        </Link>
        {may("manage-duty") && (
          <Button size="small" data-testid="permit" onClick={() => setPermitting(true)}>
            {t("shift.permit")}
          </Button>
        )}
        {may("manage-duty") && others.length > 1 && (
          <Button size="small" data-testid="change-next" onClick={() => setFollowing(true)}>
            {t("duty.centre.next.change")}
          </Button>
        )}
        {may("manage-duty") && centre.last && (
          <Button size="small" data-testid="ask-removal" onClick={() => setRemoving(true)}>
            {t("duty.centre.remove")}…
          </Button>
        )}
        {may("manage-duty") && !centre.last && centre.shifts.length === 0 && (
          <Popconfirm title={t("duty.centre.remove.sure", { name: centre.name })} okText={t("duty.centre.remove")} cancelText={t("cancel")} onConfirm={remove}>
            <Button size="small" data-testid="remove-centre">
              {t("duty.centre.remove")}
            </Button>
          </Popconfirm>
        )}
      </div>
      <div className="seats">
        {seatsOf(centre).map((seat) => (
          <SeatTile key={seat.number} seat={seat} me={me} maySit={may("take-duty") && mine === null} manages={may("manage-duty")} onSit={() => sit(seat.number)} onLeave={setLeaving} onExtend={setExtending} onEnd={setEnding} />
        ))}
      </div>
      <p className="quiet matters">
        {centre.matters.length === 0 ? t("duty.matters.none") : t("duty.matters.some", { matters: centre.matters.map((matter) => pick(matter.zh, matter.en)).join(" · ") })}
      </p>
      {own !== undefined && <DuePatrols centre={centre.id} />}
      {centre.permits.length > 0 && (
        <p className="quiet matters" data-testid="permits">
          {t("shift.permits", { who: centre.permits.map((one) => t("shift.permits.one", { name: one.person, until: time(one.until), by: one.by, reason: one.reason })).join(" · ") })}
        </p>
      )}
      {extending !== undefined && <ExtendShift shift={extending} onClose={() => setExtending(undefined)} />}
      {ending !== undefined && <EndShift shift={ending} onClose={() => setEnding(undefined)} />}
      {following && <NextCentre centre={centre} others={others} onClose={() => setFollowing(false)} />}
      {permitting && <PermitDuty centre={centre} onClose={() => setPermitting(false)} />}
      <AskReason name={`removal of centre ${centre.id}`} open={removing} danger title={t("duty.centre.last.title", { name: centre.name })} help={t("duty.centre.last.help")} label={t("appointment.reason")} okText={t("duty.centre.last.ask")} onClose={() => setRemoving(false)} onSure={askRemoval} />
      <FactorModal open={proving !== undefined} title={t("duty.factor.title", { centre: centre.name, seat: proving ?? 0 })} onClose={() => setProving(undefined)} onProof={(proof) => act(() => signOn(proving ?? 0, proof))} />
      {own !== undefined && (
        <>
          <HandOver open={leaving === "hand-over"} shift={own} centre={centre} uses={uses} onClose={() => setLeaving(undefined)} />
          <AskReason name={`sign-off of ${own.id}`} open={leaving === "sign-off"} danger title={t("duty.signOff.title", { centre: centre.name, seat: own.seat })} help={t("duty.signOff.help")} label={t("duty.signOff.reason")} okText={t("duty.signOff")} most={1000} onClose={() => setLeaving(undefined)} onSure={signOff} />
        </>
      )}
    </section>
  );
}
