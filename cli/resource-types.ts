/** Type tokens of the resources that commands tell apart, as the engine writes them. */
export const TYPES = {
  stack: "pulumi:pulumi:Stack",
  container: "docker:index/container:Container",
  image: "docker:index/remoteImage:RemoteImage",
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
  password: "random:index/randomPassword:RandomPassword",
  database: "postgresql:index/database:Database",
  role: "postgresql:index/role:Role",
  grant: "postgresql:index/grant:Grant",
  databaseRights: "pulumi-nodejs:dynamic/database:Rights",
  replicaSlot: "pulumi-nodejs:dynamic/database:ReplicaSlot",
  migrations: "pulumi-nodejs:dynamic/database:SchemaMigrations",
  topic: "kafka:index/topic:Topic",
  brokerUser: "kafka:index/userScramCredential:UserScramCredential",
  rights: "pulumi-nodejs:dynamic/kafka:Rights",
  copies: "pulumi-nodejs:dynamic/kafka:Copies",
  schemas: "pulumi-nodejs:dynamic/kafka:EventSchemas",
  redisCluster: "pulumi-nodejs:dynamic/redis:Cluster",
  redisReplication: "pulumi-nodejs:dynamic/redis:Replication",
  redisUser: "pulumi-nodejs:dynamic/redis:User",
} as const;

/** The part of a URN that the program chose. */
export const logicalName = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);

/** Whether a resource is the container of a server: `postgres`, as `SERVERS` names it. */
export const isContainerOf = (role: string, { type, urn }: { type: string; urn: string }) =>
  type === TYPES.container && logicalName(urn) === `${role}-container`;

/** The resource type in a URN: `urn:pulumi:stack::project::parentType$type::name`. */
export const typeOfUrn = (urn: string) => String(urn.split("::")[2]?.split("$").pop());
