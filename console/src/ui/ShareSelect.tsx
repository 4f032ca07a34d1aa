import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useContext } from "react";
import { api, body, type Schemas } from "../api-client/client";
import { useWords } from "./language";
import { SignedIn, useMay } from "./signed-in";

export type Post = Schemas["User"]["posts"][number];

/** With whom something is shared besides its owner: with nobody, with a post, or with a duty centre. */
export interface With {
  post: Post | "";
  centre: number;
}

/** Whoever manages duty shares with these too. */
const DUTY_POSTS: readonly Post[] = ["operator", "duty-supervisor", "commander"];

/** One's posts, and the centres that one sees. `value` stays a choice though its post is another's. */
export function ShareSelect({ value, testId, onChange }: { value: With; testId: string; onChange: (value: With) => void }) {
  const { t } = useWords();
  const may = useMay();
  const own = useContext(SignedIn)?.user.posts ?? [];
  const posts = [...new Set([...own, ...(may("manage-duty") ? DUTY_POSTS : []), ...(value.post === "" ? [] : [value.post])])];
  const duty = useQuery({ queryKey: ["duty"], queryFn: () => body(api.GET("/api/v1/duty")), enabled: may("look-around") });
  const choices = [
    { value: "own", label: t("views.share.own"), share: { post: "" as const, centre: 0 } },
    ...posts.map((post) => ({ value: `post ${post}`, label: t("views.share.post", { post: t(`post.${post}`) }), share: { post, centre: 0 } })),
    ...(duty.data?.centres ?? []).map(({ id, name }) => ({ value: `centre ${id}`, label: t("views.share.centre", { centre: name }), share: { post: "" as const, centre: id } })),
  ];
  return (
    <Select
      value={value.post !== "" ? `post ${value.post}` : value.centre !== 0 ? `centre ${value.centre}` : "own"}
      data-testid={testId}
      aria-label={t("views.share")}
      options={choices.map(({ value: key, label }) => ({ value: key, label }))}
      onChange={(key) => {
        const found = choices.find((one) => one.value === key);
        if (found !== undefined) onChange(found.share);
      }}
    />
  );
}
