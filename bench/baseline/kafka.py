"""Creates topics, users and rights on a broker by one admin client. Reads them as JSON from standard input."""
import json
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


def enum_member(enum, name):
    """Kafka's name (`TransactionalId`) as a member of an enumeration (`TRANSACTIONAL_ID`)."""
    upper = "".join(f"_{c}" if c.isupper() else c.upper() for c in name).lstrip("_")
    aliases = {"TOPIC": "TOPIC", "CLUSTER": "BROKER"}
    return getattr(enum, aliases.get(upper, upper), None) or getattr(enum, upper)


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
waiting = [
    *admin.alter_user_scram_credentials(
        [UserScramCredentialUpsertion(u["name"], info, u["password"].encode()) for u in facts["users"]]
    ).values(),
    *admin.create_topics(
        [NewTopic(t["name"], t["partitions"], 1, config=t["config"]) for t in facts["topics"]]
    ).values(),
    *admin.create_acls(
        [
            AclBinding(
                enum_member(ResourceType, a["resourceType"]),
                a["resourceName"],
                enum_member(ResourcePatternType, a["pattern"]),
                a["principal"],
                "*",
                enum_member(AclOperation, a["operation"]),
                AclPermissionType.ALLOW,
            )
            for a in facts["acls"]
        ]
    ).values(),
]
for each in waiting:
    each.result()
