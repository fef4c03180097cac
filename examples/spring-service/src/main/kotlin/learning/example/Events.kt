package learning.example

import java.time.Instant
import java.util.UUID
import org.apache.kafka.clients.producer.ProducerRecord
import org.springframework.beans.factory.annotation.Value
import org.springframework.kafka.annotation.KafkaListener
import org.springframework.kafka.core.KafkaTemplate
import org.springframework.stereotype.Component
import tools.jackson.databind.json.JsonMapper
import tools.jackson.module.kotlin.readValue

/** The platform's envelope: CloudEvents 1.0, in JSON. */
data class Event(
    val source: String,
    val type: String,
    val subject: String,
    val data: Map<String, Any?>,
    val id: String = UUID.randomUUID().toString(),
    val time: Instant = Instant.now(),
    val specversion: String = "1.0",
    val datacontenttype: String = "application/json",
)

@Component
class Events(
    private val kafka: KafkaTemplate<String, String>,
    private val json: JsonMapper,
    @param:Value("\${spring.application.name}") private val service: String,
    @param:Value("\${platform.kafka.topic-prefix}") private val topicPrefix: String,
) {
    /**
     * Returns when the brokers have the event. Events of one subject stay in order.
     *
     * @throws java.util.concurrent.CompletionException where they do not take it
     */
    fun publish(topic: String, type: String, subject: String, data: Map<String, Any?>) {
        val event = json.writeValueAsString(Event(service, type, subject, data))
        val message = ProducerRecord(topicPrefix + topic, subject, event)
        message.headers().add("content-type", EVENT_IN_JSON.toByteArray())
        kafka.send(message).join()
    }
}

private const val EVENT_IN_JSON = "application/cloudevents+json; charset=UTF-8"

/** What the service does on events of others. */
@Component
class Subscriptions(private val users: Users, private val json: JsonMapper) {
    @KafkaListener(topics = ["\${platform.kafka.topic-prefix}payment-events"])
    fun handle(message: String) {
        val event = json.readValue<Event>(message)
        if (event.type == "payment.subscription-activated.v1") {
            users.grant(UUID.fromString(event.data["userId"].toString()), "PRO_USER")
        }
    }
}
