// Generated from sql/content_service_db by `npm run types`. Edit the SQL, not this file.
import type {
  CalendarDate,
  Insert,
  Numeric,
  Timestamp,
  Tsvector,
  Update,
  Uuid,
} from "./column-types";

/** Values of generated_content.content_type. */
export const CONTENT_TYPE_VALUES = [
  "TEXT",
  "DIAGRAM",
  "EXERCISE",
  "QUIZ",
  "ASSESSMENT",
  "FLASHCARD",
  "MIND_MAP",
  "TUTORIAL",
  "CODE_EXAMPLE",
  "FORMULA",
] as const;
export type ContentType = (typeof CONTENT_TYPE_VALUES)[number];

/**
 * Daily values of contents. calculate_average_rating maintains average_rating and rating_count;
 * the service writes the others.
 * A row of content_analytics, as `select *` gives it.
 */
export interface ContentAnalyticsRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  content_id: Uuid;
  /** Never blank. */
  metric_name: string;
  /** Never negative; metric_name determines its unit. */
  metric_value: Numeric;
  /**
   * Day in UTC. On a day without a row, a rating metric has its last earlier value. If that
   * rating_count is 0, there is no average.
   */
  metric_date: CalendarDate;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of content_analytics. PostgreSQL fills in what is left out. */
export type ContentAnalyticsInsert = Insert<ContentAnalyticsRow, "id" | "created_at">;

/** Changes of a row of content_analytics. */
export type ContentAnalyticsUpdate = Update<ContentAnalyticsInsert, "id">;

/**
 * Users' ratings of contents. A user rates a content once and may change the rating.
 * A row of content_feedback, as `select *` gives it.
 */
export interface ContentFeedbackRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  content_id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** From 1 (worst) to 5 (best). */
  rating: number;
  /** Null for a rating without text. */
  feedback_text: string | null;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of content_feedback. PostgreSQL fills in what is left out. */
export type ContentFeedbackInsert = Insert<
  ContentFeedbackRow,
  "id" | "feedback_text" | "created_at"
>;

/** Changes of a row of content_feedback. */
export type ContentFeedbackUpdate = Update<ContentFeedbackInsert, "id">;

/**
 * Additional properties of contents, one value per key.
 * A row of content_metadata, as `select *` gives it.
 */
export interface ContentMetadataRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  content_id: Uuid;
  /** Never blank; the value may be. */
  metadata_key: string;
  metadata_value: string;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of content_metadata. PostgreSQL fills in what is left out. */
export type ContentMetadataInsert = Insert<ContentMetadataRow, "id" | "created_at">;

/** Changes of a row of content_metadata. */
export type ContentMetadataUpdate = Update<ContentMetadataInsert, "id">;

/**
 * Contents recommended to users, at most once per user and content.
 * A row of content_recommendations, as `select *` gives it.
 */
export interface ContentRecommendationRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  content_id: Uuid;
  /** From 0 (weak) to 1 (strong). */
  recommendation_score: Numeric;
  /** Reason shown to the user; null for none. */
  recommendation_reason: string | null;
  /** @default now() */
  created_at: Timestamp;
  /** The recommendation is hidden from this time on; null when it does not expire. */
  expires_at: Timestamp | null;
}

/** A new row of content_recommendations. PostgreSQL fills in what is left out. */
export type ContentRecommendationInsert = Insert<
  ContentRecommendationRow,
  "id" | "recommendation_reason" | "created_at" | "expires_at"
>;

/** Changes of a row of content_recommendations. */
export type ContentRecommendationUpdate = Update<ContentRecommendationInsert, "id">;

/**
 * Search entry of each content, maintained by update_content_search_index.
 * A row of content_search_index, as `select *` gives it.
 */
export interface ContentSearchIndexRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  content_id: Uuid;
  /**
   * The title with weight A and the text with weight B. Content that is not English also has lexemes
   * for its language, which search_query uses.
   */
  search_vector: Tsvector;
  /**
   * Text search configuration with which search_vector was made; never blank.
   * @default 'english'::text
   */
  language: string;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of content_search_index. PostgreSQL fills in what is left out. */
export type ContentSearchIndexInsert = Insert<
  ContentSearchIndexRow,
  "id" | "language" | "updated_at"
>;

/** Changes of a row of content_search_index. */
export type ContentSearchIndexUpdate = Update<ContentSearchIndexInsert, "id">;

/**
 * Tags of contents. A content has each tag at most once.
 * A row of content_tags, as `select *` gives it.
 */
export interface ContentTagRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  content_id: Uuid;
  /** Never blank. */
  tag: string;
  /** Confidence of the tagging agent, 0 to 1; null for a tag set by a person. */
  confidence_score: Numeric | null;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of content_tags. PostgreSQL fills in what is left out. */
export type ContentTagInsert = Insert<ContentTagRow, "id" | "confidence_score" | "created_at">;

/** Changes of a row of content_tags. */
export type ContentTagUpdate = Update<ContentTagInsert, "id">;

/**
 * Earlier versions of contents, one row per version number.
 * A row of content_versions, as `select *` gives it.
 */
export interface ContentVersionRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  content_id: Uuid;
  /** Version of the content that this row keeps. */
  version_number: number;
  /** The content in that version. */
  content_data: unknown;
  /** What changed since the previous version; null when not described. */
  changes_description: string | null;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of content_versions. PostgreSQL fills in what is left out. */
export type ContentVersionInsert = Insert<
  ContentVersionRow,
  "id" | "changes_description" | "created_at"
>;

/** Changes of a row of content_versions. */
export type ContentVersionUpdate = Update<ContentVersionInsert, "id">;

/**
 * Content that the agents wrote. All other rows of this database belong to a content and are
 * deleted with it.
 * A row of generated_content, as `select *` gives it.
 */
export interface GeneratedContentRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Learning session in agent-orchestrator. Foreign keys do not reach across databases. */
  session_id: Uuid;
  /** Determines the format of content_data. */
  content_type: ContentType;
  title: string;
  /**
   * The content itself. Its own key "language" decides how it is searched: an ISO 639-1 code such as
   * "de", or a text search configuration such as "german". English if absent.
   */
  content_data: unknown;
  /** Path in the object store; null when content_data holds the whole content. */
  file_path: string | null;
  /**
   * Counts up from 1; content_versions holds the earlier versions.
   * @default 1
   */
  version: number;
  /** From 0 (worst) to 1 (best). */
  quality_score: Numeric | null;
  /** Number of words; null for content that is not text. */
  word_count: number | null;
  /** Minutes. */
  estimated_reading_time_minutes: number | null;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of generated_content. PostgreSQL fills in what is left out. */
export type GeneratedContentInsert = Insert<
  GeneratedContentRow,
  | "id"
  | "file_path"
  | "version"
  | "quality_score"
  | "word_count"
  | "estimated_reading_time_minutes"
  | "created_at"
  | "updated_at"
>;

/** Changes of a row of generated_content. */
export type GeneratedContentUpdate = Update<GeneratedContentInsert, "id" | "updated_at">;
