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
import org.hibernate.annotations.ColumnTransformer

/**
 * Search entry of each content, maintained by update_content_search_index.
 * A row of content_search_index.
 */
@Entity
@Table(name = "content_search_index")
data class ContentSearchIndex(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "content_id", nullable = false)
    @param:JsonProperty("content_id")
    var contentId: UUID,

    /**
     * The title with weight A and the text with weight B. Content that is not English also has lexemes
     * for its language, which search_query uses.
     */
    @Column(name = "search_vector", nullable = false, columnDefinition = "tsvector")
    @ColumnTransformer(write = "?::tsvector")
    @param:JsonProperty("search_vector")
    var searchVector: String,

    /** Text search configuration with which search_vector was made; never blank. */
    @Column(name = "language", nullable = false)
    @param:JsonProperty("language")
    var language: String = "english",

    @Column(name = "updated_at", nullable = false)
    @param:JsonProperty("updated_at")
    var updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "ContentSearchIndex($id)"
}
