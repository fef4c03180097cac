package learning.example

import java.util.UUID
import org.springframework.http.HttpStatus
import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.PathVariable
import org.springframework.web.bind.annotation.PostMapping
import org.springframework.web.bind.annotation.RequestBody
import org.springframework.web.bind.annotation.RequestMapping
import org.springframework.web.bind.annotation.ResponseStatus
import org.springframework.web.bind.annotation.RestController

@RestController
@RequestMapping("/users")
class UserApi(private val users: Users, private val events: Events) {
    /**
     * The event holds nothing but the id, because it cannot be removed when the user is erased.
     *
     * @return the new user's id
     */
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    fun register(@RequestBody user: NewUser): String {
        val id = users.add(user).toString()
        events.publish("user-events", "user.registered.v1", id, mapOf("userId" to id))
        return id
    }

    @GetMapping("/{id}") fun find(@PathVariable id: UUID): User = users.find(id)
}
