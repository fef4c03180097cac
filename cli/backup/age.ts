/**
 * Encryption of backups in the age format (age-encryption.org/v1) to a public recipient: who backs up cannot read what was
 * backed up before. `age -d -i KEY` opens each file without this program. age-encryption 0.3.1 is the author's own
 * implementation in TypeScript (BSD-3-Clause); it encrypts and decrypts streams in chunks of 64 KiB.
 */
import { existsSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";

import { FaultError } from "../fault";
import { writePrivateFile } from "../machine/private-file";

type Bytes = ReadableStream<Uint8Array>;

const load = () => import("age-encryption");

/**
 * Not by Readable.toWeb: of a stream that is destroyed early it may take one more chunk, and then ends the process, as
 * nobody can catch what its listener throws (Node 20.20 and before, lib/internal/webstreams/adapters.js, onData).
 */
const toWeb = (content: Readable): Bytes => ReadableStream.from<Uint8Array>(content);
const fromWeb = (content: unknown) => Readable.fromWeb(content as Bytes);

export async function encrypted(content: Readable, recipient: string): Promise<Readable> {
  const { Encrypter } = await load();
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return fromWeb(await encrypter.encrypt(toWeb(content) as never));
}

/** @throws FaultError where the identity is not that of the recipient, or the file is no file of age */
export async function decrypted(
  content: Readable,
  identity: string,
  file: string,
): Promise<Readable> {
  const { Decrypter } = await load();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return fromWeb(await decrypter.decrypt(toWeb(content) as never));
  } catch (error) {
    content.destroy();
    throw new FaultError([`${file} cannot be decrypted: ${(error as Error).message}.`]);
  }
}

/**
 * Writes a new identity to a file of mode 0600, as age-keygen does.
 * @returns its recipient, `age1...`
 * @throws FaultError where the file exists: an identity that is gone opens nothing any more
 */
export async function createIdentity(file: string): Promise<string> {
  if (existsSync(file)) {
    throw new FaultError([`${file} exists already, and is not replaced.`]);
  }
  const { generateX25519Identity, identityToRecipient } = await load();
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const lines = [`# created: ${new Date().toISOString()}`, `# public key: ${recipient}`, identity];
  writePrivateFile(file, `${lines.join("\n")}\n`);
  return recipient;
}

/** Reads a file as age-keygen writes it. @throws FaultError where it has no identity, or several */
export function readIdentity(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new FaultError([`The identity cannot be read: ${(error as Error).message}`]);
  }
  const found = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (found.length !== 1 || !/^AGE-SECRET-KEY-1[A-Z0-9]+$/.test(found[0])) {
    throw new FaultError([
      `${file} is no identity of age: it must have one line that begins with AGE-SECRET-KEY-1.`,
    ]);
  }
  return found[0];
}

/** @throws FaultError where a text is no recipient */
export async function checkRecipient(recipient: string): Promise<void> {
  const { Encrypter } = await load();
  try {
    new Encrypter().addRecipient(recipient);
  } catch {
    throw new FaultError([
      `${recipient} is no recipient of age: a letter is wrong or missing. npm run backup -- --new-key FILE prints a new one.`,
    ]);
  }
}
