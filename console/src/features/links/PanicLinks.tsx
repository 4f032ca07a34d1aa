import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Popconfirm, QRCode, Switch, Typography } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { GuideLink } from "../../ui/GuideLink";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useTime } from "../../ui/time";
import { NewPanicLink } from "./NewPanicLink";

type Link = Schemas["PanicLinkShape"];
type Made = Schemas["PanicLinkMade"];
const EVERY_MS = 10_000;
const QR_PX = 220;

/** As a phone opens it: what stands behind # is in no log on the way. */
const addressOf = (token: string) => `${window.location.origin}/panic#${token}`;

/** Places where somebody without an account may press for help. */
export function PanicLinks() {
  const { t } = useWords();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<Made>();
  const found = useQuery({ queryKey: ["panic-links"], retry: false, refetchInterval: EVERY_MS, queryFn: () => body(api.GET("/api/v1/panic-links")) });
  return (
    <section className="card" aria-labelledby="panic-links-title">
      <div className="page-head links-top">
        <h2 id="panic-links-title">{t("panic.links")}</h2>
        <GuideLink place="panic-page#giving-out-a-link" />
        <Button type="primary" data-testid="add-panic-link" onClick={() => setAdding(true)}>
          {t("panic.links.add")}
        </Button>
      </div>
      {found.error !== null && <Refused error={found.error} />}
      {found.data?.items.length === 0 && <p className="quiet">{t("panic.links.none")}</p>}
      <ul className="links" data-testid="panic-links">
        {found.data?.items.map((one) => (
          <Row key={one.id} link={one} onMade={setMade} />
        ))}
      </ul>
      {adding && (
        <NewPanicLink
          onClose={() => setAdding(false)}
          onMade={(told) => {
            setAdding(false);
            setMade(told);
          }}
        />
      )}
      <Modal open={made !== undefined} title={t("panic.links.once")} okText={t("user.first.noted")} onOk={() => setMade(undefined)} onCancel={() => setMade(undefined)} cancelButtonProps={{ style: { display: "none" } }} mask={{ closable: false }}>
        {made !== undefined && (
          <div className="panic-link-made">
            <QRCode type="svg" size={QR_PX} errorLevel="M" color="#000000" bgColor="#ffffff" value={addressOf(made.token)} />
            <div>
              <b>{made.link.place}</b>
              <p className="quiet">{t("panic.links.once.help")}</p>
              <Typography.Text copyable code data-testid="panic-address">
                {addressOf(made.token)}
              </Typography.Text>
            </div>
          </div>
        )}
      </Modal>
    </section>
  );
}

function Row({ link, onMade }: { link: Link; onMade: (made: Made) => void }) {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const params = { path: { link_id: link.id } };
  const stale = () => queries.invalidateQueries({ queryKey: ["panic-links"] });
  const turn = (on: boolean) => act(() => api.PUT("/api/v1/panic-links/{link_id}/state", { params, body: { on } }).then(stale));
  const renew = () =>
    act(() => body(api.POST("/api/v1/panic-links/{link_id}/token", { params })).then((told) => {
      void stale();
      onMade(told);
    }));
  const remove = () => act(() => api.DELETE("/api/v1/panic-links/{link_id}", { params }).then(stale));
  return (
    <li data-testid={`panic-link-${link.id}`} className={link.on ? "" : "off"}>
      <div className="link-head">
        <Switch size="small" checked={link.on} loading={busy} aria-label={t("panic.links.on.of", { place: link.place })} data-testid={`panic-on-${link.id}`} onChange={(on) => void turn(on)} />
        <b>{link.place}</b>
        <span className="quiet">{link.area_name}</span>
        {!link.on && <span className="quiet">{t("panic.links.off")}</span>}
        <span className="grow" />
        <Popconfirm title={t("panic.links.renew.sure")} okText={t("panic.links.renew")} cancelText={t("cancel")} onConfirm={renew}>
          <Button size="small" loading={busy} disabled={link.distrusted} data-testid={`panic-renew-${link.id}`}>
            {t("panic.links.renew")}
          </Button>
        </Popconfirm>
        <Popconfirm title={t("panic.links.remove.sure", { place: link.place })} okText={t("links.remove")} cancelText={t("cancel")} onConfirm={remove}>
          <Button size="small" data-testid={`panic-remove-${link.id}`}>
            {t("links.remove")}
          </Button>
        </Popconfirm>
      </div>
      <p className="quiet">
        {[
          `${t("panic.links.holder")} ${link.holder}`,
          link.phone,
          link.pressed_at === null ? t("panic.links.pressed.never") : t("panic.links.pressed", { count: link.presses, at: time(link.pressed_at) }),
          link.tried_at === null ? t("panic.links.tried.never") : t("panic.links.tried", { at: time(link.tried_at) }),
        ].filter((one) => one !== "").join(" · ")}
      </p>
      {link.distrusted && <p className="status-fault">{t("panic.links.distrusted")}</p>}
    </li>
  );
}
