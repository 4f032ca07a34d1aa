import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Segmented, Table } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { Lapsing } from "../../ui/Lapsing";
import { useTime } from "../../ui/time";
import { FirstPassword, NewUser } from "./NewUser";
import { PersonDrawer } from "./PersonDrawer";
import { PersonState } from "./PersonState";
import { Units } from "./Units";
import "./users.css";

type Person = Schemas["PersonShape"];
type Made = Schemas["MadePerson"];

/** Who may do what, where and until when. A first password is shown once, to whoever made the user. */
export function UsersPage({ me }: { me: number }) {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const [tab, setTab] = useKept<"people" | "units">("people or units", "people");
  const [wanted, setWanted] = useState("");
  const [adding, setAdding] = useKept("adding a person", false);
  const [made, setMade] = useState<Made>();
  const [opened, setOpened] = useKept<number>("opened person");
  const users = useQuery({ queryKey: ["users"], retry: false, queryFn: () => body(api.GET("/api/v1/users")), refetchInterval: 10_000 });
  if (users.isError && users.data === undefined) return <Refused error={users.error} />;
  const people = users.data?.items ?? [];
  const postsOf = (person: Person) => person.appointments.map((one) => `${t(`post.${one.post}`)} · ${one.area === "" ? t("appointment.everywhere") : one.area_name}`);
  const words = (person: Person) => [person.name, person.full_name, person.unit_name, ...postsOf(person)].join(" ").toLowerCase();
  const shown = people.filter((person) => words(person).includes(wanted.trim().toLowerCase()));
  return (
    <div className="padded">
      <div className="page-head">
        <Segmented<"people" | "units"> value={tab} onChange={setTab} options={[{ value: "people", label: t("people.tab") }, { value: "units", label: t("unit.title") }]} />
        <p className="hint grow">{t("user.help")}</p>
        {tab === "people" && (
          <>
            <Input.Search style={{ width: 280 }} allowClear value={wanted} placeholder={t("user.search")} aria-label={t("user.search")} data-testid="search-users" onChange={(event) => setWanted(event.target.value)} />
            <Button type="primary" data-testid="add-user" onClick={() => setAdding(true)}>
              {t("user.add")}
            </Button>
          </>
        )}
      </div>
      {tab === "units" && <Units />}
      {tab === "people" && <Lapsing />}
      {tab === "people" && (
        <Table<Person>
          size="small"
          className="stacked"
          rowKey="id"
          loading={users.isPending}
          dataSource={shown}
          locale={{ emptyText: t("user.none") }}
          pagination={{ pageSize: 50, hideOnSinglePage: true }}
          columns={stacked<Person>([
            {
              title: t("signIn.name"),
              width: 220,
              render: (_, person) => (
                <>
                  <Button type="link" size="small" className="cell-link" data-testid={`user-${person.name}`} aria-label={t("user.open", { name: person.name })} onClick={() => setOpened(person.id)}>
                    {person.id === me ? t("user.you", { name: person.name }) : person.name}
                  </Button>
                  {person.provider !== "" && <div className="quiet">{t("user.provider.short", { provider: person.provider })}</div>}
                </>
              ),
            },
            { title: t("user.fullName"), width: 160, dataIndex: "full_name" },
            { title: t("user.unit"), width: 220, render: (_, person) => person.unit_name },
            { title: t("user.posts"), render: (_, person) => (person.appointments.length === 0 ? <span className="quiet">{t("user.noPosts")}</span> : postsOf(person).map((text, at) => <div key={person.appointments[at]?.id}>{text}</div>)) },
            { title: t("device.status"), width: 180, render: (_, person) => <PersonState person={person} /> },
            { title: t("user.signedIn"), width: 180, render: (_, person) => (person.signed_in_at === null ? t("user.never") : time(person.signed_in_at)) },
          ])}
        />
      )}
      <PersonDrawer person={people.find((one) => one.id === opened)} mine={opened === me} onClose={() => setOpened(undefined)} onPassword={setMade} />
      <NewUser
        open={adding}
        onClose={() => setAdding(false)}
        onMade={(fresh) => {
          setMade(fresh);
          void queries.invalidateQueries({ queryKey: ["users"] });
          void queries.invalidateQueries({ queryKey: ["units"] });
        }}
      />
      <FirstPassword made={made} onClose={() => setMade(undefined)} />
    </div>
  );
}
