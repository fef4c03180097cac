import assert from "node:assert/strict";

import { asRole, createDatabase, DATABASES, type TestDatabase } from "../support/databases";
import { type DocumentedQuery, readDocument } from "./document";
import { fill, valuesOf } from "./fill";
import { type Cost, costOf, explain, type PlanMode } from "./plan";
import { UPKEEP } from "./upkeep";

/** A hundredth of the documented rows. The smallest table still has 2,000. */
const SCALE = 0.01;
const BATCH = 100;
const PLANS: PlanMode[] = ["force_custom_plan", "force_generic_plan"];

const documented = readDocument();

describe("the documented queries", function () {
  this.timeout(120_000);

  for (const name of DATABASES) {
    describe(`of ${name}`, () => {
      let database: TestDatabase;

      before(async () => {
        database = await createDatabase(name);
        const client = await database.pool("superuser").connect();
        try {
          await fill(client, name, documented[name].rows, SCALE);
          await client.query("select pg_stat_reset()");
        } finally {
          client.release();
        }
      });
      after(() => database.drop());

      for (const query of documented[name].queries) {
        it(`read no more rows than they return: ${query.title}`, async () => {
          for (const mode of PLANS) {
            const cost = await asRole(database, "app", async (client) => {
              // The first call of a trigger in a connection compiles it, which reads the catalogue.
              await client.query("savepoint first_call");
              await costOf(client, query, valuesOf(query), mode);
              await client.query("rollback to savepoint first_call");
              return costOf(client, query, valuesOf(query), mode);
            });
            assertProportional(query, cost, mode);
          }
        });
      }

      if (name === "content_service_db") {
        it("read no content in another language than that of the search", async () => {
          const search = documented[name].queries.find(({ title }) => title === "Search")!;
          const languages = { de: "german", en: "english" };
          for (const mode of PLANS) {
            for (const [code, language] of Object.entries(languages)) {
              await asRole(database, "app", async (client) => {
                const { rows } = await client.query<{ matches: number }>(
                  `select count(*)::integer as matches from content_search_index
                   where search_vector @@ 'w150 & w210' and language = $1`,
                  [language],
                );
                assert.ok(rows[0].matches > 0, language);
                const cost = await costOf(
                  client,
                  search,
                  valuesOf(search, { language: `'${code}'`, words: "'w150 w210'" }),
                  mode,
                );
                // The query also reads the contents of the page, and a match in the sample twice.
                assert.ok(cost.read <= 2 * rows[0].matches + 20, `${mode} ${JSON.stringify(cost)}`);
              });
            }
          }
        });

        it("find enough common words in the sample of entries, and rare words in all entries", async () => {
          const search = documented[name].queries.find(({ title }) => title === "Search")!;
          for (const mode of PLANS) {
            const indexesOf = (words: string) =>
              asRole(database, "app", async (client) => {
                const values = valuesOf(search, { words: `'${words}'` });
                const cost = await costOf(client, search, values, mode);
                return cost.indexes.filter((index) => index.startsWith("content_search_index_"));
              });
            const sample = "content_search_index_sample_idx";
            assert.deepEqual(await indexesOf("w20 or w21"), [sample], mode);
            assert.deepEqual(
              await indexesOf("w150"),
              [sample, "content_search_index_search_vector_idx"],
              mode,
            );
          }
        });
      }

      for (const { name: upkeep } of UPKEEP[name]) {
        it(`read in proportion to the rows that they delete: ${upkeep}`, () =>
          asRole(database, "app", async (client) => {
            const cost = await explain(
              client,
              `select from ${upkeep}(batch_size => ${BATCH}) deleted where deleted = ${BATCH}`,
            );
            assert.equal(cost.returned, 1, "a whole batch was deleted");
            // A deleted row costs its own block and an index lookup, twice.
            assert.ok(cost.blocks < 20 * BATCH, `${cost.blocks} blocks for ${BATCH} rows`);
          }));
      }

      // Runs last, so that the server has counted the index scans of the queries and the upkeep.
      it("use every index that neither a constraint nor a foreign key needs", async () => {
        await asRole(database, "superuser", async (client) => {
          const { rows } = await client.query<{ index: string }>(`
            select s.indexrelname as index
            from pg_stat_user_indexes s join pg_index i using (indexrelid)
            where s.idx_scan = 0
              and not exists (select from pg_constraint where conindid = s.indexrelid)
              and not i.indisunique
              and not exists (
                select from pg_constraint k
                where k.contype = 'f' and k.conrelid = s.relid and k.conkey[1] = i.indkey[0])`);
          assert.deepEqual(
            rows.map(({ index }) => index),
            [],
          );
        });
      });

      it("state the number of rows of every table", () =>
        asRole(database, "superuser", async (client) => {
          const { rows } = await client.query<{ relname: string }>(
            "select relname from pg_stat_user_tables where schemaname = 'public'",
          );
          assert.deepEqual(
            Object.keys(documented[name].rows).sort(),
            rows.map(({ relname }) => relname).sort(),
          );
        }));
    });
  }
});

function assertProportional(query: DocumentedQuery, cost: Cost, mode: PlanMode): void {
  const details = `${mode}: ${JSON.stringify(cost)}`;
  assert.deepEqual(cost.sequential, [], details);
  assert.ok(cost.removed <= 20 + cost.read / 2, `too many rows thrown away, ${details}`);
  if (!query.aggregates) {
    const most = query.mostRows ? query.mostRows + 100 : 3 * cost.returned + 20;
    assert.ok(cost.read <= most, `too many rows read, ${details}`);
  }
  // A row that is read costs its block and, in the worst case, an index lookup.
  assert.ok(cost.blocks <= 50 + 6 * cost.read, `too many blocks, ${details}`);
}
