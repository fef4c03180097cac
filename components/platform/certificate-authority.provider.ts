/** Runs in Pulumi's plugin process: issues the certificate of CertificateAuthority, and renews it before it expires. */
import type * as pulumi from "@pulumi/pulumi";

import { type Authority, isDue, issueAuthority } from "../../certificates/issue";
import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import type { CertificateAuthorityInputs } from "./certificate-inputs";

endPluginWithEngine();

type State = CertificateAuthorityInputs & Authority;

export async function check(
  _olds: unknown,
  news: CertificateAuthorityInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: State,
  news: CertificateAuthorityInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return {
    changes: olds.name !== news.name || olds.days !== news.days || isDue(olds.certificate),
  };
}

export async function create(
  inputs: CertificateAuthorityInputs,
): Promise<pulumi.dynamic.CreateResult> {
  return { id: inputs.name, outs: { ...inputs, ...(await issueAuthority(inputs.name, inputs)) } };
}

/** The new authority replaces the old one, which stays trusted until it expires. */
export async function update(
  _id: string,
  olds: State,
  news: CertificateAuthorityInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: { ...news, ...(await issueAuthority(news.name, news, olds)) } };
}

export async function read(id: string, state: State): Promise<pulumi.dynamic.ReadResult> {
  return { id, props: state };
}

/** Nothing: a certificate exists only in the state. */
async function remove(): Promise<void> {}
export { remove as delete };
