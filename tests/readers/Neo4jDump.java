import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.graphdb.Entity;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.Result;
import org.neo4j.graphdb.Transaction;

/** What Neo4j holds after an import, by Cypher, as lines of JSON: Neo4jDump HOME QUERIES OUT. Texts are in hex. */
public class Neo4jDump {
    public static void main(String[] args) throws Exception {
        DatabaseManagementService service = new DatabaseManagementServiceBuilder(Path.of(args[0])).build();
        GraphDatabaseService database = service.database("neo4j");
        try (PrintStream out = new PrintStream(args[2], "US-ASCII"); Transaction tx = database.beginTx()) {
            nodes(tx.execute("MATCH (n) RETURN n"), out);
            relationships(tx.execute("MATCH ()-[r]->() RETURN r"), out);
        }
        try (PrintStream out = new PrintStream(args[2] + ".queries", "US-ASCII")) {
            for (String query : Files.readString(Path.of(args[1])).split(";\\R")) {
                try (Transaction tx = database.beginTx()) {
                    Result result = tx.execute(query);
                    out.println(result.stream().count());
                    result.close();
                    tx.commit();
                }
            }
        }
        service.shutdown();
    }

    private static void nodes(Result result, PrintStream out) {
        while (result.hasNext()) {
            Node node = (Node) result.next().get("n");
            List<String> labels = new ArrayList<>();
            for (Label label : node.getLabels())
                labels.add('"' + label.name() + '"');
            out.print("{\"node\":\"" + node.getElementId() + "\",\"labels\":" + labels);
            properties(node, out);
        }
    }

    private static void relationships(Result result, PrintStream out) {
        while (result.hasNext()) {
            Relationship edge = (Relationship) result.next().get("r");
            out.print("{\"edge\":\"" + edge.getType().name() + "\",\"from\":\"" + edge.getStartNode().getElementId()
                    + "\",\"to\":\"" + edge.getEndNode().getElementId() + "\"");
            properties(edge, out);
        }
    }

    private static void properties(Entity entity, PrintStream out) {
        out.print(",\"properties\":{");
        String comma = "";
        for (Map.Entry<String, Object> property : entity.getAllProperties().entrySet()) {
            Object value = property.getValue();
            out.print(comma + "\"" + property.getKey() + "\":{\"" + value.getClass().getSimpleName() + "\":");
            out.print(value instanceof Number ? value.toString() : value instanceof String[] ? list((String[]) value)
                    : '"' + hex(value.toString()) + '"');
            out.print("}");
            comma = ",";
        }
        out.println("}}");
    }

    private static String list(String[] items) {
        List<String> out = new ArrayList<>();
        for (String item : items)
            out.add('"' + hex(item) + '"');
        return out.toString();
    }

    private static String hex(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8))
            out.append(String.format("%02x", b));
        return out.toString();
    }
}
