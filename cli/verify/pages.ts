/** The schema registry and the monitoring UI. */
import { statusOf } from "../../components/platform/http-client";
import { ANSWER_MS, type Check, compared } from "./finding";
import type { Platform } from "./platform";

export function pageChecks({ outputs }: Platform): Check[] {
  const { accessPoints, services, trustedCertificates: trusted } = outputs;
  const { console: ui } = accessPoints;
  const limits = { trusted, timeoutMs: ANSWER_MS };
  return [
    ...Object.entries(services).flatMap(([service, { schemaRegistry }]) => {
      if (schemaRegistry === undefined) {
        return [];
      }
      const { url, ...login } = schemaRegistry;
      const what = `schema registry as ${service}`;
      return [
        {
          what,
          async ask() {
            const status = await statusOf(`${url.replace(/\/$/, "")}/subjects`, {
              login,
              ...limits,
            });
            return [compared(what, `answers ${status}`, "answers 200")];
          },
        },
      ];
    }),
    ...(ui === undefined
      ? []
      : [
          {
            what: "console",
            async ask() {
              const status = await statusOf(ui.address, limits);
              return [compared("console", `answers ${status}`, "answers 200")];
            },
          },
        ]),
  ];
}
