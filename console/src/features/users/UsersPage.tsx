import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Space, Table } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTellProblem } from "../../ui/problem";
import { Refused } from "../../ui/Refused";
import { FirstPassword, NewUser } from "./NewUser";

type Person = Schemas["PersonShape"];
type Made = Schemas["MadePerson"];

/** Who may sign in. A first password is shown once, to whoever made the user. */
export function UsersPage({ me }: { me: number }) {
  const { t, language } = useWords();
  const tell = useTellProblem();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<Made>();
  const users = useQuery({ queryKey: ["users"], retry: false, queryFn: () => body(api.GET("/api/v1/users")), refetchInterval: 10_000 });
  const again = () => void queries.invalidateQueries({ queryKey: ["users"] });
  const then = (call: Promise<unknown>) => void call.then(again).catch(tell);
  const path = (user: number) => ({ params: { path: { user } } });
  const time = (at: string | null) => (at === null ? t("user.never") : new Date(at).toLocaleString(language, { hour12: false }));
  if (users.isError && users.data === undefined) return <Refused error={users.error} />;
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("user.help")}</p>
        <Button type="primary" data-testid="add-user" onClick={() => setAdding(true)}>
          {t("user.add")}
        </Button>
      </div>
      <Table<Person>
        size="small"
        rowKey="id"
        loading={users.isPending}
        dataSource={users.data?.items ?? []}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        columns={[
          { title: t("signIn.name"), dataIndex: "name", render: (_, user) => <span data-testid={`user-${user.name}`}>{user.id === me ? t("user.you", { name: user.name }) : user.name}</span> },
          { title: t("user.posts"), width: 240, render: (_, user) => user.appointments.map((one) => t(`post.${one.post}`)).join("、") || t("user.noPosts") },
          { title: t("device.status"), width: 200, render: (_, user) => <State user={user} /> },
          { title: t("user.signedIn"), width: 200, render: (_, user) => time(user.signed_in_at) },
          { title: t("user.created"), width: 200, render: (_, user) => time(user.created_at) },
          {
            width: 280,
            align: "right",
            render: (_, user) =>
              user.id !== me && (
                <Space>
                  {user.locked && (
                    <Button size="small" data-testid={`unlock-${user.name}`} onClick={() => then(api.POST("/api/v1/users/{user}/unlock", path(user.id)))}>
                      {t("user.unlock")}
                    </Button>
                  )}
                  <Popconfirm title={t("user.reset.sure")} okText={t("user.reset")} cancelText={t("cancel")} onConfirm={() => then(body(api.POST("/api/v1/users/{user}/password", path(user.id))).then(setMade))}>
                    <Button size="small" data-testid={`reset-${user.name}`}>
                      {t("user.reset")}
                    </Button>
                  </Popconfirm>
                  {user.disabled ? (
                    <Button size="small" onClick={() => then(api.PATCH("/api/v1/users/{user}", { ...path(user.id), body: { disabled: false } }))}>
                      {t("user.enable")}
                    </Button>
                  ) : (
                    <Popconfirm title={t("user.disable.sure")} okText={t("user.disable")} cancelText={t("cancel")} onConfirm={() => then(api.PATCH("/api/v1/users/{user}", { ...path(user.id), body: { disabled: true } }))}>
                      <Button size="small" danger data-testid={`disable-${user.name}`}>
                        {t("user.disable")}
                      </Button>
                    </Popconfirm>
                  )}
                </Space>
              ),
          },
        ]}
      />
      <NewUser
        open={adding}
        onClose={() => setAdding(false)}
        onMade={(fresh) => {
          setMade(fresh);
          again();
        }}
      />
      <FirstPassword made={made} onClose={() => setMade(undefined)} />
    </div>
  );
}

function State({ user }: { user: Person }) {
  const { t } = useWords();
  if (user.disabled) return <span className="status-offline">○ {t("user.state.disabled")}</span>;
  if (user.locked) return <span className="status-fault">▲ {t("user.state.locked")}</span>;
  if (user.must_change_password) return <span className="status-unknown">◇ {t("user.state.first")}</span>;
  return (
    <span className="status-online">
      ● <span className="status-text">{t("user.state.active")}</span>
    </span>
  );
}
