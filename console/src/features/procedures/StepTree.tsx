import { useWords } from "../../ui/language";
import { treeOf, type Branch, type Step } from "./form";

/** The steps as a picture: from the first, each answer with what follows it. */
export function StepTree({ steps }: { steps: readonly Step[] }) {
  const { t } = useWords();
  const tree = treeOf(steps);
  return (
    <div className="procedure-tree" role="img" aria-label={t("procedures.tree")} data-testid="procedure-tree">
      {tree !== undefined && <Node branch={tree} />}
    </div>
  );
}

function Node({ branch: { number, step, again, ways } }: { branch: Branch }) {
  const { t } = useWords();
  return (
    <div className={again ? "tree-node again" : "tree-node"}>
      <span className={`tree-step tree-${step.kind}`}>
        <b>{number}</b> {again ? t("procedures.tree.again", { number }) : step.text}
      </span>
      {ways.length > 0 && (
        <ul>
          {ways.map((way, at) => (
            <li key={at}>
              {way.text !== "" && (
                <i>
                  {way.text}
                  {way.bounded && " ↺"}
                </i>
              )}
              {way.to === undefined ? <span className="tree-end">{t("procedures.end")}</span> : <Node branch={way.to} />}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
