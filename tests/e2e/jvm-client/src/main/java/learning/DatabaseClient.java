package learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** HikariCP and PostgreSQL's JDBC driver, with the settings as they are handed out. */
final class DatabaseClient {
  private final JsonNode settings;

  DatabaseClient(JsonNode settings) {
    this.settings = settings;
  }

  Map<String, Object> use() throws Exception {
    Map<String, Object> found = new TreeMap<>();
    JsonNode application = settings.get("database");
    try (var pool = poolOf(application, application.get("password").asText());
        var rolling = poolOf(application, application.get("password").asText())) {
      found.put("current", query(pool, "select current_user || ' ' || current_database()"));
      found.put("connections", fill(pool) + fill(rolling));
      found.put("prepared", prepared(pool));
    }
    JsonNode readonly = settings.get("databaseReadonly");
    try (var pool = poolOf(readonly, readonly.get("password").asText());
        var rolling = poolOf(readonly, readonly.get("password").asText())) {
      found.put("readonly connections", fill(pool) + fill(rolling));
      found.put("readonly write", state(pool, "create temporary table mine ()"));
    }
    found.put("printed password", printsPassword(application));
    return found;
  }

  private static HikariDataSource poolOf(JsonNode login, String password) {
    JsonNode pool = login.get("pool");
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(login.get("jdbcUrl").asText());
    config.setUsername(login.get("username").asText());
    config.setPassword(password);
    config.setMaximumPoolSize(pool.get("maximumPoolSize").asInt());
    config.setMinimumIdle(pool.get("minimumIdle").asInt());
    config.setConnectionTimeout(pool.get("connectionTimeoutMs").asLong());
    config.setIdleTimeout(pool.get("idleTimeoutMs").asLong());
    config.setMaxLifetime(pool.get("maxLifetimeMs").asLong());
    config.setLeakDetectionThreshold(pool.get("leakDetectionThresholdMs").asLong());
    return new HikariDataSource(config);
  }

  /** Takes every connection of a pool; the pool keeps them until it is closed. */
  private static int fill(HikariDataSource pool) throws SQLException {
    List<Connection> held = new ArrayList<>();
    for (int taken = 0; taken < pool.getMaximumPoolSize(); taken++) {
      held.add(pool.getConnection());
    }
    for (Connection connection : held) {
      connection.close();
    }
    return held.size();
  }

  /** Statements that the server keeps after one was called as often as prepareThreshold says. */
  private int prepared(HikariDataSource pool) throws SQLException {
    int threshold = settings.get("database").get("prepareThreshold").asInt();
    try (var connection = pool.getConnection()) {
      for (int call = 0; call < threshold; call++) {
        try (var statement = connection.prepareStatement("select 'threshold', ?::int")) {
          statement.setInt(1, call);
          statement.executeQuery().close();
        }
      }
      try (var statement = connection.createStatement();
          var rows = statement.executeQuery(
              "select count(*) from pg_prepared_statements where statement like 'select ''threshold''%'")) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  private static Object query(HikariDataSource pool, String sql) throws SQLException {
    try (var connection = pool.getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getObject(1);
    }
  }

  private static String state(HikariDataSource pool, String sql) throws SQLException {
    try (var connection = pool.getConnection(); var statement = connection.createStatement()) {
      statement.execute(sql);
      return "done";
    } catch (SQLException refused) {
      return refused.getSQLState();
    }
  }

  /** Whether what HikariCP throws for a login that fails, or an address that it cannot use, holds the password. */
  private static boolean printsPassword(JsonNode login) {
    String password = login.get("password").asText();
    StringWriter printed = new StringWriter();
    try (var pool = poolOf(login, password + "-wrong")) {
      printed.append("a wrong password opens a connection");
    } catch (RuntimeException refused) {
      refused.printStackTrace(new PrintWriter(printed, true));
    }
    HikariConfig unusable = new HikariConfig();
    try {
      unusable.setDriverClassName("org.postgresql.Driver");
      unusable.setJdbcUrl(login.get("jdbcUrl").asText().replace("jdbc:", "jdbs:"));
      unusable.setUsername(login.get("username").asText());
      unusable.setPassword(password);
      new HikariDataSource(unusable).close();
    } catch (RuntimeException refused) {
      refused.printStackTrace(new PrintWriter(printed, true));
    }
    return printed.toString().contains(password);
  }
}
