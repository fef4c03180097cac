package stand_in;

import net.bytebuddy.asm.Advice;

/**
 * A broker that is alone is never taken for lost, as in Redpanda: it stays the leader of its partitions, and topics are
 * created on every broker that was not decommissioned (src/v/cluster/scheduling/allocation_node.h, is_active). Kafka's
 * controller gives each broker a session. Silence ends it, and while it lasts, no other process can register under the
 * broker's id. The session of a single broker never ends (settings.py), and never stops that broker's next process.
 */
public final class SingleBroker {
  public static final boolean IS_ALONE = System.getProperty("stand.in.peers", "").isEmpty();

  private SingleBroker() {}

  /** Copied to the end of BrokerHeartbeatManager.hasValidSession, which Kafka 3.9 calls when a broker registers. */
  static final class AtExit {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) boolean isValid) {
      isValid = isValid && !SingleBroker.IS_ALONE;
    }
  }
}
