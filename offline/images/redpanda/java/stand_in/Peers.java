package stand_in;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import net.bytebuddy.asm.Advice;
import org.apache.kafka.common.Node;

/**
 * Where the brokers of the cluster are, from the seed servers in redpanda.yaml. Kafka keeps in its metadata where each
 * voter was when it was added, and a leader never changes its own entry: a broker that was alone, on the loopback
 * address, would stay there for the brokers that join it. Redpanda's brokers tell the cluster their new address
 * (src/v/cluster/members_manager.cc, maybe_update_current_node_configuration).
 */
public final class Peers {
  /** Host and port by node id: `0=host:port,1=host:port`; empty for a single broker. */
  private static final Map<Integer, String[]> ADDRESSES =
      Arrays.stream(System.getProperty("stand.in.peers", "").split(","))
          .filter(peer -> !peer.isEmpty())
          .map(peer -> peer.split("[=:]"))
          .collect(Collectors.toUnmodifiableMap(peer -> Integer.valueOf(peer[0]), peer -> peer));

  private Peers() {}

  /** Called by the woven set of voters. */
  public static Optional<Node> at(int id, Optional<Node> recorded) {
    String[] known = ADDRESSES.get(id);
    return known == null || recorded.isEmpty()
        ? recorded
        : Optional.of(new Node(id, known[1], Integer.parseInt(known[2])));
  }

  /** Copied to the end of VoterSet.voterNode. */
  static final class AtExit {
    @Advice.OnMethodExit
    static void exit(
        @Advice.Argument(0) int id, @Advice.Return(readOnly = false) Optional<Node> node) {
      node = Peers.at(id, node);
    }
  }
}
