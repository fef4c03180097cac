import type { Checkout } from "./checkout";
import { platform } from "./hooks";

interface State {
  deployment: { resources: { type: string; urn: string; outputs?: Record<string, unknown> }[] };
}

/** A secret that a stack generated, with the resource that holds it. */
export interface GeneratedSecret {
  urn: string;
  /** Name of the resource, which says whose it is. */
  name: string;
  /** The password or, of a private key, a line of its PEM that holds random bytes. */
  text: string;
}

const PASSWORD = "random:index/randomPassword:RandomPassword";
const KEY_HOLDERS = [
  "pulumi-nodejs:dynamic/tls:CertificateAuthority",
  "pulumi-nodejs:dynamic/tls:ServerCertificate",
];

/** Every password and private key that a stack generated, as its state holds it now. */
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
    // The first line is the armour; the second one ends with bytes of the key.
    privateKeys: of(KEY_HOLDERS, "privateKey", (clear) => clear.split("\n")[1]),
  };
}

/** Every password that stack `dev` generated, as its state holds it now. */
export const generatedPasswords = async (): Promise<GeneratedSecret[]> =>
  (await generatedSecrets(platform().checkout, "dev")).passwords;
