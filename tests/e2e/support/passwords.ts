import { platform } from "./hooks";

interface State {
  deployment: { resources: { type: string; urn: string; outputs?: Record<string, unknown> }[] };
}

/** A password that the stack generated, with the resource that holds it. */
export interface GeneratedPassword {
  urn: string;
  /** Name of the resource, which says whose it is. */
  name: string;
  password: string;
}

/** Every password that stack `dev` generated, as its state holds it now. */
export async function generatedPasswords(): Promise<GeneratedPassword[]> {
  const { stdout } = await platform().checkout.pulumi(
    "stack",
    "export",
    "--show-secrets",
    "--stack",
    "dev",
  );
  return (JSON.parse(stdout) as State).deployment.resources
    .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
    .map(({ urn, outputs }) => {
      const result = outputs?.result;
      const clear =
        typeof result === "string" ? result : (result as { plaintext: string }).plaintext;
      return { urn, name: urn.split("::").pop()!, password: clear.replaceAll('"', "") };
    });
}
