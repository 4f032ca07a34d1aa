/** A person as lists and sentences say it: the name, and the account where two may share one. Accounts without a name stand alone. */
export function personName({ name, full_name }: { name: string; full_name: string }): string {
  return full_name === "" ? name : `${full_name} ${name}`;
}
