import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import type { SaslMechanism } from "../../contract/connections";
import type { KafkaCluster } from "./kafka-cluster";

/** Names of the mechanisms in the provider (Mongey/terraform-provider-kafka v0.13.1, kafka/provider.go, line 209). */
const PROVIDER_MECHANISMS: Readonly<Record<SaslMechanism, string>> = {
  "SCRAM-SHA-256": "scram-sha256",
  "SCRAM-SHA-512": "scram-sha512",
  PLAIN: "plain",
};

/**
 * A provider that acts on a cluster as its administrator. It connects when the first resource needs it, so its plugin may
 * start before the broker.
 *
 * The plugin (3.13.2) panics in a preview on a user whose password is not known yet, as after a first run that was
 * interrupted. While the provider's own login is not known either, the engine does not ask the plugin.
 * @param userPasswords of the users that it will create
 * @param caCert PEM of the authorities to trust; without it, the provider trusts those of the system (v0.13.1,
 *   kafka/config.go, newTLSConfig)
 */
export function createKafkaProvider(
  name: string,
  cluster: Pick<KafkaCluster, "bootstrapServers" | "administrator" | "trusted" | "capabilities">,
  userPasswords: pulumi.Output<string>[],
  caCert: pulumi.Input<string> | undefined,
  opts: pulumi.CustomResourceOptions,
): kafka.Provider {
  const { username, password } = cluster.administrator;
  return new kafka.Provider(
    `${name}-provider`,
    {
      bootstrapServers: cluster.bootstrapServers.split(","),
      saslUsername: username,
      saslPassword: pulumi.all([password, ...userPasswords]).apply(([first]) => first),
      // The defaults are "plain" and true, with which the provider would time out after two minutes.
      saslMechanism: PROVIDER_MECHANISMS[cluster.capabilities.saslMechanism],
      tlsEnabled: cluster.trusted !== undefined,
      caCert,
    },
    opts,
  );
}
