/** A service on the platform: its HTTP API, and what it does on events of others. */
import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";

import { Platform } from "@learning-platform/client";

import { type NewUser, Users } from "./users.ts";

const PORT = Number(process.env.PORT ?? 8090);

const platform = new Platform("user-service");
const users = new Users(platform);

platform
  .consumer({ topics: ["payment-events"] })
  .on({
    "payment.subscription-activated.v1": ({ data }) =>
      users.grant((data as { userId: string }).userId, "PRO_USER"),
  })
  .start();

/** @returns the answer's status and body */
async function answer(request: IncomingMessage): Promise<[number, unknown]> {
  const [, path, id] = (request.url ?? "").split("/");
  if (request.method === "POST" && path === "users") {
    return [201, await users.register((await json(request)) as NewUser)];
  }
  if (path === "users" && id !== undefined) {
    const user = await users.find(id);
    return user === undefined ? [404, "no such user"] : [200, user];
  }
  if (path === "ready") {
    await platform.database().query("select 1");
    return [200, "ready"];
  }
  return [404, "no such page"];
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error: Error): [number, unknown] => {
      process.stderr.write(`${request.method} ${request.url}: ${error.message}\n`);
      return [500, "failed"];
    })
    .then(([status, body]) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      response.writeHead(status).end(`${text}\n`);
    });
});
server.listen(PORT, () => process.stdout.write(`Listens on http://localhost:${PORT}\n`));

process.once("SIGTERM", () => {
  server.close();
  void platform.close();
});
