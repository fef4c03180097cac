// Generated from sql/user_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.userservice

import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.EnumType
import jakarta.persistence.Enumerated
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now

/**
 * Roles granted to accounts. A role is in force while it is neither revoked nor expired.
 * A row of user_roles.
 */
@Entity
@Table(name = "user_roles")
data class UserRole(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /**
     * From FREE_USER (fewest rights) to SUPER_ADMIN. A user has at most one row per role that is not
     * revoked: granting the role again renews that row.
     */
    @Column(name = "role", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("role")
    var role: Role,

    @Column(name = "granted_at", nullable = false)
    @param:JsonProperty("granted_at")
    var grantedAt: Instant = now(),

    /** Time at which the role ends on its own; null for a role without an end. */
    @Column(name = "expires_at")
    @param:JsonProperty("expires_at")
    var expiresAt: Instant? = null,

    /**
     * Account that granted the role; null when the system granted it, or when that account was
     * deleted.
     */
    @Column(name = "granted_by")
    @param:JsonProperty("granted_by")
    var grantedBy: UUID? = null,

    /** Set when the role is revoked; the row stays as history. */
    @Column(name = "revoked_at")
    @param:JsonProperty("revoked_at")
    var revokedAt: Instant? = null,
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "UserRole($id)"
}
