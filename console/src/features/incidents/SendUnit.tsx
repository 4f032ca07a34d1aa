import { useQuery } from "@tanstack/react-query";
import { Input, Modal, Switch } from "antd";
import { useMemo } from "react";
import { useIncidentWords } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { placeOf, type Details } from "./incident";
import { UnitMap } from "./UnitMap";
import { askedProposals, sendTask, type Proposal } from "./task";
import type { IncidentActs } from "./use-incident-acts";

const NONE: readonly Proposal[] = [];

/** Units that could go, the best first, each with why it stands there. A person picks and sends. */
export function SendUnit({ incident, acts }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const words = useIncidentWords();
  const [unit, setUnit] = useKept<number>(`unit for incident ${incident.id}`);
  const [order, setOrder] = useKept(`order for incident ${incident.id}`, `${placeOf(incident)}\n${incident.text || words("types", incident.type)}`);
  const [feedback, setFeedback] = useKept(`feedback for incident ${incident.id}`, true);
  const found = useQuery({ queryKey: ["incidents", "proposals", incident.id], queryFn: () => askedProposals(incident.id) });
  const proposals = found.data?.items ?? NONE;
  const units = useMemo(() => proposals.map(({ unit: { id, call_sign, longitude, latitude } }, at) => ({ id, name: `${at + 1} · ${call_sign}`, longitude, latitude })), [proposals]);
  const picked = proposals.find((one) => one.unit.id === unit);
  const send = () => {
    if (picked === undefined || order.trim() === "") return;
    void acts.done(() => sendTask(incident.id, { unit: picked.unit.id, order: order.trim(), need_feedback: feedback })).then((sent) => sent && acts.leave());
  };
  return (
    <Modal open width={1080} title={t("send.title", { number: incident.number })} okText={picked === undefined ? t("send.sure.none") : t("send.sure", { unit: picked.unit.call_sign })} cancelText={t("cancel")} confirmLoading={acts.busy} okButtonProps={{ disabled: picked === undefined || order.trim() === "", "data-testid": "sure" }} onCancel={acts.leave} onOk={send} destroyOnHidden>
      <div className="send">
        <div>
          {found.isError && <Refused error={found.error} />}
          {found.isPending && <p className="quiet">{t("loading")}</p>}
          {found.isSuccess && proposals.length === 0 && <p className="notice">{t("send.none")}</p>}
          <div className="proposals" role="radiogroup" aria-label={t("send.units")} data-testid="proposals">
            {proposals.map((one, at) => (
              <ProposalRow key={one.unit.id} proposal={one} place={at + 1} picked={one.unit.id === unit} onPick={() => setUnit(one.unit.id)} onSend={send} />
            ))}
          </div>
        </div>
        <UnitMap incident={incident} units={units} picked={unit} />
      </div>
      <div className="fields narrow">
        <label>
          <span>{t("send.order")}</span>
          <Input.TextArea rows={2} maxLength={1000} value={order} data-testid="order" onChange={(event) => setOrder(event.target.value)} />
        </label>
        <label>
          <span>{t("send.feedback")}</span>
          <span>
            <Switch size="small" checked={feedback} data-testid="need-feedback" onChange={setFeedback} /> <span className="quiet">{t("send.feedback.help")}</span>
          </span>
        </label>
      </div>
    </Modal>
  );
}

interface RowProps {
  proposal: Proposal;
  place: number;
  picked: boolean;
  onPick: () => void;
  onSend: () => void;
}

function ProposalRow({ proposal: { unit, reasons, fits }, place, picked, onPick, onSend }: RowProps) {
  const { t, pick } = useWords();
  const pressed = (event: React.KeyboardEvent<HTMLButtonElement>) => {
    const rows = [...(event.currentTarget.parentElement?.querySelectorAll<HTMLElement>("[role=radio]") ?? [])];
    const beside = rows[rows.indexOf(event.currentTarget) + (event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0)];
    if (event.key === "Enter" && picked) onSend();
    else if (beside !== undefined && beside !== event.currentTarget) {
      beside.focus();
      beside.click();
    } else return;
    event.preventDefault();
  };
  return (
    <button type="button" role="radio" aria-checked={picked} autoFocus={place === 1} data-testid={`proposal-${unit.id}`} data-fits={fits} onClick={onPick} onKeyDown={pressed}>
      <b>
        {picked ? "✓" : place} · {unit.call_sign}
      </b>
      <span className="kind">{t(`unit.kind.${unit.kind}`)}</span>
      <span className="members">{unit.members.join("、")}</span>
      <span className="reasons">
        {reasons.map(({ code, zh, en }) => (
          <i key={code} className={`reason-${code}`}>
            {pick(zh, en)}
          </i>
        ))}
      </span>
    </button>
  );
}
