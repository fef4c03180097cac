// Generated from sql/content_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.contentservice

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now

/**
 * Contents recommended to users, at most once per user and content.
 * A row of content_recommendations.
 */
@Entity
@Table(name = "content_recommendations")
data class ContentRecommendation(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    @Column(name = "content_id", nullable = false)
    @param:JsonProperty("content_id")
    var contentId: UUID,

    /** From 0 (weak) to 1 (strong). */
    @Column(name = "recommendation_score", nullable = false, precision = 5, scale = 4)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("recommendation_score")
    var recommendationScore: BigDecimal,

    /** Reason shown to the user; null for none. */
    @Column(name = "recommendation_reason")
    @param:JsonProperty("recommendation_reason")
    var recommendationReason: String? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    /** The recommendation is hidden from this time on; null when it does not expire. */
    @Column(name = "expires_at")
    @param:JsonProperty("expires_at")
    var expiresAt: Instant? = null,
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "ContentRecommendation($id)"
}
