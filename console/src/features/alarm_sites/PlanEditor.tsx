import { useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { useState, type KeyboardEvent } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { markClass, placed, PlanPicture, type Plan } from "../../ui/SitePlan";
import type { Site } from "./form";
import { keyOf, marked, stepped, unmarked, type Mark, type Point } from "./marks";

/** A plan's name, and where points stand on it: by a click, or by keys alone. */
export function PlanEditor({ site, plan, onClose }: { site: Site; plan: Plan; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [name, setName] = useState(plan.name);
  const [marks, setMarks] = useState<Mark[]>(plan.marks.map(({ account, zone, x, y }) => ({ account, zone, x, y })));
  const [chosen, setChosen] = useState<string | undefined>(site.points[0] && keyOf(site.points[0]));
  const point = site.points.find((one) => keyOf(one) === chosen);
  const save = () =>
    void act(async () => {
      await api.PUT("/api/v1/alarm-sites/{site_id}/plans/{photo}", { params: { path: { site_id: site.id, photo: plan.picture } }, body: { name, marks, version: site.version } });
      void queries.invalidateQueries({ queryKey: ["alarm-sites"] });
      onClose();
    });
  const choose = (one: Point) => {
    setChosen(keyOf(one));
    if (!marks.some((mark) => keyOf(mark) === keyOf(one))) setMarks(marked(marks, one, 0.5, 0.5));
  };
  const pressed = (mark: Mark) => (event: KeyboardEvent) => {
    const to = stepped(mark, event.key, event.shiftKey);
    if (to !== undefined) setMarks(marks.map((one) => (keyOf(one) === keyOf(mark) ? { ...one, ...to } : one)));
    else if (event.key === "Delete" || event.key === "Backspace") setMarks(unmarked(marks, mark));
    else return;
    event.preventDefault();
  };
  return (
    <Modal open width={1100} title={t("sites.plan.change")} okText={t("sites.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ "data-testid": "save-plan" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="plan-editor">
        <div className="plan-points">
          <label>
            <span>{t("sites.plan.name")}</span>
            <Input value={name} maxLength={128} data-testid="plan-name" onChange={(event) => setName(event.target.value)} />
          </label>
          <p className="quiet">{t("sites.plan.how")}</p>
          {site.points.length === 0 && <p className="quiet">{t("sites.plan.noPoints")}</p>}
          <ul>
            {site.points.map((one) => {
              const stands = marks.some((mark) => keyOf(mark) === keyOf(one));
              return (
                <li key={keyOf(one)}>
                  <Button size="small" type={keyOf(one) === chosen ? "primary" : "default"} aria-pressed={keyOf(one) === chosen} data-testid={`place-${one.account}-${one.zone}`} onClick={() => choose(one)}>
                    {stands ? "●" : "○"} {one.name} · {one.zone}
                  </Button>
                  {stands && (
                    <Button size="small" aria-label={t("sites.plan.unmark", { point: one.name })} title={t("sites.plan.unmark", { point: one.name })} onClick={() => setMarks(unmarked(marks, one))}>
                      ×
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        </div>
        <div>
          <PlanPicture address={addressOf(site, plan)} label={plan.name || t("sites.plans")} onPoint={(x, y) => point !== undefined && setMarks(marked(marks, point, x, y))}>
            {marks.map((mark) => {
              const said = site.points.find((one) => keyOf(one) === keyOf(mark))?.name ?? mark.zone;
              return (
                <button key={keyOf(mark)} type="button" className={markClass(mark.x, keyOf(mark) === chosen)} style={placed(mark)} aria-label={t("sites.plan.mark", { point: said, x: Math.round(mark.x * 100), y: Math.round(mark.y * 100) })} data-testid={`mark-${mark.account}-${mark.zone}`} onKeyDown={pressed(mark)} onFocus={() => setChosen(keyOf(mark))} onClick={(event) => event.stopPropagation()}>
                  <b>{said}</b>
                </button>
              );
            })}
          </PlanPicture>
        </div>
      </div>
    </Modal>
  );
}

/** Of a plan's picture, for whoever keeps the place. Pure. */
export const addressOf = (site: Pick<Site, "id">, plan: Pick<Plan, "picture">): string => `/api/v1/alarm-sites/${site.id}/plans/${plan.picture}`;
