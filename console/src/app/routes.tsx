import { createRootRoute, createRoute, createRouter, Link, Navigate } from "@tanstack/react-router";
import { Suspense, useContext } from "react";
import { useWords } from "../ui/language";
import { SignedIn, useMay } from "../ui/signed-in";
import { AccountPage, AlarmRulesPage, AlarmsPage, ApprovalsPage, AuditPage, BoardPage, CameraListPage, CameraPage, CompletenessPage, DevicePage, DevicesPage, DutyPage, EmergenciesPage, FilePage, FilesPage, GalleryPage, ImportPage, IncidentsPage, JointLogPage, AlarmPointsPage, LinksPage, LogPage, MethodsPage, NodePage, NumbersPage, OnPatrolPage, PatrolsPage, PatrolUnitsPage, PhoneHome, PlaybackPage, PolicyPage, ProceduresPage, RosterPage, RoundPage, ScreenPage, SitesPage, SituationPage, SpotPage, TicketsPage, UsersPage, WaitingPage, WallPage, WatchPage } from "./pages";
import { usePhone } from "../ui/use-phone";
import { Shell } from "./Shell";

function Missing() {
  const { t } = useWords();
  return (
    <div className="hint">
      {t("page.missing")} · <Link to="/">{t("page.home")}</Link>
    </div>
  );
}

/** While a page is fetched. */
function Coming() {
  const { t } = useWords();
  return <div className="hint">{t("loading")}</div>;
}

const root = createRootRoute({ component: Shell, notFoundComponent: Missing });
const wall = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: function HomeRoute() {
    const may = useMay();
    const phone = usePhone();
    if (may("view-live")) {
      return (
        <Suspense fallback={<Coming />}>
          {phone ? <PhoneHome /> : <WallPage />}
        </Suspense>
      );
    }
    return <Navigate to={may("go-on-patrol") ? "/patrol" : may("look-around") ? "/devices" : may("manage-people") ? "/users" : may("read-audit") ? "/audit" : "/account"} replace />;
  },
});
const alarms = createRoute({ getParentRoute: () => root, path: "/alarms", component: AlarmsPage });
const incidents = createRoute({
  getParentRoute: () => root,
  path: "/incidents",
  validateSearch: ({ id }: { id?: unknown }): { id?: number } => (Number.isInteger(Number(id)) && Number(id) > 0 ? { id: Number(id) } : {}),
  component: function IncidentsRoute() {
    return <IncidentsPage id={incidents.useSearch().id} />;
  },
});
const watch = createRoute({
  getParentRoute: () => root,
  path: "/incidents/$id/watch",
  component: function WatchRoute() {
    return <WatchPage id={Number(watch.useParams().id)} />;
  },
});
const patrolUnits = createRoute({ getParentRoute: () => root, path: "/patrol-units", component: PatrolUnitsPage });
const onPatrol = createRoute({ getParentRoute: () => root, path: "/patrol", component: OnPatrolPage });
const alarmRules = createRoute({ getParentRoute: () => root, path: "/alarm-rules", component: AlarmRulesPage });
const alarmPoints = createRoute({ getParentRoute: () => root, path: "/alarm-points", component: AlarmPointsPage });
const links = createRoute({ getParentRoute: () => root, path: "/links", component: LinksPage });
const board = createRoute({ getParentRoute: () => root, path: "/board", component: BoardPage });
const procedures = createRoute({ getParentRoute: () => root, path: "/procedures", component: ProceduresPage });
const methods = createRoute({
  getParentRoute: () => root,
  path: "/methods",
  validateSearch: ({ id }: { id?: unknown }): { id?: number } => (Number.isInteger(Number(id)) && Number(id) > 0 ? { id: Number(id) } : {}),
  component: function MethodsRoute() {
    return <MethodsPage id={methods.useSearch().id} />;
  },
});
const sites = createRoute({
  getParentRoute: () => root,
  path: "/alarm-sites",
  validateSearch: ({ id }: { id?: unknown }): { id?: number } => (Number.isInteger(Number(id)) && Number(id) > 0 ? { id: Number(id) } : {}),
  component: function SitesRoute() {
    return <SitesPage id={sites.useSearch().id} />;
  },
});
const approvals = createRoute({ getParentRoute: () => root, path: "/approvals", component: ApprovalsPage });
const policy = createRoute({ getParentRoute: () => root, path: "/policy", component: PolicyPage });
const audit = createRoute({ getParentRoute: () => root, path: "/audit", component: AuditPage });
const devices = createRoute({ getParentRoute: () => root, path: "/devices", component: DevicesPage });
const files = createRoute({ getParentRoute: () => root, path: "/files", component: FilesPage });
const fileImport = createRoute({ getParentRoute: () => root, path: "/file-import", component: ImportPage });
const file = createRoute({
  getParentRoute: () => root,
  path: "/files/$code",
  component: function FileRoute() {
    return <FilePage code={file.useParams().code} />;
  },
});
const waiting = createRoute({ getParentRoute: () => root, path: "/waiting", component: WaitingPage });
const duty = createRoute({ getParentRoute: () => root, path: "/duty", component: DutyPage });
const roster = createRoute({ getParentRoute: () => root, path: "/duty/roster", component: RosterPage });
const shiftLog = createRoute({ getParentRoute: () => root, path: "/duty/log", component: LogPage });
const patrols = createRoute({ getParentRoute: () => root, path: "/patrols", component: PatrolsPage });
const patrolLog = createRoute({ getParentRoute: () => root, path: "/patrols/log", component: JointLogPage });
const patrolRound = createRoute({
  getParentRoute: () => root,
  path: "/patrols/rounds/$round",
  component: function RoundRoute() {
    return <RoundPage number={Number(patrolRound.useParams().round)} />;
  },
});
const emergencies = createRoute({ getParentRoute: () => root, path: "/emergencies", component: EmergenciesPage });
const numbers = createRoute({ getParentRoute: () => root, path: "/case-numbers", component: NumbersPage });
const tickets = createRoute({ getParentRoute: () => root, path: "/tickets", component: TicketsPage });
const situation = createRoute({ getParentRoute: () => root, path: "/situation", component: SituationPage });
const playback = createRoute({ getParentRoute: () => root, path: "/playback", component: PlaybackPage });
const node = createRoute({ getParentRoute: () => root, path: "/node", component: NodePage });
const gallery = createRoute({ getParentRoute: () => root, path: "/gallery", component: GalleryPage });
const account = createRoute({ getParentRoute: () => root, path: "/account", component: AccountPage });
const users = createRoute({
  getParentRoute: () => root,
  path: "/users",
  component: function UsersRoute() {
    return <UsersPage me={useContext(SignedIn)?.user.id ?? 0} />;
  },
});
const camera = createRoute({
  getParentRoute: () => root,
  path: "/cameras/$code",
  component: function CameraRoute() {
    return <CameraPage code={camera.useParams().code} />;
  },
});
const completeness = createRoute({ getParentRoute: () => root, path: "/completeness", component: CompletenessPage });
const cameraList = createRoute({ getParentRoute: () => root, path: "/cameras", component: CameraListPage });
const device = createRoute({
  getParentRoute: () => root,
  path: "/devices/$code",
  component: function DeviceRoute() {
    return <DevicePage code={device.useParams().code} />;
  },
});

const screen = createRoute({
  getParentRoute: () => root,
  path: "/screen/$number",
  component: function ScreenRoute() {
    const number = Number(screen.useParams().number);
    return Number.isInteger(number) && number >= 1 && number <= 99 ? <ScreenPage key={number} number={number} /> : <Missing />;
  },
});
const spot = createRoute({ getParentRoute: () => root, path: "/spot", component: SpotPage });

export const router = createRouter({ routeTree: root.addChildren([wall, alarms, incidents, watch, board, alarmRules, procedures, methods, patrolUnits, onPatrol, gallery, screen, spot, situation, playback, duty, roster, shiftLog, patrols, patrolLog, patrolRound, emergencies, tickets, numbers, audit, approvals, policy, devices, device, files, file, fileImport, waiting, alarmPoints, sites, links, node, users, account, cameraList, completeness, camera]), defaultPendingComponent: Coming, defaultPreload: "intent" });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
