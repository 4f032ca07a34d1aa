import { Input } from "antd";
import { useWords } from "../../ui/language";
import { ShareSelect, type With } from "../../ui/ShareSelect";
import type { Share } from "./use-views";

export interface Named extends Share {
  name: string;
}

const shareOf = ({ post, centre }: With): Share => ({ sharing: post !== "" ? "post" : centre !== 0 ? "centre" : "own", post, centre });

/** The name of a view or a tour, and who sees it besides oneself. */
export function ShareFields({ value, onChange }: { value: Named; onChange: (value: Named) => void }) {
  const { t } = useWords();
  return (
    <div className="fields narrow">
      <label>
        <span>{t("views.name")}</span>
        <Input value={value.name} maxLength={64} autoFocus data-testid="view-name" onChange={(event) => onChange({ ...value, name: event.target.value })} />
      </label>
      <label>
        <span>{t("views.share")}</span>
        <ShareSelect value={{ post: value.post as With["post"], centre: value.centre }} testId="view-share" onChange={(share) => onChange({ ...value, ...shareOf(share) })} />
      </label>
    </div>
  );
}
