import type { Schemas } from "../../api-client/client";

export type Purpose = Schemas["PurposeList"]["items"][number];

/** Why somebody wants to look: codes of closed lists, and the case where there is one (rules A1, A4). */
export interface Ground {
  purpose: Purpose | undefined;
  basis: string | undefined;
  caseNumber: string;
}

export const NO_GROUND: Ground = { purpose: undefined, basis: undefined, caseNumber: "" };

/** What is sent; undefined while something is missing. */
export function groundOrder({ purpose, basis, caseNumber }: Ground): Pick<Schemas["TicketOrder"], "purpose" | "legal_basis" | "case_number"> | undefined {
  if (purpose === undefined || basis === undefined || !purpose.basis.includes(basis)) return undefined;
  const number = purpose.case_number === "none" ? "" : caseNumber.trim();
  if (purpose.case_number === "required" && number === "") return undefined;
  return { purpose: purpose.code, legal_basis: basis, case_number: number };
}

/** How many hours a ticket may be open: fewer for one that names no case. */
export function longestOf(rules: Schemas["PurposeList"], caseNumber: string): number {
  return caseNumber.trim() === "" ? Math.min(rules.longest_hours, rules.without_case_hours) : rules.longest_hours;
}
