// Generated from sql/content_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.contentservice

import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now

/**
 * Users' ratings of contents. A user rates a content once and may change the rating.
 * A row of content_feedback.
 */
@Entity
@Table(name = "content_feedback")
data class ContentFeedback(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "content_id", nullable = false)
    @param:JsonProperty("content_id")
    var contentId: UUID,

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** From 1 (worst) to 5 (best). */
    @Column(name = "rating", nullable = false)
    @param:JsonProperty("rating")
    var rating: Int,

    /** Null for a rating without text. */
    @Column(name = "feedback_text")
    @param:JsonProperty("feedback_text")
    var feedbackText: String? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "ContentFeedback($id)"
}
