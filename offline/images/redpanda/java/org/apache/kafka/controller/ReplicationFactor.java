package org.apache.kafka.controller;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.concurrent.CompletableFuture;
import net.bytebuddy.asm.Advice;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.metadata.PartitionRegistration;

/**
 * The number of copies of a topic, as Redpanda changes it: by the topic's setting replication.factor
 * (src/v/kafka/server/handlers/incremental_alter_configs.cc), odd numbers only (configs/config_utils.h,
 * replication_factor_must_be_odd), and by no reassignment of partitions, which it refuses where the number of copies
 * differs (alter_partition_reassignments.cc, validate_partitions). Kafka does the opposite. In Kafka's package for its
 * controller's state.
 */
public final class ReplicationFactor {
  private static final String SETTING = "replication.factor";
  /** Set while a changed setting becomes a reassignment. */
  private static final ThreadLocal<Boolean> OWN = ThreadLocal.withInitial(() -> false);

  private ReplicationFactor() {}

  /** Called by the woven controller. Null leaves the request to Kafka. */
  public static CompletableFuture<Map<ConfigResource, ApiError>> changed(
      QuorumController controller,
      ControllerRequestContext context,
      Map<ConfigResource, Map<String, Entry<OpType, String>>> changes) {
    Map<ConfigResource, ApiError> answer = new HashMap<>();
    AlterPartitionReassignmentsRequestData moves = new AlterPartitionReassignmentsRequestData();
    for (ConfigResource resource : List.copyOf(changes.keySet())) {
      Entry<OpType, String> wanted = changes.get(resource).get(SETTING);
      if (resource.type() != ConfigResource.Type.TOPIC || wanted == null) {
        continue;
      }
      answer.put(resource, ApiError.NONE);
      try {
        int copies = Integer.parseInt(wanted.getValue());
        if (changes.get(resource).size() > 1 || wanted.getKey() != OpType.SET) {
          throw new IllegalArgumentException("the stand-in sets replication.factor alone");
        }
        moves.topics().add(assign(controller, resource.name(), copies));
      } catch (IllegalArgumentException error) {
        answer.put(resource, new ApiError(Errors.INVALID_CONFIG, error.getMessage()));
      }
    }
    if (answer.isEmpty()) {
      return null;
    }
    if (answer.size() < changes.size()) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException("the stand-in sets replication.factor alone"));
    }
    OWN.set(true);
    try {
      return controller.alterPartitionReassignments(context, moves).thenApply(done -> answer);
    } finally {
      OWN.set(false);
    }
  }

  private static ReassignableTopic assign(QuorumController controller, String name, int copies) {
    Uuid topic = controller.replicationControl().getTopicId(name);
    List<Integer> brokers = new ArrayList<>(controller.clusterControl().brokerRegistrations().keySet());
    Collections.sort(brokers);
    if (topic == null) {
      throw new IllegalArgumentException("there is no topic " + name);
    }
    if (copies < 1 || copies % 2 == 0 || copies > brokers.size()) {
      throw new IllegalArgumentException(
          "replication factor " + copies + " must be positive, odd, and at most " + brokers.size());
    }
    ReassignableTopic moved = new ReassignableTopic().setName(name);
    PartitionRegistration partition;
    for (int index = 0;
        (partition = controller.replicationControl().getPartition(topic, index)) != null;
        index++) {
      List<Integer> replicas = new ArrayList<>();
      for (int replica : partition.replicas) {
        replicas.add(replica);
      }
      for (int step = 0; replicas.size() < copies; step++) {
        int broker = brokers.get((index + step) % brokers.size());
        if (!replicas.contains(broker)) {
          replicas.add(broker);
        }
      }
      moved
          .partitions()
          .add(
              new ReassignablePartition()
                  .setPartitionIndex(index)
                  .setReplicas(new ArrayList<>(replicas.subList(0, copies))));
    }
    return moved;
  }

  /** Called by the woven controller. Null leaves the request to Kafka. */
  public static CompletableFuture<AlterPartitionReassignmentsResponseData> refused(
      QuorumController controller, AlterPartitionReassignmentsRequestData request) {
    if (OWN.get()) {
      return null;
    }
    AlterPartitionReassignmentsResponseData answer = new AlterPartitionReassignmentsResponseData();
    boolean differs = false;
    for (ReassignableTopic topic : request.topics()) {
      ReassignableTopicResponse answered = new ReassignableTopicResponse().setName(topic.name());
      Uuid id = controller.replicationControl().getTopicId(topic.name());
      for (ReassignablePartition wanted : topic.partitions()) {
        PartitionRegistration known =
            id == null
                ? null
                : controller.replicationControl().getPartition(id, wanted.partitionIndex());
        if (known != null
            && wanted.replicas() != null
            && wanted.replicas().size() != known.replicas.length) {
          differs = true;
        }
        answered
            .partitions()
            .add(
                new ReassignablePartitionResponse()
                    .setPartitionIndex(wanted.partitionIndex())
                    .setErrorCode(Errors.INVALID_REPLICATION_FACTOR.code())
                    .setErrorMessage(
                        "Number of replicas does not match the topic replication factor"));
      }
      answer.responses().add(answered);
    }
    return differs ? CompletableFuture.completedFuture(answer) : null;
  }

  /** Copied around QuorumController.incrementalAlterConfigs. */
  public static final class AroundConfigs {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static CompletableFuture<Map<ConfigResource, ApiError>> enter(
        @Advice.This QuorumController controller,
        @Advice.Argument(0) ControllerRequestContext context,
        @Advice.Argument(1) Map<ConfigResource, Map<String, Entry<OpType, String>>> changes) {
      return ReplicationFactor.changed(controller, context, changes);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter CompletableFuture<Map<ConfigResource, ApiError>> own,
        @Advice.Return(readOnly = false)
            CompletableFuture<Map<ConfigResource, ApiError>> answer) {
      if (own != null) {
        answer = own;
      }
    }
  }

  /** Copied around QuorumController.alterPartitionReassignments. */
  public static final class AroundReassignments {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static CompletableFuture<AlterPartitionReassignmentsResponseData> enter(
        @Advice.This QuorumController controller,
        @Advice.Argument(1) AlterPartitionReassignmentsRequestData request) {
      return ReplicationFactor.refused(controller, request);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter CompletableFuture<AlterPartitionReassignmentsResponseData> own,
        @Advice.Return(readOnly = false)
            CompletableFuture<AlterPartitionReassignmentsResponseData> answer) {
      if (own != null) {
        answer = own;
      }
    }
  }
}
