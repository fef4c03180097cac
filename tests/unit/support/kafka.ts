import { isDeepStrictEqual } from "node:util";

import type {
  KafkaAcl,
  KafkaAdministrator,
  KafkaTopic,
} from "../../../components/kafka/kafka-client";

/** A broker as an administrator sees it, which records each change. */
export class FakeBroker implements KafkaAdministrator {
  public readonly changes: string[] = [];

  constructor(
    public held: KafkaAcl[] = [],
    private readonly existing: Readonly<Record<string, KafkaTopic>> = {},
    /** Number of members by consumer group. */
    private readonly members: Readonly<Record<string, number>> = {},
  ) {}

  public acls(principal?: string): Promise<KafkaAcl[]> {
    return Promise.resolve(
      this.held.filter((acl) => principal === undefined || acl.principal === principal),
    );
  }

  public createAcls(acls: readonly KafkaAcl[]): Promise<void> {
    const added = acls.filter((acl) => !this.held.some((other) => isDeepStrictEqual(acl, other)));
    this.changes.push(...added.map((acl) => `+ ${describe(acl)}`));
    this.held.push(...added);
    return Promise.resolve();
  }

  public deleteAcls(acls: readonly KafkaAcl[]): Promise<void> {
    const taken = this.held.filter((acl) => acls.some((other) => isDeepStrictEqual(acl, other)));
    this.changes.push(...taken.map((acl) => `- ${describe(acl)}`));
    this.held = this.held.filter((acl) => !taken.includes(acl));
    return Promise.resolve();
  }

  public groups(): Promise<string[]> {
    return Promise.resolve(Object.keys(this.members));
  }

  public deleteGroups(names: readonly string[]): Promise<string[]> {
    const empty = names.filter((name) => this.members[name] === 0);
    this.changes.push(...empty.map((name) => `- group ${name}`));
    return Promise.resolve(names.filter((name) => !empty.includes(name)));
  }

  public topics(
    settings: Readonly<Record<string, readonly string[]>>,
  ): Promise<Map<string, KafkaTopic>> {
    return Promise.resolve(
      new Map(
        Object.entries(this.existing)
          .filter(([name]) => name in settings)
          .map(([name, { partitions, copies, config }]) => [
            name,
            {
              ...{ partitions, copies },
              config: Object.fromEntries(
                Object.entries(config).filter(([key]) => settings[name].includes(key)),
              ),
            },
          ]),
      ),
    );
  }

  public copies(): never {
    throw new Error("Nobody asks this broker for copies.");
  }

  public setCopies(): never {
    throw new Error("Nobody gives this broker's topics other copies.");
  }
}

const describe = ({ principal, operation, resourceName }: KafkaAcl) =>
  `${principal} ${operation} ${resourceName}`;
