import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Acts with a file of the authorities to trust, which exists that long. Clients written in C read them from a file.
 * @param pem undefined where there are none; then there is no file
 */
export async function withTrustedFile<T>(
  pem: string | undefined,
  act: (file: string | undefined) => Promise<T>,
): Promise<T> {
  if (pem === undefined) {
    return act(undefined);
  }
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-tls-"));
  try {
    const file = join(folder, "ca.crt");
    writeFileSync(file, pem);
    return await act(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
