// Generated from sql/user_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.userservice

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
 * Sessions of signed-in users. They are deleted with their account.
 * A row of user_sessions.
 */
@Entity
@Table(name = "user_sessions")
data class UserSession(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /**
     * SHA-256 of the token's bytes as the client sends them, as 64 lower-case hex digits. The token
     * itself is never stored. Create it from at least 32 random bytes, and not as 64 hex digits: the
     * check could not tell it from its hash. Random bytes need neither a salt nor a slow hash.
     */
    @Column(name = "session_token", nullable = false)
    @param:JsonProperty("session_token")
    var sessionToken: String,

    /** Hashed like session_token; null for a session that cannot be renewed. */
    @Column(name = "refresh_token")
    @param:JsonProperty("refresh_token")
    var refreshToken: String? = null,

    @Column(name = "expires_at", nullable = false)
    @param:JsonProperty("expires_at")
    var expiresAt: Instant,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "last_accessed_at", nullable = false)
    @param:JsonProperty("last_accessed_at")
    var lastAccessedAt: Instant = now(),

    /** Address from which the session was opened; null when unknown. */
    @Column(name = "ip_address", columnDefinition = "inet")
    @ColumnTransformer(write = "?::inet")
    @param:JsonProperty("ip_address")
    var ipAddress: String? = null,

    /** The client's User-Agent header; null when it sent none. */
    @Column(name = "user_agent")
    @param:JsonProperty("user_agent")
    var userAgent: String? = null,
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "UserSession($id)"
}
