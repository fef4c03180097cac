/** Rights as the program and the state hold them, and the same as ACLs of the broker. */
import { parseRight, rightLine, type Rights } from "../../catalog/right-lines";
import type { KafkaAcl } from "./kafka-client";

export const userPrincipal = (name: string) => `User:${name}`;

const ANY_HOST = "*";
const FROM = " from ";

/** The ACLs of one principal as rights, in a stable order. */
export function rightsOf(acls: readonly KafkaAcl[]): Rights {
  const found = new Map<string, string[]>();
  for (const acl of acls) {
    const line = rightLine(acl);
    const value = acl.host === ANY_HOST ? acl.permission : `${acl.permission}${FROM}${acl.host}`;
    found.set(line, [...(found.get(line) ?? []), value]);
  }
  const lines = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(lines.map(([line, values]) => [line, values.sort().join(", ")]));
}

/** Of the rights that a user has, those to compare with what was made: all, unless others give it rights as well. */
export const ownRights = (found: Rights, made: Rights, atLeast = false): Rights =>
  atLeast ? Object.fromEntries(Object.entries(found).filter(([line]) => line in made)) : found;

/** The rights of a user as ACLs. @throws Error that names an invalid line or value */
export function aclsOf(principal: string, rights: Rights): KafkaAcl[] {
  return Object.entries(rights).flatMap(([line, values]) =>
    values.split(", ").map((value) => {
      const [permission, host = ANY_HOST] = value.split(FROM);
      if (permission !== "allow" && permission !== "deny") {
        throw new Error(`${line}: ${value} is neither allow nor deny`);
      }
      return { principal: userPrincipal(principal), host, permission, ...parseRight(line) };
    }),
  );
}
