import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useContext } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { SignedIn, useMay } from "../../ui/signed-in";
import type { Share } from "./use-views";

export interface Named extends Share {
  name: string;
}

/** The name of a view or a tour, and who sees it besides oneself. */
export function ShareFields({ value, onChange }: { value: Named; onChange: (value: Named) => void }) {
  const { t } = useWords();
  const may = useMay();
  const posts = useContext(SignedIn)?.user.posts ?? [];
  const duty = useQuery({ queryKey: ["duty"], queryFn: () => body(api.GET("/api/v1/duty")), enabled: may("look-around") });
  const choices = [
    { value: "own", label: t("views.share.own"), share: { sharing: "own" as const, post: "", centre: 0 } },
    ...posts.map((post) => ({ value: `post ${post}`, label: t("views.share.post", { post: t(`post.${post}`) }), share: { sharing: "post" as const, post, centre: 0 } })),
    ...(duty.data?.centres ?? []).map(({ id, name }) => ({ value: `centre ${id}`, label: t("views.share.centre", { centre: name }), share: { sharing: "centre" as const, post: "", centre: id } })),
  ];
  const chosen = value.sharing === "post" ? `post ${value.post}` : value.sharing === "centre" ? `centre ${value.centre}` : "own";
  return (
    <div className="fields narrow">
      <label>
        <span>{t("views.name")}</span>
        <Input value={value.name} maxLength={64} autoFocus data-testid="view-name" onChange={(event) => onChange({ ...value, name: event.target.value })} />
      </label>
      <label>
        <span>{t("views.share")}</span>
        <Select
          value={chosen}
          data-testid="view-share"
          aria-label={t("views.share")}
          options={choices.map(({ value: key, label }) => ({ value: key, label }))}
          onChange={(key) => {
            const found = choices.find((one) => one.value === key);
            if (found !== undefined) onChange({ ...value, ...found.share });
          }}
        />
      </label>
    </div>
  );
}
