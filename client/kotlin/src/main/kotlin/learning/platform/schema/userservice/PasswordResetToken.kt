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

/**
 * Requests to set a new password. A token works once, until it expires.
 * A row of password_reset_tokens.
 */
@Entity
@Table(name = "password_reset_tokens")
data class PasswordResetToken(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Hashed like user_sessions.session_token; only the email contains the token itself. */
    @Column(name = "token", nullable = false)
    @param:JsonProperty("token")
    var token: String,

    @Column(name = "expires_at", nullable = false)
    @param:JsonProperty("expires_at")
    var expiresAt: Instant,

    /** Set when the token is used; it is invalid from then on. */
    @Column(name = "used_at")
    @param:JsonProperty("used_at")
    var usedAt: Instant? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "PasswordResetToken($id)"
}
