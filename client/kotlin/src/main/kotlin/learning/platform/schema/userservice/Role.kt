// Generated from sql/user_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.userservice

/** Values of user_roles.role. */
enum class Role {
    FREE_USER,
    PRO_USER,
    ENTERPRISE_USER,
    ADMIN,
    SUPER_ADMIN,
}
