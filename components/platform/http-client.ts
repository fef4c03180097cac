/** Whether an HTTP server answers, and with which status. */
import { type IncomingMessage, request as requestInClear } from "node:http";
import { request as requestByTls } from "node:https";
import { rootCertificates } from "node:tls";

import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";

export interface HttpLogin {
  username: string;
  password: string;
}

interface HttpOptions {
  /** Sent as HTTP basic. */
  login?: HttpLogin;
  /** PEM of authorities to trust besides those of the system. */
  trusted?: string;
  /** Longest wait for the answer. */
  timeoutMs: number;
  /** @default GET */
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** What is sent, with its media type. */
  body?: { type: string; text: string };
}

/**
 * Asks a URL.
 * @throws Node's error if nothing answers, or an Error that says how long nothing did
 */
export function answerOf(
  url: string,
  { login, trusted, timeoutMs, method = "GET", body }: HttpOptions,
): Promise<{ status: number; text: string }> {
  const limit = AbortSignal.timeout(timeoutMs);
  const options = {
    ...(login && { auth: `${login.username}:${login.password}` }),
    signal: limit,
    method,
    ...(body && {
      headers: { "content-type": body.type, "content-length": Buffer.byteLength(body.text) },
    }),
    ...(trusted === undefined || trusted === SYSTEM_AUTHORITIES
      ? {}
      : { ca: [...rootCertificates, trusted] }),
  };
  return new Promise((resolve, reject) => {
    const failed = (error: Error) =>
      reject(limit.aborted ? new Error(`no answer within ${timeoutMs / 1000} s`) : error);
    const answered = (answer: IncomingMessage) => {
      let text = "";
      answer
        .setEncoding("utf8")
        .on("data", (part: string) => (text += part))
        .on("end", () => resolve({ status: answer.statusCode ?? 0, text }))
        .on("error", failed);
    };
    const sent = url.startsWith("https:")
      ? requestByTls(url, options, answered)
      : requestInClear(url, options, answered);
    sent.on("error", failed).end(body?.text);
  });
}

/** The status alone. */
export const statusOf = async (url: string, options: HttpOptions): Promise<number> =>
  (await answerOf(url, options)).status;
