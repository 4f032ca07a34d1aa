import { lazyRouteComponent } from "@tanstack/react-router";

/** Each page is fetched when it is first opened, or pointed at: the wall does not wait for tables and forms. */
export const AccountPage = lazyRouteComponent(() => import("../features/account/AccountPage"), "AccountPage");
export const ApprovalsPage = lazyRouteComponent(() => import("../features/approvals/ApprovalsPage"), "ApprovalsPage");
export const AuditPage = lazyRouteComponent(() => import("../features/audit/AuditPage"), "AuditPage");
export const CameraPage = lazyRouteComponent(() => import("../features/camera/CameraPage"), "CameraPage");
export const DevicePage = lazyRouteComponent(() => import("../features/devices/DevicePage"), "DevicePage");
export const DevicesPage = lazyRouteComponent(() => import("../features/devices/DevicesPage"), "DevicesPage");
export const FilePage = lazyRouteComponent(() => import("../features/device_files/FilePage"), "FilePage");
export const FilesPage = lazyRouteComponent(() => import("../features/device_files/FilesPage"), "FilesPage");
export const WaitingPage = lazyRouteComponent(() => import("../features/devices/WaitingPage"), "WaitingPage");
export const DutyPage = lazyRouteComponent(() => import("../features/duty/DutyPage"), "DutyPage");
export const LogPage = lazyRouteComponent(() => import("../features/duty/LogPage"), "LogPage");
export const NodePage = lazyRouteComponent(() => import("../features/node/NodePage"), "NodePage");
export const EmergenciesPage = lazyRouteComponent(() => import("../features/duty/EmergenciesPage"), "EmergenciesPage");
export const NumbersPage = lazyRouteComponent(() => import("../features/tickets/NumbersPage"), "NumbersPage");
export const PatrolsPage = lazyRouteComponent(() => import("../features/patrols/PatrolsPage"), "PatrolsPage");
export const RoundPage = lazyRouteComponent(() => import("../features/patrols/RoundPage"), "RoundPage");
export const JointLogPage = lazyRouteComponent(() => import("../features/patrols/JointLogPage"), "JointLogPage");
export const PolicyPage = lazyRouteComponent(() => import("../features/policy/PolicyPage"), "PolicyPage");
export const RosterPage = lazyRouteComponent(() => import("../features/duty/RosterPage"), "RosterPage");
export const SituationPage = lazyRouteComponent(() => import("../features/situation/SituationPage"), "SituationPage");
export const TicketsPage = lazyRouteComponent(() => import("../features/tickets/TicketsPage"), "TicketsPage");
export const UsersPage = lazyRouteComponent(() => import("../features/users/UsersPage"), "UsersPage");
export const PhoneHome = lazyRouteComponent(() => import("../features/phone/PhoneHome"), "PhoneHome");
export const ScreenPage = lazyRouteComponent(() => import("../features/wall/ScreenPage"), "ScreenPage");
export const SpotPage = lazyRouteComponent(() => import("../features/wall/SpotPage"), "SpotPage");
export const WallPage = lazyRouteComponent(() => import("../features/wall/WallPage"), "WallPage");
