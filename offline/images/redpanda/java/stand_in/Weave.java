package stand_in;

import static net.bytebuddy.matcher.ElementMatchers.isPrivate;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;

import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import org.apache.kafka.controller.ReplicationFactor;

/** Runs while the image is built: writes some of Kafka's classes anew, with calls into our own. */
final class Weave {
  private Weave() {}

  public static void main(String[] arguments) throws IOException {
    File folder = new File(arguments[0]);
    weave(folder, "kafka.server.ConfigHelper", "describeConfigs", TopicConfigs.AtExit.class);
    weave(folder, "kafka.server.KafkaApis", "handleProduceRequest", DiskSpace.AtEntry.class);
    weave(folder, "org.apache.kafka.raft.VoterSet", "voterNode", Peers.AtExit.class);
    weave(
        folder,
        "org.apache.kafka.controller.BrokerHeartbeatManager",
        "hasValidSession",
        SingleBroker.AtExit.class);
    String controller = "org.apache.kafka.controller.QuorumController";
    Map<String, Class<?>> advices = new LinkedHashMap<>();
    advices.put("incrementalAlterConfigs", ReplicationFactor.AroundConfigs.class);
    advices.put("alterPartitionReassignments", ReplicationFactor.AroundReassignments.class);
    weave(folder, controller, advices);
  }

  private static void weave(File folder, String type, String method, Class<?> advice)
      throws IOException {
    weave(folder, type, Map.of(method, advice));
  }

  private static void weave(File folder, String type, Map<String, Class<?>> advices)
      throws IOException {
    ClassFileLocator classes = ClassFileLocator.ForClassLoader.ofSystemLoader();
    TypePool pool = TypePool.Default.of(classes);
    TypeDescription known = pool.describe(type).resolve();
    DynamicType.Builder<?> woven = new ByteBuddy().redefine(known, classes);
    for (Map.Entry<String, Class<?>> advice : advices.entrySet()) {
      ElementMatcher<MethodDescription> method = named(advice.getKey()).and(not(isPrivate()));
      if (known.getDeclaredMethods().filter(method).size() != 1) {
        throw new IllegalStateException(type + " has not one method " + advice.getKey());
      }
      woven = woven.visit(Advice.to(advice.getValue()).on(method));
    }
    try (DynamicType.Unloaded<?> made = woven.make()) {
      made.saveIn(folder);
    }
  }
}
