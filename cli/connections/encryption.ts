/** Whether a service's connections are encrypted, as its settings say. */
import type { DatabaseLogin, KafkaLogin, RedisLogin } from "../../contract/connections";

export const encryptsDatabase = ({ jdbcUrl }: Pick<DatabaseLogin, "jdbcUrl">): boolean =>
  jdbcUrl.includes("sslmode=");

export const encryptsRedis = ({ url }: Pick<RedisLogin, "url">): boolean =>
  url.startsWith("rediss:");

export const encryptsKafka = ({
  securityProtocol,
}: Pick<KafkaLogin, "securityProtocol">): boolean => securityProtocol === "SASL_SSL";
