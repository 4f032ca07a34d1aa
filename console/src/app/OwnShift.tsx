import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, body } from "../api-client/client";
import { useWords } from "../ui/language";
import { useTime } from "../ui/time";

/** One's own shift in the header: where one sits, or that a seat is offered. */
export function OwnShift() {
  const { t } = useWords();
  const time = useTime();
  const duty = useQuery({ queryKey: ["duty"], queryFn: () => body(api.GET("/api/v1/duty")) }).data;
  if (duty === undefined) return null;
  const named = (id: number) => duty.centres.find((one) => one.id === id)?.name ?? "";
  const { mine, offered } = duty;
  if (mine !== null) {
    return (
      <Link to="/duty" className="own-shift" title={t("duty.mine.help", { until: time(mine.until) })} data-testid="own-shift">
        <span className="status-online">●</span> {t(mine.state === "handing-over" ? "duty.mine.handing" : "duty.mine", { centre: named(mine.centre), seat: mine.seat })}
      </Link>
    );
  }
  if (offered === null) return null;
  return (
    <Link to="/duty" className="chip" data-testid="offered-shift">
      {t("duty.offered", { name: offered.name, centre: named(offered.centre), seat: offered.seat })}
    </Link>
  );
}
