// @ts-check
/** The provider's configuration, whose values arrive as text (numbers and booleans as JSON text). */
import { readFileSync } from "node:fs";

/** @typedef {import("./provider-server.js").Values} Values */
/** @typedef {import("./provider-server.js").Failure} Failure */

/**
 * @typedef {object} Settings
 * @property {string} host
 * @property {number} port
 * @property {string} username
 * @property {string | undefined} password
 * @property {string} database where to connect for work on no particular database
 * @property {string} sslmode
 * @property {string | undefined} sslrootcert
 * @property {{ cert: string, key: string, sslinline?: boolean } | undefined} clientcert
 * @property {boolean} superuser
 * @property {number} connectTimeout seconds; 0 for no limit
 * @property {number} maxConnections for each database; 0 for no limit
 * @property {string | undefined} expectedVersion
 */

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/** Ways to log in which need a cloud's own libraries. */
const UNSUPPORTED = ["awsRdsIamAuth", "azureIdentityAuth", "gcpIamImpersonateServiceAccount"];

/** @param {any} value @returns {any} the value, parsed where it is JSON text */
function plain(value) {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @param {Values} config @returns {Settings} */
export function readSettings(config) {
  const env = process.env;
  /** @param {string} name @param {string | undefined} fallback */
  const text = (name, fallback) =>
    config[name] === undefined || config[name] === "" ? fallback : String(config[name]);
  return {
    host: /** @type {string} */ (text("host", env.PGHOST ?? "localhost")),
    port: Number(plain(config.port) ?? env.PGPORT ?? 5432),
    username: /** @type {string} */ (text("username", env.PGUSER ?? "postgres")),
    password: text("password", env.PGPASSWORD),
    database: /** @type {string} */ (text("database", env.PGDATABASE ?? "postgres")),
    sslmode: /** @type {string} */ (text("sslmode", text("sslMode", env.PGSSLMODE ?? "require"))),
    sslrootcert: text("sslrootcert", undefined),
    clientcert: plain(config.clientcert),
    superuser: plain(config.superuser) ?? true,
    connectTimeout: Number(plain(config.connectTimeout) ?? env.PGCONNECT_TIMEOUT ?? 180),
    maxConnections: Number(plain(config.maxConnections) ?? 20),
    expectedVersion: text("expectedVersion", undefined),
  };
}

/** @param {Values} config @returns {Failure[]} */
export function checkSettings(config) {
  /** @type {Failure[]} */
  const failures = [];
  const settings = readSettings(config);
  /** @param {string} property @param {boolean} right @param {string} reason */
  const expect = (property, right, reason) => {
    if (!right) failures.push({ property, reason });
  };
  for (const name of UNSUPPORTED)
    expect(
      name,
      !plain(config[name]),
      "this stand-in plugin logs in with a password or a certificate only",
    );
  expect(
    "scheme",
    ["", "postgres"].includes(config.scheme ?? ""),
    "this stand-in plugin knows the scheme postgres only",
  );
  expect("port", settings.port > 0 && settings.port < 65536, "must be a port number");
  expect("sslmode", SSL_MODES.includes(settings.sslmode), `must be one of ${SSL_MODES.join(", ")}`);
  expect("superuser", typeof settings.superuser === "boolean", "must be true or false");
  expect("connectTimeout", settings.connectTimeout >= 0, "must be a number of seconds");
  expect("maxConnections", settings.maxConnections >= 0, "must be a number of connections");
  expect(
    "expectedVersion",
    /^\d+(\.\d+){0,2}$/.test(settings.expectedVersion ?? "9"),
    "must look like 16 or 16.4",
  );
  return failures;
}

/**
 * @param {Settings} settings
 * @returns {false | import("node:tls").ConnectionOptions} how to encrypt, or not to
 */
export function encryption({ sslmode, sslrootcert, clientcert }) {
  if (sslmode === "disable") return false;
  /** @type {import("node:tls").ConnectionOptions} */
  const options = { rejectUnauthorized: sslmode.startsWith("verify-") };
  if (sslmode === "verify-ca") options.checkServerIdentity = () => undefined;
  if (sslrootcert) options.ca = readFileSync(sslrootcert, "utf8");
  if (clientcert) {
    const { cert, key, sslinline } = clientcert;
    options.cert = sslinline ? cert : readFileSync(cert, "utf8");
    options.key = sslinline ? key : readFileSync(key, "utf8");
  }
  return options;
}
