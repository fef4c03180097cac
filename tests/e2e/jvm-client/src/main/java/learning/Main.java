package learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Uses the stack as a service on the JVM does. Reads the stack's output "services" from its standard
 * input, and writes as JSON, for each service and each thing tried, what came of it.
 */
public final class Main {
  static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    JsonNode services = JSON.readTree(System.in);
    Map<String, Future<Map<String, Object>>> running = new LinkedHashMap<>();
    var executor = Executors.newCachedThreadPool();
    services.fields().forEachRemaining(service -> {
      String name = service.getKey();
      JsonNode settings = service.getValue();
      running.put(name + " database", executor.submit(() -> new DatabaseClient(settings).use()));
      running.put(name + " cache", executor.submit(() -> new RedisClientUse(settings.get("cache")).use()));
      if (settings.has("session")) {
        running.put(name + " session", executor.submit(() -> new RedisClientUse(settings.get("session")).use()));
      }
      running.put(name + " events", executor.submit(() -> new EventClient(settings).use()));
    });
    Map<String, Object> results = new TreeMap<>();
    for (var entry : running.entrySet()) {
      results.put(entry.getKey(), outcome(() -> entry.getValue().get()));
    }
    System.out.println(JSON.writeValueAsString(results));
    System.exit(0);
  }

  /** What an act returns, or what it throws, by the name of what is below. */
  static Object outcome(Callable<?> act) {
    try {
      return act.call();
    } catch (Throwable thrown) {
      Throwable cause = thrown;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
  }
}
