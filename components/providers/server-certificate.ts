export * from "../platform/server-certificate.provider";
