import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeSharedBackend } from "../support/shared-backend";

describeSharedBackend("a shared folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-backend-"));
  return {
    env: { PULUMI_BACKEND_URL: `file://${folder}` },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
});
