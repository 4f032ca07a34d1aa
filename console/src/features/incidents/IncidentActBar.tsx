import { Button, Dropdown } from "antd";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import type { Act } from "./steps";
import type { IncidentActs } from "./use-incident-acts";

/** In the order of the work, with the keys of use-incident-keys.ts. */
const BAR: readonly (readonly [Act, string])[] = [
  ["take", ""],
  ["verify", ""],
  ["confirm", "1"],
  ["refute", "2"],
  ["send", "D"],
  ["control", "3"],
  ["close", "C"],
  ["hand-over", "H"],
  ["reopen", ""],
  ["unmerge", ""],
];
const FURTHER: readonly Act[] = ["merge", "correct", "archive"];

/** What the desk can do with the incident now; what comes next stands out, and is done by Enter. */
export function IncidentActBar({ acts, owner }: { acts: IncidentActs; owner: string | undefined }) {
  const { t } = useWords();
  const { may, next, busy, begin } = acts;
  const said = (act: Act) => t(act === "take" && owner !== undefined ? "incident.act.takeOver" : (`incident.act.${act}` as TextKey));
  const further = FURTHER.filter((one) => may.has(one));
  if (may.size === 0) return null;
  return (
    <div className="incident-acts" data-testid="incident-acts" data-next={next}>
      {BAR.filter(([act]) => may.has(act)).map(([act, key]) => (
        <Button key={act} type={act === next ? "primary" : "default"} danger={act === "refute"} disabled={busy} data-testid={`act-${act}`} onClick={() => begin(act)}>
          {said(act)} {act === next ? <kbd>Enter</kbd> : key !== "" && <kbd>{key}</kbd>}
        </Button>
      ))}
      {further.length > 0 && (
        <Dropdown trigger={["click"]} menu={{ items: further.map((act) => ({ key: act, label: said(act), "data-testid": `act-${act}` })), onClick: ({ key }) => begin(key as Act) }}>
          <Button type="text" data-testid="further-acts">
            {t("incident.act.further")} ▾
          </Button>
        </Dropdown>
      )}
    </div>
  );
}
