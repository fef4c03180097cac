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
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * Earlier versions of contents, one row per version number.
 * A row of content_versions.
 */
@Entity
@Table(name = "content_versions")
data class ContentVersion(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "content_id", nullable = false)
    @param:JsonProperty("content_id")
    var contentId: UUID,

    /** Version of the content that this row keeps. */
    @Column(name = "version_number", nullable = false)
    @param:JsonProperty("version_number")
    var versionNumber: Int,

    /** The content in that version. */
    @Column(name = "content_data", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("content_data")
    var contentData: JsonNode,

    /** What changed since the previous version; null when not described. */
    @Column(name = "changes_description")
    @param:JsonProperty("changes_description")
    var changesDescription: String? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "ContentVersion($id)"
}
