// Generated from sql/content_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.contentservice

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.EnumType
import jakarta.persistence.Enumerated
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now
import org.hibernate.annotations.Generated
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.generator.EventType
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * Content that the agents wrote. All other rows of this database belong to a content and are
 * deleted with it.
 * A row of generated_content.
 */
@Entity
@Table(name = "generated_content")
data class GeneratedContent(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Learning session in agent-orchestrator. Foreign keys do not reach across databases. */
    @Column(name = "session_id", nullable = false)
    @param:JsonProperty("session_id")
    var sessionId: UUID,

    /** Determines the format of content_data. */
    @Column(name = "content_type", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("content_type")
    var contentType: ContentType,

    @Column(name = "title", nullable = false)
    @param:JsonProperty("title")
    var title: String,

    /**
     * The content itself. Its own key "language" decides how it is searched: an ISO 639-1 code such as
     * "de", or a text search configuration such as "german". English if absent.
     */
    @Column(name = "content_data", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("content_data")
    var contentData: JsonNode,

    /** Path in the object store; null when content_data holds the whole content. */
    @Column(name = "file_path")
    @param:JsonProperty("file_path")
    var filePath: String? = null,

    /** Counts up from 1; content_versions holds the earlier versions. */
    @Column(name = "version", nullable = false)
    @param:JsonProperty("version")
    var version: Int = 1,

    /** From 0 (worst) to 1 (best). */
    @Column(name = "quality_score", precision = 5, scale = 4)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("quality_score")
    var qualityScore: BigDecimal? = null,

    /** Number of words; null for content that is not text. */
    @Column(name = "word_count")
    @param:JsonProperty("word_count")
    var wordCount: Int? = null,

    /** Minutes. */
    @Column(name = "estimated_reading_time_minutes")
    @param:JsonProperty("estimated_reading_time_minutes")
    var estimatedReadingTimeMinutes: Int? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "GeneratedContent($id)"
}
