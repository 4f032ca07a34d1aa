import { useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Space } from "antd";
import { useState } from "react";
import { ApiProblem, api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useAsk } from "../../ui/use-ask";

type Way = Schemas["OrderedReset"]["way"];

/** New way in for somebody who lost the old one: at once, or asked for where it takes two persons. */
export function ResetButtons({ person, onPassword }: { person: Schemas["PersonShape"]; onPassword: (made: Schemas["MadePerson"]) => void }) {
  const { t } = useWords();
  const { act } = useAct();
  const ask = useAsk();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Way>();
  const path = { params: { path: { user: person.id } } };
  const reset = (way: Way) =>
    act(async () => {
      try {
        if (way === "password") onPassword(await body(api.POST("/api/v1/users/{user}/password", path)));
        else await api.DELETE("/api/v1/users/{user}/second-factor", path);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.problem.code !== "access.reset_needs_two") throw error;
        setAsking(way);
      }
      await queries.invalidateQueries({ queryKey: ["users"] });
    });
  const shown = person.full_name || person.name;
  return (
    <Space>
      <Popconfirm title={t("user.factor.sure")} okText={t("user.factor")} cancelText={t("cancel")} onConfirm={() => reset("factor")}>
        <Button size="small" data-testid={`factor-${person.name}`}>
          {t("user.factor")}
        </Button>
      </Popconfirm>
      {person.provider === "" && (
        <Popconfirm title={t("user.reset.sure")} okText={t("user.reset")} cancelText={t("cancel")} onConfirm={() => reset("password")}>
          <Button size="small" data-testid={`reset-${person.name}`}>
            {t("user.reset")}
          </Button>
        </Popconfirm>
      )}
      <AskReason name={`reset of ${person.id}`}
        open={asking !== undefined}
        title={t(asking === "factor" ? "user.factor.two" : "user.reset.two", { name: shown })}
        help={t(asking === "factor" ? "user.factor.two.help" : "user.reset.two.help")}
        label={t("appointment.reason")}
        okText={t("mask.ask")}
        onClose={() => setAsking(undefined)}
        onSure={(reason) => ask(() => api.POST("/api/v1/users/{user}/reset", { ...path, body: { way: asking ?? "password", reason } }))}
      />
    </Space>
  );
}
