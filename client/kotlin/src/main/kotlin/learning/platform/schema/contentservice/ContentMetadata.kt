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
 * Additional properties of contents, one value per key.
 * A row of content_metadata.
 */
@Entity
@Table(name = "content_metadata")
data class ContentMetadata(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "content_id", nullable = false)
    @param:JsonProperty("content_id")
    var contentId: UUID,

    /** Never blank; the value may be. */
    @Column(name = "metadata_key", nullable = false)
    @param:JsonProperty("metadata_key")
    var metadataKey: String,

    @Column(name = "metadata_value", nullable = false)
    @param:JsonProperty("metadata_value")
    var metadataValue: String,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "ContentMetadata($id)"
}
