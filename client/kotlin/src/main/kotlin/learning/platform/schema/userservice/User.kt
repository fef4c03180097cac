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
import org.hibernate.annotations.Generated
import org.hibernate.generator.EventType

/**
 * One row per account.
 * A row of users.
 */
@Entity
@Table(name = "users")
data class User(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /**
     * One mailbox, with exactly one @. Stored as the person typed it, and unique regardless of case.
     * lower(email) = lower($1) finds an account however its email is typed; email = $1 finds only the
     * exact spelling. Each form has an index. "on conflict (email)" matches the same spelling; a
     * different spelling of a taken email fails with 23505.
     */
    @Column(name = "email", nullable = false)
    @param:JsonProperty("email")
    var email: String,

    /**
     * Output of the service's password hash function, with salt and parameters. Never a password,
     * never blank.
     */
    @Column(name = "password_hash", nullable = false)
    @param:JsonProperty("password_hash")
    var passwordHash: String,

    @Column(name = "first_name", nullable = false)
    @param:JsonProperty("first_name")
    var firstName: String,

    @Column(name = "last_name", nullable = false)
    @param:JsonProperty("last_name")
    var lastName: String,

    @Column(name = "email_verified", nullable = false)
    @param:JsonProperty("email_verified")
    var emailVerified: Boolean = false,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "User($id)"
}
