// Generated from sql/content_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.contentservice

/** Values of generated_content.content_type. */
enum class ContentType {
    TEXT,
    DIAGRAM,
    EXERCISE,
    QUIZ,
    ASSESSMENT,
    FLASHCARD,
    MIND_MAP,
    TUTORIAL,
    CODE_EXAMPLE,
    FORMULA,
}
