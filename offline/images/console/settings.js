"use strict";

const { readFileSync } = require("node:fs");

const { parse } = require("yaml");

// Redpanda Console refuses unknown keys (redpanda-data/console v3.10, backend/pkg/config/config.go:
// StrictConfigValidation). The stand-in refuses those, and keys that it would ignore. Settings of the schema registry
// are checked only, since the stand-in shows no schemas.
const KNOWN = {
  kafka: {
    brokers: {},
    sasl: { enabled: {}, mechanism: {}, username: {}, password: {} },
    tls: { enabled: {}, caFilepath: {} },
  },
  schemaRegistry: {
    enabled: {},
    urls: {},
    authentication: { basic: { username: {}, password: {} }, bearerToken: {} },
    tls: { enabled: {}, caFilepath: {} },
  },
  server: { listenPort: {} },
};
const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/**
 * Reads the same settings as Redpanda Console, from the file in CONFIG_FILEPATH.
 * Throws one Error that lists every fault.
 *
 * @returns {{brokers: string[], sasl?: {mechanism: string, username: string, password: string},
 *   ssl?: {ca: string}, port: number}}
 */
function loadSettings(path = process.env.CONFIG_FILEPATH) {
  if (!path) {
    throw new Error("CONFIG_FILEPATH is not set; set it to the path of the settings file");
  }
  const settings = parse(readFileSync(path, "utf8")) ?? {};
  const faults = unknownKeys(settings, KNOWN, "");
  const { kafka = {}, schemaRegistry = {}, server = {} } = settings;
  const { brokers, sasl = {}, tls = {} } = kafka;
  if (!Array.isArray(brokers) || brokers.length === 0) {
    faults.push("kafka.brokers: expected a list of host:port");
  }
  if (schemaRegistry.authentication?.bearerToken) {
    faults.push(
      "schemaRegistry.authentication.bearerToken: not in the stand-in for Redpanda Console",
    );
  }
  const readAuthorities = (key, { enabled, caFilepath } = {}) => {
    if (!enabled) {
      return undefined;
    }
    if (!caFilepath) {
      faults.push(`${key}.caFilepath: expected a file with the authorities to trust`);
      return undefined;
    }
    return readFileSync(caFilepath, "utf8");
  };
  const ca = readAuthorities("kafka.tls", tls);
  readAuthorities("schemaRegistry.tls", schemaRegistry.tls);
  const mechanism = sasl.mechanism ?? "PLAIN";
  if (sasl.enabled && !MECHANISMS.includes(mechanism)) {
    faults.push(`kafka.sasl.mechanism: ${mechanism}; expected one of ${MECHANISMS.join(", ")}`);
  }
  if (sasl.enabled && !(sasl.username && sasl.password)) {
    faults.push("kafka.sasl: expected a username and a password");
  }
  const port = server.listenPort ?? 8080;
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    faults.push(`server.listenPort: ${port}; expected a port`);
  }
  if (schemaRegistry.enabled && !schemaRegistry.urls?.[0]) {
    faults.push("schemaRegistry.urls: expected a list of addresses");
  }
  if (faults.length > 0) {
    throw new Error(`${path}: ${faults.join("; ")}`);
  }
  const { username, password } = sasl;
  return {
    brokers,
    sasl: sasl.enabled ? { mechanism: mechanism.toLowerCase(), username, password } : undefined,
    ssl: ca === undefined ? undefined : { ca },
    port,
  };
}

function unknownKeys(settings, known, at) {
  if (typeof settings !== "object" || settings === null || Object.keys(known).length === 0) {
    return [];
  }
  return Object.entries(settings).flatMap(([key, value]) =>
    Object.hasOwn(known, key)
      ? unknownKeys(value, known[key], `${at}${key}.`)
      : [`${at}${key}: has invalid keys, or is not in the stand-in`],
  );
}

module.exports = { loadSettings };
