export * from "../platform/certificate-authority.provider";
