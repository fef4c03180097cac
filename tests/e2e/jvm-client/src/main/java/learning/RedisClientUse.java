package learning;

import com.fasterxml.jackson.databind.JsonNode;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import java.util.Map;
import java.util.TreeMap;

/** Lettuce, by the URL as it is handed out. */
final class RedisClientUse {
  private final JsonNode login;

  RedisClientUse(JsonNode login) {
    this.login = login;
  }

  Map<String, Object> use() {
    Map<String, Object> found = new TreeMap<>();
    RedisClient client = RedisClient.create(RedisURI.create(login.get("url").asText()));
    try (var connection = client.connect()) {
      var commands = connection.sync();
      String key = login.get("keyPrefix").asText() + "jvm-client";
      found.put("set", commands.setex(key, 60, "value"));
      found.put("get", commands.get(key));
      found.put("delete", commands.del(key));
      found.put("another's key", error(() -> commands.get("another:key")));
      found.put("scan", error(() -> commands.scan(ScanArgs.Builder.limit(1))));
      found.put("keys", error(() -> commands.keys("*")));
    } finally {
      client.shutdown();
    }
    return found;
  }

  /** The code of Redis's answer: NOPERM. */
  private static Object error(java.util.concurrent.Callable<?> act) {
    try {
      return act.call();
    } catch (Exception refused) {
      return refused.getMessage().split(" ")[0];
    }
  }
}
