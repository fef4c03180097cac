package learning.example

import java.util.UUID
import org.springframework.cache.annotation.CacheEvict
import org.springframework.cache.annotation.Cacheable
import org.springframework.http.HttpStatus
import org.springframework.jdbc.core.simple.JdbcClient
import org.springframework.stereotype.Service
import org.springframework.web.server.ResponseStatusException

data class NewUser(val email: String, val firstName: String, val lastName: String)

data class User(
    val id: UUID,
    val email: String,
    val firstName: String,
    val lastName: String,
    val roles: List<String>,
)

/** Accounts, in the database and in the cache `users`. */
@Service
class Users(private val database: JdbcClient) {
    /** @return the new user's id */
    fun add(user: NewUser): UUID =
        database
            // No password has this hash: the user has to set one first.
            .sql(
                """insert into users (email, password_hash, first_name, last_name)
                values (:email, '!', :firstName, :lastName) returning id"""
            )
            .paramSource(user)
            .query(UUID::class.java)
            .single()

    /** @throws ResponseStatusException 404, which is not cached */
    @Cacheable("users")
    fun find(id: UUID): User =
        database
            .sql(
                """select id, email, first_name, last_name, array(
                  select role from user_roles
                  where user_id = users.id and revoked_at is null and coalesce(expires_at > now(), true)
                  order by role
                ) as roles from users where id = :id"""
            )
            .param("id", id)
            .query { row, _ ->
                val roles = row.getArray("roles").array as Array<*>
                User(
                    row.getObject("id", UUID::class.java),
                    row.getString("email"),
                    row.getString("first_name"),
                    row.getString("last_name"),
                    roles.map { it.toString() },
                )
            }
            .optional()
            .orElseThrow { ResponseStatusException(HttpStatus.NOT_FOUND) }

    /** Does nothing where the user has the role already: an event may arrive twice. */
    @CacheEvict("users", key = "#id")
    fun grant(id: UUID, role: String) {
        database
            .sql(
                """insert into user_roles (user_id, role) values (:id, :role)
                on conflict (user_id, role) where revoked_at is null do nothing"""
            )
            .param("id", id)
            .param("role", role)
            .update()
    }
}
