import type { Checkout } from "./checkout";
import { platform } from "./hooks";

interface State {
  deployment: { resources: { type: string; urn: string; outputs?: Record<string, unknown> }[] };
}

/** A secret that a stack generated, with its resource. */
export interface GeneratedSecret {
  urn: string;
  /** Name of the resource, which tells the owner. */
  name: string;
  /** The password, or a line with random bytes from the PEM of a private key. */
  text: string;
}

const PASSWORD = "random:index/randomPassword:RandomPassword";
const KEY_HOLDERS = [
  "pulumi-nodejs:dynamic/tls:CertificateAuthority",
  "pulumi-nodejs:dynamic/tls:ServerCertificate",
];

/** All generated passwords and private keys that are now in the stack's state. */
export async function generatedSecrets(
  checkout: Checkout,
  stack: string,
): Promise<{ passwords: GeneratedSecret[]; privateKeys: GeneratedSecret[] }> {
  const { stdout } = await checkout.pulumi("stack", "export", "--show-secrets", "--stack", stack);
  const { resources } = (JSON.parse(stdout) as State).deployment;
  const of = (types: string[], output: string, part: (clear: string) => string) =>
    resources
      .filter(({ type }) => types.includes(type))
      .map(({ urn, outputs }) => {
        const value = outputs?.[output];
        const clear =
          typeof value === "string"
            ? value
            : (JSON.parse((value as { plaintext: string }).plaintext) as string);
        return { urn, name: urn.split("::").pop()!, text: part(clear) };
      });
  return {
    passwords: of([PASSWORD], "result", (clear) => clear),
    // The first line is the PEM header. The second one ends with bytes of the key.
    privateKeys: of(KEY_HOLDERS, "privateKey", (clear) => clear.split("\n")[1]),
  };
}

/** All generated passwords that are now in the state of stack `dev`. */
export const generatedPasswords = async (): Promise<GeneratedSecret[]> =>
  (await generatedSecrets(platform().checkout, "dev")).passwords;
