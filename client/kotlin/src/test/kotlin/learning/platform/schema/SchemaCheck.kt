package learning.platform.schema

import jakarta.persistence.Column
import java.util.UUID
import kotlin.reflect.KClass
import kotlin.reflect.full.declaredMemberProperties
import kotlin.reflect.full.primaryConstructor
import kotlin.reflect.jvm.javaField
import learning.platform.schema.events.EventType
import org.hibernate.Session
import org.hibernate.SessionFactory
import org.hibernate.cfg.Configuration
import tools.jackson.databind.JsonNode
import tools.jackson.databind.json.JsonMapper
import tools.jackson.module.kotlin.kotlinModule
import tools.jackson.module.kotlin.readValue

/** A database with rows of each table, as TypeScript read them. */
class Database(
    val name: String,
    val url: String,
    val user: String,
    val password: String,
    /** Entity class by table. */
    val entities: Map<String, String>,
    /** Rows by table. */
    val rows: Map<String, List<JsonNode>>,
)

/** What Kotlin knows of a column. */
class ColumnFound(val name: String, val nullable: Boolean, val optional: Boolean)

/** What Kotlin made of a table's rows. */
class TableFound(
    val columns: List<ColumnFound>,
    /** The rows from JSON to an entity and back. */
    val rows: List<JsonNode>,
    /** Rows whose entity from JSON differs from the one that Hibernate reads. */
    val readDifferently: List<JsonNode>,
    /** Rows that are other rows after Hibernate wrote their entity. */
    val writtenDifferently: List<String>,
)

val mapper: JsonMapper = JsonMapper.builder().addModule(kotlinModule()).build()

/**
 * Reads databases as JSON from standard input, and writes as JSON what it found: by database and table, as DTOs, in the
 * use of entities, and of events. Starting Hibernate validates the tables against the entities.
 */
fun main() {
    val databases = mapper.readValue<List<Database>>(System.`in`)
    val found = databases.associate { database ->
        database.name to sessionFactory(database).use { factory ->
            database.entities.mapValues { (table, entity) ->
                checkTable(factory, table, classOf(entity), database.rows.getValue(table))
            }
        }
    }
    val rows = databases.flatMap { it.rows.entries }.associate { it.key to it.value }
    val payments = databases.single { it.name == "payment_service_db" }
    val used = sessionFactory(payments).use(::useEntities)
    // By the enum's JSON, which is the type's name.
    val events = EventType.entries.map { mapOf("type" to it, "topic" to it.topic) }
    val answer = mapOf("databases" to found, "dtos" to dtosOf(rows), "used" to used, "events" to events)
    mapper.writeValue(System.out, answer)
}

fun sessionFactory(database: Database): SessionFactory =
    Configuration()
        .setProperty("hibernate.connection.url", database.url)
        .setProperty("hibernate.connection.username", database.user)
        .setProperty("hibernate.connection.password", database.password)
        .setProperty("hibernate.hbm2ddl.auto", "validate")
        .apply { database.entities.values.forEach { addAnnotatedClass(classOf(it).java) } }
        .buildSessionFactory()

fun classOf(name: String): KClass<*> = Class.forName(name).kotlin

private fun checkTable(factory: SessionFactory, table: String, type: KClass<*>, rows: List<JsonNode>): TableFound {
    val entities: List<Any> = rows.map { mapper.treeToValue(it, type.java) }
    return TableFound(
        columnsOf(type),
        entities.map { mapper.valueToTree<JsonNode>(it) },
        rows.zip(entities).filter { (row, entity) ->
            factory.fromSession { it.find(type.java, idOf(row)) } != entity
        }.map { it.first },
        rows.zip(entities).flatMap { (row, entity) ->
            factory.fromSession { changedByWriting(it, table, type, idOf(row), entity) }
        },
    )
}

private fun idOf(row: JsonNode) = UUID.fromString(row.get("id").asString())

private fun columnsOf(type: KClass<*>): List<ColumnFound> {
    val parameters = type.primaryConstructor!!.parameters.associateBy { it.name }
    return type.declaredMemberProperties.map {
        val column = it.javaField!!.getAnnotation(Column::class.java)
        check(column.nullable == it.returnType.isMarkedNullable) { "$type: nullable of ${column.name}" }
        ColumnFound(column.name, column.nullable, parameters.getValue(it.name).isOptional)
    }
}

/**
 * Replaces a row by one that Hibernate writes from its entity, and takes that back. Returns both as text if they differ
 * in a column that Hibernate writes.
 */
private fun changedByWriting(session: Session, table: String, type: KClass<*>, id: UUID, entity: Any): List<String> {
    val ignored = type.declaredMemberProperties
        .map { it.javaField!!.getAnnotation(Column::class.java) }
        .filter { !it.insertable }
        .map { it.name }
    fun read() = session
        .createNativeQuery("select cast(to_jsonb(t) - cast(:ignored as text[]) as text) from $table t where id = :id", String::class.java)
        .setParameter("ignored", ignored.joinToString(",", "{", "}"))
        .setParameter("id", id)
        .singleResult
    val transaction = session.beginTransaction()
    try {
        // Neither a foreign key nor a trigger shall act on the change.
        session.createNativeMutationQuery("set local session_replication_role = replica").executeUpdate()
        val before = read()
        session.createNativeMutationQuery("delete from $table where id = :id").setParameter("id", id).executeUpdate()
        session.persist(entity)
        session.flush()
        val after = read()
        return if (before == after) emptyList() else listOf(before, after)
    } finally {
        transaction.rollback()
    }
}
