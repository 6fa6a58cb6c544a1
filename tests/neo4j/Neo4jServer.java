import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.HttpConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.io.ByteUnit;

/**
 * A Neo4j Community server for the tests: home folder and bolt port as arguments, the password of
 * user neo4j in NEO4J_TEST_PASSWORD. It stops when its standard input ends, so that it never
 * outlives the process that started it.
 */
final class Neo4jServer {
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        int port = Integer.parseInt(arguments[1]);
        DatabaseManagementService service = new DatabaseManagementServiceBuilder(home)
            .setConfig(BoltConnector.enabled, true)
            .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", port))
            .setConfig(HttpConnector.enabled, false)
            .setConfig(GraphDatabaseSettings.auth_enabled, true)
            .setConfig(GraphDatabaseSettings.pagecache_memory, ByteUnit.mebiBytes(256))
            .setConfig(GraphDatabaseSettings.shutdown_transaction_end_timeout, Duration.ZERO)
            .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        setPassword(service, System.getenv("NEO4J_TEST_PASSWORD"));
        System.out.println("ready");
        while (System.in.read() != -1) {
            // Nothing is ever sent: only the end of the stream matters.
        }
        System.exit(0);
    }

    private static void setPassword(DatabaseManagementService service, String password) {
        boolean mustChange = service.database("system").executeTransactionally(
            "SHOW USERS YIELD user, passwordChangeRequired WHERE user = 'neo4j' RETURN passwordChangeRequired",
            Map.of(),
            result -> (Boolean) result.next().get("passwordChangeRequired"));
        if (mustChange) {
            service.database("system").executeTransactionally(
                "ALTER USER neo4j SET PLAINTEXT PASSWORD $password CHANGE NOT REQUIRED",
                Map.of("password", password));
        }
    }
}
