package learning.platform.schema

import java.math.BigDecimal
import java.util.UUID
import learning.platform.schema.agentorchestrator.AgentExecution
import learning.platform.schema.agentorchestrator.LearningSession
import learning.platform.schema.contentservice.ContentMetadata
import learning.platform.schema.contentservice.GeneratedContent
import learning.platform.schema.dto.toDto
import learning.platform.schema.paymentservice.Invoice
import learning.platform.schema.paymentservice.InvoiceStatus
import learning.platform.schema.paymentservice.PlanType
import learning.platform.schema.paymentservice.Subscription
import learning.platform.schema.userservice.User
import learning.platform.schema.userservice.UserPreference
import learning.platform.schema.userservice.UserRole
import org.hibernate.SessionFactory
import tools.jackson.databind.JsonNode

/** The DTOs of the rows, by name. */
fun dtosOf(rows: Map<String, List<JsonNode>>): Map<String, List<Any>> {
    fun <T : Any> entities(table: String, type: Class<T>) = rows.getValue(table).map { mapper.treeToValue(it, type) }
    val roles = entities("user_roles", UserRole::class.java)
    val preferences = entities("user_preferences", UserPreference::class.java)
    val executions = entities("agent_executions", AgentExecution::class.java)
    val metadata = entities("content_metadata", ContentMetadata::class.java)
    return mapOf(
        "UserDto" to entities("users", User::class.java).map { user ->
            user.toDto(roles.filter { it.userId == user.id }, preferences.filter { it.userId == user.id })
        },
        "LearningSessionDto" to entities("learning_sessions", LearningSession::class.java).map { session ->
            session.toDto(executions.filter { it.sessionId == session.id })
        },
        "ContentDto" to entities("generated_content", GeneratedContent::class.java).map { content ->
            content.toDto(metadata.filter { it.contentId == content.id })
        },
        "SubscriptionDto" to entities("subscriptions", Subscription::class.java).map { it.toDto() },
    )
}

/** Adds and changes rows as a service does, with the database's triggers. */
fun useEntities(factory: SessionFactory): Map<String, Any?> = factory.fromTransaction { session ->
    val subscription = Subscription(userId = UUID.randomUUID(), planType = PlanType.PRO)
    val invoice = Invoice(userId = subscription.userId, subscriptionId = subscription.id, amountDueUsd = BigDecimal("9.90"))
    session.persist(subscription)
    session.persist(invoice)
    session.flush()
    val created = invoice.updatedAt
    invoice.status = InvoiceStatus.OPEN
    session.flush()
    val moved = invoice.updatedAt > created
    val invoiceNumber = invoice.invoiceNumber
    session.clear()
    mapOf(
        "invoice number" to invoiceNumber,
        "updated_at moved" to moved,
        "subscription" to session.find(Subscription::class.java, subscription.id),
        "printed" to subscription.toString().replace("${subscription.id}", "id"),
    )
}
