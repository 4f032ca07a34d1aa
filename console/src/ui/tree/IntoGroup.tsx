import { App, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { useWords } from "../language";
import { Refused } from "../Refused";
import { sharedWith } from "./folders";
import { useGroups, type Group } from "./use-groups";

/** So many cameras a group holds at most; the node refuses more. */
export const MOST_IN_GROUP = 2_000;
const NEW = 0;

interface Props {
  cameras: readonly { code: string; name: string }[];
  onLeave: () => void;
}

/** Cameras go into a group that is there or a new one; those that the node does not take are named, the others are in. */
export function IntoGroup({ cameras, onLeave }: Props) {
  const { t } = useWords();
  const { message } = App.useApp();
  const { busy, groups, error, addGroup, changeGroup } = useGroups();
  const mine = (groups ?? []).filter((group) => group.may_change);
  const [chosen, setChosen] = useState<number>();
  const [name, setName] = useState("");
  const [done, setDone] = useState<Group>();
  const into = chosen ?? mine[0]?.id ?? NEW;
  const loading = groups === undefined;
  const tooMany = cameras.length > MOST_IN_GROUP;
  const ready = !loading && !tooMany && (into !== NEW || name.trim() !== "");
  const save = async () => {
    if (!ready) return;
    const codes = cameras.map(({ code }) => code);
    const saved = await (into === NEW ? addGroup({ name: name.trim(), cameras: codes, take_what_may: true }) : changeGroup(into, { add: codes, take_what_may: true }));
    if (saved === undefined) return;
    if (saved.not_taken.length > 0) return setDone(saved);
    message.success(t("tree.intoGroup.done", { name: saved.name, count: codes.length, total: saved.cameras.length }));
    onLeave();
  };
  if (done !== undefined) return <NotTaken group={done} cameras={cameras} onLeave={onLeave} />;
  return (
    <Modal open title={cameras.length === 1 ? t("tree.intoGroup.one", { name: cameras[0]?.name ?? "" }) : t("tree.intoGroup.some", { count: cameras.length })} okText={t("tree.intoGroup.add")} okButtonProps={{ disabled: !ready, loading: busy }} onOk={() => void save()} onCancel={onLeave} width={460} destroyOnHidden>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {error !== null ? <Refused error={error} /> : loading && <p>{t("loading")}</p>}
        {tooMany && <p role="alert" className="status-fault">{t("tree.intoGroup.tooMany", { count: cameras.length, most: MOST_IN_GROUP })}</p>}
        {!loading && <Radio.Group className="group-choice" value={into} aria-label={t("tree.intoGroup.which")} onChange={(event) => setChosen(Number(event.target.value))}>
          {mine.map((group) => (
            <Radio key={group.id} value={group.id} autoFocus={group.id === mine[0]?.id} data-testid={`into-group-${group.id}`}>
              {group.name} <span className="quiet">{[t("tree.total", { count: group.cameras.length }), sharedWith(t, group)].filter((one) => one !== "").join(" · ")}</span>
            </Radio>
          ))}
          <Radio value={NEW} data-testid="into-new-group">
            {t("tree.newGroup")}
          </Radio>
        </Radio.Group>}
        {!loading && into === NEW && <Input key={mine.length} autoFocus={mine.length === 0 || chosen === NEW} value={name} maxLength={64} aria-label={t("tree.groupName")} placeholder={t("tree.groupName")} data-testid="into-group-name" onChange={(event) => setName(event.target.value)} />}
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}

function NotTaken({ group, cameras, onLeave }: { group: Group; cameras: Props["cameras"]; onLeave: () => void }) {
  const { t } = useWords();
  const names = new Map(cameras.map(({ code, name }) => [code, name]));
  return (
    <Modal open title={t("tree.notTaken.title", { name: group.name })} footer={null} onCancel={onLeave} width={520} destroyOnHidden>
      <p>{t("tree.notTaken", { count: cameras.length - group.not_taken.length, left: group.not_taken.length })}</p>
      <ul className="not-taken" data-testid="not-taken">
        {group.not_taken.map(({ code, reason }) => (
          <li key={code}>
            {names.get(code)} <span className="quiet">{code}</span> {t(`tree.notTaken.${reason}`)}
          </li>
        ))}
      </ul>
    </Modal>
  );
}
