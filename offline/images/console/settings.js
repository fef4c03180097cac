"use strict";

const { readFileSync } = require("node:fs");

const { parse } = require("yaml");

const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/**
 * Reads the settings that the real console reads, from the file that CONFIG_FILEPATH names.
 * Throws one Error that lists every fault.
 *
 * @returns {{brokers: string[], sasl?: {mechanism: string, username: string, password: string},
 *   registry?: {url: string, username?: string, password?: string}, port: number}}
 */
function loadSettings(path = process.env.CONFIG_FILEPATH) {
  if (!path) {
    throw new Error("CONFIG_FILEPATH is not set: it names the file with the settings");
  }
  const { kafka = {}, schemaRegistry = {}, server = {} } = parse(readFileSync(path, "utf8")) ?? {};
  const faults = [];
  const { brokers, sasl = {}, tls = {} } = kafka;
  if (!Array.isArray(brokers) || brokers.length === 0) {
    faults.push("kafka.brokers: expected a list of host:port");
  }
  if (tls.enabled || schemaRegistry.authentication?.bearerToken) {
    faults.push(
      "kafka.tls, schemaRegistry bearer tokens: not in the stand-in for Redpanda Console",
    );
  }
  const mechanism = sasl.mechanism ?? "PLAIN";
  if (sasl.enabled && !MECHANISMS.includes(mechanism)) {
    faults.push(`kafka.sasl.mechanism: ${mechanism}; expected one of ${MECHANISMS.join(", ")}`);
  }
  if (sasl.enabled && !(sasl.username && sasl.password)) {
    faults.push("kafka.sasl: username and password are both needed");
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
    registry: schemaRegistry.enabled
      ? { url: schemaRegistry.urls[0], ...schemaRegistry.authentication?.basic }
      : undefined,
    port,
  };
}

module.exports = { loadSettings };
