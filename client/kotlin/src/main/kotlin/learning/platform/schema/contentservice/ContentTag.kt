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
 * Tags of contents. A content has each tag at most once.
 * A row of content_tags.
 */
@Entity
@Table(name = "content_tags")
data class ContentTag(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "content_id", nullable = false)
    @param:JsonProperty("content_id")
    var contentId: UUID,

    /** Never blank. */
    @Column(name = "tag", nullable = false)
    @param:JsonProperty("tag")
    var tag: String,

    /** Confidence of the tagging agent, 0 to 1; null for a tag set by a person. */
    @Column(name = "confidence_score", precision = 5, scale = 4)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("confidence_score")
    var confidenceScore: BigDecimal? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "ContentTag($id)"
}
