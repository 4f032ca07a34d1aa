import { useQueryClient } from "@tanstack/react-query";
import { api, type Schemas } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { longestOf } from "../../ui/ticket/ground";
import { useZone } from "../../ui/zone";
import { BoundsFields } from "./BoundsFields";
import { boundsOfTicket, boundsOrder, type Ticket } from "./order";

/** Another version of a ticket, with its reason. */
export function ChangeTicket({ ticket, rules, onClose }: { ticket: Ticket; rules: Schemas["PurposeList"]; onClose: () => void }) {
  const { t } = useWords();
  const { act } = useAct();
  const queries = useQueryClient();
  const zone = useZone();
  const longest = longestOf(rules, ticket.case_number);
  const [bounds, setBounds] = useKept(`bounds of ${ticket.number}`, () => boundsOfTicket(ticket, zone));
  const [hours, setHours] = useKept<number | null>(`hours of ${ticket.number}`, Math.min(rules.default_hours, longest));
  const order = boundsOrder(bounds, zone);
  const change = async (reason: string) => {
    if (order === undefined || hours === null) return false;
    const sent = act(() => api.POST("/api/v1/tickets/{number}/versions", { params: { path: { number: ticket.number } }, body: { bounds: order, hours, reason } }));
    return sent.finally(() => void queries.invalidateQueries({ queryKey: ["tickets"] }));
  };
  return (
    <AskReason name={`change of ${ticket.number}`} open title={t("ticket.change.title", { number: ticket.number })} help={t("ticket.change.help")} label={t("ticket.reason.change")} okText={t("ticket.change")} least={4} ready={order !== undefined && hours !== null} onClose={onClose} onSure={change}>
      <div className="fields">
        <BoundsFields bounds={bounds} hours={hours} longest={longest} onBounds={setBounds} onHours={setHours} />
      </div>
    </AskReason>
  );
}
