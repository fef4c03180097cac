export * from "../postgres/role-settings.provider";
