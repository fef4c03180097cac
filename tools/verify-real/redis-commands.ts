/**
 * Commands of Redis 7.0.15 without a key that components/redis/redis-config.ts allows a service: about its own
 * connection or user, and help. A newer Redis may have more. Review each one before you add it to this list.
 */
export const KEYLESS_COMMANDS = [
  "acl|cat acl|genpass acl|help acl|whoami asking auth",
  "client|caching client|getname client|getredir client|help client|id client|info client|reply",
  "client|setname client|trackinginfo",
  "cluster|countkeysinslot cluster|getkeysinslot cluster|help cluster|info cluster|keyslot",
  "cluster|links cluster|myid cluster|nodes cluster|shards cluster|slots",
  "command|count command|docs command|getkeys command|getkeysandflags command|help command|info",
  "command|list config|help discard echo exec hello latency|help lolwut module|help multi",
  "object|help ping punsubscribe quit readonly readwrite reset script|exists script|help",
  "script|load select slowlog|help time unsubscribe unwatch wait xgroup|help xinfo|help",
].join(" ");
