import { Input, Modal } from "antd";
import { useState } from "react";
import { useWords } from "../language";
import { ShareSelect, type With } from "../ShareSelect";
import { useGroups, type Group } from "./use-groups";

interface Props {
  /** Left out: a new one. */
  group?: Group | undefined;
  /** Of a new one: what it begins with. */
  cameras?: readonly string[];
  onLeave: () => void;
}

/** What a group is called, and who uses it besides its owner. */
export function GroupDialog({ group, cameras = [], onLeave }: Props) {
  const { t } = useWords();
  const { busy, addGroup, changeGroup } = useGroups();
  const [name, setName] = useState(group?.name ?? "");
  const [share, setShare] = useState<With>({ post: group?.post ?? "", centre: group?.centre ?? 0 });
  const wanted = name.trim();
  const save = async () => {
    if (wanted === "") return;
    const facts = { name: wanted, post: share.post === "" ? null : share.post, centre: share.centre === 0 ? null : share.centre };
    const done = await (group === undefined ? addGroup({ ...facts, cameras: [...cameras] }) : changeGroup(group.id, facts));
    if (done !== undefined) onLeave();
  };
  return (
    <Modal open title={t(group === undefined ? "tree.newGroup" : "tree.editGroup")} okText={t("views.save")} okButtonProps={{ disabled: wanted === "", loading: busy }} onOk={() => void save()} onCancel={onLeave} width={460} destroyOnHidden>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div className="fields narrow">
          <label>
            <span>{t("tree.groupName")}</span>
            <Input autoFocus value={name} maxLength={64} data-testid="group-name" onChange={(event) => setName(event.target.value)} />
          </label>
          <label>
            <span>{t("views.share")}</span>
            <ShareSelect value={share} testId="group-share" onChange={setShare} />
          </label>
        </div>
        <p className="dialog-help quiet">{t("tree.share.help")}</p>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}

/** A group is deleted for everybody who uses it: that is said before. */
export function RemoveGroup({ group, onLeave }: { group: Group; onLeave: () => void }) {
  const { t } = useWords();
  const { busy, removeGroup } = useGroups();
  const remove = async () => {
    if ((await removeGroup(group.id)) !== undefined) onLeave();
  };
  return (
    <Modal open title={t("tree.removeGroup.title", { name: group.name })} okText={t("tree.removeGroup.yes")} okButtonProps={{ danger: true, loading: busy, autoFocus: true }} onOk={() => void remove()} onCancel={onLeave} width={460} destroyOnHidden>
      <p>{t(group.post === null && group.centre === null ? "tree.removeGroup.own" : "tree.removeGroup.shared", { count: group.cameras.length + group.hidden })}</p>
    </Modal>
  );
}
