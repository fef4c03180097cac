/** The infrastructure of one service. Its containers, functions or pods would take these values. */
import * as pulumi from "@pulumi/pulumi";

import { PlatformReference } from "./platform";

const platform = new PlatformReference(new pulumi.Config().require("platform"));
const connections = platform.service("user-service");

/** Secret: it has the login. */
export const databaseUrl = connections.apply(({ database }) => database.url);
/** An address is no secret, although it comes from one. */
export const kafka = pulumi.unsecret(
  connections.apply(({ kafka: { bootstrapServers } }) => bootstrapServers),
);
/** Restart the service when this changes: its passwords were renewed. */
export const revision = platform.output("servicesRevision");
