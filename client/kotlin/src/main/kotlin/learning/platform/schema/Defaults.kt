package learning.platform.schema

import java.time.Instant
import java.time.temporal.ChronoUnit
import tools.jackson.databind.JsonNode
import tools.jackson.databind.json.JsonMapper

/** The time with the microseconds that PostgreSQL keeps, so that a row that is read again equals the one written. */
internal fun now(): Instant = Instant.now().truncatedTo(ChronoUnit.MICROS)

/** The value of a jsonb column's default. */
internal fun jsonOf(text: String): JsonNode = JsonMapper.shared().readTree(text)
