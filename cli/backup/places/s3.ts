/**
 * A bucket of an S3 server. @aws-sdk/client-s3 finds logins as the engine's own backend does (variables, profiles, roles of
 * machines), and @aws-sdk/lib-storage uploads streams of unknown length in parts. s3mini and minio were looked at: neither
 * reads profiles or roles.
 */
import { Readable } from "node:stream";

import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";

import { FaultError } from "../../fault";
import { MissingFileError, type Place } from "./place";

/** Of S3, a part of an upload has at least 5 MiB, and an upload at most 10,000 parts: with these, 156 GiB. */
const PART_BYTES = 16 * 1024 * 1024;

const DEFAULT_REGION = "us-east-1";

/** @param prefix of all names, without a slash at either end; may be empty */
export function s3Place(bucket: string, prefix: string): Place {
  const title = ["s3:/", bucket, prefix].filter(Boolean).join("/");
  const keyOf = (name: string) => [prefix, name].filter(Boolean).join("/");
  const folderOf = (folder: string) => `${keyOf(folder)}/`.replace(/^\/$/, "");
  let opened: Promise<S3Client> | undefined;
  const client = () => (opened ??= createClient());

  const list = async (folder: string) => {
    const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
    const start = folderOf(folder);
    const found: { folders: string[]; files: string[] } = { folders: [], files: [] };
    let token: string | undefined;
    do {
      const page = await asked(title, async () =>
        (await client()).send(
          new ListObjectsV2Command({
            ...{ Bucket: bucket, Prefix: start, Delimiter: "/", ContinuationToken: token },
          }),
        ),
      );
      found.folders.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix.slice(start.length, -1)),
      );
      found.files.push(...(page.Contents ?? []).map(({ Key = "" }) => Key.slice(start.length)));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  };

  return {
    title,
    folders: async (folder) => (await list(folder)).folders,
    files: async (folder) => (await list(folder)).files.filter(Boolean),
    async read(file) {
      const { GetObjectCommand } = await import("@aws-sdk/client-s3");
      const { Body } = await asked(title, async () =>
        (await client()).send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(file) })),
      );
      return Body as Readable;
    },
    async write(file, content) {
      const { Upload } = await import("@aws-sdk/lib-storage");
      const upload = new Upload({
        client: await client(),
        params: { Bucket: bucket, Key: keyOf(file), Body: content },
        ...{ partSize: PART_BYTES, queueSize: 2 },
      });
      // lib-storage does not watch the stream's end: an error of its source must abort the upload.
      content.once("error", () => void upload.abort());
      await asked(title, () => upload.done()).finally(() => {
        if (content.errored) {
          throw content.errored;
        }
      });
    },
    async remove(file) {
      const { DeleteObjectCommand } = await import("@aws-sdk/client-s3");
      await asked(title, async () =>
        (await client()).send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(file) })),
      );
    },
  };
}

async function createClient(): Promise<S3Client> {
  // Versions of 2027 will need Node.js 22, and this one says so at each run on Node.js 20. The version is pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { S3Client } = await import("@aws-sdk/client-s3");
  return new S3Client(s3Settings(process.env));
}

/**
 * Any server but Amazon's has the bucket in the path, and may not know the checksums that the client sends by default since
 * 3.729 (AWS_REQUEST_CHECKSUM_CALCULATION): the manifest has a SHA-256 of each file anyway.
 */
export function s3Settings(environment: NodeJS.ProcessEnv): S3ClientConfig {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = environment;
  const isOther = Boolean(AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL);
  return {
    ...(isOther
      ? {
          forcePathStyle: true,
          region: AWS_REGION || AWS_DEFAULT_REGION || DEFAULT_REGION,
        }
      : AWS_REGION || !AWS_DEFAULT_REGION
        ? {}
        : { region: AWS_DEFAULT_REGION }),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  };
}

/** @throws MissingFileError, or FaultError that names the place and what the server or the client said */
async function asked<T>(title: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { name, message } = error as Error;
    const text = `${title}: ${name === "Error" ? "" : `${name}: `}${message}`;
    throw name === "NoSuchKey" ? new MissingFileError([text]) : new FaultError([text]);
  }
}
