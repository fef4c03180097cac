import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  ConfigResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";

const NO_TOPIC = "TOPIC_AUTHORIZATION_FAILED";
const NO_CLUSTER = "CLUSTER_AUTHORIZATION_FAILED";

/** An administrator's act, and the broker's error for a user without the right. */
interface AdministratorAct {
  act: (admin: Admin) => Promise<unknown>;
  code: string;
}

/**
 * Acts that only an administrator may do, by name.
 * @param principal the user that tries them, and would give itself more rights
 * @param topic a topic that it uses
 */
export function administratorActs(
  principal: string,
  topic: string,
): Record<string, AdministratorAct> {
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
  const everyRight = {
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  };
  const wishedFor = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: "payment-events",
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${principal}`,
    host: "*",
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.ALLOW,
  };
  return {
    "create a topic": {
      act: (admin) => admin.createTopics({ topics: [{ topic: `${principal}.isolation` }] }),
      code: NO_TOPIC,
    },
    "delete a topic": { act: (admin) => admin.deleteTopics({ topics: [topic] }), code: NO_TOPIC },
    "add partitions": {
      act: (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 99 }] }),
      code: NO_TOPIC,
    },
    "delete records": {
      act: (admin) =>
        admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "-1" }] }),
      code: NO_TOPIC,
    },
    "read a topic's settings": {
      act: (admin) => admin.describeConfigs({ includeSynonyms: false, resources: [resource] }),
      code: NO_TOPIC,
    },
    "change a topic's settings": {
      act: (admin) =>
        admin.alterConfigs({
          validateOnly: false,
          resources: [{ ...resource, configEntries: [{ name: "retention.ms", value: "1" }] }],
        }),
      code: NO_TOPIC,
    },
    "read the rights": { act: (admin) => admin.describeAcls(everyRight), code: NO_CLUSTER },
    "give itself a right": {
      act: (admin) => admin.createAcls({ acl: [wishedFor] }),
      code: NO_CLUSTER,
    },
    "take rights away": {
      act: (admin) => admin.deleteAcls({ filters: [everyRight] }),
      code: NO_CLUSTER,
    },
    "move a partition": {
      act: (admin) =>
        admin.alterPartitionReassignments({
          topics: [{ topic, partitionAssignment: [{ partition: 0, replicas: [0] }] }],
        }),
      code: NO_CLUSTER,
    },
  };
}
