export * from "../redis/redis-user.provider";
