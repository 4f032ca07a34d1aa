import { Checkbox, Input, Select, TreeSelect } from "antd";
import type { Schemas } from "../../api-client/client";
import { CLASSES, type CameraClass } from "../../ui/camera-classes";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { momentOf } from "../../ui/zone";
import { areaTree, useDivisions, usePosts } from "./areas";

export type Appointment = Schemas["AppointmentShape"];
export type Post = Appointment["post"];

export type Rank = NonNullable<Appointment["rank"]>;
const RANKS: Rank[] = ["duty-supervisor", "unit-head", "county-head", "city-head", "province-head"];

/** What an appointment says, before it is sent. `until`: a day, empty for no end; the day itself counts. `reason`: for whoever approves. */
export interface Draft {
  post: Post | undefined;
  area: string | undefined;
  classes: CameraClass[];
  until: string;
  rank: Rank | undefined;
  reason: string;
}

export const emptyDraft: Draft = { post: undefined, area: undefined, classes: CLASSES, until: "", rank: undefined, reason: "" };

/** What is sent; undefined while something is missing. `zone`: of the days. */
export function orderOf({ post, area, classes, until, rank, reason }: Draft, zone: string): Schemas["NewAppointment"] | undefined {
  if (post === undefined || area === undefined || classes.length === 0 || reason.trim() === "") return undefined;
  return { post, area, classes, ...(rank === undefined ? {} : { rank }), ...(until === "" ? {} : { valid_until: momentOf(`${until}T23:59:59`, zone).toISOString() }) };
}

/** Post, area with all below it, classes of cameras, and until when. */
export function AppointmentFields({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useWords();
  const divisions = useDivisions();
  const posts = usePosts();
  const chosen = posts.data?.items.find((one) => one.post === draft.post);
  const tree = areaTree(divisions.data?.items ?? [], divisions.data?.whole === true ? t("appointment.everywhere") : undefined);
  return (
    <div className="fields">
      <label>
        <span>{t("appointment.post")}</span>
        <Select<Post> value={draft.post} data-testid="appointment-post" aria-label={t("appointment.post")} placeholder={t("appointment.post")} onChange={(post) => onChange({ ...draft, post, rank: undefined })} options={(posts.data?.items ?? []).map((one) => ({ value: one.post, label: t(`post.${one.post}`) }))} />
      </label>
      {chosen !== undefined && (
        <p className="quiet fields-note">
          {t("appointment.functions")} {chosen.functions.map((one) => t(`function.${one}`)).join("、")}
          {chosen.office && <b> {t("appointment.office")}</b>}
        </p>
      )}
      <label>
        <span>{t("appointment.area")}</span>
        <TreeSelect<string> value={draft.area} treeData={tree} data-testid="appointment-area" aria-label={t("appointment.area")} placeholder={t("appointment.area")} showSearch={{ treeNodeFilterProp: "title" }} treeDefaultExpandedKeys={tree.map((one) => one.value)} styles={{ popup: { root: { maxHeight: 380 } } }} onChange={(area) => onChange({ ...draft, area })} />
      </label>
      <div role="group" aria-label={t("appointment.classes")}>
        <span>{t("appointment.classes")}</span>
        <Checkbox.Group<CameraClass> value={draft.classes} onChange={(classes) => onChange({ ...draft, classes })} options={CLASSES.map((value) => ({ value, label: t(`class.${value}`) }))} />
      </div>
      <label>
        <span>{t("appointment.until")}</span>
        <DateField value={draft.until} label={t("appointment.until")} testId="appointment-until" onChange={(until) => onChange({ ...draft, until })} />
      </label>
      {chosen?.functions.includes("approve") === true && (
        <label>
          <span>{t("appointment.rank")}</span>
          <Select<Rank> allowClear value={draft.rank} data-testid="appointment-rank" aria-label={t("appointment.rank")} placeholder={t("appointment.rank.ofPost")} onChange={(rank) => onChange({ ...draft, rank })} options={RANKS.map((value) => ({ value, label: t(`rank.${value}`) }))} />
        </label>
      )}
      <label>
        <span>{t("appointment.reason")}</span>
        <Input value={draft.reason} maxLength={500} data-testid="appointment-reason" aria-label={t("appointment.reason")} placeholder={t("appointment.reason.help")} onChange={(event) => onChange({ ...draft, reason: event.target.value })} />
      </label>
    </div>
  );
}
