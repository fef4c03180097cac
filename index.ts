/** The entry of `pulumi up`. The cli runs the same program in its own process (cli/engine/program.ts). */
import { declarePlatform } from "./program";
import { endWithEngine } from "./runtime/engine-lifetime";
import { keepStackTracesShort } from "./runtime/stack-traces";

keepStackTracesShort();
endWithEngine();

export = declarePlatform();
