-- migrate: no-transaction
-- A user has a few dozen recommendations: the unique key on (user_id, content_id) finds them, and
-- sorting them costs less than an index that every new score would write to.
drop index concurrently content_recommendations_user_id_recommendation_score_idx;
