/**
 * The tests of a shared backend on an S3 server: moto. SeaweedFS 4 was tried: it lists a folder that is empty again as an
 * object, which the engine (3.259.0) then reads as the lock of another run, and fails.
 */
import { describeSharedBackend } from "../e2e/support/shared-backend";
import { startMoto } from "./support/moto";

const PORT = 28_340;
const BUCKET = "state";

describeSharedBackend("an S3 bucket", async () => {
  const server = await startMoto(PORT, BUCKET);
  if (server === undefined) {
    return undefined;
  }
  const query = "region=us-east-1&use_path_style=true&disable_https=true";
  return {
    env: {
      ...server.login,
      PULUMI_BACKEND_URL: `s3://${BUCKET}?endpoint=${server.endpoint}&${query}`,
    },
    remove: server.stop,
  };
});
