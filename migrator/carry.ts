import type { MigrationTarget } from "./connection";
import { expectAfter } from "./drift";
import { readCatalogue } from "./schema-objects";
import { Session } from "./session";
import { readExpected, writeExpected } from "./snapshot";

/**
 * Carries over what a database should hold to a copy of it on a server of another major version, which words definitions
 * in another way. Changes by hand since the last run are still found there, unless the other version words them differently.
 * Without it, they would be unknown until the next run.
 * @throws MigrationConnectionError, MigrationRoleError
 */
export const carrySnapshot = (from: MigrationTarget, to: MigrationTarget): Promise<void> =>
  asOwner(from, async (before) => {
    const expected = await readExpected(before);
    if (expected !== undefined) {
      const found = await readCatalogue(before);
      await asOwner(to, async (after) =>
        writeExpected(after, expectAfter(expected, found, await readCatalogue(after))),
      );
    }
  });

async function asOwner(
  target: MigrationTarget,
  act: (session: Session) => Promise<void>,
): Promise<void> {
  const session = await Session.open(target);
  try {
    await session.becomeOwner();
    await session.resumeOwner();
    await act(session);
  } finally {
    await session.close();
  }
}
