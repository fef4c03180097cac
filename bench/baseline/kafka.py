"""Creates topics, users and rights on a broker by one admin client. Reads them as JSON from standard input."""
import json
import re
import sys

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)


def member(enum, name):
    """The member of an enumeration (TRANSACTIONAL_ID) by Kafka's own name for it (TransactionalId)."""
    upper = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
    # The client calls the cluster by the number of a broker's settings, which is the same.
    return enum["BROKER" if enum is ResourceType and upper == "CLUSTER" else upper]


facts = json.load(sys.stdin)
admin = AdminClient(
    {
        "bootstrap.servers": facts["server"],
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": facts["username"],
        "sasl.password": facts["password"],
    }
)
info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
users = [
    UserScramCredentialUpsertion(user["name"], info, user["password"].encode())
    for user in facts["users"]
]
topics = [
    NewTopic(topic["name"], topic["partitions"], 1, config=topic["config"])
    for topic in facts["topics"]
]
rights = [
    AclBinding(
        member(ResourceType, right["resourceType"]),
        right["resourceName"],
        member(ResourcePatternType, right["pattern"]),
        right["principal"],
        "*",
        member(AclOperation, right["operation"]),
        AclPermissionType.ALLOW,
    )
    for right in facts["acls"]
]
waiting = [
    *admin.alter_user_scram_credentials(users).values(),
    *admin.create_topics(topics).values(),
    *admin.create_acls(rights).values(),
]
for each in waiting:
    each.result()
