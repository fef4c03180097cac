import { serviceRules } from "./redis-config";

/**
 * A service's rights as one text, in the form in which managed services such as ElastiCache take them.
 * It says `on`, without which ElastiCache makes a user that is off, and holds neither a password nor `reset`, which
 * ElastiCache refuses (docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html). Nor may it name a command
 * that is forbidden there: bgrewriteaof, bgsave, config, debug, migrate, replicaof, save, slaveof, shutdown, sync
 * (.../dg/ClientConfig.RestrictedCommands.html). The rules remove those by category.
 * @param name by which the service's keys and channels begin
 */
export const accessString = (name: string): string => ["on", ...serviceRules(name)].join(" ");
