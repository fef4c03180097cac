package learning;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's Java client and the schema registry. Every service writes the topics below, and reads the first. */
final class EventClient {
  private static final String READ_BY_ALL = "system-events";
  private static final String SEVERAL_PARTITIONS = "learning-platform-events";
  /** Room for a batch's and a record's headers. */
  private static final int OVERHEAD = 100;

  private final JsonNode kafka;
  private final JsonNode registry;

  EventClient(JsonNode settings) {
    kafka = settings.get("kafka");
    registry = settings.get("schemaRegistry");
  }

  Map<String, Object> use() throws Exception {
    Map<String, Object> found = new TreeMap<>();
    String marker = UUID.randomUUID().toString();
    int most = kafka.get("maxMessageBytes").asInt();
    try (var producer = new KafkaProducer<String, String>(producerProperties(null))) {
      var keyed = new ProducerRecord<>(SEVERAL_PARTITIONS, "k", marker);
      found.put("partition of k", producer.send(keyed).get().partition());
      found.put("largest message", Main.outcome(() -> {
        producer.send(new ProducerRecord<>(SEVERAL_PARTITIONS, "x".repeat(most - OVERHEAD))).get();
        return "taken";
      }));
      found.put("larger message", Main.outcome(() -> {
        producer.send(new ProducerRecord<>(SEVERAL_PARTITIONS, "x".repeat(most))).get();
        return "taken";
      }).toString().split(":")[0]);
    }
    String transactionalId = kafka.get("transactionalIdPrefix").asText() + "jvm-client";
    try (var producer = new KafkaProducer<String, String>(producerProperties(transactionalId))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(READ_BY_ALL, marker));
      producer.commitTransaction();
    }
    found.put("received", receives(marker));
    found.put("registry", registryStatus());
    return found;
  }

  private Map<String, Object> login() {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", kafka.get("bootstrapServers").asText());
    properties.put("security.protocol", kafka.get("securityProtocol").asText());
    properties.put("sasl.mechanism", kafka.get("saslMechanism").asText());
    properties.put("sasl.jaas.config", String.format(
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";",
        kafka.get("username").asText(), kafka.get("password").asText()));
    return properties;
  }

  private Properties producerProperties(String transactionalId) {
    Properties properties = new Properties();
    properties.putAll(login());
    properties.put("key.serializer", StringSerializer.class.getName());
    properties.put("value.serializer", StringSerializer.class.getName());
    properties.put("max.request.size", kafka.get("maxMessageBytes").asInt());
    if (transactionalId != null) {
      properties.put("transactional.id", transactionalId);
    }
    return properties;
  }

  /** Whether the service's own group gets the message, once its transaction is committed. */
  private boolean receives(String marker) {
    Properties properties = new Properties();
    properties.putAll(login());
    properties.put("group.id", kafka.get("groupId").asText());
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    properties.put("key.deserializer", StringDeserializer.class.getName());
    properties.put("value.deserializer", StringDeserializer.class.getName());
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try (var consumer = new KafkaConsumer<String, String>(properties)) {
      consumer.subscribe(List.of(READ_BY_ALL));
      while (System.nanoTime() < end) {
        for (var message : consumer.poll(Duration.ofMillis(500))) {
          if (marker.equals(message.value())) {
            consumer.commitSync();
            return true;
          }
        }
      }
    }
    return false;
  }

  private int registryStatus() throws Exception {
    String login = registry.get("username").asText() + ":" + registry.get("password").asText();
    HttpRequest request = HttpRequest.newBuilder(URI.create(registry.get("url").asText() + "/subjects"))
        .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes()))
        .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}
