import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, body } from "../api-client/client";
import { useWords } from "../ui/language";
import { personName } from "../ui/person-name";
import { useTime } from "../ui/time";
import { Chip } from "./Chip";

/** One's own shift in the header: where one sits, or that a seat is offered. The narrower the header, the fewer words; the seat stays. */
export function OwnShift() {
  const { t } = useWords();
  const time = useTime();
  const duty = useQuery({ queryKey: ["duty"], queryFn: () => body(api.GET("/api/v1/duty")) }).data;
  if (duty === undefined) return null;
  const named = (id: number) => duty.centres.find((one) => one.id === id)?.name ?? "";
  const { mine, offered } = duty;
  if (mine !== null) {
    const handing = mine.state === "handing-over";
    return (
      <Link to="/duty" className="own-shift" title={`${t(handing ? "duty.mine.handing" : "duty.mine")} · ${named(mine.centre)} ${t("duty.seat", { seat: mine.seat })}\n${t("duty.mine.help", { until: time(mine.until) })}`} data-testid="own-shift">
        <span className={handing ? "status-unknown" : "status-online"}>{handing ? "◆" : "●"}</span>
        <span className="whole">{t(handing ? "duty.mine.handing" : "duty.mine")} ·</span>
        <span className="where">{named(mine.centre)}</span>
        <span>{t("duty.seat", { seat: mine.seat })}</span>
      </Link>
    );
  }
  if (offered === null) return null;
  return (
    <Chip to="/duty" whole={t("duty.offered", { name: personName(offered), centre: named(offered.centre), seat: offered.seat })} few={`${t("duty.accept")} · ${t("duty.seat", { seat: offered.seat })}`} testId="offered-shift" />
  );
}
