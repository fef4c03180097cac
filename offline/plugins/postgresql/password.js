// @ts-check
/** Password verifiers as PostgreSQL stores them, so that no plain password goes into its logs. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

const STORED = /^(md5[0-9a-f]{32}$|SCRAM-SHA-256\$)/;

/** @param {string} password @param {string} role */
const md5 = (password, role) =>
  `md5${createHash("md5")
    .update(password + role)
    .digest("hex")}`;

/** @param {string} password @param {Buffer} salt @param {number} iterations */
function scram(password, salt, iterations) {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  /** @param {string} text */
  const key = (text) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}

/**
 * @param {string} password
 * @param {string} role
 * @param {{ method: string, iterations: number }} how the server's settings
 * @returns {string} what to give the server: a verifier, or the password where only the server can make one
 */
export function verifierFor(password, role, { method, iterations }) {
  if (STORED.test(password)) return password;
  if (method === "md5") return md5(password, role);
  // Beyond ASCII a password is first normalised (RFC 4013), which the server does for us.
  return /^[\x20-\x7e]*$/.test(password) ? scram(password, randomBytes(16), iterations) : password;
}

/** @param {string} password @param {string} role @param {string} stored @returns {boolean | undefined} undefined: cannot tell */
export function isPasswordFor(password, role, stored) {
  if (password === stored) return true;
  if (stored.startsWith("md5")) return md5(password, role) === stored;
  const parts = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(stored);
  if (!parts || !/^[\x20-\x7e]*$/.test(password)) return undefined;
  const made = Buffer.from(scram(password, Buffer.from(parts[2], "base64"), Number(parts[1])));
  return made.length === stored.length && timingSafeEqual(made, Buffer.from(stored));
}
