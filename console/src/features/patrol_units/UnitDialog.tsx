import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Select, Switch } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { positionOf, positionText } from "../../ui/incident/new-incident";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { called } from "../../ui/PersonPick";
import type { Unit } from "./PatrolUnitsPage";

type Kind = Schemas["UnitKind"];
const KINDS: readonly Kind[] = ["foot", "bicycle", "car", "fire", "medical", "technical", "video"];

/** A unit, new or changed: who is in it, whether it is there, and where. */
export function UnitDialog({ unit, onClose }: { unit: Unit | undefined; onClose: () => void }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const of = (what: string) => `${what} of unit ${unit?.id ?? "new"}`;
  const before = positionText(unit?.longitude, unit?.latitude);
  const [sign, setSign] = useKept(of("call sign"), unit?.call_sign ?? "");
  const [kind, setKind] = useKept<Kind>(of("kind"), unit?.kind ?? "car");
  const [members, setMembers] = useKept<string[]>(of("members"), unit?.members ?? []);
  const [area, setArea] = useKept(of("area"), "");
  const [serves, setServes] = useKept(of("service"), unit?.status !== "out_of_service");
  const [locator, setLocator] = useKept(of("locator"), unit?.locator ?? "");
  const [position, setPosition] = useKept(of("position"), before);
  const crewBefore = (unit?.crew ?? []).map(({ user_id }) => user_id);
  const [crew, setCrew] = useKept<number[]>(of("crew"), crewBefore);
  const candidates = useQuery({ queryKey: ["crew-candidates", unit?.id], enabled: unit !== undefined, queryFn: () => body(api.GET("/api/v1/units/{unit_id}/crew-candidates", { params: { path: { unit_id: unit?.id ?? 0 } } })) });
  const spot = positionOf(position);
  const working = unit !== undefined && unit.task !== null;
  const code = locator.trim();
  const coded = /^[0-9A-Za-z]{0,32}$/.test(code);
  const ready = sign.trim() !== "" && spot !== undefined && coded;
  const send = async () => {
    const status = serves ? ("available" as const) : ("out_of_service" as const);
    const facts = { call_sign: sign.trim(), kind, members };
    const kept = unit === undefined ? await body(api.POST("/api/v1/units", { body: { ...facts, area, status, locator: code } })) : await body(api.PATCH("/api/v1/units/{unit_id}", { params: { path: { unit_id: unit.id } }, body: { ...facts, ...(working ? {} : { status }), ...(code === unit.locator ? {} : { locator: code }) } }));
    if (unit !== undefined && crew.join() !== crewBefore.join()) await api.PUT("/api/v1/units/{unit_id}/crew", { params: { path: { unit_id: unit.id } }, body: { users: crew } });
    if (spot !== undefined && spot !== null && position !== before) await api.POST("/api/v1/units/{unit_id}/position", { params: { path: { unit_id: kept.id } }, body: spot });
  };
  const sure = () => void act(send).then((done) => {
    void queries.invalidateQueries({ queryKey: ["patrol-units"] });
    if (done) onClose();
  });
  return (
    <Modal open title={t(unit === undefined ? "units.add" : "units.edit")} okText={t(unit === undefined ? "units.add" : "units.edit")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "sure" }} onCancel={onClose} onOk={sure} destroyOnHidden>
      <div className="fields narrow">
        <label>
          <span>{t("units.callSign")}</span>
          <Input autoFocus value={sign} maxLength={32} data-testid="unit-sign" onChange={(event) => setSign(event.target.value)} />
        </label>
        <label>
          <span>{t("units.kind")}</span>
          <Select<Kind> value={kind} aria-label={t("units.kind")} data-testid="unit-kind" options={KINDS.map((one) => ({ value: one, label: t(`unit.kind.${one}`) }))} onChange={setKind} />
        </label>
        <label>
          <span>{t("units.members")}</span>
          <Select<string[]> mode="tags" open={false} maxCount={20} tokenSeparators={[",", ",", "、"]} value={members} aria-label={t("units.members")} placeholder={t("units.members.help")} data-testid="unit-members" onChange={setMembers} />
        </label>
        {unit !== undefined && (
          <>
            <label>
              <span>{t("units.crew")}</span>
              <Select<number[]> mode="multiple" maxCount={20} value={crew} loading={candidates.isLoading} aria-label={t("units.crew")} data-testid="unit-crew" notFoundContent={t("units.crew.none")} optionFilterProp="label" options={[...new Map([...unit.crew, ...(candidates.data?.items ?? [])].map((one) => [one.user_id, one])).values()].map((one) => ({ value: one.user_id, label: called(one) }))} onChange={setCrew} />
            </label>
            <p className="quiet fields-note">{t("units.crew.help")}</p>
          </>
        )}
        {unit === undefined && (
          <label>
            <span>{t("units.area")}</span>
            <AreaSelect clearable value={area === "" ? undefined : area} label={t("incident.area.own")} testId="unit-area" onChange={setArea} />
          </label>
        )}
        <label>
          <span>{t("units.position")}</span>
          <Input value={position} maxLength={60} placeholder="106.713478, 26.578343" status={spot === undefined ? "error" : ""} aria-invalid={spot === undefined} data-testid="unit-position" onChange={(event) => setPosition(event.target.value)} />
        </label>
        <p className="quiet fields-note">{t("units.position.help")}</p>
        <label>
          <span>{t("units.locator")}</span>
          <Input value={locator} maxLength={32} placeholder="34020000001320000001" status={coded ? "" : "error"} aria-invalid={!coded} data-testid="unit-locator" onChange={(event) => setLocator(event.target.value)} />
        </label>
        <p className="quiet fields-note">{t("units.locator.help")}</p>
        <label>
          <span>{t("units.inService")}</span>
          <span>
            <Switch size="small" checked={serves} disabled={working} data-testid="unit-serves" onChange={setServes} /> {working && <span className="quiet">{t("units.onTask")}</span>}
          </span>
        </label>
      </div>
    </Modal>
  );
}
