package stand_in;

import java.io.File;
import net.bytebuddy.asm.Advice;
import org.apache.kafka.common.errors.KafkaStorageException;

/**
 * Refuses every producer while less than storage_min_free_bytes is free on the data's disk, as Redpanda does
 * (src/v/kafka/server/handlers/produce.cc, should_reject_writes and make_full_disk_response:
 * KAFKA_STORAGE_ERROR).
 */
public final class DiskSpace {
  private static final long LEAST = Long.getLong("stand.in.storage_min_free_bytes", 0);
  private static final File DATA = new File(System.getProperty("stand.in.data", "/"));

  private DiskSpace() {}

  /** Called by the woven broker before it takes a batch. */
  public static void check() {
    long free = DATA.getUsableSpace();
    if (free < LEAST) {
      System.out.println(
          "rejecting produce request: no disk space; "
              + free
              + " bytes free, less than storage_min_free_bytes, "
              + LEAST);
      throw new KafkaStorageException("less than storage_min_free_bytes is free");
    }
  }

  /** Copied to the start of KafkaApis.handleProduceRequest. */
  static final class AtEntry {
    @Advice.OnMethodEnter
    static void enter() {
      DiskSpace.check();
    }
  }
}
