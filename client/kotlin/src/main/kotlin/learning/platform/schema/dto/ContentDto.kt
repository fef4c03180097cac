// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.dto

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonInclude
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.contentservice.ContentMetadata
import learning.platform.schema.contentservice.ContentType
import learning.platform.schema.contentservice.GeneratedContent
import tools.jackson.databind.JsonNode

/**
 * Generated content with its properties.
 * What is null in the table is absent here.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
data class ContentDto(
    val id: UUID,
    /** Learning session in agent-orchestrator. Foreign keys do not reach across databases. */
    val sessionId: UUID,
    /** Determines the format of content_data. */
    val contentType: ContentType,
    val title: String,
    /**
     * The content itself. Its own key "language" decides how it is searched: an ISO 639-1 code such as
     * "de", or a text search configuration such as "german". English if absent.
     */
    val contentData: JsonNode,
    /** Path in the object store; null when content_data holds the whole content. */
    val filePath: String? = null,
    /** Counts up from 1; content_versions holds the earlier versions. */
    val version: Int,
    /** From 0 (worst) to 1 (best). */
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    val qualityScore: BigDecimal? = null,
    /** Number of words; null for content that is not text. */
    val wordCount: Int? = null,
    /** Minutes. */
    val estimatedReadingTimeMinutes: Int? = null,
    val createdAt: Instant,
    val updatedAt: Instant,
    /** Additional properties by key. */
    val metadata: Map<String, String>,
)

/** Makes a ContentDto from a row of generated_content, with its rows of content_metadata. */
fun GeneratedContent.toDto(metadata: List<ContentMetadata>): ContentDto = ContentDto(
    id = id,
    sessionId = sessionId,
    contentType = contentType,
    title = title,
    contentData = contentData,
    filePath = filePath,
    version = version,
    qualityScore = qualityScore,
    wordCount = wordCount,
    estimatedReadingTimeMinutes = estimatedReadingTimeMinutes,
    createdAt = createdAt,
    updatedAt = updatedAt,
    metadata = metadata.associate { it.metadataKey to it.metadataValue },
)
