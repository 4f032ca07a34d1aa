import { GroupDialog, RemoveGroup } from "./GroupDialog";
import { IntoGroup } from "./IntoGroup";
import type { TreeDialog } from "./row-acts";

export function TreeDialogs({ dialog, onLeave }: { dialog: TreeDialog; onLeave: () => void }) {
  switch (dialog.kind) {
    case "new":
      return <GroupDialog onLeave={onLeave} />;
    case "edit":
      return <GroupDialog group={dialog.group} onLeave={onLeave} />;
    case "remove":
      return <RemoveGroup group={dialog.group} onLeave={onLeave} />;
    case "into":
      return <IntoGroup cameras={[dialog.camera]} onLeave={onLeave} />;
  }
}
