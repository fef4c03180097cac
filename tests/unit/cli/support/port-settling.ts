/** What a process needs that settles ports, to load compiled: five of them at once take long to load the sources. */
export { settleFirstPort } from "../../../../cli/stack/port-block";
export { stackConfiguration } from "../../../../cli/stack/settings";
