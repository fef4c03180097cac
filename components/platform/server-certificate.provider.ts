/** Runs in Pulumi's plugin process: issues the certificate of ServerCertificate, and renews it before it expires. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { isDue, issueServer } from "../../certificates/issue";
import type { KeyPair } from "../../certificates/pem";
import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import type { ServerCertificateInputs } from "./certificate-inputs";

endPluginWithEngine();

type State = ServerCertificateInputs & KeyPair;

const INPUTS = [
  "hosts",
  "days",
  "isClient",
  "authorityCertificate",
  "authorityKey",
  "authorityBridge",
] as const satisfies (keyof ServerCertificateInputs)[];

async function issue(inputs: ServerCertificateInputs): Promise<State> {
  const authority = {
    certificate: inputs.authorityCertificate,
    privateKey: inputs.authorityKey,
    bridge: inputs.authorityBridge,
  };
  return { ...inputs, ...(await issueServer(inputs.hosts, authority, inputs)) };
}

export async function check(
  _olds: unknown,
  news: ServerCertificateInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: State,
  news: ServerCertificateInputs,
): Promise<pulumi.dynamic.DiffResult> {
  const changed = INPUTS.some((key) => !isDeepStrictEqual(olds[key], news[key]));
  return { changes: changed || isDue(olds.certificate) };
}

export async function create(
  inputs: ServerCertificateInputs,
): Promise<pulumi.dynamic.CreateResult> {
  return { id: inputs.hosts[0], outs: await issue(inputs) };
}

export async function update(
  _id: string,
  _olds: State,
  news: ServerCertificateInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await issue(news) };
}

export async function read(id: string, state: State): Promise<pulumi.dynamic.ReadResult> {
  return { id, props: state };
}

/** Nothing: a certificate exists only in the state. */
async function remove(): Promise<void> {}
export { remove as delete };
