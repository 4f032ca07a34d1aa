import { Button, Input, Select, Space, Switch, Table, Tag } from "antd";
import { ActButton } from "../../ui/act";
import { DateField } from "../../ui/DateField";
import { FileMark, STATES as FILE_STATES } from "../../ui/files/FileMark";
import { useWords } from "../../ui/language";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import { keyName } from "../../ui/shortcuts";
import { stacked } from "../../ui/stacked";
import { StatusMark, type Status } from "../../ui/status";
import "./gallery.css";
import { Part } from "./Part";
import { AskingParts, ShowingParts, TellingParts } from "./SharedParts";

const COLOURS = ["ground", "panel", "raised", "chosen", "line", "text", "quiet", "accent", "ok", "bad", "warn", "banner", "banner-text", "alarm-1", "alarm-2", "alarm-3", "alarm-4"];
const SPACES = ["space-1", "space-2", "space-3", "space-4", "space-5", "space-6"];
const TYPES = ["type-small", "type", "type-lead", "type-title", "type-head"];
const STATES: Status[] = ["online", "offline", "fault", "unknown"];
const PRIORITIES: AlarmPriority[] = [1, 2, 3, 4];

/** The shared parts in their states, in the theme and language of the moment: what a new page is built from. */
export function GalleryPage() {
  const { t } = useWords();
  const wait = () => new Promise<void>((done) => setTimeout(done, 1500));
  return (
    <div className="padded gallery">
      <Part title="gallery.colours">
        <div className="gallery-colours">
          {COLOURS.map((name) => (
            <div key={name}>
              <span className={`swatch swatch-${name}`} />
              <code>--{name}</code>
            </div>
          ))}
        </div>
      </Part>
      <div className="two">
        <Part title="gallery.states">
          <div className="gallery-row">
            {STATES.map((status) => (
              <StatusMark key={status} status={status} withText />
            ))}
          </div>
          <div className="gallery-row">
            {PRIORITIES.map((priority) => (
              <Priority key={priority} priority={priority} />
            ))}
          </div>
          <div className="gallery-row">
            {FILE_STATES.map((state) => (
              <FileMark key={state} state={state} />
            ))}
          </div>
        </Part>
        <Part title="gallery.measures">
          <div className="gallery-row">
            {SPACES.map((name) => (
              <span key={name} className="gallery-space">
                <i className={`measure-${name}`} />
                <code>--{name}</code>
              </span>
            ))}
          </div>
          {TYPES.map((name) => (
            <div key={name} className={`measure-${name}`}>
              烽燧 Fengsui 0123456789 <code>--{name}</code>
            </div>
          ))}
        </Part>
        <Part title="gallery.acts">
          <Space wrap>
            <Button type="primary">{t("gallery.main")}</Button>
            <Button>{t("gallery.other")}</Button>
            <Button danger>{t("gallery.grave")}</Button>
            <Button disabled>{t("gallery.closed")}</Button>
            <ActButton act={wait}>{t("gallery.slow")}</ActButton>
            <kbd>{keyName("Mod")}</kbd>
            <kbd>K</kbd>
          </Space>
        </Part>
        <Part title="gallery.fields">
          <Space wrap>
            <Input aria-label={t("gallery.text")} placeholder={t("gallery.text")} style={{ width: 180 }} />
            <Select aria-label={t("gallery.choice")} placeholder={t("gallery.choice")} style={{ width: 140 }} options={STATES.map((status) => ({ value: status, label: t(`status.${status}`) }))} />
            <DateField label={t("gallery.day")} value="2026-11-27" testId="gallery-day" onChange={() => undefined} />
            <Switch aria-label={t("gallery.switch")} defaultChecked />
            <Tag>{t("gallery.tag")}</Tag>
          </Space>
        </Part>
        <AskingParts />
      </div>
      <Part title="gallery.told">
        <div className="banner">■ {t("gallery.banner")}</div>
        <p className="notice gallery-notice">{t("gallery.notice")}</p>
      </Part>
      <Part title="gallery.empty">
        <Table size="small" className="stacked" pagination={false} columns={stacked([{ title: t("gallery.text") }, { title: t("gallery.choice") }])} dataSource={[]} locale={{ emptyText: t("gallery.teach") }} />
      </Part>
      <ShowingParts />
      <TellingParts />
    </div>
  );
}
