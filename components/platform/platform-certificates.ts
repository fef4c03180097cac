import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { CertificateFilesError, readCertificates } from "../../certificates/given";
import { merge } from "../../certificates/pem";
import type { CertificateAuthorityInputs, ServerCertificateInputs } from "./certificate-inputs";
import { dynamicProvider, type Inputs } from "./dynamic-provider";
import { trustedFileOf } from "./trusted-file";

const authorityProvider = dynamicProvider("components/providers/certificate-authority.ts");
const serverProvider = dynamicProvider("components/providers/server-certificate.ts");

/** Renewed after two thirds of this, with years left to distribute the new one. */
const AUTHORITY_DAYS = 3_650;

/** The certificate of a server with its key, as PEM. */
export interface ServerCertificates {
  /** The authorities that clients are to trust. */
  trusted: pulumi.Output<string>;
  /** The server's certificate, followed by the chain to the authority. */
  certificate: pulumi.Output<string>;
  /** Key of the certificate (PKCS #8); secret. */
  privateKey: pulumi.Output<string>;
}

export interface PlatformCertificatesArgs<Role extends string> {
  stack: string;
  /** Name of each server on the platform's network, by server. */
  servers: Readonly<Record<Role, string>>;
  /** Names and addresses by which clients on the host reach every server. */
  hostNames: readonly string[];
  /** Folder with `ca.crt`, `tls.crt` and `tls.key` for all servers; empty lets an authority of the stack issue them. */
  directory: string;
  /** Validity in days of the certificates that the stack's authority issues. */
  days: number;
}

/**
 * The certificates of the platform's servers: those of a folder, or issued by an authority of the stack's own.
 * An update renews the latter once two thirds of their validity have passed.
 * @throws pulumi.RunError while the program loads, if the folder's files are invalid
 */
export class PlatformCertificates<Role extends string> extends pulumi.ComponentResource {
  /** PEM of the authorities that clients are to trust. */
  public readonly trusted: pulumi.Output<string>;
  /** Path of a file with the same, from the root of the program, for clients that need a file. */
  public readonly trustedFile: pulumi.Output<string>;
  public readonly servers: Readonly<Record<Role, ServerCertificates>>;

  constructor(
    name: string,
    args: PlatformCertificatesArgs<Role>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:tls:PlatformCertificates", name, {}, opts);
    const child = { parent: this };
    const roles = Object.keys(args.servers) as Role[];

    const made = args.directory === "" ? issueAll() : takeGiven();
    this.trusted = made.trusted;
    this.trustedFile = made.trusted.apply(writeTrusted);
    this.servers = made.servers;
    this.registerOutputs({ trusted: this.trusted, trustedFile: this.trustedFile });

    function issueAll() {
      const authority = new CertificateAuthority(
        `${name}-authority`,
        { name: `learning-platform ${args.stack}`, days: AUTHORITY_DAYS },
        child,
      );
      const issue = (role: Role) => {
        const { certificate, privateKey } = new ServerCertificate(
          `${name}-${role}`,
          {
            hosts: [args.servers[role], ...args.hostNames],
            days: args.days,
            authorityCertificate: authority.certificate,
            authorityKey: authority.privateKey,
            authorityBridge: authority.bridge,
          },
          child,
        );
        return { trusted: authority.trusted, certificate, privateKey };
      };
      return { trusted: authority.trusted, servers: forEach(issue) };
    }

    function takeGiven() {
      const hosts = [...args.hostNames, ...Object.values<string>(args.servers)];
      const { trusted, certificate, privateKey } = given();
      const shown = {
        trusted: pulumi.output(trusted),
        certificate: pulumi.output(certificate),
        privateKey: pulumi.secret(privateKey),
      };
      return { trusted: shown.trusted, servers: forEach(() => shown) };

      function given() {
        try {
          return readCertificates(args.directory, hosts);
        } catch (error) {
          // Without a stack trace: this is no bug of the program.
          throw error instanceof CertificateFilesError ? new pulumi.RunError(error.message) : error;
        }
      }
    }

    function forEach(make: (role: Role) => ServerCertificates) {
      return Object.fromEntries(roles.map((role) => [role, make(role)])) as Record<
        Role,
        ServerCertificates
      >;
    }

    /**
     * Written in each run, so that it exists on every machine; git ignores it. A preview removes nothing from it:
     * a refresh after the preview connects to servers that still have certificates of the previous authority.
     */
    function writeTrusted(text: string): string {
      const file = trustedFileOf(args.stack);
      const keeps = pulumi.runtime.isDryRun() && existsSync(file);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, keeps ? merge(text, readFileSync(file, "utf8")) : text);
      return file;
    }
  }
}

/** An authority of the stack's own. Its key exists only in the state, as a secret. */
class CertificateAuthority extends pulumi.dynamic.Resource {
  declare public readonly certificate: pulumi.Output<string>;
  declare public readonly privateKey: pulumi.Output<string>;
  declare public readonly bridge: pulumi.Output<string>;
  declare public readonly trusted: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<CertificateAuthorityInputs>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      authorityProvider,
      name,
      {
        certificate: undefined,
        privateKey: undefined,
        bridge: undefined,
        trusted: undefined,
        ...args,
      },
      { ...opts, additionalSecretOutputs: ["privateKey"] },
      "tls",
      "CertificateAuthority",
    );
  }
}

/** A server's certificate, issued by the authority. */
class ServerCertificate extends pulumi.dynamic.Resource {
  declare public readonly certificate: pulumi.Output<string>;
  declare public readonly privateKey: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<ServerCertificateInputs>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      serverProvider,
      name,
      {
        certificate: undefined,
        privateKey: undefined,
        ...args,
        authorityKey: pulumi.secret(args.authorityKey),
      },
      { ...opts, additionalSecretOutputs: ["privateKey", "authorityKey"] },
      "tls",
      "ServerCertificate",
    );
  }
}
