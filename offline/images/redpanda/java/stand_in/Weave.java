package stand_in;

import static net.bytebuddy.matcher.ElementMatchers.named;

import java.io.File;
import java.io.IOException;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.pool.TypePool;

/** Runs while the image is built: writes two of Kafka's classes anew, with calls into this folder's own. */
final class Weave {
  private Weave() {}

  public static void main(String[] arguments) throws IOException {
    File folder = new File(arguments[0]);
    weave(folder, "kafka.server.ConfigHelper", "describeConfigs", TopicConfigs.AtExit.class);
    weave(folder, "kafka.server.KafkaApis", "handleProduceRequest", DiskSpace.AtEntry.class);
  }

  private static void weave(File folder, String type, String method, Class<?> advice)
      throws IOException {
    ClassFileLocator classes = ClassFileLocator.ForClassLoader.ofSystemLoader();
    TypePool pool = TypePool.Default.of(classes);
    if (pool.describe(type).resolve().getDeclaredMethods().filter(named(method)).size() != 1) {
      throw new IllegalStateException(type + " has not one method " + method);
    }
    try (DynamicType.Unloaded<?> woven =
        new ByteBuddy()
            .redefine(pool.describe(type).resolve(), classes)
            .visit(Advice.to(advice).on(named(method)))
            .make()) {
      woven.saveIn(folder);
    }
  }
}
