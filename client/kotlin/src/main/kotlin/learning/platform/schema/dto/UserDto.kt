// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.dto

import com.fasterxml.jackson.annotation.JsonInclude
import java.time.Instant
import java.util.UUID
import learning.platform.schema.userservice.User
import learning.platform.schema.userservice.UserPreference
import learning.platform.schema.userservice.UserRole

/**
 * A user, without secrets.
 * What is null in the table is absent here.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
data class UserDto(
    val id: UUID,
    /**
     * One mailbox, with exactly one @. Stored as the person typed it, and unique regardless of case.
     * lower(email) = lower($1) finds an account however its email is typed; email = $1 finds only the
     * exact spelling. Each form has an index. "on conflict (email)" matches the same spelling; a
     * different spelling of a taken email fails with 23505.
     */
    val email: String,
    val firstName: String,
    val lastName: String,
    val emailVerified: Boolean,
    val createdAt: Instant,
    val updatedAt: Instant,
    /** The roles that were not revoked. One may have expired. */
    val roles: List<UserRoleDto>,
    /** Values by key. */
    val preferences: Map<String, String>,
)

/**
 * Makes a UserDto from a row of users, with its rows of user_roles, with its rows of
 * user_preferences.
 */
fun User.toDto(roles: List<UserRole>, preferences: List<UserPreference>): UserDto = UserDto(
    id = id,
    email = email,
    firstName = firstName,
    lastName = lastName,
    emailVerified = emailVerified,
    createdAt = createdAt,
    updatedAt = updatedAt,
    roles = roles.filter { it.revokedAt == null }.map { it.toDto() },
    preferences = preferences.associate { it.preferenceKey to it.preferenceValue },
)
