/**
 * Pulumi's plugin for dynamic providers, compiled. The engine runs it in place of its own, which loads for a second,
 * because Pulumi.yaml names this folder.
 */
"use strict";

const { load } = require("../compile");

load("runtime/dynamic-provider/plugin.ts", { isKilled: true });
