import { settledEnvironment } from "../machine/environment";
import { PASSPHRASE_FILE } from "../paths";
import { backend } from "../stack/local-state";

/** The variables that a run of the engine needs besides those of this process. */
export function engineEnvironment(): Record<string, string> {
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = process.env;
  const hasPassphrase =
    PULUMI_CONFIG_PASSPHRASE !== undefined || PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Most resources wait for a server's answer, not for a processor; the default is four a processor.
    PULUMI_PARALLEL: "64",
    // The engine's garbage collector takes a tenth of its time otherwise, to save some dozen megabytes.
    GOGC: "400",
    // A missing plugin is installed before the run, with a message.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_BACKEND_URL: backend(),
    ...(hasPassphrase ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE_FILE }),
    ...settledEnvironment(),
  };
}
