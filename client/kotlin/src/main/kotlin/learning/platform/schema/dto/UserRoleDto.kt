// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.dto

import com.fasterxml.jackson.annotation.JsonInclude
import java.time.Instant
import java.util.UUID
import learning.platform.schema.userservice.Role
import learning.platform.schema.userservice.UserRole

/**
 * A role that a user holds.
 * What is null in the table is absent here.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
data class UserRoleDto(
    val id: UUID,
    /**
     * From FREE_USER (fewest rights) to SUPER_ADMIN. A user has at most one row per role that is not
     * revoked: granting the role again renews that row.
     */
    val role: Role,
    val grantedAt: Instant,
    /** Time at which the role ends on its own; null for a role without an end. */
    val expiresAt: Instant? = null,
    /**
     * Account that granted the role; null when the system granted it, or when that account was
     * deleted.
     */
    val grantedBy: UUID? = null,
)

/** Makes a UserRoleDto from a row of user_roles. */
fun UserRole.toDto(): UserRoleDto = UserRoleDto(
    id = id,
    role = role,
    grantedAt = grantedAt,
    expiresAt = expiresAt,
    grantedBy = grantedBy,
)
