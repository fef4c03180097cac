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
 * One value per user and key.
 * A row of user_preferences.
 */
@Entity
@Table(name = "user_preferences")
data class UserPreference(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Never blank; the value may be. */
    @Column(name = "preference_key", nullable = false)
    @param:JsonProperty("preference_key")
    var preferenceKey: String,

    @Column(name = "preference_value", nullable = false)
    @param:JsonProperty("preference_value")
    var preferenceValue: String,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "UserPreference($id)"
}
