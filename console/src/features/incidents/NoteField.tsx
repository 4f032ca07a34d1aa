import { Button, Input } from "antd";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import * as acts from "./acts";
import type { Details } from "./incident";
import type { IncidentActs } from "./use-incident-acts";

/** A line more of the time line: Ctrl and Enter write it. */
export function NoteField({ incident, acts: { busy, done } }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const [text, setText] = useKept(`note on incident ${incident.id}`, "");
  const said = text.trim();
  const send = () => {
    if (said === "" || busy) return;
    void done(() => acts.note(incident, said)).then((written) => written && setText(""));
  };
  return (
    <div className="incident-note">
      <Input.TextArea
        rows={2}
        maxLength={2000}
        value={text}
        aria-label={t("incident.note")}
        placeholder={t("incident.note.help")}
        data-testid="incident-note"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if ((event.ctrlKey || event.metaKey) && event.key === "Enter") send();
          else if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <Button disabled={said === "" || busy} data-testid="write-note" onClick={send}>
        {t("incident.note")}
      </Button>
    </div>
  );
}
