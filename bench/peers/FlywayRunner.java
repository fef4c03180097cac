import org.flywaydb.core.Flyway;

/** Flyway's API with the arguments COMMAND URL USER PASSWORD FOLDER: its command line is not on Maven Central. */
public class FlywayRunner {
  public static void main(String[] args) {
    Flyway flyway =
        Flyway.configure()
            .dataSource(args[1], args[2], args[3])
            .locations("filesystem:" + args[4])
            .load();
    if (args[0].equals("migrate")) {
      flyway.migrate();
    } else {
      System.out.println(flyway.info().all().length);
    }
  }
}
