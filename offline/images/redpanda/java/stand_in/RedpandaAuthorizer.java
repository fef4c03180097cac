package stand_in;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.AclCreateResult;
import org.apache.kafka.server.authorizer.AclDeleteResult;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/**
 * Kafka's authorizer without the resource types that Redpanda does not have: DelegationToken (6) and User (7)
 * are answered INVALID_REQUEST, as by Redpanda (src/v/kafka/server/handlers/details/security.h,
 * to_resource_type, and {describe,delete}_acls.cc).
 */
public class RedpandaAuthorizer extends StandardAuthorizer {
  private static final Set<ResourceType> KNOWN =
      Set.of(
          ResourceType.TOPIC,
          ResourceType.GROUP,
          ResourceType.CLUSTER,
          ResourceType.TRANSACTIONAL_ID);

  private static InvalidRequestException refusal(ResourceType type) {
    return KNOWN.contains(type)
        ? null
        : new InvalidRequestException("Invalid resource type: " + type.code());
  }

  private static InvalidRequestException refusal(AclBindingFilter filter) {
    ResourceType type = filter.patternFilter().resourceType();
    return type == ResourceType.ANY ? null : refusal(type);
  }

  @Override
  public Iterable<AclBinding> acls(AclBindingFilter filter) {
    InvalidRequestException refused = refusal(filter);
    if (refused != null) {
      throw refused;
    }
    return super.acls(filter);
  }

  @Override
  public List<? extends CompletionStage<AclCreateResult>> createAcls(
      AuthorizableRequestContext context, List<AclBinding> bindings) {
    List<CompletionStage<AclCreateResult>> results = new ArrayList<>();
    for (AclBinding binding : bindings) {
      InvalidRequestException refused = refusal(binding.pattern().resourceType());
      if (refused == null) {
        results.addAll(super.createAcls(context, List.of(binding)));
      } else {
        results.add(CompletableFuture.completedFuture(new AclCreateResult(refused)));
      }
    }
    return results;
  }

  @Override
  public List<? extends CompletionStage<AclDeleteResult>> deleteAcls(
      AuthorizableRequestContext context, List<AclBindingFilter> filters) {
    List<CompletionStage<AclDeleteResult>> results = new ArrayList<>();
    for (AclBindingFilter filter : filters) {
      InvalidRequestException refused = refusal(filter);
      if (refused == null) {
        results.addAll(super.deleteAcls(context, List.of(filter)));
      } else {
        results.add(CompletableFuture.completedFuture(new AclDeleteResult(refused)));
      }
    }
    return results;
  }
}
