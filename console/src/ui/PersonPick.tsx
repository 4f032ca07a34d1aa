import { Select } from "antd";
import { useWords } from "./language";
import type { TextKey } from "./texts";
import "./person-pick.css";

export interface Pickable {
  user_id: number;
  name: string;
  full_name: string;
  unit: string;
  posts: string[];
}

interface Props<T extends Pickable> {
  people: readonly T[];
  value: number | undefined;
  label: string;
  testId: string;
  loading?: boolean;
  autoFocus?: boolean;
  /** Stands in for the posts, such as where somebody is rostered. */
  remark?: (one: T) => string;
  /** Why there is nobody, and what to do. */
  nobody?: string;
  onChange: (user: number) => void;
}

/** Account and name, as people call each other. */
export function called({ name, full_name }: { name: string; full_name: string }): string {
  return full_name === "" || full_name === name ? name : `${full_name} ${name}`;
}

/** One of some people by name, unit or post: typed a part of any, the arrow keys and Enter choose. */
export function PersonPick<T extends Pickable>({ people, value, label, testId, loading = false, autoFocus = false, remark, nobody, onChange }: Props<T>) {
  const { t } = useWords();
  const posts = (one: T) => one.posts.map((post) => t(`post.${post}` as TextKey)).join("、");
  const options = people.map((one) => ({ value: one.user_id, label: called(one), words: [called(one), one.unit, posts(one)].join(" ").toLowerCase(), one }));
  return (
    <Select<number, (typeof options)[number]>
      value={value}
      loading={loading}
      autoFocus={autoFocus}
      placeholder={t("person.search")}
      aria-label={label}
      data-testid={testId}
      notFoundContent={people.length === 0 ? (nobody ?? t("person.nobody")) : t("person.noMatch")}
      showSearch={{ filterOption: (typed, option) => option?.words.includes(typed.trim().toLowerCase()) === true }}
      optionRender={({ data }) => (
        <div className="person-option">
          <b>{data.label}</b>
          <span className="quiet">{[data.one.unit, posts(data.one)].filter((part) => part !== "").join(" · ")}</span>
          {remark !== undefined && <span className="quiet remark">{remark(data.one)}</span>}
        </div>
      )}
      options={options}
      onChange={onChange}
    />
  );
}
