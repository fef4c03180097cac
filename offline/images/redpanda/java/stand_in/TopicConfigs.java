package stand_in;

import java.util.List;
import net.bytebuddy.asm.Advice;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.requests.DescribeConfigsResponse;

/**
 * Adds write.caching to what the broker tells of a topic, as Redpanda does
 * (src/v/kafka/server/handlers/configs/config_response_utils.cc, make_topic_configs): where the cluster's
 * default is "disabled" it is answered as the topic's own setting, else as the default.
 */
public final class TopicConfigs {
  private static final String NAME = "write.caching";
  private static final String CLUSTER_DEFAULT =
      System.getProperty("stand.in.write_caching_default", "false");

  private TopicConfigs() {}

  /** Called by the woven broker, with Scala's lists. */
  public static void add(
      scala.collection.immutable.List<DescribeConfigsResource> asked,
      scala.collection.immutable.List<DescribeConfigsResult> answered) {
    scala.collection.Iterator<DescribeConfigsResource> resources = asked.iterator();
    scala.collection.Iterator<DescribeConfigsResult> results = answered.iterator();
    while (resources.hasNext() && results.hasNext()) {
      List<String> keys = resources.next().configurationKeys();
      DescribeConfigsResult result = results.next();
      boolean wanted = keys == null || keys.isEmpty() || keys.contains(NAME);
      if (result.resourceType() == ConfigResource.Type.TOPIC.id()
          && result.errorCode() == 0
          && wanted) {
        result.configs().add(writeCaching());
      }
    }
  }

  private static DescribeConfigsResourceResult writeCaching() {
    boolean overrules = CLUSTER_DEFAULT.equals("disabled");
    DescribeConfigsResponse.ConfigSource source =
        overrules
            ? DescribeConfigsResponse.ConfigSource.TOPIC_CONFIG
            : DescribeConfigsResponse.ConfigSource.DEFAULT_CONFIG;
    return new DescribeConfigsResourceResult()
        .setName(NAME)
        .setValue(CLUSTER_DEFAULT)
        .setConfigSource(source.id())
        // Whether it is the default follows from the source; a field of its own is in version 0 alone.
        .setConfigType(DescribeConfigsResponse.ConfigType.STRING.id());
  }

  /** Copied to the end of ConfigHelper.describeConfigs. */
  static final class AtExit {
    @Advice.OnMethodExit
    static void exit(
        @Advice.Argument(0) scala.collection.immutable.List<DescribeConfigsResource> asked,
        @Advice.Return scala.collection.immutable.List<DescribeConfigsResult> answered) {
      TopicConfigs.add(asked, answered);
    }
  }
}
