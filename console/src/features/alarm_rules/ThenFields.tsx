import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input, InputNumber, Select } from "antd";
import type { ReactNode } from "react";
import { api, body } from "../../api-client/client";
import { CameraPick } from "../../ui/CameraPick";
import { useWords } from "../../ui/language";
import { actionOf, DOES, FIRST, withAction, type Action, type Do, type Order } from "./form";

interface Props {
  order: Order;
  onChange: (order: Order) => void;
}

/** What is done: each action is chosen, and then says how. */
export function ThenFields({ order, onChange }: Props) {
  const { t } = useWords();
  return (
    <div className="alarm-rule-then">
      {DOES.map((what) => {
        const chosen = order.then.some((one) => one.do === what);
        return (
          <div key={what}>
            <Checkbox checked={chosen} data-testid={`do-${what}`} onChange={(event) => onChange(withAction(order, what, event.target.checked ? FIRST[what] : undefined))}>
              {t(`rules.do.${what}`)}
            </Checkbox>
            {chosen && <div className="alarm-rule-how">{HOW[what]({ order, onChange })}</div>}
          </div>
        );
      })}
    </div>
  );
}

const HOW: { [D in Do]: (props: Props) => ReactNode } = {
  raise: (props) => <Raise {...props} />,
  protect: (props) => <Protect {...props} />,
  incident: (props) => <Incident {...props} />,
  show: (props) => <Show {...props} />,
  procedure: (props) => <Procedure {...props} />,
  forward: (props) => <Forward {...props} />,
  notify: (props) => <Notify {...props} />,
  output: (props) => <Output {...props} />,
};

function usePut({ order, onChange }: Props) {
  return (action: Action) => onChange(withAction(order, action.do, action));
}

function Raise(props: Props) {
  const { t } = useWords();
  const put = usePut(props);
  const action = actionOf(props.order, "raise") ?? FIRST.raise;
  return <Select value={action.to} aria-label={t("rules.do.raise")} options={([1, 2, 3] as const).map((one) => ({ value: one, label: t(`priority.${one}`) }))} onChange={(to) => put({ ...action, to })} />;
}

function Protect(props: Props) {
  const { t } = useWords();
  const put = usePut(props);
  const action = actionOf(props.order, "protect") ?? FIRST.protect;
  return (
    <>
      <InputNumber min={0} max={600} precision={0} prefix={t("rules.before")} suffix="s" value={action.before_s} aria-label={t("rules.before")} onChange={(value) => put({ ...action, before_s: value ?? 60 })} />
      <InputNumber min={0} max={3600} precision={0} prefix={t("rules.after")} suffix="s" value={action.after_s} aria-label={t("rules.after")} onChange={(value) => put({ ...action, after_s: value ?? 300 })} />
      <InputNumber min={1} max={90} precision={0} prefix={t("rules.days")} suffix="d" value={action.days} aria-label={t("rules.days")} onChange={(value) => put({ ...action, days: value ?? 30 })} />
      <p className="quiet">{t("rules.protect.help")}</p>
    </>
  );
}

function Incident(props: Props) {
  const { t, pick } = useWords();
  const put = usePut(props);
  const action = actionOf(props.order, "incident") ?? FIRST.incident;
  const lists = useQuery({ queryKey: ["incident-lists"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/incident-lists")) });
  const kinds = (lists.data?.types ?? []).map((one) => ({ value: one.code, label: pick(one.zh, one.en) }));
  return (
    <>
      <Select<string> value={action.type} aria-label={t("rules.incident.type")} options={kinds} onChange={(type) => put({ ...action, type: type as typeof action.type })} />
      <Input value={action.text} maxLength={500} placeholder={t("rules.incident.text")} aria-label={t("rules.incident.text")} data-testid="rule-incident-text" onChange={(event) => put({ ...action, text: event.target.value })} />
    </>
  );
}

function Show(props: Props) {
  const { t } = useWords();
  const put = usePut(props);
  const action = actionOf(props.order, "show") ?? FIRST.show;
  const change = (at: number, part: Partial<(typeof action.cameras)[number]>) => put({ ...action, cameras: action.cameras.map((one, place) => (place === at ? { ...one, ...part } : one)) });
  return (
    <>
      {action.cameras.map((one, at) => (
        <div key={at} className="alarm-rule-camera">
          <CameraPick value={one.camera} testId={`show-camera-${at}`} onChange={(camera) => change(at, { camera })} />
          <InputNumber min={1} max={255} precision={0} value={one.preset ?? null} placeholder={t("rules.preset")} aria-label={t("rules.preset")} onChange={(preset) => change(at, { preset })} />
          <Button size="small" type="text" disabled={action.cameras.length === 1} onClick={() => put({ ...action, cameras: action.cameras.filter((_, place) => place !== at) })}>
            {t("rules.remove")}
          </Button>
        </div>
      ))}
      <Button size="small" disabled={action.cameras.length >= 16} onClick={() => put({ ...action, cameras: [...action.cameras, { camera: "", preset: null }] })}>
        {t("rules.show.add")}
      </Button>
    </>
  );
}

/** One that is on; the node refuses one that does not hold in the whole area of the rule. */
function Procedure(props: Props) {
  const { t } = useWords();
  const put = usePut(props);
  const { procedure } = actionOf(props.order, "procedure") ?? FIRST.procedure;
  const found = useQuery({ queryKey: ["procedures"], retry: false, queryFn: () => body(api.GET("/api/v1/procedures")) });
  const options = (found.data?.items ?? []).filter((one) => one.on).map((one) => ({ value: one.id, label: `${one.name} · ${one.area_name}` }));
  const gone = procedure !== 0 && found.data !== undefined && !options.some((one) => one.value === procedure);
  return (
    <>
      <Select<number> value={procedure === 0 || gone ? undefined : procedure} status={gone ? "error" : ""} placeholder={t(gone ? "rules.procedure.gone" : "rules.procedure.choose")} notFoundContent={t("rules.procedure.none")} aria-label={t("rules.do.procedure")} data-testid="rule-procedure" options={options} onChange={(chosen) => put({ do: "procedure", procedure: chosen })} />
      <p className="quiet">{t("rules.procedure.help")}</p>
    </>
  );
}

/** Over a link that takes alarms; the node refuses one that does not lie over the whole area of the rule. */
function Forward(props: Props) {
  const { t } = useWords();
  const put = usePut(props);
  const { link } = actionOf(props.order, "forward") ?? FIRST.forward;
  const found = useQuery({ queryKey: ["alarm-rules", "links"], retry: false, queryFn: () => body(api.GET("/api/v1/alarm-rules/links")) });
  const options = (found.data?.items ?? []).map((one) => ({ value: one.id, label: `${one.title} · ${one.area_name}` }));
  const gone = link !== 0 && found.data !== undefined && !options.some((one) => one.value === link);
  return (
    <>
      <Select<number> value={link === 0 || gone ? undefined : link} status={gone ? "error" : ""} placeholder={t(gone ? "rules.forward.gone" : "rules.forward.choose")} notFoundContent={t("rules.forward.none")} aria-label={t("rules.do.forward")} data-testid="rule-link" options={options} onChange={(chosen) => put({ do: "forward", link: chosen })} />
      <p className="quiet">{t("rules.forward.help")}</p>
    </>
  );
}

/** One within the area of the rule, which the node sees to. */
function Output(props: Props) {
  const { t } = useWords();
  const put = usePut(props);
  const action = actionOf(props.order, "output") ?? FIRST.output;
  const found = useQuery({ queryKey: ["outputs"], retry: false, queryFn: () => body(api.GET("/api/v1/outputs")) });
  const options = (found.data?.items ?? []).filter((one) => !one.distrusted).map((one) => ({ value: one.id, label: `${one.name} · ${one.area_name}` }));
  const gone = action.output !== 0 && found.data !== undefined && !options.some((one) => one.value === action.output);
  return (
    <>
      <Select<number> value={action.output === 0 || gone ? undefined : action.output} status={gone ? "error" : ""} placeholder={t(gone ? "rules.output.gone" : "rules.output.choose")} notFoundContent={t("rules.output.none")} aria-label={t("rules.do.output")} data-testid="rule-output" options={options} onChange={(output) => put({ ...action, output })} />
      <InputNumber min={1} max={600} precision={0} prefix={t("outputs.seconds")} suffix="s" value={action.seconds ?? 10} aria-label={t("outputs.seconds")} data-testid="rule-output-seconds" onChange={(value) => put({ ...action, seconds: value ?? 10 })} />
      <p className="quiet">{t("rules.output.help")}</p>
    </>
  );
}

const POSTS = ["operator", "duty-supervisor", "commander", "inspector"] as const;

function Notify(props: Props) {
  const { t } = useWords();
  const put = usePut(props);
  const action = actionOf(props.order, "notify") ?? FIRST.notify;
  const none = action.units !== true && (action.posts ?? []).length === 0;
  return (
    <>
      <Select<(typeof POSTS)[number][]> mode="multiple" value={action.posts ?? []} status={none ? "error" : ""} placeholder={t("rules.notify.posts")} aria-label={t("rules.notify.posts")} data-testid="rule-posts" options={POSTS.map((one) => ({ value: one, label: t(`post.${one}`) }))} onChange={(posts) => put({ ...action, posts })} />
      <Checkbox checked={action.units === true} data-testid="rule-units" onChange={(event) => put({ ...action, units: event.target.checked })}>
        {t("rules.notify.units")}
      </Checkbox>
      <Input value={action.text} maxLength={200} placeholder={t("rules.notify.text")} aria-label={t("rules.notify.text")} data-testid="rule-notify-text" onChange={(event) => put({ ...action, text: event.target.value })} />
      <p className="quiet">{t("rules.notify.help")}</p>
    </>
  );
}
