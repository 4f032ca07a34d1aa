import { Button } from "antd";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import type { Work } from "./queue";
import type { DeskActs } from "./use-acts";

/** What the desk can do with the alarm now; where somebody else has it, who. */
export function ActBar({ work, acts }: { work: Work; acts: DeskActs }) {
  const { t } = useWords();
  const { turn, busy, ready } = acts;
  const off = busy || !ready;
  const owner = work.owner?.name ?? "";
  if (turn === "over") return <Told state="over" words={t("alarms.over", { outcome: t(`alarms.outcome.${work.outcome ?? "handled"}` as TextKey) })} />;
  if (turn === "none") return <Told state="none" words={t(work.state === "shelved" ? "alarms.isShelved" : work.owner === null ? "alarms.free" : "alarms.others", { name: owner })} />;
  const mine = turn === "verify" || turn === "close";
  const others = turn === "others" || (turn === "take" && work.owner !== null);
  return (
    <div className="alarm-acts" data-testid="alarm-acts" data-turn={turn}>
      {others && <b className="alarm-owner">◆ {t("alarms.others", { name: owner })}</b>}
      {!mine && (
        <Button type="primary" loading={busy} disabled={turn === "others" || !ready} data-testid="take" onClick={acts.take}>
          {t(turn === "take" && others ? "alarms.takeOver" : "alarms.take")} <kbd>Enter</kbd>
        </Button>
      )}
      {turn === "verify" && (
        <>
          <Button type="primary" danger loading={busy} disabled={!ready} data-testid="verify-real" onClick={() => void acts.verify("real")}>
            {t("alarms.result.real")} <kbd>1</kbd>
          </Button>
          <Button disabled={off} data-testid="verify-false" onClick={() => void acts.verify("false")}>
            {t("alarms.result.false")} <kbd>2</kbd>
          </Button>
          <Button disabled={off} data-testid="verify-unclear" onClick={() => void acts.verify("unclear")}>
            {t("alarms.result.unclear")} <kbd>3</kbd>
          </Button>
        </>
      )}
      {turn === "close" && (
        <>
          <b className="alarm-owner">{resultWords(work, t)}</b>
          <Button type="primary" loading={busy} disabled={!ready} data-testid="close-alarm" onClick={() => acts.ask("close")}>
            {t("alarms.close")} <kbd>C</kbd>
          </Button>
        </>
      )}
      {mine && (
        <>
          <Button disabled={off} data-testid="hand-over-alarm" onClick={() => acts.ask("hand-over")}>
            {t("alarms.handOver")} <kbd>H</kbd>
          </Button>
          <Button type="text" disabled={off} data-testid="release" onClick={() => acts.ask("release")}>
            {t("alarms.release")}
          </Button>
        </>
      )}
    </div>
  );
}

function Told({ state, words }: { state: string; words: string }) {
  return (
    <div className="alarm-acts" data-testid="alarm-acts" data-turn={state}>
      <b className="alarm-owner">{words}</b>
    </div>
  );
}

/** What it was found to be, and why. */
export function resultWords({ result, reason }: Pick<Work, "result" | "reason">, t: ReturnType<typeof useWords>["t"]): string {
  if (result === null) return "";
  return [t(`alarms.result.${result}`), reason === null ? "" : t(`alarms.reason.${reason}` as TextKey)].filter((one) => one !== "").join(" · ");
}
