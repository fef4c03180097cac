import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** Letters and digits only, so that a password needs no escaping in a URL, a file or a command. */
export function createPassword(
  name: string,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const password = new random.RandomPassword(
    `${name}-password`,
    { length: 32, special: false },
    opts,
  );
  return password.result;
}
