package learning.example

import io.lettuce.core.ClientOptions.DisconnectedBehavior.REJECT_COMMANDS
import io.lettuce.core.internal.HostAndPort
import io.lettuce.core.resource.DnsResolvers
import io.lettuce.core.resource.MappingSocketAddressResolver
import java.time.Duration
import org.apache.kafka.common.TopicPartition
import org.springframework.boot.cache.autoconfigure.RedisCacheManagerBuilderCustomizer
import org.springframework.boot.context.properties.bind.Bindable
import org.springframework.boot.context.properties.bind.Binder
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer
import org.springframework.cache.annotation.CachingConfigurer
import org.springframework.cache.interceptor.LoggingCacheErrorHandler
import org.springframework.context.annotation.Bean
import org.springframework.context.annotation.Configuration
import org.springframework.core.env.Environment
import org.springframework.data.redis.serializer.JacksonJsonRedisSerializer
import org.springframework.data.redis.serializer.RedisSerializationContext.SerializationPair
import org.springframework.kafka.core.KafkaTemplate
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer
import org.springframework.kafka.listener.DefaultErrorHandler
import org.springframework.util.backoff.ExponentialBackOff
import tools.jackson.core.JacksonException
import tools.jackson.databind.json.JsonMapper

/** The platform's rules for which Spring Boot has no property. */
@Configuration
class PlatformRules : CachingConfigurer {
    /** Each type of data has a time to live of its own. A cache of JSON survives a new version of the class. */
    @Bean
    fun cachedTypes(environment: Environment, json: JsonMapper) =
        RedisCacheManagerBuilderCustomizer { builder ->
            val times =
                Binder.get(environment)
                    .bind(
                        "platform.cache.time-to-live",
                        Bindable.mapOf(String::class.java, Duration::class.java),
                    )
                    .get()
            val users =
                SerializationPair.fromSerializer(JacksonJsonRedisSerializer(json, User::class.java))
            builder.withCacheConfiguration(
                "users",
                builder
                    .cacheDefaults()
                    .entryTtl(times.getValue("users"))
                    .serializeValuesWith(users),
            )
        }

    /** No read fails because of the cache. */
    override fun errorHandler() = LoggingCacheErrorHandler()

    /** And none waits for it: Lettuce would keep commands until Redis is back. */
    @Bean
    fun withoutWaiting() = LettuceClientOptionsBuilderCustomizer {
        it.disconnectedBehavior(REJECT_COMMANDS)
    }

    /**
     * The nodes of a clustered cache tell the addresses that they have in containers. A service on the host reaches each of
     * them at another one.
     */
    @Bean
    fun nodeAddresses(environment: Environment) = ClientResourcesBuilderCustomizer {
        fun nodes(name: String) =
            environment.getProperty("platform.cache.cluster.$name", "").split(",")
        val reached = nodes("announced-nodes").zip(nodes("nodes")).toMap()
        it.socketAddressResolver(
            MappingSocketAddressResolver.create(DnsResolvers.UNRESOLVED) { node ->
                reached[node.toString()]?.let(HostAndPort::parse) ?: node
            }
        )
    }

    /** What cannot be handled in half a minute becomes a dead letter. Boot gives this to each listener. */
    @Bean
    fun deadLetters(kafka: KafkaTemplate<String, String>): DefaultErrorHandler {
        // The producer chooses the partition: topics of dead letters have one.
        val recoverer =
            DeadLetterPublishingRecoverer(kafka) { message, _ ->
                TopicPartition("${message.topic()}-dlq", -1)
            }
        val backOff = ExponentialBackOff(200, 2.0)
        backOff.maxElapsedTime = 25_000
        // Trying again does not help what is no JSON.
        return DefaultErrorHandler(recoverer, backOff).apply {
            addNotRetryableExceptions(JacksonException::class.java)
        }
    }
}
