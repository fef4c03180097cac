import org.flywaydb.core.Flyway;

/** Flyway's command line is not on every mirror of Maven; this calls what its commands migrate and info call. */
public final class Launcher {
  public static void main(String[] args) {
    Flyway flyway =
        Flyway.configure()
            .dataSource(args[1], System.getenv("PGUSER"), System.getenv("PGPASSWORD"))
            .locations("filesystem:" + args[2])
            .load();
    if (args[0].equals("apply")) {
      flyway.migrate();
    } else {
      System.out.println(flyway.info().pending().length + " pending");
    }
  }
}
